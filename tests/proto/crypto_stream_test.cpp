// Tests of CryptoStream: handshake messages out of CRYPTO frames.
#include "turnpike/proto/crypto_stream.h"

#include <gtest/gtest.h>

#include "hellos.h"

namespace turnpike::proto::test {
namespace {

using base::ParseError;

TEST(CryptoStream, GivesMessagesInOrder) {
    const Octets octets = handshake(1, Octets(20, 1)) + handshake(2, Octets(3, 2));
    CryptoStream stream;
    EXPECT_EQ(stream.next().error(), ParseError::truncated);
    ASSERT_TRUE(stream.add(10, slice(octets, 10, octets.size())).has_value());
    EXPECT_EQ(stream.next().error(), ParseError::truncated);
    EXPECT_TRUE(stream.unfinished().empty());
    ASSERT_TRUE(stream.add(0, slice(octets, 0, 10)).has_value());
    const auto first = stream.next();
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->type, TlsHandshakeType::client_hello);
    EXPECT_EQ(first->body.size(), 20U);
    const auto second = stream.next();
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->body.size(), 3U);
    EXPECT_EQ(stream.next().error(), ParseError::truncated);
    // What is sent again is not given again.
    ASSERT_TRUE(stream.add(0, octets).has_value());
    EXPECT_EQ(stream.next().error(), ParseError::truncated);
}

TEST(CryptoStream, KeepsWhatIsUnfinished) {
    CryptoStream stream;
    ASSERT_TRUE(stream.add(0, slice(handshake(1, Octets(20, 1)), 0, 12)).has_value());
    EXPECT_EQ(stream.next().error(), ParseError::truncated);
    EXPECT_EQ(stream.unfinished().size(), 12U);
    stream.reset();
    EXPECT_TRUE(stream.empty());
    stream.release();
    EXPECT_TRUE(stream.unfinished().empty());
}

TEST(CryptoStream, RefusesWhatNeverFits) {
    CryptoStream stream;
    ASSERT_TRUE(stream.add(0, wire("01 02 00 00 00")).has_value());
    EXPECT_EQ(stream.next().error(), ParseError::limit);
    EXPECT_EQ(stream.add(70000, wire("00")).error(), ParseError::limit);
}

}  // namespace
}  // namespace turnpike::proto::test
