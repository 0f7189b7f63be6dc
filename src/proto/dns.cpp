// DNS headers, questions and records: RFC 1035 4.1; EDNS (RFC 6891 6.1), Extended DNS Errors
// (RFC 8914 2), SVCB and HTTPS (RFC 9460 2.2).
#include "turnpike/proto/dns.h"

#include <optional>

#include "proto/dns_name.h"
#include "turnpike/base/cursor.h"
#include "turnpike/base/fields.h"
#include "turnpike/base/filled.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

constexpr std::size_t max_message = 0xffff;                   // RFC 1035 4.2.2
constexpr std::size_t question_tail = 4;                      // type, class
constexpr std::size_t smallest_question = 1 + question_tail;  // with the root's name
constexpr std::size_t record_tail = 10;                       // type, class, ttl, length
constexpr std::size_t smallest_record = 1 + record_tail;
constexpr std::uint16_t top_bit = 0x8000;    // of a class: RFC 6762 5.4 and 10.2
constexpr std::uint8_t opcode_stateful = 6;  // RFC 8490 5.4: DSO messages have no sections
constexpr std::uint16_t option_error = 15;   // RFC 8914 5.2

// RFC 6895 3.2: Internet, Chaos, Hesiod, NONE and ANY.
bool is_known_class(std::uint16_t klass) noexcept {
    return klass == 1 || klass == 3 || klass == 4 || klass == 254 || klass == 255;
}

bool is_known_opcode(std::uint8_t opcode) noexcept {
    return opcode <= opcode_stateful && opcode != 3;  // RFC 6895 2.2
}

struct Question {
    DnsQuestion question;
    std::size_t end = 0;
};

Result<Question> read_question(Bytes bytes, std::size_t offset) noexcept {
    const auto end = end_of_name(bytes, offset);
    if (!end) {
        return std::unexpected(end.error());
    }
    using Tail = base::Fields<question_tail>;
    const Bytes rest = bytes.subspan(*end);
    if (!Tail::fit(rest)) {
        return std::unexpected(ParseError::truncated);
    }
    const Tail tail(rest);
    const std::uint16_t klass = tail.u16<2>();
    Question read;
    read.question.name = {.message = bytes, .offset = static_cast<std::uint16_t>(offset)};
    read.question.type = tail.u16<0>();
    read.question.klass = klass & static_cast<std::uint16_t>(~top_bit);
    read.question.unicast_response = (klass & top_bit) != 0;
    read.end = *end + question_tail;
    return read;
}

/// Reads where the caller wants it (base/filled.h tells why).
std::optional<ParseError> read_record(Bytes bytes, std::size_t offset, DnsRecord& record) noexcept {
    const auto end = end_of_name(bytes, offset);
    if (!end) {
        return end.error();
    }
    using Tail = base::Fields<record_tail>;
    const Bytes rest = bytes.subspan(*end);
    if (!Tail::fit(rest) || Tail(rest).u16<8>() > rest.size() - record_tail) {
        return ParseError::truncated;
    }
    const Tail tail(rest);
    record.owner = {.message = bytes, .offset = static_cast<std::uint16_t>(offset)};
    record.type = tail.u16<0>();
    record.klass = tail.u16<2>();
    record.ttl = tail.u32<4>();
    record.data_offset = *end + record_tail;
    record.data = rest.subspan(record_tail, tail.u16<8>());
    return std::nullopt;
}

/// False if the octets end in it.
bool read_header(Bytes bytes, DnsMessage& message) noexcept {
    using Header = base::Fields<dns_header_size>;
    if (!Header::fit(bytes)) {
        return false;
    }
    const Header header(bytes);
    message.bytes = bytes;
    message.id = header.u16<0>();
    message.flags = header.u16<2>();
    message.question_count = header.u16<4>();
    message.answer_count = header.u16<6>();
    message.authority_count = header.u16<8>();
    message.additional_count = header.u16<10>();
    return true;
}

std::size_t record_count(const DnsMessage& message) noexcept {
    return std::size_t{message.answer_count} + message.authority_count + message.additional_count;
}

// The name at `skip` octets into the record's data, checked to lie inside it.
std::optional<DnsName> name_in_data(const DnsMessage& message, const DnsRecord& record,
                                    std::size_t skip) noexcept {
    const std::size_t offset = record.data_offset + skip;
    if (skip >= record.data.size() || offset > 0xffff) {
        return std::nullopt;
    }
    const auto end = end_of_name(message.bytes, offset);
    if (!end || *end > record.data_offset + record.data.size()) {
        return std::nullopt;
    }
    return DnsName{.message = message.bytes, .offset = static_cast<std::uint16_t>(offset)};
}

void note_parameter(DnsServiceBinding& binding, std::uint16_t key, Bytes value) noexcept {
    // RFC 9460 14.3.2
    switch (key) {
        case 1:
            binding.alpn = value;
            break;
        case 2:
            binding.no_default_alpn = true;
            break;
        case 3:
            if (value.size() == 2) {
                binding.port = Cursor(value).u16();
            }
            break;
        case 4:
            binding.ipv4_hint = value;
            break;
        case 5:
            binding.ech = true;
            break;
        case 6:
            binding.ipv6_hint = value;
            break;
        default:
            break;
    }
}

std::optional<ParseError> read_message(Bytes bytes, DnsMessage& message) noexcept {
    if (!read_header(bytes, message)) {
        return ParseError::truncated;
    }
    if (bytes.size() > max_message) {
        return ParseError::bad_length;
    }
    const bool says_nothing = message.question_count == 0 && record_count(message) == 0;
    if (says_nothing && !message.is_response() && message.opcode() != opcode_stateful) {
        return ParseError::not_this;
    }
    std::size_t offset = dns_header_size;
    for (unsigned i = 0; i < message.question_count; ++i) {
        const auto read = read_question(bytes, offset);
        if (!read) {
            return read.error();
        }
        if (i == 0) {
            message.question = read->question;
        }
        offset = read->end;
    }
    message.records_offset = offset;
    return std::nullopt;
}

}  // namespace

