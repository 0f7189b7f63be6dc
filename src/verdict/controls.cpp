// Looks for flows that worked by what they share with those that failed.
#include "verdict/controls.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <optional>
#include <span>

#include "verdict/flow_match.h"

namespace turnpike::verdict {
namespace {

using Kind = FlowMatch::Kind;

/// The client acknowledged what the server said, and the capture lost it: it may have been a
/// refusal, or the certificate of somebody else.
bool is_unheard(const facts::Flow& flow) noexcept {
    const auto& server = flow.server_of(*flow.tcp);
    const bool unknown_whose = flow.tls->client_hello && !flow.tls->certificate.present();
    return server.unseen > 0 && (!server.payload || unknown_whose);
}

/// The flows that worked, as far as they share something with a failed one.
class Successes {
  public:
    Successes(const CaptureContext& context, const FlowVerdicts& verdicts)
        : flows_(context.observation.flows),
          digests_(context.digests),
          verdicts_(verdicts),
          hosts_(context.hosts) {}

    void know(std::uint32_t i) {
        const FlowDigest& digest = digests_[i];
        clients_.insert(digest.client);
        servers_.insert(digest.server);
        names_.insert(digest.name);
        if (digest.rules) {
            machines_.insert(machine_of(flows_[i]));
        }
    }
    bool want(std::uint32_t i) {
        if (shares_nothing(i)) {
            return false;
        }
        const Shared shared = shared_of(i);
        if (!shared.any() && rules_of(shared).empty()) {
            return false;
        }
        want(index_, shared);
        if (!failed_behind_handshake(shared.flow)) {
            want(opened_, shared);
        }
        return true;
    }
    void add(std::uint32_t i) {
        if (shares_nothing(i)) {
            return;
        }
        const Shared shared = shared_of(i);
        if (is_unheard(shared.flow)) {
            return;
        }
        FlowIndex& index = is_only_opened(shared.flow) ? opened_ : index_;
        const std::uint64_t target = behind_proxy(shared);
        add_reached(index, shared, target);
        if (target != 0) {  // who does not reach the proxy asks it for nobody
            add_reached(index, shared, 0);
        }
        if (shared.names && shared.flow.protocol != facts::Protocol::dns) {
            FlowIndex& named = is_named_by_its_address(shared.flow) ? opened_ : index;
            add(named, host_name(shared), shared, owner_endpoint(shared));
        }
        const auto rules = rules_of(shared);
        for (const auto& rule : rules) {
            if (rule.port != nullptr) {  // whatever address its machine used
                add(index, client_product(shared, rule), shared, owner_rows(rules));
            }
        }
    }
    void prepare() {
        index_.prepare();
        opened_.prepare();
    }

