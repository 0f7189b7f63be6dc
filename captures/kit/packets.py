"""Frames from link layer to transport, with correct checksums (RFC 791, 8200, 9293, 768, 792, 4443)."""
import ipaddress
import struct

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10


def checksum(data):
    """The internet checksum, RFC 1071."""
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packed(address):
    return ipaddress.ip_address(address).packed


def is_v6(address):
    return ':' in address


def pseudo_header(source, destination, protocol, length):
    if is_v6(source):
        return packed(source) + packed(destination) + struct.pack('!I3xB', length, protocol)
    return packed(source) + packed(destination) + struct.pack('!xBH', protocol, length)


def ip(source, destination, protocol, payload, ttl=64, ip_id=0):
    if is_v6(source):
        return struct.pack('!IHBB', 6 << 28, len(payload), protocol, ttl) + packed(source) + packed(destination) + payload
    head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(payload), ip_id, 0x4000, ttl, protocol, 0) + packed(source) + packed(destination)
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + payload


def udp(source, sport, destination, dport, payload, **ip_fields):
    length = 8 + len(payload)
    head = struct.pack('!HHHH', sport, dport, length, 0)
    check = checksum(pseudo_header(source, destination, 17, length) + head + payload) or 0xffff
    return ip(source, destination, 17, head[:6] + struct.pack('!H', check) + payload, **ip_fields)


def tcp(source, sport, destination, dport, seq, ack, flags, payload=b'', timestamp=None, window=64240, cookie=None, words=None,
        sack=None, **ip_fields):
    """timestamp: (value, echo) of RFC 7323, or None for a segment without the option; cookie: of TCP Fast Open, RFC 7413;
    sack: the octets of a selective acknowledgement, RFC 2018; words: what the header says of its own length, where that is to be wrong."""
    options = b''
    if flags & SYN:
        options += struct.pack('!BBH', 2, 4, 1460)
    if cookie is not None:
        options += struct.pack('!BBBB', 1, 1, 34, 2 + len(cookie)) + cookie + bytes([1]) * (-len(cookie) % 4)
    if timestamp is not None:
        options += struct.pack('!BBBBII', 1, 1, 8, 10, timestamp[0] & 0xffffffff, timestamp[1] & 0xffffffff)
    if sack is not None:
        options += struct.pack('!BBBBII', 1, 1, 5, 10, sack[0] & 0xffffffff, sack[1] & 0xffffffff)
    offset = (20 + len(options)) // 4 if words is None else words
    head = struct.pack('!HHIIBBHHH', sport, dport, seq & 0xffffffff, ack & 0xffffffff, offset << 4, flags, window, 0, 0) + options
    check = checksum(pseudo_header(source, destination, 6, len(head) + len(payload)) + head + payload)
    return ip(source, destination, 6, head[:16] + struct.pack('!H', check) + head[18:] + payload, **ip_fields)


def icmp_error(source, destination, kind, code, quoted, mtu=0, **ip_fields):
    """An ICMP or ICMPv6 error about the IP packet `quoted`."""
    if is_v6(source):
        body = struct.pack('!BBHI', kind, code, 0, mtu) + quoted[:1232]
        check = checksum(pseudo_header(source, destination, 58, len(body)) + body)
        protocol = 58
    else:
        body = struct.pack('!BBHHH', kind, code, 0, 0, mtu) + quoted[:28]
        check = checksum(body)
        protocol = 1
    return ip(source, destination, protocol, body[:2] + struct.pack('!H', check) + body[4:], **ip_fields)


def with_ttl(packet, ttl):
    """The packet as it looks after some hops: another hop count, and for IPv4 the checksum of it."""
    changed = bytearray(packet)
    if packet[0] >> 4 == 6:
        changed[7] = ttl
        return bytes(changed)
    changed[8] = ttl
    changed[10:12] = b'\0\0'
    changed[10:12] = struct.pack('!H', checksum(bytes(changed[:20])))
    return bytes(changed)


def addresses(packet):
    """Source and destination of an IP packet, as text."""
    if packet[0] >> 4 == 6:
        return str(ipaddress.ip_address(packet[8:24])), str(ipaddress.ip_address(packet[24:40]))
    return str(ipaddress.ip_address(packet[12:16])), str(ipaddress.ip_address(packet[16:20]))


def ethernet(packet, source=b'\x02\0\0\0\0\x01', destination=b'\x02\0\0\0\0\x02'):
    kind = 0x86dd if packet[0] >> 4 == 6 else 0x0800
    return destination + source + struct.pack('!H', kind) + packet
