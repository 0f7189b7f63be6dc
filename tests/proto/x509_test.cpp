// Tests of the names in certificates, on a certificate made for them.
#include "turnpike/proto/x509.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hellos.h"

namespace turnpike::proto::test {
namespace {

using base::Bytes;
using base::ParseError;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Self-signed, made with OpenSSL for these tests: O=Example Calls, CN=relay.example.org.
Octets certificate() {
    return wire(
        "30 82 02 18"                                                        // Certificate
        "30 82 01 be"                                                        // TBSCertificate
        "a0 03 02 01 02"                                                     // version 3
        "02 14 48e792fbc2bd42244cee5df25377cbca181ac746"                     // serialNumber
        "30 0a 06 08 2a8648ce3d040302"                                       // ecdsa-with-SHA256
        "30 34"                                                              // issuer
        "31 16 30 14 06 03 55040a 0c 0d 4578616d706c652043616c6c73"          // O
        "31 1a 30 18 06 03 550403 0c 11 72656c61792e6578616d706c652e6f7267"  // CN
        "30 1e 17 0d 3236313132313039353732355a 17 0d 3336313131383039353732355a"  // validity
        "30 34"                                                                    // subject
        "31 16 30 14 06 03 55040a 0c 0d 4578616d706c652043616c6c73"
        "31 1a 30 18 06 03 550403 0c 11 72656c61792e6578616d706c652e6f7267"
        "30 59 30 13 06 07 2a8648ce3d0201 06 08 2a8648ce3d030107 03 42 00"  // public key
        "04e7910c35d47b9776c1fa8af1a969a1cd4abbdc25acac3eeb53280302002992"
        "e4c94b1f2f1bf7bae0a1b8e8619763bf0a2343aaadcc6c6acbd18c466550171dd5"
        "a3 81 ad 30 81 aa"  // extensions
        "30 1d 06 03 551d0e 04 16 0414355c43a6e6dcb1ae10c8cb369d26383e038f060c"
        "30 1f 06 03 551d23 04 18 30168014355c43a6e6dcb1ae10c8cb369d26383e038f060c"
        "30 0f 06 03 551d13 01 01 ff 04 05 30 03 01 01 ff"  // basicConstraints: CA
        "30 57 06 03 551d11 04 50 30 4e"                    // subjectAltName
        "82 11 72656c61792e6578616d706c652e6f7267"          // DNS relay.example.org
        "82 12 2a2e7475726e2e6578616d706c652e6f7267"        // DNS *.turn.example.org
        "87 04 c0000207"                                    // IP 192.0.2.7
        "87 10 20010db8000000000000000000000007"            // IP 2001:db8::7
        "81 0d 61406578616d706c652e6f7267"                  // an e-mail address
        "30 0a 06 08 2a8648ce3d040302"                      // signature
        "03 48 00 3045022100bf0f4efe414c17ca4ceba2351d3683131d30244331758f18be9544e6753a1dff"
        "02205632eb8516967da9c0bcdf4367d99f479d6104e480f11256b96ff4a372c63ff1");
}

TEST(CertificateNames, AreDecoded) {
    const auto der = certificate();
    const auto names = decode_certificate_names(der);
    ASSERT_TRUE(names.has_value());
    EXPECT_EQ(names->common_name, "relay.example.org");
    EXPECT_EQ(names->issuer_common_name, "relay.example.org");
    EXPECT_EQ(names->issuer_organization, "Example Calls");
    EXPECT_TRUE(names->is_ca);
    EXPECT_THAT(render_certificate_names(*names),
                ElementsAre("relay.example.org", "*.turn.example.org", "192.0.2.7", "2001:db8::7"));
    EXPECT_THAT(render_certificate_names(*names, 2), testing::SizeIs(2));
    EXPECT_EQ(certificate_issuer(*names), "relay.example.org");
}

TEST(CertificateNames, EveryPrefixIsTruncated) {
    const auto der = certificate();
    every_prefix_is_truncated(der, der.size(),
                              [](Bytes bytes) { return decode_certificate_names(bytes); });
}

TEST(CertificateNames, LengthsOffByOneAreRefused) {
    const auto der = certificate();
    // Low octets of the lengths of: certificate, body, serial, algorithm, issuer, validity,
    // subject, key, extensions.
    for (const std::size_t at : {3UL, 7UL, 14UL, 36UL, 48UL, 102UL, 134UL, 188UL, 280UL}) {
        for (const int step : {-1, 1}) {
            const auto value = static_cast<std::uint8_t>(der[at] + step);
            EXPECT_FALSE(decode_certificate_names(with(der, at, value)).has_value())
                << "octet " << at << " off by " << step;
        }
    }
}

TEST(CertificateNames, EveryOctetChangedIsSurvived) {
    const auto der = certificate();
    for (std::size_t at = 0; at < der.size(); ++at) {
        for (const int value : {0x00, 0x30, 0x7f, 0x80, 0x84, 0xff}) {
            const auto changed = with(der, at, static_cast<std::uint8_t>(value));
            if (const auto names = decode_certificate_names(changed)) {
                EXPECT_LE(render_certificate_names(*names).size(), 5U);
            }
        }
    }
}

TEST(CertificateNames, CommonNameStandsInForAlternatives) {
    CertificateNames names;
    names.common_name = "old.example.org";
    EXPECT_THAT(render_certificate_names(names), ElementsAre("old.example.org"));
    names.issuer_organization = "Example Calls";
    EXPECT_EQ(certificate_issuer(names), "Example Calls");
    EXPECT_THAT(render_certificate_names(CertificateNames{}), IsEmpty());
}

TEST(CertificateNames, LookAlikesAreRefused) {
    EXPECT_EQ(decode_certificate_names(text("-----BEGIN CERTIFICATE-----")).error(),
              ParseError::bad_value);
    EXPECT_FALSE(decode_certificate_names(wire("30 80 30 80 00 00 00 00")).has_value());
    EXPECT_EQ(decode_certificate_names(wire("30 03 02 01 01")).error(), ParseError::bad_value);
}

}  // namespace
}  // namespace turnpike::proto::test
