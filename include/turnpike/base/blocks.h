// Lists that grow by blocks.
#pragma once

#include <boost/container/deque.hpp>

namespace turnpike::base {

/// References stay valid while it grows, and nothing is copied to make room for another. Blocks of
/// so many values that neighbours lie side by side (std::deque's hold one or two large ones).
template <typename Value>
using Blocks =
    boost::container::deque<Value, void,
                            boost::container::deque_options_t<boost::container::block_size<128>>>;

}  // namespace turnpike::base
