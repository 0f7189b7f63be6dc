// Tests of QuicReader: the beginning of connections, in the ways that break readers.
#include "turnpike/proto/quic_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "quic_seal.h"

namespace turnpike::proto::test {
namespace {

using base::Bytes;
using base::ParseError;

class QuicReading : public ::testing::Test {
  protected:
    Octets initial(const Octets& frames, std::uint32_t number = 0, QuicSide side = QuicSide::client,
                   std::uint32_t version = quic_v1) {
        PlainInitial plain;
        plain.version = version;
        plain.first = initial_first(version);
        plain.packet_number = number;
        plain.frames = frames;
        plain.frames.resize(std::max<std::size_t>(frames.size(), 40), 0);
        if (side == QuicSide::client) {
            plain.destination_id = example_id();
        } else {
            plain.source_id = example_server_id();
        }
        return seal(plain, *opener.derive(version, example_id(), side));
    }
    QuicReport read(const Octets& datagram, QuicSide side) {
        last_datagram = datagram;
        const auto report = reader.read(last_datagram, side, opener);
        EXPECT_TRUE(report.has_value());
        return report.value_or(QuicReport{});
    }
    static std::string name_in(const QuicReport& report) {
        return report.client_hello
                   ? std::string{decode_client_hello(report.client_hello->body)->server_name}
                   : std::string{};
    }

