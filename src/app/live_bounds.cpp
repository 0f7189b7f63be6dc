#include "app/live_bounds.h"

#include <algorithm>

namespace turnpike::app {

LiveBounds live_bounds(std::size_t memory, std::size_t workers) {
    constexpr std::size_t octets_of_a_followed_flow = 4'000;
    constexpr std::size_t most_followed = 1'000'000;  // of a worker
    constexpr std::size_t most_queries = 300'000;
    const std::size_t flows = memory / 2 / octets_of_a_followed_flow;
    return {.followed = std::min(flows / workers, most_followed),
            .inspected = memory / 2 / workers,
            .backlog = memory / 8 / workers,
            .window = {.flows = flows / 2, .queries = most_queries, .octets = memory / 8}};
}

}  // namespace turnpike::app
