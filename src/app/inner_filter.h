// The capture filter that looks at the innermost packet, whatever was around it.
#pragma once

#include <string>

#include "turnpike/capture/live.h"
#include "turnpike/wire/packet.h"

namespace turnpike::app {

class InnerFilter {
  public:
    /// Throws base::Error (usage) if the expression does not compile for IP packets.
    explicit InnerFilter(const std::string& expression) : filter_(expression) {}

    [[nodiscard]] bool matches(const wire::Packet& packet) const noexcept;

  private:
    capture::InnerFilter filter_;
};

}  // namespace turnpike::app
