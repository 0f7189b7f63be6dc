// Reads and decodes a source on a thread of its own, beside the one that inspects: each of the two
// takes about half of the time.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "app/packet_batch.h"
#include "turnpike/capture/source.h"
#include "turnpike/inspect/placer.h"

namespace turnpike::app {

/// Takes the batches of a source ahead of time, decodes their frames and places their packets. What
/// it tells of a batch stays valid until the next call of next_batch.
class ReadAhead {
  public:
    /// Both must outlive this object and are not to be used by anybody else meanwhile.
    ReadAhead(capture::Source& source, inspect::Placer& placer);
    ~ReadAhead();
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;

    /// Goes on to the next batch and returns how many frames it has; blocks until it is there. What
    /// the source throws is thrown here, once what came before it was delivered.
    std::size_t next_batch();
    /// What was made of its frames.
    [[nodiscard]] const PacketBatch& batch() const noexcept { return current_->packets; }
    /// What the results do not tell of the frames up to here.
    [[nodiscard]] const Hidden& hidden() const noexcept { return current_->hidden; }
    /// Of whoever keeps facts: the last one was written here. The thread that reads makes the
    /// memory behind it ready whenever it is ahead. Only a hint.
    void wrote(const void* place) noexcept { written_.store(place, std::memory_order_relaxed); }
    /// No batch will come any more.
    [[nodiscard]] bool ended() const noexcept { return current_->last && !current_->failure; }
    /// Of the source, after the batch.
    [[nodiscard]] const capture::Progress& progress() const noexcept { return current_->progress; }
    /// The same.
    [[nodiscard]] const capture::Drops& drops() const noexcept { return current_->drops; }
    /// What became known with the batch.
    [[nodiscard]] std::span<const capture::Loss> losses() const noexcept {
        return current_->losses;
    }
    /// Of the source once it has ended, as its interface says; none before.
    [[nodiscard]] std::span<const std::string> cut_offs() const noexcept {
        return current_->last ? source_.cut_offs() : std::span<const std::string>{};
    }
    /// Of the source.
    [[nodiscard]] std::string describe() const { return source_.describe(); }

  private:
    using Octets = std::vector<std::uint8_t>;
    /// What is made of some frames, and what the source said with them.
    struct Batch {
        std::vector<std::shared_ptr<const void>> kept;  ///< octets that the source keeps
        std::vector<Octets> copied;                     ///< octets that it does not
        PacketBatch packets;
        Hidden hidden;
        std::vector<capture::Loss> losses;
        capture::Progress progress;
        capture::Drops drops;
        bool last = false;
        std::exception_ptr failure;
    };
    /// So many that whoever inspects has something to do while memory is made ready: the first
    /// touch of a large page may take 5 ms, where a host has to find it first, and a batch 0.3 ms.
    static constexpr std::size_t batches = 12;

    void read(const std::stop_token& stopping);
    static void begin(Batch& batch) noexcept;
    void fill(Batch& batch);
    void finish(Batch& batch);
    void take(std::span<const capture::Frame> frames, Batch& batch);
    static bool is_full(const Batch& batch) noexcept;
    void read_frames(std::span<const capture::Frame> frames, Batch& batch);
    void prepare_memory() noexcept;

    capture::Source& source_;
    PacketReader reader_;
    std::array<Batch, batches> ring_;
    Batch* current_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::size_t filled_ = 0;  ///< batches filled so far
    std::size_t taken_ = 0;   ///< batches handed out so far, the current one included
    std::atomic<const void*> written_ = nullptr;
    std::uintptr_t prepared_ = 0;  ///< the large page that was made ready last, by number
    std::jthread thread_;          ///< last: it uses everything above
};

}  // namespace turnpike::app
