// Joins DNS queries with their answers, and makes a row of each question.
#include "dns_inspector.h"

#include <algorithm>
#include <array>

#include "orientation.h"
#include "turnpike/facts/dns_record.h"

namespace turnpike::inspect {
namespace {

using proto::DnsType;

// More than any answer that a client uses; a message of 64 KiB could hold 4,000.
constexpr std::size_t most_answers = 256;
constexpr std::uint8_t opcode_query = 0;  // RFC 1035 4.1.1

void add_hints(facts::DnsQuery& row, const proto::DnsRecord& record, base::Bytes hints,
               std::size_t size) {
    for (std::size_t at = 0; at + size <= hints.size(); at += size) {
        row.add_answer(record.type, record.ttl,
                       base::IpAddress::from_octets(hints.subspan(at, size)));
    }
}

}  // namespace

bool DnsInspector::message(const PayloadContext& payload, base::Bytes octets,
                           facts::Transport transport) {
    const auto message = proto::decode_dns(octets);
    if (!message) {
        context_.problems.count("dns", message.error());
        return false;
    }
    note_protocol(payload.flow(), facts::Protocol::dns);
    prove_client(payload, !message->is_response());
    if (message->opcode() != opcode_query) {
        return true;
    }
    if (message->is_response()) {
        response(payload, *message, transport);
    } else if (message->question_count > 0) {
        query(payload, *message, transport);
    }
    return true;
}

void DnsInspector::query(const PayloadContext& payload, const proto::DnsMessage& message,
                         facts::Transport transport) {
    proto::NameBuffer buffer;
    const std::string_view name = proto::render_name(message.question.name, buffer);
    const std::uint64_t id = key(payload, message, name);
    auto& rows = context_.observation.dns;
    if (const auto row = pending_.find(id, rows); row && !rows[*row].response) {
        ++rows[*row].sends;
        rows[*row].last_send = payload.at;
        return;
    }
    if (!context_.has_room<facts::DnsKind>()) {
        return;
    }
    const std::uint32_t row = add_row(payload, message, name, transport);
    rows[row].query = payload.at;
    rows[row].last_send = payload.at;
    pending_.insert(id, row, rows[row].id);
}

void DnsInspector::response(const PayloadContext& payload, const proto::DnsMessage& message,
                            facts::Transport transport) {
    proto::NameBuffer buffer;
    const std::string_view name = message.question_count > 0
                                      ? proto::render_name(message.question.name, buffer)
                                      : std::string_view{};
    const std::uint64_t id = key(payload, message, name);
    auto& rows = context_.observation.dns;
    std::optional<std::uint32_t> row = pending_.find(id, rows);
    if (!row) {
        if (message.question_count == 0 || !context_.has_room<facts::DnsKind>()) {
            return;
        }
        row = add_row(payload, message, name, transport);
        rows[*row].sends = 0;
        pending_.insert(id, *row, rows[*row].id);
    }
    facts::DnsQuery& query = rows[*row];
    if (query.response) {
        return;  // the first answer is what the client took
    }
    const std::size_t weight = facts::DnsKind::weight(query);
    query.response = payload.at;
    query.rcode = message.header_rcode();
    query.answers.reserve(std::min<std::size_t>(message.answer_count, most_answers));
    proto::DnsRecordReader reader(message);
    while (const auto record = reader.next()) {
        if (record->section == proto::DnsSection::answer && query.answers.size() < most_answers) {
            add_answer(query, message, *record);
        } else if (record->section == proto::DnsSection::authority &&
                   record->type == static_cast<std::uint16_t>(DnsType::soa)) {
            proto::NameBuffer owner;
            query.set_zone(proto::render_name(record->owner, owner));
        } else if (record->type == static_cast<std::uint16_t>(DnsType::opt)) {
            if (const auto edns = proto::decode_edns(*record)) {
                query.rcode = edns->rcode(message);
                query.extended_error = edns->extended_error;
            }
        }
    }
    context_.slots.reweigh(weight, facts::DnsKind::weight(query));
    query.answers_cut = payload.cut && query.answers.size() < message.answer_count;
    if (reader.error()) {
        context_.problems.count("dns", *reader.error());
    }
}

void DnsInspector::add_answer(facts::DnsQuery& row, const proto::DnsMessage& message,
                              const proto::DnsRecord& record) {
    const auto type = static_cast<DnsType>(record.type);
    if (const auto address = proto::record_address(record)) {
        row.add_answer(record.type, record.ttl, address);
    } else {
        octets_.clear();
        proto::copy_rdata(message, record, octets_);
        if (type == DnsType::cname) {
            alias_.clear();
            facts::render_dns_record(record.type, octets_, alias_);
        }
        row.add_answer(record.type, record.ttl, type == DnsType::cname ? alias_ : octets_);
    }
    if (type == DnsType::https || type == DnsType::svcb) {
        if (const auto binding = proto::decode_service_binding(message, record)) {
            add_hints(row, record, binding->ipv4_hint, 4);
            add_hints(row, record, binding->ipv6_hint, 16);
        }
    }
}

std::uint64_t DnsInspector::key(const PayloadContext& payload, const proto::DnsMessage& message,
                                std::string_view name) const noexcept {
    const bool response = message.is_response();
    const base::Endpoint& client = response ? payload.destination() : payload.source();
    const base::Endpoint& resolver = response ? payload.source() : payload.destination();
    const std::uint64_t what =
        (std::uint64_t{message.id} << 32U) | (std::uint64_t{message.question.type} << 16U);
    const base::HashKey& secret = context_.secret;
    return secret.words(std::array<std::uint64_t, 4>{client.address.hash(), resolver.address.hash(),
                                                     what, secret.text(name)});
}

std::uint32_t DnsInspector::add_row(const PayloadContext& payload, const proto::DnsMessage& message,
                                    std::string_view name, facts::Transport transport) {
    const bool response = message.is_response();
    const auto [index, row] = context_.add<facts::DnsKind>();
    row.flow = payload.state.index;
    row.tap = payload.flow().tap;
    row.client = (response ? payload.destination() : payload.source()).address;
    row.resolver = response ? payload.source() : payload.destination();
    row.transport = transport;
    row.name = name;
    row.type = message.question.type;
    return index;
}

}  // namespace turnpike::inspect
