// Reads a source on a thread of its own, so that inspection never waits for a file.
#pragma once

#include <array>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "turnpike/capture/source.h"

namespace turnpike::app {

/// A source that copies the batches of another ahead of time. A batch stays valid until the next
/// call of next_batch, as everywhere. What the other source throws is thrown by next_batch.
class ReadAhead : public capture::Source {
  public:
    /// `source` must outlive this object and is not to be used by anybody else meanwhile.
    explicit ReadAhead(capture::Source& source);
    ~ReadAhead() override;

    std::span<const capture::Frame> next_batch() override;
    [[nodiscard]] bool ended() const noexcept override {
        return current_->last && !current_->failure;
    }
    [[nodiscard]] capture::Progress progress() const noexcept override {
        return current_->progress;
    }
    [[nodiscard]] capture::Drops drops() const noexcept override { return current_->drops; }
    [[nodiscard]] std::span<const capture::Loss> losses() const noexcept override {
        return current_->losses;
    }
    /// Complete once the source has ended, as the interface says.
    [[nodiscard]] std::span<const std::string> cut_offs() const noexcept override {
        return current_->last ? source_.cut_offs() : std::span<const std::string>{};
    }
    [[nodiscard]] std::string describe() const override { return source_.describe(); }
    void stop() noexcept override { source_.stop(); }

  private:
    /// Frames with their octets, and what the source said with them.
    struct Batch {
        std::vector<std::uint8_t> octets;
        std::vector<capture::Frame> frames;
        std::vector<capture::Loss> losses;
        capture::Progress progress;
        capture::Drops drops;
        bool last = false;
        std::exception_ptr failure;
    };
    static constexpr std::size_t batches = 4;

    void read(const std::stop_token& stopping);
    void fill(Batch& batch);
    void append(std::span<const capture::Frame> frames, Batch& batch);
    static std::size_t size_of(const Batch& batch) noexcept;
    static void point_at_octets(Batch& batch);

    capture::Source& source_;
    std::array<Batch, batches> ring_;
    Batch* current_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::size_t filled_ = 0;  ///< batches filled so far
    std::size_t taken_ = 0;   ///< batches handed out so far, the current one included
    std::jthread reader_;     ///< last: it uses everything above
};

}  // namespace turnpike::app
