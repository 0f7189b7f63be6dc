"""What a mirror port, a tap or a tunnel wraps around a frame. Every function takes an Ethernet frame and returns one
(or, where it says so, a frame of another link type)."""
import struct

from . import packets as p

TAP, COLLECTOR = '10.99.0.1', '10.99.0.2'
TAP6, COLLECTOR6 = '2001:db8:99::1', '2001:db8:99::2'


def addresses(frame):
    return frame[:12]


def ether_type(frame):
    return frame[12:14]


def packet(frame):
    return frame[14:]


def outer_ip(protocol, payload, number=[0]):
    number[0] = (number[0] + 1) & 0xffff
    return p.ethernet(p.ip(TAP, COLLECTOR, protocol, payload, ip_id=number[0] or 1), b'\x02\0\0\0\1\1', b'\x02\0\0\0\1\2')


def outer_udp(port, payload, source_port=50000):
    return outer_ip(17, struct.pack('!HHHH', source_port, port, 8 + len(payload), 0) + payload)


# ---- tags and the link layer ----
def vlan(frame, *tags):
    """tags: (tag protocol identifier, VLAN id), outermost first."""
    return addresses(frame) + b''.join(struct.pack('!HH', kind, number) for kind, number in tags) + frame[12:]


def llc_snap(frame):
    body = b'\xaa\xaa\x03\0\0\0' + frame[12:]
    return addresses(frame) + struct.pack('!H', len(body)) + body


def mpls(frame, labels=(100, 200)):
    stack = b''.join(struct.pack('!I', label << 12 | (0x100 if i == len(labels) - 1 else 0) | 64) for i, label in enumerate(labels))
    return addresses(frame) + b'\x88\x47' + stack + packet(frame)


def mpls_pseudo_wire(frame, control_word=True):
    stack = struct.pack('!I', 300 << 12 | 0x100 | 64)
    return addresses(frame) + b'\x88\x47' + stack + (bytes(4) if control_word else b'') + frame


def ppp_protocol(frame):
    return b'\x00\x57' if ether_type(frame) == b'\x86\xdd' else b'\x00\x21'


def pppoe(frame):
    body = ppp_protocol(frame) + packet(frame)
    return addresses(frame) + b'\x88\x64' + struct.pack('!BBHH', 0x11, 0, 7, len(body)) + body


def ppp(frame):
    """LINKTYPE_PPP (9)."""
    return b'\xff\x03' + ppp_protocol(frame) + packet(frame)


def cooked(frame):
    """LINKTYPE_LINUX_SLL (113)."""
    return struct.pack('!HHH', 0, 1, 6) + frame[6:12] + bytes(2) + frame[12:]


def cooked2(frame):
    """LINKTYPE_LINUX_SLL2 (276)."""
    return ether_type(frame) + bytes(2) + struct.pack('!IHBB', 3, 1, 0, 6) + frame[6:12] + bytes(2) + packet(frame)


def loopback(frame):
    """LINKTYPE_NULL (0), little-endian BSD address family."""
    return struct.pack('<I', 30 if ether_type(frame) == b'\x86\xdd' else 2) + packet(frame)


# ---- tunnels ----
def gre(frame):
    return outer_ip(47, b'\0\0' + ether_type(frame) + packet(frame))


def gre_key_sequence(frame, number=[0]):
    number[0] += 1
    return outer_ip(47, b'\x30\0' + ether_type(frame) + struct.pack('!II', 7, number[0]) + packet(frame))


def gre_v1(frame, number=[0]):
    """Enhanced GRE of PPTP (RFC 2637)."""
    number[0] += 1
    body = b'\xff\x03' + ppp_protocol(frame) + packet(frame)
    return outer_ip(47, b'\x30\x01\x88\x0b' + struct.pack('!HHI', len(body), 9, number[0]) + body)


def nvgre(frame):
    return outer_ip(47, b'\x20\0\x65\x58' + struct.pack('!I', 5000 << 8) + frame)


def erspan1(frame):
    return outer_ip(47, b'\0\0\x88\xbe' + frame)


def erspan2(frame, number=[0]):
    number[0] += 1
    return outer_ip(47, b'\x10\0\x88\xbe' + struct.pack('!IHHI', number[0], 0x1000 | 10, 0x0005, 0) + frame)


