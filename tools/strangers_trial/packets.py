"""Reads pcap and pcapng (every byte order and resolution, gzip too) and writes pcapng.

A packet keeps the interface it came from, its time as integer nanoseconds, the octets captured and its
original length. Options of the file other than link type, snap length and time are not kept; so a file
written here says nothing about dropped packets unless it is asked to.
"""

import gzip
import struct
from dataclasses import dataclass, field
from typing import NamedTuple

SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, STATISTICS, PACKET = 0x0A0D0D0A, 1, 2, 3, 5, 6


class Packet(NamedTuple):
    interface: int
    time: int       # nanoseconds since 1970
    data: bytes
    original: int   # octets on the wire


class Interface(NamedTuple):
    link: int       # LINKTYPE_ number
    snap: int


@dataclass
class Capture:
    interfaces: list = field(default_factory=list)
    packets: list = field(default_factory=list)

    def with_packets(self, packets):
        return Capture(self.interfaces, list(packets))

    def link(self, packet):
        return self.interfaces[packet.interface].link


class NotACapture(Exception):
    pass


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError) as problem:
            raise NotACapture(str(problem)) from problem
    if len(data) < 24:
        raise NotACapture("too short")
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        return read_pcapng(data)
    return read_pcap(data)


PCAP_KINDS = {  # magic number: nanoseconds in a unit of the second field, octets of a record's header
    0xA1B2C3D4: (1000, 16),
    0xA1B23C4D: (1, 16),
    0xA1B2CD34: (1000, 24),  # Kuznetzov's, with the interface in every record
}


def read_pcap(data):
    for order in "<>":
        kind = PCAP_KINDS.get(struct.unpack_from(order + "I", data)[0])
        if kind:
            break
    else:
        raise NotACapture("no capture's magic number")
    unit, header = kind
    snap, link = struct.unpack_from(order + "II", data, 16)
    capture = Capture([Interface(link & 0xFFFF, snap)])
    record = struct.Struct(order + "IIII")
    at = 24
    while at + header <= len(data):
        seconds, fraction, captured, original = record.unpack_from(data, at)
        at += header
        if captured > 0x4000000 or at + captured > len(data):
            break
        capture.packets.append(
            Packet(0, seconds * 1_000_000_000 + fraction * unit, data[at:at + captured], original))
        at += captured
    return capture


def options(body, order):
    at = 0
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        if code == 0:
            return
        yield code, body[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


class Clock:
    """The resolution and offset of one interface's time stamps."""

    def __init__(self, body, order):
        self.resolution, self.offset = 10**6, 0
        for code, value in options(body[8:], order):
            if code == 9 and value:
                exponent = value[0] & 0x7F
                self.resolution = 2**exponent if value[0] & 0x80 else 10**exponent
            elif code == 14 and len(value) == 8:
                self.offset = struct.unpack(order + "q", value)[0]

    def nanoseconds(self, high, low):
        return (high << 32 | low) * 10**9 // self.resolution + self.offset * 10**9


def read_pcapng(data):
    capture, clocks, at, order, base = Capture(), [], 0, "<", 0
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            base = len(capture.interfaces)
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or at + length > len(data):
            break
        body = data[at + 8:at + length - 4]
        at += (length + 3) // 4 * 4
        if kind == INTERFACE:
            link, _, snap = struct.unpack_from(order + "HHI", body)
            capture.interfaces.append(Interface(link, snap))
            clocks.append(Clock(body, order))
        elif kind in (PACKET, OLD_PACKET) and len(body) >= 20:
            if kind == PACKET:
                interface, high, low, captured, original = struct.unpack_from(order + "IIIII", body)
            else:
                interface, _, high, low, captured, original = struct.unpack_from(order + "HHIIII", body)
            interface += base
            if interface < len(clocks) and 20 + captured <= len(body):
                capture.packets.append(Packet(interface, clocks[interface].nanoseconds(high, low),
                                              body[20:20 + captured], original))
        elif kind == SIMPLE_PACKET and base < len(clocks) and len(body) >= 4:
            original = struct.unpack_from(order + "I", body)[0]
            captured = min(original, capture.interfaces[base].snap or original, len(body) - 4)
            capture.packets.append(Packet(base, 0, body[4:4 + captured], original))
    return capture


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def write(path, capture, dropped=0):
    """Writes pcapng with nanoseconds; `dropped` packets are told in statistics of every interface at the end."""
    parts = [block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    for link, snap in capture.interfaces:
        parts.append(block(INTERFACE, struct.pack("<HHIHHB3xI", link, 0, snap, 9, 1, 9, 0)))
    for packet in capture.packets:
        stamp = packet.time
        parts.append(block(PACKET, struct.pack("<IIIII", packet.interface, stamp >> 32, stamp & 0xFFFFFFFF,
                                               len(packet.data), packet.original) + packet.data))
    if dropped:
        last = max(p.time for p in capture.packets)
        received = len(capture.packets) + dropped
        for interface in range(len(capture.interfaces)):
            parts.append(block(STATISTICS, struct.pack("<IIIHHQHHQI", interface, last >> 32, last & 0xFFFFFFFF,
                                                       4, 8, received, 5, 8, dropped, 0)))
    with open(path, "wb") as file:
        file.write(b"".join(parts))
