// Reads a sentence into drafts of rules: which port belongs to which transport and place.
#include "catalog/import_sentence.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "catalog/import_pieces.h"
#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

using Kind = Token::Kind;
using Type = Element::Type;

// No sentence of a page has so many words; what follows compares them with each other.
constexpr std::size_t most_tokens = 3000;

class SentenceReader {
  public:
    SentenceReader(const std::string& text, const DraftContext& context, bool expects_places)
        : text_(plain(text)),
          lower_(base::to_lower(text_)),
          context_(context),
          expects_places_(expects_places || asks_to_allow(text_)),
          tokens_(tokens_of(text_)) {
        imply_transports(tokens_);
    }

    Sentence read() {
        sentence_.heads = trim(text_).ends_with(':');
        sentence_.says = context_;
        read_says();
        if (tokens_.size() > most_tokens) {
            sentence_.reason = names_something(text_) ? "too long for a sentence" : "";
            return std::move(sentence_);
        }
        auto pieces = pieces_of(tokens_, expects_places_);
        elements_ = std::move(pieces.elements);
        sentence_.reason = std::move(pieces.reason);
        if (!pieces.odd_port && !interesting()) {
            sentence_.reason.clear();
            return std::move(sentence_);
        }
        if (sentence_.reason.empty()) {
            understand();
        }
        if (!sentence_.reason.empty()) {
            sentence_.rows.clear();
            sentence_.places = {};
        }
        return std::move(sentence_);
    }

  private:
    void refuse(const std::string& reason) {
        if (sentence_.reason.empty()) {
            sentence_.reason = reason;
        }
    }

    // What holds for a list or a table behind this sentence.
    void read_says() {
        Transports named;
        for (const auto& token : tokens_) {
            if (token.kind == Kind::transport &&
                std::ranges::find(named, token.transport) == named.end()) {
                named.push_back(token.transport);
            }
        }
        if (!named.empty()) {
            sentence_.says.transports = named;
        }
        if (const auto direction = direction_in(text_); !direction.empty() && !takes_back(text_)) {
            sentence_.says.direction = direction;
        }
        sentence_.says.ports = lower_.contains("port");
        const auto colon = text_.find(": ");
        if (colon != std::string::npos) {
            sentence_.words = std::string(trim(text_.substr(0, colon)));
        }
    }

    [[nodiscard]] bool interesting() const {
        return std::ranges::any_of(elements_, [&](const Element& element) {
            return element.type == Type::place ||
                   (element.type == Type::ports && speaks_of_ports(element));
        });
    }
    [[nodiscard]] bool speaks_of_ports(const Element& ports) const {
        const bool list = (!context_.transports.empty() || context_.ports) &&
                          &ports == elements_.data() && ports.items.front().first > 9;
        return list || std::ranges::any_of(elements_, [](const Element& element) {
                   return element.type == Type::port_word || element.type == Type::transports;
               });
    }

    void understand() {
        auto said = lower_;
        for (const std::string_view idiom : {"not be blocked", "not blocked", "do not block"}) {
            if (const auto at = said.find(idiom); at != std::string::npos) {
                said.erase(at, idiom.size());
            }
        }
        if (takes_back(said)) {
            refuse("the sentence takes something back");
        } else if (lower_.contains("for example") || lower_.contains("e.g.") ||
                   lower_.contains("such as")) {
            refuse("an example");
        } else if (tells_of_other_times(lower_)) {
            refuse("no demand of today");
        } else {
            read_condition();
            read_condition_behind();
            bind_ports();
            bind_places();
        }
    }

    // "If UDP is blocked, TCP 443 is used." The clause is a condition if it names nothing.
    void read_condition() {
        const auto first = tokens_.empty() ? std::string() : tokens_.front().lower;
        if (!one_of(first, {"if", "when", "where", "in"})) {
            return;
        }
        const auto comma = text_.find(',');
        if (first == "in" && !lower_.starts_with("in case")) {
            return;
        }
        if (comma == std::string::npos || names_something(text_.substr(0, comma))) {
            refuse("a condition that is not understood");
            return;
        }
        condition_ = std::string(trim(text_.substr(0, comma)));
    }

