// Reads the fields of one CSV line into a rule, and reports what it does not understand.
#include "catalog/import_csv_row.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "catalog/import_words.h"
#include "catalog/syntax.h"
#include "catalog/words.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

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
        rule_.probe_names = parts_of(field("probe"), " ,;");
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

}  // namespace

ImportedRule read_csv_row(const Fields& fields, std::size_t line, ImportMistakes& mistakes) {
    return RowReader(fields, line, mistakes).read();
}

}  // namespace turnpike::catalog
