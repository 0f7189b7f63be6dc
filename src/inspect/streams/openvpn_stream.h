// OpenVPN's control channel on TCP, with a TLS handshake inside (its wire protocol 2).
#pragma once

#include <optional>

#include "tls_stream.h"

namespace turnpike::inspect {

/// Octets of authentication in each packet of the session that begins here; nothing if its control
/// channel cannot be read (proto::openvpn_authentication).
std::optional<std::size_t> openvpn_authentication_of(base::Bytes stream) noexcept;

/// Its packets have a length in front on TCP, as DNS messages have.
class OpenVpnStream final : public StreamReader {
  public:
    /// `authentication`: octets of it in each packet.
    OpenVpnStream(Context& context, std::size_t authentication)
        : tls_(context), authentication_(authentication) {}

    Progress read(const PayloadContext& payload, base::Bytes octets, bool gap) override;
    void break_off(const PayloadContext& payload) override { tls_.break_off(payload); }
    [[nodiscard]] bool is_done_with(Side side) const noexcept override {
        return tls_.is_done_with(side);
    }

  private:
    TlsStream tls_;
    std::size_t authentication_;
};

}  // namespace turnpike::inspect
