// The tables of verdicts, and of what of the catalog they speak of. A new column is a line here;
// one that people may read is a line in views.cpp as well.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/columns.h"
#include "store/row_values.h"
#include "turnpike/verdict/result.h"

namespace turnpike::store {

using RowKey = std::optional<std::int64_t>;

struct ProductEntry {
    const catalog::Revision& revision;
    bool considered;
    std::int64_t key = 0;
    std::int64_t run = 0;
};
inline constexpr auto product_table = table(
    "product", id_column, run_column,
    column("vendor", "TEXT NOT NULL", holds::text, "the vendor's word in selectors",
           [](const ProductEntry& e) -> auto& { return e.revision.vendor; }),
    column("product", "TEXT NOT NULL", holds::text, "the product's word",
           [](const ProductEntry& e) -> auto& { return e.revision.product; }),
    column("revision", "TEXT NOT NULL", holds::text, "the document's revision, mostly its date",
           [](const ProductEntry& e) -> auto& { return e.revision.revision; }),
    column("vendor_name", "TEXT NOT NULL", holds::text, "as the vendor writes it",
           [](const ProductEntry& e) -> auto& { return e.revision.vendor_name; }),
    column("product_name", "TEXT NOT NULL", holds::text, "as the vendor writes it",
           [](const ProductEntry& e) -> auto& { return e.revision.product_name; }),
    column("source_title", "TEXT NOT NULL", holds::text, "the document",
           [](const ProductEntry& e) -> auto& { return e.revision.source_title; }),
    column("source_location", "TEXT NOT NULL", holds::text, "where it stands",
           [](const ProductEntry& e) -> auto& { return e.revision.source_location; }),
    column("allow_listable", "INTEGER NOT NULL", holds::flag,
           "0: no list of addresses and names can serve it",
           [](const ProductEntry& e) { return e.revision.allow_listable; }),
    column("use_instead", "TEXT NOT NULL", holds::text, "what to use then; else empty",
           [](const ProductEntry& e) -> auto& { return e.revision.use_instead; }),
    column("considered", "INTEGER NOT NULL", holds::flag, "the run asked for it",
           [](const ProductEntry& e) { return e.considered; }));

struct RuleEntry {
    std::int64_t product;
    const catalog::Rule& rule;
    std::string_view destination;
    std::int64_t key = 0;
    std::int64_t run = 0;
};
inline constexpr auto rule_table = table(
    "rule", id_column, run_column,
    column("product", "INTEGER NOT NULL REFERENCES product", holds::integer, "whose row it is",
           [](const RuleEntry& e) { return e.product; }),
    column("rule_id", "TEXT NOT NULL", holds::text,
           "the row of the document, as every report names it",
           [](const RuleEntry& e) -> auto& { return e.rule.id; }),
    column("purpose", "TEXT NOT NULL", holds::text, "what the row is for",
           [](const RuleEntry& e) -> auto& { return e.rule.purpose; }),
    column("direction", "TEXT NOT NULL", holds::word<catalog::RuleDirection>,
           "seen from the clients", [](const RuleEntry& e) { return to_string(e.rule.direction); }),
    column("duplex", "TEXT NOT NULL", holds::word<catalog::Duplex>, "whether an answer is expected",
           [](const RuleEntry& e) { return to_string(e.rule.duplex); }),
    column("destination", "TEXT NOT NULL", holds::text,
           "patterns of names, networks or `ANY`, joined by `, `",
           [](const RuleEntry& e) { return e.destination; }),
    column("alternative_group", "TEXT NOT NULL", holds::text,
           "rows of one group and different branches replace each other; empty without",
           [](const RuleEntry& e) -> auto& { return e.rule.alternative_group; }),
    column("alternative_branch", "TEXT NOT NULL", holds::text, "the branch in that group",
           [](const RuleEntry& e) -> auto& { return e.rule.alternative_branch; }),
    column("preference", "INTEGER NOT NULL", holds::integer, "1 is preferred; 0 is unordered",
           [](const RuleEntry& e) { return e.rule.preference; }),
    column("notes", "TEXT NOT NULL", holds::text, "of the catalog",
           [](const RuleEntry& e) -> auto& { return e.rule.notes; }));

// The words of a verdict, which several tables hold.
inline constexpr std::string_view why_blocked = "why it is blocked; the words stand in remedies.md";
inline constexpr std::string_view where_failed = "where it failed";
inline constexpr std::string_view how_strongly = "how strongly the packets blame the path";
inline constexpr std::string_view why_undecided = "why it cannot be told";
inline constexpr auto block_reason_column =
    column("block_reason", "TEXT", holds::text, why_blocked,
           [](const auto& e) { return or_null(to_string(e.verdict.reason)); });
inline constexpr auto stage_column =
    column("stage", "TEXT", holds::word<verdict::Stage>, where_failed,
           [](const auto& e) { return or_null(to_string(e.verdict.stage)); });
inline constexpr auto grade_column =
    column("grade", "TEXT", holds::word<verdict::Grade>, how_strongly,
           [](const auto& e) { return or_null(to_string(e.verdict.grade)); });
inline constexpr auto inconclusive_column =
    column("inconclusive_reason", "TEXT", holds::text, why_undecided,
           [](const auto& e) { return or_null(to_string(e.verdict.inconclusive)); });

struct RequirementEntry {
    RowKey rule;
    const verdict::RequirementVerdict& verdict;
    std::string_view condition;
    std::int64_t key = 0;
    std::int64_t run = 0;
};
inline constexpr auto requirement_table = table(
    "requirement", id_column, run_column,
    column("rule", "INTEGER NOT NULL REFERENCES rule", holds::integer, "whose port item it is",
           [](const RequirementEntry& e) { return e.rule; }),
    column("level", "TEXT NOT NULL", holds::word<catalog::Level>, "how much the vendor asks for it",
           [](const RequirementEntry& e) { return to_string(level_of(e.verdict)); }),
    column("condition", "TEXT NOT NULL", holds::text,
           "in words, where the level is conditional; else empty",
           [](const RequirementEntry& e) { return e.condition; }),
    column(
        "transport", "TEXT NOT NULL", holds::word<catalog::Transport>, "of the requirement",
        [](const RequirementEntry& e) { return to_string(e.verdict.requirement.port->transport); }),
    column("ports", "TEXT NOT NULL", holds::text,
           "one item of the row's list: `443`, `5866-6000`; `unstated` where the document names "
           "none",
           [](const RequirementEntry& e) -> auto& { return e.verdict.requirement.port->text; }),
    column("status", "TEXT NOT NULL", holds::word<verdict::Status>,
           "the verdict on the requirement",
           [](const RequirementEntry& e) { return to_string(e.verdict.status); }),
    block_reason_column, stage_column, grade_column, inconclusive_column,
    column("flows_passed", "INTEGER NOT NULL", holds::integer, "of its flows",
           [](const RequirementEntry& e) { return e.verdict.passed; }),
    column("flows_blocked", "INTEGER NOT NULL", holds::integer, "of its flows",
           [](const RequirementEntry& e) { return e.verdict.blocked; }),
    column("flows_inconclusive", "INTEGER NOT NULL", holds::integer, "of its flows",
           [](const RequirementEntry& e) { return e.verdict.undecided; }),
    column("first_seen", "INTEGER", holds::time, "its first packet",
           [](const RequirementEntry& e) { return micros(e.verdict.first_seen); }),
    column("last_seen", "INTEGER", holds::time, "its last packet",
           [](const RequirementEntry& e) { return micros(e.verdict.last_seen); }));

struct DomainEntry {
    RowKey rule;
    const verdict::DomainVerdict& verdict;
    std::string_view names_seen;
    std::string_view notes;
    std::int64_t key = 0;
    std::int64_t run = 0;
};
inline constexpr auto domain_table =
    table("domain", id_column, run_column,
          column("rule", "INTEGER NOT NULL REFERENCES rule", holds::integer, "whose pattern it is",
                 [](const DomainEntry& e) { return e.rule; }),
          column("pattern", "TEXT NOT NULL", holds::text, "as the document writes it",
                 [](const DomainEntry& e) -> auto& { return e.verdict.pattern; }),
          column("status", "TEXT NOT NULL", holds::word<verdict::Status>,
                 "whether a name that fits was reached",
                 [](const DomainEntry& e) { return to_string(e.verdict.status); }),
          block_reason_column,
          column("names_seen", "TEXT NOT NULL", holds::text, "names that fitted, joined by `, `",
                 [](const DomainEntry& e) { return Unclean{e.names_seen}; }),
          column("notes", "TEXT", holds::text, "what is worth knowing about it",
                 [](const DomainEntry& e) { return UncleanOrNull{e.notes}; }));

struct FlowVerdictEntry {
    std::int64_t key = 0;  ///< the flow's
    const verdict::FlowVerdict& verdict;
    std::string_view notes;
    std::string_view evidence;
    RowKey product;
    RowKey rule;
    const verdict::Attribution* best;  ///< null where no row fits
    std::string_view candidates;
    std::string_view story;
};
inline constexpr auto flow_verdict_table = table(
    "flow_verdict",
    column("flow", "INTEGER PRIMARY KEY REFERENCES flow", holds::number, "the flow, see `flows`",
           [](const FlowVerdictEntry& e) { return e.key; }),
    column("server_name", "TEXT", holds::text, "the flow's name",
           [](const FlowVerdictEntry& e) {
               return UncleanOrNull{e.verdict.attribution->server_name};
           }),
    column("server_name_source", "TEXT", holds::word<facts::NameSource>, "who said so",
           [](const FlowVerdictEntry& e) {
               return or_null(to_string(e.verdict.attribution->server_name_source));
           }),
    column("outcome", "TEXT NOT NULL", holds::word<verdict::Outcome>, "the verdict on the flow",
           [](const FlowVerdictEntry& e) { return to_string(e.verdict.outcome); }),
    block_reason_column, stage_column, grade_column, inconclusive_column,
    column("notes", "TEXT", holds::text, "words and details, joined by `, `",
           [](const FlowVerdictEntry& e) { return UncleanOrNull{e.notes}; }),
    column("evidence", "TEXT", holds::text, "packet numbers in the capture, `1,5,9`",
           [](const FlowVerdictEntry& e) { return or_null(e.evidence); }),
    column("product", "INTEGER REFERENCES product", holds::integer, "the product it belongs to",
           [](const FlowVerdictEntry& e) { return e.product; }),
    column("rule", "INTEGER REFERENCES rule", holds::integer, "the row it belongs to",
           [](const FlowVerdictEntry& e) { return e.rule; }),
    column("ports", "TEXT", holds::text, "the requirement's port item",
           [](const FlowVerdictEntry& e) {
               return or_null(e.best != nullptr && e.best->port != nullptr
                                  ? std::string_view(e.best->port->text)
                                  : std::string_view{});
           }),
    column("confidence", "TEXT", holds::word<verdict::Confidence>,
           "how the flow was found to belong to the row",
           [](const FlowVerdictEntry& e) {
               return or_null(e.best != nullptr ? to_string(e.best->confidence)
                                                : std::string_view{});
           }),
    column("matched", "TEXT", holds::text, "what of the row fitted",
           [](const FlowVerdictEntry& e) {
               return or_null(e.best != nullptr ? std::string_view(e.best->matched)
                                                : std::string_view{});
           }),
    column("control_flow", "INTEGER", holds::integer, "what worked beside a block of grade B",
           [](const FlowVerdictEntry& e) { return or_null_if_zero(e.verdict.control); }),
    column("candidates", "TEXT", holds::text, "a list that flow_candidates takes apart",
           [](const FlowVerdictEntry& e) { return or_null(e.candidates); }),
    column("story", "TEXT", holds::text, "a list that flow_events takes apart",
           [](const FlowVerdictEntry& e) { return or_null(e.story); }));

/// A flow or a query: exactly one is set.
struct EvidenceEntry {
    std::int64_t requirement;
    RowKey flow;
    RowKey query;
    std::int64_t key = 0;
    std::int64_t run = 0;
};
inline constexpr auto evidence_table = [] {
    auto evidence =
        table("requirement_evidence", id_column, run_column,
              column("requirement", "INTEGER NOT NULL REFERENCES requirement", holds::integer,
                     "what rests on it", [](const EvidenceEntry& e) { return e.requirement; }),
              column("flow", "INTEGER REFERENCES flow", holds::number, "the flow, see `flows`",
                     [](const EvidenceEntry& e) { return e.flow; }),
              column("dns_query", "INTEGER REFERENCES dns_query", holds::number, "the query",
                     [](const EvidenceEntry& e) { return e.query; }));
    evidence.constraint = "CHECK ((flow IS NULL) <> (dns_query IS NULL))";
    return evidence;
}();

struct UndocumentedEntry {
    std::int64_t product;
    std::int64_t flow;
    const verdict::Undocumented& stray;
    RowKey nearest;
    std::int64_t key = 0;
    std::int64_t run = 0;
};
inline constexpr auto undocumented_table =
    table("undocumented_flow", id_column, run_column,
          column("product", "INTEGER NOT NULL REFERENCES product", holds::integer,
                 "whose flow it is", [](const UndocumentedEntry& e) { return e.product; }),
          flow_column,
          column("what", "TEXT NOT NULL", holds::text, "`undocumented port`, ...",
                 [](const UndocumentedEntry& e) -> auto& { return e.stray.what; }),
          column("detail", "TEXT NOT NULL", holds::text, "where it led",
                 [](const UndocumentedEntry& e) { return Unclean{e.stray.detail}; }),
          column("nearest", "INTEGER REFERENCES rule", holds::integer, "the row that comes nearest",
                 [](const UndocumentedEntry& e) { return e.nearest; }));

struct AlternativeEntry {
    RowKey product;
    const verdict::AlternativeOutcome& outcome;
    std::int64_t key = 0;
    std::int64_t run = 0;
};
inline constexpr auto alternative_table =
    table("alternative", id_column, run_column,
          column("product", "INTEGER NOT NULL REFERENCES product", holds::integer,
                 "whose rows they are", [](const AlternativeEntry& e) { return e.product; }),
          column("alternative_group", "TEXT NOT NULL", holds::text, "see `requirements`",
                 [](const AlternativeEntry& e) -> auto& { return e.outcome.group; }),
          column("text", "TEXT NOT NULL", holds::text, "a sentence",
                 [](const AlternativeEntry& e) -> auto& { return e.outcome.text; }));

struct HeadlineEntry {
    std::uint64_t rank;
    RowKey product;
    const verdict::Headline& headline;
    std::int64_t key = 0;
    std::int64_t run = 0;
};
inline constexpr auto headline_table =
    table("headline", id_column, run_column,
          column("rank", "INTEGER NOT NULL", holds::integer, "1 is what matters most",
                 [](const HeadlineEntry& e) { return e.rank; }),
          column("product", "INTEGER NOT NULL REFERENCES product", holds::integer, "which product",
                 [](const HeadlineEntry& e) { return e.product; }),
          column("state", "TEXT NOT NULL", holds::word<verdict::HeadlineState>, "how it did",
                 [](const HeadlineEntry& e) { return to_string(e.headline.state); }),
          column("headline", "TEXT NOT NULL", holds::text, "why, in one sentence",
                 [](const HeadlineEntry& e) { return Unclean{e.headline.headline}; }),
          column("advice", "TEXT NOT NULL", holds::text, "what to do; empty if nothing",
                 [](const HeadlineEntry& e) { return Unclean{e.headline.advice}; }));

struct WarningEntry {
    std::string_view text;
    std::int64_t key = 0;
    std::int64_t run = 0;
};
inline constexpr auto warning_table =
    table("warning", id_column, run_column,
          column("text", "TEXT NOT NULL", holds::text, "a sentence",
                 [](const WarningEntry& e) { return Unclean{e.text}; }));

}  // namespace turnpike::store
