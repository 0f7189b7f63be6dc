// What is written must be what the decoders of proto read: they were written for real traffic.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <optional>

#include "turnpike/base/cursor.h"
#include "turnpike/proto/stun.h"
#include "turnpike/proto/tls.h"
#include "turnpike/speak/media.h"
#include "turnpike/speak/quic.h"
#include "turnpike/speak/random.h"
#include "turnpike/speak/stun.h"
#include "turnpike/speak/tls.h"
#include "turnpike/speak/turn.h"

namespace turnpike::speak {
namespace {

constexpr TransactionId id{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

proto::ClientHello hello_in(const Octets& record) {
    constexpr std::size_t headers = 5 + 4;
    const auto hello = proto::decode_client_hello(base::Bytes(record).subspan(headers));
    EXPECT_TRUE(hello.has_value());
    return hello.value_or(proto::ClientHello{});
}

/// The first octet of the value of an attribute (RFC 8489 14); nothing where it is missing.
std::optional<int> first_octet_of(const Octets& message, std::uint16_t type) {
    base::Cursor cursor(base::Bytes(message).subspan(20));
    while (cursor.ok() && !cursor.empty()) {
        const bool wanted = cursor.u16() == type;
        const std::size_t length = cursor.u16();
        const auto value = cursor.take((length + 3) / 4 * 4);
        if (wanted && cursor.ok() && length > 0) {
            return value[0];
        }
    }
    return std::nullopt;
}

/// FINGERPRINT is last, and the CRC-32 of what is before it (RFC 8489 14.7).
bool ends_with_its_fingerprint(const Octets& message) {
    const auto covered = base::Bytes(message).first(message.size() - 8);
    base::Cursor cursor(base::Bytes(message).last(8));
    const auto crc = ::crc32(0, covered.data(), static_cast<uInt>(covered.size()));
    return cursor.u32() == 0x80280004 && cursor.u32() == (crc ^ 0x5354554eU);
}

TEST(TlsHello, IsABrowsersAndTakesTwoSegments) {
    HelloRandom random{};
    random[0] = 77;
    const auto record = tls_client_hello("eu-1.turn.example.com", random);
    EXPECT_GT(record.size(), 1460U);
    EXPECT_LT(record.size(), 2 * 1460U);
    const auto hello = hello_in(record);
    EXPECT_EQ(hello.server_name, "eu-1.turn.example.com");
    const auto seen = read_tls_client_hello(record);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->random, random);
    EXPECT_EQ(seen->message, record.size());
    EXPECT_FALSE(read_tls_client_hello(base::Bytes(record).first(record.size() - 1)));
}

TEST(TlsHello, IsAnsweredByLessThanItWeighs) {
    const auto record = tls_client_hello("a.example", random_array<32>());
    const auto answer = tls_server_answer(*read_tls_client_hello(record), random_array<32>());
    EXPECT_LE(answer.size(), record.size());
    EXPECT_EQ(answer[0], 22);
}

TEST(Stun, MessagesAreWhatTheDecoderReads) {
    for (const auto& octets : {stun_binding(id), ice_check(id), turn_allocate(id)}) {
        const auto message = proto::decode_stun(octets);
        ASSERT_TRUE(message.has_value());
        EXPECT_TRUE(ends_with_its_fingerprint(octets));
        EXPECT_EQ(message->klass, proto::StunClass::request);
        const auto seen = read_stun(octets);
        EXPECT_TRUE(seen.is_stun);
        EXPECT_EQ(seen.id, id);
        EXPECT_EQ(seen.octets, octets.size());
    }
    EXPECT_TRUE(proto::decode_stun(ice_check(id))->ice);
    EXPECT_EQ(first_octet_of(turn_allocate(id), 0x0019), 17);  // REQUESTED-TRANSPORT: UDP
}

TEST(Stun, AnswersTellTheAddressAndWeighNoMoreThanTheQuestion) {
    for (const auto* const address : {"192.0.2.7", "2001:db8::7"}) {
        const base::Endpoint mapped{*base::IpAddress::parse(address), 40'001};
        const auto answer = stun_success(id, mapped);
        const auto message = proto::decode_stun(answer);
        ASSERT_TRUE(message.has_value());
        EXPECT_EQ(message->mapped, mapped);
        EXPECT_LE(answer.size(), stun_binding(id).size());
        EXPECT_LE(answer.size(), ice_check(id).size());
    }
    const auto refusal = turn_challenge(id);
    const auto challenge = proto::decode_stun(refusal);
    ASSERT_TRUE(challenge.has_value());
    EXPECT_EQ(challenge->error_code, 401);
    EXPECT_EQ(challenge->realm, "turnpike");
    EXPECT_LE(refusal.size(), turn_allocate(id).size());
}

TEST(Turn, RequestsCarryWhatTheChallengeAskedFor) {
    const auto login = turn_login(turn_challenge(id), "caller", "secret");
    ASSERT_TRUE(login);
    EXPECT_EQ(login->realm, "turnpike");
    EXPECT_EQ(login->nonce, "0123456789ab");
    const base::Endpoint peer{*base::IpAddress::parse("2001:db8::7"), 50'001};
    const auto channel = turn_channel(id, *login, 0x4001, peer);
    for (const auto& octets : {turn_allocate(id, *login, true), turn_permission(id, *login, peer),
                               channel, turn_release(id, *login)}) {
        const auto message = proto::decode_stun(octets);
        ASSERT_TRUE(message.has_value());
        EXPECT_TRUE(ends_with_its_fingerprint(octets));
        EXPECT_TRUE(first_octet_of(octets, 0x0008));  // MESSAGE-INTEGRITY
        EXPECT_EQ(message->username, "caller");
        EXPECT_EQ(message->realm, "turnpike");
        EXPECT_EQ(message->nonce_length, 12);
    }
    EXPECT_EQ(first_octet_of(channel, 0x000c), 0x40);  // CHANNEL-NUMBER
    EXPECT_EQ(proto::decode_stun(channel)->peers()[0], peer);
    // REQUESTED-ADDRESS-FAMILY: IPv6; a LIFETIME of nothing.
    EXPECT_EQ(first_octet_of(turn_allocate(id, *login, true), 0x0017), 2);
    EXPECT_EQ(first_octet_of(turn_release(id, *login), 0x000d), 0);
}

TEST(Turn, TheKeyIsTheDigestOfUserRealmAndPassword) {
    const auto login = turn_login(turn_challenge(id), "user", "pass");
    ASSERT_TRUE(login);
    // printf user:turnpike:pass | md5sum
    EXPECT_EQ(login->key, (Octets{0x52, 0xe7, 0x58, 0x58, 0x75, 0xe1, 0xe8, 0x44, 0xaa, 0x14, 0x28,
                                  0x9c, 0x61, 0x02, 0xbb, 0xd0}));
}

TEST(Turn, OnlyTheAnswerToTheRequestCounts) {
    const auto challenge = turn_answer(turn_challenge(id), id);
    ASSERT_TRUE(challenge);
    EXPECT_FALSE(challenge->success);
    EXPECT_EQ(challenge->error, 401);
    constexpr TransactionId other{9};
    EXPECT_FALSE(turn_answer(turn_challenge(id), other));
    EXPECT_FALSE(turn_answer({}, id));
    EXPECT_FALSE(turn_login(stun_binding(id), "caller", "secret"));
}

TEST(Turn, ChannelDataIsFramed) {
    EXPECT_EQ(channel_data(0x4001, base::as_bytes("abc")),
              (Octets{0x40, 0x01, 0x00, 0x03, 'a', 'b', 'c'}));
}

TEST(Quic, InitialsOpenWithTheirKeys) {
    const Octets destination{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const auto datagram = quic_client_initial("h3.example.com", destination);
    EXPECT_EQ(datagram.size(), quic_initial_octets);
    EXPECT_TRUE(std::ranges::equal(read_quic_destination_id(datagram), destination));
    const auto answer = quic_server_initial(destination, random_octets(8), random_array<32>());
    EXPECT_EQ(answer.size(), quic_initial_octets);
}

TEST(Dtls, HelloIsReadBack) {
    HelloRandom random{};
    random[31] = 9;
    const auto record = dtls_client_hello(random);
    EXPECT_EQ(read_dtls_client_hello(record), random);
    EXPECT_LE(dtls_hello_verify(random_octets(16)).size(), record.size());
    EXPECT_FALSE(read_dtls_client_hello(stun_binding(id)));
}

TEST(Rtp, CarriesWhatItIsToldTo) {
    auto stream = new_rtp_stream();
    const auto first = next_rtp_packet(stream, id);
    const auto second = next_rtp_packet(stream, id);
    EXPECT_TRUE(std::ranges::equal(rtp_payload(first).first(id.size()), id));
    EXPECT_EQ(static_cast<std::uint16_t>(second[3] - first[3]) & 0xffU, 1U);
    EXPECT_TRUE(rtp_payload(stun_binding(id)).empty());
}

}  // namespace
}  // namespace turnpike::speak
