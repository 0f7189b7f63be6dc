// STUN and TURN messages: RFC 8489 5 and 14, RFC 3489 11, RFC 8656 18, RFC 6062 6.2, RFC 5780 7,
// RFC 8445 16.1, [MS-TURN] 2.2.
#include "turnpike/proto/stun.h"

#include <algorithm>

#include "proto/crc32.h"
#include "turnpike/base/cursor.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::Cursor;
using base::Endpoint;
using base::ParseError;
using base::Result;

constexpr std::size_t header_size = 20;                // RFC 8489 5
constexpr std::uint32_t magic_cookie = 0x2112a442;     // RFC 8489 5
constexpr std::uint32_t ms_cookie = 0x72c64bc6;        // [MS-TURN] 2.2.2.1
constexpr std::uint32_t fingerprint_xor = 0x5354554e;  // RFC 8489 14.7: "STUN"
constexpr std::uint8_t top_bits = 0xc0;
// Data Indication before RFC 5766 chose the class bits ([MS-TURN] 2.2.1).
constexpr std::uint16_t old_data_indication = 0x0115;
constexpr std::uint16_t old_send_request = 0x0004;

// IANA "STUN Attributes", and those of RFC 3489 and [MS-TURN] that it calls reserved.
enum class Attribute : std::uint16_t {
    mapped_address = 0x0001,
    response_address = 0x0002,
    change_request = 0x0003,
    source_address = 0x0004,
    changed_address = 0x0005,
    username = 0x0006,
    password = 0x0007,
    message_integrity = 0x0008,
    error_code = 0x0009,
    unknown_attributes = 0x000a,
    reflected_from = 0x000b,
    channel_number = 0x000c,
    lifetime = 0x000d,
    ms_alternate_server = 0x000e,
    ms_magic_cookie = 0x000f,
    bandwidth = 0x0010,
    destination_address = 0x0011,
    xor_peer_address = 0x0012,
    data = 0x0013,
    realm = 0x0014,
    nonce = 0x0015,
    xor_relayed_address = 0x0016,
    requested_address_family = 0x0017,
    even_port = 0x0018,
    requested_transport = 0x0019,
    dont_fragment = 0x001a,
    access_token = 0x001b,
    message_integrity_sha256 = 0x001c,
    password_algorithm = 0x001d,
    userhash = 0x001e,
    xor_mapped_address = 0x0020,
    reservation_token = 0x0022,
    priority = 0x0024,
    use_candidate = 0x0025,
    padding = 0x0026,
    response_port = 0x0027,
    connection_id = 0x002a,
    icmp = 0x8004,
    ms_version = 0x8008,
    xor_mapped_address_old = 0x8020,
    software = 0x8022,
    alternate_server = 0x8023,
    cache_timeout = 0x8027,
    fingerprint = 0x8028,
    ice_controlled = 0x8029,
    ice_controlling = 0x802a,
    response_origin = 0x802b,
    other_address = 0x802c,
};

constexpr std::uint16_t comprehension_optional = 0x8000;  // RFC 8489 14

bool is_known_required(std::uint16_t type) noexcept {
    return (type >= 0x0001 && type <= 0x001e) || type == 0x0020 || type == 0x0022 ||
           (type >= 0x0024 && type <= 0x0027) || type == 0x002a;
}

std::size_t padded(std::size_t length) noexcept {
    return (length + 3U) & ~std::size_t{3};  // RFC 8489 14
}

// One attribute at the front of `rest`. The last one may lack its padding: the lengths of some old
// senders leave it out.
struct AttributeView {
    std::uint16_t type = 0;
    Bytes value;
};

std::optional<AttributeView> take_attribute(Cursor& cursor, bool unpadded) noexcept {
    const std::uint16_t type = cursor.u16();
    const std::uint16_t length = cursor.u16();
    const Bytes value = cursor.take(length);
    if (!cursor.ok()) {
        return std::nullopt;
    }
    if (!unpadded) {
        cursor.skip(std::min(padded(length) - length, cursor.remaining()));
    }
    return AttributeView{.type = type, .value = value};
}

bool attributes_fit(Bytes attributes, bool unpadded) noexcept {
    Cursor cursor(attributes);
    while (!cursor.empty()) {
        if (!take_attribute(cursor, unpadded)) {
            return false;
        }
    }
    return cursor.ok();
}

