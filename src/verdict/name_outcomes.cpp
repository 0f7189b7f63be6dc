// Judges every DNS question, and from the questions every name.
#include "verdict/name_outcomes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "turnpike/catalog/registrable_domain.h"
#include "verdict/attempts.h"
#include "verdict/flow_match.h"
#include "verdict/judgement.h"
#include "verdict/span_index.h"

namespace turnpike::verdict {
namespace {

constexpr std::uint16_t type_a = 1;      // RFC 1035 3.2.2
constexpr std::uint16_t type_aaaa = 28;  // RFC 3596 2.1
constexpr std::uint16_t rcode_servfail = 2, rcode_nxdomain = 3,
                        rcode_refused = 5;  // RFC 1035 4.1.1
constexpr std::uint16_t port_mdns = 5353, port_llmnr = 5355, port_netbios = 137;

/// Extended DNS Errors that say "somebody decided": Blocked, Censored, Filtered, Prohibited (RFC
/// 8914 4).
bool is_policy_error(const facts::DnsQuery& query) noexcept {
    return query.extended_error && *query.extended_error >= 15 && *query.extended_error <= 18;
}

bool is_unicast_dns(const facts::DnsQuery& query) noexcept {
    const auto port = query.resolver.port;
    return port != port_mdns && port != port_llmnr && port != port_netbios;
}

bool leads_nowhere(const base::IpAddress& address) noexcept {
    return address.is_unspecified() || address.is_loopback();
}

/// What one question says about its name. Reasons are ordered by how much they tell: an answer that
/// refuses outweighs silence, a device that says "blocked" outweighs both.
struct QueryOutcome {
    bool resolved = false;
    bool zone_says_no = false;  ///< see NameOutcome
    BlockReason reason = BlockReason::none;
    InconclusiveReason undecided = InconclusiveReason::none;
};

/// What an ICMP error says of a question that nothing else came back to; nothing without one.
std::optional<FlowVerdict> refusal(const facts::DnsQuery& query, const CaptureContext& context) {
    const auto& flows = context.observation.flows;
    if (query.rcode || query.flow >= flows.size() || flows[query.flow].server().packets > 0) {
        return std::nullopt;
    }
    const auto& flow = flows[query.flow];
    const auto* error = refusing_icmp(flow, context);
    return error == nullptr ? std::nullopt
                            : std::optional(judge_icmp(flow, *error, Stage::dns, context));
}

/// In so many words, by a device on the path.
bool is_prohibited(const facts::DnsQuery& query, const CaptureContext& context) {
    const auto refused = refusal(query, context);
    return refused && refused->grade == Grade::a;
}

QueryOutcome judge_unanswered(const facts::DnsQuery& query, const CaptureContext& context) {
    QueryOutcome outcome;
    if (const auto refused = refusal(query, context)) {
        outcome.undecided = refused->inconclusive;  // the resolver itself: it was reached
        outcome.reason =
            refused->outcome == Outcome::blocked ? BlockReason::dns_timeout : BlockReason::none;
    } else if (context.visibility.one_sided(query.client)) {
        outcome.undecided = InconclusiveReason::one_sided_capture;
    } else if (!context.recorded.went_on_after(query.tap, query.query.time)) {
        outcome.undecided = InconclusiveReason::capture_ended;
    } else if (context.visibility.lost_between(query.query.time, query.last_send.time + patience) ||
               (query.sends == 1 && context.visibility.loses_segments())) {
        outcome.undecided = InconclusiveReason::capture_loss;
    } else {
        outcome.reason = BlockReason::dns_timeout;
    }
    return outcome;
}

/// The zone itself answers that there is no such name (RFC 2308 2.1), and it is the name's own, not
/// a resolver's idea of a zone above.
bool comes_from_its_zone(const facts::DnsQuery& query) {
    if (query.zone().empty()) {
        return false;
    }
    const auto domain = catalog::registrable_domain(query.name);
    return !domain.empty() && query.zone_size >= domain.size();
}

QueryOutcome judge_query(const facts::DnsQuery& query, const CaptureContext& context) {
    if (!query.rcode) {
        return judge_unanswered(query, context);
    }
    QueryOutcome outcome;
    const auto has_address = [](const facts::DnsAnswer& answer) {
        return static_cast<bool>(answer.address);
    };
    const bool useful = std::ranges::any_of(query.answers, [&](const facts::DnsAnswer& answer) {
        return has_address(answer) && !leads_nowhere(answer.address);
    });
    // NOLINTNEXTLINE(bugprone-branch-clone): the order of the cases is that of their weight
    if (is_policy_error(query)) {
        outcome.reason = BlockReason::dns_sinkhole;
    } else if (*query.rcode == rcode_nxdomain) {
        outcome.reason = BlockReason::dns_nxdomain;
        outcome.zone_says_no = comes_from_its_zone(query);
    } else if (*query.rcode == rcode_refused || *query.rcode == rcode_servfail) {
        outcome.reason = BlockReason::dns_refused;
    } else if (useful || (query.answers_cut && *query.rcode == 0)) {
        outcome.resolved = true;
    } else if (std::ranges::any_of(query.answers, has_address)) {
        outcome.reason = BlockReason::dns_sinkhole;
    }
    return outcome;  // otherwise no data of this type: no failure
}

int weight(BlockReason reason) noexcept {
    switch (reason) {
        case BlockReason::dns_sinkhole:
            return 4;
        case BlockReason::dns_nxdomain:
            return 3;
        case BlockReason::dns_refused:
            return 2;
        case BlockReason::dns_timeout:
            return 1;
        default:
            return 0;
    }
}

/// The names that failed, and what worked beside them: the same client got another name from the
/// same resolver, or reached a row of the same product.
class NameControls {
  public:
    explicit NameControls(const NamesInput& input) : input_(input) {}

