// The words for the reasons why octets could not be decoded.
#include "turnpike/base/parse_error.h"

namespace turnpike::base {

std::string_view to_string(ParseError error) noexcept {
    switch (error) {
        case ParseError::truncated:
            return "truncated";
        case ParseError::bad_length:
            return "bad length";
        case ParseError::bad_value:
            return "bad value";
        case ParseError::bad_version:
            return "unknown version";
        case ParseError::bad_checksum:
            return "bad checksum";
        case ParseError::not_this:
            return "another protocol";
        case ParseError::limit:
            return "limit reached";
    }
    return "unknown";
}

}  // namespace turnpike::base
