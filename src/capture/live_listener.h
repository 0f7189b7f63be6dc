// A UDP port on which mirrored frames arrive in VXLAN or GENEVE, without any privilege.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "capture/live_counters.h"
#include "capture/live_input.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/capture/live.h"

namespace turnpike::capture {

/// Delivers each datagram as an IP packet with the header that it had on the way, as far as the
/// socket tells, so that it is decoded like one that an interface saw: addresses and ports are
/// those of the datagram, but the destination port is the registered one, by which decoders know
/// the tunnel.
class LiveListener final : public LiveInput {
  public:
    /// Binds the port. `buffer_octets` is asked for; the kernel gives less without CAP_NET_ADMIN
    /// (net.core.rmem_max). Throws base::Error: no_permission for a port below 1024, cannot_open.
    LiveListener(const MirrorListener& wanted, std::size_t buffer_octets,
                 std::uint32_t snap_length);
    ~LiveListener() override;

    [[nodiscard]] int descriptor() const noexcept override { return socket_; }
    void read(LiveSegment& segment, std::size_t most) override;
    void check() override;
    LostFrames lost() override;
    [[nodiscard]] LostFrames last_lost() const noexcept override {
        return {.by_kernel = dropped_.total(), .by_interface = 0};
    }
    [[nodiscard]] bool gone() const noexcept override { return false; }
    std::vector<std::string> take_notices() override;
    [[nodiscard]] std::string name() const override { return name_; }
    /// The port that was bound, for one that was asked for as 0.
    [[nodiscard]] std::uint16_t port() const noexcept { return local_.port; }

  private:
    struct Mailbox;

    void bind(const MirrorListener& wanted);
    void prepare(std::size_t buffer_octets) const;
    [[nodiscard]] bool takes(const base::IpAddress& sender, base::Bytes payload) const noexcept;
    void deliver(LiveSegment& segment, std::size_t index);

    std::string name_;
    std::uint16_t tunnel_port_;
    std::vector<base::Prefix> senders_;
    std::vector<std::uint32_t> networks_;
    std::uint64_t refused_ = 0;
    bool refusal_told_ = false;
    std::uint32_t snap_length_;
    int socket_ = -1;
    base::Endpoint local_;
    WidenedCounter dropped_;
    std::unique_ptr<Mailbox> mailbox_;
};

}  // namespace turnpike::capture
