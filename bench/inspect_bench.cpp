// What inspection costs a packet: media as it comes from a conference, plain and through a relay,
// and connections that come and go. Answers are checked before anything is timed.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "turnpike/inspect/inspector.h"

namespace {

using turnpike::base::Endpoint;
using turnpike::base::IpAddress;
using turnpike::wire::Packet;
namespace inspect = turnpike::inspect;
namespace wire = turnpike::wire;
namespace base = turnpike::base;

using Octets = std::vector<std::uint8_t>;

constexpr std::uint32_t first_client = 0x0a000001;
constexpr std::uint32_t relay_address = 0xc0000201;
constexpr std::size_t media_size = 172;

/// A conference: calls with a stream each way, whose packets take turns.
class Call {
  public:
    Call(std::size_t calls, bool relayed) : relayed_(relayed) {
        for (std::size_t i = 0; i < calls; ++i) {
            Octets payload;
            if (relayed_) {
                payload = {0x40, 0x01, 0, media_size};
            }
            payload.resize(payload.size() + media_size, 0xd5);
            payloads_.push_back(payload);
        }
    }
    /// What comes before the media: an Allocate and its answer, or an ICE check.
    void open(inspect::Inspector& inspector) {
        for (std::size_t i = 0; i < payloads_.size(); ++i) {
            Octets request{0, 3, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0};
            request.push_back(static_cast<std::uint8_t>(i >> 24U));
            request.push_back(static_cast<std::uint8_t>(i >> 16U));
            request.push_back(static_cast<std::uint8_t>(i >> 8U));
            request.push_back(static_cast<std::uint8_t>(i));
            if (!relayed_) {
                request[1] = 1;
            }
            feed(inspector, packet(i, true, request));
            request[0] = 1;
            feed(inspector, packet(i, false, request));
        }
    }
    /// One packet of every call each way.
    void round(inspect::Inspector& inspector) {
        ++sequence_;
        for (std::size_t i = 0; i < payloads_.size(); ++i) {
            for (const bool out : {true, false}) {
                Octets& payload = payloads_[i];
                std::uint8_t* const rtp = payload.data() + (relayed_ ? 4 : 0);
                rtp[0] = 0x80;
                rtp[1] = 0;
                rtp[2] = static_cast<std::uint8_t>(sequence_ >> 8U);
                rtp[3] = static_cast<std::uint8_t>(sequence_);
                rtp[6] = static_cast<std::uint8_t>((sequence_ * 160) >> 8U);
                rtp[7] = static_cast<std::uint8_t>(sequence_ * 160);
                rtp[8] = out ? 1 : 2;
                feed(inspector, packet(i, out, payload));
            }
        }
    }

  private:
    Packet packet(std::size_t call, bool out, const Octets& payload) {
        Packet made;
        const Endpoint client{IpAddress::v4(first_client + static_cast<std::uint32_t>(call >> 4U)),
                              static_cast<std::uint16_t>(50'000 + (call & 15U))};
        const Endpoint server{IpAddress::v4(relay_address), 3'478};
        made.source = out ? client.address : server.address;
        made.destination = out ? server.address : client.address;
        made.source_port = out ? client.port : server.port;
        made.destination_port = out ? server.port : client.port;
        made.protocol = wire::ip_protocol::udp;
        made.transport = wire::TransportKind::udp;
        made.hop_limit = 64;
        made.ip_id = static_cast<std::uint16_t>(number_ + 1);
        made.payload = payload;
        made.payload_length = static_cast<std::uint32_t>(payload.size());
        made.ip_length = 28 + made.payload_length;
        return made;
    }
    void feed(inspect::Inspector& inspector, Packet made) {
        made.number = ++number_;
        made.time = base::from_nanoseconds(static_cast<std::int64_t>(number_) * 2'000);
        inspector.frame(made.time, made.number, made.ip_length + 14, made.ip_length + 14);
        inspector.inspect(made);
    }

    bool relayed_;
    std::vector<Octets> payloads_;
    std::uint64_t number_ = 0;
    std::uint32_t sequence_ = 0;
};

void require(bool answer, const char* what) {
    if (!answer) {
        std::fprintf(stderr, "wrong answer: %s\n", what);
        std::abort();
    }
}

void check(bool relayed) {
    inspect::Inspector inspector({.hash_seed = 1});
    Call call(3, relayed);
    call.open(inspector);
    constexpr int rounds = 50;
    for (int i = 0; i < rounds; ++i) {
        call.round(inspector);
    }
    inspector.finish();
    const auto& seen = inspector.observation();
    require(seen.flows.size() == 3, "flows");
    require(seen.rtp.size() == 6, "streams");
    require(seen.rtp[0].packets == rounds && seen.rtp[0].lost == 0, "packets");
    require(seen.flows[0].media->through_relay == relayed, "relayed");
    require(seen.quality.duplicates == 0, "copies");
}

void media(benchmark::State& state, bool relayed) {
    check(relayed);
    inspect::Inspector inspector({.hash_seed = 1});
    const auto calls = static_cast<std::size_t>(state.range(0));
    Call call(calls, relayed);
    call.open(inspector);
    for (int i = 0; i < 4; ++i) {
        call.round(inspector);
    }
    for (auto _ : state) {
        call.round(inspector);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(calls) * 2);
}

void plain_media(benchmark::State& state) {
    media(state, false);
}
void relayed_media(benchmark::State& state) {
    media(state, true);
}

}  // namespace

BENCHMARK(plain_media)->Arg(10)->Arg(1'000)->Arg(20'000);
BENCHMARK(relayed_media)->Arg(10)->Arg(1'000)->Arg(20'000);
