// A source that gives what a test wrote down, step by step.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/program.h"
#include "support/observation.h"
#include "turnpike/base/error.h"
#include "turnpike/capture/source.h"

namespace turnpike::test {

/// What one call of next_batch gives.
struct Step {
    std::vector<double> frames = {};  ///< times; each a query of its own
    std::optional<double> clock = {};
    std::vector<capture::Loss> losses = {};
    std::vector<std::string> notices = {};
    capture::Drops drops = {};
    std::string failure = {};  ///< not empty: it throws
};

using Script = std::vector<Step>;

class ScriptedSource : public capture::Source {
  public:
    explicit ScriptedSource(Script steps = {}, std::uint32_t link_type = 1)
        : steps_(std::move(steps)), link_type_(link_type) {}

    std::span<const capture::Frame> next_batch() override {
        frames_.clear();
        octets_.clear();
        losses_.clear();
        if (stopped_ || next_ == steps_.size()) {
            ended_ = true;
            return {};
        }
        const Step& step = steps_[next_++];
        if (!step.failure.empty()) {
            throw base::Error(base::ExitStatus::io_error, step.failure);
        }
        losses_ = step.losses;
        notices_ = step.notices;
        drops_ = step.drops;
        clock_ = step.clock ? std::optional(support::at(*step.clock)) : std::nullopt;
        for (const double time : step.frames) {
            octets_.push_back(query(++number_));
            frames_.push_back({support::at(time),
                               number_,
                               link_type_,
                               static_cast<std::uint32_t>(octets_.back().size()),
                               0,
                               {}});
        }
        for (std::size_t i = 0; i < frames_.size(); ++i) {
            frames_[i].bytes = {reinterpret_cast<const std::uint8_t*>(octets_[i].data()),
                                octets_[i].size()};
        }
        return frames_;
    }
    [[nodiscard]] bool ended() const noexcept override { return ended_; }
    [[nodiscard]] capture::Progress progress() const noexcept override { return {}; }
    [[nodiscard]] capture::Drops drops() const noexcept override { return drops_; }
    [[nodiscard]] std::span<const capture::Loss> losses() const noexcept override {
        return losses_;
    }
    [[nodiscard]] std::span<const std::string> cut_offs() const noexcept override {
        return cut_offs_;
    }
    [[nodiscard]] std::optional<base::Timestamp> clock() const noexcept override { return clock_; }
    [[nodiscard]] std::vector<std::string> take_notices() override {
        return std::exchange(notices_, {});
    }
    [[nodiscard]] std::string describe() const override { return "script"; }
    void stop() noexcept override { stopped_ = true; }

    void cut_off(std::string line) { cut_offs_.push_back(std::move(line)); }
    [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  private:
    // The frame behind the headers of the file and of its last record.
    static std::string query(std::uint64_t number) {
        constexpr std::size_t file_header = 24;
        constexpr std::size_t record_header = 16;
        const auto file = pcap_of_queries(static_cast<unsigned>(number));
        const auto record = (file.size() - file_header) / number;
        return file.substr(file.size() - record + record_header);
    }

    Script steps_;
    std::uint32_t link_type_;
    std::size_t next_ = 0;
    std::uint64_t number_ = 0;
    bool ended_ = false;
    std::atomic<bool> stopped_ = false;
    std::vector<capture::Frame> frames_;
    std::vector<std::string> octets_;
    std::vector<capture::Loss> losses_;
    std::vector<std::string> notices_;
    std::vector<std::string> cut_offs_;
    capture::Drops drops_;
    std::optional<base::Timestamp> clock_;
};

}  // namespace turnpike::test
