// Pieces in any order (offset in three octets, length in one, octets), against a plain array: what
// came first stays, the prefix is exact, and the budget is given back.
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "fuzz/require.h"
#include "turnpike/base/cursor.h"
#include "turnpike/proto/piece_buffer.h"

using namespace turnpike;
using fuzz::require;

namespace {

constexpr std::size_t most = proto::PieceBuffer::max_octets;

struct Model {
    std::array<std::uint8_t, most> octets{};
    std::bitset<most> known;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    base::OctetBudget budget{std::size_t{1} << 16U};
    const auto model = std::make_unique<Model>();
    std::size_t held = 0;
    {
        proto::PieceBuffer buffer{&budget};
        base::Cursor cursor{base::Bytes{data, size}};
        while (!cursor.empty() && cursor.ok()) {
            const auto offset = static_cast<std::uint32_t>(cursor.u24() % (most + 100));
            const auto piece = cursor.take(cursor.u8());
            if (!cursor.ok() || !buffer.add(offset, piece)) {
                continue;
            }
            for (std::size_t i = 0; i < piece.size(); ++i) {
                if (!model->known[offset + i]) {
                    model->known.set(offset + i);
                    model->octets[offset + i] = piece[i];
                    ++held;
                }
            }
            require(budget.held() >= held && budget.held() <= held + 64 * 8);
            const auto prefix = buffer.prefix();
            require(prefix.size() == most || !model->known[prefix.size()]);
            for (std::size_t i = 0; i < prefix.size(); ++i) {
                require(model->known[i] && prefix[i] == model->octets[i]);
            }
        }
    }
    require(budget.held() == 0);
    return 0;
}
