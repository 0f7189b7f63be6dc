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
    Reached(const facts::Observation& observation, const FlowVerdicts& verdicts,
            const Attempts& attempts)
        : flows_(observation.flows), verdicts_(verdicts) {
        for (const std::uint32_t i : attempts.fewer()) {
            clients_.insert(part(flows_[i].client().address()));
            servers_.insert(part(flows_[i].server().address()));
        }
        for (const std::uint32_t i : attempts.failed) {
            want(i);
        }
        if (!in_question_.empty()) {
            for (const std::uint32_t i : attempts.worked) {
                add(i);
            }
            index_.prepare();
        }
    }

    [[nodiscard]] std::vector<std::uint32_t> contradicted() const {
        std::vector<std::uint32_t> found;
        for (const std::uint32_t i : in_question_) {
            if (is_contradicted(i)) {
                found.push_back(i);
            }
        }
        return found;
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

    void want(std::uint32_t i) {
        const auto endpoint = endpoint_of(i);
        if (!endpoint) {
            return;
        }
        in_question_.push_back(i);
        if (const auto name = name_of(i); name == 0) {
            index_.want(*endpoint);
        } else {
            index_.want(named(*endpoint, name));
            index_.want(named(*endpoint, 0));
        }
    }
    void add(std::uint32_t i) {
        if (const auto endpoint = endpoint_of(i)) {
            add(*endpoint, i);
            add(named(*endpoint, name_of(i)), i);
        }
    }
    void add(const FlowMatch& match, std::uint32_t i) {
        index_.add(match, flows_[i].first_seen(), flows_[i].last_seen(), 0, i);
    }
    [[nodiscard]] bool is_contradicted(std::uint32_t i) const {
        const auto endpoint = endpoint_of(i);
        if (!endpoint) {
            return false;
        }
        const auto name = name_of(i);
        return name == 0
                   ? was_reached(*endpoint, i)
                   : was_reached(named(*endpoint, name), i) || was_reached(named(*endpoint, 0), i);
    }
    [[nodiscard]] bool was_reached(const FlowMatch& match, std::uint32_t i) const {
        return index_
            .find(match, flows_[i].first_seen() - control_distance,
                  flows_[i].last_seen() + control_distance)
            .has_value();
    }

    const facts::Rows<facts::Flow>& flows_;
    const FlowVerdicts& verdicts_;
    std::vector<std::uint32_t> in_question_;  ///< failed flows of clients that may have reached it
    FlowIndex index_;
    // Of those that failed, or of those that worked, whichever are fewer.
    boost::unordered_flat_set<std::uint64_t> clients_;
    boost::unordered_flat_set<std::uint64_t> servers_;
};

}  // namespace

std::vector<std::uint32_t> find_contradicted(const facts::Observation& observation,
                                             const FlowVerdicts& verdicts,
                                             const Attempts& attempts) {
    return Reached(observation, verdicts, attempts).contradicted();
}

}  // namespace turnpike::verdict
