// What a large catalog costs: loading 10,000 rules with 20,000 names and 50,000 prefixes, and
// asking the index, beside a catalog of 50 rules. Every answer is checked before it is timed.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "turnpike/catalog/catalog.h"
#include "turnpike/catalog/index.h"

namespace {

using namespace turnpike;  // NOLINT(google-build-using-namespace): a program of its own

constexpr unsigned rules_per_vendor = 100;

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

// Two names and five networks a rule, no two alike.
void append_rule(std::string& text, unsigned rule) {
    const auto id = std::to_string(rule);
    text += "          - id: r" + id + "\n            purpose: made up\n" +
            "            ports: {tcp: [443], udp: [3478, 10000-20000]}\n" +
            "            names: [\"*.n" + id + ".example.com\", h" + id + ".example.net]\n" +
            "            networks: |\n             ";
    for (unsigned i = 0; i < 5; ++i) {
        const unsigned block = rule * 5 + i;
        text += " 20." + std::to_string(block >> 14U) + "." + std::to_string((block >> 6U) & 255U) +
                "." + std::to_string((block & 63U) * 4U) + "/30";
    }
    text += "\n            expects: [tls, stun]\n";
}

void write_vendor(const std::filesystem::path& directory, unsigned vendor, unsigned rules) {
    const auto id = "v" + std::to_string(vendor);
    std::string text = "vendor: " + id + "\nname: " + id +
                       "\nproducts:\n  - product: calls\n    name: Calls\n    revisions:\n"
                       "      - revision: 2026-01-01\n        date: 2026-01-01\n"
                       "        source: {title: made up, location: nowhere, kind: vendor}\n"
                       "        rules:\n";
    for (unsigned i = 0; i < rules; ++i) {
        append_rule(text, vendor * rules_per_vendor + i);
    }
    std::ofstream(directory / (id + ".yaml")) << text;
}

class GeneratedCatalog {
  public:
    explicit GeneratedCatalog(unsigned rules) {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "turnpike-bench-XXXXXX").string();
        require(::mkdtemp(pattern.data()) != nullptr, "no temporary directory");
        directory_ = pattern;
        for (unsigned done = 0; done < rules; done += rules_per_vendor) {
            write_vendor(directory_, done / rules_per_vendor,
                         std::min(rules_per_vendor, rules - done));
        }
    }
    GeneratedCatalog(const GeneratedCatalog&) = delete;
    GeneratedCatalog& operator=(const GeneratedCatalog&) = delete;
    ~GeneratedCatalog() { std::filesystem::remove_all(directory_); }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  private:
    std::filesystem::path directory_;
};

void load_catalog(benchmark::State& state) {
    const auto rules = static_cast<unsigned>(state.range(0));
    const GeneratedCatalog generated(rules);
    std::size_t names = 0;
    std::size_t prefixes = 0;
    const auto loaded = catalog::load({generated.directory()});
    for (const auto& revision : loaded.revisions()) {
        for (const auto& rule : revision.rules) {
            names += rule.destinations.names.size();
            prefixes += rule.destinations.prefixes.size();
        }
    }
    require(names == 2U * rules && prefixes == 5U * rules, "the catalog lost something");
    for (auto _ : state) {
        benchmark::DoNotOptimize(catalog::load({generated.directory()}));
    }
}
BENCHMARK(load_catalog)->Arg(50)->Arg(10'000)->Unit(benchmark::kMillisecond);

/// A catalog and its index.
struct Indexed {
    explicit Indexed(unsigned rules)
        : catalog(catalog::load({GeneratedCatalog(rules).directory()})), index(catalog.current()) {}
    catalog::Catalog catalog;
    catalog::Index index;
};

void build_index(benchmark::State& state) {
    const Indexed indexed(static_cast<unsigned>(state.range(0)));
    const auto current = indexed.catalog.current();
    for (auto _ : state) {
        benchmark::DoNotOptimize(catalog::Index(current));
    }
}
BENCHMARK(build_index)->Arg(50)->Arg(10'000)->Unit(benchmark::kMillisecond);

void match_name(benchmark::State& state) {
    const Indexed indexed(static_cast<unsigned>(state.range(0)));
    std::vector<catalog::NameMatch> matches;
    indexed.index.match_name("a.b.n7.example.com", matches);
    require(matches.size() == 1 && matches.front().rule->id == "r7", "wrong rule for a name");
    for (auto _ : state) {
        matches.clear();
        indexed.index.match_name("a.b.n7.example.com", matches);
        benchmark::DoNotOptimize(matches.data());
    }
}
BENCHMARK(match_name)->Arg(50)->Arg(10'000);

void match_no_name(benchmark::State& state) {
    const Indexed indexed(static_cast<unsigned>(state.range(0)));
    std::vector<catalog::NameMatch> matches;
    for (auto _ : state) {
        indexed.index.match_name("www.somebody-else.example.org", matches);
        benchmark::DoNotOptimize(matches.data());
    }
    require(matches.empty(), "a rule for nobody's name");
}
BENCHMARK(match_no_name)->Arg(50)->Arg(10'000);

void match_address(benchmark::State& state) {
    const Indexed indexed(static_cast<unsigned>(state.range(0)));
    const auto address = *base::IpAddress::parse("20.0.0.142");  // block 35 = rule 7
    std::vector<catalog::AddressMatch> matches;
    indexed.index.match_address(address, matches);
    require(matches.size() == 1 && matches.front().rule->id == "r7", "wrong rule for an address");
    for (auto _ : state) {
        matches.clear();
        indexed.index.match_address(address, matches);
        benchmark::DoNotOptimize(matches.data());
    }
}
BENCHMARK(match_address)->Arg(50)->Arg(10'000);

}  // namespace
