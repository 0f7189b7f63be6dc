// DNS queries and their answers (RFC 1035), over UDP and TCP.
#pragma once

#include "context.h"
#include "turnpike/inspect/dns_reading.h"

namespace turnpike::inspect {

/// Matches answers with queries and writes DnsQuery rows.
class DnsInspector {
  public:
    explicit DnsInspector(Context& context) : context_(context), reader_(context.secret) {}

    /// A whole message. Returns false if it is no DNS message.
    bool message(const PayloadContext& payload, base::Bytes octets, facts::Transport transport);
    /// No answer comes any more.
    void finish() noexcept { pending_.give_back(); }

  private:
    /// What was read ahead, if it was; valid until the next call.
    const DnsReading& read(const PayloadContext& payload, base::Bytes octets);
    void query(const PayloadContext& payload, const DnsReading& reading,
               facts::Transport transport);
    void response(const PayloadContext& payload, const DnsReading& reading,
                  facts::Transport transport);
    [[nodiscard]] std::uint64_t key(const PayloadContext& payload,
                                    const DnsReading& reading) const noexcept;
    std::uint32_t add_row(const PayloadContext& payload, const DnsReading& reading,
                          facts::Transport transport);

    Context& context_;
    PendingRows pending_;
    DnsReader reader_;
    DnsReading reading_;
};

}  // namespace turnpike::inspect
