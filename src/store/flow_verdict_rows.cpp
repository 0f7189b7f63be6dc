// Writes each flow's verdict, its candidates and its story as one row.
#include "store/flow_verdict_rows.h"

#include <array>
#include <charconv>

#include "store/row_key.h"

namespace turnpike::store {
namespace {

// What the views take texts apart by.
constexpr std::size_t rank_width = 4;
constexpr std::size_t key_width = 19;   // of a product or a rule
constexpr std::size_t time_width = 16;  // of the microseconds of an event

/// With zeros in front, up to that width.
void append(std::int64_t number, std::string& text, std::size_t width = 0) {
    std::array<char, 20> digits;  // NOLINT(*-member-init): written before it is read
    const auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    const auto size = static_cast<std::size_t>(end - digits.data());
    if (size < width) {
        text.append(width - size, '0');
    }
    text.append(digits.data(), size);
}

}  // namespace

FlowVerdictRows::FlowVerdictRows(const RowTarget& target, std::int64_t run,
                                 const facts::Observation& observation,
                                 const verdict::RunResult& result, const CatalogRows& catalog,
                                 const verdict::StoryQueries& queries)
    : run_(run),
      observation_(observation),
      result_(result),
      catalog_(catalog),
      rows_(target, flow_verdict_table),
      stories_(observation, queries) {}

void FlowVerdictRows::put(std::uint32_t index) {
    const auto& facts = observation_.flows[index];
    const auto& verdict = result_.flows[index];
    list_candidates(verdict);
    list_story(facts, verdict);
    put_verdict(key(facts.id), verdict);
}

void FlowVerdictRows::put_verdict(std::int64_t flow, const verdict::FlowVerdict& verdict) {
    evidence_.clear();
    for (const std::uint64_t packet : verdict.evidence) {
        if (!evidence_.empty()) {
            evidence_ += ',';
        }
        append(static_cast<std::int64_t>(packet), evidence_);
    }
    notes_.clear();
    for (const auto& note : *verdict.notes) {
        notes_ += notes_.empty() ? "" : ", ";
        notes_ += note;
    }
    const auto& rules = verdict.attribution->rules;
    const auto* const best = rules.empty() ? nullptr : &rules.front();
    rows_.put(
        FlowVerdictEntry{flow, verdict, notes_, evidence_,
                         best != nullptr ? catalog_.known_product(best->revision) : std::nullopt,
                         best != nullptr ? catalog_.known_claim(*best) : std::nullopt, best,
                         candidates_.text(), story_.text()});
}

// All rules that cannot be told apart, best first.
void FlowVerdictRows::list_candidates(const verdict::FlowVerdict& verdict) {
    candidates_.clear();
    const auto& rules = verdict.attribution->rules;
    if (rules.size() <= 1) {
        return;
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const auto& candidate = rules[i];
        const auto product = catalog_.known_product(candidate.revision);
        if (!product) {
            continue;
        }
        const std::string_view ports =
            candidate.port != nullptr ? std::string_view(candidate.port->text) : "";
        std::string& item = candidates_.begin_item();
        item += '"';
        append(static_cast<std::int64_t>(i + 1), item, rank_width);
        append(*product, item, key_width);
        append(catalog_.known_claim(candidate).value_or(0), item, key_width);
        item += to_string(candidate.confidence);
        for (const std::string_view text : {ports, std::string_view(candidate.matched)}) {
            base::append_json_part(item, "\t");
            base::append_json_part(item, text);
        }
        item += '"';
        candidates_.end_item();
    }
}

// Only of flows that belong to a vendor: the others are nobody's question, and they are many.
void FlowVerdictRows::list_story(const facts::Flow& facts, const verdict::FlowVerdict& verdict) {
    story_.clear();
    if (verdict.attribution->rules.empty()) {
        return;
    }
    for (const auto& event : stories_.tell(facts, verdict.attribution->server_name)) {
        if (event.message != 0) {
            story_.add_json(message_item(event));
        } else {
            write_event(event, story_.begin_item());
            story_.end_item();
        }
    }
}

std::string_view FlowVerdictRows::message_item(const verdict::StoryEvent& event) {
    constexpr std::size_t places = 512;
    if (messages_.empty()) {
        messages_.resize(places);
    }
    Message& message = messages_[event.message % places];
    if (message.number != event.message) {
        message.number = event.message;
        message.item.clear();
        write_event(event, message.item);
    }
    return message.item;
}

void FlowVerdictRows::write_event(const verdict::StoryEvent& event, std::string& item) {
    item += '"';
    append(static_cast<std::int64_t>(event.at.number), item);
    item += ' ';
    append(micros(event.at.time), item, time_width);
    item += ' ';
    base::append_json_part(item, stories_.text_of(event));
    item += '"';
}

}  // namespace turnpike::store
