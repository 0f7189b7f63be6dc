// Text from the network made fit for a database that any client may read.
#pragma once

#include <string>
#include <string_view>

namespace turnpike::store {

/// `text` itself if it is valid UTF-8 (RFC 3629) without control characters; else a copy in
/// `buffer` where every offending octet is \xNN. Backslashes stay as they are: the text is for
/// reading, not for getting the octets back.
std::string_view stored_text(std::string_view text, std::string& buffer);

}  // namespace turnpike::store
