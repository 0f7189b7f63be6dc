// What a new database of a live run tells of although the one before told of it already.
#pragma once

#include "turnpike/gather/window.h"
#include "turnpike/verdict/result.h"

namespace turnpike::gather {

/// An answer may still come, in a capture that goes on or has just ended.
bool waits(verdict::InconclusiveReason reason) noexcept;

/// Of what the database before told, what the verdicts of the new one rest on is told again: all
/// flows of one client with one product as soon as one that goes on or is new is judged, for what
/// carried the call may be another one than what is blocked; and the control of a block. Says
/// whether there was anything. `result`: of the window as it is.
bool tell_again(Window& window, const verdict::RunResult& result);

}  // namespace turnpike::gather
