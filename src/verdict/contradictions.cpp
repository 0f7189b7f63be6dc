// Looks the endpoints of failed flows up among those that the same client reached.
#include "verdict/contradictions.h"

#include <boost/unordered/unordered_flat_set.hpp>
#include <optional>

#include "verdict/flow_match.h"

namespace turnpike::verdict {
namespace {

using Kind = FlowMatch::Kind;

/// What clients reached, as far as they failed to reach it at another time.
class Reached {
  public:
    Reached(const facts::Observation& observation, const FlowVerdicts& verdicts)
        : flows_(observation.flows), verdicts_(verdicts) {}

    void know(std::uint32_t i) {
        clients_.insert(part(flows_[i].client().address()));
        servers_.insert(part(flows_[i].server().address()));
    }
    bool want(std::uint32_t i) {
        const auto endpoint = endpoint_of(i);
        if (!endpoint) {
            return false;
        }
        if (const auto name = name_of(i); name == 0) {
            index_.want(*endpoint);
        } else {
            index_.want(named(*endpoint, name));
            index_.want(named(*endpoint, 0));
        }
        return true;
    }
    void add(std::uint32_t i) {
        if (const auto endpoint = endpoint_of(i)) {
            add(*endpoint, i);
            add(named(*endpoint, name_of(i)), i);
        }
    }
    void prepare() { index_.prepare(); }

    [[nodiscard]] bool contradicts(std::uint32_t i) const {
        const auto endpoint = endpoint_of(i);
        if (!endpoint) {
            return false;
        }
        const auto& flow = flows_[i];
        const auto name = name_of(i);
        return name == 0 ? find_near(index_, *endpoint, flow).has_value()
                         : find_near(index_, named(*endpoint, name), flow) ||
                               find_near(index_, named(*endpoint, 0), flow);
    }

  private:
    /// Nothing where no flow of the other outcome has this client and this server.
    [[nodiscard]] std::optional<FlowMatch> endpoint_of(std::uint32_t i) const {
        const auto& flow = flows_[i];
        const auto client = part(flow.client().address());
        if (!clients_.contains(client)) {
            return std::nullopt;
        }
        const auto server = part(flow.server().address());
        if (!servers_.contains(server)) {
            return std::nullopt;
        }
        return FlowMatch{.kind = Kind::client_endpoint,
                         .transport = flow.transport,
                         .port = flow.server().port(),
                         .number = flow.rare->proxy->target_port,  // a proxy leads to many
                         .client = client,
                         .server = server};
    }
    static FlowMatch named(FlowMatch endpoint, std::uint64_t name) noexcept {
        endpoint.kind = Kind::client_named;
        endpoint.text = name;
        return endpoint;
    }
    [[nodiscard]] std::uint64_t name_of(std::uint32_t i) const {
        return part(verdicts_[i].attribution->server_name);
    }

    void add(const FlowMatch& match, std::uint32_t i) {
        index_.add(match, flows_[i].first_seen(), flows_[i].last_seen(), 0, i);
    }

    const facts::Rows<facts::Flow>& flows_;
    const FlowVerdicts& verdicts_;
    FlowIndex index_;
    // Of those that failed, or of those that worked, whichever are fewer.
    boost::unordered_flat_set<std::uint64_t> clients_;
    boost::unordered_flat_set<std::uint64_t> servers_;
};

}  // namespace

std::vector<std::uint32_t> find_contradicted(const facts::Observation& observation,
                                             const FlowVerdicts& verdicts,
                                             const Attempts& attempts) {
    Reached reached(observation, verdicts);
    auto failed = gather(attempts, reached);
    std::erase_if(failed, [&](std::uint32_t i) { return !reached.contradicts(i); });
    return failed;
}

}  // namespace turnpike::verdict
