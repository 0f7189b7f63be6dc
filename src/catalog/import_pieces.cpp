// Takes a sentence to pieces, from left to right.
#include "catalog/import_pieces.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "catalog/import_drafts.h"
#include "catalog/import_readers.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

using Kind = Token::Kind;
using Type = Element::Type;

/// Takes a sentence to pieces.
class Pieces {
  public:
    Pieces(std::span<const Token> tokens, bool expects_places)
        : tokens_(tokens), expects_places_(expects_places) {}

    PiecesOfSentence read() {
        while (at_ < tokens_.size() && reason_.empty()) {
            step();
        }
        const bool speaks_of_ports =
            std::ranges::find(elements_, Type::port_word, &Element::type) != elements_.end();
        if (reason_.empty() && speaks_of_ports && odd_number_) {
            reason_ = "a number that is no port";
        } else if (reason_.empty() && other_language_) {
            reason_ = "a sentence in another language";
        }
        return {std::move(elements_), std::move(reason_), speaks_of_ports && odd_number_};
    }

  private:
    Element& add(Type type) {
        Element element;
        element.type = type;
        element.token = at_;
        elements_.push_back(std::move(element));
        return elements_.back();
    }

    void step() {
        const auto& token = tokens_[at_];
        switch (token.kind) {
            case Kind::transport:
                read_transports();
                break;
            case Kind::number:
                read_numbers();
                break;
            case Kind::name:
            case Kind::network:
                read_place();
                break;
            case Kind::url:
                if (expects_places_ || !token.lower.starts_with("http")) {
                    read_place();
                } else {
                    add(Type::other);
                    ++at_;
                }
                break;
            case Kind::any:
                read_any();
                break;
            case Kind::line:
                add(Type::joint);
                ++at_;
                break;
            case Kind::mark:
            case Kind::word:
                read_word(token);
                break;
        }
    }

    void read_transports() {
        auto& element = add(Type::transports);
        while (at_ < tokens_.size()) {
            const auto& token = tokens_[at_];
            const bool joint = at_ + 1 < tokens_.size() &&
                               tokens_[at_ + 1].kind == Kind::transport &&
                               one_of(token.lower, {"/", ",", "&", "+", "and", "or"});
            if (token.kind == Kind::transport) {
                element.transports.push_back(token.transport);
            } else if (!joint) {
                break;
            }
            ++at_;
        }
    }

    void read_numbers() {
        auto& element = add(Type::ports);
        while (at_ < tokens_.size()) {
            auto item = take_port(tokens_, at_);
            if (!item) {
                // Two numbers that make no range, or one that is no port.
                if (element.items.empty()) {
                    element.type = Type::other;
                    odd_number_ = true;
                    ++at_;
                } else {
                    reason_ = fmt::format("\"{}\" among ports", base::escape(tokens_[at_].text));
                }
                return;
            }
            element.items.push_back(std::move(*item));
            read_behind(element);
            auto next = at_;
            while (next < tokens_.size() &&
                   one_of(tokens_[next].lower, {",", ";", "and", "or", "&", "plus", "/"})) {
                ++next;
            }
            if (next == at_ || next >= tokens_.size() || tokens_[next].kind != Kind::number) {
                return;
            }
            at_ = next;
        }
    }

    // Parentheses behind a number; a transport in them is read as such.
    void read_behind(Element& element) {
        auto next = at_;
        const auto words = take_parentheses(tokens_, next);
        if (!words || !read_transports_in(*words).empty()) {
            return;
        }
        const auto lower = base::to_lower(*words);
        auto& item = element.items.back();
        if (const auto level = parse_level(lower)) {
            item.level = level;
        } else if (is_condition(*words)) {
            item.condition = *words;
            item.when = circumstances_of(*words);
        } else if (names_something(*words)) {
            return;
        } else {
            element.notes += (element.notes.empty() ? "" : ", ") + item.text + ": " + *words;
        }
        at_ = next;
    }
    static Transports read_transports_in(const std::string& words) {
        return catalog::read_transports(words);
    }

