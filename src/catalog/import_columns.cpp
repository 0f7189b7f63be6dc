// Recognises a column by the words of its head.
#include "catalog/import_columns.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <vector>

#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

/// A head as words, in lower case and singular: "Destination Port(s)" -> destination, port.
class Words {
  public:
    explicit Words(std::string_view head) {
        std::string word;
        for (const char letter : head) {
            const auto c = static_cast<unsigned char>(letter);
            if (std::isalnum(c) != 0 || c >= 128) {
                word += static_cast<char>(std::tolower(c));
            } else if (letter != '(' || word != "port") {
                end(word);
            }
        }
        end(word);
    }
    [[nodiscard]] bool any(std::initializer_list<std::string_view> wanted) const {
        return std::ranges::any_of(wanted, [&](std::string_view word) {
            return std::ranges::find(words_, word) != words_.end();
        });
    }

  private:
    void end(std::string& word) {
        if (word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") &&
            !word.ends_with("https") && !word.ends_with("dns")) {
            word.pop_back();
        }
        if (word == "addresse") {
            word = "address";
        }
        if (!word.empty()) {
            words_.push_back(word);
        }
        word.clear();
    }
    std::vector<std::string> words_;
};

// Of the client or of the server, and from whose side: what a head says before anything else.
std::optional<Column> column_of_side(const Words& words, bool port) {
    if (words.any({"direction"}) && !words.any({"number"})) {
        return Column::direction;
    }
    if (words.any({"source", "from", "origin", "src"}) &&
        !words.any({"destination", "to", "target", "dst"})) {
        return port ? Column::source_ports : Column::source;
    }
    return std::nullopt;
}

std::optional<Column> column_of_ports(const Words& words, bool port) {
    if (port && words.any({"type"})) {
        return Column::transport;
    }
    const bool tcp = words.any({"tcp", "tls", "https"});
    const bool udp = words.any({"udp", "dtls"});
    if (tcp != udp && (port || words.any({"tcp", "udp"}))) {
        return tcp ? Column::tcp_ports : Column::udp_ports;
    }
    if (!port) {
        return std::nullopt;
    }
    // "Address and port" holds both; the reader of places takes them apart.
    const bool with_place =
        words.any({"address", "host", "url", "fqdn", "domain", "ip", "endpoint", "hostname"});
    return with_place && !words.any({"destination", "server", "remote"}) ? Column::places
                                                                         : Column::ports;
}

// What tells that a row is needed, allowed, or holds only sometimes.
std::optional<Column> column_of_terms(const Words& words) {
    if (words.any({"application"}) && words.any({"protocol"})) {
        return Column::purpose;
    }
    if (words.any({"protocol", "protocole", "protokoll", "transport", "tcp", "udp", "l4"})) {
        return Column::transport;
    }
    if (words.any({"required", "mandatory", "requirement", "optional", "importance", "need",
                   "necessity", "level", "priority"})) {
        return Column::level;
    }
    if (words.any({"operation", "action", "permission", "access", "allow", "policy", "rule"}) &&
        !words.any({"name", "address", "domain", "url", "ip", "host"})) {
        return Column::action;
    }
    if (words.any({"condition", "when", "version", "platform", "region", "location", "country",
                   "datacenter", "datacentre", "center", "centre", "area", "zone", "pop",
                   "edition"})) {
        return Column::condition;
    }
    return std::nullopt;
}

// Where a row leads, and what people say of it.
Column column_of_texts(const Words& words) {
    if (words.any({"destination", "domain",  "host",  "hostname", "fqdn",   "url",     "uri",
                   "endpoint",    "address", "ip",    "cidr",     "subnet", "network", "server",
                   "target",      "dst",     "ipv4",  "ipv6",     "ziel",   "ziele",   "to",
                   "wildcard",    "prefix",  "range", "block"})) {
        return Column::places;
    }
    if (words.any({"note", "comment", "remark", "detail", "explanation", "reason", "bandwidth"})) {
        return Column::notes;
    }
    if (words.any({"service", "purpose",       "description", "use",     "usage",      "function",
                   "feature", "application",   "app",         "traffic", "component",  "category",
                   "product", "name",          "used",        "what",    "connection", "type",
                   "zweck",   "functionality", "media",       "client",  "device",     "module",
                   "system",  "item"})) {
        return Column::purpose;
    }
    return Column::unknown;
}

}  // namespace

Column column_of(std::string_view head) {
    const Words words(head);
    const bool port = words.any({"port", "zielport", "porta"});
    if (const auto side = column_of_side(words, port)) {
        return *side;
    }
    if (const auto ports = column_of_ports(words, port)) {
        return *ports;
    }
    if (const auto terms = column_of_terms(words)) {
        return *terms;
    }
    return column_of_texts(words);
}

}  // namespace turnpike::catalog
