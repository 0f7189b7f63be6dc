// DNS messages: RFC 1035 4, EDNS (RFC 6891), Extended DNS Errors (RFC 8914), SVCB and HTTPS records
// (RFC 9460). Multicast DNS (RFC 6762) and LLMNR (RFC 4795) share the format; NetBIOS names
// (RFC 1002 4.2) nearly do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// Resource record types that turnpike looks into (IANA "DNS Parameters"); others survive.
enum class DnsType : std::uint16_t {
    a = 1,       ///< IPv4 address (RFC 1035 3.4.1)
    ns = 2,      ///< name server (RFC 1035 3.3.11)
    cname = 5,   ///< alias (RFC 1035 3.3.1)
    soa = 6,     ///< start of a zone (RFC 1035 3.3.13)
    ptr = 12,    ///< name of an address (RFC 1035 3.3.12)
    mx = 15,     ///< mail (RFC 1035 3.3.9)
    txt = 16,    ///< text (RFC 1035 3.3.14)
    aaaa = 28,   ///< IPv6 address (RFC 3596 2.1)
    nb = 32,     ///< NetBIOS name (RFC 1002 4.2.1.3)
    srv = 33,    ///< service (RFC 2782)
    naptr = 35,  ///< rewriting (RFC 3403 4)
    dname = 39,  ///< alias of all below (RFC 6672)
    opt = 41,    ///< EDNS (RFC 6891 6.1)
    svcb = 64,   ///< service binding (RFC 9460)
    https = 65,  ///< the same for HTTP (RFC 9460 9)
    caa = 257,   ///< certificate authorities (RFC 8659)
};

/// A name inside a message, checked when it was read: rendering it cannot fail. Valid as long as
/// the message's octets.
struct DnsName {
    base::Bytes message;       ///< the whole message, for compression pointers (RFC 1035 4.1.4)
    std::uint16_t offset = 0;  ///< octets from the message's front
};

/// Room for one name as text: 255 octets on the wire, every one of them \DDD at worst.
struct NameBuffer {
    std::array<char, 1024> text;  // left uninitialized: written before it is read
    std::size_t size = 0;
    /// The text that is in it; lives as long as the buffer is left alone.
    [[nodiscard]] std::string_view view() const noexcept { return {text.data(), size}; }
};

/// The name in lower case, without the final dot ("" is the root). A dot or backslash inside a
/// label and octets outside 0x21-0x7e become \DDD (RFC 4343 2.1). The view points into `buffer`.
std::string_view render_name(const DnsName& name, NameBuffer& buffer) noexcept;

/// A question (RFC 1035 4.1.2).
struct DnsQuestion {
    DnsName name;
    std::uint16_t type = 0;
    std::uint16_t klass = 0;        ///< without the top bit
    bool unicast_response = false;  ///< top bit of the class (RFC 6762 5.4)
};

/// A decoded header and first question. The records are read on demand with DnsRecordReader, so
/// that a message which the snap length cut in its answers still yields its question.
struct DnsMessage {
    base::Bytes bytes;  ///< the whole message
    std::uint16_t id = 0;
    std::uint16_t flags = 0;  ///< as on the wire (RFC 1035 4.1.1)
    std::uint16_t question_count = 0;
    std::uint16_t answer_count = 0;
    std::uint16_t authority_count = 0;
    std::uint16_t additional_count = 0;
    DnsQuestion question;            ///< the first one; default if question_count is 0
    std::size_t records_offset = 0;  ///< where the answer section begins

    /// The QR bit (RFC 1035 4.1.1).
    [[nodiscard]] bool is_response() const noexcept { return (flags & 0x8000U) != 0; }
    /// 0 QUERY, 4 NOTIFY, 5 UPDATE, ... (RFC 1035 4.1.1)
    [[nodiscard]] std::uint8_t opcode() const noexcept { return (flags >> 11U) & 0x0fU; }
    /// The four bits of the header; DnsEdns::rcode adds the upper eight.
    [[nodiscard]] std::uint8_t header_rcode() const noexcept { return flags & 0x0fU; }
};

