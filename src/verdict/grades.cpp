// Looks for controls and contradictions of each block, and gives it its grade.
#include "verdict/grades.h"

#include <bit>
#include <boost/unordered/unordered_flat_set.hpp>
#include <string_view>

#include "turnpike/base/address_map.h"
#include "turnpike/base/keyed_hash.h"
#include "verdict/flow_match.h"
#include "verdict/span_index.h"

namespace turnpike::verdict {
namespace {

using Kind = FlowMatch::Kind;

/// The client acknowledged what the server said, and the capture lost it: it may have been a
/// refusal.
bool is_unheard(const facts::Flow& flow) noexcept {
    const auto& server = flow.server_of(*flow.tcp);
    return server.unseen > 0 && !server.payload;
}

/// A connection that nobody has used: it shows that TCP gets through, and nothing of what follows.
bool is_only_opened(const facts::Flow& flow) noexcept {
    return flow.transport == facts::Transport::tcp && !flow.tcp->ends[0].payload &&
           !flow.tcp->ends[1].payload;
}

/// The connection was opened and failed then: another one that was only opened got no further.
bool failed_behind_handshake(const facts::Flow& flow, const FlowVerdict& verdict) noexcept {
    return flow.transport == facts::Transport::tcp && flow.tcp->established &&
           verdict.stage != Stage::tcp;
}

/// The flows that worked, as far as they share something with a blocked one.
class Successes {
  public:
    Successes(const CaptureContext& context, const FlowVerdicts& verdicts)
        : flows_(context.observation.flows), verdicts_(verdicts), hosts_(context.hosts) {
        bool any = false;
        for (std::uint32_t i = 0; i < verdicts.size(); ++i) {
            if (verdicts[i].outcome == Outcome::blocked && verdicts[i].grade != Grade::a) {
                want(i);
                any = true;
            }
        }
        for (std::uint32_t i = 0; any && i < verdicts.size(); ++i) {
            if (verdicts[i].outcome == Outcome::passed) {
                add(i);
            }
        }
        index_.prepare();
        opened_.prepare();
    }

    /// The same client reached the same endpoint, with the same name where both are known.
    [[nodiscard]] bool contradict(std::uint32_t i) const {
        const auto name = name_of(i);
        return name.empty() ? find(client_endpoint(i), i).has_value()
                            : find(client_named(i, name), i) || find(client_named(i, {}), i);
    }

    /// A flow that worked and is comparable; its index.
    [[nodiscard]] std::optional<std::uint32_t> control(std::uint32_t i) const {
        if (auto found = find_control(endpoint(i), i, owner_client(i))) {
            return found;
        }
        if (auto found = find_control(client_host(i), i, owner_service(i))) {
            return found;
        }
        if (const auto& name = verdicts_[i].attribution->server_name; !name.empty()) {
            if (auto found = find_control(host_name(name), i, owner_endpoint(i))) {
                return found;
            }
        }
        for (const auto& rule : verdicts_[i].attribution->rules) {
            if (rule.port != nullptr) {
                if (auto found = find_control(client_product(i, rule), i, owner_row(rule))) {
                    return found;
                }
            }
        }
        return std::nullopt;
    }

  private:
    using Owner = FlowIndex::Owner;

    [[nodiscard]] std::string_view name_of(std::uint32_t i) const {
        return verdicts_[i].attribution->server_name;
    }

