// Looks the endpoints of failed flows up among those that the same client reached.
#include "verdict/contradictions.h"

#include <optional>

#include "verdict/flow_match.h"

namespace turnpike::verdict {
namespace {

using Kind = FlowMatch::Kind;

/// What clients reached, as far as they failed to reach it at another time.
class Reached {
  public:
    Reached(const CaptureContext& context, const FlowVerdicts& verdicts)
        : flows_(context.observation.flows), digests_(context.digests), verdicts_(verdicts) {}

    void know(std::uint32_t i) {
        clients_.insert(digests_[i].client);
        servers_.insert(digests_[i].server);
    }
    bool want(std::uint32_t i) {
        const auto endpoint = endpoint_of(i);
        if (!endpoint) {
            return false;
        }
        const auto name = name_of(i);
        for (FlowIndex* const index : {&index_, &opened_}) {
            if (name == 0) {
                index->want(*endpoint);
            } else {
                index->want(named(*endpoint, name));
                index->want(named(*endpoint, 0));
            }
        }
        return true;
    }
    // Also where the capture missed what was answered: that is no success to compare with
    // (controls), but enough to doubt a block.
    void add(std::uint32_t i) {
        if (const auto endpoint = endpoint_of(i)) {
            FlowIndex& index = is_only_opened(flows_[i]) ? opened_ : index_;
            add(index, *endpoint, i);
            add(index, named(*endpoint, name_of(i)), i);
        }
    }
    void prepare() {
        index_.prepare();
        opened_.prepare();
    }

    [[nodiscard]] bool contradicts(std::uint32_t i) const {
        const auto endpoint = endpoint_of(i);
        if (!endpoint) {
            return false;
        }
        return is_in(index_, *endpoint, i) ||
               (!failed_behind_handshake(flows_[i]) && is_in(opened_, *endpoint, i));
    }

  private:
    /// Nothing where no flow of the other outcome has this client and this server.
    [[nodiscard]] std::optional<FlowMatch> endpoint_of(std::uint32_t i) const {
        if (!clients_.contains(digests_[i].client) || !servers_.contains(digests_[i].server)) {
            return std::nullopt;
        }
        const auto& flow = flows_[i];
        return FlowMatch{.kind = Kind::client_endpoint,
                         .transport = flow.transport,
                         .port = flow.server().port(),
                         .number = flow.rare->proxy->target_port,  // a proxy leads to many
                         .client = part(flow.client().address()),
                         .server = part(flow.server().address())};
    }
    [[nodiscard]] bool is_in(const FlowIndex& index, const FlowMatch& endpoint,
                             std::uint32_t i) const {
        const auto& flow = flows_[i];
        const auto name = name_of(i);
        return name == 0 ? find_near(index, endpoint, flow).has_value()
                         : find_near(index, named(endpoint, name), flow) ||
                               find_near(index, named(endpoint, 0), flow);
    }
    static FlowMatch named(FlowMatch endpoint, std::uint64_t name) noexcept {
        endpoint.kind = Kind::client_named;
        endpoint.text = name;
        return endpoint;
    }
    /// Where DNS gives the address several names, or the hello was not seen, none is known.
    [[nodiscard]] std::uint64_t name_of(std::uint32_t i) const {
        const auto& attribution = *verdicts_[i].attribution;
        return attribution.other_names.present() || is_named_by_its_address(flows_[i])
                   ? 0
                   : part(attribution.server_name);
    }

    void add(FlowIndex& index, const FlowMatch& match, std::uint32_t i) {
        index.add(match, flows_[i].first_seen(), worked_until(flows_[i]), 0, i);
    }

    const facts::Rows<facts::Flow>& flows_;
    const FlowDigests& digests_;
    const FlowVerdicts& verdicts_;
    FlowIndex index_;
    FlowIndex opened_;  ///< contradict failures to open a connection alone
    // Of those that failed, or of those that worked, whichever are fewer.
    DigestSet clients_;
    DigestSet servers_;
};

}  // namespace

std::vector<std::uint32_t> find_contradicted(const CaptureContext& context,
                                             const FlowVerdicts& verdicts,
                                             const Attempts& attempts) {
    Reached reached(context, verdicts);
    auto failed = gather(attempts, reached);
    std::erase_if(failed, [&](std::uint32_t i) { return !reached.contradicts(i); });
    return failed;
}

}  // namespace turnpike::verdict
