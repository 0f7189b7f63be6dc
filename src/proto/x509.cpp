// Finds the names in a certificate: RFC 5280 4.1 and 4.2.1.6, in the encoding of X.690 (DER).
#include "turnpike/proto/x509.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "turnpike/base/cursor.h"
#include "turnpike/base/ip_address.h"

namespace turnpike::proto {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

namespace {

// X.690 8.1.2: identifier octets of the types that occur on the way to the names.
constexpr std::uint8_t tag_boolean = 0x01;
constexpr std::uint8_t tag_octet_string = 0x04;
constexpr std::uint8_t tag_object_identifier = 0x06;
constexpr std::uint8_t tag_sequence = 0x30;
constexpr std::uint8_t tag_set = 0x31;
constexpr std::uint8_t tag_version = 0xa0;     // RFC 5280 4.1: [0] EXPLICIT
constexpr std::uint8_t tag_extensions = 0xa3;  // [3] EXPLICIT
constexpr std::uint8_t tag_dns_name = 0x82;    // RFC 5280 4.2.1.6: GeneralName [2]
constexpr std::uint8_t tag_ip_address = 0x87;  // GeneralName [7]

// RFC 5280 A.1: contents of the object identifiers.
constexpr std::array<std::uint8_t, 3> common_name_oid = {0x55, 0x04, 0x03};        // 2.5.4.3
constexpr std::array<std::uint8_t, 3> organization_oid = {0x55, 0x04, 0x0a};       // 2.5.4.10
constexpr std::array<std::uint8_t, 3> alternative_name_oid = {0x55, 0x1d, 0x11};   // 2.5.29.17
constexpr std::array<std::uint8_t, 3> basic_constraints_oid = {0x55, 0x1d, 0x13};  // 2.5.29.19

struct Element {
    std::uint8_t tag = 0;
    Bytes content;
};

/// The element at the cursor (X.690 8.1). Tags of one octet and definite lengths only: DER has no
/// others here. Makes the cursor fail if it does not fit.
Element read_element(Cursor& cursor) noexcept {
    Element element;
    element.tag = cursor.u8();
    std::size_t length = cursor.u8();
    if ((length & 0x80U) != 0) {
        const std::size_t octets = length & 0x7fU;
        if (octets == 0 || octets > 3) {  // indefinite, or over 16 MiB
            cursor.fail();
            return element;
        }
        length = 0;
        for (std::size_t i = 0; i < octets; ++i) {
            length = (length << 8U) | cursor.u8();
        }
    }
    element.content = cursor.take(length);
    return element;
}

/// The content of the next element, which must have `tag`; otherwise the cursor fails.
Bytes expect(Cursor& cursor, std::uint8_t tag) noexcept {
    const Element element = read_element(cursor);
    if (element.tag != tag) {
        cursor.fail();
        return {};
    }
    return element.content;
}

struct DistinguishedName {
    std::string_view common_name;
    std::string_view organization;
};

/// RFC 5280 4.1.2.4: a sequence of sets of (type, value).
DistinguishedName read_name(Bytes content) noexcept {
    DistinguishedName name;
    Cursor sets{content};
    while (!sets.empty()) {
        Cursor set{expect(sets, tag_set)};
        while (sets.ok() && !set.empty()) {
            Cursor pair{expect(set, tag_sequence)};
            const Bytes type = expect(pair, tag_object_identifier);
            const Element value = read_element(pair);
            if (!set.ok() || !pair.ok()) {
                break;
            }
            if (std::ranges::equal(type, common_name_oid)) {
                name.common_name = base::as_text(value.content);
            } else if (std::ranges::equal(type, organization_oid)) {
                name.organization = base::as_text(value.content);
            }
        }
    }
    return name;
}

/// RFC 5280 4.1: Extension is an identifier, perhaps "critical", and an octet string.
void read_extension(Bytes content, CertificateNames& names) noexcept {
    Cursor cursor{content};
    const Bytes type = expect(cursor, tag_object_identifier);
    if (cursor.peek() == tag_boolean) {
        read_element(cursor);
    }
    Cursor value{expect(cursor, tag_octet_string)};
    if (!cursor.ok()) {
        return;
    }
    if (std::ranges::equal(type, alternative_name_oid)) {
        const Bytes list = expect(value, tag_sequence);
        names.alternative_names = value.ok() ? list : Bytes{};
    } else if (std::ranges::equal(type, basic_constraints_oid)) {
        Cursor constraints{expect(value, tag_sequence)};
        const Element ca = constraints.empty() ? Element{} : read_element(constraints);
        names.is_ca = ca.tag == tag_boolean && ca.content.size() == 1 && ca.content[0] != 0;
    }
}

/// What follows the public key: optional unique identifiers, then the extensions.
void read_extensions(Cursor& certificate, CertificateNames& names) noexcept {
    while (certificate.ok() && !certificate.empty()) {
        const Element element = read_element(certificate);
        if (element.tag != tag_extensions) {
            continue;
        }
        Cursor wrapper{element.content};
        Cursor list{expect(wrapper, tag_sequence)};
        while (wrapper.ok() && !list.empty()) {
            const Bytes content = expect(list, tag_sequence);
            if (list.ok()) {
                read_extension(content, names);
            }
        }
    }
}

}  // namespace

Result<CertificateNames> decode_certificate_names(Bytes der) noexcept {
    Cursor whole{der};
    const Element outer = read_element(whole);
    if (!whole.ok()) {
        const bool begins = der.empty() || der[0] == tag_sequence;
        return std::unexpected{begins ? ParseError::truncated : ParseError::bad_value};
    }
    if (outer.tag != tag_sequence) {
        return std::unexpected{ParseError::bad_value};
    }
    if (!whole.empty()) {
        return std::unexpected{ParseError::bad_length};
    }
    Cursor parts{outer.content};
    Cursor certificate{expect(parts, tag_sequence)};  // TBSCertificate
    if (certificate.peek() == tag_version) {
        read_element(certificate);
    }
    read_element(certificate);          // serialNumber
    expect(certificate, tag_sequence);  // signature
    const DistinguishedName issuer = read_name(expect(certificate, tag_sequence));
    expect(certificate, tag_sequence);  // validity
    const DistinguishedName subject = read_name(expect(certificate, tag_sequence));
    expect(certificate, tag_sequence);  // subjectPublicKeyInfo
    if (!parts.ok() || !certificate.ok()) {
        return std::unexpected{ParseError::bad_value};
    }
    CertificateNames names;
    names.common_name = subject.common_name;
    names.issuer_common_name = issuer.common_name;
    names.issuer_organization = issuer.organization;
    read_extensions(certificate, names);
    if (!certificate.ok()) {
        return std::unexpected{ParseError::bad_length};
    }
    return names;
}

std::vector<std::string> render_certificate_names(const CertificateNames& names,
                                                  std::size_t limit) {
    std::vector<std::string> texts;
    Cursor list{names.alternative_names};
    while (!list.empty() && texts.size() < limit) {
        const Element name = read_element(list);
        if (!list.ok()) {
            break;
        }
        if (name.tag == tag_dns_name) {
            texts.emplace_back(base::as_text(name.content));
        } else if (name.tag == tag_ip_address) {
            const auto address = base::IpAddress::from_octets(name.content);
            if (address) {
                texts.push_back(base::to_string(address));
            }
        }
    }
    if (texts.empty() && !names.common_name.empty()) {
        texts.emplace_back(names.common_name);
    }
    return texts;
}

std::string_view certificate_issuer(const CertificateNames& names) noexcept {
    return names.issuer_common_name.empty() ? names.issuer_organization : names.issuer_common_name;
}

}  // namespace turnpike::proto
