// Cells and list items that say where a row leads: names, networks, ANY, and words.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "catalog/import_readers.h"
#include "catalog/import_words.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

using Kind = Token::Kind;

bool says_any(std::string_view lower) {
    constexpr std::array<std::string_view, 20> words{"any",
                                                     "*",
                                                     "all",
                                                     "anywhere",
                                                     "any ip",
                                                     "any address",
                                                     "any destination",
                                                     "all networks",
                                                     "all hosts",
                                                     "all addresses",
                                                     "all ip addresses",
                                                     "any host",
                                                     "all destinations",
                                                     "internet",
                                                     "the internet",
                                                     "any any",
                                                     "0.0.0.0/0",
                                                     "any ip address",
                                                     "everywhere",
                                                     "any network"};
    return std::ranges::find(words, trim(lower)) != words.end();
}

bool has_wild_address(std::string_view text) {
    // "192.0.2.*" and "192.0.2.x" are networks that only their author can write right.
    const auto at = text.find(".*");
    return at != std::string_view::npos && at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9' &&
           (at + 2 == text.size() || text[at + 2] == '.' || text[at + 2] == ' ' ||
            text[at + 2] == ',');
}

// "turn.{region}. example.com" is one name with a blank in it: neither half may count.
bool is_front_of_a_name(std::string_view word) {
    if (word.find_first_of(".{<") == word.npos || word == "e.g" || word == "i.e") {
        return false;
    }
    const auto own = tokens_of(word);
    return own.size() != 1 || own[0].kind != Kind::name || !own[0].sure;
}

bool breaks_a_name(std::string_view text) {
    constexpr std::string_view blanks = " \n\t,;|";
    for (auto dot = text.find(". "); dot != text.npos; dot = text.find(". ", dot + 1)) {
        const auto blank = text.find_last_of(blanks, dot);
        const auto begin = blank == text.npos ? 0 : blank + 1;
        if (!is_front_of_a_name(text.substr(begin, dot - begin))) {
            continue;
        }
        const auto next = std::min(text.find_first_not_of(blanks, dot + 1), text.size());
        const auto behind = tokens_of(text.substr(next, text.find_first_of(blanks, next) - next));
        if (!behind.empty() && behind[0].kind == Kind::name) {
            return true;
        }
    }
    return false;
}

class PlacesReader {
  public:
    explicit PlacesReader(std::string_view text) : tokens_(tokens_of(text)) {}

    Places read() {
        while (at_ < tokens_.size() && places_.reason.empty()) {
            step(tokens_[at_]);
        }
        places_.words = std::string(trim(places_.words));
        return std::move(places_);
    }

  private:
    void step(const Token& token) {
        switch (token.kind) {
            case Kind::name:
                places_.names.push_back({token.lower, ""});
                ++at_;
                read_port_behind();
                skip_path();
                break;
            case Kind::url:
                read_url(token.text);
                break;
            case Kind::network:
                read_network(token);
                break;
            case Kind::any:
                places_.any = true;
                ++at_;
                break;
            case Kind::mark:
                read_mark();
                break;
            case Kind::line:
                ++at_;
                break;
            case Kind::word:
            case Kind::number:
            case Kind::transport:
                read_word(token);
                break;
        }
    }

    // "host.example.com:443" or "host.example.com:443-445"
    void read_port_behind() {
        if (at_ + 1 >= tokens_.size() || tokens_[at_].text != ":" ||
            tokens_[at_ + 1].kind != Kind::number) {
            return;
        }
        ++at_;
        if (auto item = take_port(tokens_, at_)) {
            places_.ports.push_back(std::move(*item));
        } else {
            places_.reason = "no port behind the colon";
        }
    }

    // "example.com/meet/" is a name for a firewall; its path is nothing that one could match.
    void skip_path() {
        bool in_path = false;
        while (at_ + 1 < tokens_.size() && tokens_[at_].text == "/" &&
               (tokens_[at_ + 1].kind == Kind::word || tokens_[at_ + 1].text == "*")) {
            at_ += 2;
            in_path = true;
        }
        if (in_path && at_ + 1 < tokens_.size() && tokens_[at_].text == "/" &&
            tokens_[at_ + 1].kind == Kind::name) {
            places_.reason = "a path that ends in a name";
            return;
        }
        if (at_ < tokens_.size() && tokens_[at_].text == "/") {
            ++at_;
        }
    }

