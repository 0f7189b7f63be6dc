// Joins DNS queries with their answers, and makes a row of each question.
#include "dns_inspector.h"

#include <array>

#include "orientation.h"

namespace turnpike::inspect {

const DnsReading& DnsInspector::read(const PayloadContext& payload, base::Bytes octets) {
    if (const auto* const ahead = reading_as<DnsReading>(payload.reading)) {
        return *ahead;
    }
    reader_.read(octets, reading_);
    return reading_;
}

bool DnsInspector::message(const PayloadContext& payload, base::Bytes octets,
                           facts::Transport transport) {
    const DnsReading& reading = read(payload, octets);
    if (reading.error) {
        context_.problems.count("dns", *reading.error);
        return false;
    }
    note_protocol(payload.flow(), facts::Protocol::dns);
    prove_client(payload, !reading.response);
    if (!reading.query_opcode) {
        return true;
    }
    if (reading.response) {
        response(payload, reading, transport);
    } else if (reading.question_count > 0) {
        query(payload, reading, transport);
    }
    return true;
}

void DnsInspector::query(const PayloadContext& payload, const DnsReading& reading,
                         facts::Transport transport) {
    const std::uint64_t id = key(payload, reading);
    auto& rows = context_.observation.dns;
    if (const auto row = pending_.find(id, rows); row && !rows[*row].response) {
        ++rows[*row].sends;
        rows[*row].last_send = payload.at;
        return;
    }
    if (!context_.has_room<facts::DnsKind>()) {
        return;
    }
    const std::uint32_t row = add_row(payload, reading, transport);
    rows[row].query = payload.at;
    rows[row].last_send = payload.at;
    pending_.insert(id, row, rows[row].id);
}

void DnsInspector::response(const PayloadContext& payload, const DnsReading& reading,
                            facts::Transport transport) {
    const std::uint64_t id = key(payload, reading);
    auto& rows = context_.observation.dns;
    std::optional<std::uint32_t> row = pending_.find(id, rows);
    if (!row) {
        if (reading.question_count == 0 || !context_.has_room<facts::DnsKind>()) {
            return;
        }
        row = add_row(payload, reading, transport);
        rows[*row].sends = 0;
        pending_.insert(id, *row, rows[*row].id);
    }
    facts::DnsQuery& query = rows[*row];
    if (query.response) {
        return;  // the first answer is what the client took
    }
    const std::size_t weight = facts::DnsKind::weight(query);
    const facts::DnsQuery& said = reading.said;
    query.response = payload.at;
    query.rcode = said.rcode;
    query.extended_error = said.extended_error;
    query.zone_size = said.zone_size;
    query.answers = said.answers;
    query.data = said.data;
    query.answers_cut = payload.cut && query.answers.size() < reading.answer_count;
    query.zone_cut = payload.cut && query.zone_size == 0 && reading.authority_count > 0;
    context_.slots.reweigh(weight, facts::DnsKind::weight(query));
    if (reading.records_error) {
        context_.problems.count("dns", *reading.records_error);
    }
}

std::uint64_t DnsInspector::key(const PayloadContext& payload,
                                const DnsReading& reading) const noexcept {
    const base::Endpoint& client = reading.response ? payload.destination() : payload.source();
    const base::Endpoint& resolver = reading.response ? payload.source() : payload.destination();
    const std::uint64_t what =
        (std::uint64_t{reading.id} << 32U) | (std::uint64_t{reading.said.type} << 16U);
    return context_.secret.words(std::array<std::uint64_t, 4>{
        client.address.hash(), resolver.address.hash(), what, reading.name_hash});
}

std::uint32_t DnsInspector::add_row(const PayloadContext& payload, const DnsReading& reading,
                                    facts::Transport transport) {
    const auto [index, row] = context_.add<facts::DnsKind>();
    row.flow = payload.state.index;
    row.tap = payload.flow().tap;
    row.client = (reading.response ? payload.destination() : payload.source()).address;
    row.resolver = reading.response ? payload.source() : payload.destination();
    row.transport = transport;
    row.name = reading.said.name;
    row.type = reading.said.type;
    return index;
}

}  // namespace turnpike::inspect
