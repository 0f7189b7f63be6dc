"""Finds the innermost IP packet of a frame and its transport header; changes addresses and hop counts.

Knows the link layers and tunnels that are common, not all that turnpike knows. A packet it does not
understand is left as it is, and belongs to no flow here.
"""

import socket
import struct
from typing import NamedTuple

FIN, SYN, RST, ACK = 1, 2, 4, 16
TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
UDP_TUNNELS = {4789: "vxlan", 6081: "geneve", 2152: "gtp"}


class Segment(NamedTuple):
    ip: int                 # offset of the innermost IP header
    version: int
    protocol: int
    source: str
    destination: str
    source_port: int
    destination_port: int
    transport: int          # offset of the transport header
    payload: int            # octets of payload on the wire
    body: bytes             # the part of the payload that was captured
    flags: int
    sequence: int
    acknowledged: int
    quoted: tuple           # of ICMP errors: (protocol, source, port, destination, port), else ()

    def ends(self):
        return frozenset(((self.source, self.source_port), (self.destination, self.destination_port)))


def network_offset(link, data):
    """Where the network header begins, and its ethertype (0 if only the first nibble tells)."""
    if link == 1:
        return ethernet(data, 12)
    if link in (12, 14, 101, 228, 229):
        return 0, 0
    if link in (0, 108):
        return 4, 0
    if link == 113:
        return ethernet(data, 14)
    if link == 276:
        return 20, int.from_bytes(data[0:2], "big")
    if link in (9, 50):
        at = 2 if data[:1] == b"\xff" else 0
        return at + 2, 0
    return None, 0


def ethernet(data, at):
    kind = int.from_bytes(data[at:at + 2], "big")
    at += 2
    while kind in (0x8100, 0x88A8, 0x9100):
        kind = int.from_bytes(data[at + 2:at + 4], "big")
        at += 4
    if kind == 0x8847:
        while at + 4 <= len(data):
            at += 4
            if data[at - 2] & 1:
                return at, 0
    if kind == 0x8864:
        return at + 8, 0
    return at, kind


def addresses(data, ip, version):
    if version == 4:
        return socket.inet_ntop(socket.AF_INET, data[ip + 12:ip + 16]), socket.inet_ntop(socket.AF_INET, data[ip + 16:ip + 20])
    return (socket.inet_ntop(socket.AF_INET6, data[ip + 8:ip + 24]),
            socket.inet_ntop(socket.AF_INET6, data[ip + 24:ip + 40]))


def internet(data, at):
    """(version, protocol, transport offset, end on the wire, first fragment) of the IP header at `at`, or None."""
    if at is None or at >= len(data):
        return None
    version = data[at] >> 4
    if version == 4 and at + 20 <= len(data):
        length = int.from_bytes(data[at + 2:at + 4], "big")
        fragment = int.from_bytes(data[at + 6:at + 8], "big") & 0x1FFF
        end = at + length if length else len(data)
        return 4, data[at + 9], at + (data[at] & 15) * 4, end, fragment == 0
    if version == 6 and at + 40 <= len(data):
        protocol, transport = data[at + 6], at + 40
        end = transport + int.from_bytes(data[at + 4:at + 6], "big")
        first = True
        while protocol in (0, 43, 44, 60) and transport + 8 <= len(data):
            size = 8 if protocol == 44 else (data[transport + 1] + 1) * 8
            if protocol == 44:
                first = int.from_bytes(data[transport + 2:transport + 4], "big") & 0xFFF8 == 0
            protocol, transport = data[transport], transport + size
        return 6, protocol, transport, end, first
    return None


def inner(data, protocol, transport, destination_port):
    """Where the next IP header inside a tunnel begins, or None."""
    if protocol in (4, 41):
        return transport
    if protocol == 47 and transport + 4 <= len(data):
        flags, kind = struct.unpack_from(">HH", data, transport)
        at = transport + 4 + (4 if flags & 0x8000 else 0) + (4 if flags & 0x2000 else 0) + (4 if flags & 0x1000 else 0)
        if kind == 0x6558:
            return ethernet(data, at + 12)[0]
        return at if kind in (0x0800, 0x86DD) else None
    kind = UDP_TUNNELS.get(destination_port) if protocol == UDP else None
    at = transport + 8
    if kind == "vxlan":
        return ethernet(data, at + 8 + 12)[0]
    if kind == "geneve" and at < len(data):
        return ethernet(data, at + 8 + (data[at] & 63) * 4 + 12)[0]
    if kind == "gtp" and at + 8 <= len(data) and data[at + 1] == 255:
        return at + (12 if data[at] & 7 else 8)
    return None