    void want(const NameOutcome& name, const facts::DnsQuery& query) {
        index_.want(resolver(query));
        for (const auto& rule : name.rules) {
            index_.want(product(query.client, rule));
        }
    }
    void gather() {
        const auto& observation = input_.context.observation;
        for (const auto& query : observation.dns) {
            if (judge_query(query, input_.context).resolved) {
                index_.add(resolver(query), query.response.time, query.response.time, 0, 0);
            }
        }
        for (const std::uint32_t i : input_.context.digests.of_vendors()) {
            if (input_.flows[i].outcome != Outcome::passed) {
                continue;
            }
            const auto& flow = observation.flows[i];
            for (const auto& rule : input_.flows[i].attribution->rules) {
                if (rule.port != nullptr) {
                    index_.add(product(flow.client().address(), rule), flow.first_seen(),
                               worked_until(flow), 0, 0);
                }
            }
        }
        index_.prepare();
    }
    [[nodiscard]] bool worked_beside(const NameOutcome& name, const facts::DnsQuery& query) const {
        const auto asked = query.start().time;
        const auto near = [&](const FlowMatch& match) {
            return index_.find(match, asked - control_distance, asked + control_distance)
                .has_value();
        };
        return near(resolver(query)) ||
               std::ranges::any_of(name.rules, [&](const Attribution& rule) {
                   return near(product(query.client, rule));
               });
    }

  private:
    static FlowMatch resolver(const facts::DnsQuery& query) {
        return {.kind = FlowMatch::Kind::client_host,
                .client = part(query.client),
                .server = part(query.resolver.address)};
    }
    [[nodiscard]] FlowMatch product(const base::IpAddress& client, const Attribution& rule) const {
        return {.kind = FlowMatch::Kind::client_product,
                .client = part(input_.context.hosts.of(client)),
                .text = part(rule.revision->vendor),
                .more_text = part(rule.revision->product)};
    }

