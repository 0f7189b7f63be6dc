// Tests of JA4 against FoxIO's worked example and the corners of its description.
#include "turnpike/proto/ja4.h"

#include <gtest/gtest.h>

#include "hellos.h"

namespace turnpike::proto::test {
namespace {

std::string ja4(const Octets& body, Ja4Carrier carrier = Ja4Carrier::tcp) {
    return Ja4Writer(base::HashKey(1)).write(*decode_client_hello(body), carrier);
}

/// The suites and extensions of FoxIO's example, in another order and with GREASE among them.
Octets example_body() {
    const Octets signature_algorithms =
        u16_list({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601});
    Octets extensions = extension(0x3a3a, {});
    for (const int type :
         {0x001b, 0x0033, 0x0017, 0xff01, 0x0005, 0x0012, 0x002d, 0x000b, 0x0023, 0x4469, 0x000a}) {
        extensions = extensions + extension(static_cast<std::uint16_t>(type), {});
    }
    extensions = extensions + server_name_extension("a.example") + alpn_extension({"h2", "h3"}) +
                 extension(0x000d, prefixed_u16(signature_algorithms)) +
                 versions_extension({0x4a4a, 0x0304, 0x0303}) + extension(0x0015, Octets(50, 0));
    return hello_body({0xcaca, 0x1303, 0x1301, 0x1302, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                       0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035},
                      extensions);
}

TEST(Ja4, MatchesTheExampleOfItsDescription) {
    EXPECT_EQ(ja4(example_body()), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    EXPECT_EQ(ja4(example_body(), Ja4Carrier::quic), "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

// A writer that knows more lists than it has room for says the same as a new one.
TEST(Ja4, WhatIsRememberedChangesNothing) {
    Ja4Writer writer(base::HashKey(1));
    for (unsigned round = 0; round < 2; ++round) {
        for (std::uint16_t suite = 1; suite < 2'000; ++suite) {
            const auto body = hello_body({suite, 0x1301}, {});
            EXPECT_EQ(writer.write(*decode_client_hello(body), Ja4Carrier::tcp), ja4(body));
        }
    }
}

// Of suites and extensions the order says nothing; of signature algorithms it does, and so does how
// often a value stands in a list.
TEST(Ja4, RemembersListsInAnyOrder) {
    const auto algorithms = [](const std::vector<std::uint16_t>& values) {
        return extension(0x000d, prefixed_u16(u16_list(values)));
    };
    const auto one = extension(0x2001, {});
    const auto two = extension(0x2002, {});
    Ja4Writer writer(base::HashKey(1));
    const auto written = [&writer](const std::vector<std::uint16_t>& suites, const Octets& sent) {
        const auto body = hello_body(suites, sent);
        auto ja4_of_writer = writer.write(*decode_client_hello(body), Ja4Carrier::tcp);
        EXPECT_EQ(ja4_of_writer, ja4(body));
        return ja4_of_writer;
    };
    const auto first = written({0x1301, 0x1302}, one + two + algorithms({0x0403, 0x0804}));
    EXPECT_EQ(written({0x1302, 0x1301}, two + algorithms({0x0403, 0x0804}) + one), first);
    EXPECT_NE(written({0x1301, 0x1302}, one + two + algorithms({0x0804, 0x0403})), first);
    EXPECT_NE(written({0x1301, 0x1302}, one + two + two), written({0x1301, 0x1302}, one + two));
    EXPECT_NE(written({0x1301, 0x1301, 0x1302}, one), written({0x1301, 0x1302}, one));
}

TEST(Ja4, WithoutExtensionsOrSuitesHashesAreZero) {
    EXPECT_EQ(ja4(hello_body({}, {})), "t12i000000_000000000000_000000000000");
    // SHA-256 of "002f" begins with ba72b8082249.
    EXPECT_EQ(ja4(hello_body({0x002f}, {})).substr(10, 14), "_ba72b8082249_");
}

TEST(Ja4, VersionsAndNames) {
    EXPECT_EQ(ja4(hello_body({1}, {}, 0x0301)).substr(0, 4), "t10i");
    EXPECT_EQ(ja4(hello_body({1}, {}, 0x0300)).substr(0, 4), "ts3i");
    EXPECT_EQ(ja4(hello_body({1}, versions_extension({0x7f1d}))).substr(0, 4), "t00i");
    EXPECT_EQ(ja4(hello_body({1}, {}, 0xfefd), Ja4Carrier::dtls).substr(0, 4), "dd2i");
    EXPECT_EQ(ja4(hello_body({1}, {}, 0xfeff), Ja4Carrier::dtls).substr(0, 4), "dd1i");
    EXPECT_EQ(ja4(hello_body({1}, versions_extension({0xfefc, 0xfefd}), 0xfefd), Ja4Carrier::dtls)
                  .substr(0, 4),
              "dd3i");
}

TEST(Ja4, ApplicationProtocolLetters) {
    const auto letters = [](std::string_view name) {
        return ja4(hello_body({1}, alpn_extension({name}))).substr(8, 2);
    };
    EXPECT_EQ(letters("http/1.1"), "h1");
    EXPECT_EQ(letters("h"), "hh");
    EXPECT_EQ(letters("\xab"), "ab");
    EXPECT_EQ(letters("0\xcd"), "3d");
    EXPECT_EQ(letters(""), "00");
}

TEST(Ja4, CountsStopAtNinetyNine) {
    std::vector<std::uint16_t> suites;
    Octets extensions;
    for (std::uint16_t i = 0; i < 120; ++i) {
        suites.push_back(static_cast<std::uint16_t>(0x0100 + i));
        extensions = extensions + extension(static_cast<std::uint16_t>(0x2000 + i), {});
    }
    EXPECT_EQ(ja4(hello_body(suites, extensions)).substr(0, 10), "t12i999900");
}

TEST(Ja4, IsNotDefinedForSslv2) {
    ClientHello hello;
    hello.sslv2 = true;
    EXPECT_EQ(Ja4Writer(base::HashKey(1)).write(hello, Ja4Carrier::tcp), "");
}

}  // namespace
}  // namespace turnpike::proto::test
