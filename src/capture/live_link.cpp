// Asks the kernel whether an interface is up, and tells in words what changed.
#include "capture/live_link.h"

#include <net/if.h>
#include <sys/ioctl.h>

#include <cerrno>

#include <fmt/core.h>

namespace turnpike::capture {
namespace {

LinkState state_of(int descriptor, unsigned index) noexcept {
    ifreq request{};
    request.ifr_ifindex = static_cast<int>(index);
    if (::ioctl(descriptor, SIOCGIFNAME, &request) != 0 ||
        ::ioctl(descriptor, SIOCGIFFLAGS, &request) != 0) {
        // What cannot be asked is not known to be gone.
        return errno == ENODEV || errno == ENXIO ? LinkState::gone : LinkState::running;
    }
    const auto flags = static_cast<unsigned short>(request.ifr_flags);
    if ((flags & IFF_UP) == 0) {
        return LinkState::down;
    }
    return (flags & IFF_RUNNING) != 0 ? LinkState::running : LinkState::no_carrier;
}

}  // namespace

void LinkWatch::look(int descriptor) {
    if (index_ != 0 && state_ != LinkState::gone) {
        change(state_of(descriptor, index_));
    }
}

void LinkWatch::went_down() {
    if (index_ != 0 && (state_ == LinkState::running || state_ == LinkState::no_carrier)) {
        change(LinkState::down);
    }
}

void LinkWatch::change(LinkState state) {
    if (state == state_) {
        return;
    }
    const LinkState before = std::exchange(state_, state);
    switch (state) {
        case LinkState::running:
            notices_.push_back(fmt::format("{}: the {} is up again", name_,
                                           before == LinkState::no_carrier ? "link" : "interface"));
            break;
        case LinkState::no_carrier:
            notices_.push_back(before == LinkState::down
                                   ? fmt::format("{}: the interface is up again, without a link "
                                                 "(no carrier)",
                                                 name_)
                                   : fmt::format("{}: the link went down (no carrier)", name_));
            break;
        case LinkState::down:
            notices_.push_back(fmt::format("{}: the interface went down", name_));
            break;
        case LinkState::gone:
            notices_.push_back(fmt::format("{}: the interface disappeared", name_));
            break;
    }
}

}  // namespace turnpike::capture
