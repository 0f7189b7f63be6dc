// Reads, decodes and places the next few batches on a thread of its own, in a ring of them.
#include "app/read_ahead.h"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

#include "turnpike/base/own_lines.h"

namespace turnpike::app {
namespace {

/// A copy of a mirror port, which nobody will look into.
bool is_surely_copy(const inspect::Placed& placed) noexcept {
    return flow::CopyFilter::is_copy(placed.sighting, false);
}

}  // namespace

ReadAhead::ReadAhead(capture::Source& source, inspect::Placer& placer)
    : source_(source),
      placer_(placer),
      dns_(placer.secret()),
      hellos_(placer.secret()),
      current_(&ring_.back()),
      reader_([this](const std::stop_token& stopping) { read(stopping); }) {}

ReadAhead::~ReadAhead() {
    source_.stop();
    reader_.request_stop();
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
    batch.frames = 0;
    batch.octets = 0;
    batch.runs.clear();
    batch.undecoded.clear();
    batch.whole = 0;
    batch.placed = 0;
    batch.dns.begin_again();
    batch.hellos.begin_again();
    batch.joined.clear();
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
    batch.whole = batch.placed;  // without a place no packet can be inspected
}

void ReadAhead::finish(Batch& batch) {
    while (batch.placed < batch.whole) {
        place(batch);
    }
    batch.drops = source_.drops();
    batch.hidden = hidden_from_results(decoder_);
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
    constexpr std::size_t decoded = sizeof(Run) + sizeof(wire::Packet) + sizeof(inspect::Placed);
    return batch.kept.size() >= most_kept ||
           batch.octets + batch.frames * decoded + batch.losses.size() * sizeof(capture::Loss) >=
               worth_a_wake;
}

// Decoded at once, while the octets lie in the cache of this core: some hundred frames later they
// would have to come back from where all cores keep them, which is slow on a busy machine.
void ReadAhead::take(std::span<const capture::Frame> frames, Batch& batch) {
    const auto losses = source_.losses();
    batch.losses.insert(batch.losses.end(), losses.begin(), losses.end());
    if (batch.packets.size() < batch.whole + frames.size()) {
        batch.packets.resize(batch.whole + frames.size());
        batch.places.resize(batch.packets.size());
    }
    if (auto kept = source_.keep_octets()) {
        if (batch.kept.empty() || batch.kept.back() != kept) {
            batch.kept.push_back(std::move(kept));
        }
        decode(frames, batch);
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
    decode(moved, batch);
}

// Notes the frames in front that belong together, and returns how many those are. They are counted
// in a copy, whose members need not be written for each frame.
std::size_t ReadAhead::note(std::span<const capture::Frame> frames, Batch& batch) {
    const auto first = outside_of(frames.front());
    if (batch.runs.empty() || !batch.runs.back().run.extend(first)) {
        batch.runs.push_back({inspect::FrameRun(first), batch.whole});
    }
    inspect::FrameRun run = batch.runs.back().run;
    std::size_t count = 1;
    while (count < frames.size() && run.extend(outside_of(frames[count]))) {
        ++count;
    }
    batch.runs.back().run = run;
    return count;
}

// Half of all flows are a question to a resolver and its answer.
const inspect::Reading* ReadAhead::read_dns(const wire::Packet& packet, Batch& batch) {
    constexpr std::uint16_t dns_port = 53;
    if (packet.payload.empty() ||
        (packet.source_port != dns_port && packet.destination_port != dns_port)) {
        return nullptr;
    }
    inspect::DnsReading& reading = batch.dns.next();
    dns_.read(packet.payload, reading);
    batch.dns.take();
    return &reading;
}

const inspect::Reading* ReadAhead::read_hello(const wire::Packet& packet, Batch& batch) {
    if (!inspect::HelloReader::looks_like_one(packet.payload)) {
        return nullptr;
    }
    inspect::HelloReading& reading = batch.hellos.next();
    if (!hellos_.read(packet.payload, reading)) {
        return nullptr;
    }
    batch.hellos.take();
    return &reading;
}

const inspect::Reading* ReadAhead::read_payload(const wire::Packet& packet, Batch& batch) {
    switch (packet.transport) {
        case wire::TransportKind::udp:
            return read_dns(packet, batch);
        case wire::TransportKind::tcp:
            return read_hello(packet, batch);
        default:
            return nullptr;
    }
}

void ReadAhead::decode(std::span<const capture::Frame> frames, Batch& batch) {
    batch.frames += frames.size();
    while (!frames.empty()) {
        const std::size_t count = note(frames, batch);
        for (const auto& frame : frames.first(count)) {
            decode(frame, batch);
        }
        frames = frames.subspan(count);
    }
}

void ReadAhead::decode(const capture::Frame& frame, Batch& batch) {
    wire::Packet& packet = batch.packets[batch.whole];
    batch.octets += frame.bytes.size();
    const auto outcome = decode_frame(decoder_, frame, packet);
    if (!outcome.whole()) {
        batch.undecoded.push_back({frame.link_type, outcome});
        return;
    }
    if (packet.reassembled) {  // its payload is gone with the next frame
        packet.payload = batch.joined.emplace_back(packet.payload.begin(), packet.payload.end());
    }
    ++batch.whole;
    if (batch.whole - batch.placed == inspect::Placer::group) {
        place(batch);
    }
}

// A group, or what there is of one.
void ReadAhead::place(Batch& batch) {
    const std::size_t count = std::min(batch.whole - batch.placed, inspect::Placer::group);
    const auto packets = std::span(batch.packets).subspan(batch.placed, count);
    const auto places = std::span(batch.places).subspan(batch.placed, count);
    placer_.place(packets, places);
    for (std::size_t i = 0; i < count; ++i) {
        places[i].reading = is_surely_copy(places[i]) ? nullptr : read_payload(packets[i], batch);
    }
    batch.placed += count;
    own_next(batch);
}

// The packets after those that come next.
void ReadAhead::own_next(Batch& batch) noexcept {
    constexpr std::size_t group = inspect::Placer::group;
    const std::size_t begin = std::min(batch.whole + group, batch.packets.size());
    const std::size_t count = std::min(group, batch.packets.size() - begin);
    base::own_lines(std::span(batch.packets).subspan(begin, count));
    base::own_lines(std::span(batch.places).subspan(begin, count));
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
    return current_->frames;
}

}  // namespace turnpike::app
