"""Reads, edits and writes classic pcap files, as far as the laboratory needs: cutting pieces out,
shortening packets, repeating them, wrapping them. No decoding beyond Ethernet, IP and ports."""

import ipaddress
import struct
from dataclasses import dataclass, replace

MAGIC_MICROSECONDS = 0xA1B2C3D4
ETHERNET = 1
IPV4, IPV6, VLAN = 0x0800, 0x86DD, 0x8100
ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
FIN, SYN, RST = 1, 2, 4


@dataclass(frozen=True)
class Frame:
    """One captured frame; `time` in microseconds since 1970."""

    time: int
    data: bytes
    length: int  # on the wire

    def ip(self):
        """(version, protocol, source, destination, header end) or None when it is not IP."""
        kind = struct.unpack_from("!H", self.data, 12)[0]
        if kind == IPV4:
            end = 14 + (self.data[14] & 0x0F) * 4
            source, target = self.data[26:30], self.data[30:34]
            return 4, self.data[23], text(source), text(target), end
        if kind == IPV6:
            return 6, self.data[20], text(self.data[22:38]), text(self.data[38:54]), 54
        return None

    def ports(self):
        """(source, destination) of TCP and UDP, else None."""
        layer = self.ip()
        if layer and layer[1] in (TCP, UDP) and len(self.data) >= layer[4] + 4:
            return struct.unpack_from("!HH", self.data, layer[4])
        return None

    def path(self):
        """((source, port), (destination, port)) of TCP and UDP, else None."""
        layer, ports = self.ip(), self.ports()
        return ports and ((layer[2], ports[0]), (layer[3], ports[1]))

    def ends(self):
        """The two ends in either direction, the same for all packets of a connection."""
        path = self.path()
        return path and (self.ip()[1], frozenset(path))

    def answers(self, other):
        """It goes from where the other one came to."""
        return self.path()[0] == other.path()[1]

    def only_acknowledges(self):
        """A segment of TCP without payload that neither opens nor ends a connection."""
        layer = self.ip()
        return layer[1] == TCP and not self.tcp_payload() and \
            not self.data[layer[4] + 13] & (SYN | FIN | RST)

    def tcp_payload(self):
        """Octets of TCP payload on the wire."""
        layer = self.ip()
        start = layer[4] + (self.data[layer[4] + 12] >> 4) * 4
        total = struct.unpack_from("!H", self.data, 16)[0] + 14 if layer[0] == 4 else \
            struct.unpack_from("!H", self.data, 18)[0] + 54
        return total - start


def text(address):
    return str(ipaddress.ip_address(address))


def read(path):
    """Every frame of a pcap of Ethernet frames."""
    content = path.read_bytes()
    magic, = struct.unpack_from("<I", content)
    if magic != MAGIC_MICROSECONDS:
        raise ValueError(f"{path}: not a little-endian pcap with microseconds")
    frames, at = [], 24
    while at + 16 <= len(content):
        seconds, micros, kept, length = struct.unpack_from("<IIII", content, at)
        frames.append(Frame(seconds * 1_000_000 + micros, content[at + 16:at + 16 + kept], length))
        at += 16 + kept
    return frames


def write(path, frames, snap=262144):
    out = [struct.pack("<IHHiIII", MAGIC_MICROSECONDS, 2, 4, 0, 0, snap, ETHERNET)]
    for frame in frames:
        out.append(struct.pack("<IIII", frame.time // 1_000_000, frame.time % 1_000_000,
                               len(frame.data), frame.length) + frame.data)
    path.write_bytes(b"".join(out))


def write_pcapng(path, frames, dropped):
    """The same as pcapng, with a count of the packets lost by its end (isb_ifdrop)."""
    out = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
           block(1, struct.pack("<HHI", ETHERNET, 0, 0))]
    for frame in frames:
        head = struct.pack("<IIIII", 0, frame.time >> 32, frame.time & 0xFFFFFFFF,
                           len(frame.data), frame.length)
        out.append(block(6, head + frame.data))
    end = frames[-1].time
    counts = b"".join(struct.pack("<HHQ", kind, 8, count)
                      for kind, count in ((4, len(frames) + dropped), (5, dropped)))
    out.append(block(5, struct.pack("<III", 0, end >> 32, end & 0xFFFFFFFF) + counts + bytes(4)))
    path.write_bytes(b"".join(out))


def block(kind, body):
    """A pcapng block: its length stands before and after it."""
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + size + body + size


def cut(frames, octets):
    """What a capture with this snap length would have kept."""
    return [replace(frame, data=frame.data[:octets]) for frame in frames]


def doubled(frames, hop=0, delay=40):
    """Every packet twice, the copy `delay` microseconds later and `hop` hops older."""
    copies = [replace(frame, time=frame.time + delay, data=aged(frame, hop)) for frame in frames]
    return sorted(frames + copies, key=lambda frame: frame.time)


def aged(frame, hop):
    """The frame after `hop` routers: other MAC addresses and hop count, the checksum repaired."""
    layer = frame.ip()
    if not hop or layer is None:
        return frame.data
    data = bytearray(frame.data)
    data[0:12] = b"\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02"
    if layer[0] == 6:
        data[21] -= hop
        return bytes(data)
    data[22] -= hop
    data[24:26] = b"\0\0"
    data[24:26] = struct.pack("!H", checksum(bytes(data[14:layer[4]])))
    return bytes(data)


def tagged(frames, vlan=42):
    """Every frame with an 802.1Q tag."""
    return [replace(frame, length=frame.length + 4,
                    data=frame.data[:12] + struct.pack("!HH", VLAN, vlan) + frame.data[12:])
            for frame in frames]


def wrapped(frames, network=4242):
    """Every frame inside VXLAN (RFC 7348) over UDP over IPv4."""
    result = []
    for number, frame in enumerate(frames):
        vxlan = struct.pack("!II", 0x08000000, network << 8) + frame.data
        udp = struct.pack("!HHHH", 49152 + number % 1000, 4789, 16 + frame.length, 0)
        head = struct.pack("!BBHHHBBH", 0x45, 0, 36 + frame.length, number & 0xFFFF, 0, 64, UDP, 0)
        addresses = bytes((172, 31, 0, 1, 172, 31, 0, 2))
        head = head[:10] + struct.pack("!H", checksum(head + addresses)) + addresses
        ethernet = b"\x02\0\0\0\0\x12\x02\0\0\0\0\x11" + struct.pack("!H", IPV4)
        result.append(replace(frame, length=frame.length + 50,
                              data=ethernet + head + udp + vxlan))
    return result


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
