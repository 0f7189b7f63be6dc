// Tests of DTLS records, handshake fragments and their reassembly.
#include "turnpike/proto/dtls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "hellos.h"

namespace turnpike::proto::test {
namespace {

using base::Bytes;
using base::ParseError;

/// The first datagram of OpenSSL's client, DTLS 1.2.
Octets client_datagram() {
    return wire(
        "16 fe ff 00 00 00 00 00 00 00 00 00 86"  // handshake, DTLS 1.0, epoch 0, 134
        "01 00 00 7a 00 00 00 00 00 00 00 7a"     // ClientHello, 122 octets, whole
        "fe fd"                                   // DTLS 1.2
        "0a36d4e76e9f9b2925bb96f47e95ad87376f11a7e5214e0e83b981e88ed76613"  // random
        "00 00"                                                        // no session id, no cookie
        "00 06 c0 2b c0 2f 00 ff"                                      // suites
        "01 00"                                                        // compression: null
        "00 4a"                                                        // extensions, 74 octets
        "00 00 00 15 00 13 00 00 10 7475726e2e6578616d706c652e6f7267"  // "turn.example.org"
        "00 0b 00 04 03 00 01 02"                                      // ec_point_formats
        "00 0a 00 06 00 04 00 1d 00 17"                                // supported_groups
        "00 10 00 09 00 07 06 776562727463"                            // ALPN "webrtc"
        "00 16 00 00 00 17 00 00"          // encrypt-then-MAC, extended secret
        "00 0d 00 06 00 04 04 03 04 01");  // signature_algorithms
}

Octets dtls_record(std::uint8_t type, std::uint16_t epoch, const Octets& fragment,
                   std::uint16_t version = 0xfefd) {
    return Octets{type} + u16(version) + u16(epoch) + Octets(6, 0) + prefixed_u16(fragment);
}

Octets fragment_of(const Octets& body, std::size_t begin, std::size_t end,
                   std::uint16_t sequence = 0, std::uint8_t type = 1) {
    return Octets{type} + u24(body.size()) + u16(sequence) + u24(begin) + u24(end - begin) +
           slice(body, begin, end);
}

base::Result<DtlsHandshakeMessage> add(DtlsAssembler& assembler, const Octets& octets) {
    Bytes bytes{octets};
    const auto fragment = decode_dtls_handshake(bytes);
    return fragment ? assembler.add(*fragment) : std::unexpected{fragment.error()};
}

TEST(DtlsRecord, DecodesAHelloOfOpenSsl) {
    const auto datagram = client_datagram();
    Bytes rest{datagram};
    const auto decoded = decode_dtls_record(rest);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(decoded->type, TlsContentType::handshake);
    EXPECT_EQ(decoded->version, dtls_1_0);
    EXPECT_TRUE(decoded->readable());
    Bytes fragments = decoded->fragment;
    const auto fragment = decode_dtls_handshake(fragments);
    ASSERT_TRUE(fragment.has_value());
    EXPECT_TRUE(fragment->whole());
    EXPECT_TRUE(fragments.empty());
    const auto hello = decode_dtls_client_hello(fragment->body);
    ASSERT_TRUE(hello.has_value());
    EXPECT_EQ(hello->server_name, "turn.example.org");
    EXPECT_EQ(*hello->alpn.begin(), "webrtc");
    EXPECT_EQ(hello->version, dtls_1_2);
    EXPECT_TRUE(hello->cookie.empty());
}

TEST(DtlsRecord, EveryPrefixIsTruncated) {
    const auto datagram = client_datagram();
    every_prefix_is_truncated(datagram, datagram.size(),
                              [](Bytes bytes) { return decode_dtls_record(bytes); });
    const auto fragments = slice(datagram, 13, datagram.size());
    every_prefix_is_truncated(fragments, fragments.size(),
                              [](Bytes bytes) { return decode_dtls_handshake(bytes); });
}

TEST(DtlsRecord, ACutOneTellsItsHeader) {
    const auto datagram = client_datagram();
    for (std::size_t size = 13; size <= datagram.size(); ++size) {
        const auto left = decode_dtls_record_prefix(Bytes{datagram}.first(size));
        ASSERT_TRUE(left.has_value()) << size;
        EXPECT_EQ(left->type, TlsContentType::handshake);
        EXPECT_EQ(left->fragment.size(), size - 13);
    }
    EXPECT_EQ(decode_dtls_record_prefix(Bytes{datagram}.first(12)).error(), ParseError::truncated);
    EXPECT_EQ(decode_dtls_record_prefix({}).error(), ParseError::truncated);
    const std::vector<std::uint8_t> unified(64, 0x3c);  // "<<<<", or a ciphertext of DTLS 1.3
    EXPECT_EQ(decode_dtls_record_prefix(unified).error(), ParseError::not_this);
}

TEST(DtlsRecord, LengthsOffByOne) {
    const auto datagram = client_datagram();
    auto changed = with(datagram, 12, 0x87);  // record one longer than the datagram
    Bytes rest{changed};
    EXPECT_EQ(decode_dtls_record(rest).error(), ParseError::truncated);
    EXPECT_EQ(rest.size(), changed.size());  // untouched on failure
    changed = with(datagram, 12, 0x85);      // one shorter: an octet is left that is no record
    rest = changed;
    EXPECT_TRUE(decode_dtls_record(rest).has_value());
    EXPECT_EQ(rest.size(), 1U);
    EXPECT_EQ(probe_dtls(changed), Likelihood::maybe);
    const auto fragments = slice(datagram, 13, datagram.size());
    for (const auto& [at, value] : {std::pair<std::size_t, int>{3, 0x79},  // message shorter
                                    std::pair<std::size_t, int>{8, 0x01},  // fragment later
                                    std::pair<std::size_t, int>{11, 0x7b}}) {
        const auto broken = with(fragments, at, static_cast<std::uint8_t>(value));
        Bytes bytes{broken};
        EXPECT_FALSE(decode_dtls_handshake(bytes).has_value()) << at;
    }
}

TEST(DtlsRecord, SeveralInADatagram) {
    const Octets datagram = dtls_record(22, 0, handshake(14, {})) + dtls_record(20, 0, {1}) +
                            dtls_record(22, 1, Octets(40, 9)) + dtls_record(21, 1, Octets(30, 9));
    Bytes rest{datagram};
    std::vector<std::pair<int, bool>> records;
    while (const auto decoded = decode_dtls_record(rest)) {
        records.emplace_back(static_cast<int>(decoded->type), decoded->readable());
    }
    EXPECT_TRUE(rest.empty());
    EXPECT_THAT(records, testing::ElementsAre(std::pair{22, true}, std::pair{20, true},
                                              std::pair{22, false}, std::pair{21, false}));
}

TEST(DtlsRecord, OldVersionOfOpenSslIsKnown) {
    const Octets datagram = dtls_record(22, 0, Octets(12, 0), dtls_openssl_bad);
    Bytes rest{datagram};
    EXPECT_EQ(decode_dtls_record(rest)->version, 0x0100);
}

TEST(DtlsRecord, ConnectionIdOfVersion12) {
    // RFC 9146 4: type 25, and the id between sequence number and length.
    const Octets datagram = Octets{25} + u16(0xfefd) + u16(1) + Octets(6, 0) + wire("aabbccdd") +
                            prefixed_u16(Octets(32, 7));
    Bytes rest{datagram};
    auto decoded = decode_dtls_record(rest);  // the length of the id is found
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->connection_id.size(), 4U);
    EXPECT_EQ(decoded->fragment.size(), 32U);
    rest = datagram;
    decoded = decode_dtls_record(rest, 4);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_TRUE(rest.empty());
}

TEST(DtlsRecord, UnifiedHeaderOfVersion13WithConnectionId) {
    // RFC 9147 4: 0011 1111 = connection id, 16-bit sequence number, length, epoch 3.
    const Octets datagram = wire("3f a1 a2 a3 12 34") + prefixed_u16(Octets(20, 5)) +
                            wire("2e 56 78") + prefixed_u16(Octets(17, 6));
    Bytes rest{datagram};
    auto decoded = decode_dtls_record(rest, 3);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_TRUE(decoded->unified);
    EXPECT_FALSE(decoded->readable());
    EXPECT_EQ(decoded->epoch, 3);
    EXPECT_EQ(decoded->sequence, 0x1234U);
    EXPECT_EQ(decoded->connection_id.size(), 3U);
    EXPECT_EQ(decoded->fragment.size(), 20U);
    decoded = decode_dtls_record(rest, 3);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->epoch, 2);
    EXPECT_TRUE(rest.empty());
    // Without the length of the id the rest of the datagram is one record.
    rest = datagram;
    EXPECT_EQ(decode_dtls_record(rest)->fragment.size(), datagram.size() - 1);
    EXPECT_EQ(probe_dtls(datagram), Likelihood::maybe);
    // Too short for ciphertext (RFC 9147 4.2.3).
    const Octets tiny = wire("24 07 00 03 01 02 03");
    rest = tiny;
    EXPECT_EQ(decode_dtls_record(rest).error(), ParseError::bad_length);
}