def dissect(link, data):
    """The Segment of a frame, or None."""
    try:
        at, kind = network_offset(link, data)
        if at is None or kind not in (0, 0x0800, 0x86DD):
            return None
        return dissect_ip(data, at)
    except (IndexError, struct.error, ValueError):
        return None


def dissect_ip(data, at, quoted=False):
    found = internet(data, at)
    if not found:
        return None
    version, protocol, transport, end, first = found
    source, destination = addresses(data, at, version)
    if not first:
        return None
    ports = (0, 0)
    if protocol in (TCP, UDP) and transport + 4 <= len(data):
        ports = struct.unpack_from(">HH", data, transport)
    deeper = None if quoted else inner(data, protocol, transport, ports[1])
    if deeper is not None:
        below = dissect_ip(data, deeper)
        if below:
            return below
    flags = sequence = acknowledged = payload = 0
    body, quote = b"", ()
    if protocol == TCP and transport + 14 <= len(data):
        sequence, acknowledged, size, flags = struct.unpack_from(">IIBB", data, transport + 4)
        begin = transport + (size >> 4) * 4
        payload, body = max(0, end - begin), data[begin:end]
    elif protocol == UDP and transport + 8 <= len(data):
        payload, body = max(0, end - transport - 8), data[transport + 8:end]
    elif protocol in (ICMP, ICMP6) and not quoted and transport < len(data):
        errors = (3, 4, 5, 11, 12) if protocol == ICMP else (1, 2, 3, 4)
        about = dissect_ip(data, transport + 8, True) if data[transport] in errors else None
        if about:
            quote = (about.protocol, about.source, about.source_port, about.destination, about.destination_port)
    return Segment(at, version, protocol, source, destination, *ports, transport, payload, body, flags,
                   sequence, acknowledged, quote)


def adjusted(checksum, before, after):
    """An internet checksum after words changed (RFC 1624)."""
    total = ~checksum & 0xFFFF
    for at in range(0, len(before), 2):
        total += (~int.from_bytes(before[at:at + 2], "big") & 0xFFFF) + int.from_bytes(after[at:at + 2], "big")
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def adjust_at(data, at, before, after):
    if at + 2 <= len(data):
        data[at:at + 2] = adjusted(int.from_bytes(data[at:at + 2], "big"), before, after).to_bytes(2, "big")


def one_hop_less(link, data):
    """The frame with the outermost hop count one less, or None where there is none to lower."""
    at, kind = network_offset(link, data)
    if at is None or kind not in (0, 0x0800, 0x86DD) or not internet(data, at):
        return None
    data = bytearray(data)
    field = at + (8 if data[at] >> 4 == 4 else 7)
    if data[field] < 2:
        return None
    if data[at] >> 4 == 4:
        before = bytes(data[at + 8:at + 10])
        data[field] -= 1
        adjust_at(data, at + 10, before, data[at + 8:at + 10])
    else:
        data[field] -= 1
    return bytes(data)


CHECKSUM = {TCP: 16, UDP: 6, ICMP6: 2}


def readdress(link, data, table):
    """The frame with the addresses of its outermost IP header (and of one that an ICMP error quotes) exchanged."""
    at, kind = network_offset(link, data)
    if at is None or kind not in (0, 0x0800, 0x86DD):
        return data
    found = internet(data, at)
    if not found:
        return data
    data = bytearray(data)
    version, protocol, transport, _, first = found
    if protocol in (ICMP, ICMP6) and first and transport < len(data):
        errors = (3, 4, 5, 11, 12) if protocol == ICMP else (1, 2, 3, 4)
        quoted = internet(data, transport + 8) if data[transport] in errors else None
        if quoted:
            before = bytes(data[transport + 8:])
            exchange(data, transport + 8, quoted, table)
            pad = b"\0" * (len(before) % 2)
            adjust_at(data, transport + 2, before + pad, bytes(data[transport + 8:]) + pad)
    exchange(data, at, found, table)
    return bytes(data)


def exchange(data, at, found, table):
    version, protocol, transport, _, first = found
    begin, end = (at + 12, at + 20) if version == 4 else (at + 8, at + 40)
    half = (end - begin) // 2
    before = bytes(data[begin:end])
    after = table.get(before[:half], before[:half]) + table.get(before[half:], before[half:])
    if after == before:
        return
    data[begin:end] = after
    if version == 4:
        adjust_at(data, at + 10, before, after)
    field = CHECKSUM.get(protocol)
    if first and field is not None:
        field += transport
        if not (protocol == UDP and data[field:field + 2] == b"\0\0"):
            adjust_at(data, field, before, after)
