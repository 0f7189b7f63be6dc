// Why octets could not be decoded: one octet, so that a malformed packet costs nothing and can be
// counted.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace turnpike::base {

/// The reason a decoder gives up. `truncated` is for a message that the capture cut (snap length)
/// or that is not complete yet; everything else means that the octets contradict the protocol.
enum class ParseError : std::uint8_t {
    truncated,     ///< the octets end before the message does
    bad_length,    ///< a length field contradicts the octets around it
    bad_value,     ///< a field holds a value the protocol forbids here
    bad_version,   ///< a version this decoder does not know
    bad_checksum,  ///< a fingerprint or integrity field does not match
    not_this,      ///< these octets are another protocol
    limit,         ///< a bound of ours (depth, count) was reached
};

/// How many reasons there are, for tables by reason.
inline constexpr std::size_t parse_error_count = 7;

/// A decoded value or the reason there is none.
template <typename T>
using Result = std::expected<T, ParseError>;

/// The reason as a word for reports and counters, for example "bad length".
std::string_view to_string(ParseError error) noexcept;

}  // namespace turnpike::base
