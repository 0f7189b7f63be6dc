// SOCKS 4 and 5 in front of a tunnel (RFC 1928, RFC 1929).
#pragma once

#include "stream_reader.h"
#include "turnpike/proto/socks.h"

namespace turnpike::inspect {

class SocksStream final : public StreamReader {
  public:
    explicit SocksStream(Side client) : client_(client) {}

    Progress read(const PayloadContext& payload, base::Bytes octets, bool gap) override;

  private:
    enum class Stage : std::uint8_t { greeting, method, request, reply };  ///< awaited next

    Progress read_client(const PayloadContext& payload, base::Bytes octets);
    Progress read_greeting(base::Bytes octets);
    Progress read_request(const PayloadContext& payload, base::Bytes octets);
    Progress read_server(const PayloadContext& payload, base::Bytes octets);
    Progress read_method(const PayloadContext& payload, base::Bytes octets);
    Progress read_password_status(base::Bytes octets);
    [[nodiscard]] Progress read_reply(const PayloadContext& payload, base::Bytes octets) const;

    Side client_;
    std::uint8_t version_ = 5;
    bool password_pending_ = false;
    Stage stage_ = Stage::greeting;
};

}  // namespace turnpike::inspect
