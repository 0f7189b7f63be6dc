// Opens an interface with libpcap, reads what is there without waiting, and notices when it
// ends.
#include "capture/live_handle.h"

#include <linux/filter.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include <fmt/core.h>

#include "capture/filter_program.h"
#include "capture/link_type.h"
#include "turnpike/base/error.h"

namespace turnpike::capture {
namespace {

constexpr std::string_view all_interfaces = "any";
constexpr std::chrono::milliseconds last_block_wait{100};

std::uint32_t link_type_of(pcap_t* handle) noexcept {
    // The two numberings differ where systems had given a number away twice; a file written by
    // such a system shows the same values.
    return link_type_from_file(static_cast<std::uint32_t>(::pcap_datalink(handle)));
}

/// Whether the ring holds frames that were not read.
bool has_frames(int descriptor) noexcept {
    pollfd polled{.fd = descriptor, .events = POLLIN, .revents = 0};
    return ::poll(&polled, 1, 0) > 0 && (polled.revents & POLLIN) != 0;
}

}  // namespace

LiveHandle::LiveHandle(std::string interface, const LiveOptions& options, bool speaks)
    : name_(std::move(interface)), speaks_(speaks) {
    OpenedHandle opened = open_handle(name_, options);
    handle_ = std::move(opened.handle);
    host_time_ = opened.host_time;
    if (name_ == all_interfaces) {
        // Tells the interfaces apart; the older header is good enough where it is not known.
        ::pcap_set_datalink(handle_.get(), DLT_LINUX_SLL2);
    }
    link_type_ = link_type_of(handle_.get());
    link_ = LinkWatch(name_, name_ == all_interfaces ? 0 : ::if_nametoindex(name_.c_str()));
    if (speaks_) {
        interface_counter_ = interface_counter(name_);
    }
    std::array<char, PCAP_ERRBUF_SIZE> problem{};
    if (::pcap_setnonblock(handle_.get(), 1, problem.data()) != 0) {
        throw base::Error(base::ExitStatus::cannot_open,
                          fmt::format("{}: {}", name_, problem.data()));
    }
}

void LiveHandle::set_filter(const std::string& filter) {
    if (!filter.empty()) {
        put(FilterProgram(handle_.get(), filter, "on " + name_).get());
        return;
    }
    // What takes everything needs no compiler.
    bpf_insn accept{.code = BPF_RET | BPF_K,
                    .jt = 0,
                    .jf = 0,
                    .k = static_cast<bpf_u_int32>(::pcap_snapshot(handle_.get()))};
    bpf_program all{.bf_len = 1, .bf_insns = &accept};
    put(&all);
}

void LiveHandle::put(bpf_program* program) {
    errno = 0;
    if (::pcap_setfilter(handle_.get(), program) == 0) {
        return;
    }
    if (errno == ENOMEM) {
        throw std::bad_alloc();
    }
    throw base::Error(base::ExitStatus::cannot_open,
                      fmt::format("filter on {}: {}", name_, ::pcap_geterr(handle_.get())));
}

void LiveHandle::refuse_all() noexcept {
    sock_filter refuse{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
    const sock_fprog program{.len = 1, .filter = &refuse};
    // If it fails, some frames of the first milliseconds may come to two workers.
    ::setsockopt(::pcap_fileno(handle_.get()), SOL_SOCKET, SO_ATTACH_FILTER, &program,
                 sizeof program);
}

void LiveHandle::discard() {
    const auto ignore = [](unsigned char*, const pcap_pkthdr*, const unsigned char*) noexcept {};
    while (::pcap_dispatch(handle_.get(), -1, ignore, nullptr) > 0) {
    }
}

void LiveHandle::take(unsigned char* self, const pcap_pkthdr* header,
                      const unsigned char* octets) noexcept {
    auto& handle = *reinterpret_cast<LiveHandle*>(self);  // as given to pcap_dispatch
    const std::chrono::nanoseconds time =
        std::chrono::seconds(header->ts.tv_sec) + std::chrono::nanoseconds(header->ts.tv_usec);
    try {
        handle.target_->add({.time = base::Timestamp(time),
                             .number = 0,
                             .link_type = handle.link_type_,
                             .wire_length = header->len,
                             .bytes = {octets, header->caplen}});
    } catch (const std::bad_alloc&) {  // not through libpcap
        handle.out_of_memory_ = true;
        ::pcap_breakloop(handle.handle_.get());
    }
}

void LiveHandle::read(LiveSegment& segment, std::size_t most) {
    if (gone_) {
        return;
    }
    target_ = &segment;
    const int count = ::pcap_dispatch(handle_.get(), static_cast<int>(most), take,
                                      reinterpret_cast<unsigned char*>(this));
    target_ = nullptr;
    if (std::exchange(out_of_memory_, false)) {
        throw std::bad_alloc();
    }
    if (count < 0 && count != PCAP_ERROR_BREAK) {
        end(::pcap_geterr(handle_.get()));
    }
}

void LiveHandle::check() {
    if (gone_) {
        return;
    }
    const int descriptor = ::pcap_fileno(handle_.get());
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == ENETDOWN) {
        link_.went_down();
    }
    link_.look(descriptor);
    if (link_.state() != LinkState::gone) {
        return;
    }
    // The ring outlives the interface: its last block is still handed over, and whoever reads
    // slowly still reads all of it.
    const auto now = std::chrono::steady_clock::now();
    if (!disappeared_at_) {
        disappeared_at_ = now;
    } else if (now - *disappeared_at_ >= last_block_wait && !has_frames(descriptor)) {
        end("the interface disappeared");
    }
}

void LiveHandle::end(std::string reason) {
    lost();
    gone_ = true;
    cut_off_ = fmt::format("{}: {}", name_, reason);
}

LostFrames LiveHandle::lost() {
    if (!gone_) {
        lost_ = {.by_kernel = kernel_counter_.read(handle_.get()),
                 .by_interface = interface_counter_.read()};
    }
    return lost_;
}

std::vector<std::string> LiveHandle::take_notices() {
    auto notices = link_.take_notices();
    if (!speaks_) {
        notices.clear();
    }
    return notices;
}

}  // namespace turnpike::capture
