// The words of the facts' enumerations, one table each.
#include "turnpike/facts/facts.h"

#include <array>

#include "turnpike/base/words.h"
#include "turnpike/facts/words.h"

namespace turnpike::facts {
namespace {

using base::Word;

constexpr std::array transports{
    Word{Transport::tcp, "tcp"},
    Word{Transport::udp, "udp"},
};
static_assert(base::in_order(transports));

constexpr std::array directions{
    Word{Direction::out, "out"},
    Word{Direction::in, "in"},
};
static_assert(base::in_order(directions));

constexpr std::array protocols{
    Word{Protocol::unknown, "unknown"},
    Word{Protocol::dns, "dns"},
    Word{Protocol::tls, "tls"},
    Word{Protocol::http, "http"},
    Word{Protocol::quic, "quic"},
    Word{Protocol::stun, "stun"},
    Word{Protocol::turn, "turn"},
    Word{Protocol::dtls, "dtls"},
    Word{Protocol::rtp, "rtp"},
    Word{Protocol::rtcp, "rtcp"},
    Word{Protocol::socks, "socks"},
    Word{Protocol::dot, "dot"},
    Word{Protocol::doq, "doq"},
    Word{Protocol::zoom, "zoom"},
    Word{Protocol::ssh, "ssh"},
    Word{Protocol::smtp, "smtp"},
    Word{Protocol::ftp, "ftp"},
    Word{Protocol::sip, "sip"},
    Word{Protocol::ntp, "ntp"},
    Word{Protocol::dhcp, "dhcp"},
    Word{Protocol::mdns, "mdns"},
    Word{Protocol::llmnr, "llmnr"},
    Word{Protocol::ssdp, "ssdp"},
    Word{Protocol::netbios, "netbios"},
    Word{Protocol::snmp, "snmp"},
    Word{Protocol::mqtt, "mqtt"},
    Word{Protocol::rdp, "rdp"},
    Word{Protocol::smb, "smb"},
    Word{Protocol::wireguard, "wireguard"},
    Word{Protocol::openvpn, "openvpn"},
};
static_assert(base::in_order(protocols));

constexpr std::array name_sources{
    Word{NameSource::none, ""},
    Word{NameSource::sni, "sni"},
    Word{NameSource::quic_sni, "quic_sni"},
    Word{NameSource::http_host, "http_host"},
    Word{NameSource::connect, "connect"},
    Word{NameSource::dns, "dns"},
    Word{NameSource::certificate, "certificate"},
};
static_assert(base::in_order(name_sources));

constexpr std::array carriers{
    Word{TlsHello::Carrier::tcp, "tcp"},
    Word{TlsHello::Carrier::quic, "quic"},
    Word{TlsHello::Carrier::dtls, "dtls"},
};
static_assert(base::in_order(carriers));

constexpr std::array stun_outcomes{
    Word{StunOutcome::success, "success"},
    Word{StunOutcome::error, "error"},
    Word{StunOutcome::timeout, "timeout"},
    Word{StunOutcome::indication, "indication"},
};
static_assert(base::in_order(stun_outcomes));

}  // namespace

std::string_view to_string(Transport transport) noexcept {
    return word_of(transports, transport);
}

std::string_view to_string(Direction direction) noexcept {
    return word_of(directions, direction);
}

std::string_view to_string(Protocol protocol) noexcept {
    return word_of(protocols, protocol);
}

std::string_view to_string(NameSource source) noexcept {
    return word_of(name_sources, source);
}

std::string_view to_string(TlsHello::Carrier carrier) noexcept {
    return word_of(carriers, carrier);
}

std::string_view to_string(StunOutcome outcome) noexcept {
    return word_of(stun_outcomes, outcome);
}

}  // namespace turnpike::facts
