// What a TURN client does once the server has asked who it is.
#pragma once

#include "turnpike/base/bytes.h"
#include "turnpike/probe/run.h"

namespace turnpike::probe {

/// Allocates a relay on the socket that the challenge came in on, permits it its own address, binds
/// a channel to that and sends sound through it, which comes back the same way: media in both
/// directions without anybody else. Then gives the relay back. `made.remark` says how it went; what
/// the firewall did of it is judged by the packets.
void carry_media(int socket, base::Bytes challenge, const Attempt& attempt, const Ground& ground,
                 Made& made);

}  // namespace turnpike::probe
