// The names in an X.509 certificate (RFC 5280 4.1), by a walk over its DER that goes only as deep
// as they lie.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"

namespace turnpike::proto {

/// Views into the DER of one certificate.
struct CertificateNames {
    base::Bytes alternative_names;  ///< GeneralName elements (RFC 5280 4.2.1.6), empty if none
    std::string_view common_name;   ///< last CN of the subject; text as encoded
    std::string_view issuer_common_name;
    std::string_view issuer_organization;
    bool is_ca = false;  ///< basicConstraints says so (RFC 5280 4.2.1.9)
};

/// Decodes what is needed of one DER certificate. Errors: truncated, bad_length, bad_value (an
/// unexpected tag), limit.
base::Result<CertificateNames> decode_certificate_names(base::Bytes der) noexcept;

/// The dNSName and iPAddress entries as text, in order, at most `limit`; without any, the subject's
/// common name (RFC 6125 6.4.4). Other kinds of names are left out. Allocates.
std::vector<std::string> render_certificate_names(const CertificateNames& names,
                                                  std::size_t limit = 128);
/// The issuer's common name, else its organization; "" if it has neither. A view into the
/// certificate, text as encoded there.
std::string_view certificate_issuer(const CertificateNames& names) noexcept;

}  // namespace turnpike::proto