TEST(ProbeDtls, KnowsRecordsFromLookAlikes) {
    EXPECT_EQ(probe_dtls(client_datagram()), Likelihood::yes);
    EXPECT_EQ(probe_dtls(slice(client_datagram(), 0, 60)), Likelihood::maybe);
    EXPECT_EQ(probe_dtls({}), Likelihood::no);
    // TLS over something that is no stream, STUN, RTP, DNS.
    EXPECT_EQ(probe_dtls(record(22, rfc8448_client_hello())), Likelihood::no);
    EXPECT_EQ(probe_dtls(wire("0001 0000 2112a442 000102030405060708090a0b")), Likelihood::no);
    EXPECT_EQ(probe_dtls(wire("8060 0001 00000000 11223344 00000000")), Likelihood::no);
    EXPECT_EQ(probe_dtls(wire("1603 0100 0001 0000 0000 0000 0000")), Likelihood::no);
}

TEST(DtlsAssembler, JoinsFragmentsInAnyOrder) {
    const Octets body = slice(client_datagram(), 25, client_datagram().size());
    const std::vector<std::pair<std::size_t, std::size_t>> cuts = {
        {0, 30}, {30, 61}, {50, 90}, {90, 122}};
    std::vector<std::size_t> order = {0, 1, 2, 3};
    do {
        DtlsAssembler assembler;
        std::string name;
        for (const auto at : order) {
            const auto message = add(assembler, fragment_of(body, cuts[at].first, cuts[at].second));
            if (message) {
                name = decode_dtls_client_hello(message->body)->server_name;
            } else {
                EXPECT_EQ(message.error(), ParseError::truncated);
            }
        }
        EXPECT_EQ(name, "turn.example.org");
    } while (std::ranges::next_permutation(order).found);
}