    // "TCP 443 is used if UDP is blocked": the same at the end of the sentence. What the clause
    // names by itself would become a row of its own.
    void read_condition_behind() {
        for (const std::string_view word : {" if ", " when ", " in case "}) {
            const auto at = lower_.find(word, 1);  // a sentence that begins so was read already
            if (at == std::string::npos) {
                continue;
            }
            auto clause = std::string(trim(text_.substr(at)));
            const bool has_number = std::ranges::any_of(
                tokens_of(clause), [](const Token& token) { return token.kind == Kind::number; });
            if (has_number || names_something(clause)) {
                refuse("a condition that is not understood");
                return;
            }
            while (clause.ends_with('.') || clause.ends_with(':')) {
                clause.pop_back();
            }
            condition_ += (condition_.empty() ? "" : "; ") + clause;
            return;
        }
    }

    // Left of a number: "TCP port 443"; right of it: "443/TCP", "443 (TCP)".
    [[nodiscard]] const Element* beside(std::size_t at, int step, bool& port_word) const {
        for (auto i = static_cast<std::ptrdiff_t>(at) + step;
             i >= 0 && i < static_cast<std::ptrdiff_t>(elements_.size()); i += step) {
            const auto& element = elements_[static_cast<std::size_t>(i)];
            if (element.type == Type::transports) {
                return &element;
            }
            if (element.type == Type::port_word) {
                port_word = true;
            } else if (element.type != Type::filler) {
                return nullptr;
            }
        }
        return nullptr;
    }

    void bind_ports() {
        std::size_t lists = 0;
        for (const auto& element : elements_) {
            lists += element.type == Type::ports ? 1 : 0;
        }
        for (std::size_t i = 0; i < elements_.size(); ++i) {
            auto& element = elements_[i];
            if (element.type != Type::ports) {
                continue;
            }
            bool port_word = false;
            const auto* transports = beside(i, -1, port_word);
            if (transports == nullptr || claimed_by_number_before(transports, i)) {
                transports = beside(i, 1, port_word);
            }
            if (transports != nullptr) {
                element.transports = transports->transports;
            } else if (port_word || i == 0) {
                element.transports = transports_of_sentence(lists);
            }
            if (!element.transports.empty()) {
                continue;
            }
            if (!port_word && is_no_port(element)) {
                element.type = Type::other;
            } else {
                refuse(port_word ? "no transport is stated" : "a number that may be a port");
            }
        }
    }
    // "443 TCP 3478 UDP": the transport between belongs to the number before it.
    [[nodiscard]] bool claimed_by_number_before(const Element* transports, std::size_t at) const {
        const auto index = static_cast<std::size_t>(transports - elements_.data());
        return index > 0 && index < at && elements_[index - 1].type == Type::ports &&
               elements_[index - 1].transports == transports->transports &&
               !elements_[index - 1].items.empty() && first_is_number();
    }
    [[nodiscard]] bool first_is_number() const {
        for (const auto& element : elements_) {
            if (element.type == Type::ports || element.type == Type::transports) {
                return element.type == Type::ports;
            }
        }
        return false;
    }

    // "port 443 on these servers, using either UDP or TCP", or what the list's head says.
    [[nodiscard]] Transports transports_of_sentence(std::size_t lists) const {
        Transports found;
        for (const auto& element : elements_) {
            if (element.type == Type::transports) {
                found.insert(found.end(), element.transports.begin(), element.transports.end());
            }
        }
        std::ranges::sort(found);
        found.erase(std::ranges::unique(found).begin(), found.end());
        if (!found.empty()) {
            return lists == 1 ? found : Transports{};
        }
        return context_.transports;
    }

