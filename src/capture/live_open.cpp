// Everything a live run reads, opened for every worker.
#include <algorithm>

#include <fmt/core.h>

#include "capture/live_handle.h"
#include "capture/live_listener.h"
#include "capture/live_source.h"
#include "turnpike/base/error.h"
#include "turnpike/capture/live.h"

namespace turnpike::capture {
namespace {

void check_interfaces(const std::vector<std::string>& interfaces) {
    using base::Error;
    using base::ExitStatus;
    for (const std::string& name : interfaces) {
        if (std::ranges::count(interfaces, name) > 1) {
            throw Error(ExitStatus::usage, fmt::format("{}: the interface is named twice", name));
        }
        if (name == "any" && interfaces.size() > 1) {
            throw Error(ExitStatus::usage, "any: names all interfaces, so name no other one");
        }
    }
}

}  // namespace

std::vector<std::unique_ptr<Source>> open_live(const LiveOptions& options) {
    check_interfaces(options.interfaces);
    const auto counter = std::make_shared<FrameCounter>(0);
    std::vector<std::unique_ptr<LiveInput>> inputs;
    for (const std::string& interface : options.interfaces) {
        auto handle = std::make_unique<LiveHandle>(interface, options, true);
        handle->set_filter(options.filter);
        inputs.push_back(std::move(handle));
    }
    for (const MirrorListener& listener : options.listeners) {
        inputs.push_back(
            std::make_unique<LiveListener>(listener, options.ring_octets, options.snap_length));
    }
    std::vector<std::unique_ptr<Source>> sources;
    sources.push_back(std::make_unique<LiveSource>(std::move(inputs), options.hand_over, counter));
    return sources;
}

}  // namespace turnpike::capture
