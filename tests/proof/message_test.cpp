// What a probe and its responder say to each other: nothing counts without the key, in time, once.
#include "turnpike/proof/message.h"

#include <gtest/gtest.h>

#include <set>

namespace turnpike::proof {
namespace {

using namespace std::chrono_literals;

const base::Timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

Key key(std::string_view text) {
    return Key({text.begin(), text.end()});
}

Message question() {
    Message message;
    message.kind = Kind::lease;
    message.session = {1, 2, 3};
    message.nonce = {9, 8, 7};
    message.time = noon;
    message.number = 513;
    message.tcp = true;
    message.port = 5866;
    message.place = {*base::IpAddress::parse("2001:db8::7"), 5866};
    message.testimony.strangers = 3;
    message.testimony.source = {*base::IpAddress::parse("192.0.2.1"), 40'000};
    return message;
}

TEST(Message, SurvivesTheWay) {
    const auto datagram = encode(question(), key("a shared key of theirs"));
    const auto decoded = decode(datagram, key("a shared key of theirs"), noon + 1s);
    ASSERT_TRUE(decoded.message);
    const auto& message = *decoded.message;
    EXPECT_EQ(message.kind, Kind::lease);
    EXPECT_EQ(message.session, question().session);
    EXPECT_EQ(message.nonce, question().nonce);
    EXPECT_EQ(message.number, 513);
    EXPECT_TRUE(message.tcp);
    EXPECT_EQ(message.place, question().place);
    EXPECT_EQ(message.testimony.strangers, 3U);
    EXPECT_EQ(message.testimony.source, question().testimony.source);
    EXPECT_FALSE(message.testimony.stranger);
}

TEST(Message, OfAnotherKeyIsRefused) {
    const auto datagram = encode(question(), key("a shared key of theirs"));
    const auto decoded = decode(datagram, key("another key, as long"), noon);
    EXPECT_FALSE(decoded.message);
    EXPECT_EQ(decoded.refusal, Refusal::wrong_key);
}

TEST(Message, WithAnyOctetChangedIsRefused) {
    const auto whole = encode(question(), key("a shared key of theirs"));
    for (std::size_t i = 0; i < whole.size(); ++i) {
        auto changed = whole;
        changed.at(i) ^= 1U;
        EXPECT_FALSE(decode(changed, key("a shared key of theirs"), noon).message) << i;
    }
    EXPECT_FALSE(
        decode(base::Bytes(whole).first(255), key("a shared key of theirs"), noon).message);
}

TEST(Message, OfAnHourAgoIsRefusedAndTellsHowFarTheClocksAreApart) {
    const auto datagram = encode(question(), key("a shared key of theirs"));
    const auto decoded = decode(datagram, key("a shared key of theirs"), noon + 1h);
    EXPECT_FALSE(decoded.message);
    EXPECT_EQ(decoded.refusal, Refusal::wrong_time);
    EXPECT_EQ(decoded.clock_off, -3600s);
}

TEST(Replays, AreKnownForAsLongAsTheyWouldCount) {
    Replays replays;
    EXPECT_TRUE(replays.fresh({1}, {1}, noon));
    EXPECT_FALSE(replays.fresh({1}, {1}, noon));
    EXPECT_TRUE(replays.fresh({2}, {1}, noon));
    EXPECT_TRUE(replays.fresh({1}, {2}, noon + 61s));
    EXPECT_FALSE(replays.fresh({1}, {1}, noon + 62s)) << "remembered from the generation before";
}

TEST(Token, FitsOneAttemptOnOnePortOnly) {
    const SessionId session{5};
    const auto token = make_token(key("a shared key of theirs"), session, {7, 300}, false, 3478);
    EXPECT_EQ(parts_of(token).session, 7);
    EXPECT_EQ(parts_of(token).attempt, 300);
    const std::set<Token> others{
        make_token(key("another key, as long"), session, {7, 300}, false, 3478),
        make_token(key("a shared key of theirs"), {6}, {7, 300}, false, 3478),
        make_token(key("a shared key of theirs"), session, {7, 301}, false, 3478),
        make_token(key("a shared key of theirs"), session, {7, 300}, true, 3478),
        make_token(key("a shared key of theirs"), session, {7, 300}, false, 3479)};
    EXPECT_EQ(others.size(), 5U);
    EXPECT_FALSE(others.contains(token));
}

}  // namespace
}  // namespace turnpike::proof