    const NamesInput& input_;
    FlowIndex index_;
};

/// Only a literal name is promised to exist; of a wildcard no name is.
bool only_wildcards_cover(const NameOutcome& name) {
    return std::ranges::all_of(name.patterns, [](const catalog::NameMatch& match) {
        return match.pattern->text.starts_with('.') ||
               match.pattern->text.find('*') != std::string::npos;
    });
}

/// The resolver answered for the name, though it has no address of the one type, and the client
/// asked for the other but once. Who filters a name answers nothing of it; some servers answer
/// nothing to AAAA (RFC 4074 4.1).
bool answered_without_data(const NameOutcome& name, const facts::Rows<facts::DnsQuery>& queries) {
    const auto answered = [&](std::uint32_t i) { return queries[i].rcode == 0; };
    const auto repeated = [&](std::uint32_t i) {
        return !queries[i].rcode && queries[i].sends > 1;
    };
    return std::ranges::any_of(name.queries, answered) &&
           std::ranges::none_of(name.queries, repeated);
}

/// What the zone says outweighs questions that were lost or refused, and answers of caches, which
/// leave the zone out. Who blocks a name in so many words is no zone.
void believe_zone(NameOutcome& name) {
    name.zone_says_no = name.zone_says_no && !name.resolved && only_wildcards_cover(name) &&
                        name.reason != BlockReason::dns_sinkhole;
    if (name.zone_says_no) {
        name.reason = BlockReason::none;
        name.undecided = InconclusiveReason::none;
    }
}

/// The snap length cut the zone of a denial: it may have been the name's own, which outweighs what
/// caches repeat.
void doubt_cut_denials(NameOutcome& name, const facts::Rows<facts::DnsQuery>& queries) {
    const bool cut = std::ranges::any_of(name.queries, [&](std::uint32_t i) {
        return queries[i].rcode == rcode_nxdomain && queries[i].zone_cut;
    });
    if (cut && name.reason == BlockReason::dns_nxdomain && only_wildcards_cover(name)) {
        name.reason = BlockReason::none;
        name.undecided = InconclusiveReason::truncated;
    }
}

/// Names that resolved lose their reason, and so do those that were answered without data, and
/// those of which their own zone says that they do not exist.
void settle(NameOutcomes& names, const facts::Rows<facts::DnsQuery>& queries) {
    for (auto& [text, name] : names) {
        if (name.resolved) {
            name.reason = BlockReason::none;
        }
        if (name.reason == BlockReason::dns_timeout && answered_without_data(name, queries)) {
            name.reason = BlockReason::none;
            name.undecided = InconclusiveReason::no_answer;
        }
        believe_zone(name);
        doubt_cut_denials(name, queries);
    }
}

/// The name stands in what the client itself said.
bool is_asked_for(facts::NameSource source) noexcept {
    return source != facts::NameSource::dns && source != facts::NameSource::certificate;
}

/// When clients connected to servers by a name.
class NamedConnections {
  public:
    void add(std::string_view name, const base::IpAddress& host, base::Timestamp time) {
        times_[{name, host}].push_back(time);
    }
    void prepare() {
        for (auto& [who, times] : times_) {
            std::ranges::sort(times);
        }
    }
    /// Whether that client did so soon after it asked for the name.
    [[nodiscard]] bool follow(const facts::DnsQuery& query, const base::IpAddress& host) const {
        const auto found = times_.find({query.name, host});
        if (found == times_.end()) {
            return false;
        }
        const auto& times = found->second;
        const auto next = std::ranges::lower_bound(times, query.query.time - base::out_of_order);
        return next != times.end() && *next <= query.last_send.time + control_distance;
    }