    // Keys of what a blocked flow and its control share ...
    [[nodiscard]] FlowMatch endpoint(std::uint32_t i) const {
        const auto& flow = flows_[i];
        return {.kind = Kind::endpoint,
                .transport = flow.transport,
                .port = flow.server().port(),
                .server = flow.server().address()};
    }
    [[nodiscard]] FlowMatch client_endpoint(std::uint32_t i) const {
        auto match = endpoint(i);
        match.kind = Kind::client_endpoint;
        match.client = flows_[i].client().address();
        match.number = flows_[i].rare->proxy->target_port;  // a proxy leads to many
        return match;
    }
    [[nodiscard]] FlowMatch client_named(std::uint32_t i, std::string_view name) const {
        auto match = client_endpoint(i);
        match.kind = Kind::client_named;
        match.text = name;
        return match;
    }
    [[nodiscard]] FlowMatch client_host(std::uint32_t i) const {
        const auto& flow = flows_[i];
        return {.kind = Kind::client_host,
                .client = flow.client().address(),
                .server = flow.server().address()};
    }
    /// Not the name that a resolver is asked for: its answer is no way to the host.
    static FlowMatch host_name(std::string_view name) { return {.kind = Kind::name, .text = name}; }
    [[nodiscard]] FlowMatch client_product(std::uint32_t i, const Attribution& rule) const {
        return {.kind = Kind::client_product,
                .client = hosts_.of(flows_[i].client().address()),
                .text = rule.revision->vendor,
                .more_text = rule.revision->product};
    }

    // ... and what tells them apart.
    [[nodiscard]] Owner owner_client(std::uint32_t i) const {
        return flows_[i].client().address().hash();
    }
    [[nodiscard]] Owner owner_service(std::uint32_t i) const {
        auto match = endpoint(i);
        match.server = {};
        match.text = name_of(i);
        return FlowFingerprint{}(match);
    }
    [[nodiscard]] Owner owner_endpoint(std::uint32_t i) const {
        return FlowFingerprint{}(endpoint(i));
    }
    /// A row of the report: a rule, a transport and one of its port items.
    static Owner owner_row(const Attribution& rule) {
        return FlowFingerprint{}({.kind = Kind::client_product,
                                  .port = rule.port->first,
                                  .number = static_cast<std::uint64_t>(rule.port->transport),
                                  .text = rule.rule->id,
                                  .more_text = rule.port->text});
    }

    void want(std::uint32_t i) {
        clients_.insert(flows_[i].client().address());
        servers_.insert(flows_[i].server().address());
        names_.insert(verdicts_[i].attribution->server_name);
        index_.want(client_endpoint(i));
        index_.want(client_named(i, name_of(i)));
        index_.want(client_named(i, {}));
        want_controls(index_, i);
        if (!failed_behind_handshake(flows_[i], verdicts_[i])) {
            want_controls(opened_, i);
        }
    }
    void want_controls(FlowIndex& index, std::uint32_t i) {
        index.want(endpoint(i));
        index.want(client_host(i));
        index.want(host_name(verdicts_[i].attribution->server_name));
        for (const auto& rule : verdicts_[i].attribution->rules) {
            index.want(client_product(i, rule));
        }
    }
    void add(std::uint32_t i) {
        // Few flows share anything with a blocked one, and these are cheaper to look up than keys.
        const bool client = clients_.contains(flows_[i].client().address());
        const bool server = servers_.contains(flows_[i].server().address());
        if (client && server) {
            add(index_, client_endpoint(i), i, 0);
            add(index_, client_named(i, name_of(i)), i, 0);
        }
        if (is_unheard(flows_[i])) {  // contradicts a block, but is no control
            return;
        }
        FlowIndex& index = is_only_opened(flows_[i]) ? opened_ : index_;
        if (server) {
            add(index, endpoint(i), i, owner_client(i));
        }
        if (client && server) {
            add(index, client_host(i), i, owner_service(i));
        }
        if (const auto& name = verdicts_[i].attribution->server_name;
            !name.empty() && flows_[i].protocol != facts::Protocol::dns && names_.contains(name)) {
            add(index, host_name(name), i, owner_endpoint(i));
        }
        for (const auto& rule : verdicts_[i].attribution->rules) {
            if (rule.port != nullptr) {  // whatever address its machine used
                add(index, client_product(i, rule), i, owner_row(rule));
            }
        }
    }
    void add(FlowIndex& index, const FlowMatch& match, std::uint32_t i, Owner owner) {
        index.add(match, flows_[i].first_seen(), flows_[i].last_seen(), owner, i);
    }
    [[nodiscard]] std::optional<std::uint32_t> find(const FlowMatch& match, std::uint32_t i) const {
        return find(index_, match, i, {});
    }
    [[nodiscard]] std::optional<std::uint32_t> find_control(const FlowMatch& match, std::uint32_t i,
                                                            Owner not_of) const {
        const auto used = find(index_, match, i, not_of);
        return used || failed_behind_handshake(flows_[i], verdicts_[i])
                   ? used
                   : find(opened_, match, i, not_of);
    }
    [[nodiscard]] std::optional<std::uint32_t> find(const FlowIndex& index, const FlowMatch& match,
                                                    std::uint32_t i,
                                                    std::optional<Owner> not_of) const {
        return index.find(match, flows_[i].first_seen() - control_distance,
                          flows_[i].last_seen() + control_distance, not_of);
    }