    // "30 seconds", "Windows 10", "2 servers": numbers of other things.
    [[nodiscard]] bool is_no_port(const Element& element) const {
        if (element.items.size() != 1 || element.items[0].first < 10) {
            return element.items.size() == 1;
        }
        auto next = element.token + 1;
        while (next < tokens_.size() &&
               (tokens_[next].kind == Kind::number || tokens_[next].text == "-")) {
            ++next;
        }
        return next < tokens_.size() && is_unit(tokens_[next]);
    }

    [[nodiscard]] Draft draft_of(const Element& element) const {
        Draft draft;
        draft.condition = condition_;
        if (!context_.condition.empty()) {
            draft.condition += (draft.condition.empty() ? "" : "; ") + context_.condition;
        }
        draft.when = circumstances_of(draft.condition);
        draft.direction = sentence_.says.direction;
        draft.notes = element.notes;
        if (lower_.contains("fallback") || lower_.contains("fall back") ||
            lower_.contains("falls back")) {
            // Which of the ways stands in for which, only the sentence says.
            draft.notes += (draft.notes.empty() ? "" : "; ") + std::string(trim(text_));
        }
        draft.level = context_.level;
        if (lower_.contains("recommend")) {
            draft.level = Level::recommended;
        } else if (lower_.contains("optional")) {
            draft.level = Level::optional;
        }
        draft.purpose = purpose();
        return draft;
    }

    // "Signaling: TCP 443", "UDP 3478 for media".
    [[nodiscard]] std::string purpose() const {
        if (!sentence_.words.empty() && !names_something(sentence_.words) &&
            read_transports(sentence_.words).empty() &&
            !base::to_lower(sentence_.words).contains("port")) {
            return sentence_.words;
        }
        if (const auto at = lower_.rfind(" for "); at != std::string::npos) {
            auto words = std::string(trim(text_.substr(at + 5)));
            while (words.ends_with('.') || words.ends_with(':') || words.ends_with(')')) {
                words.pop_back();
            }
            if (!names_something(words) && words.size() < 60) {
                return words;
            }
        }
        return {};
    }

    void add_rows(const Element& element, const Places& places) {
        auto draft = draft_of(element);
        draft.places = places;
        PortList list;
        list.items = element.items;
        list.transports.assign(element.items.size(), element.transports);
        add_by_transport(draft, list, sentence_.rows);
    }

    static void join(Places& into, const Places& more) {
        into.names.insert(into.names.end(), more.names.begin(), more.names.end());
        into.networks.insert(into.networks.end(), more.networks.begin(), more.networks.end());
        into.any = into.any || more.any;
    }

    // A name with a port of its own makes a row; its transport stands in the sentence or above.
    bool bind_own_ports() {
        bool found = false;
        for (const auto& element : elements_) {
            if (element.type != Type::place || element.place.ports.empty()) {
                continue;
            }
            found = true;
            Element ports;
            ports.items = element.place.ports;
            ports.transports = transports_of_sentence(1);
            if (ports.transports.empty()) {
                refuse("no transport is stated");
                return true;
            }
            auto places = element.place;
            places.ports.clear();
            add_rows(ports, places);
        }
        if (found && std::ranges::any_of(elements_, [](const Element& element) {
                return element.type == Type::ports ||
                       (element.type == Type::place && element.place.ports.empty());
            })) {
            refuse("some names have ports, others have none");
        }
        return found;
    }

