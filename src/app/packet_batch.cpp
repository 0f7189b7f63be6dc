// Decodes and places frames in groups, while their octets lie in the cache.
#include "app/packet_batch.h"

#include <algorithm>

#include "turnpike/base/own_lines.h"

namespace turnpike::app {
namespace {

/// A copy of a mirror port, which nobody will look into.
bool is_surely_copy(const inspect::Placed& placed) noexcept {
    return flow::CopyFilter::is_copy(placed.sighting, false);
}

/// From or to a resolver.
bool is_of_dns(const wire::Packet& packet) noexcept {
    constexpr std::uint16_t dns_port = 53;
    return packet.transport == wire::TransportKind::udp &&
           (packet.source_port == dns_port || packet.destination_port == dns_port);
}

/// What a frame tells before anybody looks into it.
inspect::FrameRun::Frame outside_of(const capture::Frame& frame) noexcept {
    return {frame.time,
            frame.number,
            static_cast<std::uint32_t>(frame.bytes.size()),
            frame.wire_length,
            {frame.tap, frame.link_type}};
}

}  // namespace

void PacketBatch::begin() noexcept {
    frames_ = 0;
    octets_ = 0;
    runs_.clear();
    undecoded_.clear();
    whole_ = 0;
    placed_ = 0;
    dns_.begin_again();
    hellos_.begin_again();
    joined_.clear();
}

void PacketBatch::own_next() noexcept {
    constexpr std::size_t group = inspect::Placer::group;
    const std::size_t begin = std::min(whole_ + group, packets_.size());
    const std::size_t count = std::min(group, packets_.size() - begin);
    base::own_lines(std::span(packets_).subspan(begin, count));
    base::own_lines(std::span(places_).subspan(begin, count));
}

void PacketReader::read(std::span<const capture::Frame> frames, PacketBatch& batch) {
    if (batch.packets_.size() < batch.whole_ + frames.size()) {
        batch.packets_.resize(batch.whole_ + frames.size());
        batch.places_.resize(batch.packets_.size());
    }
    if (filter_ != nullptr) {
        read_matching(frames, batch);
        return;
    }
    while (!frames.empty()) {
        const std::size_t count = note(frames, batch);
        for (const auto& frame : frames.first(count)) {
            add(frame, decode(frame, batch), batch);
        }
        frames = frames.subspan(count);
    }
}

// As if the kernel had not delivered what does not match.
void PacketReader::read_matching(std::span<const capture::Frame> frames, PacketBatch& batch) {
    for (const auto& frame : frames) {
        const auto outcome = decode(frame, batch);
        if (outcome && filter_->matches(batch.packets_[batch.whole_])) {
            note({&frame, 1}, batch);
            add(frame, outcome, batch);
        }
    }
}

// Notes the frames in front that belong together, and returns how many those are. They are counted
// in a copy, whose members need not be written for each frame.
std::size_t PacketReader::note(std::span<const capture::Frame> frames, PacketBatch& batch) {
    const auto first = outside_of(frames.front());
    if (batch.runs_.empty() || !batch.runs_.back().run.extend(first)) {
        batch.runs_.push_back({inspect::FrameRun(first), batch.whole_});
    }
    inspect::FrameRun run = batch.runs_.back().run;
    std::size_t count = 1;
    while (count < frames.size() && run.extend(outside_of(frames[count]))) {
        ++count;
    }
    batch.runs_.back().run = run;
    batch.frames_ += count;
    return count;
}

// Into the next free place. The packet's time lies within the bounds of an inspector.
wire::Decoded PacketReader::decode(const capture::Frame& frame, PacketBatch& batch) {
    const base::Timestamp time = inspect::within_bounds(frame.time);
    if (time > incomplete_due_) {
        add_incomplete(time, batch);
    }
    wire::Packet& packet = batch.packets_[batch.whole_];
    packet.tap = frame.tap;
    return decoder_.decode(frame.link_type, frame.bytes, frame.wire_length, time, frame.number,
                           packet);
}

// A filter for port 53 lets only the first fragment of a long answer through. Of other protocols
// one datagram more tells nothing new, and would come too late among media.
void PacketReader::add_incomplete(base::Timestamp now, PacketBatch& batch) {
    wire::Packet packet;
    while (decoder_.take_incomplete(now, packet)) {
        if (!is_of_dns(packet) || (filter_ != nullptr && !filter_->matches(packet))) {
            continue;
        }
        batch.packets_.push_back({});
        batch.places_.push_back({});
        packet.ip = batch.joined_.emplace_back(packet.ip.begin(), packet.ip.end());
        batch.packets_[batch.whole_] = packet;
        take(batch);
    }
    note_fragments();
}

void PacketReader::note_fragments() {
    incomplete_due_ = decoder_.incomplete_due().value_or(base::Timestamp::max());
}

void PacketReader::add(const capture::Frame& frame, const wire::Decoded& outcome,
                       PacketBatch& batch) {
    batch.octets_ += frame.bytes.size();
    if (!outcome.whole()) {
        batch.undecoded_.push_back({frame.link_type, outcome});
        note_fragments();
        return;
    }
    take(batch);
}

// The packet in the next free place. A payload from fragments is gone with the next frame.
inline void PacketReader::take(PacketBatch& batch) {
    wire::Packet& packet = batch.packets_[batch.whole_];
    if (packet.reassembled) {
        note_fragments();
        packet.payload = batch.joined_.emplace_back(packet.payload.begin(), packet.payload.end());
    }
    ++batch.whole_;
    if (batch.whole_ - batch.placed_ == inspect::Placer::group) {
        place(batch);
    }
}

void PacketReader::end(PacketBatch& batch) {
    add_incomplete(base::Timestamp::max(), batch);
    finish(batch);
}

void PacketReader::finish(PacketBatch& batch) {
    while (batch.placed_ < batch.whole_) {
        place(batch);
    }
}

// A group, or what there is of one.
void PacketReader::place(PacketBatch& batch) {
    const std::size_t count = std::min(batch.whole_ - batch.placed_, inspect::Placer::group);
    const auto packets = std::span(batch.packets_).subspan(batch.placed_, count);
    const auto places = std::span(batch.places_).subspan(batch.placed_, count);
    placer_.place(packets, places);
    for (std::size_t i = 0; i < count; ++i) {
        places[i].reading = is_surely_copy(places[i]) ? nullptr : read_payload(packets[i], batch);
    }
    batch.placed_ += count;
}

const inspect::Reading* PacketReader::read_payload(const wire::Packet& packet, PacketBatch& batch) {
    switch (packet.transport) {
        case wire::TransportKind::udp:
            return read_dns(packet, batch);
        case wire::TransportKind::tcp:
            return read_hello(packet, batch);
        default:
            return nullptr;
    }
}

// Half of all flows are a question to a resolver and its answer.
const inspect::Reading* PacketReader::read_dns(const wire::Packet& packet, PacketBatch& batch) {
    if (packet.payload.empty() || !is_of_dns(packet)) {
        return nullptr;
    }
    inspect::DnsReading& reading = batch.dns_.next();
    dns_.read(packet.payload, reading);
    batch.dns_.take();
    return &reading;
}

const inspect::Reading* PacketReader::read_hello(const wire::Packet& packet, PacketBatch& batch) {
    if (!inspect::HelloReader::looks_like_one(packet.payload)) {
        return nullptr;
    }
    inspect::HelloReading& reading = batch.hellos_.next();
    if (!hellos_.read(packet.payload, reading)) {
        return nullptr;
    }
    batch.hellos_.take();
    return &reading;
}

Hidden PacketReader::hidden() const {
    return {decoder_.hidden_problems(), decoder_.fragment_counts()};
}

}  // namespace turnpike::app
