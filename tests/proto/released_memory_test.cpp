// Readers that are done with a message keep none of its memory: a connection may last for hours.
#include <gtest/gtest.h>

#include "hellos.h"
#include "support/counted_allocation.h"
#include "turnpike/proto/piece_buffer.h"
#include "turnpike/proto/tls_reader.h"

namespace turnpike::proto::test {
namespace {

using turnpike::test::allocations;

constexpr std::size_t most_of_a_certificate = 4'000;

TEST(ReleasedMemory, OfATlsReader) {
    const Octets stream = record(22, handshake(11, Octets(5'000, 7)));
    const Octets part = slice(stream, 0, most_of_a_certificate);
    TlsReader reader;
    const std::size_t before = allocations.held;
    base::Bytes input{part};
    EXPECT_FALSE(reader.next(input).has_value());
    EXPECT_GE(allocations.held, before + reader.unfinished().size());
    EXPECT_GT(reader.unfinished().size(), most_of_a_certificate / 2);
    reader.release();
    EXPECT_EQ(allocations.held, before);
}

TEST(ReleasedMemory, OfAPieceBuffer) {
    PieceBuffer buffer;
    const std::size_t before = allocations.held;
    ASSERT_TRUE(buffer.add(10, Octets(most_of_a_certificate, 7)).has_value());
    EXPECT_GE(allocations.held, before + most_of_a_certificate);
    buffer.release();
    EXPECT_EQ(allocations.held, before);
}

}  // namespace
}  // namespace turnpike::proto::test
