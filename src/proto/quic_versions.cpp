// The table of the QUIC versions that can be read, with the salt and labels of each.
#include "proto/quic_versions.h"

#include <algorithm>

namespace turnpike::proto {

namespace {

// RFC 9001 5.1 and 5.4.1 (labels), 5.2 (salt).
constexpr QuicVersionTraits version_1 = {
    .salt = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
             0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
    .key_label = "quic key",
    .iv_label = "quic iv",
    .header_protection_label = "quic hp"};

// RFC 9369 3.3.1 and 3.3.2.
constexpr QuicVersionTraits version_2 = {
    .salt = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
             0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
    .key_label = "quicv2 key",
    .iv_label = "quicv2 iv",
    .header_protection_label = "quicv2 hp",
    .second_types = true};

constexpr QuicVersionTraits with_salt(QuicVersionTraits traits,
                                      const std::array<std::uint8_t, 20>& salt) noexcept {
    traits.salt = salt;
    return traits;
}

// draft-ietf-quic-v2-01 to -04, whose salt was another.
constexpr QuicVersionTraits version_2_draft =
    with_salt(version_2, {0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d,
                          0x62, 0xca, 0x57, 0x04, 0x06, 0xea, 0x7a, 0xe3, 0xe5, 0xd3});

// draft-ietf-quic-tls-29 5.2.
constexpr QuicVersionTraits draft_29 = {
    .salt = {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
             0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99},
    .key_label = "quic key",
    .iv_label = "quic iv",
    .header_protection_label = "quic hp"};

// draft-ietf-quic-tls-23 5.2.
constexpr QuicVersionTraits draft_23 = {
    .salt = {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
             0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02},
    .key_label = "quic key",
    .iv_label = "quic iv",
    .header_protection_label = "quic hp"};

// draft-ietf-quic-tls-21 5.2, in force up to draft 22.
constexpr QuicVersionTraits draft_22 =
    with_salt(draft_23, {0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a,
                         0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a});

constexpr QuicVersionTraits google(const std::array<std::uint8_t, 20>& salt) noexcept {
    QuicVersionTraits traits = with_salt(draft_29, salt);
    traits.google_frames = true;
    return traits;
}

// Google's salts, published in the sources of Chromium. T050 and T051 carry TLS in Google's frames.
constexpr QuicVersionTraits google_q050 =
    google({0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94,
            0x5c, 0xfc, 0xdb, 0xd3, 0xa7, 0xf0, 0xd3, 0xb5, 0x6b, 0x45});
constexpr QuicVersionTraits google_t050 =
    google({0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80,
            0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48, 0x83, 0x10});
constexpr QuicVersionTraits google_t051 =
    google({0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50,
            0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e, 0x03, 0x3d});

struct Version {
    std::uint32_t first;
    std::uint32_t last;  ///< of a run of numbers that are treated alike
    const QuicVersionTraits* traits;
};

constexpr std::uint32_t q050 = 0x51303530;
constexpr std::uint32_t first_draft = 0xff000016;  // draft-22
constexpr std::uint32_t last_draft = 0xff000022;   // draft-34

constexpr std::array versions = {
    Version{quic_v1, quic_v1, &version_1},              // v1
    Version{quic_v2, quic_v2, &version_2},              // v2
    Version{0x709a50c4, 0x709a50c4, &version_2_draft},  // v2-draft
    Version{0xff020000, 0xff020000, &version_2_draft},  // v2-draft-00
    Version{first_draft, first_draft, &draft_22}, Version{0xff000017, 0xff00001c, &draft_23},
    Version{0xff00001d, 0xff000020, &draft_29}, Version{0xff000021, last_draft, &version_1},
    // Meta's mvfst names its versions itself; what they are beneath is in its sources.
    Version{0xfaceb001, 0xfaceb001, &draft_22},     // mvfst-draft-22
    Version{0xfaceb002, 0xfaceb002, &draft_23},     // mvfst-draft-27
    Version{0xfaceb003, 0xfaceb004, &version_1},    // mvfst-v1
    Version{0xfaceb00d, 0xfaceb015, &draft_23},     // mvfst-experimental
    Version{0xfacefeed, 0xfacefeed, &version_1},    // mvfst-priming
    Version{q050, q050, &google_q050},              // Q050
    Version{0x54303530, 0x54303530, &google_t050},  // T050
    Version{0x54303531, 0x54303531, &google_t051},  // T051
};

const Version* find_version(std::uint32_t version) noexcept {
    const auto* const at = std::ranges::find_if(versions, [=](const Version& known) {
        return version >= known.first && version <= known.last;
    });
    return at == versions.end() ? nullptr : at;
}

/// The number in Google's "Q043", "Q046", ...; 0 for other versions.
unsigned gquic_number(std::uint32_t version) noexcept {
    const unsigned hundreds = ((version >> 16U) & 0xffU) - '0';
    const unsigned tens = ((version >> 8U) & 0xffU) - '0';
    const unsigned ones = (version & 0xffU) - '0';
    const bool digits = hundreds <= 9 && tens <= 9 && ones <= 9;
    return (version >> 24U) == 'Q' && digits ? 100 * hundreds + 10 * tens + ones : 0;
}

}  // namespace

const QuicVersionTraits* quic_version_traits(std::uint32_t version) noexcept {
    const Version* const known = find_version(version);
    return known != nullptr ? known->traits : nullptr;
}

QuicFamily quic_family(std::uint32_t version) noexcept {
    if (version == q050) {
        return QuicFamily::gquic_initial;
    }
    if (find_version(version) != nullptr) {
        return QuicFamily::ietf;
    }
    if (version == 0) {
        return QuicFamily::negotiation;
    }
    if ((version & 0x0f0f0f0fU) == 0x0a0a0a0aU) {  // RFC 9000 15
        return QuicFamily::reserved;
    }
    const unsigned number = gquic_number(version);
    if (number > 0 && number <= 43) {
        return QuicFamily::gquic_public;
    }
    return number >= 44 && number <= 49 ? QuicFamily::gquic_long : QuicFamily::unknown;
}

}  // namespace turnpike::proto