    void read_url(const std::string& url) {
        ++at_;
        auto host = url.substr(url.find("://") + 3);
        host = host.substr(0, host.find_first_of("/?#"));
        auto inner = read_places(host);
        if (!inner.reason.empty() || inner.empty() || !inner.words.empty()) {
            places_.reason = fmt::format("\"{}\" names no place", base::escape(url));
            return;
        }
        std::ranges::move(inner.names, std::back_inserter(places_.names));
        std::ranges::move(inner.networks, std::back_inserter(places_.networks));
        std::ranges::move(inner.ports, std::back_inserter(places_.ports));
    }

    void read_network(const Token& token) {
        const bool range = at_ + 2 < tokens_.size() && token.address &&
                           (tokens_[at_ + 1].text == "-" || tokens_[at_ + 1].lower == "to" ||
                            tokens_[at_ + 1].text == "~" || tokens_[at_ + 1].lower == "through") &&
                           tokens_[at_ + 2].kind == Kind::network && tokens_[at_ + 2].address;
        if (range) {
            const auto networks = parse_network(token.text + '-' + tokens_[at_ + 2].text);
            if (!networks) {
                places_.reason = networks.error();
                return;
            }
            places_.networks.insert(places_.networks.end(), networks->begin(), networks->end());
            at_ += 3;
            return;
        }
        // "192.0.2.0 - 31" or "192.0.2.1-10": the author knows what it means.
        if (token.address && at_ + 2 < tokens_.size() && tokens_[at_ + 1].text == "-" &&
            tokens_[at_ + 2].kind == Kind::number) {
            places_.reason = "a range of addresses that is cut short";
            return;
        }
        places_.networks.insert(places_.networks.end(), token.networks.begin(),
                                token.networks.end());
        ++at_;
        if (token.networks.size() == 1 && token.text.ends_with("/0")) {
            places_.networks.pop_back();
            places_.any = true;
        }
        read_port_behind();
    }

    void read_mark() {
        if (const auto words = take_parentheses(tokens_, at_)) {
            read_parentheses(*words);
            return;
        }
        if (tokens_[at_].text == "*") {
            const bool alone = tokens_.size() == 1;
            places_.any = places_.any || alone;
        }
        ++at_;
    }

    void read_parentheses(const std::string& words) {
        const auto inner = read_places(words);
        if (!inner.names.empty() || !inner.networks.empty() || !inner.reason.empty()) {
            // "sip.example.com (192.0.2.1, 192.0.2.2)": the same place by address.
            if (inner.reason.empty() && inner.words.empty() && inner.ports.empty()) {
                std::ranges::copy(inner.names, std::back_inserter(places_.names));
                std::ranges::copy(inner.networks, std::back_inserter(places_.networks));
            } else {
                places_.reason = fmt::format("\"{}\"", base::escape(words));
            }
        } else if (!places_.names.empty() && places_.networks.empty()) {
            places_.names.back().note = without_for(words);
        } else {
            places_.words += (places_.words.empty() ? "" : " ") + words;
        }
    }
    static std::string without_for(const std::string& words) {
        return words.starts_with("for ") ? words.substr(4) : words;
    }

    void read_word(const Token& token) {
        constexpr std::array<std::string_view, 5> joints{"and", "or", "to", "ipv4", "ipv6"};
        ++at_;
        if (std::ranges::find(joints, token.lower) != joints.end()) {
            return;
        }
        if (looks_like_address(token.text)) {
            places_.reason = fmt::format("\"{}\" is no address", base::escape(token.text));
        }
        places_.words += (places_.words.empty() ? "" : " ") + token.text;
    }
    static bool looks_like_address(std::string_view text) {
        return !text.empty() && text.front() >= '0' && text.front() <= '9' &&
               std::ranges::count(text, '.') >= 2;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    Places places_;
};

}  // namespace

Places read_places(std::string_view text) {
    // "all hosts (recommended)"
    if (const auto open = text.find('('); open != text.npos && trim(text).ends_with(')') &&
                                          says_any(base::to_lower(text.substr(0, open)))) {
        auto places = read_places(text.substr(0, open));
        places.words = text.substr(open + 1, trim(text).size() - open - 2);
        return places;
    }
    if (says_any(base::to_lower(text))) {
        Places places;
        places.any = true;
        return places;
    }
    if (breaks_a_name(text)) {
        Places places;
        places.reason = "a name that is broken in two";
        return places;
    }
    if (has_wild_address(text)) {
        Places places;
        places.reason = "an address with a star; write the network";
        return places;
    }
    return PlacesReader(text).read();
}

}  // namespace turnpike::catalog
