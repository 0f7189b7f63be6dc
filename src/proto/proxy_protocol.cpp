// Reads the PROXY protocol's header, as text (proxy-protocol.txt 2.1) and as octets (2.2).
#include "turnpike/proto/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "turnpike/base/cursor.h"

namespace turnpike::proto {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

namespace {

constexpr std::string_view text_prefix = "PROXY ";
constexpr std::size_t longest_text = 107;  // 2.1: the worst case, line end included
constexpr std::array<std::uint8_t, 12> signature = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                                    0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

bool begins_like(Bytes bytes, Bytes mark) noexcept {
    const std::size_t count = std::min(bytes.size(), mark.size());
    return std::ranges::equal(bytes.first(count), mark.first(count));
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || value > 0xffff) {
            return std::nullopt;
        }
        value = 10 * value + static_cast<unsigned>(c - '0');
    }
    return !text.empty() && text.size() <= 5 && value <= 0xffff
               ? std::optional{static_cast<std::uint16_t>(value)}
               : std::nullopt;
}

/// "TCP4 192.0.2.1 198.51.100.1 56324 443": what follows the prefix, without the line end.
Result<void> decode_text_endpoints(std::string_view line, ProxyHeader& header) noexcept {
    std::array<std::string_view, 5> words;
    for (auto& word : words) {
        const auto space = line.find(' ');
        word = line.substr(0, space);
        line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
    }
    if (words[0] == "UNKNOWN") {  // 2.1: the rest of the line is to be ignored
        header.local = true;
        return {};
    }
    const auto source = base::IpAddress::parse(words[1]);
    const auto destination = base::IpAddress::parse(words[2]);
    const auto source_port = parse_port(words[3]);
    const auto destination_port = parse_port(words[4]);
    if (!source || !destination || !source_port || !destination_port || !line.empty()) {
        return std::unexpected{ParseError::bad_value};
    }
    const bool v4 = words[0] == "TCP4" && source->is_v4() && destination->is_v4();
    const bool v6 = words[0] == "TCP6" && source->is_v6() && destination->is_v6();
    if (!v4 && !v6) {
        return std::unexpected{ParseError::bad_value};
    }
    header.source = {.address = *source, .port = *source_port};
    header.destination = {.address = *destination, .port = *destination_port};
    return {};
}

Result<ProxyHeader> decode_text(Bytes bytes) noexcept {
    const auto text = base::as_text(bytes.first(std::min(bytes.size(), longest_text)));
    const auto end = text.find("\r\n");
    if (end == std::string_view::npos) {
        return std::unexpected{bytes.size() >= longest_text ? ParseError::limit
                                                            : ParseError::truncated};
    }
    if (end < text_prefix.size()) {
        return std::unexpected{ParseError::bad_value};
    }
    ProxyHeader header;
    header.size = end + 2;
    const auto line = text.substr(text_prefix.size(), end - text_prefix.size());
    if (auto endpoints = decode_text_endpoints(line, header); !endpoints) {
        return std::unexpected{endpoints.error()};
    }
    return header;
}

Result<void> decode_binary_endpoints(unsigned family, Cursor& body, ProxyHeader& header) noexcept {
    std::size_t address_size = 0;
    switch (family) {  // 2.2: the high nibble of the 14th octet
        case 0:        // AF_UNSPEC
            header.local = true;
            return {};
        case 1:
            address_size = 4;
            break;
        case 2:
            address_size = 16;
            break;
        case 3:  // AF_UNIX: two paths of 108 octets
            header.local = true;
            body.skip(216);
            return {};
        default:
            return std::unexpected{ParseError::bad_value};
    }
    header.source.address = base::IpAddress::from_octets(body.take(address_size));
    header.destination.address = base::IpAddress::from_octets(body.take(address_size));
    header.source.port = body.u16();
    header.destination.port = body.u16();
    return {};
}

Result<ProxyHeader> decode_binary(Bytes bytes) noexcept {
    Cursor cursor{bytes};
    cursor.skip(signature.size());
    const unsigned version_and_command = cursor.u8();
    const unsigned family_and_transport = cursor.u8();
    Cursor body{cursor.take_u16_prefixed()};
    if (bytes.size() > signature.size() && version_and_command >> 4U != 2) {
        return std::unexpected{ParseError::bad_version};
    }
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    const unsigned command = version_and_command & 0x0fU;
    if (command > 1) {
        return std::unexpected{ParseError::bad_value};
    }
    ProxyHeader header;
    header.version = 2;
    header.size = cursor.position();
    header.local = command == 0;
    header.datagram = (family_and_transport & 0x0fU) == 2;
    if (!header.local) {
        if (auto read = decode_binary_endpoints(family_and_transport >> 4U, body, header); !read) {
            return std::unexpected{read.error()};
        }
    }
    if (!body.ok()) {
        return std::unexpected{ParseError::bad_length};
    }
    header.tlvs = body.rest();
    return header;
}

}  // namespace

Result<ProxyHeader> decode_proxy_header(Bytes bytes) noexcept {
    if (bytes.empty()) {
        return std::unexpected{ParseError::truncated};
    }
    if (begins_like(bytes, base::as_bytes(text_prefix))) {
        return bytes.size() < text_prefix.size() ? std::unexpected{ParseError::truncated}
                                                 : decode_text(bytes);
    }
    if (begins_like(bytes, signature)) {
        return bytes.size() < signature.size() ? std::unexpected{ParseError::truncated}
                                               : decode_binary(bytes);
    }
    return std::unexpected{ParseError::not_this};
}

}  // namespace turnpike::proto
