// A TLS stream must not read differently for being cut into other segments. The first octet says
// how long the pieces are.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/require.h"
#include "turnpike/proto/tls_reader.h"

using namespace turnpike;
using fuzz::require;

namespace {

/// What was found, in order; bodies by their octets.
std::vector<std::vector<std::uint8_t>> read(base::Bytes stream, std::size_t piece) {
    base::OctetBudget budget{std::size_t{1} << 20U};
    std::vector<std::vector<std::uint8_t>> found;
    {
        proto::TlsReader reader{&budget};
        while (!stream.empty()) {
            base::Bytes input = stream.first(std::min(piece, stream.size()));
            stream = stream.subspan(input.size());
            for (;;) {
                const auto event = reader.next(input);
                if (!event) {
                    if (event.error() != base::ParseError::truncated) {
                        found.push_back({static_cast<std::uint8_t>(event.error())});
                        return found;
                    }
                    require(input.empty());
                    break;
                }
                auto& entry = found.emplace_back(event->body.begin(), event->body.end());
                entry.push_back(static_cast<std::uint8_t>(event->kind));
                entry.push_back(static_cast<std::uint8_t>(event->handshake_type));
                static_cast<void>(proto::decode_client_hello(*event));
            }
        }
        static_cast<void>(reader.unfinished());
    }
    require(budget.held() == 0);
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const base::Bytes stream{data + 1, size - 1};
    require(read(stream, size) == read(stream, 1 + data[0] % 64U));
    return 0;
}
