// DNS record data as text, for rows and readers: facts keep its octets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace turnpike::facts {

/// Appends the data of a record of that type, octets, in presentation form: names in lower case,
/// unknown types and malformed data as \# LENGTH HEX (RFC 3597 5). Its names must be written out,
/// without compression.
void render_dns_record(std::uint16_t type, std::string_view data, std::string& out);

}  // namespace turnpike::facts
