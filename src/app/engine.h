// The way of a packet from a source to facts: capture and wire on one thread, inspect on another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/intake.h"
#include "app/read_ahead.h"
#include "turnpike/capture/source.h"
#include "turnpike/facts/facts.h"
#include "turnpike/inspect/inspector.h"

namespace turnpike::app {

/// How a reading went.
struct Reading {
    std::uint64_t frames = 0;
    std::uint64_t undecodable = 0;  ///< frames of a link type that no decoder knows
    std::map<std::uint32_t, std::uint64_t> unknown_link_types;  ///< LINKTYPE_ to frames
    std::vector<std::string> breaks;  ///< where and why the input broke off, one line each
};

/// Reads a source to its end. Single use; the source must outlive it and is not to be used by
/// anybody else meanwhile.
class Engine {
  public:
    explicit Engine(capture::Source& source, const inspect::Options& options = {})
        : inspector_(options),
          intake_(inspector_),
          source_(std::make_unique<ReadAhead>(source, inspector_.placer())) {}

    /// Decodes and inspects everything. `after_batch` is called with the number of frames so far.
    /// A failure of the source ends the reading and stands in Reading::breaks: what came before it
    /// is inspected like everything else. So does running out of memory.
    Reading read(const std::function<void(std::uint64_t)>& after_batch);
    /// How far the reading is; only while it goes on.
    [[nodiscard]] const capture::Progress& progress() const noexcept { return source_->progress(); }
    /// The facts; complete after `read`.
    [[nodiscard]] facts::Observation& observation() { return inspector_.observation(); }

  private:
    void read_batches(const std::function<void(std::uint64_t)>& after_batch);
    void finish();

    inspect::Inspector inspector_;
    Intake intake_;
    std::unique_ptr<ReadAhead> source_;  ///< until `read` is over
    Reading reading_;
    /// Never touched, so it costs addresses only.
    std::unique_ptr<std::byte[]> reserve_ =
        std::make_unique_for_overwrite<std::byte[]>(std::size_t{64} << 20U);
};

}  // namespace turnpike::app
