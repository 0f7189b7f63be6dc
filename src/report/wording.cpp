// Writes the sentences about requirements, evidence, trust and flows of no vendor.
#include "report/wording.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "report/printable.h"
#include "turnpike/verdict/remedies.h"
#include "turnpike/verdict/result.h"

namespace turnpike::report {
namespace {

using verdict::WordKind;

using Confidence = verdict::Confidence;

constexpr std::array confidences{
    std::pair{Confidence::exact, std::string_view{"matched exactly"}},
    std::pair{Confidence::dns, std::string_view{"matched by DNS"}},
    std::pair{Confidence::context, std::string_view{"matched by context"}},
    std::pair{Confidence::port, std::string_view{"matched by port alone"}},
};

std::string_view confidence_words(std::string_view word) noexcept {
    const auto* const found = std::ranges::find_if(
        confidences, [word](const auto& entry) { return to_string(entry.first) == word; });
    return found == confidences.end() ? word : found->second;
}

// "2026-11-21T09:05:00.123456Z" to "09:05:00.123".
std::string clock_time(std::string_view iso) {
    return iso.size() < 23 ? from_network(iso) : from_network(iso.substr(11, 12));
}

std::string_view meaning(WordKind kind, std::string_view word) noexcept {
    const auto* known = verdict::find_remedy(kind, word);
    return known == nullptr ? word : known->meaning;
}

// "late_reset (it was reset after data had flowed both ways)".
std::string notes_text(std::string_view notes) {
    std::string text;
    for (const auto& note : items_of(notes)) {
        text += text.empty() ? "" : ", ";
        text += from_network(note);
        if (const auto* known = verdict::find_remedy(WordKind::note, note)) {
            text += fmt::format(" ({})", known->meaning);
        }
    }
    return text;
}

std::string flow_text(const store::EvidenceRow& flow) {
    std::string text = fmt::format("flow {}: {} > {}", flow.flow_id,
                                   endpoint_text(flow.client_ip, flow.client_port),
                                   endpoint_text(flow.server_ip, flow.server_port));
    if (!flow.server_name.empty()) {
        text += " " + from_network(flow.server_name);
    }
    text += fmt::format(", {}, {}", from_network(flow.protocol), clock_time(flow.first_seen));
    if (!flow.outcome.empty()) {
        text += ", " + from_network(flow.outcome);
    }
    if (flow.outcome == "blocked") {
        text += fmt::format(" ({}, grade {})", from_network(flow.block_reason),
                            from_network(flow.grade));
    } else if (flow.outcome == "inconclusive") {
        text += fmt::format(" ({})", from_network(flow.inconclusive_reason));
    }
    if (!flow.confidence.empty()) {
        text += ", " + from_network(confidence_words(flow.confidence));
    }
    if (!flow.notes.empty()) {
        text += ", note: " + notes_text(flow.notes);
    }
    if (!flow.evidence.empty()) {
        text +=
            fmt::format(", packet{} {}", flow.evidence.find(',') == std::string::npos ? "" : "s",
                        from_network(flow.evidence));
    }
    return text;
}

std::string query_text(const store::DnsEvidenceRow& query) {
    const std::string answer =
        query.rcode.empty() ? std::string("no answer")
        : query.answers.empty()
            ? from_network(query.rcode)
            : fmt::format("{} {}", from_network(query.rcode), from_network(query.answers));
    return fmt::format("DNS: {} asked {} for {} {}, {}: {}, packet {}",
                       from_network(query.client_ip), from_network(query.resolver_ip),
                       from_network(query.qname), from_network(query.qtype), clock_time(query.time),
                       answer, query.packet);
}

std::string_view visible_text(const Summary& summary) noexcept {
    if (!summary.run.answered) {
        return "no packet back is visible";
    }
    if (summary.run.one_sided) {
        return "of some clients only one direction is visible";
    }
    return summary.any_flow_one_sided ? "of some flows only one direction is visible"
                                      : "both directions visible";
}

}  // namespace

std::string_view reason_words(std::string_view block_reason) noexcept {
    return meaning(WordKind::block_reason, block_reason);
}

std::string_view inconclusive_words(std::string_view reason) noexcept {
    return meaning(WordKind::inconclusive_reason, reason);
}

std::string_view grade_words(std::string_view grade, std::string_view block_reason) noexcept {
    return grade == "C" && verdict::something_answered(block_reason)
               ? "suspected: it may be the server itself"
               : meaning(WordKind::grade, grade);
}

std::string endpoint_text(const std::string& address, std::int64_t port) {
    const std::string shown = from_network(address);
    return address.find(':') == std::string::npos ? fmt::format("{}:{}", shown, port)
                                                  : fmt::format("[{}]:{}", shown, port);
}

std::string port_text(const store::RequirementRow& row) {
    return fmt::format("{} {}", from_catalog(row.name.transport), from_catalog(row.name.ports));
}

std::string destination_text(const store::RequirementRow& row) {
    constexpr std::size_t columns = 240;
    return shortened_list(from_catalog(row.destination), columns);
}

std::string purpose_text(const store::RequirementRow& row) {
    std::string text = from_catalog(row.name.rule_id);
    if (!row.purpose.empty()) {
        text += ": " + from_catalog(row.purpose);
    }
    if (row.level != "required") {
        text += fmt::format(" ({}{}{})", from_catalog(row.level), row.condition.empty() ? "" : ": ",
                            from_catalog(row.condition));
    } else if (!row.condition.empty()) {
        text += fmt::format(" ({})", from_catalog(row.condition));
    }
    return text;
}

namespace {

bool lacks_feed(const store::RequirementRow& row) noexcept {
    // As catalog::Destinations::text() writes it.
    return row.status == "unmatched" &&
           row.destination.find("(never loaded: ") != std::string::npos;
}

/// Two captures show it entering and never leaving: nobody needs to have said so.
std::string_view words_of_grade(const RequirementSummary& requirement) {
    const bool died = std::ranges::any_of(requirement.flows, [](const store::EvidenceRow& flow) {
        return flow.notes.find("died_outward") != std::string::npos ||
               flow.notes.find("died_inward") != std::string::npos;
    });
    return died && requirement.row.grade == "A"
               ? "confirmed: two captures show it going into the firewall and never coming out"
               : grade_words(requirement.row.grade, requirement.row.block_reason);
}

}  // namespace

namespace {

std::uint64_t attempts_of(const store::RequirementRow& row) noexcept {
    return row.flows_passed + row.flows_blocked + row.flows_inconclusive;
}

std::string observed_text(const store::RequirementRow& row) {
    if (row.flows_blocked == 0) {
        return fmt::format("observed, {} passed", counted(row.flows_passed, "flow"));
    }
    const std::string reason =
        row.block_reason.empty()
            ? std::string()
            : fmt::format(": {} ({})", from_network(reason_words(row.block_reason)),
                          from_network(row.block_reason));
    return fmt::format("observed, {} of {} blocked{}", grouped(row.flows_blocked),
                       counted(attempts_of(row), "attempt"), reason);
}

std::string blocked_status_text(const RequirementSummary& requirement) {
    const auto& row = requirement.row;
    std::string text = fmt::format("blocked: {} ({})", from_network(reason_words(row.block_reason)),
                                   from_network(row.block_reason));
    if (!row.grade.empty()) {
        text += fmt::format("; grade {}, {}", from_network(row.grade),
                            from_network(words_of_grade(requirement)));
    }
    if (const auto attempts = attempts_of(row); attempts != 0) {
        text += fmt::format("; {} of {} blocked", grouped(row.flows_blocked),
                            counted(attempts, "attempt"));
    }
    return text;
}

}  // namespace

std::string status_text(const RequirementSummary& requirement) {
    const auto& row = requirement.row;
    const std::string now_and_then =
        requirement.intermittent == 0
            ? std::string()
            : fmt::format("; failed now and then: {} of {}", grouped(requirement.intermittent),
                          counted(attempts_of(row), "attempt"));
    if (row.status == "observed") {
        return observed_text(row) + now_and_then;
    }
    if (row.status == "blocked") {
        return blocked_status_text(requirement) + now_and_then;
    }
    if (row.status == "inconclusive") {
        return fmt::format("inconclusive: {} ({})",
                           from_network(inconclusive_words(row.inconclusive_reason)),
                           from_network(row.inconclusive_reason)) +
               now_and_then;
    }
    return lacks_feed(row)
               ? "unmatched: nothing could match, for its list of addresses was never loaded"
               : "unmatched: no traffic that fits was seen, so nothing is claimed";
}

std::vector<std::string> evidence_texts(const RequirementSummary& requirement) {
    std::vector<std::string> texts;
    for (const auto& query : requirement.queries) {
        texts.push_back(query_text(query));
    }
    for (const auto& flow : requirement.flows) {
        texts.push_back(flow_text(flow));
    }
    const auto& row = requirement.row;
    const std::uint64_t attempts = attempts_of(row);
    if (attempts > requirement.flows.size()) {
        texts.push_back(fmt::format("and {}, in the database's flows view",
                                    counted(attempts - requirement.flows.size(), "more flow")));
    }
    return texts;
}

namespace {

/// Where a document demands a wide opening, the addresses that a narrower one would be about.
std::string tried_places(const RequirementSummary& requirement) {
    constexpr std::size_t most = 4;
    std::vector<std::string> places;
    for (const auto& flow : requirement.flows) {
        if (requirement.row.destination == "ANY" && flow.outcome == "blocked" &&
            places.size() < most && std::ranges::find(places, flow.server_ip) == places.end()) {
            places.push_back(flow.server_ip);
        }
    }
    return fmt::format("{}", fmt::join(places, ", "));
}

}  // namespace

std::string open_text(const RequirementSummary& requirement) {
    const auto& row = requirement.row;
    if (row.status != "blocked") {
        return {};
    }
    const std::string_view name = requirement.queries.empty()
                                      ? std::string_view{}
                                      : std::string_view(requirement.queries[0].qname);
    const std::string tried = tried_places(requirement);
    return verdict::opening_advice({row.name.transport, row.name.ports, row.destination,
                                    row.direction, row.block_reason, name, tried});
}

std::vector<std::string> advice_texts(const RequirementSummary& requirement) {
    std::vector<std::string> texts;
    const auto add = [&texts](std::string_view text) {
        if (!text.empty() && std::ranges::find(texts, text) == texts.end()) {
            texts.emplace_back(text);
        }
    };
    add(open_text(requirement));
    const auto add_remedy = [&add](WordKind kind, std::string_view word) {
        const auto* known = verdict::find_remedy(kind, word);
        if (known != nullptr && known->pressing) {
            add(known->remedy);
        }
    };
    const auto& row = requirement.row;
    if (row.status == "inconclusive") {
        add_remedy(WordKind::inconclusive_reason, row.inconclusive_reason);
    } else if (row.status == "observed" && requirement.intermittent > 0) {
        add_remedy(WordKind::inconclusive_reason, "intermittent");
    }
    for (const auto& flow : requirement.flows) {
        for (const auto& note : items_of(flow.notes)) {
            add_remedy(WordKind::note, note);
        }
    }
    return texts;
}

std::string stray_text(const StraySummary& stray) {
    std::string text = fmt::format("{}: {} ({}", from_network(stray.what),
                                   from_network(stray.detail), counted(stray.flows, "flow"));
    if (stray.passed != 0) {
        text += fmt::format(", {} passed", grouped(stray.passed));
    }
    if (stray.blocked != 0) {
        text += fmt::format(", {} blocked", grouped(stray.blocked));
    }
    text += fmt::format("; flow {}", stray.example_flow);
    if (!stray.example_packets.empty()) {
        text += fmt::format(", packets {}", from_network(stray.example_packets));
    }
    if (!stray.nearest_rule_id.empty()) {
        text += fmt::format("; nearest rule {}", from_catalog(stray.nearest_rule_id));
    }
    return text + ")";
}

std::string failed_name_text(const store::DomainRow& row) {
    std::string text =
        fmt::format("{} (rule {}): {} ({})", from_catalog(row.pattern), from_catalog(row.rule_id),
                    from_network(reason_words(row.block_reason)), from_network(row.block_reason));
    if (!row.names_seen.empty()) {
        text += "; asked for: " + from_network(row.names_seen);
    }
    return text;
}

std::string counts_text(const StatusCounts& counts) {
    return join_nonzero({{counts.blocked, "blocked"},
                         {counts.inconclusive, "inconclusive"},
                         {counts.observed, "observed"},
                         {counts.unmatched, "unmatched"}});
}

std::string allow_list_text(const store::ProductRow& row) {
    if (row.allow_listable) {
        return {};
    }
    return row.use_instead.empty()
               ? std::string("Cannot be allow-listed by address or name.")
               : fmt::format("Cannot be allow-listed by address or name; use instead: {}",
                             from_catalog(row.use_instead));
}

std::string span_text(const store::RunRow& run) {
    if (run.first_packet.size() < 19 || run.last_packet.size() < 19) {
        return run.complete ? "no packets" : "no packets counted yet";
    }
    const std::string from = from_network(run.first_packet);
    const std::string to = from_network(run.last_packet);
    const bool same_day = from.substr(0, 10) == to.substr(0, 10);
    constexpr std::size_t zone = 26;  // behind the microseconds
    return fmt::format("{} {} to {}{} {}", from.substr(0, 10), from.substr(11, 8),
                       same_day ? "" : to.substr(0, 10) + " ", to.substr(11, 8),
                       from.ends_with('Z') ? "UTC" : from.substr(std::min(zone, from.size())));
}

std::string volume_text(const store::RunRow& run) {
    const std::string text = fmt::format("{}, {}, {}", counted(run.packets, "packet"),
                                         volume(run.bytes), counted(run.flows, "flow"));
    const std::string outcomes = join_nonzero({{run.flows_passed, "passed"},
                                               {run.flows_blocked, "blocked"},
                                               {run.flows_inconclusive, "inconclusive"}});
    return outcomes.empty() ? text : text + ": " + outcomes;
}

namespace {

// "Could not be decoded: dns truncated 12, ...", the most frequent first.
std::string problems_text(const std::vector<store::DecodeProblemRow>& problems) {
    constexpr std::size_t most = 12;
    std::vector<std::string> parts;
    for (const auto& problem : problems) {
        if (parts.size() == most) {
            parts.push_back(fmt::format("{} more kinds", problems.size() - parts.size()));
            break;
        }
        parts.push_back(fmt::format("{} {} {}", from_network(problem.protocol),
                                    from_network(problem.reason), grouped(problem.count)));
    }
    return fmt::format("Could not be decoded: {}", fmt::join(parts, ", "));
}

}  // namespace

std::vector<std::string> trust_texts(const Summary& summary) {
    const auto& run = summary.run;
    std::vector<std::string> texts;
    for (const auto& warning : summary.warnings) {
        texts.push_back("! " + from_network(warning));
    }
    if (summary.live) {
        texts.emplace_back("The call goes on: this is what was seen up to now.");
    } else if (summary.stored_in_part) {
        texts.emplace_back(
            "! The run was not stored completely: what is shown here is not what the capture "
            "holds.");
        return texts;
    } else if (!run.complete) {
        texts.emplace_back(
            "! The run has not ended cleanly: it still goes on, the input broke off, or somebody "
            "interrupted it.");
    }
    if (run.packets == 0) {
        texts.emplace_back(summary.live ? "No packets were seen yet."
                                        : "The capture holds no packets: nothing is claimed.");
        return texts;
    }
    texts.push_back(fmt::format("{} dropped while capturing; {}; {} set aside as mirror copies",
                                run.packets_dropped == 0 ? std::string("No packets reported as")
                                                         : counted(run.packets_dropped, "packet"),
                                visible_text(summary),
                                run.packets_duplicate == 0
                                    ? std::string("none")
                                    : counted(run.packets_duplicate, "packet")));
    texts.push_back(
        fmt::format("{} read: {} IP, {} other, {}, {} malformed, {} cut by the snap length",
                    counted(run.packets, "packet"), grouped(run.packets_ip),
                    grouped(run.packets_non_ip), counted(run.packets_fragments, "fragment"),
                    grouped(run.packets_malformed), grouped(run.packets_cut)));
    if (!summary.problems.empty()) {
        texts.push_back(problems_text(summary.problems));
    }
    return texts;
}

std::string blocked_text(const store::BlockedGroup& group) {
    return fmt::format("{}, {} {}: {} > {} (flow {}), {} ({})", counted(group.flows, "flow"),
                       from_network(group.transport), group.server_port,
                       from_network(group.client_ip), from_network(group.server),
                       group.example_flow, reason_words(group.block_reason),
                       from_network(group.block_reason));
}

std::string blocked_name_text(const BlockedName& name) {
    return fmt::format("name {}: {} ({})", from_network(name.name),
                       from_network(reason_words(name.block_reason)),
                       from_network(name.block_reason));
}

std::vector<std::string> blocked_texts(const Summary& summary) {
    std::vector<std::string> texts;
    std::ranges::transform(summary.blocked, std::back_inserter(texts), blocked_text);
    if (const auto more = summary.blocked_in_all - summary.blocked.size(); more > 0) {
        texts.push_back(fmt::format("and {} more, in the database's flows view", more));
    }
    std::ranges::transform(summary.blocked_names, std::back_inserter(texts), blocked_name_text);
    if (const auto more = summary.blocked_names_in_all - summary.blocked_names.size(); more > 0) {
        texts.push_back(
            fmt::format("and {}, in the database's domains view", counted(more, "more name")));
    }
    return texts;
}

std::string unmatched_text(std::uint64_t unmatched, bool alone) {
    return fmt::format("{} saw no traffic (--all shows {})",
                       alone ? counted(unmatched, "row") : counted(unmatched, "more row"),
                       unmatched == 1 ? "it" : "them");
}

std::string feed_text(const ProductSummary& product) {
    const auto waiting = std::ranges::count_if(
        product.requirements, [](const auto& requirement) { return lacks_feed(requirement.row); });
    return waiting == 0
               ? std::string()
               : fmt::format(
                     "{} can match nothing: the addresses of the vendor's feed are not loaded; "
                     "'turnpike catalog refresh {}' loads them",
                     counted(static_cast<std::uint64_t>(waiting), "row"),
                     from_catalog(product.row.name.vendor));
}

std::string unseen_text(const std::vector<store::ProductRow>& unseen, std::size_t columns) {
    if (unseen.empty()) {
        return {};
    }
    constexpr std::string_view claim = ": nothing is claimed about them.";
    std::string text = "No traffic was seen of ";
    for (std::size_t i = 0; i < unseen.size(); ++i) {
        const auto& name = unseen[i].name;
        const std::string next = fmt::format("{}{}/{}", i == 0 ? "" : ", ",
                                             from_catalog(name.vendor), from_catalog(name.product));
        const std::string more = fmt::format(" and {} more", unseen.size() - i);
        if (i != 0 && columns_of(text) + columns_of(next) + more.size() + claim.size() > columns) {
            return text + more + std::string(claim);
        }
        text += next;
    }
    return text + std::string(claim);
}

}  // namespace turnpike::report
