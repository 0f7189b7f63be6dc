// The display that writes a JSON object on a line for each change and each finished flow.
#include <fmt/core.h>

#include <string_view>

#include "monitor/json_object.h"
#include "turnpike/monitor/lines.h"

namespace turnpike::monitor {
namespace {

constexpr auto lines_patience = std::chrono::milliseconds{1000};

std::string requirement_object(const StatusChange& change, const RequirementState& row) {
    return JsonObject("requirement")
        .time("time", change.time)
        .text("vendor", row.vendor)
        .text("product", row.product)
        .text("revision", row.revision)
        .text("rule_id", row.rule_id)
        .text("purpose", row.purpose)
        .text("level", row.level)
        .text("transport", row.transport)
        .text("ports", row.ports)
        .text("destination", row.destination)
        .text("status", row.status)
        .text("previous_status", change.from)
        .text("block_reason", row.block_reason)
        .text("stage", row.stage)
        .text("grade", row.grade)
        .text("inconclusive_reason", row.inconclusive_reason)
        .number("flows_passed", row.passed)
        .number("flows_blocked", row.blocked)
        .number("flows_inconclusive", row.undecided)
        .time("first_seen", row.first_seen)
        .time("last_seen", row.last_seen)
        .text("evidence", row.evidence)
        .line();
}

std::string flow_object(const FinishedFlow& flow) {
    return JsonObject("flow")
        .number("flow_id", flow.flow_id)
        .text("transport", flow.transport)
        .text("client_ip", to_string(flow.client.address))
        .number("client_port", flow.client.port)
        .text("server_ip", to_string(flow.server.address))
        .number("server_port", flow.server.port)
        .time("first_seen", flow.first_seen)
        .time("last_seen", flow.last_seen)
        .number("packets_out", flow.packets_out)
        .number("packets_in", flow.packets_in)
        .number("bytes_out", flow.bytes_out)
        .number("bytes_in", flow.bytes_in)
        .text("protocol", flow.protocol)
        .text("server_name", flow.server_name)
        .text("outcome", flow.outcome)
        .text("block_reason", flow.block_reason)
        .text("stage", flow.stage)
        .text("grade", flow.grade)
        .text("inconclusive_reason", flow.inconclusive_reason)
        .text("vendor", flow.vendor)
        .text("product", flow.product)
        .text("revision", flow.revision)
        .text("rule_id", flow.rule_id)
        .text("confidence", flow.confidence)
        .line();
}

}  // namespace

JsonLines::JsonLines(int descriptor) : outlet_(descriptor) {}

bool JsonLines::update(const State& state) {
    // First what the reader missed before: without this line the stream would look complete.
    const std::uint64_t lost = outlet_.dropped() - told_lost_;
    const auto lost_line = JsonObject("lost").time("time", state.now).number("lines", lost).line();
    if (lost != 0 && outlet_.has_room(lost_line.size())) {
        outlet_.add(lost_line);
        told_lost_ += lost;
    }
    for (const auto& notice : state.notices) {
        outlet_.add(JsonObject("notice").time("time", state.now).text("text", notice).line());
    }
    for (const auto& change : state.changes) {
        if (change.requirement < state.requirements.size()) {
            outlet_.add(requirement_object(change, state.requirements[change.requirement]));
        }
    }
    for (const auto& flow : state.finished) {
        outlet_.add(flow_object(flow));
    }
    return outlet_.flush();
}

bool JsonLines::close() noexcept {
    return outlet_.drain(lines_patience);
}

}  // namespace turnpike::monitor