    // "ports ... to places" or "places on ports" once, or in turns; nothing else is clear.
    void bind_places() {
        if (!sentence_.reason.empty() || bind_own_ports()) {
            return;
        }
        std::string order;
        for (const auto& element : elements_) {
            if (element.type == Type::ports) {
                order += 'p';
            } else if (element.type == Type::place) {
                order += order.ends_with('d') ? "" : "d";
            }
        }
        const auto turns = std::ranges::count(order, 'd');
        if (turns <= 1) {
            Places all;
            for (const auto& element : elements_) {
                if (element.type == Type::place) {
                    join(all, element.place);
                }
            }
            if (order.find('p') == std::string::npos) {
                place_without_ports(std::move(all));
            } else if (const auto d = order.find('d');
                       d != std::string::npos && d > 0 && d + 1 < order.size()) {
                refuse("ports on both sides of the destinations");
            } else {
                for (const auto& element : elements_) {
                    if (element.type == Type::ports) {
                        add_rows(element, all);
                    }
                }
            }
            return;
        }
        bind_in_turns(order);
    }
    // "Allow TCP to *.example.com": a transport without a port. Else the places belong to the ports
    // that the section names elsewhere.
    void place_without_ports(Places all) {
        Element ports;
        for (const auto& element : elements_) {
            if (element.type == Type::transports) {
                ports.transports.insert(ports.transports.end(), element.transports.begin(),
                                        element.transports.end());
            }
        }
        if (ports.transports.empty() || sentence_.heads || lower_.contains("port") ||
            !asks_to_allow(text_)) {
            sentence_.places = std::move(all);
            return;
        }
        ports.items = {unstated_port(Transport::tcp)};
        add_rows(ports, all);
    }

    void bind_in_turns(const std::string& order) {
        const bool ports_first = order.starts_with('p');
        for (std::size_t i = 0; i < order.size(); ++i) {
            const bool expected = ports_first == (i % 2 == 0);
            if ((order[i] == 'p') != expected || order.size() % 2 != 0) {
                refuse("ports and destinations in no clear order");
                return;
            }
        }
        const Element* ports = nullptr;
        Places places;
        const auto flush = [&] {
            if (ports != nullptr && !places.empty()) {
                add_rows(*ports, places);
                ports = nullptr;
                places = {};
            }
        };
        for (const auto& element : elements_) {
            if (element.type == Type::ports) {
                if (ports_first) {
                    flush();
                }
                ports = &element;
            } else if (element.type == Type::place) {
                if (!ports_first) {
                    flush();
                }
                join(places, element.place);
            }
        }
        flush();
    }

    std::string text_;
    std::string lower_;
    const DraftContext& context_;
    bool expects_places_;
    std::vector<Token> tokens_;
    std::vector<Element> elements_;
    std::string condition_;
    Sentence sentence_;
};

}  // namespace

bool asks_to_allow(std::string_view text) {
    const auto lower = base::to_lower(text);
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{"allow",
                                                "approve",
                                                "whitelist",
                                                "white list",
                                                "open ",
                                                "permit",
                                                "unblock",
                                                "must be able to reach",
                                                "access to",
                                                "be reachable",
                                                "enable ",
                                                "add the following",
                                                "domains",
                                                "domain:",
                                                "hosts:",
                                                "urls:",
                                                "following url",
                                                "hostname",
                                                "accessible",
                                                "following host",
                                                "following address",
                                                "ip addresses",
                                                "ip ranges",
                                                "connect to",
                                                "identified by"},
        [&](std::string_view word) { return lower.find(word) != lower.npos; });
}

std::vector<std::string> sentences_of(const std::string& paragraph) {
    std::vector<std::string> sentences(1);
    for (std::size_t i = 0; i < paragraph.size(); ++i) {
        sentences.back() += paragraph[i];
        const bool stop = paragraph[i] == '.' || paragraph[i] == '!' || paragraph[i] == '?';
        const bool ends = i + 1 < paragraph.size() && paragraph[i + 1] == ' ' &&
                          i + 2 < paragraph.size() && paragraph[i + 2] != '(' &&
                          (paragraph[i + 2] < 'a' || paragraph[i + 2] > 'z');
        const auto& text = sentences.back();
        if (stop && ends && !text.ends_with("e.g.") && !text.ends_with("i.e.") &&
            !text.ends_with(" .") && !text.ends_with("etc.")) {
            sentences.emplace_back();
        }
    }
    std::erase_if(sentences, [](const auto& text) { return trim(text).empty(); });
    return sentences;
}

Sentence read_sentence(const std::string& text, const DraftContext& context, bool expects_places) {
    return SentenceReader(text, context, expects_places).read();
}

}  // namespace turnpike::catalog
