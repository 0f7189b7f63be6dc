// Makes a new revision of a feed's rows and of what the last revision says beside them.
#include "turnpike/catalog/refresh.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "catalog/import_readers.h"
#include "catalog/references.h"
#include "catalog/render_text.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/check.h"
#include "turnpike/catalog/import.h"

namespace turnpike::catalog {
namespace {

using base::Error;
using base::ExitStatus;

// No vendor's list leads to a wider network: Microsoft's and Amazon's widest are of 10 and 24 bits.
constexpr unsigned widest_v4 = 8;
constexpr unsigned widest_v6 = 16;

// What the newest revisions of a vendor call shared.
struct Marks {
    std::vector<Network> networks;
    std::map<std::string, NamePattern> names;
};

Marks marks_of(const Catalog& known, const std::string& vendor) {
    Marks marks;
    for (const auto& revision : known.revisions()) {
        if (!revision.newest || revision.vendor != vendor) {
            continue;
        }
        for (const auto& rule : revision.rules) {
            std::ranges::copy_if(rule.destinations.prefixes, std::back_inserter(marks.networks),
                                 [](const Network& network) { return network.shared; });
            for (const auto& name : rule.destinations.names) {
                if (name.shared) {
                    marks.names.emplace(name.text, name);
                }
            }
        }
    }
    return marks;
}

bool is_shared(const Feed& feed, const ImportedRule& rule) {
    const auto words = words_of(rule.purpose);
    return std::ranges::any_of(feed.shared, [&](const std::string& service) {
        return service == "all" || std::ranges::find(words, service) != words.end();
    });
}

void mark(ImportedRule& rule, const Feed& feed, const Marks& marks) {
    const bool all = is_shared(feed, rule);
    for (auto& network : rule.networks) {
        const auto marked = std::ranges::find_if(marks.networks, [&](const Network& one) {
            return one.length <= network.length && one.contains(network.address);
        });
        network.shared = all || marked != marks.networks.end();
        network.note = marked == marks.networks.end() ? "" : marked->note;
    }
    for (auto& name : rule.names) {
        const auto marked = marks.names.find(name.text);
        name.shared = all || marked != marks.names.end();
        name.note = marked == marks.names.end() ? "" : marked->second.note;
    }
}

template <typename T>
std::vector<std::string> texts_of(const std::vector<T>& values) {
    std::vector<std::string> texts;
    for (const auto value : values) {
        texts.emplace_back(to_string(value));
    }
    return texts;
}

void keep_port_conditions(std::vector<PortItem>& ports, const std::vector<PortItem>& before) {
    for (auto& port : ports) {
        const auto same = std::ranges::find_if(before, [&](const PortItem& one) {
            return one.transport == port.transport && one.text == port.text;
        });
        if (same != before.end()) {
            port = *same;
        }
    }
}

// What the feed does not say stays as it was.
void keep(ImportedRule& rule, const Rule& before) {
    rule.purpose = before.purpose;
    rule.condition = before.condition;
    rule.when = before.when;
    if (!before.condition.empty() || std::ranges::count(before.inferred, "level") > 0) {
        rule.level = to_string(before.level);
    }
    rule.direction = to_string(before.direction);
    rule.simplex = before.duplex == Duplex::simplex;
    rule.expects = texts_of(before.expects);
    rule.carries = texts_of(before.carries);
    rule.alternative_group = before.alternative_group;
    rule.alternative = before.alternative_branch;
    rule.preference = before.preference;
    rule.media_by = before.media_by == MediaSign::unstated ? "" : to_string(before.media_by);
    rule.tier = before.tier == Tier::none ? "" : to_string(before.tier);
    rule.without_it = before.lost_feature;
    rule.inferred = before.inferred;
    rule.as_printed = before.as_printed;
    rule.probe_names = before.probe_names;
    rule.notes = before.notes;
    keep_port_conditions(rule.ports, before.ports);
}

std::string why_not(const Network& network) {
    const auto& address = network.address;
    if (network.length < (address.is_v4() ? widest_v4 : widest_v6)) {
        return "is wider than any vendor's network";
    }
    if (address.is_private() || address.is_loopback() || address.is_multicast() ||
        address.is_unspecified() || address.is_broadcast()) {
        return "is no public network";
    }
    return {};
}

void refuse_impossible(const ImportedProduct& product, const std::string& file) {
    ImportMistakes mistakes(file);
    for (const auto& rule : product.rules) {
        for (const auto& network : rule.networks) {
            if (const auto reason = why_not(network); !reason.empty()) {
                mistakes.add_place(rule.id, fmt::format("{} {}", to_string(network), reason));
            }
        }
    }
    mistakes.throw_if_any();
}

// Checked among the others, for it may include them.
void refuse_errors(const Catalog& known, const Revision& revision, base::Timestamp today,
                   const std::string& file) {
    std::vector<Revision> all{revision};
    std::ranges::copy_if(known.revisions(), std::back_inserter(all), [&](const Revision& one) {
        return one.selector() != revision.selector();
    });
    const Catalog catalog(std::move(all));
    std::string lines;
    for (const auto& finding : check(catalog, today)) {
        if (finding.severity == Severity::error &&
            finding.revision->selector() == revision.selector()) {
            lines +=
                fmt::format("{}{}: {}{}", lines.empty() ? "" : "\n", file,
                            finding.rule == nullptr ? "" : finding.rule->id + ": ", finding.text);
        }
    }
    if (!lines.empty()) {
        throw Error(ExitStatus::bad_input, lines);
    }
}

std::size_t places_of(const Revision& revision) {
    std::size_t count = 0;
    for (const auto& rule : revision.rules) {
        count += rule.destinations.names.size() + rule.destinations.prefixes.size();
    }
    return count;
}

Imported read(const Feed& feed, const FeedInput& input) {
    ImportOptions options;
    options.vendor = feed.vendor;
    options.product = feed.product;
    options.location = feed.location;
    options.services = feed.services;
    auto imported =
        import_text(parse_import_kind(feed.kind).value(), input.text, input.file, options);
    if (imported.date.empty()) {
        imported.date = day_text(std::min(input.changed.value_or(input.today), input.today));
        imported.revision = imported.date;
    }
    imported.title = feed.name;
    imported.read_on = day_text(input.today);
    imported.etag = input.etag;
    return imported;
}

// A server that fell behind, or somebody who wants an old state back.
void refuse_older(const Revision* before, const Revision& after, const std::string& file) {
    if (before != nullptr && before->date && *after.date < *before->date) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("{}: is of {}, older than {}; nothing is written", file,
                                day_text(after.date), before->selector()));
    }
}

}  // namespace