TEST(DtlsAssembler, KeepsInterleavedMessagesApart) {
    const Octets first(40, 1);
    const Octets second(50, 2);
    DtlsAssembler assembler;
    EXPECT_FALSE(add(assembler, fragment_of(first, 0, 20, 0)).has_value());
    EXPECT_FALSE(add(assembler, fragment_of(second, 25, 50, 1, 11)).has_value());
    const auto one = add(assembler, fragment_of(first, 20, 40, 0));
    ASSERT_TRUE(one.has_value());
    EXPECT_EQ(one->body.size(), 40U);
    const auto two = add(assembler, fragment_of(second, 0, 25, 1, 11));
    ASSERT_TRUE(two.has_value());
    EXPECT_EQ(two->type, TlsHandshakeType::certificate);
    EXPECT_EQ(two->message_sequence, 1);
}

TEST(DtlsAssembler, OldestOfTooManyMakesRoom) {
    const Octets body(20, 1);
    DtlsAssembler assembler;
    for (std::uint16_t sequence = 0; sequence < 5; ++sequence) {
        EXPECT_FALSE(add(assembler, fragment_of(body, 0, 10, sequence)).has_value());
    }
    EXPECT_FALSE(add(assembler, fragment_of(body, 10, 20, 0)).has_value());  // was forgotten
    EXPECT_TRUE(add(assembler, fragment_of(body, 10, 20, 4)).has_value());
}

TEST(DtlsAssembler, CostsWhatHasArrived) {
    const Octets body(16'000, 1);
    base::OctetBudget budget{1'000};
    DtlsAssembler assembler{&budget};
    for (std::uint16_t sequence = 0; sequence < 50; ++sequence) {
        EXPECT_FALSE(add(assembler, fragment_of(body, 15'999, 16'000, sequence)).has_value());
    }
    EXPECT_LE(budget.held(), DtlsAssembler::max_messages * 16);
    EXPECT_EQ(add(assembler, fragment_of(body, 0, 2'000, 49)).error(), ParseError::limit);
    assembler.release();
    EXPECT_EQ(budget.held(), 0U);
}

TEST(DtlsAssembler, RefusesWhatIsTooLong) {
    DtlsAssembler assembler;
    DtlsHandshakeFragment fragment;
    const Octets part(10, 0);
    fragment.length = 0x100000;
    fragment.body = part;
    EXPECT_EQ(assembler.add(fragment).error(), ParseError::limit);
    fragment.length = 15;
    fragment.offset = 6;
    EXPECT_EQ(assembler.add(fragment).error(), ParseError::bad_length);
}

}  // namespace
}  // namespace turnpike::proto::test
