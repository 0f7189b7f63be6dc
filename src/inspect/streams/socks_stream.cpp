// Follows the steps of SOCKS until the tunnel stands or is refused.
#include "socks_stream.h"

namespace turnpike::inspect {
namespace {

using Next = Progress::Next;

// ProxyFacts puts SOCKS replies on the scale of HTTP's.
constexpr std::uint16_t granted_status = 200;
constexpr std::uint16_t refused_status = 500;
constexpr std::uint8_t user_and_password = 2;    // RFC 1928 3
constexpr std::size_t password_status_size = 2;  // RFC 1929 2
constexpr std::size_t longest_reply = 262;       // RFC 1928 6, with a name of 255 octets

/// What cannot be read is no SOCKS, unless the rest of it may still come.
Progress unreadable(base::ParseError reason) noexcept {
    return {0, reason == base::ParseError::truncated ? Next::wait : Next::finish};
}

}  // namespace

Progress SocksStream::read(const PayloadContext& payload, base::Bytes octets, bool /*gap*/) {
    return payload.side == client_ ? read_client(payload, octets) : read_server(payload, octets);
}

Progress SocksStream::read_client(const PayloadContext& payload, base::Bytes octets) {
    if (stage_ == Stage::greeting) {
        if (octets[0] == 5) {
            return read_greeting(octets);
        }
        version_ = 4;
        stage_ = Stage::request;
    }
    if (stage_ != Stage::request) {
        return {};  // sent without waiting for the answer; it keeps
    }
    if (password_pending_) {
        const auto size = proto::socks5_password_size(octets);
        return size ? Progress{*size, Next::more} : Progress{};
    }
    return read_request(payload, octets);
}

Progress SocksStream::read_greeting(base::Bytes octets) {
    const auto greeting = proto::decode_socks5_greeting(octets);
    if (!greeting) {
        return unreadable(greeting.error());
    }
    version_ = 5;
    stage_ = Stage::method;
    return {greeting->size, Next::turn};
}

Progress SocksStream::read_request(const PayloadContext& payload, base::Bytes octets) {
    const auto request =
        version_ == 5 ? proto::decode_socks5_request(octets) : proto::decode_socks4_request(octets);
    if (!request) {
        return unreadable(request.error());
    }
    facts::Flow& flow = payload.flow();
    note_protocol(flow, facts::Protocol::socks);
    facts::ProxyFacts& proxy = flow.rare.make().proxy.make();
    proxy.request = payload.at;
    proxy.target_host = request->host.empty() ? base::to_string(request->endpoint.address)
                                              : std::string(request->host);
    proxy.target_port = request->endpoint.port;
    note_name(flow, request->host, facts::NameSource::connect);
    stage_ = Stage::reply;
    return {request->size, Next::turn};
}

Progress SocksStream::read_server(const PayloadContext& payload, base::Bytes octets) {
    if (stage_ == Stage::method) {
        return read_method(payload, octets);
    }
    if (stage_ == Stage::request && password_pending_) {
        return read_password_status(octets);
    }
    if (stage_ != Stage::reply) {  // it stands before what it answers, and keeps
        return {0, octets.size() > longest_reply ? Next::finish : Next::wait};
    }
    return read_reply(payload, octets);
}

Progress SocksStream::read_method(const PayloadContext& payload, base::Bytes octets) {
    const auto choice = proto::decode_socks5_method(octets);
    if (!choice) {
        return unreadable(choice.error());
    }
    note_protocol(payload.flow(), facts::Protocol::socks);
    password_pending_ = choice->method == user_and_password;
    stage_ = Stage::request;
    return {choice->size, Next::turn};
}

Progress SocksStream::read_password_status(base::Bytes octets) {
    if (octets.size() < password_status_size) {
        return {};
    }
    password_pending_ = false;
    return {password_status_size, Next::turn};
}

Progress SocksStream::read_reply(const PayloadContext& payload, base::Bytes octets) const {
    const auto reply =
        version_ == 5 ? proto::decode_socks5_reply(octets) : proto::decode_socks4_reply(octets);
    if (!reply) {
        return unreadable(reply.error());
    }
    facts::ProxyFacts& proxy = payload.flow().rare.make().proxy.make();
    proxy.response = payload.at;
    proxy.status = reply->granted() ? granted_status
                                    : static_cast<std::uint16_t>(refused_status + reply->code);
    return {reply->size, reply->granted() ? Next::tunnel : Next::finish};
}

}  // namespace turnpike::inspect