    const facts::Rows<facts::Flow>& flows_;
    const FlowVerdicts& verdicts_;
    const attribute::Hosts& hosts_;
    FlowIndex index_;
    FlowIndex opened_;  ///< controls that were only opened
    // What the keys that are wanted are made of.
    base::AddressSet clients_;
    base::AddressSet servers_;
    boost::unordered_flat_set<std::string_view, base::KeyedTextHash> names_;
};

bool is_reset(BlockReason reason) noexcept {
    return reason == BlockReason::tcp_reset || reason == BlockReason::tls_reset ||
           reason == BlockReason::payload_reset;
}

/// The reset has at least two marks that something on the path made it.
bool is_injected(const facts::Flow& flow, const HopCounts& hops) {
    constexpr int enough_marks = 2;
    const auto& server = flow.server_of(*flow.tcp);
    if (!server.rst->at) {
        return false;
    }
    const bool by_distance = hops.compare(flow, server.rst->hop_limit) == Distance::elsewhere ||
                             hops.nearer_than_servers(flow, server.rst->hop_limit) ||
                             hops.nearer_than_servers(flow, flow.server().hop_limit);
    return std::popcount(server.rst->marks) + (by_distance ? 1 : 0) >= enough_marks;
}

void contradict(FlowVerdict& verdict) {
    verdict.outcome = Outcome::inconclusive;
    verdict.inconclusive = InconclusiveReason::intermittent;
    add_note(verdict, std::string("failed_by ") + std::string(to_string(verdict.reason)));
    verdict.reason = BlockReason::none;
    verdict.stage = Stage::none;
    verdict.grade = Grade::none;
}

/// One-way media is no failure to reach the endpoint, so that reaching it contradicts nothing.
bool can_be_contradicted(const FlowVerdict& verdict) noexcept {
    return verdict.reason != BlockReason::one_way;
}

}  // namespace

void grade_blocks(const CaptureContext& context, FlowVerdicts& verdicts, const Ledger* past) {
    const auto& observation = context.observation;
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        auto& verdict = verdicts[i];
        if (verdict.outcome == Outcome::blocked && is_reset(verdict.reason) &&
            is_injected(observation.flows[i], context.hops)) {
            verdict.grade = Grade::a;
            add_note(verdict, "injected_reset");
        }
    }
    const Successes successes(context, verdicts);
    for (std::uint32_t i = 0; i < verdicts.size(); ++i) {
        auto& verdict = verdicts[i];
        if (verdict.outcome != Outcome::blocked || verdict.grade == Grade::a) {
            continue;
        }
        const auto id = observation.flows[i].id;
        const auto* remembered = past != nullptr ? past->remembered(id) : nullptr;
        if (can_be_contradicted(verdict) &&
            (successes.contradict(i) || (remembered != nullptr && remembered->contradicted))) {
            contradict(verdict);
        } else if (const auto control = successes.control(i)) {
            verdict.grade = Grade::b;
            verdict.control = observation.flows[*control].id;
        } else if (remembered != nullptr && remembered->control != 0) {
            verdict.grade = Grade::b;
            verdict.control = remembered->control;
        }
    }
}

}  // namespace turnpike::verdict
