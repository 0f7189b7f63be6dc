// Captures an audit's own packets on all interfaces while it runs.
#include "app/probe_capture.h"

#include <algorithm>

#include "turnpike/capture/live.h"

namespace turnpike::app {
namespace {

std::unique_ptr<capture::Source> open_everything(const std::string& filter) {
    capture::LiveOptions options;
    options.interfaces = {"any"};
    options.filter = filter;
    options.promiscuous = false;
    return std::move(capture::open_live(options).front());
}

}  // namespace

ProbeCapture::ProbeCapture(const std::string& filter, const inspect::Options& options)
    : source_(open_everything(filter)), engine_(*source_, options) {}

ProbeCapture::~ProbeCapture() {
    if (thread_.joinable()) {
        source_->stop();
        thread_.join();
    }
}

void ProbeCapture::start() {
    thread_ = std::thread([this] { reading_ = engine_.read([](std::uint64_t) {}); });
}

Reading ProbeCapture::finish() {
    source_->stop();
    thread_.join();
    // Nothing earlier can come any more: until then the capture went on, packets or not.
    const auto clock = source_->clock();
    for (auto& recording : engine_.observation().quality.recordings) {
        if (clock && !recording.stretches.empty()) {
            auto& end = recording.stretches.back().to;
            end = std::max(end, *clock);
        }
    }
    return std::move(reading_);
}

}  // namespace turnpike::app
