// Decodes a DNS message (RFC 1035) to what a row of it needs.
#include "turnpike/inspect/dns_reading.h"

#include "turnpike/base/give_back.h"
#include "turnpike/facts/dns_record.h"
#include "turnpike/proto/dns.h"

namespace turnpike::inspect {
namespace {

using proto::DnsType;

// More than any answer that a client uses; a message of 64 KiB could hold 4,000.
constexpr std::size_t most_answers = 256;
constexpr std::uint8_t opcode_query = 0;  // RFC 1035 4.1.1

/// Reads the records of a response.
class Answers {
  public:
    Answers(const proto::DnsMessage& message, facts::DnsQuery& said, std::string& octets,
            std::string& alias)
        : message_(message), said_(said), octets_(octets), alias_(alias) {}

    std::optional<base::ParseError> read() {
        proto::DnsRecordReader reader(message_);
        while (const auto record = reader.next()) {
            if (record->section == proto::DnsSection::answer &&
                said_.answers.size() < most_answers) {
                add(*record);
            } else if (record->section == proto::DnsSection::authority &&
                       record->type == static_cast<std::uint16_t>(DnsType::soa)) {
                proto::NameBuffer owner;
                said_.set_zone(proto::render_name(record->owner, owner));
            } else if (record->type == static_cast<std::uint16_t>(DnsType::opt)) {
                if (const auto edns = proto::decode_edns(*record)) {
                    said_.rcode = edns->rcode(message_);
                    said_.extended_error = edns->extended_error;
                }
            }
        }
        return reader.error();
    }

  private:
    void add(const proto::DnsRecord& record) {
        const auto type = static_cast<DnsType>(record.type);
        if (const auto address = proto::record_address(record)) {
            said_.add_answer(record.type, record.ttl, address);
        } else {
            octets_.clear();
            proto::copy_rdata(message_, record, octets_);
            if (type == DnsType::cname) {
                alias_.clear();
                facts::render_dns_record(record.type, octets_, alias_);
            }
            said_.add_answer(record.type, record.ttl, type == DnsType::cname ? alias_ : octets_);
        }
        if (type == DnsType::https || type == DnsType::svcb) {
            if (const auto binding = proto::decode_service_binding(message_, record)) {
                add_hints(record, binding->ipv4_hint, 4);
                add_hints(record, binding->ipv6_hint, 16);
            }
        }
    }
    void add_hints(const proto::DnsRecord& record, base::Bytes hints, std::size_t size) {
        for (std::size_t at = 0; at + size <= hints.size(); at += size) {
            said_.add_answer(record.type, record.ttl,
                             base::IpAddress::from_octets(hints.subspan(at, size)));
        }
    }

    const proto::DnsMessage& message_;
    facts::DnsQuery& said_;
    std::string& octets_;
    std::string& alias_;
};

// A reading is used again and again, and room that a few large messages took would add up.
template <typename Container>
void clear(Container& container, std::size_t most_kept) noexcept {
    if (container.capacity() > most_kept) {
        base::give_back(container);
    } else {
        container.clear();
    }
}

}  // namespace

void DnsReader::read(base::Bytes octets, DnsReading& reading) {
    const auto message = proto::decode_dns(octets);
    if (!message) {
        reading.error = message.error();
        return;
    }
    reading.error.reset();
    reading.response = message->is_response();
    reading.query_opcode = message->opcode() == opcode_query;
    if (!reading.query_opcode) {
        return;
    }
    reading.id = message->id;
    reading.question_count = message->question_count;
    reading.answer_count = message->answer_count;
    reading.authority_count = message->authority_count;
    facts::DnsQuery& said = reading.said;
    said.type = message->question.type;
    said.name.clear();
    if (message->question_count > 0) {
        proto::NameBuffer buffer;
        said.name = proto::render_name(message->question.name, buffer);
    }
    reading.name_hash = secret_.text(said.name);
    if (reading.response) {
        said.rcode = message->header_rcode();
        said.extended_error.reset();
        said.zone_size = 0;
        clear(said.answers, 64);
        clear(said.data, 4'096);
        reading.records_error = Answers(*message, said, octets_, alias_).read();
    }
}

}  // namespace turnpike::inspect
