// Which of several workers gets a packet.
#pragma once

#include <cstdint>

#include "turnpike/base/bytes.h"

namespace turnpike::capture {

/// A number whose remainder chooses the worker; live capture has the kernel compute it by a program
/// (PACKET_FANOUT_CBPF) that tests compare with this function.
///
/// It depends on the pair of IP addresses only, in either order, so both directions of a flow, all
/// flows of two hosts, the DNS or STUN between them, and all fragments come to one worker. An ICMP
/// error counts by the addresses of the packet it quotes; VXLAN counts by what is inside, as does
/// an ICMP error there. 802.1Q tags are skipped. Zero for what may carry a flow's two directions in
/// different wrappings (GRE, IP in IP, MPLS, GENEVE and other tunnels over UDP) and for all that is
/// not IP. Why not the kernel's own hash (PACKET_FANOUT_HASH): it sends an ICMP error elsewhere
/// than its flow, and the two directions inside VXLAN apart, because they have different outer
/// ports.
///
/// Not followed: IPv6 extension headers (by outer addresses), and fragments of IPv6 that carries a
/// tunnel; those of IPv4 the kernel puts together first.
///
/// `packet` begins at the network header, which for the kernel comes after one tag that the
/// interface stripped, or, where there are more, at the second tag's control information;
/// `ether_type` is the one before it. Zero if the packet ends before what has to be looked at.
std::uint32_t fanout_hash(base::Bytes packet, std::uint16_t ether_type) noexcept;

}  // namespace turnpike::capture
