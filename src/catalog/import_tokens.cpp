// Text as tokens: where a number ends, what is a name, which dash is which.
#include "catalog/import_words.h"

#include <libpsl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

using Kind = Token::Kind;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 128;
}

// UTF-8 of what typesetters put for plain characters.
constexpr std::array<std::pair<std::string_view, std::string_view>, 34> plainer{{
    {"\u2010", "-"},  {"\u2011", "-"},  {"\u2012", "-"},  {"\u2013", "-"},   {"\u2014", "-"},
    {"\u2015", "-"},  {"\u2212", "-"},  {"\uFF0D", "-"},  {"\u301C", "~"},   {"\uFF5E", "~"},
    {"\u2018", "'"},  {"\u2019", "'"},  {"\u201C", "\""}, {"\u201D", "\""},  {"\u2026", "..."},
    {"\uFF0C", ", "}, {"\u3001", ", "}, {"\uFF1B", "; "}, {"\uFF1A", ": "},  {"\uFF0F", "/"},
    {"\uFF08", "("},  {"\uFF09", ")"},  {"\u2192", "->"}, {"\u200B", ""},    {"\u200C", ""},
    {"\u200D", ""},   {"\u2060", ""},   {"\u00AD", ""},   {"\uFEFF", ""},    {"\u202F", " "},
    {"\u2009", " "},  {"\u2217", "*"},  {"\u2020", " *"}, {"\u2021", " **"},
}};

// "1,024" against "1, 24": see number_with_commas().
std::size_t digits_at(std::string_view text, std::size_t at) {
    const auto end = std::min(text.find_first_not_of("0123456789", at), text.size());
    return end - std::min(at, end);
}

std::optional<unsigned> to_number(std::string_view digits) {
    const auto count = parse_count(digits);
    return count ? std::optional(*count) : std::nullopt;
}

enum class Commas : std::uint8_t { part, group, unclear };

// What the comma in "dd,ddd" at `at` does: part two ports, or group the digits of one. Only one
// reading may be possible; "53,443" has two.
Commas reading_of(std::string_view text, std::size_t at) {
    const auto first = digits_at(text, at);
    const auto comma = at + first;
    if (first == 0 || first > 2 || comma >= text.size() || text[comma] != ',' ||
        digits_at(text, comma + 1) != 3) {
        return Commas::part;
    }
    const auto end = comma + 4;
    const bool longer = end + 1 < text.size() && text[end] == ',' && is_digit(text[end + 1]);
    const bool behind = at >= 2 && text[at - 1] == ',' && is_digit(text[at - 2]);
    const auto low = to_number(text.substr(at, first)).value_or(0);
    const auto high = text.substr(comma + 1, 3);
    const auto grouped = low * 1000 + static_cast<unsigned>(std::stoul(std::string(high)));
    if (longer || behind || grouped > 65535 || low == 0) {
        return Commas::part;
    }
    if (high.front() == '0') {
        return Commas::group;  // no port begins with 0
    }
    const auto next = text.find_first_not_of(" -~", end);
    if (next != std::string_view::npos && is_digit(text[next]) &&
        text.substr(end, next - end).find_first_of("-~") != std::string_view::npos) {
        const auto to = to_number(text.substr(next, digits_at(text, next))).value_or(0);
        return to_number(high).value_or(0) < to ? Commas::unclear : Commas::group;
    }
    const auto before = text.substr(0, at).find_last_not_of(" -~");
    if (before != std::string_view::npos && is_digit(text[before]) &&
        text.substr(before + 1, at - before - 1).find_first_of("-~") != std::string_view::npos) {
        const auto begin = text.substr(0, before + 1).find_last_not_of("0123456789");
        const auto from = to_number(text.substr(begin + 1, before - begin)).value_or(0);
        return from < low ? Commas::unclear : Commas::group;
    }
    return Commas::unclear;
}

