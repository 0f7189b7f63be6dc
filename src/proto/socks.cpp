// Decodes the messages of SOCKS: RFC 1928, RFC 1929, and Ying-Da Lee's SOCKS 4 and 4a memos.
#include "turnpike/proto/socks.h"

#include <algorithm>
#include <optional>

#include "turnpike/base/cursor.h"

namespace turnpike::proto {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

namespace {

constexpr std::uint8_t version_5 = 5;
constexpr std::uint8_t version_4 = 4;
// RFC 1928 5: address types.
constexpr std::uint8_t address_v4 = 1;
constexpr std::uint8_t address_name = 3;
constexpr std::uint8_t address_v6 = 4;
constexpr std::size_t max_name = 255;  // SOCKS 4: user id and name end with zero; a bound of ours

/// RFC 1928 4 and 6: version, code, reserved, address type, address, port.
Result<SocksMessage> decode_socks5(Bytes bytes, std::uint8_t least, std::uint8_t most) noexcept {
    Cursor cursor{bytes};
    SocksMessage message;
    message.version = cursor.u8();
    message.code = cursor.u8();
    const auto reserved = cursor.u8();
    const auto type = cursor.u8();
    const bool right = (bytes.empty() || message.version == version_5) &&
                       (bytes.size() < 2 || (message.code >= least && message.code <= most)) &&
                       reserved == 0;
    if (!right) {
        return std::unexpected{message.version == version_5 ? ParseError::bad_value
                                                            : ParseError::not_this};
    }
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    switch (type) {
        case address_v4:
            message.endpoint.address = base::IpAddress::from_octets(cursor.take(4));
            break;
        case address_v6:
            message.endpoint.address = base::IpAddress::from_octets(cursor.take(16));
            break;
        case address_name:
            message.host = base::as_text(cursor.take_u8_prefixed());
            break;
        default:
            return std::unexpected{ParseError::bad_value};
    }
    message.endpoint.port = cursor.u16();
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    message.size = cursor.position();
    return message;
}

/// Text up to a zero octet, which is taken too; nothing if there is none within the bound.
std::optional<std::string_view> take_text(Cursor& cursor) noexcept {
    const Bytes rest = cursor.rest();
    const Bytes window = rest.first(std::min(rest.size(), max_name + 1));
    const auto end = std::ranges::find(window, std::uint8_t{0});
    if (end == window.end()) {
        return std::nullopt;
    }
    const auto text = cursor.take(static_cast<std::size_t>(end - window.begin()));
    cursor.skip(1);
    return base::as_text(text);
}

}  // namespace

Result<SocksGreeting> decode_socks5_greeting(Bytes bytes) noexcept {
    Cursor cursor{bytes};
    const auto version = cursor.u8();
    SocksGreeting greeting;
    greeting.methods = cursor.take_u8_prefixed();
    if (!bytes.empty() && version != version_5) {
        return std::unexpected{ParseError::not_this};
    }
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    if (greeting.methods.empty()) {
        return std::unexpected{ParseError::bad_length};
    }
    greeting.size = cursor.position();
    return greeting;
}

Result<SocksMethodChoice> decode_socks5_method(Bytes bytes) noexcept {
    Cursor cursor{bytes};
    const auto version = cursor.u8();
    SocksMethodChoice choice;
    choice.method = cursor.u8();
    if (!bytes.empty() && version != version_5) {
        return std::unexpected{ParseError::not_this};
    }
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    choice.size = cursor.position();
    return choice;
}

Result<SocksMessage> decode_socks5_request(Bytes bytes) noexcept {
    return decode_socks5(bytes, 1, 3);  // RFC 1928 4: CONNECT, BIND, UDP ASSOCIATE
}

Result<SocksMessage> decode_socks5_reply(Bytes bytes) noexcept {
    return decode_socks5(bytes, 0, 8);  // RFC 1928 6
}

Result<SocksMessage> decode_socks4_request(Bytes bytes) noexcept {
    Cursor cursor{bytes};
    SocksMessage message;
    message.version = cursor.u8();
    message.code = cursor.u8();
    message.endpoint.port = cursor.u16();
    const Bytes address = cursor.take(4);
    if (!bytes.empty() && message.version != version_4) {
        return std::unexpected{ParseError::not_this};
    }
    if (bytes.size() >= 2 && message.code != 1 && message.code != 2) {  // CONNECT, BIND
        return std::unexpected{ParseError::bad_value};
    }
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    const bool user_whole = take_text(cursor).has_value();
    // SOCKS 4a: an address 0.0.0.x with x not zero says that a name follows the user id.
    const bool named = address[0] == 0 && address[1] == 0 && address[2] == 0 && address[3] != 0;
    const auto name = user_whole && named ? take_text(cursor) : std::string_view{};
    if (!user_whole || !name) {
        return std::unexpected{cursor.remaining() > max_name ? ParseError::limit
                                                             : ParseError::truncated};
    }
    message.host = *name;
    if (!named) {
        message.endpoint.address = base::IpAddress::from_octets(address);
    }
    message.size = cursor.position();
    return message;
}

Result<SocksMessage> decode_socks4_reply(Bytes bytes) noexcept {
    Cursor cursor{bytes};
    SocksMessage message;
    const auto version = cursor.u8();  // of the reply: 0, not 4
    message.version = version_4;
    message.code = cursor.u8();
    message.endpoint.port = cursor.u16();
    message.endpoint.address = base::IpAddress::from_octets(cursor.take(4));
    if (version != 0) {
        return std::unexpected{ParseError::not_this};
    }
    if (bytes.size() >= 2 && (message.code < 90 || message.code > 93)) {
        return std::unexpected{ParseError::bad_value};
    }
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    message.size = cursor.position();
    return message;
}

Result<std::size_t> socks5_password_size(Bytes bytes) noexcept {
    Cursor cursor{bytes};
    const auto version = cursor.u8();
    cursor.take_u8_prefixed();             // user name
    cursor.take_u8_prefixed();             // password
    if (!bytes.empty() && version != 1) {  // RFC 1929 2: version of the subnegotiation
        return std::unexpected{ParseError::not_this};
    }
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    return cursor.position();
}

Likelihood probe_socks(Bytes bytes) noexcept {
    if (bytes.empty()) {
        return Likelihood::no;
    }
    if (bytes[0] == version_4) {
        const auto request = decode_socks4_request(bytes);
        // TDS begins alike: no host has an address in 0.0.0.0/8, and user ids are printable.
        const bool fits = request && request->size == bytes.size() && request->endpoint.port != 0 &&
                          (!request->host.empty() || bytes[4] != 0) &&
                          std::ranges::all_of(bytes.subspan(8), [](auto octet) {
                              return octet == 0 || (octet > 0x20 && octet < 0x7f);
                          });
        return fits ? Likelihood::yes : Likelihood::no;
    }
    // A client waits for the choice of method before it goes on: the greeting is all there is, or a
    // request follows it. RFC 1928 3 and IANA: methods 0 to 9 and private ones from 0x80 on.
    const auto greeting = decode_socks5_greeting(bytes);
    const auto whole = [](Bytes behind) { return behind.empty() || decode_socks5_request(behind); };
    const bool fits = greeting && whole(bytes.subspan(greeting->size)) &&
                      std::ranges::all_of(greeting->methods, [](auto method) {
                          return method <= 9 || (method >= 0x80 && method < 0xff);
                      });
    return fits ? Likelihood::maybe : Likelihood::no;
}

}  // namespace turnpike::proto
