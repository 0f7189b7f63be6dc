// Chooses round by round which flows, answers, transactions and streams stay in memory.
#include "turnpike/gather/retention.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <optional>

#include "gather/grounds.h"
#include "turnpike/attribute/attributor.h"
#include "turnpike/base/keyed_hash.h"
#include "turnpike/facts/kinds.h"

namespace turnpike::gather {
namespace {

using namespace std::chrono_literals;

// Signalling vouches for two minutes after its end (verdict rules, "context").
constexpr base::Duration vendor_flow_kept = 150s;
// What worked counts within 60 s of a failure, which takes some seconds to show.
constexpr base::Duration control_kept = 75s;
constexpr base::Duration transaction_kept = 2min;
// Resolvers' clients use an answer for its time to live and somewhat longer.
constexpr base::Duration answer_grace = 2min;
constexpr base::Duration answer_kept_at_most = 2h;
constexpr base::Duration foreign_query_kept = 60s;
constexpr base::Duration failed_query_kept = 2min;

base::Timestamp last_of(const facts::DnsQuery& query) noexcept {
    return query.response ? query.response.time : query.last_send.time;
}

/// Which queries a rule covers: looked up once for each, for whoever sends an answer chooses how
/// many names it has.
class Covered {
  public:
    Covered(const facts::Rows<facts::DnsQuery>& queries, const catalog::Index& index)
        : queries_(queries), index_(index), found_(queries.size()) {}

    bool operator()(std::size_t i) {
        if (!found_[i]) {
            found_[i] = queries_[i].any_name([this](std::string_view name) {
                return !attribute::rules_of_name(index_, name).empty();
            });
        }
        return *found_[i];
    }

  private:
    const facts::Rows<facts::DnsQuery>& queries_;
    const catalog::Index& index_;
    std::vector<std::optional<bool>> found_;
};

/// How long clients use an answer: the shortest time to live on the way, and the grace.
base::Duration valid_for(const facts::DnsQuery& query) {
    if (query.answers.empty()) {
        return answer_grace;
    }
    const auto shortest = std::ranges::min_element(query.answers, {}, &facts::DnsAnswer::ttl)->ttl;
    return std::chrono::seconds{shortest} + answer_grace;
}

base::Duration kept_for(const facts::DnsQuery& query, bool is_covered) {
    if (!is_covered) {
        return foreign_query_kept;
    }
    if (query.answers.empty()) {
        return failed_query_kept;
    }
    return std::min(valid_for(query), answer_kept_at_most);
}

/// Keeps only the newest of what is kept, if it weighs more than `most` in all.
void bound(std::vector<bool>& kept, std::size_t most, const auto& weight_of, const auto& may_go) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        sum += kept[i] ? weight_of(i) : 0;
    }
    for (std::size_t i = 0; i < kept.size() && sum > most; ++i) {
        if (kept[i] && may_go(i)) {
            kept[i] = false;
            sum -= weight_of(i);
        }
    }
}

void bound_queries(const facts::Rows<facts::DnsQuery>& queries, Covered& is_covered,
                   const Bounds& bounds, std::vector<bool>& kept) {
    const auto one = [](std::size_t) { return std::size_t{1}; };
    const auto octets = [&](std::size_t i) { return facts::DnsKind::weight(queries[i]); };
    const auto no_vendors = [&](std::size_t i) { return !is_covered(i); };
    const auto any = [](std::size_t) { return true; };
    const auto octets_of_no_vendor = [&](std::size_t i) {
        return no_vendors(i) ? octets(i) : std::size_t{0};
    };
    bound(kept, bounds.foreign, octets_of_no_vendor, no_vendors);
    bound(kept, bounds.queries, one, no_vendors);
    bound(kept, bounds.queries, one, any);
    bound(kept, bounds.octets, octets, no_vendors);
    bound(kept, bounds.octets, octets, any);
}

/// The newest of each flow; of flows of no vendor so many as there is room for.
std::vector<bool> choose_transactions(const facts::Observation& observation,
                                      const verdict::RunResult& result, std::size_t octets) {
    constexpr std::uint32_t most_of_a_flow = 512;
    const auto& rows = observation.stun;
    const base::Timestamp now = observation.quality.last.time;
    std::vector<bool> kept(rows.size());
    std::vector<std::uint32_t> of_flow(observation.flows.size());
    std::size_t room = octets / facts::StunKind::weight({});
    for (std::size_t i = rows.size(); i-- > 0;) {
        const bool is_vendors = !result.flows[rows[i].flow].attribution->rules.empty();
        kept[i] = of_flow[rows[i].flow]++ < most_of_a_flow && (is_vendors || room > 0);
        if (kept[i] && room > 0) {
            --room;
        }
        // Answered Binding transactions only prove that the flow lives, as later ones do.
        constexpr std::uint16_t binding = 0x001;  // RFC 8489 18.2
        kept[i] = kept[i] && (rows[i].method != binding || !rows[i].response ||
                              now - rows[i].response.time <= transaction_kept);
    }
    return kept;
}