/// Decodes header and questions. Errors: truncated (the octets end in them), bad_value (a label
/// type or pointer that no name may hold), not_this (flags or counts that no DNS message has).
base::Result<DnsMessage> decode_dns(base::Bytes bytes) noexcept;

/// `yes` needs a sane header, a well-formed first question (or record, in a response without a
/// question) and a class that occurs; `maybe` if only the class or type is odd.
Likelihood probe_dns(base::Bytes bytes) noexcept;

/// Where a record stands (RFC 1035 4.1).
enum class DnsSection : std::uint8_t {
    answer,      ///< what was asked for
    authority,   ///< who is responsible
    additional,  ///< what helps besides
};

/// A resource record (RFC 1035 4.1.3).
struct DnsRecord {
    DnsSection section = DnsSection::answer;
    DnsName owner;
    std::uint16_t type = 0;
    std::uint16_t klass = 0;      ///< of OPT: the sender's UDP payload size
    std::uint32_t ttl = 0;        ///< seconds; of OPT: extended RCODE, version and flags
    base::Bytes data;             ///< view into the message
    std::size_t data_offset = 0;  ///< of `data`, in octets from the message's front
};

/// Walks the records of a message in order.
///     DnsRecordReader reader(message);
///     while (const auto record = reader.next()) { ... }
///     if (reader.error()) ... // the walk ended early
class DnsRecordReader {
  public:
    /// The octets of the message must outlive the reader; the DnsMessage itself need not.
    explicit DnsRecordReader(const DnsMessage& message) noexcept;
    /// The next record, or nothing at the end or at an error.
    std::optional<DnsRecord> next() noexcept;
    /// Why the walk ended before the counts of the header were reached.
    [[nodiscard]] std::optional<base::ParseError> error() const noexcept { return error_; }

  private:
    base::Bytes bytes_;
    std::size_t position_ = 0;
    std::array<std::uint16_t, 3> left_{};
    std::optional<base::ParseError> error_;
};

/// The address of an A or AAAA record; none for other types or wrong sizes.
base::IpAddress record_address(const DnsRecord& record) noexcept;

/// The OPT pseudo record (RFC 6891 6.1) with the Extended DNS Error it may hold (RFC 8914 2).
struct DnsEdns {
    std::uint16_t udp_payload_size = 0;  ///< octets that the sender can take
    std::uint8_t extended_rcode = 0;     ///< upper eight bits of the RCODE
    std::uint8_t version = 0;
    bool dnssec_ok = false;
    std::optional<std::uint16_t> extended_error;  ///< INFO-CODE
    std::string_view extended_error_text;         ///< EXTRA-TEXT, as sent; view into the message

    /// The full RCODE (RFC 6891 6.1.3).
    [[nodiscard]] std::uint16_t rcode(const DnsMessage& message) const noexcept {
        return static_cast<std::uint16_t>((extended_rcode << 4U) | message.header_rcode());
    }
};
/// Errors: not_this (another type), bad_length (options overrun the record).
base::Result<DnsEdns> decode_edns(const DnsRecord& record) noexcept;

/// A service binding (RFC 9460 2.2). Views into the message.
struct DnsServiceBinding {
    std::uint16_t priority = 0;  ///< 0: alias mode
    DnsName target;
    base::Bytes alpn;       ///< alpn-ids, each with its length in front (RFC 9460 7.1.1)
    base::Bytes ipv4_hint;  ///< 4 octets each (RFC 9460 7.3)
    base::Bytes ipv6_hint;  ///< 16 octets each
    std::optional<std::uint16_t> port;
    bool no_default_alpn = false;
    bool ech = false;    ///< an ECH configuration is present (RFC 9848)
    base::Bytes params;  ///< all of them, for rendering
};
/// Errors: not_this (another type), truncated, bad_length, bad_value (keys not in rising order).
base::Result<DnsServiceBinding> decode_service_binding(const DnsMessage& message,
                                                       const DnsRecord& record) noexcept;

/// Appends the record data with its names written out, so that it means the same without the
/// message. Data that do not fit their type are taken as they are.
void copy_rdata(const DnsMessage& message, const DnsRecord& record, std::string& out);

}  // namespace turnpike::proto
