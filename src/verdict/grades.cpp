#include "verdict/grades.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <unordered_map>

namespace turnpike::verdict {
namespace {

/// The flows that worked, as far as they share a client, an address or a name with a blocked one.
class Controls {
  public:
    Controls(const facts::Observation& observation,
             const std::vector<attribute::FlowAttribution>& attributions,
             const std::vector<FlowVerdict>& verdicts)
        : observation_(observation), attributions_(attributions) {
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            if (verdicts[i].outcome == Outcome::blocked) {
                by_client_[observation.flows[i].client.address];
                by_server_[observation.flows[i].server.address];
                by_name_[attributions[i].server_name];
            }
        }
        for (std::size_t i = 0; i < verdicts.size() && !by_client_.empty(); ++i) {
            const auto& flow = observation.flows[i];
            if (verdicts[i].outcome == Outcome::passed && can_control(flow)) {
                add(by_client_, flow.client.address, flow);
                add(by_server_, flow.server.address, flow);
                add(by_name_, std::string_view{attributions[i].server_name}, flow);
            }
        }
    }

    [[nodiscard]] bool worked_for(std::size_t index) const {
        const auto& flow = observation_.flows[index];
        return same_client_elsewhere(flow) || same_server_otherwise(flow) ||
               same_name_over_other_transport(flow, attributions_[index].server_name);
    }

  private:
    using Flows = std::vector<const facts::Flow*>;

    template <typename Table, typename Key>
    static void add(Table& table, const Key& key, const facts::Flow& flow) {
        if (const auto wanted = table.find(key); wanted != table.end()) {
            wanted->second.push_back(&flow);
        }
    }
    template <typename Table, typename Key, typename Predicate>
    static bool any(const Table& table, const Key& key, Predicate predicate) {
        const auto found = table.find(key);
        return found != table.end() && std::ranges::any_of(found->second, predicate);
    }

    [[nodiscard]] bool same_client_elsewhere(const facts::Flow& flow) const {
        return any(by_client_, flow.client.address, [&flow](const facts::Flow* other) {
            return other->server != flow.server &&
                   other->first_seen() <= flow.last_seen() + control_distance &&
                   other->last_seen() + control_distance >= flow.first_seen();
        });
    }
    /// Another client at the same endpoint, or this client at another port of the address.
    [[nodiscard]] bool same_server_otherwise(const facts::Flow& flow) const {
        return any(by_server_, flow.server.address, [&flow](const facts::Flow* other) {
            const bool same_client = other->client.address == flow.client.address;
            const bool same_port =
                other->server.port == flow.server.port && other->transport == flow.transport;
            return same_client != same_port;
        });
    }
    [[nodiscard]] bool same_name_over_other_transport(const facts::Flow& flow,
                                                      const std::string& name) const {
        return !name.empty() && any(by_name_, name, [&flow](const facts::Flow* other) {
            return other->transport != flow.transport;
        });
    }

    const facts::Observation& observation_;
    const std::vector<attribute::FlowAttribution>& attributions_;
    std::unordered_map<base::IpAddress, Flows> by_client_;
    std::unordered_map<base::IpAddress, Flows> by_server_;
    std::unordered_map<std::string_view, Flows> by_name_;
};

bool is_reset(BlockReason reason) noexcept {
    return reason == BlockReason::tcp_reset || reason == BlockReason::tls_reset ||
           reason == BlockReason::payload_reset;
}

}  // namespace

bool can_control(const facts::Flow& flow) {
    switch (flow.protocol) {
        case facts::Protocol::dns:
        case facts::Protocol::dhcp:
        case facts::Protocol::mdns:
        case facts::Protocol::llmnr:
        case facts::Protocol::ssdp:
        case facts::Protocol::netbios:
            return false;
        default:
            break;
    }
    const auto& server = flow.server.address;
    const auto& client = flow.client.address;
    if (server.is_multicast() || server.is_broadcast() || server.version() != client.version()) {
        return !server.is_multicast() && !server.is_broadcast();
    }
    const std::size_t network_octets = server.is_v4() ? 3 : 8;
    return !std::ranges::equal(server.octets().first(network_octets),
                               client.octets().first(network_octets));
}

void grade_blocks(const facts::Observation& observation,
                  const std::vector<attribute::FlowAttribution>& attributions,
                  std::vector<FlowVerdict>& verdicts, const Ledger* past) {
    constexpr int marks_of_injection = 2;
    const Controls controls(observation, attributions, verdicts);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        auto& verdict = verdicts[i];
        if (verdict.outcome != Outcome::blocked || verdict.grade == Grade::a) {
            continue;
        }
        const auto& tcp = *observation.flows[i].tcp;
        if (is_reset(verdict.reason) && std::popcount(tcp.reset_marks) >= marks_of_injection) {
            verdict.grade = Grade::a;
            add_note(verdict, "injected_reset");
        } else if (controls.worked_for(i) ||
                   (past != nullptr && past->had_control(observation.flows[i].id))) {
            verdict.grade = Grade::b;
        }
    }
}

}  // namespace turnpike::verdict
