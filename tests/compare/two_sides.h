// Two captures of the same traffic, played packet by packet: what is sent on one side appears on
// the other through address translation, later and by another clock, or does not.
#pragma once

#include <chrono>
#include <string_view>

#include "inspect/support/scene.h"
#include "turnpike/compare/compare.h"

namespace turnpike::compare::test {

using inspect::test::endpoint;
using inspect::test::Octets;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

enum class Way : std::uint8_t { passes, dies, made };

/// A payload that no other packet has.
inline Octets payload(std::uint8_t seed, std::size_t size = 60) {
    Octets octets(size);
    for (std::size_t i = 0; i < size; ++i) {
        octets[i] = static_cast<std::uint8_t>(seed * 31 + i * 7 + 1);
    }
    return octets;
}

class TwoSides {
  public:
    /// The outer clock is ahead by `offset`; a packet takes `delay` from side to side.
    explicit TwoSides(base::Duration offset = {}, base::Duration delay = microseconds{400})
        : offset_(offset), delay_(delay) {}

    base::Endpoint client = endpoint("10.0.0.7", 50'000);
    base::Endpoint mapped = endpoint("198.51.100.1", 61'000);  ///< the client, seen from outside
    base::Endpoint server = endpoint("203.0.113.9", 3478);
    int hops = 1;  ///< between the sides

    void wait(base::Duration time) { now_ += time; }
    [[nodiscard]] base::Timestamp now() const { return now_; }

    void datagram(bool outward, const Octets& octets, Way way = Way::passes) {
        auto packet =
            inside_.datagram(outward ? client : server, outward ? server : client, octets);
        send(packet, outward, way);
    }
    /// A segment as it looks inside; `renumber` is added to the client's numbers outside.
    void segment(bool outward, std::uint8_t flags, std::uint32_t sequence,
                 std::uint32_t acknowledgement, const Octets& octets, Way way = Way::passes) {
        auto packet =
            inspect::test::Scene::ip(outward ? client : server, outward ? server : client);
        packet.transport = wire::TransportKind::tcp;
        packet.protocol = wire::ip_protocol::tcp;
        packet.ip_id = inside_.next_id();
        packet.tcp.flags = flags;
        packet.tcp.sequence = sequence;
        packet.tcp.acknowledgement = acknowledgement;
        inspect::test::Scene::set_payload(packet, octets, 40);
        send(packet, outward, way);
    }
    std::uint32_t renumber = 0;

    /// Plays a packet on one side only, as it looks there.
    void play_inside(const wire::Packet& packet) { play(inside_, inner_, packet, now_); }
    void play_outside(const wire::Packet& packet) {
        play(outside_, outer_, packet, now_ + delay_ + offset_);
    }
    wire::Packet translated(wire::Packet packet, bool outward) const {
        (outward ? packet.source : packet.destination) = mapped.address;
        (outward ? packet.source_port : packet.destination_port) = mapped.port;
        packet.hop_limit = static_cast<std::uint8_t>(packet.hop_limit - (outward ? hops : -hops));
        (outward ? packet.tcp.sequence : packet.tcp.acknowledgement) += renumber;
        return packet;
    }

    facts::Comparison compare() {
        // Both captures go on for a second.
        wait(seconds{1});
        datagram(true, payload(250));
        const auto& inside = inside_.finish();
        const auto& outside = outside_.finish();
        inner_.assign(inside);
        outer_.assign(outside);
        return compare::compare({inside, inner_}, {outside, outer_});
    }
    facts::Comparison compare_the_wrong_way() {
        const auto& inside = inside_.finish();
        const auto& outside = outside_.finish();
        inner_.assign(inside);
        outer_.assign(outside);
        return compare::compare({outside, outer_}, {inside, inner_});
    }
    [[nodiscard]] std::uint64_t last_inside() const { return inside_.number(); }
    [[nodiscard]] std::uint64_t last_outside() const { return outside_.number(); }

  private:
    void send(const wire::Packet& packet, bool outward, Way way) {
        wait(milliseconds{5});
        if (outward ? way != Way::made : way != Way::dies) {
            play_inside_at(packet, outward);
        }
        if (outward ? way != Way::dies : way != Way::made) {
            play(outside_, outer_, translated(packet, outward),
                 now_ + offset_ + (outward ? delay_ : base::Duration{}));
        }
    }
    void play_inside_at(const wire::Packet& packet, bool outward) {
        play(inside_, inner_, packet, now_ + (outward ? base::Duration{} : delay_));
    }
    static void play(inspect::test::Scene& scene, Recorder& recorder, const wire::Packet& packet,
                     base::Timestamp time) {
        scene.jump(time);
        scene.play_now(packet);
        auto played = scene.last();
        played.payload = packet.payload;
        recorder.take(played);
    }

    base::Duration offset_;
    base::Duration delay_;
    base::Timestamp now_ = base::from_nanoseconds(1'700'000'000'000'000'000);
    inspect::test::Scene inside_;
    inspect::test::Scene outside_;
    Recorder inner_;
    Recorder outer_;
};

}  // namespace turnpike::compare::test
