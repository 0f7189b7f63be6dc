// Looks for controls and contradictions of each block, and gives it its grade.
#include "verdict/grades.h"

#include <algorithm>
#include <bit>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

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

bool needs_grade(const FlowVerdict& verdict) noexcept {
    return verdict.outcome == Outcome::blocked && verdict.grade != Grade::a;
}

/// The flows that worked, as far as they share something with a blocked one.
class Successes {
  public:
    Successes(const CaptureContext& context, const FlowVerdicts& verdicts)
        : flows_(context.observation.flows), verdicts_(verdicts), hosts_(context.hosts) {
        std::vector<std::uint32_t> worked;
        for (std::uint32_t i = 0; i < verdicts.size(); ++i) {
            if (needs_grade(verdicts[i])) {
                failed_.push_back(i);
            } else if (verdicts[i].outcome == Outcome::passed) {
                worked.push_back(i);
            }
        }
        if (failed_.empty()) {
            return;
        }
        // The fewer say what can be shared; most of the others share nothing with any of them.
        std::ranges::for_each(failed_.size() < worked.size() ? failed_ : worked,
                              [this](std::uint32_t i) { know(i); });
        std::ranges::for_each(failed_, [this](std::uint32_t i) { want(i); });
        std::ranges::for_each(worked, [this](std::uint32_t i) { add(i); });
        index_.prepare();
        opened_.prepare();
    }

    /// Indexes of the flows that failed.
    [[nodiscard]] const std::vector<std::uint32_t>& failed() const noexcept { return failed_; }

    /// The same client reached the same endpoint, with the same name where both are known.
    [[nodiscard]] bool contradict(std::uint32_t i) const {
        const Shared shared = shared_of(i);
        if (!shared.both()) {
            return false;
        }
        if (shared.name == 0) {
            return find(index_, client_endpoint(shared), shared, {}).has_value();
        }
        return find(index_, client_named(shared, shared.name), shared, {}) ||
               find(index_, client_named(shared, 0), shared, {});
    }

    /// A flow that worked and is comparable; its index.
    [[nodiscard]] std::optional<std::uint32_t> control(std::uint32_t i) const {
        const Shared shared = shared_of(i);
        if (shared.servers) {
            if (auto found = find_control(endpoint(shared), shared, shared.client)) {
                return found;
            }
        }
        if (shared.both()) {
            if (auto found = find_control(client_host(shared), shared, owner_service(shared))) {
                return found;
            }
        }
        if (shared.names) {
            if (auto found = find_control(host_name(shared), shared, owner_endpoint(shared))) {
                return found;
            }
        }
        for (const auto& rule : rules_of(shared)) {
            if (rule.port != nullptr) {
                if (auto found =
                        find_control(client_product(shared, rule), shared, owner_row(rule))) {
                    return found;
                }
            }
        }
        return std::nullopt;
    }

  private:
    using Owner = FlowIndex::Owner;

    /// A flow, the parts that most of its keys hold, and which of them others may hold, too.
    struct Shared {
        std::uint32_t index = 0;
        const facts::Flow& flow;
        const FlowVerdict& verdict;
        std::uint64_t client = 0;
        std::uint64_t server = 0;
        std::uint64_t name = 0;
        bool clients = false;
        bool servers = false;
        bool names = false;

        [[nodiscard]] bool both() const noexcept { return clients && servers; }
    };
    [[nodiscard]] Shared shared_of(std::uint32_t i) const {
        const auto& flow = flows_[i];
        Shared shared{i,
                      flow,
                      verdicts_[i],
                      part(flow.client().address()),
                      part(flow.server().address()),
                      part(verdicts_[i].attribution->server_name)};
        shared.clients = clients_.contains(shared.client);
        shared.servers = servers_.contains(shared.server);
        shared.names = shared.name != 0 && names_.contains(shared.name);
        return shared;
    }

    // Keys of what a blocked flow and its control share ...
    static FlowMatch endpoint(const Shared& shared) noexcept {
        return {.kind = Kind::endpoint,
                .transport = shared.flow.transport,
                .port = shared.flow.server().port(),
                .server = shared.server};
    }
    static FlowMatch client_endpoint(const Shared& shared) noexcept {
        auto match = endpoint(shared);
        match.kind = Kind::client_endpoint;
        match.client = shared.client;
        match.number = shared.flow.rare->proxy->target_port;  // a proxy leads to many
        return match;
    }
    static FlowMatch client_named(const Shared& shared, std::uint64_t name) noexcept {
        auto match = client_endpoint(shared);
        match.kind = Kind::client_named;
        match.text = name;
        return match;
    }
    static FlowMatch client_host(const Shared& shared) noexcept {
        return {.kind = Kind::client_host, .client = shared.client, .server = shared.server};
    }
    /// Not the name that a resolver is asked for: its answer is no way to the host.
    static FlowMatch host_name(const Shared& shared) noexcept {
        return {.kind = Kind::name, .text = shared.name};
    }
    [[nodiscard]] FlowMatch client_product(const Shared& shared, const Attribution& rule) const {
        return {.kind = Kind::client_product,
                .client = machine_of(shared),
                .text = part(rule.revision->vendor),
                .more_text = part(rule.revision->product)};
    }

