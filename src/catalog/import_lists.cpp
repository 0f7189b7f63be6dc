// Line-wise inputs: a plain list of networks, and CSV (RFC 4180) with named columns.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

constexpr std::array<std::string_view, 12> columns{
    "id",  "purpose", "level",    "condition",   "direction", "tcp",
    "udp", "names",   "networks", "destination", "transport", "ports"};

/// A record and the line it begins in.
struct Record {
    std::size_t line = 0;
    std::vector<std::string> fields;
};

// Quoted fields may hold separators, doubled quotes and line breaks (RFC 4180 2).
std::vector<Record> records_of(const std::string& text, ImportMistakes& mistakes) {
    std::vector<Record> records;
    Record record{1, {""}};
    std::size_t line = 1;
    bool quoted = false;
    const auto end_record = [&] {
        if (record.fields.size() > 1 || !trim(record.fields[0]).empty()) {
            records.push_back(record);
        }
        record = {line, {""}};
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        line += c == '\n' ? 1 : 0;
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            record.fields.back() += text[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (quoted) {
            record.fields.back() += c;
        } else if (c == ',') {
            record.fields.emplace_back();
        } else if (c == '\n') {
            end_record();
        } else if (c != '\r') {
            record.fields.back() += c;
        }
    }
    if (quoted) {
        mistakes.add_line(record.line, "a quoted field does not end");
    }
    end_record();
    return records;
}

class RowReader {
  public:
    RowReader(std::map<std::string, std::string> fields, std::size_t line, ImportMistakes& mistakes)
        : fields_(std::move(fields)), line_(line), mistakes_(mistakes) {}

    ImportedRule read() {
        rule_.purpose = fields_["purpose"];
        rule_.id = slug(fields_["id"].empty() ? rule_.purpose : fields_["id"]);
        if (rule_.purpose.empty()) {
            rule_.purpose = rule_.id;
        }
        rule_.level = fields_["level"];
        rule_.condition = fields_["condition"];
        rule_.direction = fields_["direction"];
        add_ports(Transport::tcp, fields_["tcp"]);
        add_ports(Transport::udp, fields_["udp"]);
        add_ports_of_transport();
        add_names();
        add_networks();
        add_destination();
        return std::move(rule_);
    }

  private:
    void add_ports(Transport transport, const std::string& text) {
        for (const auto& part : parts_of(text, ",; ")) {
            auto item = parse_port_item(part);
            if (!item) {
                mistakes_.add_line(line_, item.error());
                continue;
            }
            item->transport = transport;
            rule_.ports.push_back(*item);
        }
    }
    // "TCP/UDP" in one column, the ports in another.
    void add_ports_of_transport() {
        const auto words = parts_of(base::to_lower(fields_["transport"]), ",;/ ");
        for (const auto& word : words) {
            if (word == "tcp" || word == "udp") {
                add_ports(word == "tcp" ? Transport::tcp : Transport::udp, fields_["ports"]);
            } else {
                mistakes_.add_line(
                    line_, fmt::format("transport {}: must be tcp or udp", base::escape(word)));
            }
        }
        if (words.empty() && !fields_["ports"].empty()) {
            mistakes_.add_line(line_, "ports without a transport");
        }
    }
    void add_names() {
        for (const auto& part : parts_of(fields_["names"], ",; \n")) {
            if (const auto name = parse_name_pattern(part)) {
                rule_.names.push_back({*name, ""});
            } else {
                mistakes_.add_line(line_, name.error());
            }
        }
    }
    void add_networks() {
        for (const auto& part : parts_of(fields_["networks"], ",; \n")) {
            if (const auto prefixes = parse_network(part)) {
                rule_.networks.insert(rule_.networks.end(), prefixes->begin(), prefixes->end());
            } else {
                mistakes_.add_line(line_, prefixes.error());
            }
        }
    }
    void add_destination() {
        const auto word = base::to_lower(fields_["destination"]);
        rule_.any = word == "any";
        if (!word.empty() && !rule_.any) {
            mistakes_.add_line(
                line_, fmt::format("destination {}: must be empty or any", base::escape(word)));
        }
    }

    std::map<std::string, std::string> fields_;
    std::size_t line_;
    ImportMistakes& mistakes_;
    ImportedRule rule_;
};

std::vector<std::string> heads_of(const Record& record, ImportMistakes& mistakes) {
    std::vector<std::string> heads;
    for (const auto& field : record.fields) {
        heads.push_back(base::to_lower(trim(field)));
        if (std::ranges::find(columns, heads.back()) == columns.end()) {
            mistakes.add_line(record.line,
                              fmt::format("column {}: is not known; columns are {}",
                                          base::escape(field), fmt::join(columns, ", ")));
        }
    }
    return heads;
}

}  // namespace

Imported import_cidrs(const std::string& text, ImportMistakes& mistakes) {
    auto imported = imported_list("imported", "imported", "imported list");
    ImportedRule rule;
    rule.id = "networks";
    rule.purpose = "networks";
    std::size_t number = 0;
    std::string_view rest = text;
    while (!rest.empty()) {
        ++number;
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto line = trim(rest.substr(0, std::min(end, rest.find('#'))));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.empty()) {
            continue;
        }
        if (const auto prefixes = parse_network(line)) {
            rule.networks.insert(rule.networks.end(), prefixes->begin(), prefixes->end());
        } else {
            mistakes.add_line(number, prefixes.error());
        }
    }
    if (!rule.networks.empty()) {
        imported.products.front().rules.push_back(std::move(rule));
    }
    return imported;
}

Imported import_csv(const std::string& text, ImportMistakes& mistakes) {
    auto imported = imported_list("imported", "imported", "imported list");
    const auto records = records_of(text, mistakes);
    if (records.empty()) {
        return imported;
    }
    const auto heads = heads_of(records.front(), mistakes);
    for (std::size_t i = 1; i < records.size(); ++i) {
        const auto& record = records[i];
        if (record.fields.size() != heads.size()) {
            mistakes.add_line(record.line, fmt::format("{} fields, the head has {}",
                                                       record.fields.size(), heads.size()));
            continue;
        }
        std::map<std::string, std::string> fields;
        for (std::size_t column = 0; column < heads.size(); ++column) {
            fields[heads[column]] = trim(record.fields[column]);
        }
        imported.products.front().rules.push_back(RowReader(std::move(fields), record.line, mistakes).read());
    }
    return imported;
}

}  // namespace turnpike::catalog
