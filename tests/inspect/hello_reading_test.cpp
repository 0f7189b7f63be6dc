// A ClientHello read ahead of time: only a whole one, and only where the stream has it.
#include "turnpike/inspect/hello_reading.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/messages.h"
#include "support/scene.h"

namespace turnpike::inspect::test {
namespace {

constexpr std::size_t headers = 9;  // of the record and the message

TEST(HelloReader, ReadsAWholeHello) {
    HelloReader reader(base::HashKey(1));
    const Octets segment = tls_client_hello("meet.example");
    HelloReading reading;
    ASSERT_TRUE(reader.read(segment, reading));
    EXPECT_EQ(reading.body.data(), segment.data() + headers);
    EXPECT_EQ(reading.body.size(), segment.size() - headers);
    ASSERT_TRUE(reading.hello);
    EXPECT_EQ(reading.hello->server_name, "meet.example");
    proto::Ja4Writer writer(base::HashKey(2));
    EXPECT_EQ(reading.ja4.view(), writer.write(*reading.hello, proto::Ja4Carrier::tcp));
}

TEST(HelloReader, LeavesNothingOfTheHelloBefore) {
    HelloReader reader(base::HashKey(1));
    HelloReading reading;
    ASSERT_TRUE(reader.read(tls_client_hello("meet.example"), reading));
    // Its body is too short for a hello.
    ASSERT_TRUE(reader.read(tls_record(22, handshake(1, Octets(3))), reading));
    EXPECT_FALSE(reading.hello);
    EXPECT_TRUE(reading.ja4.empty());
}

TEST(HelloReader, ReadsNothingElse) {
    HelloReader reader(base::HashKey(1));
    const Octets hello = tls_client_hello("meet.example");
    HelloReading reading;
    for (std::size_t kept = 0; kept < hello.size(); ++kept) {
        EXPECT_FALSE(reader.read(base::Bytes(hello).first(kept), reading)) << kept;
    }
    const Octets body = client_hello_body("meet.example");
    EXPECT_FALSE(reader.read(tls_record(23, handshake(1, body)), reading));
    EXPECT_FALSE(reader.read(tls_record(22, handshake(2, body)), reading));
    Octets in_two_records = hello;
    --in_two_records[4];  // its last octet is another record's
    EXPECT_FALSE(reader.read(in_two_records, reading));
}

/// Plays a connection whose segments were read ahead of time, and marks what was read.
class ReadAheadScene {
  public:
    void play(std::uint8_t flags, std::uint32_t sequence, base::Bytes payload,
              base::Bytes read = {}) {
        wire::Packet packet =
            Scene::ip(endpoint("192.0.2.1", 50000), endpoint("198.51.100.7", 443));
        packet.time = base::from_nanoseconds(1'700'000'000'000'000'000);
        packet.number = ++number_;
        packet.transport = wire::TransportKind::tcp;
        packet.protocol = wire::ip_protocol::tcp;
        packet.ip_id = static_cast<std::uint16_t>(number_);
        packet.tcp.flags = flags;
        packet.tcp.sequence = sequence;
        packet.payload = payload;
        packet.payload_length = static_cast<std::uint32_t>(payload.size());
        packet.ip_length = 40 + packet.payload_length;
        Placed placed;
        inspector_.placer().place({&packet, 1}, {&placed, 1});
        HelloReading reading;
        if (reader_.read(read, reading)) {
            reading.ja4 = "read ahead";
            placed.reading = &reading;
        }
        inspector_.inspect({&packet, 1}, {&placed, 1});
    }
    const facts::Observation& finish() {
        inspector_.finish();
        return inspector_.observation();
    }

  private:
    Inspector inspector_{Options{.look_ahead_packets = 1, .hash_seed = 1}};
    HelloReader reader_{base::HashKey(1)};
    std::uint64_t number_ = 0;
};

TEST(HelloReading, IsTakenForTheMessageThatItIs) {
    const Octets hello = tls_client_hello("meet.example");
    ReadAheadScene scene;
    scene.play(wire::tcp_flag::syn, 99, {});
    scene.play(wire::tcp_flag::ack, 100, hello, hello);
    const auto& observation = scene.finish();
    ASSERT_EQ(observation.hellos.size(), 1U);
    EXPECT_EQ(observation.hellos[0].sni, "meet.example");
    EXPECT_EQ(observation.hellos[0].ja4.view(), "read ahead");
}

// The stream has the message from two segments, the second of which looks like a hello by itself.
TEST(HelloReading, IsLeftWhereTheStreamSaysSomethingElse) {
    const Octets other = tls_client_hello("other.example");
    const Octets hello = tls_record(22, handshake(1, client_hello_body("meet.example", "h2", 300)));
    const base::Bytes front = base::Bytes(hello).first(100);
    ReadAheadScene scene;
    scene.play(wire::tcp_flag::syn, 99, {});
    scene.play(wire::tcp_flag::ack, 100, front);
    scene.play(wire::tcp_flag::ack, 200, base::Bytes(hello).subspan(100), other);
    const auto& observation = scene.finish();
    ASSERT_EQ(observation.hellos.size(), 1U);
    EXPECT_EQ(observation.hellos[0].sni, "meet.example");
    EXPECT_NE(observation.hellos[0].ja4.view(), "read ahead");
}

}  // namespace
}  // namespace turnpike::inspect::test
