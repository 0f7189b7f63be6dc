// DNS queries and their answers (RFC 1035), over UDP and TCP.
#pragma once

#include "context.h"
#include "turnpike/proto/dns.h"

namespace turnpike::inspect {

/// Matches answers with queries and writes DnsQuery rows.
class DnsInspector {
  public:
    explicit DnsInspector(Context& context) : context_(context) {}

    /// A whole message. Returns false if it is no DNS message.
    bool message(const PayloadContext& payload, base::Bytes octets, facts::Transport transport);
    /// No answer comes any more.
    void finish() noexcept { pending_.give_back(); }

  private:
    void query(const PayloadContext& payload, const proto::DnsMessage& message,
               facts::Transport transport);
    void response(const PayloadContext& payload, const proto::DnsMessage& message,
                  facts::Transport transport);
    [[nodiscard]] std::uint64_t key(const PayloadContext& payload, const proto::DnsMessage& message,
                                    std::string_view name) const noexcept;
    std::uint32_t add_row(const PayloadContext& payload, const proto::DnsMessage& message,
                          std::string_view name, facts::Transport transport);

    void add_answer(facts::DnsQuery& row, const proto::DnsMessage& message,
                    const proto::DnsRecord& record);

    Context& context_;
    PendingRows pending_;
    std::string octets_;  ///< these two are kept for their room
    std::string alias_;
};

}  // namespace turnpike::inspect
