"""DNS as the laboratory speaks it (RFC 1035, EDNS RFC 6891, Extended DNS Errors RFC 8914).

A codec for the few messages needed, and a server that answers each name the way a plan says. The
daemons Debian ships cannot be told to stay silent, sinkhole and blame policy name by name.
"""

import asyncio
import socket
import struct
from dataclasses import dataclass

A, CNAME, PTR, AAAA, OPT, HTTPS = 1, 5, 12, 28, 41, 65
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
EDE_OPTION = 15  # RFC 8914 section 2
TTL = 120


@dataclass
class Answer:
    """How a name is answered. Without addresses and with NOERROR it exists without data."""

    rcode: int = NOERROR
    v4: str = ""
    v6: str = ""
    aliases: tuple = ()  # CNAME targets on the way, in order
    extended_error: int | None = None
    silent: bool = False


def name_to_wire(name):
    labels = [label for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(l)]) + l.encode() for l in labels) + b"\0"


def query(identifier, name, qtype):
    """A recursive question with an EDNS pseudo-record."""
    return (struct.pack("!6H", identifier, 0x0100, 1, 0, 0, 1)
            + name_to_wire(name) + struct.pack("!HH", qtype, 1)
            + b"\0" + struct.pack("!HHIH", OPT, 1232, 0, 0))


def question(message):
    """(identifier, name, type, end of the question section) of a query or response."""
    identifier = struct.unpack_from("!H", message)[0]
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode())
        at += 1 + message[at]
    qtype = struct.unpack_from("!H", message, at + 1)[0]
    return identifier, ".".join(labels), qtype, at + 5


def record(name, rtype, data):
    return name_to_wire(name) + struct.pack("!HHIH", rtype, 1, TTL, len(data)) + data


def response(message, answer):
    """The response bytes to a query under `answer`."""
    identifier, name, qtype, end = question(message)
    records, owner = [], name
    if answer.rcode == NOERROR:
        address = {A: answer.v4, AAAA: answer.v6}.get(qtype, "")
        for alias in answer.aliases:
            records.append(record(owner, CNAME, name_to_wire(alias)))
            owner = alias
        if address:
            family = socket.AF_INET if qtype == A else socket.AF_INET6
            records.append(record(owner, qtype, socket.inet_pton(family, address)))
    options = b""
    if answer.extended_error is not None:
        text = b"laboratory policy"
        options = struct.pack("!HHH", EDE_OPTION, 2 + len(text), answer.extended_error) + text
    opt = b"\0" + struct.pack("!HHIH", OPT, 1232, 0, len(options)) + options
    header = struct.pack("!6H", identifier, 0x8180 | answer.rcode, 1, len(records), 0, 1)
    return header + message[12:end] + b"".join(records) + opt


def outcome(message):
    """(rcode, addresses, extended error) of a response to A or AAAA."""
    rcode = message[3] & 0x0F
    counts = struct.unpack_from("!6H", message)
    *_, at = question(message)
    addresses, error = [], None
    for _ in range(counts[3] + counts[4] + counts[5]):
        while message[at]:
            at += 1 + message[at]
        rtype, _, _, length = struct.unpack_from("!HHIH", message, at + 1)
        data = message[at + 11:at + 11 + length]
        at += 11 + length
        if rtype == A:
            addresses.append(socket.inet_ntop(socket.AF_INET, data))
        elif rtype == AAAA:
            addresses.append(socket.inet_ntop(socket.AF_INET6, data))
        elif rtype == OPT and length >= 6 and struct.unpack_from("!H", data)[0] == EDE_OPTION:
            error = struct.unpack_from("!H", data, 4)[0]
    return rcode, addresses, error


class Server(asyncio.DatagramProtocol):
    """Answers from `plan` (name -> Answer); an unknown name does not exist."""

    def __init__(self, plan, asked):
        self.plan = plan
        self.asked = asked  # name -> number of questions

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, message, peer):
        _, name, _, _ = question(message)
        self.asked[name] = self.asked.get(name, 0) + 1
        answer = self.plan.get(name.lower(), Answer(rcode=NXDOMAIN))
        if not answer.silent:
            self.transport.sendto(response(message, answer), peer)
