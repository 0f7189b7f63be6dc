// One frame as a capture file or an interface delivers it.
#pragma once

#include <cstdint>

#include "turnpike/base/bytes.h"
#include "turnpike/base/time.h"

namespace turnpike::capture {

/// A frame. The octets belong to the source and stay valid until its next call.
struct Frame {
    base::Timestamp time;         ///< of the first bit, as the capturing side recorded it
    std::uint64_t number = 0;     ///< 1, 2, 3 ... within the whole observation
    std::uint32_t link_type = 0;  ///< LINKTYPE_ value (www.tcpdump.org/linktypes.html), not DLT_
    std::uint32_t wire_length =
        0;                  ///< octets on the wire; more than bytes.size() if cut (snap length)
    std::uint32_t tap = 0;  ///< which of the observation's files or interfaces saw it: 0, 1 ...
    base::Bytes bytes;      ///< what was captured
};

}  // namespace turnpike::capture
