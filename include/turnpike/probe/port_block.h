// The local ports of an audit: a block that nobody else on this host uses, so that the capture can
// be limited to the audit's own packets, and two audits at once do not see each other.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "turnpike/base/descriptor.h"

namespace turnpike::probe {

/// 2048 successive ports, taken as long as this lives.
class PortBlock {
  public:
    /// Throws base::Error (io_error) if other audits hold every block.
    PortBlock();

    /// Ports of a block.
    static constexpr std::uint16_t size = 2048;
    /// Its lowest port.
    [[nodiscard]] std::uint16_t first() const noexcept { return first_; }
    /// Its highest port.
    [[nodiscard]] std::uint16_t last() const noexcept {
        return static_cast<std::uint16_t>(first_ + size - 1);
    }
    /// Binds the socket to a port of the block, on all addresses. False: errno says why. Any
    /// thread.
    bool bind(int socket, bool v6) noexcept;
    /// pcap-filter(7): packets of the block, and ICMP errors.
    [[nodiscard]] std::string filter() const;

  private:
    std::uint16_t first_ = 0;
    std::atomic<unsigned> next_{0};
    base::Descriptor hold_;  ///< as long as it is bound the block is taken
};

}  // namespace turnpike::probe
