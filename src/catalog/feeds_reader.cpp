// Reads the entries of feeds.yaml one by one.
#include "catalog/feeds_reader.h"

#include <utility>

#include "catalog/map_reader.h"
#include "catalog/references.h"
#include "turnpike/catalog/import.h"

namespace turnpike::catalog {
namespace {

std::vector<std::string> words_of(const MapReader& map, std::string_view key) {
    std::vector<std::string> words;
    for (const auto* element : map.elements(key)) {
        if (const auto word = map.scalar(*element)) {
            words.emplace_back(*word);
        }
    }
    return words;
}

void read_selector(const MapReader& map, Feed& feed) {
    const auto text = map.required_text("feed");
    const auto as_reference = "feed:" + text;
    const auto reference = feed_of(as_reference);
    if (reference && reference->words.empty()) {
        feed.vendor = reference->vendor;
        feed.product = reference->product;
    } else if (!text.empty()) {
        map.report(*map.find("feed"), "must be vendor/product, the product that holds the list");
    }
}

Feed read_feed(const YamlNode& node, Mistakes& mistakes) {
    const MapReader map(node, "a feed",
                        {"feed", "name", "kind", "location", "services", "shared", "notes"},
                        mistakes);
    Feed feed;
    read_selector(map, feed);
    feed.name = map.required_text("name");
    feed.kind = map.required_text("kind");
    feed.location = map.required_text("location");
    feed.services = words_of(map, "services");
    feed.shared = words_of(map, "shared");
    if (const auto kind = parse_import_kind(feed.kind);
        !feed.kind.empty() &&
        (!kind || *kind == ImportKind::csv || *kind == ImportKind::document)) {
        map.refuse_word(*map.find("kind"), feed.kind,
                        {"microsoft365", "aws", "google", "cidrs", "json"});
    }
    if (!feed.location.empty() && !feed.location.starts_with("https://")) {
        map.report(*map.find("location"), "must begin with https://");
    }
    return feed;
}

}  // namespace

std::vector<Feed> read_feeds(const std::string& text, Mistakes& mistakes) {
    std::vector<Feed> feeds;
    const YamlDocument document(text, mistakes);
    if (document.root() == nullptr) {
        return feeds;
    }
    const MapReader map(*document.root(), "a file of feeds", {"feeds"}, mistakes);
    if (map.require("feeds") != nullptr) {
        for (const auto* element : map.elements("feeds")) {
            feeds.push_back(read_feed(*element, mistakes));
        }
    }
    return feeds;
}

}  // namespace turnpike::catalog