// RFC 8489 14.1; [MS-TURN] has the same form.
Endpoint read_address(Bytes value) noexcept {
    Cursor cursor(value);
    cursor.skip(1);
    const std::uint8_t family = cursor.u8();
    Endpoint endpoint;
    endpoint.port = cursor.u16();
    const std::size_t size = family == 1 ? 4 : 16;
    const Bytes octets = cursor.take(size);
    if (!cursor.ok() || (family != 1 && family != 2)) {
        return {};
    }
    endpoint.address = base::IpAddress::from_octets(octets);
    return endpoint;
}

// RFC 8489 14.2: everything is XORed with the cookie and transaction id, that is with what stands
// behind the length. Senders without the cookie use the first octets of their id in its place.
Endpoint read_xor_address(Bytes value, const StunTransactionId& id) noexcept {
    const Endpoint masked = read_address(value);
    if (!masked) {
        return {};
    }
    std::array<std::uint8_t, 16> octets{};
    const Bytes masked_octets = masked.address.octets();
    for (std::size_t i = 0; i < masked_octets.size(); ++i) {
        octets[i] = masked_octets[i] ^ id[i];
    }
    Endpoint endpoint;
    endpoint.address = base::IpAddress::from_octets(Bytes{octets}.first(masked_octets.size()));
    endpoint.port = masked.port ^ Cursor(id).u16();
    return endpoint;
}

std::string_view read_text(Bytes value) noexcept {
    // RFC 3489 senders fill strings up to four octets with zeros and count them.
    auto text = base::as_text(value);
    while (!text.empty() && text.back() == '\0') {
        text.remove_suffix(1);
    }
    return text;
}

// Writes what attributes say into a message.
class AttributeReader {
  public:
    explicit AttributeReader(StunMessage& message) noexcept : message_(message) {}

    void read(const AttributeView& attribute) noexcept;
    // What only the whole message tells.
    void finish() noexcept;

  private:
    void read_error(Bytes value) noexcept;
    void read_peer(Bytes value) noexcept;
    void read_fingerprint(Bytes value) noexcept;
    void read_realm_or_nonce(Bytes value, bool is_realm) noexcept;
    [[nodiscard]] Endpoint xor_address(Bytes value) const noexcept {
        return read_xor_address(value, message_.transaction_id);
    }

    StunMessage& message_;
    Endpoint plain_mapped_;
};

void AttributeReader::read(const AttributeView& attribute) noexcept {
    const Bytes value = attribute.value;
    Cursor cursor(value);
    message_.attribute_count =
        static_cast<std::uint8_t>(std::min<unsigned>(message_.attribute_count + 1U, 255U));
    switch (static_cast<Attribute>(attribute.type)) {
        case Attribute::mapped_address:
            plain_mapped_ = read_address(value);
            break;
        case Attribute::xor_mapped_address:
        case Attribute::xor_mapped_address_old:
            message_.mapped = xor_address(value);
            break;
        case Attribute::xor_relayed_address:
            message_.relayed = xor_address(value);
            break;
        case Attribute::xor_peer_address:
            read_peer(value);
            break;
        case Attribute::source_address:
        case Attribute::response_origin:
            message_.response_origin = read_address(value);
            break;
        case Attribute::changed_address:
        case Attribute::other_address:
            message_.other_address = read_address(value);
            break;
        case Attribute::ms_alternate_server:
        case Attribute::alternate_server:
            message_.alternate_server = read_address(value);
            break;
        case Attribute::destination_address:
            message_.destination = read_address(value);
            break;
        case Attribute::error_code:
            read_error(value);
            break;
        case Attribute::username:
            message_.username = read_text(value);
            break;
        case Attribute::realm:
            read_realm_or_nonce(value, !message_.ms_turn);
            break;
        case Attribute::nonce:
            read_realm_or_nonce(value, message_.ms_turn);
            break;
        case Attribute::software:
            message_.software = read_text(value);
            break;
        case Attribute::lifetime:
            if (value.size() >= 4) {
                message_.lifetime = cursor.u32();
            }
            break;
        case Attribute::channel_number:
            if (value.size() >= 2) {
                message_.channel_number = cursor.u16();
            }
            break;
        case Attribute::requested_transport:
            if (!value.empty()) {
                message_.requested_transport = value[0];
            }
            break;
        case Attribute::requested_address_family:
            if (!value.empty()) {
                message_.requested_family = value[0];
            }
            break;
        case Attribute::connection_id:
            if (value.size() >= 4) {
                message_.connection_id = cursor.u32();
            }
            break;
        case Attribute::priority:
            if (value.size() >= 4) {
                message_.priority = cursor.u32();
            }
            break;
        case Attribute::data:
            message_.data = value;
            message_.has_data = true;
            break;
        case Attribute::icmp:
            if (value.size() >= 4) {  // two reserved octets first
                message_.icmp = StunMessage::Icmp{.type = value[2], .code = value[3]};
            }
            break;
        case Attribute::use_candidate:
            message_.use_candidate = true;
            break;
        case Attribute::ice_controlled:
            message_.ice_controlled = true;
            break;
        case Attribute::ice_controlling:
            message_.ice_controlling = true;
            break;
        case Attribute::dont_fragment:
            message_.dont_fragment = true;
            break;
        case Attribute::message_integrity:
        case Attribute::message_integrity_sha256:
            message_.has_integrity = true;
            break;
        case Attribute::fingerprint:
            read_fingerprint(value);
            break;
        case Attribute::ms_magic_cookie:
            message_.ms_turn = value.size() == 4 && cursor.u32() == ms_cookie;
            break;
        default:
            if (attribute.type < comprehension_optional && !is_known_required(attribute.type)) {
                message_.unknown_required = static_cast<std::uint8_t>(
                    std::min<unsigned>(message_.unknown_required + 1U, 255U));
            }
            break;
    }
}