Result<DnsMessage> decode_dns(Bytes bytes) noexcept {
    return base::filled<DnsMessage>(
        [bytes](DnsMessage& message) { return read_message(bytes, message); });
}

Likelihood probe_dns(Bytes bytes) noexcept {
    DnsMessage message;
    if (!read_header(bytes, message) || !is_known_opcode(message.opcode())) {
        return Likelihood::no;
    }
    const std::size_t behind = bytes.size() - dns_header_size;
    if (message.question_count * smallest_question > behind) {
        return Likelihood::no;
    }
    // A query is small and whole; a response may be cut, but not be larger than a message can be.
    const std::size_t room = message.is_response() ? max_message : behind;
    if (record_count(message) * smallest_record > room) {
        return Likelihood::no;
    }
    // RFC 1035 4.1.1: Z must be zero; a query has no RCODE.
    bool odd = (message.flags & 0x0040U) != 0;
    odd = odd || (!message.is_response() && message.header_rcode() != 0);
    std::uint16_t klass = 0;
    if (message.question_count > 0) {
        const auto question = read_question(bytes, dns_header_size);
        if (!question) {
            return Likelihood::no;
        }
        klass = question->question.klass;
    } else if (record_count(message) > 0) {
        DnsRecord record;
        if (read_record(bytes, dns_header_size, record)) {
            return Likelihood::no;
        }
        klass = record.klass & static_cast<std::uint16_t>(~top_bit);
    } else {
        // A server that cannot read a query answers with the header alone.
        const bool bare_error = message.is_response() && message.header_rcode() != 0;
        return bare_error && behind == 0 ? Likelihood::maybe : Likelihood::no;
    }
    return odd || !is_known_class(klass) ? Likelihood::maybe : Likelihood::yes;
}

DnsRecordReader::DnsRecordReader(const DnsMessage& message) noexcept
    : bytes_(message.bytes),
      position_(message.records_offset),
      left_{message.answer_count, message.authority_count, message.additional_count} {}

std::optional<DnsRecord> DnsRecordReader::next() noexcept {
    constexpr std::array sections{DnsSection::answer, DnsSection::authority,
                                  DnsSection::additional};
    std::size_t section = 0;
    while (section < left_.size() && left_[section] == 0) {
        ++section;
    }
    if (section == left_.size() || error_) {
        return std::nullopt;
    }
    std::optional<DnsRecord> record(std::in_place);
    error_ = read_record(bytes_, position_, *record);
    if (error_) {
        record.reset();
        return record;
    }
    --left_[section];
    position_ = record->data_offset + record->data.size();
    record->section = sections[section];
    return record;
}

base::IpAddress record_address(const DnsRecord& record) noexcept {
    const auto type = static_cast<DnsType>(record.type);
    const bool fits = (type == DnsType::a && record.data.size() == 4) ||
                      (type == DnsType::aaaa && record.data.size() == 16);
    return fits ? base::IpAddress::from_octets(record.data) : base::IpAddress{};
}

Result<DnsEdns> decode_edns(const DnsRecord& record) noexcept {
    if (static_cast<DnsType>(record.type) != DnsType::opt) {
        return std::unexpected(ParseError::not_this);
    }
    // RFC 6891 6.1.3: the TTL field holds the upper RCODE, the version and the flags.
    DnsEdns edns;
    edns.udp_payload_size = record.klass;
    edns.extended_rcode = static_cast<std::uint8_t>(record.ttl >> 24U);
    edns.version = static_cast<std::uint8_t>(record.ttl >> 16U);
    edns.dnssec_ok = (record.ttl & 0x8000U) != 0;
    Cursor options(record.data);
    while (!options.empty()) {
        const std::uint16_t code = options.u16();
        Cursor value(options.take_u16_prefixed());
        if (!options.ok()) {
            return std::unexpected(ParseError::bad_length);
        }
        if (code == option_error && value.remaining() >= 2 && !edns.extended_error) {
            edns.extended_error = value.u16();
            edns.extended_error_text = base::as_text(value.rest());
        }
    }
    return edns;
}

Result<DnsServiceBinding> decode_service_binding(const DnsMessage& message,
                                                 const DnsRecord& record) noexcept {
    const auto type = static_cast<DnsType>(record.type);
    if (type != DnsType::svcb && type != DnsType::https) {
        return std::unexpected(ParseError::not_this);
    }
    const auto target = name_in_data(message, record, 2);
    if (!target) {
        return std::unexpected(ParseError::truncated);
    }
    DnsServiceBinding binding;
    binding.priority = Cursor(record.data).u16();
    binding.target = *target;
    // Checked by name_in_data: the name ends inside the data.
    const std::size_t end = end_of_name(message.bytes, target->offset).value_or(0);
    binding.params = record.data.subspan(end - record.data_offset);
    Cursor cursor(binding.params);
    int last_key = -1;
    while (!cursor.empty()) {
        const std::uint16_t key = cursor.u16();
        const Bytes value = cursor.take_u16_prefixed();
        if (!cursor.ok()) {
            return std::unexpected(ParseError::bad_length);
        }
        if (key <= last_key) {
            return std::unexpected(ParseError::bad_value);  // RFC 9460 2.2: strictly rising
        }
        last_key = key;
        note_parameter(binding, key, value);
    }
    return binding;
}

}  // namespace turnpike::proto