  private:
    std::map<std::pair<std::string_view, base::IpAddress>, std::vector<base::Timestamp>> times_;
};

/// The connections by names that got no answer. Most flows are none of these, which their digests
/// say.
NamedConnections connections_by_name(const NamesInput& input, const DigestSet& unanswered) {
    const auto& context = input.context;
    NamedConnections connections;
    for (const std::uint32_t i : context.digests.of_vendors()) {
        const auto& attribution = *input.flows[i].attribution;
        if (unanswered.contains(context.digests[i].name) &&
            input.flows[i].outcome == Outcome::passed &&
            is_asked_for(attribution.server_name_source)) {
            const auto& flow = context.observation.flows[i];
            connections.add(attribution.server_name, context.hosts.of(flow.client().address()),
                            flow.first_seen());
        }
    }
    connections.prepare();
    return connections;
}

/// A client that asks for a name and then a server for it has its address from somewhere: an answer
/// that is not in the capture, or from elsewhere. What a device forbids in so many words is blocked
/// all the same.
void believe_connections(const NamesInput& input, NameOutcomes& names) {
    const auto& context = input.context;
    const auto& queries = context.observation.dns;
    DigestSet unanswered;
    for (const auto& [text, name] : names) {
        if (name.reason == BlockReason::dns_timeout) {
            unanswered.insert(digest_of(text));
        }
    }
    if (unanswered.empty()) {
        return;
    }
    const auto connections = connections_by_name(input, unanswered);
    const auto had_its_address = [&](std::uint32_t i) {
        return !is_prohibited(queries[i], context) &&
               connections.follow(queries[i], context.hosts.of(queries[i].client));
    };
    for (auto& [text, name] : names) {
        if (name.reason == BlockReason::dns_timeout &&
            std::ranges::all_of(name.queries, had_its_address)) {
            name.reason = BlockReason::none;
            name.undecided = InconclusiveReason::no_answer;
        }
    }
}

/// Controls are gathered only if something failed: mostly nothing did.
void grade_failures(const NamesInput& input, NameOutcomes& names) {
    const auto& queries = input.context.observation.dns;
    NameControls controls(input);
    bool failed = false;
    for (const auto& [text, name] : names) {
        if (name.reason != BlockReason::none) {
            failed = true;
            for (const auto i : name.queries) {
                controls.want(name, queries[i]);
            }
        }
    }
    if (!failed) {
        return;
    }
    controls.gather();
    for (auto& [text, name] : names) {
        if (name.reason == BlockReason::none) {
            continue;
        }
        const auto policy = [&](std::uint32_t i) {
            return is_policy_error(queries[i]) || is_prohibited(queries[i], input.context);
        };
        const auto controlled = [&, &asked = name](std::uint32_t i) {
            return controls.worked_beside(asked, queries[i]);
        };
        name.grade = std::ranges::any_of(name.queries, policy)       ? Grade::a
                     : std::ranges::any_of(name.queries, controlled) ? Grade::b
                                                                     : Grade::c;
    }
}

void find_rules(const catalog::Index& index, std::string_view text, NameOutcome& name) {
    name.patterns = index.match_name(text);
    name.rules = attribute::rules_of_name(name.patterns, text);
}

/// An answer then or now outweighs every failure.
void add_past(const NamesInput& input, NameOutcomes& names) {
    for (const auto& [text, before] : input.past->names()) {
        const bool fresh = names.find(text) == nullptr;
        auto& name = names[text];
        if (fresh) {
            find_rules(input.index, text, name);
        }
        name.resolved = name.resolved || before.resolved;
        name.zone_says_no = name.zone_says_no || before.zone_says_no;
        if (name.resolved) {
            name.reason = BlockReason::none;
            believe_zone(name);
            continue;
        }
        if (weight(before.reason) > weight(name.reason)) {
            name.reason = before.reason;
        }
        if (before.grade != Grade::none && name.reason != BlockReason::none) {
            name.grade =
                name.grade == Grade::none ? before.grade : std::min(name.grade, before.grade);
        }
        if (name.undecided == InconclusiveReason::none) {
            name.undecided = before.undecided;
        }
        believe_zone(name);
    }
}

}  // namespace

void NameOutcomes::reserve(std::size_t names) {
    entries_.reserve(names);
}

NameOutcome& NameOutcomes::operator[](std::string_view name) {
    const auto [place, fresh] =
        places_.try_emplace(hash_of(name), static_cast<std::uint32_t>(entries_.size()));
    if (fresh) {
        entries_.emplace_back(name, NameOutcome{});
    }
    return entries_[place->second].second;
}

const NameOutcome* NameOutcomes::find_hashed(std::uint64_t hash) const noexcept {
    const auto place = places_.find(hash);
    return place == places_.end() ? nullptr : &entries_[place->second].second;
}

NameOutcomes judge_names(const NamesInput& input) {
    const auto& queries = input.context.observation.dns;
    NameOutcomes names;
    names.reserve(queries.size());
    for (std::uint32_t i = 0; i < queries.size(); ++i) {
        const auto& query = queries[i];
        if ((query.type != type_a && query.type != type_aaaa) || !is_unicast_dns(query)) {
            continue;
        }
        const auto outcome = judge_query(query, input.context);
        auto& name = names[query.name];
        name.zone_says_no = name.zone_says_no || outcome.zone_says_no;
        name.queries.push_back(i);
        name.resolved = name.resolved || outcome.resolved;
        if (weight(outcome.reason) > weight(name.reason)) {
            name.reason = outcome.reason;
        }
        if (outcome.undecided != InconclusiveReason::none) {
            name.undecided = outcome.undecided;
        }
    }
    for (auto& [text, name] : names) {
        find_rules(input.index, text, name);
    }
    settle(names, queries);
    believe_connections(input, names);
    grade_failures(input, names);
    if (input.past != nullptr) {
        add_past(input, names);
    }
    return names;
}

}  // namespace turnpike::verdict