def erspan3(frame, number=[0]):
    """With the optional platform subheader (O bit)."""
    number[0] += 1
    head = struct.pack('!IHHIHH', number[0], 0x2000 | 10, 0x0005, 12345, 0, 0x0001)
    return outer_ip(47, b'\x10\0\x22\xeb' + head + bytes(8) + frame)


def vxlan(frame, reserved=0):
    return outer_udp(4789, struct.pack('!II', 0x08000000 | reserved, 42 << 8 | (reserved & 0xff)) + frame)


def vxlan_gpe(frame):
    return outer_udp(4790, struct.pack('!BBBBI', 0x0c, 0, 0, 3, 42 << 8) + frame)


def geneve(frame):
    options = struct.pack('!HBB', 0x0102, 0x80, 1) + b'abcd'
    return outer_udp(6081, struct.pack('!BBHI', len(options) // 4, 0, 0x6558, 42 << 8) + options + frame)


def gtp_u(frame):
    body = packet(frame)
    extension = b'\x01\x00\x00\x00'
    return outer_udp(2152, struct.pack('!BBHIHBB', 0x34, 255, 4 + len(extension) + len(body), 77, 0, 0, 0x85) + extension + body, 2152)


def ip_in_ip(frame):
    return outer_ip(4, packet(frame))


def six_in_four(frame):
    return outer_ip(41, packet(frame))


def six_to_four(frame):
    return p.ethernet(p.ip('192.88.99.1', COLLECTOR, 41, packet(frame), ip_id=1))


def teredo(frame):
    return outer_udp(3544, packet(frame), 3545)


def in_ipv6(frame):
    return p.ethernet(p.ip(TAP6, COLLECTOR6, 41 if ether_type(frame) == b'\x86\xdd' else 4, packet(frame)))


def l2tp(frame):
    body = b'\xff\x03' + ppp_protocol(frame) + packet(frame)
    return outer_udp(1701, struct.pack('!HHHH', 0x4002, 8 + len(body), 5, 6) + body, 1701)


def tzsp(frame):
    return outer_udp(37008, b'\x01\0\0\x01\x01' + frame)


def capwap(frame):
    """CAPWAP data (RFC 5415 4.3) with an 802.3 frame: the T bit is clear."""
    return outer_udp(5247, b'\x00\x10\x40\x00' + bytes(4) + frame, 5000)


def authentication_header(frame):
    """AH (RFC 4302) between the IPv4 header and the transport."""
    body = packet(frame)
    head, rest = body[:20], body[20:]
    header = struct.pack('!BBHII', head[9], 4, 0, 0x1000, 1) + bytes(12)
    source, destination = ('.'.join(str(b) for b in head[i:i + 4]) for i in (12, 16))
    ip_id = struct.unpack('!H', head[4:6])[0]
    return addresses(frame) + ether_type(frame) + p.ip(source, destination, 51, header + rest, ttl=head[8], ip_id=ip_id)


# ---- fragments ----
def fragments(frame, size=64):
    """The frame's packet in pieces of `size` octets; a list of frames."""
    body = packet(frame)
    if ether_type(frame) == b'\x86\xdd':
        return fragments6(frame, size)
    head, rest = body[:20], body[20:]
    if len(rest) <= size:
        return [frame]
    out = []
    for at in range(0, len(rest), size):
        piece = rest[at:at + size]
        more = 0x2000 if at + size < len(rest) else 0
        new = bytearray(head)
        struct.pack_into('!H', new, 2, 20 + len(piece))
        struct.pack_into('!H', new, 6, more | at // 8)
        struct.pack_into('!H', new, 10, 0)
        struct.pack_into('!H', new, 10, p.checksum(bytes(new)))
        out.append(frame[:14] + bytes(new) + piece)
    return out


def fragments6(frame, size, number=[0]):
    body = packet(frame)
    head, rest = bytearray(body[:40]), body[40:]
    if len(rest) <= size:
        return [frame]
    number[0] += 1
    kind, head[6] = head[6], 44
    out = []
    for at in range(0, len(rest), size):
        piece = struct.pack('!BBHI', kind, 0, at | (1 if at + size < len(rest) else 0), number[0]) + rest[at:at + size]
        struct.pack_into('!H', head, 4, len(piece))
        out.append(frame[:14] + bytes(head) + piece)
    return out
