// DNS messages: what one costs, by what is asked of it. Every benchmark checks its answer before it
// is timed.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "turnpike/facts/dns_record.h"
#include "turnpike/proto/dns.h"

namespace {

using namespace turnpike::proto;
namespace facts = turnpike::facts;

// www.example.com A over a CNAME, with two addresses and OPT.
constexpr std::array<std::uint8_t, 110> response{
    0x2b, 0x7c, 0x81, 0x80, 0x00, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01,  // header
    0x03, 'w',  'w',  'w',  0x07, 'e',  'x',  'a',  'm',  'p',  'l',  'e',   // question
    0x03, 'c',  'o',  'm',  0x00, 0x00, 0x01, 0x00, 0x01,                    // A IN
    0xc0, 0x0c, 0x00, 0x05, 0x00, 0x01, 0x00, 0x00, 0x01, 0x2c, 0x00, 0x06,  // CNAME
    0x03, 'c',  'd',  'n',  0xc0, 0x10,                                      // cdn.example.com
    0xc0, 0x2d, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x3c, 0x00, 0x04,  // A
    0xc0, 0x00, 0x02, 0x07,                                                  // 192.0.2.7
    0xc0, 0x2d, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x3c, 0x00, 0x04,  // A
    0xc0, 0x00, 0x02, 0x08,                                                  // 192.0.2.8
    0x00, 0x00, 0x29, 0x04, 0xd0, 0x00, 0x00, 0x80, 0x00, 0x00, 0x0c,        // OPT, 12 octets
    0x00, 0x0a, 0x00, 0x08, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,  // COOKIE
    0x00, 0x00, 0x00, 0x00};

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

std::size_t count_records(const DnsMessage& message) {
    DnsRecordReader reader(message);
    std::size_t count = 0;
    while (const auto record = reader.next()) {
        benchmark::DoNotOptimize(record->data.data());
        ++count;
    }
    return count;
}

void probe(benchmark::State& state) {
    require(probe_dns(response) == Likelihood::yes);
    for (auto _ : state) {
        benchmark::DoNotOptimize(probe_dns(response));
    }
}
BENCHMARK(probe);

void decode_question(benchmark::State& state) {
    require(decode_dns(response).value().question.type == 1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(decode_dns(response));
    }
}
BENCHMARK(decode_question);

void decode_and_walk(benchmark::State& state) {
    require(count_records(decode_dns(response).value()) == 4);
    for (auto _ : state) {
        const auto message = decode_dns(response);
        benchmark::DoNotOptimize(count_records(*message));
    }
}
BENCHMARK(decode_and_walk);

void render_a_compressed_name(benchmark::State& state) {
    const auto message = decode_dns(response);
    DnsRecordReader reader(message.value());
    reader.next();
    const auto owner = reader.next().value().owner;
    NameBuffer buffer;
    require(render_name(owner, buffer) == "cdn.example.com");
    for (auto _ : state) {
        benchmark::DoNotOptimize(render_name(owner, buffer).data());
    }
}
BENCHMARK(render_a_compressed_name);

void render_an_address(benchmark::State& state) {
    const auto message = decode_dns(response);
    DnsRecordReader reader(message.value());
    reader.next();
    const auto record = reader.next().value();
    std::string octets;
    copy_rdata(*message, record, octets);
    std::string text;
    facts::render_dns_record(record.type, octets, text);
    require(text == "192.0.2.7");
    for (auto _ : state) {
        text.clear();
        facts::render_dns_record(record.type, octets, text);
        benchmark::DoNotOptimize(text.data());
    }
}
BENCHMARK(render_an_address);

}  // namespace
