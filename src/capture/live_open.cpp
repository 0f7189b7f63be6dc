// Everything a live run reads, opened for every worker.
#include <algorithm>
#include <thread>

#include <fmt/core.h>

#include "capture/fanout_group.h"
#include "capture/live_handle.h"
#include "capture/live_listener.h"
#include "capture/live_source.h"
#include "turnpike/base/error.h"
#include "turnpike/capture/live.h"

namespace turnpike::capture {
namespace {

using base::Error;
using base::ExitStatus;
using Handles = std::vector<std::unique_ptr<LiveHandle>>;

void check(const LiveOptions& options) {
    const auto& interfaces = options.interfaces;
    if (interfaces.empty() && options.listeners.empty()) {
        throw Error(ExitStatus::usage, "no interface was named and no port to listen on");
    }
    for (const std::string& name : interfaces) {
        if (std::ranges::count(interfaces, name) > 1) {
            throw Error(ExitStatus::usage, fmt::format("{}: the interface is named twice", name));
        }
        if (name == "any" && interfaces.size() > 1) {
            throw Error(ExitStatus::usage, "any: names all interfaces, so name no other one");
        }
    }
}

/// A handle a worker on one interface. Until all of them share its frames, each gets all: so they
/// let nothing in yet.
Handles open_shared(const std::string& interface, const LiveOptions& options) {
    Handles handles;
    std::vector<int> sockets;
    for (unsigned worker = 0; worker < options.workers; ++worker) {
        handles.push_back(std::make_unique<LiveHandle>(interface, options, worker == 0));
        handles.back()->refuse_all();
        sockets.push_back(handles.back()->descriptor());
    }
    share_frames(interface, sockets);
    return handles;
}

std::vector<Handles> open_handles(const LiveOptions& options) {
    std::vector<Handles> found;
    const bool shared = options.workers > 1;
    for (const std::string& interface : options.interfaces) {
        if (shared) {
            found.push_back(open_shared(interface, options));
        } else {
            found.emplace_back().push_back(std::make_unique<LiveHandle>(interface, options, true));
        }
    }
    if (shared) {
        // What came before they refused it is handed over within two rounds of the kernel's timer.
        std::this_thread::sleep_for(2 * options.hand_over);
    }
    for (const Handles& handles : found) {
        for (const auto& handle : handles) {
            if (shared) {
                handle->discard();
            }
            handle->set_filter(options.filter);
        }
    }
    return found;
}

}  // namespace

std::vector<std::unique_ptr<Source>> open_live(const LiveOptions& options) {
    check(options);
    std::vector<std::vector<std::unique_ptr<LiveInput>>> inputs(std::max(options.workers, 1U));
    for (Handles& handles : open_handles(options)) {
        for (std::size_t worker = 0; worker < handles.size(); ++worker) {
            inputs[worker].push_back(std::move(handles[worker]));
        }
    }
    for (const MirrorListener& listener : options.listeners) {
        inputs.front().push_back(
            std::make_unique<LiveListener>(listener, options.ring_octets, options.snap_length));
    }
    const auto counter = std::make_shared<FrameCounter>(0);
    std::vector<std::unique_ptr<Source>> sources;
    sources.reserve(inputs.size());
    for (auto& of_worker : inputs) {
        sources.push_back(
            std::make_unique<LiveSource>(std::move(of_worker), options.hand_over, counter));
    }
    return sources;
}

}  // namespace turnpike::capture