void AttributeReader::read_error(Bytes value) noexcept {
    if (value.size() < 4) {
        return;
    }
    const unsigned hundreds = value[2] & 0x07U;  // RFC 8489 14.8: the class is three bits
    const unsigned number = value[3];
    if (hundreds == 0 || number > 99) {
        return;
    }
    message_.error_code = static_cast<std::uint16_t>(hundreds * 100 + number);
    message_.error_reason = read_text(value.subspan(4));
}

void AttributeReader::read_peer(Bytes value) noexcept {
    // [MS-TURN] 2.2.2.11: REMOTE-ADDRESS, the same type without the XOR.
    const Endpoint peer = message_.ms_turn ? read_address(value) : xor_address(value);
    if (!peer) {
        return;
    }
    if (message_.peer_count == stun_max_peers) {
        message_.more_peers = true;
        return;
    }
    message_.peer_list[message_.peer_count++] = peer;
}

void AttributeReader::read_realm_or_nonce(Bytes value, bool is_realm) noexcept {
    // [MS-TURN] 2.2.2 has the two types the other way round.
    if (is_realm) {
        message_.realm = read_text(value);
    } else {
        message_.nonce_length = static_cast<std::uint16_t>(value.size());
    }
}

void AttributeReader::read_fingerprint(Bytes value) noexcept {
    message_.has_fingerprint = true;
    if (value.size() != 4) {
        return;
    }
    // All octets before the attribute's own header.
    const auto value_offset = static_cast<std::size_t>(value.data() - message_.bytes.data());
    const Bytes covered = message_.bytes.first(value_offset - 4);
    message_.fingerprint_good = (crc32(covered) ^ fingerprint_xor) == Cursor(value).u32();
}

void AttributeReader::finish() noexcept {
    // [MS-TURN] 2.2.2.2: the MAPPED-ADDRESS of an Allocate response is the relay's address.
    if (message_.ms_turn && message_.method == StunMethod::allocate && !message_.relayed) {
        message_.relayed = plain_mapped_;
    } else if (!message_.mapped) {
        message_.mapped = plain_mapped_;
    }
    if ((message_.classic || message_.ms_turn) && message_.type == old_data_indication) {
        message_.method = StunMethod::data;
        message_.klass = StunClass::indication;
    }
    if (message_.ms_turn && message_.type == old_send_request) {
        message_.method = StunMethod::send;
        message_.klass = StunClass::indication;  // nothing answers it
    }
}

