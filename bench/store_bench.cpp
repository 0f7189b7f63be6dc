// The database writer on what a large capture leaves: 200,000 flows and 500,000 other facts.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "sample_flow.h"
#include "turnpike/facts/facts.h"
#include "turnpike/store/reader.h"
#include "turnpike/store/writer.h"
#include "turnpike/verdict/result.h"

namespace turnpike {
namespace {

using bench::mark;

constexpr std::uint32_t flow_count = 200'000;
constexpr std::uint32_t query_count = 250'000;
constexpr std::uint32_t hello_count = 150'000;
constexpr std::uint32_t transaction_count = 60'000;
constexpr std::uint32_t stream_count = 40'000;

struct LargeRun {
    facts::Observation observation;
    verdict::RunResult result;
};

void add_flows(LargeRun& run) {
    for (std::uint32_t i = 0; i < flow_count; ++i) {
        facts::Flow flow = bench::flow(i);
        flow.transport = i % 3 == 0 ? facts::Transport::udp : facts::Transport::tcp;
        run.observation.flows.push_back(std::move(flow));
        verdict::FlowVerdict verdict;
        verdict.outcome = verdict::Outcome::passed;
        verdict.stage = verdict::Stage::tls;
        verdict.evidence = {i * 14ULL + 1, i * 14ULL + 2, i * 14ULL + 6};
        verdict.attribution.make().server_name =
            "edge" + std::to_string(i % 1000) + ".calls.example.com";
        verdict.attribution.make().server_name_source = facts::NameSource::sni;
        run.result.flows.push_back(std::move(verdict));
    }
}

void add_other_facts(LargeRun& run) {
    auto& facts = run.observation;
    for (std::uint32_t i = 0; i < query_count; ++i) {
        facts::DnsQuery query;
        query.id = i + 1;
        query.flow = i % flow_count;
        query.query = mark(i);
        query.client = base::IpAddress::v4(0x0a000000U + i % 5000);
        query.resolver = {base::IpAddress::v4(0x0a000001U), 53};
        query.name = "edge" + std::to_string(i % 1000) + ".calls.example.com";
        query.type = 1;
        query.rcode = 0;
        query.add_answer(1, 60, base::IpAddress::v4(0xc6336400U + i % 20'000));
        facts.dns.push_back(std::move(query));
    }
    for (std::uint32_t i = 0; i < hello_count; ++i) {
        facts::TlsHello hello;
        hello.id = i + 1;
        hello.flow = i % flow_count;
        hello.at = mark(i);
        hello.sni = "edge" + std::to_string(i % 1000) + ".calls.example.com";
        hello.alpn = "h2,http/1.1";
        hello.version = 0x0304;
        hello.ja4 = "t13d1516h2_8daaf6152771_b186095e22b6";
        facts.hellos.push_back(std::move(hello));
    }
    for (std::uint32_t i = 0; i < transaction_count; ++i) {
        facts::StunTransaction transaction;
        transaction.id = i + 1;
        transaction.flow = i % flow_count;
        transaction.request = mark(i);
        transaction.method = 1;
        transaction.outcome = facts::StunOutcome::success;
        transaction.round_trip = std::chrono::microseconds{18'300};
        transaction.mapped = {base::IpAddress::v4(0xcb007105U), 61000};
        facts.stun.push_back(std::move(transaction));
    }
    for (std::uint32_t i = 0; i < stream_count; ++i) {
        facts::RtpStream stream;
        stream.id = i + 1;
        stream.flow = i % flow_count;
        stream.ssrc = i * 2654435761U;
        stream.payload_type = 111;
        stream.packets = 1000;
        stream.first = mark(i);
        stream.last = mark(i + 1);
        facts.rtp.push_back(stream);
    }
}

const LargeRun& large_run() {
    static const LargeRun run = [] {
        LargeRun made;
        add_flows(made);
        add_other_facts(made);
        return made;
    }();
    return run;
}

std::filesystem::path place() {
    const char* directory = std::getenv("TURNPIKE_BENCH_DIR");
    return std::filesystem::path(directory != nullptr ? directory : "/tmp") / "store_bench.db";
}

void write_large_run(benchmark::State& state) {
    const auto& run = large_run();
    const auto path = place();
    for (auto _ : state) {
        state.PauseTiming();
        std::filesystem::remove(path);
        state.ResumeTiming();
        store::Writer writer(path);
        writer.begin({});
        writer.write_facts(run.observation);
        writer.write_verdicts(run.observation, run.result);
        writer.end(run.observation.quality, true);
    }
    std::uint64_t flows = 0;
    store::Reader reader(path);
    reader.each_row("flows", 1, [&](auto) { ++flows; });
    if (flows != flow_count || reader.runs().at(0).flows_passed != flow_count) {
        state.SkipWithError("the database does not hold what was written");
    }
    state.counters["bytes"] = static_cast<double>(std::filesystem::file_size(path));
    std::filesystem::remove(path);
}
BENCHMARK(write_large_run)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace turnpike
