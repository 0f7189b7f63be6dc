// Joins STUN requests with their responses, and makes a row of each transaction.
#include "stun_inspector.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "datagram_inspector.h"
#include "orientation.h"
#include "turnpike/flow/flow_key.h"

namespace turnpike::inspect {
namespace {

using facts::StunOutcome;
using proto::StunClass;
using proto::StunMethod;

constexpr std::size_t most_peers = 64;  // in one row; a call has a handful

// Errors of the normal challenge (RFC 8489 9.2.4): the client tries again with credentials.
bool is_challenge(std::uint16_t code) noexcept {
    return code == 401 || code == 438;
}

void take_attributes(facts::StunTransaction& row, const proto::StunMessage& message) {
    if (!message.realm.empty()) {
        row.realm.assign(message.realm);
    }
    if (!message.software.empty()) {
        row.software.assign(message.software);
    }
    if (message.mapped) {
        row.mapped = message.mapped;
    }
    if (message.relayed) {
        row.relayed = message.relayed;
    }
    for (const base::Endpoint& peer : message.peers()) {
        if (row.peers.size() < most_peers &&
            std::ranges::find(row.peers, peer) == row.peers.end()) {
            row.peers.push_back(peer);
        }
    }
    row.ice = row.ice || message.ice;
}

// A TURN request comes from the client, and so does a Binding request without ICE. Of two ICE
// agents both send requests and responses (RFC 8445 2.2): a check proves nothing, for either may
// come first, and of answers only the very first message tells.
bool tells_client(const proto::StunMessage& message, const facts::Flow& flow) {
    if (message.is_turn()) {
        return true;
    }
    const bool plain_request = message.klass == StunClass::request && !message.ice && !message.cut;
    const bool first = flow.ends[0].payload_packets + flow.ends[1].payload_packets == 1;
    const bool answer = message.klass == StunClass::success || message.klass == StunClass::error;
    return plain_request || (first && answer);
}

// RFC 8445 7.2.2: the sender puts the far side's fragment first.
void take_user_fragments(facts::StunFacts& stun, std::string_view username, Side sender) {
    const auto colon = username.find(':');
    if (colon == std::string_view::npos) {
        return;
    }
    if (stun.ends[0].ufrag.empty() && stun.ends[1].ufrag.empty()) {
        stun.ends[other(sender)].ufrag.assign(username.substr(0, colon));
        stun.ends[sender].ufrag.assign(username.substr(colon + 1));
    }
}

/// Another request of this end would be a repeat, as far as the other end's answers go.
bool may_repeat(const PayloadContext& payload, const facts::StunFacts& stun) noexcept {
    return !payload.relayed && !stun.ends[payload.side].repeated &&
           stun.ends[other(payload.side)].responses == 0;
}

}  // namespace

void StunInspector::message(const PayloadContext& payload, const proto::StunMessage& message) {
    facts::Flow& flow = payload.flow();
    note_protocol(flow, message.is_turn() ? facts::Protocol::turn : facts::Protocol::stun);
    if (tells_client(message, flow)) {
        const bool from_client =
            message.klass == StunClass::request ||
            (message.klass == StunClass::indication && message.method == StunMethod::send);
        prove_client(payload, from_client);
    }
    if (!payload.relayed) {
        facts::StunFacts& stun = flow.stun.make();
        stun.turn = stun.turn || message.is_turn();
    }
    switch (message.klass) {
        case StunClass::request:
            request(payload, message);
            break;
        case StunClass::success:
        case StunClass::error:
            response(payload, message);
            break;
        case StunClass::indication:
            indication(payload, message);
            break;
    }
}

void StunInspector::channel_data(const PayloadContext& payload) {
    facts::StunFacts& stun = payload.flow().stun.make();
    stun.turn = true;
    ++stun.ends[payload.side].channel_data;
    note_protocol(payload.flow(), facts::Protocol::turn);
}

void StunInspector::request(const PayloadContext& payload, const proto::StunMessage& message) {
    facts::StunFacts& stun = payload.flow().stun.make();
    facts::StunEnd& asking = stun.ends[payload.side];
    stun.ice = stun.ice || message.ice;
    take_user_fragments(stun, message.username, payload.side);
    if (!payload.relayed) {
        stun.first_request = stun.first_request ? stun.first_request : payload.at;
        stun.last_request = payload.at;
        ++asking.request_packets;
        const bool nonce = message.nonce_length > 0;
        // Whatever keeps an allocation goes on from answers that may be older than the capture.
        asking.midway = asking.midway || (asking.request_packets == 1 && nonce &&
                                          message.method != StunMethod::allocate);
        asking.with_nonce = asking.with_nonce || (nonce && !asking.midway);
    }
    const std::uint64_t id = key(payload, message);
    if (const auto found = pending_.find(id, context_.observation.stun)) {
        facts::StunTransaction& row = context_.observation.stun[*found];
        ++row.sends;
        row.last_request = payload.at;
        note_repeat(payload, stun);
        return;
    }
    const bool again = asked_before(payload, message);
    facts::StunTransaction* row = add_row(payload, message, payload.side);
    if (row == nullptr) {
        return;
    }
    if (again) {
        note_repeat(payload, stun);
    }
    row->request = payload.at;
    row->last_request = payload.at;
    row->username.assign(message.username);
    pending_.insert(id, payload.flow().rare->transactions.back(), row->id);
    if (!payload.relayed) {
        ++asking.requests;
    }
}

// Whether this end has an open transaction of the same method already, among the flow's last ones.
// Only asked until there is an answer or a repeat.
bool StunInspector::asked_before(const PayloadContext& payload,
                                 const proto::StunMessage& message) const {
    const facts::Flow& flow = payload.flow();
    if (!may_repeat(payload, *flow.stun)) {
        return false;
    }
    constexpr std::size_t most = 32;
    const std::span all(flow.rare->transactions);
    return std::ranges::any_of(all.last(std::min(all.size(), most)), [&](std::uint32_t index) {
        const facts::StunTransaction& row = context_.observation.stun[index];
        return row.method == static_cast<std::uint16_t>(message.method) && !row.response &&
               row.side == payload.side && !row.relayed_inside &&
               row.outcome != StunOutcome::indication;
    });
}

void StunInspector::note_repeat(const PayloadContext& payload, facts::StunFacts& stun) {
    if (may_repeat(payload, stun)) {
        stun.ends[payload.side].repeated = payload.at;
    }
}

void StunInspector::response(const PayloadContext& payload, const proto::StunMessage& message) {
    const std::uint64_t id = key(payload, message);
    facts::StunTransaction* row = nullptr;
    if (const auto found = pending_.find(id, context_.observation.stun)) {
        row = &context_.observation.stun[*found];
        if (row->response || row->side == payload.side) {
            return;  // a response sent again, or one that answers its own side
        }
    } else {
        row = add_row(payload, message, other(payload.side));
        if (row == nullptr) {
            return;
        }
        row->sends = 0;
        pending_.insert(id, payload.flow().rare->transactions.back(), row->id);
    }
    row->response = payload.at;
    row->outcome = message.klass == StunClass::success ? StunOutcome::success : StunOutcome::error;
    row->error_code = message.error_code;
    row->error_reason.assign(message.error_reason);
    if (row->last_request) {
        row->round_trip = payload.at.time - row->last_request.time;
    }
    take_attributes(*row, message);
    if (payload.relayed) {
        return;
    }
    facts::StunEnd& answering = payload.flow().stun.make().ends[payload.side];
    ++answering.responses;
    answering.first_response = answering.first_response ? answering.first_response : payload.at;
    if (message.klass == StunClass::error && !is_challenge(message.error_code)) {
        answering.last_error = message.error_code;
    }
}

void StunInspector::indication(const PayloadContext& payload, const proto::StunMessage& message) {
    facts::StunFacts& stun = payload.flow().stun.make();
    if (message.has_data && !payload.relayed) {
        ++stun.ends[payload.side].channel_data;
    }
    auto& runs = datagram_state(payload.state).indications;
    const auto run = std::ranges::find_if(runs, [&](const IndicationRun& candidate) {
        return candidate.method == message.method && candidate.side == payload.side &&
               candidate.relayed == payload.relayed;
    });
    if (run != runs.end()) {
        facts::StunTransaction& row = context_.observation.stun[run->row];
        ++row.sends;
        row.last_request = payload.at;
        take_attributes(row, message);
        return;
    }
    facts::StunTransaction* row = add_row(payload, message, payload.side);
    if (row == nullptr) {
        return;
    }
    row->outcome = StunOutcome::indication;
    row->request = payload.at;
    row->last_request = payload.at;
    runs.push_back(
        {message.method, payload.side, payload.relayed, payload.flow().rare->transactions.back()});
}

std::uint64_t StunInspector::key(const PayloadContext& payload,
                                 const proto::StunMessage& message) const noexcept {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::memcpy(&first, message.transaction_id.data(), 8);
    std::memcpy(&second, message.transaction_id.data() + 8, 8);
    const std::uint64_t where = (std::uint64_t{payload.state.index} << 17U) |
                                (std::uint64_t{static_cast<std::uint16_t>(message.method)} << 1U) |
                                (payload.relayed ? 1U : 0U);
    return flow::mix(first ^ context_.seed, second ^ flow::mix(where + 1, ~context_.seed));
}

facts::StunTransaction* StunInspector::add_row(const PayloadContext& payload,
                                               const proto::StunMessage& message, Side asking) {
    if (!context_.has_room<facts::StunKind>()) {
        return nullptr;
    }
    const auto [index, row] = context_.add<facts::StunKind>();
    row.flow = payload.state.index;
    row.side = asking;
    row.method = static_cast<std::uint16_t>(message.method);
    row.relayed_inside = payload.relayed;
    take_attributes(row, message);
    payload.flow().rare.make().transactions.push_back(index);
    return &row;
}

}  // namespace turnpike::inspect