// RFC 8489 5, figure 3: the class bits sit between those of the method.
StunMethod method_of(std::uint16_t type) noexcept {
    return static_cast<StunMethod>((type & 0x000fU) | ((type & 0x00e0U) >> 1U) |
                                   ((type & 0x3e00U) >> 2U));
}

StunClass class_of(std::uint16_t type) noexcept {
    return static_cast<StunClass>(((type & 0x0010U) >> 4U) | ((type & 0x0100U) >> 7U));
}

// Types that occur without the magic cookie: RFC 3489 11.1 and the old TURN of [MS-TURN] 2.2.1.
bool is_classic_type(std::uint16_t type) noexcept {
    switch (type) {
        case 0x0001:  // Binding
        case 0x0101:
        case 0x0111:
        case 0x0002:  // Shared Secret
        case 0x0102:
        case 0x0112:
        case 0x0003:  // Allocate
        case 0x0103:
        case 0x0113:
        case old_send_request:
        case old_data_indication:
        case 0x0006:  // Set Active Destination
        case 0x0106:
        case 0x0116:
            return true;
        default:
            return false;
    }
}

Likelihood probe_classic(Bytes bytes, std::uint16_t type, std::size_t length) noexcept {
    if (!is_classic_type(type) || header_size + length != bytes.size()) {
        return Likelihood::no;
    }
    if (length == 0) {
        return type == 0x0001 ? Likelihood::maybe : Likelihood::no;
    }
    Cursor cursor(bytes.subspan(header_size));
    while (!cursor.empty()) {
        const auto attribute = take_attribute(cursor, false);
        if (!attribute ||
            (attribute->type < comprehension_optional ? !is_known_required(attribute->type)
                                                      : attribute->type > 0x80ff)) {
            return Likelihood::no;
        }
    }
    return cursor.ok() ? Likelihood::yes : Likelihood::no;
}

}  // namespace

bool StunMessage::is_turn() const noexcept {
    return method >= StunMethod::allocate && method <= StunMethod::connection_attempt;
}

Result<StunMessage> decode_stun(Bytes bytes) noexcept {
    if (!bytes.empty() && (bytes[0] & top_bits) != 0) {
        return std::unexpected(ParseError::not_this);
    }
    Cursor cursor(bytes);
    StunMessage message;
    message.type = cursor.u16();
    const std::uint16_t length = cursor.u16();
    const Bytes id = cursor.take(message.transaction_id.size());
    const Bytes attributes = cursor.take(length);
    if (!cursor.ok()) {
        return std::unexpected(ParseError::truncated);
    }
    std::ranges::copy(id, message.transaction_id.begin());
    message.bytes = bytes.first(cursor.position());
    message.method = method_of(message.type);
    message.klass = class_of(message.type);
    message.classic = Cursor(id).u32() != magic_cookie;
    const bool fits = attributes_fit(attributes, false);
    message.unpadded = !fits && attributes_fit(attributes, true);
    if (length % 4 != 0 && !fits && !message.unpadded) {
        return std::unexpected(ParseError::bad_length);
    }
    AttributeReader reader(message);
    Cursor rest(attributes);
    while (!rest.empty()) {
        const auto attribute = take_attribute(rest, message.unpadded);
        if (!attribute) {
            message.attribute_error = ParseError::bad_length;
            break;
        }
        reader.read(*attribute);
    }
    reader.finish();
    return message;
}

Likelihood probe_stun(Bytes bytes) noexcept {
    Cursor cursor(bytes);
    const std::uint16_t type = cursor.u16();
    const std::uint16_t length = cursor.u16();
    const std::uint32_t cookie = cursor.u32();
    cursor.skip(12);
    if (!cursor.ok() || (bytes[0] & top_bits) != 0) {
        return Likelihood::no;
    }
    if (cookie != magic_cookie) {
        return probe_classic(bytes, type, length);
    }
    return header_size + length <= bytes.size() ? Likelihood::yes : Likelihood::maybe;
}

std::string_view to_string(StunClass klass) noexcept {
    switch (klass) {
        case StunClass::request:
            return "request";
        case StunClass::indication:
            return "indication";
        case StunClass::success:
            return "success";
        case StunClass::error:
            return "error";
    }
    return "";
}

}  // namespace turnpike::proto