    // ... and what tells them apart.
    static Owner owner_service(const Shared& shared) {
        auto match = endpoint(shared);
        match.server = 0;
        match.text = shared.name;
        return FlowFingerprint{}(match);
    }
    static Owner owner_endpoint(const Shared& shared) {
        return FlowFingerprint{}(endpoint(shared));
    }
    /// A row of the report: a rule, a transport and one of its port items.
    static Owner owner_row(const Attribution& rule) {
        return FlowFingerprint{}({.kind = Kind::client_product,
                                  .port = rule.port->first,
                                  .number = static_cast<std::uint64_t>(rule.port->transport),
                                  .text = part(rule.rule->id),
                                  .more_text = part(rule.port->text)});
    }

    [[nodiscard]] std::uint64_t machine_of(const Shared& shared) const {
        return part(hosts_.of(shared.flow.client().address()));
    }
    void know(std::uint32_t i) {
        const Shared shared = shared_of(i);
        clients_.insert(shared.client);
        servers_.insert(shared.server);
        names_.insert(shared.name);
        if (!shared.verdict.attribution->rules.empty()) {
            machines_.insert(machine_of(shared));
        }
    }
    void want(std::uint32_t i) {
        const Shared shared = shared_of(i);
        if (shared.both()) {
            index_.want(client_endpoint(shared));
            index_.want(client_named(shared, shared.name));
            index_.want(client_named(shared, 0));
        }
        want_controls(index_, shared);
        if (!failed_behind_handshake(shared.flow, shared.verdict)) {
            want_controls(opened_, shared);
        }
    }
    void want_controls(FlowIndex& index, const Shared& shared) const {
        if (shared.servers) {
            index.want(endpoint(shared));
        }
        if (shared.both()) {
            index.want(client_host(shared));
        }
        if (shared.names) {
            index.want(host_name(shared));
        }
        for (const auto& rule : rules_of(shared)) {
            index.want(client_product(shared, rule));
        }
    }
    /// None where no other flow of this machine matters.
    [[nodiscard]] std::span<const Attribution> rules_of(const Shared& shared) const {
        const auto& rules = shared.verdict.attribution->rules;
        return !rules.empty() && machines_.contains(machine_of(shared))
                   ? std::span<const Attribution>(rules)
                   : std::span<const Attribution>();
    }
    void add(std::uint32_t i) {
        const Shared shared = shared_of(i);
        if (shared.both()) {
            add(index_, client_endpoint(shared), shared, 0);
            add(index_, client_named(shared, shared.name), shared, 0);
        }
        if (is_unheard(shared.flow)) {  // contradicts a block, but is no control
            return;
        }
        FlowIndex& index = is_only_opened(shared.flow) ? opened_ : index_;
        if (shared.servers) {
            add(index, endpoint(shared), shared, shared.client);
        }
        if (shared.both()) {
            add(index, client_host(shared), shared, owner_service(shared));
        }
        if (shared.names && shared.flow.protocol != facts::Protocol::dns) {
            add(index, host_name(shared), shared, owner_endpoint(shared));
        }
        for (const auto& rule : rules_of(shared)) {
            if (rule.port != nullptr) {  // whatever address its machine used
                add(index, client_product(shared, rule), shared, owner_row(rule));
            }
        }
    }
    static void add(FlowIndex& index, const FlowMatch& match, const Shared& shared, Owner owner) {
        index.add(match, shared.flow.first_seen(), shared.flow.last_seen(), owner, shared.index);
    }
    [[nodiscard]] std::optional<std::uint32_t> find_control(const FlowMatch& match,
                                                            const Shared& shared,
                                                            Owner not_of) const {
        const auto used = find(index_, match, shared, not_of);
        return used || failed_behind_handshake(shared.flow, shared.verdict)
                   ? used
                   : find(opened_, match, shared, not_of);
    }
    static std::optional<std::uint32_t> find(const FlowIndex& index, const FlowMatch& match,
                                             const Shared& shared, std::optional<Owner> not_of) {
        return index.find(match, shared.flow.first_seen() - control_distance,
                          shared.flow.last_seen() + control_distance, not_of);
    }

    const facts::Rows<facts::Flow>& flows_;
    const FlowVerdicts& verdicts_;
    const attribute::Hosts& hosts_;
    std::vector<std::uint32_t> failed_;
    FlowIndex index_;
    FlowIndex opened_;  ///< controls that were only opened
    // Parts of the keys of those that failed, or of those that worked, whichever are fewer.
    boost::unordered_flat_set<std::uint64_t> clients_;
    boost::unordered_flat_set<std::uint64_t> servers_;
    boost::unordered_flat_set<std::uint64_t> names_;
    boost::unordered_flat_set<std::uint64_t> machines_;  ///< clients of vendors' flows
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
    for (const std::uint32_t i : successes.failed()) {
        auto& verdict = verdicts[i];
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