/// Of each flow those that were heard last, as many as are followed: what is followed may be heard
/// again after any silence.
std::vector<bool> choose_streams(const facts::Observation& observation) {
    std::vector<bool> kept(observation.rtp.size(), true);
    const auto heard = [&](std::uint32_t i) { return observation.rtp[i].last.time; };
    for (const auto& flow : observation.flows) {
        if (flow.rare->streams.size() <= facts::RtpKind::most_of_flow) {
            continue;
        }
        auto streams = flow.rare->streams;
        const auto others = streams.begin() + facts::RtpKind::most_of_flow;
        std::ranges::nth_element(streams, others, std::greater{}, heard);
        std::for_each(others, streams.end(), [&kept](std::uint32_t i) { kept[i] = false; });
    }
    return kept;
}

class FlowChoice {
  public:
    FlowChoice(const Window& window, const verdict::RunResult& result)
        : window_(window), result_(result), now_(window.observation().quality.last.time) {}

    [[nodiscard]] std::vector<bool> choose() {
        const auto& flows = window_.observation().flows;
        std::vector<bool> kept(flows.size());
        // Newest first, so that the newest of each kind stays.
        for (std::size_t i = flows.size(); i-- > 0;) {
            kept[i] = !window_.ended(static_cast<std::uint32_t>(i)) || still_counts(flows[i], i);
        }
        return kept;
    }

  private:
    bool still_counts(const facts::Flow& flow, std::size_t i) {
        const base::Duration age = now_ - flow.last_seen();
        const auto& verdict = result_.flows[i];
        if (!verdict.attribution->rules.empty() && age <= vendor_flow_kept) {
            return true;
        }
        // What an ICMP error says of a question is said as long as the question is kept.
        if (flow.protocol == facts::Protocol::dns && !flow.rare->icmp.empty() &&
            age <= failed_query_kept) {
            return true;
        }
        if (age > control_kept) {
            return false;
        }
        // A block may still be contradicted, or get its control; what shows one direction only
        // tells of its client. Of what worked the newest of its kind can do that for all of them.
        return verdict.outcome == verdict::Outcome::blocked ||
               verdict.inconclusive == verdict::InconclusiveReason::one_sided_capture ||
               (verdict.outcome == verdict::Outcome::passed &&
                is_newest_of_its_kind(flow, verdict));
    }

    bool is_newest_of_its_kind(const facts::Flow& flow, const verdict::FlowVerdict& verdict) {
        constexpr base::KeyedTextHash name_hash;
        const auto kind =
            flow.client().address().hash(flow.server().address().hash(flow.server().port())) ^
            (name_hash(verdict.attribution->server_name) << 1U) ^
            static_cast<std::uint64_t>(flow.transport);
        return kinds_.insert(kind).second;
    }

    const Window& window_;
    const verdict::RunResult& result_;
    base::Timestamp now_;
    boost::unordered_flat_set<std::uint64_t> kinds_;  ///< client, endpoint and name of what worked
};

}  // namespace

Kept Retention::choose(const Window& window, const verdict::RunResult& result,
                       const catalog::Index& index) const {
    const auto& observation = window.observation();
    const base::Timestamp now = observation.quality.last.time;
    Kept kept;
    kept.flows = FlowChoice(window, result).choose();
    keep_sessions(observation, result, kept.flows);
    bound(
        kept.flows, bounds_.flows + window.flows_followed(),
        [](std::size_t) { return std::size_t{1}; },
        [&window](std::size_t i) { return window.ended(static_cast<std::uint32_t>(i)); });
    const NamingAnswers naming(observation, result, kept.flows);
    auto& queries = kept.rows.of<facts::DnsKind>();
    queries.reserve(observation.dns.size());
    Covered is_covered(observation.dns, index);
    for (std::size_t i = 0; i < observation.dns.size(); ++i) {
        const auto& query = observation.dns[i];
        const base::Duration age = now - last_of(query);
        queries.push_back(age <= foreign_query_kept || age <= kept_for(query, is_covered(i)) ||
                          naming.include(query, valid_for(query)));
    }
    bound_queries(observation.dns, is_covered, bounds_, queries);
    kept.rows.of<facts::StunKind>() = choose_transactions(observation, result, bounds_.octets);
    kept.rows.of<facts::RtpKind>() = choose_streams(observation);
    return kept;
}

}  // namespace turnpike::gather
