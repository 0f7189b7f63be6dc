// Words for the numbers of TLS: IANA "TLS Alerts" (RFC 8446 6) and the versions.
#include <algorithm>
#include <array>

#include "turnpike/proto/tls.h"

namespace turnpike::proto {

namespace {

struct Name {
    std::uint16_t number;
    std::string_view text;
};

// IANA "TLS Alerts": RFC 8446 6, RFC 5246 7.2, RFC 6066 9, RFC 7301 3.2, RFC 9849 11.
constexpr std::array alert_names = {
    Name{0, "close_notify"},
    Name{10, "unexpected_message"},
    Name{20, "bad_record_mac"},
    Name{21, "decryption_failed"},
    Name{22, "record_overflow"},
    Name{30, "decompression_failure"},
    Name{40, "handshake_failure"},
    Name{41, "no_certificate"},
    Name{42, "bad_certificate"},
    Name{43, "unsupported_certificate"},
    Name{44, "certificate_revoked"},
    Name{45, "certificate_expired"},
    Name{46, "certificate_unknown"},
    Name{47, "illegal_parameter"},
    Name{48, "unknown_ca"},
    Name{49, "access_denied"},
    Name{50, "decode_error"},
    Name{51, "decrypt_error"},
    Name{52, "too_many_cids_requested"},
    Name{60, "export_restriction"},
    Name{70, "protocol_version"},
    Name{71, "insufficient_security"},
    Name{80, "internal_error"},
    Name{86, "inappropriate_fallback"},
    Name{90, "user_canceled"},
    Name{100, "no_renegotiation"},
    Name{109, "missing_extension"},
    Name{110, "unsupported_extension"},
    Name{111, "certificate_unobtainable"},
    Name{112, "unrecognized_name"},
    Name{113, "bad_certificate_status_response"},
    Name{114, "bad_certificate_hash_value"},
    Name{115, "unknown_psk_identity"},
    Name{116, "certificate_required"},
    Name{120, "no_application_protocol"},
    Name{121, "ech_required"},
};

constexpr std::array version_names = {
    Name{0x0002, "SSL 2.0"},  Name{0x0300, "SSL 3.0"},  Name{0x0301, "TLS 1.0"},
    Name{0x0302, "TLS 1.1"},  Name{0x0303, "TLS 1.2"},  Name{0x0304, "TLS 1.3"},
    Name{0xfeff, "DTLS 1.0"}, Name{0xfefd, "DTLS 1.2"}, Name{0xfefc, "DTLS 1.3"},
    Name{0x0100, "DTLS 0.9"},
};

template <std::size_t Size>
std::string_view find(const std::array<Name, Size>& names, std::uint16_t number) noexcept {
    const auto* const at = std::ranges::find(names, number, &Name::number);
    return at == names.end() ? std::string_view{} : at->text;
}

}  // namespace

std::string_view tls_alert_name(std::uint8_t description) noexcept {
    return find(alert_names, description);
}

std::string_view tls_version_name(std::uint16_t version) noexcept {
    // RFC 8446 D of the drafts: 0x7fNN is draft NN; 0xfbNN were private to one vendor.
    const auto major = version >> 8U;
    if (major == 0x7f || major == 0xfb) {
        return "TLS 1.3 draft";
    }
    return find(version_names, version);
}

}  // namespace turnpike::proto
