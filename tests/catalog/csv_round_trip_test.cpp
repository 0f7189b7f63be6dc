// Every rule of the built-in catalog, written as CSV and read back.
#include <fmt/core.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "catalog/render_text.h"
#include "turnpike/catalog/export.h"
#include "turnpike/catalog/import.h"

namespace turnpike::catalog {
namespace {

std::string text_of(const std::vector<Circumstance>& when) {
    std::string text;
    for (const auto& one : when) {
        text += fmt::format(" {}=[{}]", one.key, fmt::join(one.values, "|"));
    }
    return text;
}

// The order of transports is the file's, not the rule's.
std::string text_of(std::vector<PortItem> ports) {
    std::ranges::stable_sort(ports, {}, &PortItem::transport);
    std::string text;
    for (const auto& port : ports) {
        text += fmt::format(" {} {} {}-{} {} {} \"{}\"{};", to_string(port.transport), port.text,
                            port.first, port.last, port.stated,
                            port.level ? to_string(*port.level) : "", port.condition,
                            text_of(port.when));
    }
    return text;
}

std::string text_of(const Destinations& all) {
    std::string text =
        fmt::format("{} {} \"{}\"", all.any, all.any_without_wildcards, all.reference);
    for (const auto& name : all.names) {
        text += fmt::format(" {} {} \"{}\"", name.text, name.shared, name.note);
    }
    for (const auto& network : all.prefixes) {
        text += fmt::format(" {} {} \"{}\"", to_string(network), network.shared, network.note);
    }
    return text;
}

template <typename T>
std::string words(const std::vector<T>& values) {
    std::string text;
    for (const auto value : values) {
        text += fmt::format(" {}", to_string(value));
    }
    return text;
}

// Every member of a rule.
std::string text_of(const Rule& rule) {
    auto text = fmt::format("{}: {} | {} {} | ports{} from{} | {}", rule.id, rule.purpose,
                            to_string(rule.direction), to_string(rule.duplex), text_of(rule.ports),
                            text_of(rule.source_ports), text_of(rule.destinations));
    text +=
        fmt::format(" | {} \"{}\"{} | expects{} carries{}", to_string(rule.level), rule.condition,
                    text_of(rule.when), words(rule.expects), words(rule.carries));
    text += fmt::format(" | {} {} {} {} | {} {} {} {}", rule.alternative_group,
                        rule.alternative_branch, rule.preference, to_string(rule.media_by),
                        day_text(rule.effective_from), day_text(rule.effective_until),
                        to_string(rule.lifecycle), to_string(rule.tier));
    return text + fmt::format(" | {} | {} | {} | {} | {}", rule.lost_feature, rule.notes,
                              fmt::join(rule.inferred, " "), rule.as_printed,
                              fmt::join(rule.probe_names, " "));
}

std::vector<std::string> texts_of(const Revision& revision) {
    std::vector<std::string> texts;
    for (const auto& rule : revision.rules) {
        texts.push_back(text_of(rule));
    }
    return texts;
}

std::string csv_of(const Revision& revision) {
    Export all;
    for (const auto& rule : revision.rules) {
        for (const auto& port : rule.ports) {
            all.entries.push_back({&revision, &rule, &port, {}});
        }
        if (rule.ports.empty()) {
            all.entries.push_back({&revision, &rule, nullptr, {}});
        }
    }
    return render_export(all, Firewall::csv).text;
}

TEST(CsvRoundTrip, EveryRuleOfTheCatalogComesBackAsItWas) {
    const auto catalog = load({std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog"});
    std::size_t rules = 0;
    for (const auto& revision : catalog.revisions()) {
        if (revision.rules.empty()) {
            continue;
        }
        SCOPED_TRACE(revision.selector());
        const auto imported = import_text(ImportKind::csv, csv_of(revision), "csv", {});
        const auto again = parse_catalog(render_yaml(imported), "yaml");
        ASSERT_EQ(again.revisions().size(), 1U);
        EXPECT_EQ(again.revisions().front().selector(), revision.selector());
        EXPECT_EQ(texts_of(again.revisions().front()), texts_of(revision));
        rules += revision.rules.size();
    }
    EXPECT_GT(rules, 500U);
}

// What the built-in rules may not happen to hold all of.
TEST(CsvRoundTrip, EveryColumnComesBack) {
    const auto catalog = parse_catalog(R"(vendor: v
name: V
products:
  - product: p
    name: P
    revisions:
      - revision: 2026-01-02
        date: 2026-01-02
        source: {title: t, location: l, kind: vendor}
        rules:
          - id: a
            purpose: "a, \"b\""
            level: conditional
            condition: from 2.9.0 on
            when: {version: ">=2.9.0", region: [eu, us]}
            direction: both
            ports:
              udp: [3478, {port: 10-20, condition: old, when: {version: "<1"}, level: optional}]
              tcp: unstated
            source_ports: {udp: [4000-4100]}
            names: [{name: "*.cloudfront.net", shared: true, note: user avatars}, x.example.com]
            networks: [{network: 192.0.2.0/24, shared: true, note: Amazon CloudFront}, "2001:db8::/32"]
            destination: [any-without-wildcards, "feed:v/f one"]
            simplex: true
            expects: [tls, wss, turns]
            carries: [signaling, media]
            alternative: {group: g, branch: b, preference: 2, media_by: volume}
            tier: better
            without_it: nothing works
            effective: {from: 2026-01-02, until: 2026-02-03}
            inferred: [level, expects]
            as_printed: true
            probe: [d1.cloudfront.net, x.example.com]
            notes: "first; second"
)",
                                       "yaml");
    const auto& revision = catalog.revisions().front();
    const auto imported = import_text(ImportKind::csv, csv_of(revision), "csv", {});
    const auto again = parse_catalog(render_yaml(imported), "yaml");
    EXPECT_EQ(texts_of(again.revisions().front()), texts_of(revision));
}

}  // namespace
}  // namespace turnpike::catalog
