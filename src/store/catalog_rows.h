// Products and rules as rows: those that a result speaks of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "store/known_rows.h"
#include "store/verdict_tables.h"
#include "store/written_rows.h"
#include "turnpike/verdict/result.h"

namespace turnpike::store {

/// Gives the products and rules of one result their rows, once each. Rows are known by the names in
/// the catalog, for it may have been reloaded since they were written; addresses hold for this
/// result only.
class CatalogRows {
  public:
    CatalogRows(Database& database, Batch& batch, std::int64_t run, WrittenRows& written,
                const verdict::RunResult& result);

    /// Null for null.
    RowKey product(const catalog::Revision* revision);
    RowKey rule(const catalog::Revision* revision, const catalog::Rule* rule);
    /// The product and the rule of every attribution of the flow.
    void put_attributed(const verdict::FlowVerdict& flow);
    /// What was put before; safe on several threads while nothing is put.
    [[nodiscard]] RowKey known_product(const catalog::Revision* revision) const;
    /// The rule that an attribution claims: none where the destination fits but no port item does.
    [[nodiscard]] RowKey known_claim(const verdict::Attribution& attribution) const;
    /// Products that are no longer asked for stay, since flows refer to them, but are not listed.
    void retire_products();

  private:
    std::int64_t put(const catalog::Revision& revision, bool considered);

    Database& database_;
    Batch& batch_;
    KnownTable<decltype(product_table)> products_;
    KnownTable<decltype(rule_table)> rules_;
    std::unordered_map<const catalog::Revision*, std::int64_t> product_keys_;
    std::unordered_map<const catalog::Rule*, std::int64_t> rule_keys_;
};

}  // namespace turnpike::store
