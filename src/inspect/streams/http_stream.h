// The first exchange of HTTP/1 on a connection (RFC 9112), and CONNECT at a proxy (RFC 9110 9.3.6).
#pragma once

#include <optional>

#include "stream_reader.h"
#include "turnpike/proto/http.h"

namespace turnpike::inspect {

class HttpStream final : public StreamReader {
  public:
    HttpStream(Context& context, Side client) : context_(context), client_(client) {}

    Progress read(const PayloadContext& payload, base::Bytes octets, bool gap) override;

  private:
    /// What a proxy may have said to a CONNECT.
    struct Answer {
        facts::PacketMark at;
        std::uint16_t status = 0;
        bool names_itself = false;
    };

    Progress read_request(const PayloadContext& payload, base::Bytes octets, bool gap);
    Progress read_response(const PayloadContext& payload, base::Bytes octets, bool gap);
    /// The answer seen ahead of the question can be its answer.
    [[nodiscard]] bool may_precede(const PayloadContext& question) const;
    /// A refusal was seen, and not yet what it refuses.
    [[nodiscard]] bool refuses_ahead() const noexcept;
    [[nodiscard]] bool is_answer_to_tls(const PayloadContext& payload, base::Bytes octets) const;
    [[nodiscard]] Progress begin_tls(const PayloadContext& payload) const;
    [[nodiscard]] Progress no_request(const PayloadContext& payload, base::Bytes octets,
                                      base::ParseError reason) const;
    void record(const PayloadContext& payload, const proto::HttpRequest& request) const;
    /// What comes after an answer to CONNECT.
    Progress::Next answer_to_connect(facts::Flow& flow, const Answer& answer);

    Context& context_;
    Side client_;
    std::optional<Answer> before_request_;  ///< the last one, if no request was seen before it
    bool request_seen_ = false;
    bool response_seen_ = false;
    bool connect_ = false;  ///< the last request was a CONNECT, not answered yet
    bool refused_ = false;  ///< the last CONNECT was; another request may follow
};

}  // namespace turnpike::inspect
