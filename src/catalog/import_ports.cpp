// Cells and list items that say nothing but ports or transports. What is not understood in full is
// refused: half a port list is a wrong one.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <ranges>

#include "catalog/import_readers.h"
#include "catalog/import_words.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

using Kind = Token::Kind;
using Transports = std::vector<Transport>;

// Words beside numbers that change nothing.
bool is_filler(const Token& token) {
    constexpr std::array<std::string_view, 17> words{
        "port",        "ports",  "range",   "ranges", "and",     "or",  "on",    "over",    "the",
        "destination", "number", "numbers", "from",   "between", "via", "using", "protocol"};
    constexpr std::string_view marks = ",;:/&+|.\"'`";
    return token.kind == Kind::line ||
           (token.kind == Kind::mark && marks.find(token.text) != marks.npos) ||
           (token.kind == Kind::word && std::ranges::find(words, token.lower) != words.end());
}

bool says_nothing(std::string_view text) {
    constexpr std::array<std::string_view, 7> words{"", "-", "n/a", "na", "none", "--", "---"};
    return std::ranges::find(words, base::to_lower(trim(text))) != words.end();
}

/// Reads "TCP 80, 443" as well as "80/TCP, 443/TCP": the first of number and transport says which.
class PortReader {
  public:
    explicit PortReader(std::span<const Token> tokens) : tokens_(tokens) {
        for (const auto& token : tokens) {
            if (token.kind == Kind::transport) {
                before_ = true;
                break;
            }
            if (token.kind == Kind::number || token.lower == "any" || token.lower == "all") {
                break;
            }
        }
    }

    std::expected<PortList, std::string> read() {
        while (at_ < tokens_.size() && reason_.empty()) {
            step();
        }
        if (reason_.empty() && before_ && !current_.empty() && unused_) {
            reason_ = "a transport without a port";
        }
        if (!reason_.empty()) {
            return std::unexpected(reason_);
        }
        return std::move(list_);
    }

  private:
    void step() {
        if (auto item = take_port(tokens_, at_)) {
            add(std::move(*item));
        } else if (const auto words = take_parentheses(tokens_, at_)) {
            read_parentheses(*words);
        } else if (tokens_[at_].kind == Kind::transport) {
            read_transports_at();
        } else if (tokens_[at_].kind == Kind::any || tokens_[at_].lower == "all") {
            ++at_;
            add(every_port());
        } else if (tokens_[at_].lower == "inbound" || tokens_[at_].lower == "outbound") {
            list_.direction = tokens_[at_++].lower;
        } else if (tokens_[at_].kind == Kind::word && is_protocol(tokens_[at_].lower)) {
            list_.notes += (list_.notes.empty() ? "" : ", ") + tokens_[at_++].text;
        } else if (is_filler(tokens_[at_]) || is_lone_star()) {
            ++at_;
        } else {
            reason_ = fmt::format("\"{}\" among ports", base::escape(tokens_[at_].text));
        }
    }
    // The star of a footnote behind a number.
    [[nodiscard]] bool is_lone_star() const { return tokens_[at_].text == "*" && at_ > 0; }

    void add(PortItem item) {
        list_.items.push_back(std::move(item));
        list_.transports.push_back(before_ ? current_ : Transports{});
        unused_ = false;
    }

    void read_transports_at() {
        Transports found;
        while (at_ < tokens_.size()) {
            const auto& token = tokens_[at_];
            const bool joint = !found.empty() && at_ + 1 < tokens_.size() &&
                               tokens_[at_ + 1].kind == Kind::transport &&
                               (token.text == "/" || token.text == "," || token.text == "&" ||
                                token.text == "+" || token.lower == "and" || token.lower == "or");
            if (token.kind == Kind::transport) {
                found.push_back(token.transport);
            } else if (!joint) {
                break;
            }
            ++at_;
        }
        use(found);
    }

    void use(const Transports& found) {
        if (before_) {
            if (unused_ && !current_.empty()) {
                reason_ = "a transport without a port";
            }
            current_ = found;
            unused_ = true;
            return;
        }
        bool any = false;
        for (auto& transports : list_.transports | std::views::reverse) {
            if (!transports.empty()) {
                break;
            }
            transports = found;
            any = true;
        }
        if (!any) {
            reason_ = "a transport that belongs to no port";
        }
    }

    void read_parentheses(const std::string& words) {
        const auto lower = base::to_lower(words);
        auto transports = read_transports(words);
        if (!transports.empty()) {
            if (before_ && !list_.items.empty() && list_.transports.back() != transports) {
                reason_ = "two transports for one port";
            } else if (!before_) {
                use(transports);
            }
            return;
        }
        if (lower == "inbound" || lower == "outbound") {
            list_.direction = lower;
            return;
        }
        if (list_.items.empty()) {
            list_.notes += (list_.notes.empty() ? "" : ", ") + words;
            return;
        }
        auto& item = list_.items.back();
        if (const auto level = parse_level(lower)) {
            item.level = level;
        } else if (is_condition(words)) {
            item.condition = words;
            item.when = circumstances_of(words);
        } else if (std::ranges::any_of(tokens_of(words), [](const Token& token) {
                       return token.kind == Kind::number || token.kind == Kind::name;
                   })) {
            reason_ = fmt::format("\"{}\" behind a port", base::escape(words));
        } else {
            list_.notes +=
                fmt::format("{}{}: {}", list_.notes.empty() ? "" : ", ", item.text, words);
        }
    }

    std::span<const Token> tokens_;
    std::size_t at_ = 0;
    bool before_ = false;
    bool unused_ = false;
    Transports current_;
    PortList list_;
    std::string reason_;
};

}  // namespace

std::optional<Level> parse_level(std::string_view lower) {
    constexpr std::array<std::pair<std::string_view, Level>, 12> words{{
        {"required", Level::required},
        {"mandatory", Level::required},
        {"must", Level::required},
        {"yes", Level::required},
        {"required*", Level::required},
        {"recommended", Level::recommended},
        {"strongly recommended", Level::recommended},
        {"preferred", Level::recommended},
        {"optional", Level::optional},
        {"no", Level::optional},
        {"not required", Level::optional},
        {"conditional", Level::conditional},
    }};
    for (const auto& [word, level] : words) {
        if (word == trim(lower)) {
            return level;
        }
    }
    return std::nullopt;
}

std::expected<PortList, std::string> read_ports(std::string_view text) {
    if (says_nothing(text)) {
        return PortList{};
    }
    auto tokens = tokens_of(text);
    imply_transports(tokens);
    auto list = PortReader(tokens).read();
    if (list && list->items.empty()) {
        return std::unexpected(std::string("no port"));
    }
    return list;
}

std::vector<Transport> read_transports(std::string_view text) {
    Transports found;
    Transports implied;
    for (const auto& token : tokens_of(text)) {
        if (token.kind == Kind::transport) {
            if (std::ranges::find(found, token.transport) == found.end()) {
                found.push_back(token.transport);
            }
        } else if (const auto transport = implied_transport(token.lower)) {
            implied.push_back(*transport);
        } else if (!is_protocol(token.lower) && !is_filler(token) && token.text != "(" &&
                   token.text != ")" && token.text != "-" && token.text != "*") {
            return {};
        }
    }
    if (found.empty() && !implied.empty() &&
        std::ranges::all_of(implied, [&](auto t) { return t == implied.front(); })) {
        return {implied.front()};
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace turnpike::catalog
