// Recognises in a text what it says of a row besides ports and places: direction, end, other
// times.
#include "catalog/import_drafts.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "turnpike/base/text.h"

namespace turnpike::catalog {

using TokenKind = Token::Kind;

void add_by_transport(const Draft& draft, const PortList& ports, std::vector<Draft>& rows) {
    if (ports.items.empty()) {
        rows.push_back(draft);
        return;
    }
    for (const auto transport : {Transport::tcp, Transport::udp}) {
        auto one = draft;
        for (std::size_t i = 0; i < ports.items.size(); ++i) {
            if (std::ranges::find(ports.transports[i], transport) != ports.transports[i].end()) {
                one.ports.push_back(ports.items[i]);
                one.ports.back().transport = transport;
            }
        }
        if (!one.ports.empty()) {
            rows.push_back(std::move(one));
        }
    }
}

bool retires(std::string_view text) {
    const auto lower = base::to_lower(text);
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{
            "no longer", "deprecated", "removed", "retired", "obsolete", "do not ", "don't ",
            "not required", "not needed", "not used", "except", "excluding", "previously",
            "formerly", "must not", "end of life"},
        [&](std::string_view word) { return lower.find(word) != lower.npos; });
}

bool takes_back(std::string_view text) {
    constexpr std::array<std::string_view, 21> words{
        "not",      "no",      "never",    "without", "except", "excluding", "deprecated",
        "removed",  "retired", "obsolete", "deny",    "denied", "block",     "previously",
        "formerly", "don't",   "doesn't",  "isn't",   "cannot", "longer",    "unless"};
    const auto lower = base::to_lower(text);
    const auto all = tokens_of(lower);
    return std::ranges::any_of(all, [&](const Token& token) {
        return std::ranges::find(words, token.lower) != words.end();
    });
}

bool tells_of_other_times(std::string_view text) {
    const auto lower = base::to_lower(text);
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{
            "older version", "earlier version", "previous version", "old version", "used to ",
            "were used", "was used", "in the past", "in future", "in the future", "may see",
            "might see", "may be used", "might be used", "could be used", "is supported",
            "are supported"},
        [&](std::string_view word) { return lower.find(word) != lower.npos; });
}

std::string direction_in(std::string_view text) {
    const auto lower = base::to_lower(text);
    const auto has = [&](std::string_view word) { return lower.find(word) != lower.npos; };
    const bool in = has("inbound") || has("ingress") || has("incoming") || lower == "in";
    const bool out = has("outbound") || has("egress") || has("outgoing") || lower == "out";
    if (has("bidirectional") || has("bi-directional") || has("both") || (in && out)) {
        return "both";
    }
    return in ? "inbound" : (out ? "outbound" : "");
}

bool names_something(std::string_view text) {
    const auto tokens = tokens_of(text);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto& token = tokens[i];
        if ((token.kind == TokenKind::name && token.sure) || token.kind == TokenKind::network) {
            return true;
        }
        const bool near =
            token.kind == TokenKind::transport || token.lower == "port" || token.lower == "ports";
        for (auto next = i + 1; near && next < tokens.size() && next < i + 4; ++next) {
            if (tokens[next].kind == TokenKind::number) {
                return true;
            }
        }
        if (token.kind == TokenKind::number && i + 1 < tokens.size()) {
            const auto next =
                tokens[i + 1].text == "/" || tokens[i + 1].text == "(" ? i + 2 : i + 1;
            if (next < tokens.size() && tokens[next].kind == TokenKind::transport) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace turnpike::catalog
