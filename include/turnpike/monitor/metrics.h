// The metrics of a live run, as Prometheus scrapes them.
#pragma once

#include <memory>
#include <string>

#include "turnpike/monitor/state.h"

namespace turnpike::monitor {

/// Keeps the counters and gauges of a run. Names follow prometheus.io/docs/practices/naming;
/// labels have few values each (products of the catalog, protocols and reasons that turnpike
/// knows), never addresses or names from the network. Not for several threads.
class Metrics {
  public:
    /// `version` of the program, which becomes a label of its own metric.
    explicit Metrics(const std::string& version);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// Brings every metric to the state. Counters never go back: a smaller sum than before is left
    /// out.
    void update(const State& state);
    /// The text exposition format 0.0.4.
    [[nodiscard]] std::string text() const;

  private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace turnpike::monitor
