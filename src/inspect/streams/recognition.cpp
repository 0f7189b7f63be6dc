// The table of protocols that a stream may begin with: how each is recognised, and its reader.
#include "recognition.h"

#include <algorithm>
#include <array>

#include "dns_stream.h"
#include "framed_stream.h"
#include "http_stream.h"
#include "inspect/orientation.h"
#include "inspect/other_protocol.h"
#include "ms_turn_stream.h"
#include "openvpn_stream.h"
#include "proxy_header_stream.h"
#include "socks_stream.h"
#include "tls_stream.h"
#include "turn_stream.h"
#include "turnpike/base/cursor.h"
#include "turnpike/proto/dns.h"
#include "turnpike/proto/stream_framing.h"

namespace turnpike::inspect {
namespace {

using proto::Likelihood;
using Reader = std::unique_ptr<StreamReader>;

constexpr std::uint16_t dns_port = 53;

bool is_proxy_header(const Beginning& beginning) noexcept {
    return proto::decode_proxy_header(beginning.octets).has_value();
}

bool is_tls(const Beginning& beginning) noexcept {
    const Likelihood tls = proto::probe_tls(beginning.octets);
    return tls == Likelihood::yes || (tls == Likelihood::maybe && beginning.midstream);
}

bool is_http_response(const Beginning& beginning) noexcept {
    return proto::probe_http_response(beginning.octets) == Likelihood::yes;
}

bool is_http(const Beginning& beginning) noexcept {
    return proto::probe_http_request(beginning.octets) == Likelihood::yes ||
           is_http_response(beginning);
}

Reader make_http(const Beginning& beginning, Context& context, MessageSink& /*messages*/) {
    const Side sender = beginning.payload.side;
    return std::make_unique<HttpStream>(context,
                                        is_http_response(beginning) ? other(sender) : sender);
}

bool is_http2(const Beginning& beginning) noexcept {
    return proto::probe_http2(beginning.octets) == Likelihood::yes;
}

void note_http2(const Beginning& beginning) {
    note_protocol(beginning.payload.flow(), facts::Protocol::http);
}

/// Elsewhere than at its port only a message that is whole.
bool is_dns(const Beginning& beginning) noexcept {
    constexpr std::size_t length_field = 2;
    constexpr std::size_t header = 12;  // RFC 1035 4.1.1
    const base::Bytes octets = beginning.octets;
    const bool at_port = beginning.payload.has_port(dns_port);
    if (octets.size() <= length_field || is_local_discovery(beginning.payload) ||
        (!at_port && octets.size() < length_field + header)) {
        return false;
    }
    const std::size_t length = base::Cursor{octets}.u16();
    const base::Bytes message =
        octets.subspan(length_field, std::min(length, octets.size() - length_field));
    return proto::probe_dns(message) == Likelihood::yes && (at_port || message.size() == length);
}

/// A message, or the front of one with the magic cookie (RFC 8489 5).
bool is_turn(const Beginning& beginning) noexcept {
    constexpr std::uint32_t magic_cookie = 0x2112a442;
    const base::Bytes octets = beginning.octets;
    return proto::probe_stun(octets) == Likelihood::yes ||
           (octets.size() >= 8 && octets[0] < 4 &&
            base::Cursor{octets.subspan(4)}.u32() == magic_cookie);
}

bool is_ms_turn(const Beginning& beginning) noexcept {
    return begins_ms_turn(beginning.octets);
}

bool is_framed(const Beginning& beginning) noexcept {
    return proto::probe_rfc4571(beginning.octets) == Likelihood::yes;
}

proto::OtherProtocol named_protocol(const Beginning& beginning) noexcept {
    const proto::PortPair ports{.source = beginning.payload.source().port,
                                .destination = beginning.payload.destination().port};
    return proto::probe_other_stream(beginning.octets, ports);
}

bool is_named(const Beginning& beginning) noexcept {
    return named_protocol(beginning) != proto::OtherProtocol::none;
}

void note_named(const Beginning& beginning) {
    const proto::OtherProtocol named = named_protocol(beginning);
    note_protocol(beginning.payload.flow(), as_fact(named));
    if (named == proto::OtherProtocol::sip) {
        prove_client(beginning.payload, !proto::is_sip_response(beginning.octets));
    }
}

Reader make_named(const Beginning& beginning, Context& context, MessageSink& /*messages*/) {
    const auto authentication = named_protocol(beginning) == proto::OtherProtocol::openvpn
                                    ? openvpn_authentication_of(beginning.octets)
                                    : std::nullopt;
    return authentication ? std::make_unique<OpenVpnStream>(context, *authentication) : nullptr;
}

bool is_socks(const Beginning& beginning) noexcept {
    return !beginning.midstream && proto::probe_socks(beginning.octets) != Likelihood::no;
}

Reader make_socks(const Beginning& beginning, Context& /*context*/, MessageSink& /*messages*/) {
    return std::make_unique<SocksStream>(beginning.payload.side);
}

Reader make_proxy_header(const Beginning& /*beginning*/, Context& /*context*/,
                         MessageSink& /*messages*/) {
    return std::make_unique<ProxyHeaderStream>();
}

Reader make_tls(const Beginning& /*beginning*/, Context& context, MessageSink& /*messages*/) {
    return std::make_unique<TlsStream>(context);
}

Reader make_dns(const Beginning& /*beginning*/, Context& /*context*/, MessageSink& messages) {
    return std::make_unique<DnsStream>(messages);
}

template <typename Stream>
Reader make_carrier(const Beginning& /*beginning*/, Context& context, MessageSink& messages) {
    return std::make_unique<Stream>(context, messages);
}

// Strong marks come first; SOCKS has two octets that anything may begin with.
constexpr std::array<StreamProtocol, 10> protocols{{
    {is_proxy_header, nullptr, make_proxy_header},
    {is_tls, nullptr, make_tls, true},
    {is_http, nullptr, make_http, true},
    {is_http2, note_http2, nullptr},
    {is_dns, nullptr, make_dns},
    {is_turn, nullptr, make_carrier<TurnStream>},
    {is_ms_turn, nullptr, make_carrier<MsTurnStream>},
    {is_framed, nullptr, make_carrier<FramedStream>},
    {is_named, note_named, make_named},
    {is_socks, nullptr, make_socks},
}};

}  // namespace

const StreamProtocol* recognize(const Beginning& beginning) noexcept {
    const auto* const found = std::ranges::find_if(
        protocols, [&](const StreamProtocol& protocol) { return protocol.begins(beginning); });
    return found == protocols.end() ? nullptr : found;
}

}  // namespace turnpike::inspect
