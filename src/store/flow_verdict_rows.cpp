// Writes each flow's verdict, its candidates and its story as one row.
#include "store/flow_verdict_rows.h"

#include <fmt/compile.h>

#include "store/row_key.h"

namespace turnpike::store {
namespace {

constexpr std::size_t time_width = 16;  // of the microseconds of an event

void append(std::uint64_t number, fmt::memory_buffer& text) {
    const fmt::format_int digits(number);
    text.append(digits.data(), digits.data() + digits.size());
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
        if (evidence_.size() > 0) {
            evidence_.push_back(',');
        }
        append(packet, evidence_);
    }
    notes_.clear();
    for (const auto& note : *verdict.notes) {
        notes_ += notes_.empty() ? "" : ", ";
        notes_ += note;
    }
    const auto& rules = verdict.attribution->rules;
    const auto* const best = rules.empty() ? nullptr : &rules.front();
    rows_.put(
        FlowVerdictEntry{flow,
                         verdict,
                         notes_,
                         {evidence_.data(), evidence_.size()},
                         best != nullptr ? catalog_.known_product(best->revision) : std::nullopt,
                         best != nullptr ? catalog_.known_claim(*best) : std::nullopt,
                         best,
                         candidates_.text(),
                         story_.text()});
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
        item_.clear();
        fmt::format_to(fmt::appender(item_), FMT_COMPILE("{:04}{:019}{:019}{}\t{}\t{}"), i + 1,
                       *product, catalog_.known_claim(candidate).value_or(0),
                       to_string(candidate.confidence), ports, candidate.matched);
        candidates_.add({item_.data(), item_.size()});
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
            write_event(event);
            story_.add({item_.data(), item_.size()});
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
        write_event(event);
        message.number = event.message;
        message.item.clear();
        base::append_json_string(message.item, {item_.data(), item_.size()});
    }
    return message.item;
}

void FlowVerdictRows::write_event(const verdict::StoryEvent& event) {
    item_.clear();
    append(event.at.number, item_);
    item_.push_back(' ');
    const auto time = fmt::format_int(micros(event.at.time));
    for (std::size_t width = time.size(); width < time_width; ++width) {
        item_.push_back('0');
    }
    item_.append(time.data(), time.data() + time.size());
    item_.push_back(' ');
    const auto text = stories_.text_of(event);
    item_.append(text.data(), text.data() + text.size());
}

}  // namespace turnpike::store
