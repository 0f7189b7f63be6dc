// Work beside other work.
#pragma once

#include <future>

namespace turnpike::base {

/// For std::async: on a thread of its own or, where none can be started, once its result is asked
/// for.
inline constexpr auto beside = std::launch::async | std::launch::deferred;

}  // namespace turnpike::base