    [[nodiscard]] std::optional<std::uint32_t> control_of(std::uint32_t i) const {
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
        const auto rules = rules_of(shared);
        for (const auto& rule : rules) {
            if (rule.port != nullptr) {
                auto found = find_control(client_product(shared, rule), shared, owner_rows(rules));
                if (found && !shares_row(shared.verdict, verdicts_[*found])) {
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

        [[nodiscard]] bool any() const noexcept { return servers || names; }
        [[nodiscard]] bool both() const noexcept { return clients && servers; }
    };
    /// True for most flows, which need not be looked at then.
    [[nodiscard]] bool shares_nothing(std::uint32_t i) const {
        const FlowDigest& digest = digests_[i];
        return !digest.rules && !servers_.contains(digest.server) &&
               (digest.name == 0 || !names_.contains(digest.name));
    }
    [[nodiscard]] Shared shared_of(std::uint32_t i) const {
        const auto& flow = flows_[i];
        Shared shared{i,
                      flow,
                      verdicts_[i],
                      part(flow.client().address()),
                      part(flow.server().address()),
                      part(verdicts_[i].attribution->server_name)};
        const FlowDigest& digest = digests_[i];
        shared.clients = clients_.contains(digest.client);
        shared.servers = servers_.contains(digest.server);
        shared.names = digest.name != 0 && names_.contains(digest.name);
        return shared;
    }

    // Keys of what a blocked flow and its control share ...
    static FlowMatch endpoint(const Shared& shared) noexcept {
        return {.kind = Kind::endpoint,
                .transport = shared.flow.transport,
                .port = shared.flow.server().port(),
                .server = shared.server,
                .more_text = behind_proxy(shared)};
    }
    static FlowMatch client_host(const Shared& shared) noexcept {
        return {.kind = Kind::client_host,
                .client = shared.client,
                .server = shared.server,
                .more_text = behind_proxy(shared)};
    }
    /// It got to its server, for that target behind it (0: for none).
    static void add_reached(FlowIndex& index, const Shared& shared, std::uint64_t target) {
        FlowMatch server = endpoint(shared);
        FlowMatch host = client_host(shared);
        server.more_text = host.more_text = target;
        if (shared.servers) {
            add(index, server, shared, shared.client);
        }
        if (shared.both() && !is_named_by_its_address(shared.flow)) {  // of which service?
            add(index, host, shared, owner_service(shared));
        }
    }
    /// A proxy leads to many hosts, and to reach one says nothing of another.
    static std::uint64_t behind_proxy(const Shared& shared) noexcept {
        return part(shared.flow.rare->proxy->target_host);
    }
    /// Not the name that a resolver is asked for: its answer is no way to the host.
    static FlowMatch host_name(const Shared& shared) noexcept {
        return {.kind = Kind::name, .text = shared.name};
    }
    [[nodiscard]] FlowMatch client_product(const Shared& shared, const Attribution& rule) const {
        return {.kind = Kind::client_product,
                .client = machine_of(shared.flow),
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
    /// Rows of the report: each is a rule, a transport and one of its port items. In any order.
    static Owner owner_rows(std::span<const Attribution> rules) {
        Owner all = 0;
        for (const auto& rule : rules) {
            if (rule.port != nullptr) {
                all +=
                    FlowFingerprint{}({.kind = Kind::client_product,
                                       .port = rule.port->first,
                                       .number = static_cast<std::uint64_t>(rule.port->transport),
                                       .text = part(rule.rule->id),
                                       .more_text = part(rule.port->text)});
            }
        }
        return all;
    }

    /// Rows with the same names and ports have their flows in common.
    static bool shares_row(const FlowVerdict& failed, const FlowVerdict& worked) {
        return std::ranges::any_of(failed.attribution->rules, [&](const Attribution& mine) {
            return std::ranges::any_of(worked.attribution->rules, [&](const Attribution& other) {
                return mine.rule == other.rule && mine.port == other.port;
            });
        });
    }

    [[nodiscard]] std::uint64_t machine_of(const facts::Flow& flow) const {
        return part(hosts_.of(flow.client().address()));
    }
    void want(FlowIndex& index, const Shared& shared) const {
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
        return !rules.empty() && machines_.contains(machine_of(shared.flow))
                   ? std::span<const Attribution>(rules)
                   : std::span<const Attribution>();
    }
    static void add(FlowIndex& index, const FlowMatch& match, const Shared& shared, Owner owner) {
        index.add(match, shared.flow.first_seen(), worked_until(shared.flow), owner, shared.index);
    }
    [[nodiscard]] std::optional<std::uint32_t> find_control(const FlowMatch& match,
                                                            const Shared& shared,
                                                            Owner not_of) const {
        const auto used = find_near(index_, match, shared.flow, not_of);
        return used || failed_behind_handshake(shared.flow)
                   ? used
                   : find_near(opened_, match, shared.flow, not_of);
    }

    const facts::Rows<facts::Flow>& flows_;
    const FlowDigests& digests_;
    const FlowVerdicts& verdicts_;
    const attribute::Hosts& hosts_;
    FlowIndex index_;
    FlowIndex opened_;  ///< controls of failures to open a connection alone
    // Of those that failed, or of those that worked, whichever are fewer.
    DigestSet clients_;
    DigestSet servers_;
    DigestSet names_;
    boost::unordered_flat_set<std::uint64_t> machines_;  ///< parts; clients of vendors' flows
};

}  // namespace

std::vector<Control> find_controls(const CaptureContext& context, const FlowVerdicts& verdicts,
                                   const Attempts& attempts) {
    Successes successes(context, verdicts);
    std::vector<Control> controls;
    for (const std::uint32_t i : gather(attempts, successes)) {
        if (const auto worked = successes.control_of(i)) {
            controls.push_back({i, *worked});
        }
    }
    return controls;
}

}  // namespace turnpike::verdict
