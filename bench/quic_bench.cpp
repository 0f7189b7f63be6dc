// QUIC: what reading the first Initial of a connection costs. Every benchmark checks its answer
// before it is timed.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/proto/gquic.h"
#include "turnpike/proto/quic_reader.h"

namespace {

using namespace turnpike::proto;
using turnpike::base::Bytes;
using Octets = std::vector<std::uint8_t>;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

Octets from_hex(std::string_view hex) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    Octets octets;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        octets.push_back(static_cast<std::uint8_t>(16 * digit(hex[i]) + digit(hex[i + 1])));
    }
    return octets;
}

/// RFC 9001 A: the id of the keys, and the server's Initial of A.3 (an ACK and a ServerHello).
Octets example_id() {
    return from_hex("8394c8f03e515708");
}
Octets server_initial() {
    return from_hex(
        "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c697975"
        "54780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bde"
        "d74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407d"
        "d074ee");
}

/// RFC 9001 A.2: the frame in the client's Initial.
Octets client_frames() {
    Octets frames = from_hex(
        "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c0000"
        "0413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017"
        "001800100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559f"
        "edba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306030203080408"
        "050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff080110"
        "0104800075300901100f088394c8f03e51570806048000ffff");
    frames.resize(1162, 0);
    return frames;
}

void derive_initial_keys(benchmark::State& state) {
    QuicOpener opener;
    const Octets id = example_id();
    require(opener.derive(quic_v1, id, QuicSide::client).value().key[0] == 0x1f);
    for (auto _ : state) {
        benchmark::DoNotOptimize(opener.derive(quic_v1, id, QuicSide::client));
    }
}
BENCHMARK(derive_initial_keys);

void open_an_initial(benchmark::State& state) {
    QuicOpener opener;
    const auto keys = opener.derive(quic_v1, example_id(), QuicSide::server).value();
    const Octets datagram = server_initial();
    Bytes rest{datagram};
    const auto packet = decode_quic_packet(rest).value();
    require(opener.open(packet, keys).value().payload.size() == 99);
    for (auto _ : state) {
        benchmark::DoNotOptimize(opener.open(packet, keys));
    }
}
BENCHMARK(open_an_initial);

void decode_a_long_header(benchmark::State& state) {
    const Octets datagram = server_initial();
    for (auto _ : state) {
        Bytes rest{datagram};
        const auto packet = decode_quic_packet(rest);
        require(packet && packet->type == QuicPacketType::initial);
        benchmark::DoNotOptimize(packet);
    }
}
BENCHMARK(decode_a_long_header);

/// Frames, stream and ClientHello of an opened Initial, with memory kept from one to the next.
void read_the_frames_of_an_initial(benchmark::State& state) {
    const Octets frames = client_frames();
    CryptoStream stream;
    for (auto _ : state) {
        stream.reset();
        Bytes rest{frames};
        while (!rest.empty()) {
            const auto frame = decode_quic_frame(rest).value();
            if (frame.type == QuicFrame::Type::crypto) {
                require(stream.add(frame.offset, frame.data).has_value());
            }
        }
        const auto hello = decode_client_hello(stream.next().value().body);
        require(hello && hello->server_name == "example.com");
    }
}
BENCHMARK(read_the_frames_of_an_initial);

/// What most datagrams of a QUIC call are: a short header that is only looked at.
void probe_a_short_header(benchmark::State& state) {
    const Octets datagram(1200, 0x41);
    require(probe_quic(datagram) == Likelihood::maybe);
    for (auto _ : state) {
        benchmark::DoNotOptimize(probe_quic(datagram));
    }
}
BENCHMARK(probe_a_short_header);

/// What every UDP payload without a 5-tuple known yet is asked.
void probe_gquic_of_rtp(benchmark::State& state) {
    const Octets datagram(172, 0x80);
    require(probe_gquic(datagram) == Likelihood::no);
    for (auto _ : state) {
        benchmark::DoNotOptimize(probe_gquic(datagram));
    }
}
BENCHMARK(probe_gquic_of_rtp);

}  // namespace
