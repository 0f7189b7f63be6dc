// The lists that facts are kept in.
#pragma once

#include <boost/container/deque.hpp>

namespace turnpike::facts {

/// Grows by blocks: references stay valid, and no row is copied to make room for another. Blocks of
/// so many rows that neighbours lie side by side (std::deque's hold one or two of these).
template <typename Row>
using Rows =
    boost::container::deque<Row, void,
                            boost::container::deque_options_t<boost::container::block_size<128>>>;

}  // namespace turnpike::facts
