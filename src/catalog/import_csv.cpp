// CSV (RFC 4180) with named columns: people's tables, and what `catalog export --format csv` wrote,
// which comes back without loss. The separator may be a comma, a semicolon or a tab.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>

#include "catalog/import_readers.h"
#include "catalog/import_records.h"
#include "catalog/import_words.h"
#include "catalog/syntax.h"
#include "catalog/words.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// A column and what else it may be called.
constexpr std::array<std::pair<std::string_view, std::string_view>, 39> columns{{
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

using Fields = std::map<std::string, std::string, std::less<>>;

// "version=>=2.9.0; region=eu|us"
std::vector<Circumstance> read_when(const std::string& text) {
    std::vector<Circumstance> when;
    for (const auto& part : parts_of(text, ";")) {
        const auto equals = std::min(part.find('='), part.size());
        Circumstance one;
        one.key = trim(std::string_view(part).substr(0, equals));
        one.values =
            parts_of(std::string_view(part).substr(std::min(equals + 1, part.size())), "|");
        when.push_back(std::move(one));
    }
    return when;
}

class RowReader {
  public:
    RowReader(Fields fields, std::size_t line, ImportMistakes& mistakes)
        : fields_(std::move(fields)), line_(line), mistakes_(mistakes) {}

    ImportedRule read() {
        read_words();
        read_rule_words();
        add_ports_of(Transport::tcp, field("tcp"));
        add_ports_of(Transport::udp, field("udp"));
        add_ports_of_transport();
        add_source_ports();
        add_places(field("names"), true, false);
        add_places(field("networks"), false, true);
        add_places(field("destinations"), true, true);
        add_destination_word();
        add_shared_and_notes();
        return std::move(rule_);
    }

  private:
    [[nodiscard]] const std::string& field(std::string_view name) const {
        static const std::string none;
        const auto found = fields_.find(name);
        return found == fields_.end() ? none : found->second;
    }
    void mistake(const std::string& reason) { mistakes_.add_line(line_, reason); }

    bool truth(std::string_view name) {
        const auto word = base::to_lower(field(name));
        if (!word.empty() && word != "true" && word != "false") {
            mistake(fmt::format("{} {}: must be true or false", name, base::escape(word)));
        }
        return word == "true";
    }

    void read_words() {
        rule_.purpose = field("purpose");
        rule_.id = slug(field("id").empty() ? rule_.purpose : field("id"));
        if (rule_.purpose.empty()) {
            rule_.purpose = rule_.id;
        }
        const auto level = base::to_lower(field("level"));
        if (!level.empty()) {
            const auto known = parse_level(level);
            rule_.level = known ? std::string(to_string(*known)) : level;
        }
        rule_.condition = field("condition");
        rule_.when = read_when(field("when"));
        const auto& direction = field("direction");
        rule_.direction = direction.empty() ? "" : direction_of(direction);
        rule_.notes = field("notes");
    }
    static std::string direction_of(const std::string& text) {
        const auto lower = base::to_lower(text);
        return lower == "out" || lower == "egress"   ? "outbound"
               : lower == "in" || lower == "ingress" ? "inbound"
                                                     : lower;
    }

    void read_rule_words() {
        rule_.simplex = field("duplex") == "simplex";
        if (!field("duplex").empty() && !rule_.simplex && field("duplex") != "duplex") {
            mistake(
                fmt::format("duplex {}: must be duplex or simplex", base::escape(field("duplex"))));
        }
        rule_.reference = field("reference");
        rule_.expects = parts_of(field("expects"), " ,;");
        rule_.carries = parts_of(field("carries"), " ,;");
        rule_.inferred = parts_of(field("inferred"), " ,;");
        rule_.as_printed = truth("as_printed");
        rule_.alternative_group = field("alternative_group");
        rule_.alternative = field("alternative_branch");
        rule_.media_by = field("media_by");
        if (!field("preference").empty()) {
            const auto preference = parse_count(field("preference"));
            if (preference) {
                rule_.preference = *preference;
            } else {
                mistake("preference: " + preference.error());
            }
        }
        rule_.tier = field("tier");
        rule_.without_it = field("without_it");
        rule_.effective_from = field("effective_from");
        rule_.effective_until = field("effective_until");
        for (const auto* day : {&rule_.effective_from, &rule_.effective_until}) {
            if (!day->empty() && !parse_day(*day)) {
                mistake("effective: " + parse_day(*day).error());
            }
        }
        // Announced and retiring follow from the days, where there are any.
        const bool dated = !rule_.effective_from.empty() || !rule_.effective_until.empty();
        if (field("lifecycle") != "active" && !dated) {
            rule_.lifecycle = field("lifecycle");
        }
    }

    void add_ports_of(Transport transport, const std::string& text) {
        for (const auto& part : port_parts(text)) {
            auto item = part == "unstated" ? Parsed<PortItem>(unstated_port(transport))
                                           : parse_port_item(part);
            if (!item) {
                mistake(item.error());
                continue;
            }
            item->transport = transport;
            add_port_words(*item);
            rule_.ports.push_back(std::move(*item));
        }
    }
    // "5866 - 6000" and "10000 – 20000" are one item.
    static std::vector<std::string> port_parts(const std::string& text) {
        auto all = plain(text);
        for (auto at = all.find('-'); at != std::string::npos; at = all.find('-', at + 1)) {
            while (at > 0 && all[at - 1] == ' ') {
                all.erase(--at, 1);
            }
            while (at + 1 < all.size() && all[at + 1] == ' ') {
                all.erase(at + 1, 1);
            }
        }
        return parts_of(base::to_lower(all), ",; \n");
    }
    void add_port_words(PortItem& item) {
        item.condition = field("port_condition");
        item.when = read_when(field("port_when"));
        if (!field("port_level").empty()) {
            item.level = parse_word<Level>(field("port_level"));
            if (!item.level) {
                mistake(
                    fmt::format("port_level {}: is no level", base::escape(field("port_level"))));
            }
        }
    }

    // "TCP/UDP" in one column, the ports in another.
    void add_ports_of_transport() {
        const auto words = parts_of(base::to_lower(field("transport")), ",;/ &+");
        for (const auto& word : words) {
            if (word == "tcp" || word == "udp") {
                add_ports_of(word == "tcp" ? Transport::tcp : Transport::udp,
                             field("ports").empty() ? "unstated" : field("ports"));
            } else if (word != "and" && word != "or") {
                mistake(fmt::format("transport {}: must be tcp or udp", base::escape(word)));
            }
        }
        if (words.empty() && !field("ports").empty() && field("ports") != "unstated") {
            mistake("ports without a transport");
        }
        if (!words.empty() && fields_.contains("ports") && field("ports").empty()) {
            mistake("a transport without ports; write \"unstated\" if none are known");
        }
    }

    // "udp:4000-4100"
    void add_source_ports() {
        for (const auto& part : parts_of(field("source_ports"), " ,;")) {
            const auto colon = std::min(part.find(':'), part.size());
            const auto transport = parse_word<Transport>(part.substr(0, colon));
            auto item = parse_port_item(part.substr(std::min(colon + 1, part.size())));
            if (!transport || !item) {
                mistake(
                    fmt::format("source_ports {}: must be like udp:4000-4100", base::escape(part)));
                continue;
            }
            item->transport = *transport;
            rule_.source_ports.push_back(std::move(*item));
        }
    }

    void add_places(const std::string& text, bool names, bool networks) {
        for (const auto& part : parts_of(text, ",; \n")) {
            const auto lower = base::to_lower(part);
            if (lower == "any" || lower == "*") {
                rule_.any = true;
                continue;
            }
            if (lower == "any-without-wildcards") {
                rule_.any_without_wildcards = true;
                continue;
            }
            const auto prefixes =
                networks ? parse_network(part)
                         : Parsed<std::vector<base::Prefix>>(std::unexpected(std::string()));
            const auto name = names ? parse_name_pattern(part)
                                    : Parsed<std::string>(std::unexpected(std::string()));
            if (prefixes) {
                rule_.networks.insert(rule_.networks.end(), prefixes->begin(), prefixes->end());
            } else if (name) {
                rule_.names.push_back({*name, "", false});
            } else {
                const bool digits = part.find_first_not_of("0123456789./:-") == part.npos;
                mistake(networks && (digits || !names) ? prefixes.error() : name.error());
            }
        }
    }
    void add_destination_word() {
        const auto word = base::to_lower(field("destination"));
        if (word == "any" || word == "unstated" || word.empty()) {
            rule_.any = rule_.any || word == "any";
            return;
        }
        add_places(field("destination"), true, true);
    }

    void add_shared_and_notes() {
        for (const auto& part : parts_of(field("shared"), " ")) {
            place_called(part, [](auto& place) { place.shared = true; });
        }
        for (const auto& line : parts_of(field("destination_notes"), "\n")) {
            const auto blank = std::min(line.find(' '), line.size());
            place_called(line.substr(0, blank), [&](auto& place) {
                place.note = line.substr(std::min(blank + 1, line.size()));
            });
        }
    }
    template <typename Change>
    void place_called(const std::string& text, const Change& change) {
        const auto name = std::ranges::find(rule_.names, text, &ImportedName::text);
        const auto network = std::ranges::find(rule_.networks, text,
                                               [](const Network& one) { return to_string(one); });
        if (name != rule_.names.end()) {
            change(*name);
        } else if (network != rule_.networks.end()) {
            change(*network);
        } else {
            mistake(fmt::format("{}: is none of the row's names and networks", base::escape(text)));
        }
    }

    Fields fields_;
    std::size_t line_;
    ImportMistakes& mistakes_;
    ImportedRule rule_;
};

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
        auto rule = RowReader(fields, record.line, mistakes).read();
        table.add(fields, record.line, std::move(rule));
    }
    return imported;
}

}  // namespace turnpike::catalog