bool is_top_level(const std::string& label) {
    return label.starts_with("xn--") ||
           psl_is_public_suffix2(psl_builtin(), label.c_str(),
                                 PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

// Ends of file names and of technologies that look like names.
bool is_file_or_technology(std::string_view label) {
    static constexpr std::array<std::string_view, 35> labels{
        "js",  "json", "html", "htm", "php", "exe", "dll", "msi",  "pdf", "png", "jpg", "jpeg",
        "gif", "svg",  "yaml", "yml", "xml", "txt", "zip", "conf", "cfg", "ini", "sh",  "py",
        "log", "dmg",  "pkg",  "apk", "jsp", "css", "ts",  "mdx",  "csv", "md",  "aspx"};
    return std::ranges::find(labels, label) != labels.end();
}

// Looking further than a name or a network can reach would cost the square of a hostile line.
constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_network = 64;

/// Reads one text into tokens.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::vector<Token> read() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\n') {
                add(Kind::line, 1);
            } else if (c == ' ' || c == '\t' || c == '\r') {
                ++at_;
            } else if (!take_url() && !take_network() && !take_name() && !take_number() &&
                       !take_word()) {
                add(Kind::mark, 1);
            }
        }
        return std::move(tokens_);
    }

  private:
    Token& add(Kind kind, std::size_t size) {
        Token token;
        token.kind = kind;
        token.text = text_.substr(at_, size);
        token.lower = base::to_lower(token.text);
        at_ += size;
        tokens_.push_back(std::move(token));
        return tokens_.back();
    }
    [[nodiscard]] std::size_t run(std::string_view more) const {
        auto end = at_;
        while (end < text_.size() && (is_digit(text_[end]) || is_letter(text_[end]) ||
                                      more.find(text_[end]) != std::string_view::npos)) {
            ++end;
        }
        return end - at_;
    }

    // "https://host:port/path": the host and what makes it a place; the rest leads to a page.
    bool take_url() {
        const auto scheme = text_.substr(at_, 12).find("://");
        if (scheme == std::string_view::npos || scheme == 0 ||
            !std::ranges::all_of(text_.substr(at_, scheme),
                                 [](char c) { return is_letter(c) || c == '+'; })) {
            return false;
        }
        const auto size = std::min(text_.find_first_of(" \t\n<>\"'`", at_), text_.size()) - at_;
        auto url = text_.substr(at_, size);
        while (!url.empty() && std::string_view(".,;)]").find(url.back()) != url.npos) {
            url.remove_suffix(1);
        }
        add(Kind::url, url.size());
        return true;
    }

    bool take_network() {
        constexpr std::string_view letters = "0123456789abcdefABCDEF:./";
        if (at_ > 0 && (is_letter(text_[at_ - 1]) || text_[at_ - 1] == '.')) {
            return false;
        }
        const auto ahead = text_.substr(at_, longest_network);
        auto size = std::min(ahead.find_first_not_of(letters), ahead.size());
        while (size > 0 &&
               (text_[at_ + size - 1] == '.' || text_[at_ + size - 1] == '/' ||
                (text_[at_ + size - 1] == ':' && !text_.substr(at_, size).ends_with("::")))) {
            --size;
        }
        if (size < 3) {
            return false;
        }
        auto word = text_.substr(at_, size);
        // "192.0.2.1:443"
        if (std::ranges::count(word, '.') >= 3 && word.find(':') != std::string_view::npos &&
            word.find('/') == std::string_view::npos) {
            word = word.substr(0, word.find(':'));
        }
        if (std::ranges::count(word, '.') != 3 && std::ranges::count(word, ':') < 2) {
            return false;
        }
        const auto next = at_ + word.size();
        if (next < text_.size() && (is_letter(text_[next]) || text_[next] == '*')) {
            return false;
        }
        auto networks = parse_network(word);
        if (!networks) {
            // An address with a slip in it is a word that nobody may overlook.
            if (std::ranges::count(word, '.') == 3 && word.find(':') == std::string_view::npos) {
                add(Kind::word, word.size());
                return true;
            }
            return false;
        }
        auto& token = add(Kind::network, word.size());
        token.networks = std::move(*networks);
        token.address = token.text.find('/') == std::string::npos;
        return true;
    }

    // What may be a name, up to `end`; "<region>.example.com" as "{region}.example.com".
    std::string name_from_here(std::size_t& end) const {
        std::string word;
        for (; end < text_.size() && word.size() <= longest_name; ++end) {
            const char c = text_[end];
            if (c == '<' || c == '>') {
                constexpr std::size_t longest_placeholder = 40;
                const auto ahead = text_.substr(end, longest_placeholder);
                const auto close = ahead.find('>');
                if (c == '<' && (close == std::string_view::npos ||
                                 ahead.substr(0, close).find(' ') != std::string_view::npos)) {
                    break;
                }
                if (c == '>' && word.find('{') == std::string::npos) {
                    break;
                }
                word += c == '<' ? '{' : '}';
            } else if (is_digit(c) || is_letter(c) ||
                       std::string_view(".-_*{}").find(c) != std::string_view::npos) {
                word += c;
            } else {
                break;
            }
        }
        return word;
    }

    // An address of mail is one word, and no place. `end` stands at the "@".
    void take_mail_address(std::size_t end) {
        const auto local = end - at_ + 1;
        at_ += local;
        const auto domain = run(".-_");
        at_ -= local;
        add(Kind::word, local + domain);
    }

    // Without the end of a sentence, or the star of a footnote.
    static std::size_t end_of_name(std::string& word, std::size_t end) {
        while (word.size() > 2 && (word.ends_with('.') || word.ends_with('-') ||
                                   (word.ends_with('*') && word.find('.') != std::string::npos))) {
            word.pop_back();
            --end;
        }
        return end;
    }

    static bool is_wild(const std::string& word) {
        return word.starts_with('.') || word.find('*') != std::string::npos ||
               word.find('{') != std::string::npos;
    }

    static bool could_be_name(const std::string& word) {
        const auto dot = word.rfind('.');
        if (word.starts_with("-.") || word.starts_with("..") || dot == std::string::npos ||
            word.size() - dot < 3) {
            return false;
        }
        const auto label = base::to_lower(word.substr(dot + 1));
        const bool in_letters =
            std::ranges::all_of(label, [](char c) { return (c >= 'a' && c <= 'z'); }) ||
            label.starts_with("xn--");
        return in_letters && (is_wild(word) || !is_file_or_technology(label));
    }

    bool take_name() {
        if (at_ > 0 && (is_letter(text_[at_ - 1]) || is_digit(text_[at_ - 1]))) {
            return false;
        }
        auto end = at_;
        auto word = name_from_here(end);
        if (end < text_.size() && text_[end] == '@') {
            take_mail_address(end);
            return true;
        }
        end = end_of_name(word, end);
        if (!could_be_name(word)) {
            return false;
        }
        const auto name = parse_name_pattern(word);
        if (!name) {
            return false;
        }
        // "network.The" is a blank that got lost; "a.corp.internal" is a name.
        const bool known =
            is_wild(word) || is_top_level(base::to_lower(word.substr(word.rfind('.') + 1)));
        if (!known && (std::ranges::count(word, '.') < 2 || base::to_lower(word) != word)) {
            add(Kind::word, end - at_);
            return true;
        }
        auto& token = add(Kind::name, end - at_);
        token.sure = known;
        token.lower = *name;
        // A footnote's star goes with the name.
        while (at_ < text_.size() && text_[at_] == '*') {
            ++at_;
        }
        return true;
    }

    bool take_number() {
        if (!is_digit(text_[at_])) {
            return false;
        }
        const auto reading = reading_of(text_, at_);
        auto size = digits_at(text_, at_);
        if (reading != Commas::part) {
            size += 4;
            auto& token = add(Kind::word, size);
            if (reading == Commas::group) {
                auto digits = token.text;
                std::erase(digits, ',');
                token.kind = Kind::number;
                token.lower = digits;
                token.number = to_number(digits).value_or(0);
            }
            return true;
        }
        // "2.9.0", "1080p", "8x8", "5G", "1st": words.
        const auto next = at_ + size;
        const bool goes_on = next + 1 < text_.size() && text_[next] == '.' &&
                             (is_digit(text_[next + 1]) || is_letter(text_[next + 1]));
        if (goes_on || (next < text_.size() && is_letter(text_[next]))) {
            add(Kind::word, run("."));
            while (tokens_.back().text.ends_with('.')) {
                tokens_.back().text.pop_back();
                tokens_.back().lower.pop_back();
            }
            return true;
        }
        auto& token = add(Kind::number, size);
        token.number = to_number(token.text).value_or(70'000);
        return true;
    }

    bool take_word() {
        if (!is_letter(text_[at_])) {
            return false;
        }
        auto size = run("-'_.");
        auto word = base::to_lower(text_.substr(at_, size));
        // "TCP-443", "UDP.", "tcp_443"
        for (const auto transport : {Transport::tcp, Transport::udp}) {
            const auto name = to_string(transport);
            if (word.starts_with(name) &&
                (word.size() == name.size() || !is_letter(word[name.size()]))) {
                const bool digits = word.size() > name.size() && is_digit(word[name.size()]);
                const bool version = word.size() == name.size() + 1 && digits;  // "udp4"
                if (!version) {
                    add(Kind::transport, name.size()).transport = transport;
                    return true;
                }
            }
        }
        while (word.ends_with('.') || word.ends_with('-') || word.ends_with('\'')) {
            word.pop_back();
            --size;
        }
        auto& token = add(Kind::word, size);
        if (token.lower == "any" || token.lower == "anywhere") {
            token.kind = Kind::any;
        }
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
};

}  // namespace

std::string plain(std::string_view text, bool keep_wide_blanks) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        if (static_cast<unsigned char>(text[i]) < 128) {
            out += text[i++];
            continue;
        }
        const auto rest = text.substr(i);
        if (rest.starts_with("\u00A0")) {
            out += keep_wide_blanks ? "\u00A0" : " ";
            i += 2;
            continue;
        }
        const auto* const found = std::ranges::find_if(
            plainer, [&](const auto& pair) { return rest.starts_with(pair.first); });
        if (found != plainer.end()) {
            out += found->second;
            i += found->first.size();
        } else {
            out += text[i++];
        }
    }
    return out;
}

std::vector<Token> tokens_of(std::string_view text) {
    return Reader(text).read();
}

}  // namespace turnpike::catalog
