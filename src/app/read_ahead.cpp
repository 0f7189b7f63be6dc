// Reads, decodes and places the next few batches on a thread of its own, in a ring of them.
#include "app/read_ahead.h"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

namespace turnpike::app {

ReadAhead::ReadAhead(capture::Source& source, inspect::Placer& placer)
    : source_(source),
      reader_(placer),
      current_(&ring_.back()),
      thread_([this](const std::stop_token& stopping) { read(stopping); }) {}

ReadAhead::~ReadAhead() {
    source_.stop();
    thread_.request_stop();
}

void ReadAhead::read(const std::stop_token& stopping) {
    bool more = true;
    while (more) {
        Batch* batch = nullptr;
        {
            std::unique_lock lock(mutex_);
            // The batch in use is not filled again until the next one is asked for.
            const auto has_room = [this] { return filled_ < taken_ + batches - 1; };
            if (!has_room()) {
                lock.unlock();
                prepare_memory();
                lock.lock();
            }
            const bool room = changed_.wait(lock, stopping, has_room);
            if (!room) {
                return;
            }
            batch = &ring_[filled_ % batches];
        }
        fill(*batch);
        more = !batch->last;
        {
            const std::lock_guard lock(mutex_);
            ++filled_;
        }
        changed_.notify_all();
    }
}

void ReadAhead::begin(Batch& batch) noexcept {
    batch.kept.clear();
    batch.copied.clear();
    batch.packets.begin();
    batch.losses.clear();
}

void ReadAhead::fill(Batch& batch) {
    begin(batch);
    try {
        do {
            take(source_.next_batch(), batch);
            batch.progress = source_.progress();
            batch.last = source_.ended();
        } while (!batch.last && batch.progress.octets_total && !is_full(batch));
    } catch (...) {
        batch.failure = std::current_exception();
        batch.last = true;
    }
    try {
        finish(batch);
    } catch (...) {  // out of memory
        batch.failure = std::current_exception();
        batch.last = true;
    }
}

void ReadAhead::finish(Batch& batch) {
    if (batch.last) {
        reader_.end(batch.packets);
    } else {
        reader_.finish(batch.packets);
    }
    batch.drops = source_.drops();
    batch.hidden = reader_.hidden();
}

// The first touch of a large page costs as much as inspecting thousands of packets. mimalloc goes
// through its segments of 32 MB from the front; where memory is not what this takes it for, the
// system refuses, and nothing is lost.
void ReadAhead::prepare_memory() noexcept {
    constexpr std::uintptr_t page = std::uintptr_t{2} << 20U;
    constexpr std::uintptr_t pages_of_segment = 16;
    constexpr std::uintptr_t ahead = 2;
    const auto* const place = static_cast<const char*>(written_.load(std::memory_order_relaxed));
    const auto address = reinterpret_cast<std::uintptr_t>(place);
    const std::uintptr_t written = address / page;
    const std::uintptr_t end = written / pages_of_segment * pages_of_segment + pages_of_segment;
    if (written == 0) {
        return;
    }
    if (prepared_ < written || prepared_ >= end) {
        prepared_ = written;
    }
    while (prepared_ < std::min(written + ahead, end - 1)) {
        ++prepared_;
        const auto* const begin = place + (prepared_ * page - address);
        ::madvise(const_cast<char*>(begin), page, MADV_POPULATE_WRITE);
    }
}

// Waking the other thread costs as much as reading some hundred frames: files are read in large
// steps, but what is decoded should still lie in the cache. A pipe delivers what there is.
//
// What is made of the frames counts: small ones, or records without octets, of which a compressed
// file may hold millions, take more room decoded than as octets.
bool ReadAhead::is_full(const Batch& batch) noexcept {
    constexpr std::size_t worth_a_wake = std::size_t{256} << 10U;
    constexpr std::size_t most_kept = 4;  // buffers, of a source that fills them with little
    constexpr std::size_t decoded =
        sizeof(PacketBatch::Run) + sizeof(wire::Packet) + sizeof(inspect::Placed);
    const std::size_t room = batch.packets.octets() + batch.packets.frames() * decoded +
                             batch.losses.size() * sizeof(capture::Loss);
    return batch.kept.size() >= most_kept || room >= worth_a_wake;
}

// Decoded at once, while the octets lie in the cache of this core: some hundred frames later they
// would have to come back from where all cores keep them, which is slow on a busy machine.
void ReadAhead::take(std::span<const capture::Frame> frames, Batch& batch) {
    const auto losses = source_.losses();
    batch.losses.insert(batch.losses.end(), losses.begin(), losses.end());
    if (auto kept = source_.keep_octets()) {
        if (batch.kept.empty() || batch.kept.back() != kept) {
            batch.kept.push_back(std::move(kept));
        }
        read_frames(frames, batch);
        return;
    }
    std::size_t octets = 0;
    for (const auto& frame : frames) {
        octets += frame.bytes.size();
    }
    Octets& copied = batch.copied.emplace_back();
    copied.reserve(octets);
    for (const auto& frame : frames) {
        copied.insert(copied.end(), frame.bytes.begin(), frame.bytes.end());
    }
    std::vector<capture::Frame> moved(frames.begin(), frames.end());
    base::Bytes rest = copied;
    for (auto& frame : moved) {
        frame.bytes = rest.first(frame.bytes.size());
        rest = rest.subspan(frame.bytes.size());
    }
    read_frames(moved, batch);
}

void ReadAhead::read_frames(std::span<const capture::Frame> frames, Batch& batch) {
    while (!frames.empty()) {
        const auto next = frames.first(std::min(frames.size(), inspect::Placer::group));
        reader_.read(next, batch.packets);
        batch.packets.own_next();
        frames = frames.subspan(next.size());
    }
}

std::size_t ReadAhead::next_batch() {
    if (current_->failure) {  // what came before it was delivered
        std::rethrow_exception(std::exchange(current_->failure, nullptr));
    }
    if (current_->last) {
        return 0;
    }
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return filled_ > taken_; });
        current_ = &ring_[taken_ % batches];
        ++taken_;
    }
    changed_.notify_all();
    return current_->packets.frames();
}

}  // namespace turnpike::app
