// One second's commit of a live run: 200,000 flows in memory, the whole catalog asked for.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "sample_flow.h"
#include "turnpike/base/error.h"
#include "turnpike/catalog/catalog.h"
#include "turnpike/store/live_writer.h"
#include "turnpike/store/reader.h"

namespace turnpike {
namespace {

using bench::mark;

constexpr std::uint32_t flow_count = 200'000;
constexpr std::uint32_t changed_count = 20'000;

struct LiveRun {
    catalog::Catalog catalog;
    facts::Observation observation;
    verdict::RunResult result;
    std::vector<std::uint32_t> changed;
};

void add_requirements(LiveRun& run) {
    run.catalog = catalog::load({std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog"});
    run.result.considered = run.catalog.current();
    for (const auto* revision : run.result.considered) {
        for (const auto& requirement : catalog::requirements_of(*revision)) {
            auto& verdict = run.result.requirements.emplace_back();
            const auto first = static_cast<std::uint32_t>(run.result.requirements.size());
            verdict.requirement = requirement;
            verdict.status = verdict::Status::observed;
            verdict.flows = {first, first + 1, first + 2, first + 3};
            verdict.first_seen = verdict.last_seen = mark(first).time;
        }
        for (const auto& rule : revision->rules) {
            for (const auto& pattern : rule.destinations.names) {
                run.result.domains.push_back(
                    {revision, &rule, pattern.text, verdict::Status::unmatched, {}, {}, {}});
            }
        }
    }
}

// Every fifth flow belongs to a vendor and has a story.
void add_flow(LiveRun& run, std::uint32_t i) {
    facts::Flow flow = bench::flow(i);
    auto& tcp = flow.tcp.make();
    tcp.syn = flow.client().first;
    tcp.syn_ack = mark(i * 14ULL + 2);
    verdict::FlowVerdict verdict;
    verdict.outcome = verdict::Outcome::passed;
    verdict.evidence = {i * 14ULL + 1, i * 14ULL + 2, i * 14ULL + 6};
    verdict.attribution.make().server_name =
        "edge" + std::to_string(i % 1000) + ".calls.example.com";
    verdict.attribution.make().server_name_source = facts::NameSource::sni;
    if (i % 5 == 0) {
        const auto& claimed = run.result.requirements[i % run.result.requirements.size()];
        auto& attribution = verdict.attribution.make().rules.emplace_back();
        attribution.revision = claimed.requirement.revision;
        attribution.rule = claimed.requirement.rule;
        attribution.port = claimed.requirement.port;
        attribution.confidence = attribute::Confidence::exact;
        attribution.matched = "*.calls.example.com";
    }
    run.observation.flows.push_back(std::move(flow));
    run.result.flows.push_back(std::move(verdict));
}

void add_facts(LiveRun& run, std::uint32_t i) {
    facts::DnsQuery query;
    query.id = i + 1;
    query.flow = i;
    query.query = mark(i);
    query.client = base::IpAddress::v4(0x0a000000U + i % 5000);
    query.resolver = {base::IpAddress::v4(0x0a000001U), 53};
    query.name = "edge" + std::to_string(i % 1000) + ".calls.example.com";
    query.type = 1;
    query.rcode = 0;
    query.add_answer(1, 60, base::IpAddress::v4(0xc6336400U + i % 20'000));
    run.observation.dns.push_back(std::move(query));
    facts::RtpStream stream;
    stream.id = i + 1;
    stream.flow = i;
    stream.packets = 1000;
    stream.first = mark(i);
    stream.last = mark(i + 1);
    run.observation.rtp.push_back(stream);
}

LiveRun& live_run() {
    static LiveRun run = [] {
        LiveRun made;
        add_requirements(made);
        for (std::uint32_t i = 0; i < flow_count; ++i) {
            add_flow(made, i);
        }
        for (std::uint32_t i = 0; i < changed_count / 2; ++i) {
            add_facts(made, i);
        }
        return made;
    }();
    return run;
}

// Commits a second in which every `every`th flow changed, half of them with their verdicts.
void commit(benchmark::State& state) {
    auto& run = live_run();
    const char* directory = std::getenv("TURNPIKE_BENCH_DIR");
    const auto path = std::filesystem::path(directory != nullptr ? directory : "/tmp") / "live.db";
    std::filesystem::remove(path);
    const auto flows = static_cast<std::uint32_t>(state.range(0));
    std::vector<std::uint32_t> all(flow_count);
    std::iota(all.begin(), all.end(), 0U);
    facts::EachKind<store::RowIndexes> facts;
    facts.of<facts::DnsKind>() = std::span(all).first(flows / 2);
    facts.of<facts::RtpKind>() = std::span(all).first(flows / 2);
    {
        store::LiveWriter writer(path);
        writer.begin({});
        writer.commit({.observation = run.observation,
                       .result = run.result,
                       .flows = all,
                       .verdicts = all,
                       .rows = facts,
                       .quality = {},
                       .counts = {}});
        std::uint32_t first = 0;
        for (auto _ : state) {
            const std::span changed = std::span(all).subspan(first, flows);
            first = (first + flows) % (flow_count - flows);
            ++run.observation.quality.packets;
            for (const std::uint32_t index : changed) {
                ++run.observation.flows[index].client().packets;
            }
            writer.commit({.observation = run.observation,
                           .result = run.result,
                           .flows = changed,
                           .verdicts = changed.first(flows / 2),
                           .rows = facts,
                           .quality = run.observation.quality,
                           .counts = {}});
        }
        writer.end(true);
    }
    if (store::Reader(path).runs().at(0).packets != run.observation.quality.packets) {
        state.SkipWithError("the database does not hold what was written");
    }
    state.counters["requirements"] = static_cast<double>(run.result.requirements.size());
    state.counters["bytes"] = static_cast<double>(std::filesystem::file_size(path));
    std::filesystem::remove(path);
}
BENCHMARK(commit)->ArgName("flows")->Arg(0)->Arg(2'000)->Arg(20'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace turnpike
