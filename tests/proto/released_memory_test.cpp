// Readers that are done with a message keep none of its memory: a connection may last for hours.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <new>

#include "hellos.h"
#include "turnpike/proto/piece_buffer.h"
#include "turnpike/proto/tls_reader.h"

namespace {

// What this thread got from `new` and did not give back, in octets.
thread_local std::size_t held = 0;

void* allocate(std::size_t size) {
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    held += ::malloc_usable_size(memory);
    return memory;
}

void give_back(void* memory) noexcept {
    held -= memory == nullptr ? 0 : ::malloc_usable_size(memory);
    std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
// The analyzer takes what the two above gave for gone twice.
// NOLINTBEGIN(clang-analyzer-cplusplus.NewDelete)
void operator delete(void* memory) noexcept {
    give_back(memory);
}
void operator delete[](void* memory) noexcept {
    give_back(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    give_back(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    give_back(memory);
}
// NOLINTEND(clang-analyzer-cplusplus.NewDelete)

namespace turnpike::proto::test {
namespace {

constexpr std::size_t most_of_a_certificate = 4'000;

TEST(ReleasedMemory, OfATlsReader) {
    const Octets stream = record(22, handshake(11, Octets(5'000, 7)));
    const Octets part = slice(stream, 0, most_of_a_certificate);
    TlsReader reader;
    const std::size_t before = held;
    base::Bytes input{part};
    EXPECT_FALSE(reader.next(input).has_value());
    EXPECT_GE(held, before + reader.unfinished().size());
    EXPECT_GT(reader.unfinished().size(), most_of_a_certificate / 2);
    reader.release();
    EXPECT_EQ(held, before);
}

TEST(ReleasedMemory, OfAPieceBuffer) {
    PieceBuffer buffer;
    const std::size_t before = held;
    ASSERT_TRUE(buffer.add(10, Octets(most_of_a_certificate, 7)).has_value());
    EXPECT_GE(held, before + most_of_a_certificate);
    buffer.release();
    EXPECT_EQ(held, before);
}

}  // namespace
}  // namespace turnpike::proto::test
