#!/usr/bin/env python3
"""Writes a capture of so many short TCP flows, each with a TLS ClientHello: many_flows.py COUNT FILE.

One in ten gets no answer, one in ten is reset: a list of flows with something to look for.
"""
import struct
import sys


def checksum_free_ip(source, target, payload):
    """IPv4 (RFC 791) without a checksum: nobody here asks for it."""
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, 6, 0, source, target) + payload


def tcp(source_port, target_port, sequence, acknowledged, flags, payload=b""):
    return struct.pack("!HHIIBBHHH", source_port, target_port, sequence, acknowledged, 5 << 4, flags, 65535, 0,
                       0) + payload


def client_hello(name):
    """RFC 8446 4.1.2 with a server name (RFC 6066 3) and nothing else."""
    name = name.encode()
    server_name = struct.pack("!HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + struct.pack("!H", len(
        server_name)) + server_name
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake


SYN, ACK, RST = 0x02, 0x10, 0x04


def flow(number):
    """Frames of one flow as (microseconds since its start, octets)."""
    client = bytes([10, 0, number >> 12 & 0xff, 1 + number % 200])
    server = bytes([203, 0, 113, 1 + number % 250])
    port = 1024 + number % 60000
    out = lambda *fields: checksum_free_ip(client, server, tcp(port, 443, *fields))
    back = lambda *fields: checksum_free_ip(server, client, tcp(443, port, *fields))
    yield 0, out(1, 0, SYN)
    if number % 10 == 3:
        yield 1000, out(1, 0, SYN)
        return
    if number % 10 == 7:
        yield 500, back(0, 2, RST | ACK)
        return
    yield 500, back(1, 2, SYN | ACK)
    yield 600, out(2, 2, ACK)
    yield 700, out(2, 2, ACK, client_hello(f"host-{number % 5000}.example.net"))
    yield 1200, back(2, 300, ACK, b"\x16\x03\x03\0\x05\x02\0\0\x01\0")


def main():
    count, path = int(sys.argv[1]), sys.argv[2]
    frames = sorted(((number * 1500 + offset, octets) for number in range(count) for offset, octets in flow(number)),
                    key=lambda frame: frame[0])
    with open(path, "wb") as file:
        file.write(struct.pack("!IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))  # LINKTYPE_RAW
        for time, octets in frames:
            file.write(struct.pack("!IIII", 1790000000 + time // 1000000, time % 1000000, len(octets), len(octets)))
            file.write(octets)


if __name__ == "__main__":
    main()
