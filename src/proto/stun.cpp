// STUN and TURN messages: RFC 8489 5 and 14, RFC 3489 11, RFC 8656 18, RFC 6062 6.2, RFC 5780 7,
// RFC 8445 16.1, [MS-TURN] 2.2.
#include "turnpike/proto/stun.h"

#include <algorithm>

#include "turnpike/base/cursor.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::Cursor;
using base::Endpoint;
using base::ParseError;
using base::Result;

constexpr std::size_t stun_header_size = 20;        // RFC 8489 5
constexpr std::uint32_t magic_cookie = 0x2112a442;  // RFC 8489 5
constexpr std::uint32_t ms_cookie = 0x72c64bc6;     // [MS-TURN] 2.2.2.1
constexpr std::uint8_t top_bits = 0xc0;
// Data Indication before RFC 5766 chose the class bits ([MS-TURN] 2.2.1).
constexpr std::uint16_t old_data_indication = 0x0115;
constexpr std::uint16_t old_send_request = 0x0004;

// IANA "STUN Attributes", and those of RFC 3489 and [MS-TURN] that it calls reserved: what is read.
enum class Attribute : std::uint16_t {
    mapped_address = 0x0001,
    username = 0x0006,
    error_code = 0x0009,
    ms_magic_cookie = 0x000f,
    xor_peer_address = 0x0012,
    data = 0x0013,
    realm = 0x0014,
    nonce = 0x0015,
    xor_relayed_address = 0x0016,
    xor_mapped_address = 0x0020,
    priority = 0x0024,
    use_candidate = 0x0025,
    xor_mapped_address_old = 0x8020,
    software = 0x8022,
    ice_controlled = 0x8029,
    ice_controlling = 0x802a,
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
    void read_address_of(Attribute type, Bytes value) noexcept;
    void read_error(Bytes value) noexcept;
    void read_peer(Bytes value) noexcept;
    void read_realm_or_nonce(Bytes value, bool is_realm) noexcept;
    [[nodiscard]] Endpoint xor_address(Bytes value) const noexcept {
        return read_xor_address(value, message_.transaction_id);
    }

    StunMessage& message_;
    Endpoint plain_mapped_;
};

void AttributeReader::read(const AttributeView& attribute) noexcept {
    const Bytes value = attribute.value;
    switch (static_cast<Attribute>(attribute.type)) {
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
        case Attribute::data:
            message_.data = value;
            message_.has_data = true;
            break;
        case Attribute::priority:
        case Attribute::use_candidate:
        case Attribute::ice_controlled:
        case Attribute::ice_controlling:
            message_.ice = true;
            break;
        case Attribute::ms_magic_cookie:
            message_.ms_turn = value.size() == 4 && Cursor(value).u32() == ms_cookie;
            break;
        default:
            read_address_of(static_cast<Attribute>(attribute.type), value);
            break;
    }
}

void AttributeReader::read_address_of(Attribute type, Bytes value) noexcept {
    switch (type) {
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
        default:
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
    if (peer && message_.peer_count < stun_max_peers) {
        message_.peer_list[message_.peer_count++] = peer;
    }
}

void AttributeReader::read_realm_or_nonce(Bytes value, bool is_realm) noexcept {
    // [MS-TURN] 2.2.2 has the two types the other way round.
    if (is_realm) {
        message_.realm = read_text(value);
    } else {
        message_.nonce_length = static_cast<std::uint16_t>(value.size());
    }
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
    if (!is_classic_type(type) || stun_header_size + length != bytes.size()) {
        return Likelihood::no;
    }
    if (length == 0) {
        return type == 0x0001 ? Likelihood::maybe : Likelihood::no;
    }
    Cursor cursor(bytes.subspan(stun_header_size));
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

namespace {

Result<StunMessage> decode(Bytes bytes, bool may_be_cut) noexcept {
    if (!bytes.empty() && (bytes[0] & top_bits) != 0) {
        return std::unexpected(ParseError::not_this);
    }
    Cursor cursor(bytes);
    StunMessage message;
    message.type = cursor.u16();
    const std::uint16_t length = cursor.u16();
    const Bytes id = cursor.take(message.transaction_id.size());
    const bool cut = may_be_cut && length > cursor.remaining();
    const Bytes attributes = cursor.take(cut ? cursor.remaining() : length);
    if (!cursor.ok() || (cut && Cursor(id).u32() != magic_cookie)) {
        return std::unexpected(ParseError::truncated);
    }
    std::ranges::copy(id, message.transaction_id.begin());
    message.bytes = bytes.first(cursor.position());
    message.method = method_of(message.type);
    message.klass = class_of(message.type);
    message.classic = Cursor(id).u32() != magic_cookie;
    message.cut = cut;
    const bool fits = attributes_fit(attributes, false);
    const bool unpadded = !cut && !fits && attributes_fit(attributes, true);
    if (length % 4 != 0 && !fits && !unpadded) {
        return std::unexpected(ParseError::bad_length);
    }
    AttributeReader reader(message);
    Cursor rest(attributes);
    while (!rest.empty()) {
        const auto attribute = take_attribute(rest, unpadded);
        if (!attribute) {
            if (!cut) {
                message.attribute_error = ParseError::bad_length;
            }
            break;
        }
        reader.read(*attribute);
    }
    reader.finish();
    return message;
}

}  // namespace

Result<StunMessage> decode_stun(Bytes bytes) noexcept {
    return decode(bytes, false);
}

Result<StunMessage> decode_stun_prefix(Bytes bytes) noexcept {
    return decode(bytes, true);
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
    return stun_header_size + length <= bytes.size() ? Likelihood::yes : Likelihood::maybe;
}

}  // namespace turnpike::proto
