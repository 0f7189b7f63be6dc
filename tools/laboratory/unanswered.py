"""What nobody answers: announcements to everybody, one-way protocols, probes of hosts that are
gone, and a swarm most of whose peers are."""

import asyncio
import contextlib
import os
import socket
import struct

from . import captures, dns
from .clients import CONNECT_PATIENCE, Failed, Line
from .media import vendor_bytes
from .topology import inside

REPEATS, PAUSE = 4, 0.7  # sends of an announcement: by number and time enough for a timeout
DOWNSTREAM_PORTS = range(40000, 41001)  # of a row that leads anywhere (products.py)


def browse():
    """An mDNS question (RFC 6762 section 5)."""
    return (struct.pack("!6H", 0, 0, 1, 0, 0, 0) + dns.name_to_wire("_ipp._tcp.local")
            + struct.pack("!HH", dns.PTR, 1))


def who_is():
    """An LLMNR question (RFC 4795 section 2.1.1)."""
    return (struct.pack("!6H", 7, 0, 1, 0, 0, 0) + dns.name_to_wire("printer")
            + struct.pack("!HH", dns.A, 1))


def discover():
    """SSDP's search (UPnP Device Architecture, section 1.3.2)."""
    return (b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
            b'MAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n')


def lease():
    """DHCPDISCOVER (RFC 2131 section 2)."""
    return (struct.pack("!BBBBIHH", 1, 1, 6, 0, 0x1AB0, 0, 0x8000) + bytes(16)
            + b"\x02\0\0\0\0\x01" + bytes(10 + 192) + b"\x63\x82\x53\x63"
            + b"\x35\x01\x01\xff").ljust(300, b"\0")


def netbios_name():
    """A NetBIOS name registration (RFC 1002 section 4.2.2), broadcast."""
    name = b"\x20" + b"FDEJFEEFCACACACACACACACACACACAAA" + b"\0"
    return struct.pack("!6H", 9, 0x2910, 1, 0, 0, 1) + name + struct.pack("!HH", 32, 1)


def netbios_datagram():
    """A NetBIOS browser announcement (RFC 1002 section 4.4)."""
    return b"\x11\x02\0\x01" + bytes(6) + struct.pack("!HHH", 138, 60, 0) + os.urandom(60)


def log_line():
    return b"<134>1 2026-01-01T00:00:00Z host app - - - the laboratory says so"


def counter():
    return b"calls.active:3|g\ncalls.failed:1|c"


def flow_records():
    """A NetFlow version 9 header (RFC 3954 section 5.1) and some octets."""
    return struct.pack("!HHIIII", 9, 1, 1000, 1700000000, 1, 0) + os.urandom(40)


def trap():
    """An SNMPv2 trap (RFC 3416 section 4.2.6), as far as its kind can be seen."""
    return bytes.fromhex("302c02010104067075626c6963a71f0201010201000201003014"
                         "300f06082b060102010103004303010203") + b"\x05\0\x05"


def measurement():
    """collectd's binary protocol: a host part and a time part."""
    return b"\0\0\0\x09host\0" + b"\0\x01\0\x0c" + struct.pack("!Q", 1700000000)


#: kind -> (destination in IPv4, in IPv6, port, source port or 0, payload); without a destination
#: it goes to a server of its own, which listens in silence.
ANNOUNCEMENTS = {
    "mdns": ("224.0.0.251", "ff02::fb", 5353, 5353, browse),
    "llmnr": ("224.0.0.252", "ff02::1:3", 5355, 0, who_is),
    "ssdp": ("239.255.255.250", "ff02::c", 1900, 0, discover),
    "dhcp": ("255.255.255.255", "", 67, 68, lease),
    "netbios-name": ("10.20.0.255", "", 137, 137, netbios_name),
    "netbios-datagram": ("10.20.0.255", "", 138, 138, netbios_datagram),
    "unknown-multicast": ("239.192.7.7", "ff05::7", 40404, 0, lambda: vendor_bytes(90)),
    "unknown-broadcast": ("255.255.255.255", "", 27036, 0, lambda: vendor_bytes(70)),
    "syslog": ("", "", 514, 0, log_line),
    "snmp-trap": ("", "", 162, 0, trap),
    "netflow": ("", "", 2055, 0, flow_records),
    "statsd": ("", "", 8125, 0, counter),
    "collectd": ("", "", 25826, 0, measurement),
}


async def announce(call):
    """Say something that nobody answers, several times."""
    attempt = call.attempt
    _, _, port, source, payload = ANNOUNCEMENTS[attempt.behaviour_option]
    sock = call.host.udp(attempt.ipv6, source)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    if attempt.behaviour_option == "dhcp":
        sock.close()
        await announce_without_address(call, payload())
        return
    line = await Line.open(sock, (attempt.server, port, *link_of(call)))
    call.report.local, call.report.remote = line.local, (attempt.server, port)
    call.closers.append(line.close)
    for _ in range(REPEATS):
        line.send(payload())
        await asyncio.sleep(PAUSE)
    call.take_counts(line)


def link_of(call):
    """What an IPv6 socket address also needs where the address is good on one link only."""
    if not call.attempt.server.startswith("ff02"):
        return ()
    with inside(call.host.namespace):
        return 0, socket.if_nametoindex("eth0")


async def announce_without_address(call, payload):
    """From 0.0.0.0, as hosts ask that have no address yet: the frame is made by hand."""
    call.report.local, call.report.remote = ("0.0.0.0", 68), ("255.255.255.255", 67)
    udp = struct.pack("!HHHH", 68, 67, 8 + len(payload), 0) + payload
    with inside(call.host.namespace):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with sock:
        sock.bind(("eth0", 0))
        hardware = sock.getsockname()[4]
        for number in range(REPEATS):
            head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 100 + number, 0, 128,
                               captures.UDP, 0)
            ends = bytes(4) + b"\xff\xff\xff\xff"
            head = head[:10] + struct.pack("!H", captures.checksum(head + ends)) + ends
            sock.send(b"\xff" * 6 + hardware + struct.pack("!H", captures.IPV4) + head + udp)
            await asyncio.sleep(PAUSE)


async def probe(call):
    """One try of an address where nobody is: a connection, or one datagram and no second."""
    attempt = call.attempt
    if attempt.transport == "tcp":
        await call.connect(attempt.server, attempt.port, CONNECT_PATIENCE)
        return
    line = await call.line(attempt.server, attempt.port)
    line.send(vendor_bytes(60))
    if await line.receive(1.0) is None:
        raise Failed("timeout")


async def swarm(call):
    """Many peers from one port, as file sharing does: one of them is there."""
    attempt, report = call.attempt, call.report
    sock = call.host.udp(attempt.ipv6)
    call.closers.append(sock.close)
    while sock.getsockname()[1] in DOWNSTREAM_PORTS:  # by chance, and nobody could tell the two apart
        sock = call.host.udp(attempt.ipv6)
        call.closers.append(sock.close)
    report.local, report.remote = sock.getsockname()[:2], (attempt.server, attempt.port)
    peers = [report.remote, *(tuple(peer) for peer in attempt.options["gone"])]
    for number in range(6):
        for peer in peers:
            with contextlib.suppress(OSError):
                sock.sendto(vendor_bytes(70 + number), peer)
        await asyncio.sleep(0.5)
        with contextlib.suppress(OSError):
            while sock.recv(4096):
                report.received += 1
    for peer in peers:
        with call.another_try(peer[0]) as latest:
            latest.local, latest.remote = report.local, peer
    if not report.received:
        raise Failed("timeout")
