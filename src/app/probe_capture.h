// The capture of an audit's own packets, on a thread of its own.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/engine.h"
#include "turnpike/capture/source.h"

namespace turnpike::app {

class ProbeCapture {
  public:
    /// Opens every interface for packets that pass the filter (pcap-filter(7)). Throws base::Error:
    /// no_permission with the command that grants it.
    ProbeCapture(const std::string& filter, const inspect::Options& options);
    ~ProbeCapture();
    ProbeCapture(const ProbeCapture&) = delete;
    ProbeCapture& operator=(const ProbeCapture&) = delete;

    void start();
    /// Ends it; what arrived before is in the observation.
    Reading finish();
    /// Complete after `finish`.
    [[nodiscard]] facts::Observation& observation() { return engine_.observation(); }

  private:
    std::unique_ptr<capture::Source> source_;
    Engine engine_;
    std::thread thread_;
    Reading reading_;
};

}  // namespace turnpike::app
