// A capture that a test plays packet by packet into an inspector.
#pragma once

#include <chrono>
#include <optional>

#include "inspect/support/octets.h"
#include "turnpike/inspect/inspector.h"

namespace turnpike::inspect::test {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Feeds packets with rising numbers and a clock that the test moves.
class Scene {
  public:
    explicit Scene(const Options& options = {.hash_seed = 1}) : inspector_(options) {}

    Scene& wait(base::Duration time) {
        now_ += time;
        return *this;
    }
    Scene& jump(base::Timestamp time) {
        now_ = time;
        return *this;
    }
    [[nodiscard]] base::Timestamp now() const { return now_; }
    [[nodiscard]] std::uint64_t number() const { return number_; }

    /// Plays a packet as it is, a millisecond after the one before.
    void play(wire::Packet packet) {
        wait(milliseconds{1});
        play_now(packet);
    }
    void play_now(wire::Packet packet) {
        packet.time = now_;
        packet.number = ++number_;
        packet.tap = tap.number;
        inspector_.frame(now_, number_, packet.ip_length + 14, packet.ip_length + 14, tap);
        inspector_.inspect(packet);
        last_ = packet;
    }
    /// Plays a frame without a packet, only to move the capture's end.
    void other_frame() {
        inspector_.frame(now_, ++number_, 60, 60, tap);
        inspector_.no_packet();
    }

    void udp(const base::Endpoint& from, const base::Endpoint& to, const Octets& payload) {
        play(datagram(from, to, payload));
    }
    static wire::Packet ip(const base::Endpoint& from, const base::Endpoint& to) {
        wire::Packet packet;
        packet.source = from.address;
        packet.destination = to.address;
        packet.source_port = from.port;
        packet.destination_port = to.port;
        packet.hop_limit = 64;
        return packet;
    }
    wire::Packet datagram(const base::Endpoint& from, const base::Endpoint& to,
                          const Octets& payload) {
        wire::Packet packet = ip(from, to);
        packet.transport = wire::TransportKind::udp;
        packet.protocol = wire::ip_protocol::udp;
        packet.ip_id = from.address.is_v4() ? ++ip_id_ : std::uint16_t{0};
        set_payload(packet, payload, 28);
        return packet;
    }
    /// An ICMP error that quotes a packet.
    void icmp(std::string_view source, std::string_view destination, std::uint8_t type,
              std::uint8_t code, const base::Endpoint& quoted_from, const base::Endpoint& quoted_to,
              std::uint8_t protocol, std::uint32_t mtu = 0) {
        wire::Packet packet = ip(endpoint(source, 0), endpoint(destination, 0));
        packet.transport = wire::TransportKind::icmp;
        packet.protocol = wire::ip_protocol::icmp;
        packet.ip_id = ++ip_id_;
        packet.ip_length = 56;
        packet.icmp = {4, type, code, mtu, {quoted_from, quoted_to, protocol}};
        play(packet);
    }
    /// The payload must live until the packet was played.
    static void set_payload(wire::Packet& packet, const Octets& payload, std::uint32_t headers) {
        packet.payload = payload;
        packet.payload_length = static_cast<std::uint32_t>(payload.size());
        packet.ip_length = headers + packet.payload_length;
    }
    std::uint16_t next_id() { return ++ip_id_; }
    [[nodiscard]] const wire::Packet& last() const { return last_; }

    facts::Observation& finish() {
        inspector_.finish();
        return inspector_.observation();
    }
    Inspector& inspector() { return inspector_; }

    Tap tap;  ///< where the next frames are captured

  private:
    Inspector inspector_;
    base::Timestamp now_ = base::from_nanoseconds(1'700'000'000'000'000'000);
    std::uint64_t number_ = 0;
    std::uint16_t ip_id_ = 100;
    wire::Packet last_;
};

/// A TCP connection between two ends, whose segments the test sends one by one.
class Connection {
  public:
    Connection(Scene& scene, const base::Endpoint& client, const base::Endpoint& server)
        : scene_(scene), ends_{client, server} {}

    static constexpr std::uint8_t syn_flag = wire::tcp_flag::syn;
    static constexpr std::uint8_t ack_flag = wire::tcp_flag::ack;
    static constexpr std::uint8_t rst_flag = wire::tcp_flag::rst;
    static constexpr std::uint8_t fin_flag = wire::tcp_flag::fin;

    void syn() { segment(0, syn_flag, next_[0] - 1, 0, {}); }
    void syn_ack() { segment(1, syn_flag | ack_flag, next_[1] - 1, next_[0], {}); }
    void ack(std::size_t end) { segment(end, ack_flag, next_[end], next_[1 - end], {}); }
    void open() {
        syn();
        syn_ack();
        ack(0);
    }
    /// Sends the next octets of an end.
    void send(std::size_t end, const Octets& payload) {
        segment(end, ack_flag, next_[end], next_[1 - end], payload);
        next_[end] += static_cast<std::uint32_t>(payload.size());
    }
    /// Sends octets at a distance from the next ones, which does not move on.
    void send_at(std::size_t end, std::int32_t offset, const Octets& payload) {
        segment(end, ack_flag, next_[end] + static_cast<std::uint32_t>(offset), next_[1 - end],
                payload);
    }
    void skip(std::size_t end, std::uint32_t octets) { next_[end] += octets; }
    void fin(std::size_t end) {
        segment(end, fin_flag | ack_flag, next_[end], next_[1 - end], {});
        ++next_[end];
    }
    void rst(std::size_t end) { segment(end, rst_flag | ack_flag, next_[end], next_[1 - end], {}); }

    /// A segment of the client (0) or the server (1).
    wire::Packet make(std::size_t end, std::uint8_t flags, std::uint32_t sequence,
                      std::uint32_t acknowledgement, const Octets& payload) {
        wire::Packet packet = Scene::ip(ends_[end], ends_[1 - end]);
        packet.transport = wire::TransportKind::tcp;
        packet.protocol = wire::ip_protocol::tcp;
        packet.hop_limit = hop_limit[end];
        packet.ip_id = ends_[end].address.is_v4() && ids[end] ? ++*ids[end] : std::uint16_t{0};
        packet.tcp.flags = flags;
        packet.tcp.sequence = sequence;
        packet.tcp.acknowledgement = acknowledgement;
        if (timestamps) {
            packet.tcp.has_timestamp = true;
            packet.tcp.timestamp_value =
                static_cast<std::uint32_t>(scene_.now().time_since_epoch().count() / 1'000'000);
        }
        Scene::set_payload(packet, payload, 40);
        return packet;
    }
    void segment(std::size_t end, std::uint8_t flags, std::uint32_t sequence,
                 std::uint32_t acknowledgement, const Octets& payload) {
        scene_.play(make(end, flags, sequence, acknowledgement, payload));
    }
    [[nodiscard]] std::uint32_t next(std::size_t end) const { return next_[end]; }
    void restart(std::uint32_t isn) { next_ = {isn + 1, isn + 50'001}; }

    std::array<std::uint8_t, 2> hop_limit{64, 52};
    std::array<std::optional<std::uint16_t>, 2> ids{std::uint16_t{1'000}, std::uint16_t{40'000}};
    bool timestamps = false;

  private:
    Scene& scene_;
    std::array<base::Endpoint, 2> ends_;
    std::array<std::uint32_t, 2> next_{1'001, 500'001};
};

}  // namespace turnpike::inspect::test
