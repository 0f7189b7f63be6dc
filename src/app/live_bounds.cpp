// Divides the memory of a live run between flows, window and waiting harvests.
#include "app/live_bounds.h"

#include <algorithm>

namespace turnpike::app {

LiveBounds live_bounds(std::size_t memory, std::size_t workers) {
    constexpr std::size_t octets_of_a_followed_flow = 4'000;
    constexpr std::size_t most_followed = 1'000'000;  // of a worker
    constexpr std::size_t most_queries = 300'000;
    // What whoever presses ^C waits for is judging, and that is in proportion to these: each takes
    // half a second when it is full of answers with sixty addresses.
    constexpr std::size_t most_foreign = std::size_t{24} << 20U;
    constexpr std::size_t most_backlog = std::size_t{12} << 20U;
    const std::size_t flows = memory / 2 / octets_of_a_followed_flow;
    return {.followed = std::min(flows / workers, most_followed),
            .inspected = memory / 2 / workers,
            .backlog = std::min(memory / 8, most_backlog) / workers,
            .window = {.flows = flows / 2,
                       .queries = most_queries,
                       .octets = memory / 8,
                       .foreign = std::min(memory / 8, most_foreign)}};
}

}  // namespace turnpike::app
