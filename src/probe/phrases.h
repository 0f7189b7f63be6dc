// The first octets of each kind of attempt, with the proof in them where a responder wants one.
#pragma once

#include <optional>
#include <string>

#include "turnpike/probe/attempt.h"
#include "turnpike/speak/media.h"
#include "turnpike/speak/writer.h"

namespace turnpike::probe {

/// What opens a TCP attempt once it is connected.
speak::Octets opening_of(const Attempt& attempt, const std::optional<proof::Token>& token);

/// The datagrams of a UDP attempt; each call is one send. Those of protocols that repeat a message
/// are all the same.
class Datagrams {
  public:
    Datagrams(const Attempt& attempt, const std::optional<proof::Token>& token);
    speak::Octets next();

  private:
    Speech speech_;
    proof::Token token_;
    speak::Octets same_;
    speak::RtpStream stream_;
};

}  // namespace turnpike::probe
