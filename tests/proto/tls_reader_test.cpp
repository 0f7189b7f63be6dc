// Tests of TlsReader: what is in clear in one direction of a stream, however it was cut.
#include "turnpike/proto/tls_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "hellos.h"

namespace turnpike::proto::test {
namespace {

using base::Bytes;
using base::ParseError;
using ::testing::ElementsAre;

/// What a reader says about a stream that arrives in pieces of `step` octets, as words.
std::vector<std::string> events(const Octets& stream, std::size_t step, TlsReader& reader) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < stream.size(); at += step) {
        // A copy of its own, so that a sanitizer sees a view that outlives its input.
        const Octets piece = slice(stream, at, std::min(stream.size(), at + step));
        Bytes input{piece};
        auto event = reader.next(input);
        for (; event; event = reader.next(input)) {
            switch (event->kind) {
                case TlsEvent::Kind::handshake:
                    words.push_back("handshake " +
                                    std::to_string(static_cast<int>(event->handshake_type)) + ":" +
                                    std::to_string(event->body.size()));
                    break;
                case TlsEvent::Kind::alert:
                    words.push_back("alert " + std::to_string(event->alert.description));
                    break;
                case TlsEvent::Kind::change_cipher_spec:
                    words.emplace_back("ccs");
                    break;
                case TlsEvent::Kind::application_data:
                    words.emplace_back("data");
                    break;
                case TlsEvent::Kind::encrypted:
                    words.emplace_back("encrypted");
                    break;
                case TlsEvent::Kind::other:
                    words.emplace_back("other");
                    break;
            }
        }
        if (event.error() != ParseError::truncated) {
            words.push_back(std::string{to_string(event.error())});
            break;
        }
        EXPECT_TRUE(input.empty());
    }
    return words;
}

/// The same events whatever the size of the pieces.
template <typename Matcher>
void expect_events(const Octets& stream, const Matcher& matcher) {
    for (const std::size_t step : {1UL, 2UL, 3UL, 5UL, 7UL, 100UL, 1000UL, 100000UL}) {
        TlsReader reader;
        EXPECT_THAT(events(stream, step, reader), matcher) << "pieces of " << step;
    }
}

TEST(TlsReader, FindsMessagesHoweverTheStreamIsCut) {
    const Octets stream = record(22, rfc8448_server_hello()) + record(20, {1}) +
                          record(23, Octets(300, 7)) + record(23, Octets(20, 7));
    expect_events(stream, ElementsAre("handshake 2:86", "ccs", "data", "data"));
}

TEST(TlsReader, FindsSeveralMessagesInARecord) {
    const Octets messages = rfc8448_server_hello() + handshake(11, Octets(30, 1)) +
                            handshake(12, Octets(3, 1)) + handshake(14, {});
    expect_events(record(22, messages), ElementsAre("handshake 2:86", "handshake 11:30",
                                                    "handshake 12:3", "handshake 14:0"));
}

TEST(TlsReader, JoinsAMessageOverManyRecords) {
    const Octets hello = rfc8448_client_hello();
    Octets stream;
    for (std::size_t at = 0; at < hello.size(); at += 17) {
        stream = stream + record(22, slice(hello, at, std::min(hello.size(), at + 17)));
    }
    expect_events(stream, ElementsAre("handshake 1:192"));
}

TEST(TlsReader, PostQuantumHelloInTwoToFiveSegments) {
    const Octets stream = record(22, post_quantum_hello("pq.example.org"));
    ASSERT_GT(stream.size(), 1460U);
    for (std::size_t count = 2; count <= 5; ++count) {
        TlsReader reader;
        std::string name;
        const std::size_t step = (stream.size() + count - 1) / count;
        for (std::size_t at = 0; at < stream.size(); at += step) {
            const Octets piece = slice(stream, at, std::min(stream.size(), at + step));
            Bytes input{piece};
            if (const auto event = reader.next(input)) {
                name = decode_client_hello(*event)->server_name;
            }
        }
        EXPECT_EQ(name, "pq.example.org") << count << " segments";
    }
}

TEST(TlsReader, GivesTheBodyOfTheHello) {
    const Octets stream = record(22, rfc8448_client_hello());
    TlsReader reader;
    Bytes input{stream};
    const auto event = reader.next(input);
    ASSERT_TRUE(event.has_value());
    EXPECT_TRUE(event->first_record);
    EXPECT_EQ(event->record_version, 0x0301);
    EXPECT_EQ(decode_client_hello(*event)->server_name, "server");
}

TEST(TlsReader, AlertIsTheFirstRecordOrNot) {
    const Octets first = record(21, wire("02 46"));
    TlsReader reader;
    Bytes input{first};
    const auto event = reader.next(input);
    ASSERT_TRUE(event.has_value());
    EXPECT_TRUE(event->first_record);
    EXPECT_EQ(event->alert.description, 70);
    const Octets later = record(21, wire("01 00"));
    input = later;
    const auto second = reader.next(input);
    ASSERT_TRUE(second.has_value());
    EXPECT_FALSE(second->first_record);
    EXPECT_FALSE(second->alert.fatal());
}

