// What the page brings along: its script and style, as the build made them.
#pragma once

#include <string>
#include <string_view>

namespace turnpike::report {

/// JavaScript: src/report/page with Preact and parts of D3, in one piece.
std::string_view page_script() noexcept;
std::string_view page_style() noexcept;
/// The licences of the libraries in the script.
std::string_view page_licences() noexcept;

/// "'sha256-...'": lets a content security policy name exactly this text (CSP 3, 2.3.1).
std::string policy_hash(std::string_view text);

}  // namespace turnpike::report
