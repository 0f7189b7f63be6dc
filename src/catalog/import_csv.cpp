// CSV (RFC 4180) with named columns: people's tables, and what `catalog export --format csv` wrote,
// which comes back without loss. The separator may be a comma, a semicolon or a tab.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>

#include "catalog/import_csv_row.h"
#include "catalog/import_records.h"
#include "catalog/import_words.h"
#include "catalog/syntax.h"
#include "catalog/words.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// A column and what else it may be called.
constexpr std::array<std::pair<std::string_view, std::string_view>, 40> columns{{
    {"vendor", ""},
    {"product", ""},
    {"revision", ""},
    {"id", "rule|rule id|rule_id"},
    {"purpose", "description|service|use|usage|application|function"},
    {"level", "requirement|required|need"},
    {"condition", ""},
    {"when", ""},
    {"direction", ""},
    {"duplex", ""},
    {"transport", "protocol|protocols|tcp/udp|l4 protocol"},
    {"ports", "port|destination port|destination ports|port(s)|dst port|port range"},
    {"tcp", "tcp port|tcp ports"},
    {"udp", "udp port|udp ports"},
    {"port_level", ""},
    {"port_condition", ""},
    {"port_when", ""},
    {"source_ports", "source port|source ports"},
    {"destinations", "hosts|host|addresses|address|endpoint|endpoints|target|targets"},
    {"names", "name|domain|domains|hostname|hostnames|fqdn|fqdns|url|urls"},
    {"networks", "network|ip|ips|ip address|ip addresses|cidr|subnet|subnets|ip range|ip ranges"},
    {"destination", ""},
    {"reference", ""},
    {"shared", ""},
    {"destination_notes", ""},
    {"expects", ""},
    {"carries", ""},
    {"alternative_group", ""},
    {"alternative_branch", ""},
    {"preference", ""},
    {"media_by", ""},
    {"tier", ""},
    {"without_it", ""},
    {"effective_from", ""},
    {"effective_until", ""},
    {"lifecycle", ""},
    {"inferred", ""},
    {"as_printed", ""},
    {"probe", ""},
    {"notes", "note|comment|comments|remarks"},
}};
// Written by the exporter, and not of the catalog.
constexpr std::string_view not_read = "addresses_seen";

std::optional<std::string> column_named(std::string_view head) {
    const auto lower = base::to_lower(trim(head));
    for (const auto& [name, others] : columns) {
        if (lower == name || std::ranges::count(parts_of(others, "|"), lower) > 0) {
            return std::string(name);
        }
    }
    return lower == not_read ? std::optional(lower) : std::nullopt;
}

