#!/usr/bin/env python3
"""Sends frames as a cloud's traffic mirror does, in VXLAN (RFC 7348) to loopback: mirror.py PORT CAPTURE|hostile.

A capture is sent in its own time, its pauses cut short; "hostile" are short TLS sessions to names that are none.
"""
import socket
import struct
import sys
import time

import many_flows

HOSTILE = ["<img src=x onerror=hacked=1><b id=injected>b</b>", "</script><script>hacked=1</script>",
           "\x1b]0;owned\x07\x1b[2J", "\" onmouseover=\"hacked=1\" x='", "x" * 200, "data: 1\n\ndata: 2\r\n"]

PAUSE = 0.7  # seconds between two frames, at most


def captured(path):
    """Frames of a pcap file as (seconds since the first, octets), without its long pauses."""
    with open(path, "rb") as file:
        order = "<" if file.read(24)[:1] in b"\xd4\x4d" else ">"
        last, at = None, 0.0
        while header := file.read(16):
            seconds, micro, size, _ = struct.unpack(order + "IIII", header)
            time_of = seconds + micro / 1e6
            at += min(PAUSE, time_of - last) if last is not None else 0
            last = time_of
            yield at, file.read(size)


def hostile():
    ethernet = bytes(12) + b"\x08\x00"
    for number, name in enumerate(HOSTILE):
        def ip(out, *fields):
            client, server = b"\x0a\x00\x00\x01", b"\xcb\x00\x71\x07"
            ports = (2000 + number, 443) if out else (443, 2000 + number)
            return ethernet + many_flows.checksum_free_ip(*((client, server) if out else (server, client)),
                                                          many_flows.tcp(*ports, *fields))
        syn, ack = many_flows.SYN, many_flows.ACK
        yield 0, ip(True, 1, 0, syn)
        yield 0, ip(False, 1, 2, syn | ack)
        yield 0, ip(True, 2, 2, ack)
        yield 0, ip(True, 2, 2, ack, many_flows.client_hello(name))
        yield 0, ip(False, 2, 300, ack, b"\x16\x03\x03\0\x05\x02\0\0\x01\0")


def main():
    port, what = int(sys.argv[1]), sys.argv[2]
    vxlan = struct.pack("!II", 0x08000000, 7 << 8)
    begin = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for at, frame in hostile() if what == "hostile" else captured(what):
            time.sleep(max(0, begin + at - time.monotonic()))
            out.sendto(vxlan + frame, ("127.0.0.1", port))


if __name__ == "__main__":
    main()
