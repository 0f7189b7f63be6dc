// Works out from a block's stage which steps of a call were done, died or were never reached.
#include "report/call_path.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "report/printable.h"
#include "report/wording.h"
#include "turnpike/verdict/remedies.h"

namespace turnpike::report {
namespace {

using Steps = std::span<const std::string_view>;

// What each stage of docs/verdicts.md stands on. What answered before media is no matter of the
// stage: nothing need have.
Steps steps_to(std::string_view stage) noexcept {
    static constexpr std::array<std::string_view, 2> dns{"name", "connection"};
    static constexpr std::array<std::string_view, 3> tcp{"name", "connection", "data"};
    static constexpr std::array<std::string_view, 4> tls{"name", "connection", "TLS", "data"};
    static constexpr std::array<std::string_view, 3> http{"name", "connection", "HTTP"};
    static constexpr std::array<std::string_view, 4> proxy{"connection", "proxy", "TLS", "data"};
    static constexpr std::array<std::string_view, 3> quic{"name", "QUIC", "data"};
    static constexpr std::array<std::string_view, 3> stun{"name", "STUN", "media"};
    static constexpr std::array<std::string_view, 3> turn{"name", "TURN", "media"};
    static constexpr std::array<std::string_view, 3> dtls{"name", "DTLS", "media"};
    static constexpr std::array<std::string_view, 2> media{"name", "media"};
    static constexpr std::array<std::string_view, 2> udp{"name", "UDP"};
    using Known = std::pair<std::string_view, Steps>;
    static constexpr std::array table{
        Known{"dns", dns},     Known{"tcp", tcp},     Known{"tls", tls},   Known{"http", http},
        Known{"proxy", proxy}, Known{"quic", quic},   Known{"stun", stun}, Known{"turn", turn},
        Known{"dtls", dtls},   Known{"media", media},
    };
    const auto* const found = std::ranges::find(table, stage, &Known::first);
    return found == table.end() ? Steps(udp) : found->second;
}

std::string_view died_at(std::string_view stage) noexcept {
    using Step = std::pair<std::string_view, std::string_view>;
    static constexpr std::array table{
        Step{"dns", "name"},    Step{"tcp", "connection"}, Step{"tls", "TLS"},
        Step{"http", "HTTP"},   Step{"proxy", "proxy"},    Step{"quic", "QUIC"},
        Step{"stun", "STUN"},   Step{"turn", "TURN"},      Step{"dtls", "DTLS"},
        Step{"media", "media"},
    };
    const auto* const found = std::ranges::find(table, stage, &Step::first);
    return found == table.end() ? "UDP" : found->second;
}

// What is known to have answered before media went one way; empty if nothing is.
std::string_view answered_before_media(const RequirementSummary& requirement) noexcept {
    if (requirement.row.block_reason != "one_way") {
        return {};
    }
    return requirement.row.name.transport == "tcp" ? "connection" : requirement.answered;
}

std::vector<PathStep> steps(const RequirementSummary& requirement, bool name_known) {
    const auto& row = requirement.row;
    std::vector<PathStep> list;
    const auto end = row.block_reason.starts_with("payload_") ? "data" : died_at(row.stage);
    const auto answered = answered_before_media(requirement);
    auto state = PathStep::State::done;
    for (const auto what : steps_to(row.stage)) {
        if (what == end) {
            if (!answered.empty()) {
                list.push_back({std::string(answered), PathStep::State::done});
            }
            list.push_back({std::string(what), PathStep::State::died});
            state = PathStep::State::not_reached;
        } else if (what != "name" || name_known) {
            list.push_back({std::string(what), state});
        }
    }
    return list;
}

std::string blame(const store::RequirementRow& row) {
    if (row.grade == "A") {
        return "a device on the path showed itself";
    }
    if (row.grade == "B") {
        return "probably stopped here";
    }
    return verdict::something_answered(row.block_reason) ? "here, or the server itself"
                                                         : "here, or the server is down";
}

}  // namespace

CallPath call_path(const RequirementSummary& requirement) {
    const auto& row = requirement.row;
    CallPath path;
    path.certain = row.grade != "C";
    path.middle = "firewall";
    path.middle_is = blame(row);
    const auto* const flow = deciding_flow(requirement);
    if (flow != nullptr) {
        path.client = from_network(flow->client_ip);
        path.server = from_network(flow->server_name.empty() ? flow->server_ip : flow->server_name);
    }
    if (row.stage == "dns") {
        path.middle = "resolver";
        if (!requirement.queries.empty()) {
            const auto& query = requirement.queries.front();
            path.client = from_network(query.client_ip);
            path.server = from_network(query.qname);
            path.middle_is = fmt::format(
                "{}: {}", from_network(query.resolver_ip),
                query.rcode.empty() ? std::string("no answer") : from_network(query.rcode));
        }
    } else if (row.stage == "proxy") {
        path.middle = "proxy";
    }
    path.server = shortened(path.server, 80);
    const bool name_known = row.stage == "dns" || (flow != nullptr && !flow->server_name.empty());
    path.steps = steps(requirement, name_known);
    const auto died = std::ranges::find(path.steps, PathStep::State::died, &PathStep::state);
    path.in_words =
        fmt::format("From {} to {} it came as far as: {}; {} {}.", path.client, path.server,
                    died == path.steps.end() ? "" : died->what, path.middle, path.middle_is);
    return path;
}

}  // namespace turnpike::report
