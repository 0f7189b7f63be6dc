// Protocols that are only named, as facts.
#pragma once

#include "turnpike/facts/facts.h"
#include "turnpike/proto/other.h"

namespace turnpike::inspect {

constexpr facts::Protocol as_fact(proto::OtherProtocol protocol) noexcept {
    using From = proto::OtherProtocol;
    using To = facts::Protocol;
    switch (protocol) {
        case From::none:
            return To::unknown;
        case From::ssh:
            return To::ssh;
        case From::smtp:
            return To::smtp;
        case From::ftp:
            return To::ftp;
        case From::sip:
            return To::sip;
        case From::ntp:
            return To::ntp;
        case From::dhcp:
            return To::dhcp;
        case From::mdns:
            return To::mdns;
        case From::llmnr:
            return To::llmnr;
        case From::ssdp:
            return To::ssdp;
        case From::netbios:
            return To::netbios;
        case From::snmp:
            return To::snmp;
        case From::mqtt:
            return To::mqtt;
        case From::rdp:
            return To::rdp;
        case From::smb:
            return To::smb;
        case From::wireguard:
            return To::wireguard;
        case From::openvpn:
            return To::openvpn;
    }
    return To::unknown;
}

}  // namespace turnpike::inspect
