// Writes a product's or a rule's row when something refers to it first.
#include "store/catalog_rows.h"

namespace turnpike::store {
namespace {

/// See CatalogRows::known_claim.
const catalog::Rule* claimed(const verdict::Attribution& attribution) {
    const bool fits = attribution.port != nullptr ||
                      (attribution.rule != nullptr && attribution.rule->ports.empty());
    return fits ? attribution.rule : nullptr;
}

template <typename Keys, typename Thing>
RowKey key_of(const Keys& keys, const Thing* thing) {
    const auto known = keys.find(thing);
    return known == keys.end() ? std::nullopt : RowKey{known->second};
}

}  // namespace

CatalogRows::CatalogRows(Database& database, Batch& batch, std::int64_t run, WrittenRows& written,
                         const verdict::RunResult& result)
    : database_(database),
      batch_(batch),
      products_(database, batch, run, product_table, written.products),
      rules_(database, batch, run, rule_table, written.rules) {
    for (const auto* revision : result.considered) {
        put(*revision, true);
    }
}

std::int64_t CatalogRows::put(const catalog::Revision& revision, bool considered) {
    const auto [entry, fresh] = product_keys_.try_emplace(&revision);
    if (fresh) {
        entry->second = products_.put(revision.selector(), ProductEntry{revision, considered});
    }
    return entry->second;
}

RowKey CatalogRows::product(const catalog::Revision* revision) {
    return revision == nullptr ? std::nullopt : RowKey{put(*revision, false)};
}

RowKey CatalogRows::rule(const catalog::Revision* revision, const catalog::Rule* rule) {
    const RowKey of = product(revision);
    if (!of || rule == nullptr) {
        return std::nullopt;
    }
    const auto [entry, fresh] = rule_keys_.try_emplace(rule);
    if (fresh) {
        const std::string destination = rule->destinations.text();
        entry->second =
            rules_.put(fmt::format("{} {}", *of, rule->id), RuleEntry{*of, *rule, destination});
    }
    return entry->second;
}

void CatalogRows::put_attributed(const verdict::FlowVerdict& flow) {
    for (const auto& attribution : flow.attribution->rules) {
        rule(attribution.revision, claimed(attribution));
    }
}

RowKey CatalogRows::known_product(const catalog::Revision* revision) const {
    return key_of(product_keys_, revision);
}

RowKey CatalogRows::known_claim(const verdict::Attribution& attribution) const {
    return key_of(rule_keys_, claimed(attribution));
}

void CatalogRows::retire_products() {
    std::optional<Statement> update;
    products_.each_of_the_rest([&](std::int64_t key, KnownRows::Row& row) {
        if (row.image.empty()) {
            return;
        }
        if (!update) {
            update.emplace(database_, "UPDATE product SET considered = 0 WHERE id = ?");
        }
        update->run(key);
        batch_.row_written();
        row.image.clear();  // is written anew should it come back
    });
}

}  // namespace turnpike::store
