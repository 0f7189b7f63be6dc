#include "turnpike/facts/facts.h"

#include <fmt/core.h>

#include <array>
#include <utility>

namespace turnpike::facts {

std::string_view to_string(Transport transport) noexcept {
    return transport == Transport::tcp ? "tcp" : "udp";
}

std::string_view to_string(Direction direction) noexcept {
    return direction == Direction::out ? "out" : "in";
}

std::string_view to_string(Protocol protocol) noexcept {
    switch (protocol) {
        case Protocol::unknown:
            return "unknown";
        case Protocol::dns:
            return "dns";
        case Protocol::tls:
            return "tls";
        case Protocol::http:
            return "http";
        case Protocol::quic:
            return "quic";
        case Protocol::stun:
            return "stun";
        case Protocol::turn:
            return "turn";
        case Protocol::dtls:
            return "dtls";
        case Protocol::rtp:
            return "rtp";
        case Protocol::rtcp:
            return "rtcp";
        case Protocol::socks:
            return "socks";
        case Protocol::dot:
            return "dot";
        case Protocol::doq:
            return "doq";
        case Protocol::zoom:
            return "zoom";
        case Protocol::ssh:
            return "ssh";
        case Protocol::smtp:
            return "smtp";
        case Protocol::ftp:
            return "ftp";
        case Protocol::sip:
            return "sip";
        case Protocol::ntp:
            return "ntp";
        case Protocol::dhcp:
            return "dhcp";
        case Protocol::mdns:
            return "mdns";
        case Protocol::llmnr:
            return "llmnr";
        case Protocol::ssdp:
            return "ssdp";
        case Protocol::netbios:
            return "netbios";
        case Protocol::snmp:
            return "snmp";
        case Protocol::mqtt:
            return "mqtt";
        case Protocol::rdp:
            return "rdp";
        case Protocol::smb:
            return "smb";
        case Protocol::wireguard:
            return "wireguard";
        case Protocol::openvpn:
            return "openvpn";
    }
    return "unknown";
}

std::string_view to_string(NameSource source) noexcept {
    switch (source) {
        case NameSource::none:
            return "";
        case NameSource::sni:
            return "sni";
        case NameSource::quic_sni:
            return "quic_sni";
        case NameSource::http_host:
            return "http_host";
        case NameSource::connect:
            return "connect";
        case NameSource::dns:
            return "dns";
        case NameSource::certificate:
            return "certificate";
    }
    return "";
}

std::string_view to_string(StunOutcome outcome) noexcept {
    switch (outcome) {
        case StunOutcome::success:
            return "success";
        case StunOutcome::error:
            return "error";
        case StunOutcome::timeout:
            return "timeout";
        case StunOutcome::indication:
            return "indication";
    }
    return "timeout";
}

}  // namespace turnpike::facts
