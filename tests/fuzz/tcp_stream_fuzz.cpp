// Segments of one direction of TCP (sequence and length in two octets each, then octets): what is
// read never holds an octet that was not sent, and everything is given back.
#include <cstddef>
#include <cstdint>

#include "fuzz/require.h"
#include "turnpike/base/cursor.h"
#include "turnpike/flow/stream.h"

using namespace turnpike;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    flow::BufferPool pool{std::size_t{32} << 10U};
    {
        flow::Stream stream{pool};
        base::Cursor cursor{base::Bytes{data, size}};
        stream.start(cursor.u16() * 65'537U);
        std::uint32_t acknowledged = stream.next();
        while (!cursor.empty() && cursor.ok()) {
            const std::uint32_t sequence = stream.next() + cursor.u16() - 32'768U;
            const std::uint32_t length = cursor.u16() % 2'000U;
            const auto bytes = cursor.take(std::min<std::size_t>(length, cursor.remaining()));
            const bool news = stream.add(sequence, bytes, length, acknowledged);
            require(!news || !stream.readable().empty());
            static_cast<void>(stream.take_gap());
            stream.consume(stream.readable().size() / 2);
            stream.settle();
            acknowledged = cursor.remaining() % 3 == 0 ? stream.next() : acknowledged;
            require(pool.held() <= (std::size_t{32} << 10U));
        }
    }
    require(pool.held() == 0);
    return 0;
}