    QuicOpener opener;
    QuicReader reader;
    Octets last_datagram;
};

TEST_F(QuicReading, ExamplesOfTheRfcs) {
    for (const auto version : {quic_v1, quic_v2}) {
        reader = QuicReader{};
        const auto client = read(example_client_initial(opener, version), QuicSide::client);
        EXPECT_TRUE(client.initial);
        EXPECT_TRUE(client.opened);
        EXPECT_TRUE(client.sender_proven);
        EXPECT_EQ(client.version, version);
        EXPECT_EQ(name_in(client), "example.com");
        EXPECT_FALSE(client.problem.has_value());
        const auto server = read(example_server_initial(version), QuicSide::server);
        ASSERT_TRUE(server.server_hello.has_value());
        EXPECT_EQ(server.sender, QuicSide::server);
        EXPECT_FALSE(server.server_hello->body.empty());
    }
}

TEST_F(QuicReading, HelloOverThreeInitialsInAnyOrder) {
    const auto hello = post_quantum_hello("pq.example.org");
    ASSERT_GT(hello.size(), 1200U);
    const std::size_t third = hello.size() / 3;
    std::vector<Octets> datagrams = {
        initial(crypto_frame(0, slice(hello, 0, third)), 0),
        initial(crypto_frame(third, slice(hello, third, 2 * third)), 1),
        initial(crypto_frame(2 * third, slice(hello, 2 * third, hello.size())), 2)};
    std::vector<std::size_t> order = {0, 1, 2};
    do {
        reader = QuicReader{};
        std::string name;
        for (const auto at : order) {
            const auto report = read(datagrams[at], QuicSide::client);
            EXPECT_TRUE(report.opened);
            name += name_in(report);
        }
        EXPECT_EQ(name, "pq.example.org");
    } while (std::ranges::next_permutation(order).found);
}

TEST_F(QuicReading, ScatteredCryptoFramesInOneInitial) {
    // Clients cut and shuffle their hello, with PINGs and padding between.
    const auto hello = slice(example_client_crypto(), 4, example_client_crypto().size());
    Octets frames;
    for (std::size_t end = hello.size(); end > 0;) {
        const std::size_t begin = end > 23 ? end - 23 : 0;
        frames = frames + crypto_frame(begin, slice(hello, begin, end)) + wire("01 0000");
        end = begin;
    }
    EXPECT_EQ(name_in(read(initial(frames), QuicSide::client)), "example.com");
}

TEST_F(QuicReading, CoalescedInitials) {
    const auto hello = slice(example_client_crypto(), 4, example_client_crypto().size());
    const Octets datagram = initial(crypto_frame(100, slice(hello, 100, hello.size())), 1) +
                            initial(crypto_frame(0, slice(hello, 0, 100)), 0) + Octets(30, 0);
    EXPECT_EQ(name_in(read(datagram, QuicSide::client)), "example.com");
}

TEST_F(QuicReading, AfterARetryTheKeysComeFromTheNewId) {
    EXPECT_EQ(name_in(read(example_client_initial(opener, quic_v1), QuicSide::client)),
              "example.com");
    const auto retry = read(example_retry(quic_v1), QuicSide::server);
    EXPECT_TRUE(retry.retry);
    EXPECT_EQ(retry.sender, QuicSide::server);
    PlainInitial again;
    again.destination_id = example_server_id();
    again.token = text("token");
    again.frames = example_client_crypto();
    const auto report =
        read(seal(again, *opener.derive(quic_v1, example_server_id(), QuicSide::client)),
             QuicSide::client);
    EXPECT_EQ(name_in(report), "example.com");
}

TEST_F(QuicReading, LaterClientInitialsUseTheServersIdAndTheOldKeys) {
    read(example_client_initial(opener, quic_v1), QuicSide::client);
    read(example_server_initial(quic_v1), QuicSide::server);
    PlainInitial acknowledgement;
    acknowledgement.destination_id = example_server_id();
    acknowledgement.packet_number = 3;
    acknowledgement.frames = wire("02 01 00 00 00") + Octets(30, 0);
    const auto report =
        read(seal(acknowledgement, *opener.derive(quic_v1, example_id(), QuicSide::client)),
             QuicSide::client);
    EXPECT_TRUE(report.opened);
    EXPECT_FALSE(report.client_hello.has_value());
    EXPECT_FALSE(report.problem.has_value());
}

TEST_F(QuicReading, ServerMayAnswerInAnotherVersion) {
    // RFC 9368 2.3: v1 asked, v2 answered, keys from the client's first id.
    read(example_client_initial(opener, quic_v1), QuicSide::client);
    const auto report = read(example_server_initial(quic_v2), QuicSide::server);
    EXPECT_TRUE(report.server_hello.has_value());
    EXPECT_EQ(report.version, quic_v2);
}

TEST_F(QuicReading, WrongBeliefAboutTheSenderIsCorrected) {
    const auto report = read(example_client_initial(opener, quic_v1), QuicSide::server);
    EXPECT_EQ(report.sender, QuicSide::client);
    EXPECT_TRUE(report.sender_proven);
    EXPECT_EQ(name_in(report), "example.com");
    const auto answer = read(example_server_initial(quic_v1), QuicSide::client);
    EXPECT_EQ(answer.sender, QuicSide::server);
}

TEST_F(QuicReading, ServerAloneCannotBeOpened) {
    const auto report = read(example_server_initial(quic_v1), QuicSide::server);
    EXPECT_TRUE(report.initial);
    EXPECT_FALSE(report.opened);
    EXPECT_EQ(report.problem, ParseError::bad_checksum);
}

TEST_F(QuicReading, CloseInAnInitialIsReported) {
    read(example_client_initial(opener, quic_v1), QuicSide::client);
    const auto report = read(initial(wire("1c 4178 00 00"), 1, QuicSide::server), QuicSide::server);
    ASSERT_TRUE(report.close.has_value());
    EXPECT_EQ(report.close->error_code, 0x178U);  // no_application_protocol
}

TEST_F(QuicReading, NewConnectionOnTheSameTupleStartsAnew) {
    read(example_client_initial(opener, quic_v1), QuicSide::client);
    PlainInitial next;
    next.destination_id = wire("0102030405060708");
    next.frames = crypto_frame(0, post_quantum_hello("next.example.org"));
    const auto report =
        read(seal(next, *opener.derive(quic_v1, next.destination_id, QuicSide::client)),
             QuicSide::client);
    EXPECT_EQ(name_in(report), "next.example.org");
}

TEST_F(QuicReading, UnfinishedHelloIsKept) {
    const auto hello = slice(example_client_crypto(), 4, example_client_crypto().size());
    const auto report = read(initial(crypto_frame(0, slice(hello, 0, 100))), QuicSide::client);
    EXPECT_FALSE(report.client_hello.has_value());
    const auto begun = decode_client_hello_prefix(reader.unfinished_client_hello());
    ASSERT_TRUE(begun.has_value());
    EXPECT_EQ(begun->server_name, "example.com");
    EXPECT_FALSE(begun->complete);
    reader.release();
    EXPECT_TRUE(reader.unfinished_client_hello().empty());
}

TEST_F(QuicReading, OtherPacketsAreNamed) {
    const auto negotiation = wire("9a 00000000 04 a1a2a3a4 04 b1b2b3b4 00000001");
    EXPECT_TRUE(read(negotiation, QuicSide::server).version_negotiation);
    Octets early = with(initial(wire("01")), 0, 0xd0);
    early.erase(early.begin() + 15);  // 0-RTT has no token
    EXPECT_TRUE(read(early, QuicSide::client).zero_rtt);
    EXPECT_TRUE(read(wire("41") + Octets(30, 1), QuicSide::client).one_rtt);
}

TEST_F(QuicReading, WhatIsNoQuicIsRefused) {
    const Octets zeros(100, 0);
    EXPECT_EQ(reader.read(zeros, QuicSide::client, opener).error(), ParseError::not_this);
    EXPECT_EQ(reader.read({}, QuicSide::client, opener).error(), ParseError::truncated);
    const auto rtp = wire("8060 0001 00000000 11223344 0102030405060708");
    EXPECT_FALSE(reader.read(rtp, QuicSide::client, opener).has_value());
}

TEST_F(QuicReading, Q050HidesAChloInAnInitial) {
    constexpr std::uint32_t q050 = 0x51303530;
    const Octets chlo =
        text("CHLO") + wire("0100 0000") + wire("534e4900 09000000") + text("q.example");
    PlainInitial plain;
    plain.version = q050;
    plain.destination_id = example_id();
    plain.frames = Octets{0x08} + varint(0) + varint(chlo.size()) + chlo + Octets(40, 0);
    const auto report =
        read(seal(plain, *opener.derive(q050, example_id(), QuicSide::client)), QuicSide::client);
    EXPECT_TRUE(report.gquic_hello);
    EXPECT_EQ(report.gquic_server_name, "q.example");
    EXPECT_EQ(report.version, q050);
}

TEST_F(QuicReading, Q043NamesItsServerInClear) {
    const Octets chlo =
        text("CHLO") + wire("0100 0000") + wire("534e4900 09000000") + text("q.example");
    const Octets datagram = wire("09 0102030405060708") + text("Q043") + wire("01") +
                            Octets(12, 0xaa) + wire("a0 01 0400") + chlo;
    const auto report = read(datagram, QuicSide::client);
    EXPECT_TRUE(report.gquic_hello);
    EXPECT_EQ(report.gquic_server_name, "q.example");
    EXPECT_TRUE(read(wire("08 0102030405060708 02") + Octets(20, 1), QuicSide::server).one_rtt);
}

}  // namespace
}  // namespace turnpike::proto::test
