// Reads transports, ports and protocols out of the words of a text.
#include "catalog/import_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {

using Kind = Token::Kind;

void imply_transports(std::vector<Token>& tokens) {
    const bool said = std::ranges::any_of(
        tokens, [](const Token& token) { return token.kind == Kind::transport; });
    const auto number_at = [&](std::size_t at) {
        return at < tokens.size() && tokens[at].kind == Kind::number;
    };
    const auto glue_at = [&](std::size_t at) {
        return at < tokens.size() && (tokens[at].text == "/" || tokens[at].text == ":");
    };
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto transport = implied_transport(tokens[i].lower);
        const bool before = number_at(i + 1) || (glue_at(i + 1) && number_at(i + 2));
        const bool behind =
            i > 0 && (number_at(i - 1) || (i > 1 && glue_at(i - 1) && number_at(i - 2)));
        const bool enclosed = i > 1 && i + 1 < tokens.size() && tokens[i - 1].text == "(" &&
                              tokens[i + 1].text == ")" && number_at(i - 2);
        if (transport && (before || enclosed || (behind && !said))) {
            tokens[i].kind = Kind::transport;
            tokens[i].transport = *transport;
        }
    }
}

std::string text_of(std::span<const Token> tokens) {
    std::string text;
    for (const auto& token : tokens) {
        const bool glue = token.kind == Kind::mark && token.text != "(" && token.text != "&" &&
                          token.text != "+" && token.text != "<" && token.text != ">" &&
                          token.text != "=";
        text += (text.empty() || glue || text.ends_with('(') || text.ends_with('/') ||
                         text.ends_with('-')
                     ? ""
                     : " ") +
                (token.kind == Kind::line ? std::string() : token.text);
    }
    return text;
}

std::optional<std::string> take_parentheses(std::span<const Token> tokens, std::size_t& at) {
    if (at >= tokens.size() || (tokens[at].text != "(" && tokens[at].text != "[")) {
        return std::nullopt;
    }
    const auto close = tokens[at].text == "(" ? ")" : "]";
    unsigned depth = 0;
    constexpr std::size_t longest = 300;
    for (auto end = at; end < tokens.size() && end < at + longest; ++end) {
        depth += tokens[end].text == tokens[at].text ? 1U : 0U;
        depth -= tokens[end].text == close ? 1U : 0U;
        if (depth == 0) {
            auto text = text_of(tokens.subspan(at + 1, end - at - 1));
            at = end + 1;
            return text;
        }
    }
    return std::nullopt;
}

std::optional<PortItem> take_port(std::span<const Token> tokens, std::size_t& at) {
    if (at >= tokens.size() || tokens[at].kind != Kind::number) {
        return std::nullopt;
    }
    auto text = tokens[at].lower;
    auto next = at + 1;
    const bool between = at > 0 && tokens[at - 1].lower == "between";
    if (next + 1 < tokens.size() && tokens[next + 1].kind == Kind::number) {
        const auto& joint = tokens[next].lower;
        if (joint == "-" || joint == ":" || joint == "~" || joint == "to" || joint == "through" ||
            joint == "until" || (between && joint == "and")) {
            text += '-' + tokens[next + 1].lower;
            next += 2;
        }
    } else if (next + 1 < tokens.size() && (tokens[next].text == "-" || tokens[next].text == "~") &&
               tokens[next + 1].kind == Kind::word &&
               std::isdigit(static_cast<unsigned char>(tokens[next + 1].text.front())) != 0) {
        return std::nullopt;  // "443-53,500": one end is unclear
    }
    auto item = parse_port_item(text);
    if (!item) {
        return std::nullopt;
    }
    at = next;
    return *item;
}

PortItem every_port() {
    return *parse_port_item("all");
}

bool is_protocol(std::string_view lower) {
    constexpr std::array<std::string_view, 42> protocols{
        "https",      "http", "http/2", "http/3", "tls",   "ssl",  "wss",   "ws",   "websocket",
        "websockets", "stun", "stuns",  "turn",   "turns", "rtp",  "srtp",  "rtcp", "srtcp",
        "dtls",       "ice",  "quic",   "sip",    "sips",  "dns",  "ntp",   "sntp", "rtmp",
        "rtmps",      "rtsp", "webrtc", "ldap",   "ldaps", "xmpp", "h.323", "bfcp", "mqtt",
        "mqtts",      "ssh",  "sftp",   "ftp",    "dot",   "doh"};
    return std::ranges::find(protocols, lower) != protocols.end();
}

std::optional<Transport> implied_transport(std::string_view lower) {
    for (const std::string_view word : {"https", "http", "wss", "ws", "tls", "ssl", "turns", "sips",
                                        "rtmp", "rtmps", "websocket", "websockets"}) {
        if (word == lower) {
            return Transport::tcp;
        }
    }
    if (lower == "dtls" || lower == "quic" || lower == "http/3") {
        return Transport::udp;
    }
    return std::nullopt;
}

}  // namespace turnpike::catalog
