// Attribution and verdicts of an office's flows against a small and a very large catalog: the cost
// must not depend on the catalog's size.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "support/observation.h"
#include "turnpike/attribute/attributor.h"
#include "turnpike/catalog/index.h"

namespace {

using namespace turnpike;
using catalog::Transport;

constexpr int flow_count = 20'000;

/// One vendor whose traffic is in the observation, and as many others as make `rules` rules.
std::vector<catalog::Revision> make_catalog(int rules) {
    std::vector<catalog::Revision> revisions;
    revisions.push_back(support::revision(
        "acme", "calls",
        {support::rule("signal", {support::port(Transport::tcp, 443)}, {"*.acme.example.com"}),
         support::any_rule("direct")}));
    for (int i = 0; i + 2 < rules; ++i) {
        const auto vendor = "vendor" + std::to_string(i);
        auto rule =
            support::rule("row", {support::port(Transport::tcp, 443)},
                          {"*." + vendor + ".example.net", "api." + vendor + ".example.org"});
        for (int block = 0; block < 5; ++block) {
            const auto number = static_cast<std::uint32_t>(i * 5 + block);
            rule.destinations.prefixes.emplace_back(
                base::Prefix{base::IpAddress::v4(0x0b000000U + (number << 8U)), 24});
        }
        revisions.push_back(support::revision(vendor, "calls", {std::move(rule)}));
    }
    return revisions;
}

/// One flow in ten is the vendor's; the others are an office's.
void fill(support::ObservationBuilder& builder) {
    for (int i = 0; i < flow_count; ++i) {
        const auto server =
            base::to_string(base::IpAddress::v4(0xc6336400U + static_cast<unsigned>(i % 250)));
        const auto name = i % 10 == 0 ? "n" + std::to_string(i) + ".acme.example.com"
                                      : "www" + std::to_string(i) + ".example.edu";
        builder.connection(server, 443, name, i * 0.001);
    }
}

void evaluate(benchmark::State& state) {
    support::ObservationBuilder builder;
    fill(builder);
    const auto revisions = make_catalog(static_cast<int>(state.range(0)));
    std::vector<const catalog::Revision*> considered;
    for (const auto& revision : revisions) {
        considered.push_back(&revision);
    }
    const catalog::Index index(considered);
    const attribute::Hosts hosts(builder.observation);
    for (auto _ : state) {
        const attribute::Attributor attributor(builder.observation, index, true);
        auto flows = attributor.by_destination();
        attributor.by_context(std::vector<bool>(flows.size(), true), hosts, flows);
        std::size_t attributed = 0;
        for (const auto& flow : flows) {
            attributed += flow->rules.empty() ? 0U : 1U;
        }
        if (attributed != flow_count / 10) {
            state.SkipWithError("wrong attributions");
            return;
        }
    }
    state.SetItemsProcessed(state.iterations() * flow_count);
}

BENCHMARK(evaluate)
    ->Name("attribute_20000_flows/rules")
    ->Arg(50)
    ->Arg(10'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