    void read_place() {
        auto end = at_ + 1;
        // "a.example.com:443", "192.0.2.1 - 192.0.2.9"
        const bool port = end + 1 < tokens_.size() && tokens_[end].text == ":" &&
                          tokens_[end + 1].kind == Kind::number && tokens_[at_].kind != Kind::url;
        if (port) {
            end += 2;
            if (end + 1 < tokens_.size() && tokens_[end].text == "-" &&
                tokens_[end + 1].kind == Kind::number) {
                end += 2;
            }
        } else if (tokens_[at_].kind == Kind::network && end + 1 < tokens_.size() &&
                   one_of(tokens_[end].lower, {"-", "to", "~", "through"}) &&
                   (tokens_[end + 1].kind == Kind::network ||
                    tokens_[end + 1].kind == Kind::number)) {
            end += 2;
        } else if (end < tokens_.size() && tokens_[end].text == "(") {
            auto behind = end;
            if (const auto words = take_parentheses(tokens_, behind);
                words && !names_something(*words) && read_transports_in(*words).empty()) {
                end = behind;
            }
        }
        auto& element = add(Type::place);
        std::string text;
        for (auto i = at_; i < end; ++i) {
            const bool tight = text.empty() || tokens_[i].text == ":" || text.ends_with(':');
            text += (tight ? "" : " ") + tokens_[i].text;
        }
        element.place = read_places(text);
        if (!element.place.reason.empty()) {
            reason_ = element.place.reason;
        }
        if (!tokens_[at_].sure && !expects_places_) {
            element.type = Type::other;
        }
        at_ = end;
        // The path of a page behind a name.
        while (at_ + 1 < tokens_.size() && tokens_[at_].text == "/" &&
               tokens_[at_ + 1].kind == Kind::word) {
            at_ += 2;
        }
    }

    void read_any() {
        const bool loud = tokens_[at_].text == "ANY";
        const bool whole =
            at_ + 1 < tokens_.size() &&
            one_of(tokens_[at_ + 1].lower, {"destination", "ip", "address", "host"}) &&
            expects_places_;
        auto& element = add(loud || whole ? Type::place : Type::other);
        element.place.any = loud || whole;
        ++at_;
    }

    void read_word(const Token& token) {
        if (one_of(token.lower, {"port", "ports"})) {
            add(Type::port_word);
        } else if (one_of(token.lower, {"porta", "portas", "puerto", "puertos", "porte", "porti",
                                        "poort", "poorten", "zielport", "zielports", "portu"})) {
            // Tables are read in any language; a sentence's "not" is known in this one only.
            add(Type::port_word);
            other_language_ = true;
        } else if (groups_digits(token.text)) {
            add(Type::other);
            odd_number_ = true;
        } else if (one_of(token.lower, {"and", "or", ",", ";", "."})) {
            add(Type::joint);
        } else if (one_of(token.lower,
                          {"on",      "over",     "using",    "via",         "the",      "outbound",
                           "inbound", "outgoing", "incoming", "destination", "range",    "ranges",
                           "number",  "numbers",  "(",        ")",           ":",        "/",
                           "-",       "\"",       "'",        "`",           "[",        "]",
                           "remote",  "from",     "between",  "traffic",     "protocol", "s",
                           "in",      "standard", "either",   "with",        "through",  "*"})) {
            add(Type::filler);
        } else {
            add(Type::other);
        }
        ++at_;
    }

    // "10.000" is ten thousand to some, and ten to others.
    static bool groups_digits(std::string_view text) {
        constexpr std::size_t group = 4;  // ".000"
        const auto dot = text.find('.');
        return dot != std::string_view::npos && dot > 0 && text.size() - dot == group &&
               text.find_first_not_of("0123456789.") == std::string_view::npos;
    }

    std::span<const Token> tokens_;
    bool expects_places_;
    std::size_t at_ = 0;
    std::vector<Element> elements_;
    std::string reason_;
    bool odd_number_ = false;
    bool other_language_ = false;
};

}  // namespace

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

bool is_unit(const Token& token) {
    return one_of(token.lower,
                  {"second",       "seconds", "sec",     "s",       "minute",  "minutes",
                   "min",          "ms",      "hours",   "hour",    "days",    "day",
                   "kbps",         "mbps",    "gbps",    "kbit",    "mbit",    "kb",
                   "mb",           "gb",      "bytes",   "percent", "%",       "users",
                   "participants", "people",  "devices", "calls",   "streams", "fps",
                   "times",        "hosts",   "packets", "months",  "weeks",   "years",
                   "milliseconds", "bit",     "bits",    "servers", "sessions"});
}

PiecesOfSentence pieces_of(std::span<const Token> tokens, bool expects_places) {
    return Pieces(tokens, expects_places).read();
}

}  // namespace turnpike::catalog