const Revision* newest_of(const Catalog& catalog, const Feed& feed) {
    const auto found = std::ranges::find_if(catalog.revisions(), [&](const Revision& revision) {
        return revision.newest && revision.vendor == feed.vendor &&
               revision.product == feed.product;
    });
    return found == catalog.revisions().end() ? nullptr : &*found;
}

std::vector<const Feed*> select_feeds(const Catalog& catalog,
                                      const std::vector<std::string>& words) {
    std::vector<const Feed*> chosen;
    const auto& feeds = catalog.feeds();
    for (const auto& feed : feeds) {
        if (words.empty()) {
            chosen.push_back(&feed);
        }
    }
    for (const auto& word : words) {
        bool known = false;
        for (const auto& feed : feeds) {
            const bool meant = word == feed.vendor || word == feed.selector();
            known = known || meant;
            if (meant && std::ranges::find(chosen, &feed) == chosen.end()) {
                chosen.push_back(&feed);
            }
        }
        if (!known) {
            std::set<std::string> all;
            for (const auto& feed : feeds) {
                all.insert(feed.selector());
            }
            throw Error(ExitStatus::usage,
                        fmt::format("{}: no feed of that name is known; there are {}",
                                    base::escape(word), fmt::join(all, ", ")));
        }
    }
    return chosen;
}

Refreshed refresh(const Catalog& known, const Feed& feed, const FeedInput& input) {
    auto imported = read(feed, input);
    Refreshed result;
    result.before = newest_of(known, feed);
    auto& product = imported.products.front();
    product.name = feed.name;
    product.feed = result.before == nullptr || result.before->feed;
    product.like = result.before;
    const auto marks = marks_of(known, feed.vendor);
    for (auto& rule : product.rules) {
        if (result.before != nullptr && !product.feed) {
            const auto same = std::ranges::find(result.before->rules, rule.id, &Rule::id);
            if (same != result.before->rules.end()) {
                keep(rule, *same);
            }
        }
        mark(rule, feed, marks);
    }
    refuse_impossible(product, input.file);
    if (product.like != nullptr) {
        product.name = product.like->product_name;
    }
    result.yaml = render_yaml(imported);
    result.file = fmt::format("{}-{}-{}.yaml", feed.vendor, feed.product, imported.revision);
    result.catalog = parse_catalog(result.yaml, input.file);
    result.warnings = std::move(imported.warnings);
    refuse_errors(known, result.revision(), input.today, input.file);
    refuse_older(result.before, result.revision(), input.file);
    if (result.before != nullptr) {
        result.changed = !diff(*result.before, result.revision()).empty();
        result.shrunk = 2 * places_of(result.revision()) < places_of(*result.before);
    }
    return result;
}

}  // namespace turnpike::catalog
