// Reads a vendor's file: its products, and their revisions.
#include "catalog/vendor_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "catalog/map_reader.h"
#include "catalog/references.h"
#include "catalog/rule_reader.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

Demand read_demand(const YamlNode& node, Mistakes& mistakes) {
    const MapReader map(node, "a demand", {"kind", "text", "seconds"}, mistakes);
    Demand demand;
    if (const auto* kind = map.require("kind")) {
        demand.kind = map.word_of<DemandKind>(*kind).value_or(DemandKind::other);
    }
    demand.text = map.required_text("text");
    demand.seconds = map.count("seconds");
    const bool timeout =
        demand.kind == DemandKind::udp_timeout || demand.kind == DemandKind::tcp_timeout;
    if (demand.seconds && !timeout) {
        map.report(*map.find("seconds"), "only a timeout demand has seconds");
    }
    return demand;
}

Setting read_setting(const YamlNode& node, Mistakes& mistakes) {
    const MapReader map(node, "a setting", {"name", "description", "values"}, mistakes);
    Setting setting;
    setting.name = map.required_identifier("name");
    setting.description = map.required_text("description");
    for (const auto* element : map.elements("values")) {
        if (const auto value = map.scalar(*element)) {
            setting.values.emplace_back(*value);
        }
    }
    return setting;
}

std::vector<std::string> read_identifiers(const MapReader& map, std::string_view key) {
    std::vector<std::string> words;
    for (const auto* element : map.elements(key)) {
        const auto text = map.scalar(*element);
        if (!text) {
            continue;
        }
        if (auto word = parse_identifier(*text)) {
            words.push_back(std::move(*word));
        } else {
            map.report(*element, word.error());
        }
    }
    return words;
}

// Reads one revision; vendor and product are already filled in.
class RevisionReader {
  public:
    RevisionReader(const YamlNode& node, Revision start, Mistakes& mistakes)
        : map_(node, "a revision",
               {"revision", "date", "source", "allow_listing", "use_instead", "settings",
                "includes", "demands", "rules", "notes"},
               mistakes),
          revision_(std::move(start)) {}

    Revision read() {
        revision_.revision = map_.required_identifier("revision");
        revision_.date = map_.day("date");
        revision_.notes = map_.text("notes");
        read_source();
        read_allow_listing();
        for (const auto* element : map_.elements("settings")) {
            revision_.settings.push_back(read_setting(*element, map_.mistakes()));
        }
        for (const auto* element : map_.elements("demands")) {
            revision_.demands.push_back(read_demand(*element, map_.mistakes()));
        }
        for (const auto* element : map_.elements("includes")) {
            if (const auto selector = map_.scalar(*element)) {
                revision_.includes.emplace_back(*selector);
            }
        }
        read_rules();
        return std::move(revision_);
    }

  private:
    void read_source() {
        const auto* node = map_.require("source");
        if (node == nullptr) {
            return;
        }
        const MapReader source(*node, "a source", {"title", "location", "kind", "read_on", "etag"},
                               map_.mistakes());
        revision_.source_title = source.required_text("title");
        revision_.source_location = source.required_text("location");
        revision_.source_kind = source.required_text("kind");
        revision_.read_on = source.day("read_on");
        revision_.etag = source.text("etag");
        if (const auto* kind = source.find("kind"); kind != nullptr &&
                                                    revision_.source_kind != "vendor" &&
                                                    revision_.source_kind != "secondary") {
            source.refuse_word(*kind, revision_.source_kind, {"vendor", "secondary"});
        }
    }

    void read_allow_listing() {
        const auto word = map_.text("allow_listing");
        revision_.allow_listable = word != "impossible";
        revision_.use_instead = map_.text("use_instead");
        if (!word.empty() && word != "impossible" && word != "possible") {
            map_.refuse_word(*map_.find("allow_listing"), word, {"possible", "impossible"});
        }
        if (!revision_.allow_listable && revision_.use_instead.empty()) {
            map_.report(*map_.find("allow_listing"),
                        "\"use_instead\" must say what to use where allow-listing is impossible");
        }
    }

    void read_rules() {
        const auto* node = map_.find("rules");
        if (node == nullptr) {
            if (revision_.allow_listable && revision_.includes.empty()) {
                map_.mistakes().add(map_.place(),
                                    "a revision needs rules, includes, or allow_listing: "
                                    "impossible");
            }
            return;
        }
        if (!revision_.allow_listable) {
            map_.report(*node, "rules contradict allow_listing: impossible");
        }
        std::unordered_set<std::string> ids;
        for (const auto* element : map_.elements(*node)) {
            auto rule = read_rule(*element, map_.mistakes());
            if (!rule.id.empty() && !ids.insert(rule.id).second) {
                map_.report(*element, fmt::format("the rule id \"{}\" occurs twice in {}", rule.id,
                                                  revision_.selector()));
            }
            check_settings(*element, rule);
            revision_.rules.push_back(std::move(rule));
        }
    }

    void check_settings(const YamlNode& node, const Rule& rule) {
        if (const auto name = setting_of(rule.destinations.reference); !name.empty()) {
            require_setting(node, name);
        }
        for (const auto name : placeholders_of(rule.destinations.reference)) {
            require_setting(node, name);
        }
        for (const auto& pattern : rule.destinations.names) {
            for (const auto name : placeholders_of(pattern.text)) {
                require_setting(node, name);
            }
        }
    }

    void require_setting(const YamlNode& node, std::string_view name) {
        if (std::ranges::find(revision_.settings, name, &Setting::name) ==
            revision_.settings.end()) {
            map_.report(node, fmt::format("the setting \"{}\" is not among the revision's settings",
                                          base::escape(name)));
        }
    }

    MapReader map_;
    Revision revision_;
};

void read_product(const YamlNode& node, const Revision& vendor, Mistakes& mistakes,
                  std::vector<PlacedRevision>& result) {
    const MapReader map(
        node, "a product",
        {"product", "name", "aliases", "platform", "superseded_by", "feed", "revisions"}, mistakes);
    Revision start = vendor;
    start.product = map.required_identifier("product");
    start.product_name = map.required_text("name");
    start.platform = map.text("platform");
    start.feed = map.flag("feed");
    start.product_aliases = read_identifiers(map, "aliases");
    for (const auto* element : map.elements("superseded_by")) {
        if (const auto selector = map.scalar(*element)) {
            start.superseded_by.emplace_back(*selector);
        }
    }
    if (map.require("revisions") == nullptr) {
        return;
    }
    for (const auto* element : map.elements("revisions")) {
        start.position = static_cast<unsigned>(result.size());
        result.push_back({RevisionReader(*element, start, mistakes).read(), element->place});
    }
}

}  // namespace

std::vector<PlacedRevision> read_vendor(const std::string& text, Mistakes& mistakes) {
    std::vector<PlacedRevision> result;
    const YamlDocument document(text, mistakes);
    if (document.root() == nullptr || document.root()->kind == YamlNode::Kind::null) {
        if (mistakes.empty()) {
            mistakes.add({1, 1}, "the file is empty");
        }
        return result;
    }
    const MapReader map(*document.root(), "a vendor file",
                        {"vendor", "name", "aliases", "lists", "products"}, mistakes);
    Revision start;
    start.vendor = map.required_identifier("vendor");
    start.vendor_name = map.required_text("name");
    start.vendor_aliases = read_identifiers(map, "aliases");
    start.file = mistakes.file();
    if (map.require("products") != nullptr) {
        for (const auto* element : map.elements("products")) {
            read_product(*element, start, mistakes, result);
        }
    }
    return result;
}

}  // namespace turnpike::catalog
