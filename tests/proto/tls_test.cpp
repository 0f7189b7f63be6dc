// Tests of the TLS message decoders on the handshake of RFC 8448 3 and on hellos made to be odd.
#include "turnpike/proto/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "hellos.h"

namespace turnpike::proto::test {
namespace {

using base::Bytes;
using base::ParseError;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::uint16_t> values(const U16List& list) {
    std::vector<std::uint16_t> all;
    for (const auto value : list) {
        all.push_back(value);
    }
    return all;
}

std::vector<std::string> names(const AlpnList& list) {
    std::vector<std::string> all;
    for (const auto name : list) {
        all.emplace_back(name);
    }
    return all;
}

Octets body_of(const Octets& message) {
    return slice(message, 4, message.size());
}

TEST(ClientHello, DecodesTheHelloOfRfc8448) {
    const auto body = body_of(rfc8448_client_hello());
    const auto hello = decode_client_hello(body);
    ASSERT_TRUE(hello.has_value());
    EXPECT_EQ(hello->legacy_version, 0x0303);
    EXPECT_EQ(hello->version, 0x0304);
    EXPECT_EQ(hello->random.size(), 32U);
    EXPECT_EQ(hello->random[0], 0xcb);
    EXPECT_TRUE(hello->session_id.empty());
    EXPECT_THAT(values(hello->cipher_suites), ElementsAre(0x1301, 0x1303, 0x1302));
    EXPECT_EQ(hello->server_name, "server");
    EXPECT_TRUE(hello->has_server_name);
    EXPECT_TRUE(hello->alpn.empty());
    EXPECT_THAT(values(hello->supported_versions), ElementsAre(0x0304));
    EXPECT_THAT(values(hello->supported_groups), ElementsAre(0x001d, 0x0017, 0x0018, 0x0019, 0x0100,
                                                             0x0101, 0x0102, 0x0103, 0x0104));
    EXPECT_EQ(hello->signature_algorithms.size(), 15U);
    EXPECT_EQ(hello->key_shares.size(), 36U);
    EXPECT_TRUE(hello->has_key_share);
    EXPECT_EQ(hello->ech, EchKind::none);
    EXPECT_TRUE(hello->complete);
    std::vector<std::uint16_t> types;
    for (const auto sent : hello->extensions) {
        types.push_back(sent.type);
    }
    EXPECT_THAT(types, ElementsAre(0, 0xff01, 10, 35, 51, 43, 13, 45, 28));
}

TEST(ClientHello, EveryPrefixIsTruncated) {
    const auto body = body_of(rfc8448_client_hello());
    // A hello may end after the compression methods (RFC 5246 7.4.1.2): that prefix is whole.
    constexpr std::size_t extensions_at = 45;
    const auto decode = [](Bytes bytes) { return decode_client_hello(bytes); };
    every_prefix_is_truncated(slice(body, 0, extensions_at), extensions_at, decode);
    EXPECT_TRUE(decode_client_hello(Bytes{body}.first(extensions_at)).has_value());
    for (std::size_t size = extensions_at + 1; size < body.size(); ++size) {
        const Octets prefix = slice(body, 0, size);
        const auto hello = decode_client_hello(prefix);
        ASSERT_FALSE(hello.has_value()) << size;
        EXPECT_EQ(hello.error(), ParseError::truncated) << size;
    }
}

TEST(ClientHello, PrefixKeepsWhatIsWhole) {
    const auto body = body_of(rfc8448_client_hello());
    for (std::size_t size = 0; size < body.size(); ++size) {
        const Octets prefix = slice(body, 0, size);
        const auto hello = decode_client_hello_prefix(prefix);
        EXPECT_EQ(hello.has_value(), size >= 43) << size;  // the cipher suites end there
        if (hello) {
            // server_name ends 15 octets after the length of the extensions.
            EXPECT_EQ(hello->server_name, size >= 62 ? "server" : "") << size;
            EXPECT_EQ(hello->complete, size == 45) << size;
        }
    }
    const auto whole = decode_client_hello_prefix(body);
    ASSERT_TRUE(whole.has_value());
    EXPECT_TRUE(whole->complete);
    EXPECT_EQ(whole->version, 0x0304);
}

TEST(ClientHello, LengthsOffByOneAreRefused) {
    const auto body = body_of(rfc8448_client_hello());
    // Positions of the low octets: session id, cipher suites, compression, extensions.
    for (const std::size_t at :
         {std::size_t{34}, std::size_t{36}, std::size_t{43}, std::size_t{46}}) {
        for (const int step : {-1, 1}) {
            const auto value = static_cast<std::uint8_t>(body[at] + step);
            const auto hello = decode_client_hello(with(body, at, value));
            EXPECT_FALSE(hello.has_value()) << "octet " << at << " off by " << step;
        }
    }
}

TEST(ClientHello, ExtensionLengthsOffByOneAreRefusedOrTheExtensionIsLeftOut) {
    const auto body = body_of(rfc8448_client_hello());
    // server_name: 47 type, 49 length, 51 list length, 53 name type, 54 name length.
    for (const std::size_t at : {std::size_t{50}, std::size_t{52}, std::size_t{55}}) {
        for (const int step : {-1, 1}) {
            const auto changed = with(body, at, static_cast<std::uint8_t>(body[at] + step));
            const auto hello = decode_client_hello(changed);
            EXPECT_TRUE(!hello || hello->server_name != "server") << at << " off by " << step;
        }
    }
}

TEST(ClientHello, UnknownExtensionsAndSuitesSurvive) {
    const auto body = hello_body({0xabcd, 0x1301},
                                 extension(0x7777, {1, 2, 3}) + server_name_extension("a.example"));
    const auto hello = decode_client_hello(body);
    ASSERT_TRUE(hello.has_value());
    EXPECT_EQ((*hello->extensions.begin()).type, 0x7777);
    EXPECT_EQ((*hello->extensions.begin()).body.size(), 3U);
    EXPECT_THAT(values(hello->cipher_suites), ElementsAre(0xabcd, 0x1301));
    EXPECT_EQ(hello->server_name, "a.example");
    EXPECT_EQ(hello->version, 0x0303);
}

TEST(ClientHello, VersionIsTheHighestOfferedWithoutGrease) {
    const auto version = [](const std::vector<std::uint16_t>& offered, std::uint16_t legacy) {
        return decode_client_hello(hello_body({0x1301}, versions_extension(offered), legacy))
            ->version;
    };
    EXPECT_EQ(version({0xfafa, 0x0304, 0x0303}, 0x0303), 0x0304);
    EXPECT_EQ(version({0x0302, 0x0303, 0x0301}, 0x0303), 0x0303);
    EXPECT_EQ(version({0x7f1c, 0x0303}, 0x0303), 0x7f1c);
    EXPECT_EQ(version({0xfb17, 0x0303}, 0x0303), 0xfb17);
    EXPECT_EQ(version({0x0a0a}, 0x0303), 0x0303);
    EXPECT_EQ(version({0xfefd, 0xfefc, 0xfeff}, 0xfefd), 0xfefc);
}

TEST(ClientHello, AlpnListKeepsOrder) {
    const auto body = hello_body({0x1301}, alpn_extension({"h2", "http/1.1", "x"}));
    EXPECT_THAT(names(decode_client_hello(body)->alpn), ElementsAre("h2", "http/1.1", "x"));
    // A name that runs out of the list is left out, those before it stay.
    const auto broken = hello_body({0x1301}, extension(16, prefixed_u16(wire("02 68 32 09 78"))));
    EXPECT_THAT(names(decode_client_hello(broken)->alpn), ElementsAre("h2"));
}

TEST(ClientHello, EncryptedHelloIsTold) {
    const auto kind = [](const Octets& extensions) {
        return decode_client_hello(hello_body({0x1301}, extensions))->ech;
    };
    EXPECT_EQ(kind(extension(0xfe0d, wire("00 0001 0001 42"))), EchKind::outer);
    EXPECT_EQ(kind(extension(0xfe0d, wire("01"))), EchKind::inner);
    EXPECT_EQ(kind(extension(0xfe0a, wire("00"))), EchKind::draft);
    EXPECT_EQ(kind(extension(0xff02, wire("00"))), EchKind::draft);
    EXPECT_EQ(kind(extension(0xffce, wire("1301"))), EchKind::esni);
    EXPECT_EQ(kind(extension(0xffce, {}) + extension(0xfe0d, {0})), EchKind::outer);
    EXPECT_EQ(kind({}), EchKind::none);
}

TEST(ClientHello, EarlyDataAndConnectionIdAreTold) {
    const auto body = hello_body({0x1301}, extension(42, {}) + extension(54, wire("02 abcd")));
    const auto hello = decode_client_hello(body);
    EXPECT_TRUE(hello->early_data);
    EXPECT_TRUE(hello->has_connection_id);
    EXPECT_EQ(hello->connection_id.size(), 2U);
}

TEST(ClientHello, OtherVersionsAreRefused) {
    EXPECT_EQ(decode_client_hello(hello_body({1}, {}, 0x0503)).error(), ParseError::bad_value);
}

TEST(ClientHello, DtlsHasACookie) {
    const Octets cookie = wire("11 22 33");
    const auto body = hello_body({0xc02b}, server_name_extension("turn.example"), 0xfefd, &cookie);
    const auto hello = decode_dtls_client_hello(body);
    ASSERT_TRUE(hello.has_value());
    EXPECT_EQ(hello->cookie.size(), 3U);
    EXPECT_EQ(hello->server_name, "turn.example");
    EXPECT_FALSE(decode_client_hello(body).has_value());
}

TEST(ClientHello, ReadsTheCompatibleOneOfSslv2) {
    const auto body = wire(
        "03 01"                                            // TLS 1.0
        "00 06 00 00 00 10"                                // lengths: specs, session id, challenge
        "00 00 2f 01 00 80"                                // RSA_AES_128_CBC_SHA, SSL2 RC4
        "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f"  // challenge
    );
    const auto hello = decode_sslv2_client_hello(body);
    ASSERT_TRUE(hello.has_value());
    EXPECT_TRUE(hello->sslv2);
    EXPECT_EQ(hello->version, 0x0301);
    EXPECT_EQ(hello->sslv2_cipher_specs.size(), 6U);
    EXPECT_EQ(hello->random.size(), 16U);
    every_prefix_is_truncated(body, body.size(),
                              [](Bytes bytes) { return decode_sslv2_client_hello(bytes); });
    for (const std::size_t at : {std::size_t{3}, std::size_t{5}, std::size_t{7}}) {
        for (const int step : {-1, 1}) {
            const auto value = static_cast<std::uint8_t>(body[at] + step);
            EXPECT_FALSE(decode_sslv2_client_hello(with(body, at, value)).has_value()) << at;
        }
    }
}

TEST(TlsCertificate, GivesTheFirstOfTheList) {
    const auto body = wire(
        "00 00 0a"           // list of 10 octets
        "00 00 03 30 01 02"  // the server's own
        "00 00 01 30");      // an issuer's
    const auto first = decode_tls_certificate(body);
    ASSERT_TRUE(first.has_value());
    EXPECT_THAT(std::vector<int>(first->begin(), first->end()), ElementsAre(0x30, 1, 2));
    every_prefix_is_truncated(body, body.size(),
                              [](Bytes bytes) { return decode_tls_certificate(bytes); });
    EXPECT_EQ(decode_tls_certificate(with(body, 2, 9)).error(), ParseError::bad_length);
    EXPECT_EQ(decode_tls_certificate(with(body, 2, 11)).error(), ParseError::truncated);
    EXPECT_EQ(decode_tls_certificate(with(body, 5, 40)).error(), ParseError::bad_length);
    EXPECT_EQ(decode_tls_certificate(wire("000000")).error(), ParseError::bad_value);
}

TEST(TlsAlert, IsReadOnlyInClear) {
    const auto alert = decode_tls_alert(wire("02 28"));
    ASSERT_TRUE(alert.has_value());
    EXPECT_TRUE(alert->fatal());
    EXPECT_EQ(alert->description, 40);  // handshake_failure
    EXPECT_EQ(decode_tls_alert(wire("02 28 aa")).error(), ParseError::bad_length);
    EXPECT_EQ(decode_tls_alert(wire("02")).error(), ParseError::truncated);
    EXPECT_EQ(decode_tls_alert(wire("71 28")).error(), ParseError::bad_value);
}

TEST(TlsRecord, IsDecodedWithinItsBounds) {
    const auto bytes = record(22, wire("0e 00 00 00"), 0x0303) + wire("17 03");
    const auto decoded = decode_tls_record(bytes);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->type, TlsContentType::handshake);
    EXPECT_EQ(decoded->version, 0x0303);
    EXPECT_EQ(decoded->fragment.size(), 4U);
    every_prefix_is_truncated(bytes, 9, [](Bytes prefix) { return decode_tls_record(prefix); });
    EXPECT_EQ(decode_tls_record(wire("16 03 03 ff ff")).error(), ParseError::bad_length);
    EXPECT_EQ(decode_tls_record(wire("16 03 03 00 00")).error(), ParseError::bad_length);
    EXPECT_TRUE(decode_tls_record(wire("17 03 03 00 00")).has_value());
    EXPECT_EQ(decode_tls_record(wire("16 04 03 00 04")).error(), ParseError::not_this);
    EXPECT_EQ(decode_tls_record(wire("47 45 54 20 2f")).error(), ParseError::not_this);
}

TEST(ProbeTls, KnowsTheBeginningOfAStream) {
    EXPECT_EQ(probe_tls(record(22, rfc8448_client_hello())), Likelihood::yes);
    EXPECT_EQ(probe_tls(record(22, rfc8448_server_hello())), Likelihood::yes);
    EXPECT_EQ(probe_tls(record(21, wire("02 28"))), Likelihood::yes);
    EXPECT_EQ(probe_tls(record(23, Octets(40, 9))), Likelihood::maybe);
    EXPECT_EQ(probe_tls(wire("16 03 01")), Likelihood::maybe);
    EXPECT_EQ(probe_tls({}), Likelihood::no);
    EXPECT_EQ(probe_tls(wire("80 2e 01 03 01 00 15 00 00 00 10")), Likelihood::yes);
    EXPECT_EQ(probe_tls(wire("80 2f 01 03 01 00 15 00 00 00 10")), Likelihood::no);
    EXPECT_EQ(probe_tls(text("GET / HTTP/1.1\r\n\r\n")), Likelihood::no);
    // STUN over TCP and RTP framed by RFC 4571 begin otherwise.
    EXPECT_EQ(probe_tls(wire("0001 0000 2112a442 000102030405060708090a0b")), Likelihood::no);
    EXPECT_EQ(probe_tls(wire("0014 8060 0001 00000000 11223344")), Likelihood::no);
}

TEST(Grease, IsTheSixteenValuesOfRfc8701) {
    unsigned count = 0;
    for (unsigned value = 0; value <= 0xffff; ++value) {
        count += is_grease(static_cast<std::uint16_t>(value)) ? 1U : 0U;
    }
    EXPECT_EQ(count, 16U);
    EXPECT_TRUE(is_grease(0x0a0a));
    EXPECT_TRUE(is_grease(0xfafa));
    EXPECT_FALSE(is_grease(0x0a1a));
}

}  // namespace
}  // namespace turnpike::proto::test