// The one by which the first line falls into the most columns that are known.
char separator_of(std::string_view text) {
    const auto head = text.substr(0, text.find('\n'));
    char best = ',';
    std::size_t most = 0;
    for (const char separator : {',', ';', '\t'}) {
        std::size_t known = 0;
        auto rest = head;
        while (!rest.empty()) {
            const auto end = std::min(rest.find(separator), rest.size());
            auto field = trim(rest.substr(0, end));
            if (field.size() > 1 && field.front() == '"' && field.back() == '"') {
                field = field.substr(1, field.size() - 2);
            }
            known += column_named(field) ? 1U : 0U;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        if (known > most) {
            most = known;
            best = separator;
        }
    }
    return best;
}

std::vector<std::string> heads_of(const Record& record, ImportMistakes& mistakes) {
    std::vector<std::string> heads;
    constexpr std::size_t most = 200;
    if (record.fields.size() > most) {
        mistakes.add_line(record.line, fmt::format("{} columns; at most {} can be meant",
                                                   record.fields.size(), most));
        return heads;
    }
    for (const auto& field : record.fields) {
        const auto head = column_named(field);
        heads.push_back(head.value_or(""));
        if (!head) {
            std::vector<std::string_view> known;
            known.reserve(columns.size());
            for (const auto& [name, others] : columns) {
                known.push_back(name);
            }
            mistakes.add_line(record.line,
                              fmt::format("column {}: is not known; columns are {}",
                                          base::escape(field), fmt::join(known, ", ")));
        } else if (std::ranges::count(heads, *head) > 1) {
            mistakes.add_line(record.line, fmt::format("column {}: {} stands there already",
                                                       base::escape(field), *head));
        }
    }
    return heads;
}

/// Rows by product, revision and rule: the exporter writes a line a port item.
class Table {
  public:
    Table(Imported& imported, ImportMistakes& mistakes) : imported_(imported), mistakes_(mistakes) {
        imported_.products.clear();
    }

    void add(const Fields& fields, std::size_t line, ImportedRule rule) {
        check_vendor(word(fields, "vendor"), line);
        auto& product = product_of(word(fields, "product"), word(fields, "revision"), line);
        const bool exported = fields.contains("vendor") && fields.contains("id");
        if (exported && !product.rules.empty() && product.rules.back().id == rule.id) {
            auto& ports = product.rules.back().ports;
            ports.insert(ports.end(), rule.ports.begin(), rule.ports.end());
            return;
        }
        product.rules.push_back(std::move(rule));
    }

  private:
    static std::string word(const Fields& fields, std::string_view name) {
        const auto found = fields.find(name);
        return found == fields.end() ? "" : found->second;
    }
    void check_vendor(const std::string& vendor, std::size_t line) {
        if (vendor.empty()) {
            return;
        }
        if (!vendor_.empty() && vendor_ != vendor) {
            mistakes_.add_line(line,
                               fmt::format("vendor {}: the rows above are of {}; a file holds "
                                           "one vendor; --vendor takes its rows",
                                           base::escape(vendor), base::escape(vendor_)));
            return;
        }
        vendor_ = vendor;
        imported_.vendor = vendor;
    }
    ImportedProduct& product_of(const std::string& name, const std::string& revision,
                                std::size_t line) {
        const auto& wanted = name.empty() ? fallback_ : name;
        for (auto& product : imported_.products) {
            if (product.product == wanted && product.revision == revision) {
                return product;
            }
        }
        constexpr std::size_t most = 1000;
        if (imported_.products.size() == most) {
            mistakes_.add_line(line, fmt::format("more than {} products and revisions", most));
            return imported_.products.back();
        }
        ImportedProduct product;
        product.product = wanted;
        product.name = wanted;
        product.revision = revision;
        // The revisions of a product stand together.
        auto place = imported_.products.end();
        for (auto at = imported_.products.begin(); at != imported_.products.end(); ++at) {
            if (at->product == wanted) {
                place = at + 1;
            }
        }
        return *imported_.products.insert(place, std::move(product));
    }

    Imported& imported_;
    ImportMistakes& mistakes_;
    std::string vendor_;
    std::string fallback_ = "imported";
};

// An export of a product that includes another vendor's holds both; `--vendor` takes the rows of
// one. Where it names none of them, it is what the rows' vendor shall be called.
std::string wanted_vendor(const std::vector<Record>& records, const std::vector<std::string>& heads,
                          const std::string& vendor) {
    const auto column = std::ranges::find(heads, "vendor") - heads.begin();
    const bool held = std::ranges::any_of(records, [&](const Record& record) {
        return !vendor.empty() && static_cast<std::size_t>(column) < record.fields.size() &&
               trim(record.fields[static_cast<std::size_t>(column)]) == vendor;
    });
    return held ? vendor : std::string();
}

}  // namespace

Imported import_csv(const std::string& text, const ImportOptions& options,
                    ImportMistakes& mistakes) {
    auto imported = imported_list("imported", "imported", "imported list");
    const auto all = without_mark(text);
    const auto records = records_of(all, separator_of(all), mistakes);
    if (records.empty()) {
        return imported;
    }
    const auto heads = heads_of(records.front(), mistakes);
    const auto only = wanted_vendor(records, heads, options.vendor);
    Table table(imported, mistakes);
    for (std::size_t i = 1; i < records.size(); ++i) {
        const auto& record = records[i];
        if (record.fields.size() != heads.size()) {
            mistakes.add_line(record.line, fmt::format("{} fields, the head has {}",
                                                       record.fields.size(), heads.size()));
            continue;
        }
        Fields fields;
        for (std::size_t column = 0; column < heads.size(); ++column) {
            fields[heads[column]] = trim(record.fields[column]);
        }
        if (!only.empty() && fields["vendor"] != only) {
            continue;
        }
        auto rule = read_csv_row(fields, record.line, mistakes);
        table.add(fields, record.line, std::move(rule));
    }
    return imported;
}

}  // namespace turnpike::catalog