TEST(TlsReader, EncryptedAlertsAndHandshakesAreNotRead) {
    const Octets stream = record(22, rfc8448_client_hello()) + record(20, {1}) +
                          record(22, wire("00 00 00 00 00 00 00 00 9c 51 7e 3a 11 0b")) +
                          record(21, wire("9c 51 7e 3a 11 0b 9c 51 7e 3a"));
    expect_events(stream, ElementsAre("handshake 1:192", "ccs", "encrypted", "encrypted"));
    // Ciphertext that happens to begin like a ClientHello, but is as long as none.
    const Octets unlucky = record(20, {1}) + record(22, wire("01 00 00 30 03 03 aa bb cc dd"));
    expect_events(unlucky, ElementsAre("ccs", "encrypted"));
}

TEST(TlsReader, SecondHelloAfterARetryIsInClear) {
    const Octets hello = rfc8448_client_hello();
    const Octets stream =
        record(22, hello) + record(20, {1}) + record(22, hello, 0x0303) + record(23, Octets(60, 3));
    expect_events(stream, ElementsAre("handshake 1:192", "ccs", "handshake 1:192", "data"));
}

TEST(TlsReader, StartsInTheMiddleOfAStream) {
    expect_events(record(23, Octets(10, 1)) + record(22, wire("f3 11 22 33 44 55")),
                  ElementsAre("data", "encrypted"));
}

TEST(TlsReader, ReadsTheHelloOfSslv2) {
    const auto stream = wire(
        "80 1f 01"                            // 31 octets, ClientHello
        "03 01 00 06 00 00 00 10"             // TLS 1.0, lengths
        "00 00 2f 00 00 35"                   // cipher specs
        "00112233445566778899aabbccddeeff");  // challenge
    for (const std::size_t step : {1UL, 4UL, 5UL, 6UL, 100UL}) {
        TlsReader reader;
        std::uint16_t version = 0;
        for (std::size_t at = 0; at < stream.size(); at += step) {
            const Octets piece = slice(stream, at, std::min(stream.size(), at + step));
            Bytes input{piece};
            if (const auto event = reader.next(input)) {
                EXPECT_TRUE(event->sslv2);
                version = decode_client_hello(*event)->version;
            }
        }
        EXPECT_EQ(version, 0x0301) << "pieces of " << step;
    }
}

TEST(TlsReader, RefusesWhatIsNotTls) {
    expect_events(text("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"),
                  ElementsAre("another protocol"));
    expect_events(record(22, rfc8448_client_hello()) + text("not a record"),
                  ElementsAre("handshake 1:192", "bad value"));
}

TEST(TlsReader, StaysFailed) {
    TlsReader reader;
    const Octets garbage = text("garbage of some length");
    Bytes input{garbage};
    EXPECT_EQ(reader.next(input).error(), ParseError::not_this);
    const Octets good = record(22, rfc8448_client_hello());
    input = good;
    EXPECT_EQ(reader.next(input).error(), ParseError::not_this);
}

TEST(TlsReader, LongestHelloIsReadAndALongerOneRefused) {
    const auto in_records = [](const Octets& message) {
        Octets stream;
        for (std::size_t at = 0; at < message.size(); at += 16384) {
            stream = stream + record(22, slice(message, at, std::min(message.size(), at + 16384)));
        }
        return stream;
    };
    const auto events_of = [&](const Octets& messages) {
        TlsReader reader;
        return events(in_records(messages), 1460, reader);
    };
    EXPECT_THAT(events_of(handshake(1, Octets(65536, 0))), ElementsAre("handshake 1:65536"));
    EXPECT_THAT(events_of(handshake(1, Octets(65537, 0))), ElementsAre("limit reached"));
    // A chain of certificates that is too long is passed over; what follows is read.
    EXPECT_THAT(events_of(handshake(11, Octets(70000, 0)) + handshake(14, {})),
                ElementsAre("handshake 14:0"));
}

TEST(TlsReader, KeepsTheBeginningOfAnUnfinishedHello) {
    const Octets stream = record(22, rfc8448_client_hello());
    TlsReader reader;
    const Octets part = slice(stream, 0, 120);
    Bytes input{part};
    EXPECT_EQ(reader.next(input).error(), ParseError::truncated);
    const Bytes begun = reader.unfinished();
    ASSERT_EQ(begun.size(), 115U);
    EXPECT_EQ(decode_client_hello_prefix(begun.subspan(4))->server_name, "server");
    reader.release();
    EXPECT_TRUE(reader.unfinished().empty());
}

TEST(TlsReader, BadRecordLengthIsFinal) {
    expect_events(wire("16 03 01 ff ff 01 00"), ElementsAre("bad length"));
    expect_events(wire("15 03 01 00 00"), ElementsAre("bad length"));
}

TEST(DecodeClientHello, RefusesOtherEvents) {
    TlsEvent event;
    event.kind = TlsEvent::Kind::handshake;
    event.handshake_type = TlsHandshakeType::server_hello;
    EXPECT_EQ(decode_client_hello(event).error(), ParseError::not_this);
}

}  // namespace
}  // namespace turnpike::proto::test
