"""Clients that behave as the vendors' do, and say honestly what happened to them.

Every behaviour is a coroutine over one Attempt. It returns a Report: how far it came and what it
was told. That report is the first of the laboratory's two witnesses.
"""

import asyncio
import contextlib
import errno
import os
import random
import socket
import ssl
import struct
import time
from dataclasses import asdict, dataclass, field

from . import dns, quic, services, stun, topology
from .topology import inside

IP_RECVERR, IPV6_RECVERR = 11, 25
CONNECT_PATIENCE = 3.7  # SYNs at 0, 1 and 3 seconds
ANSWER_PATIENCE = 4.0
RETRY_AT = (0.0, 0.5, 1.5, 3.5)  # STUN's retransmissions (RFC 8489 section 6.2.1)


@dataclass
class Report:
    """What a client saw. `stage` is the last stage tried, `error` empty when that worked."""

    stage: str = "dns"
    error: str = ""
    resolved: list = field(default_factory=list)
    dns_error: str = ""
    local: tuple | None = None
    remote: tuple | None = None
    sent: int = 0
    received: int = 0
    media_sent: int = 0
    media_received: int = 0
    first: float = 0.0
    last: float = 0.0
    told: list = field(default_factory=list)  # ICMP errors, STUN error codes, proxy statuses

    def as_json(self):
        return asdict(self)


class Failed(Exception):
    """Ends a behaviour; the report already says where, the argument why."""


class Host:
    """A client machine: opens sockets in its namespace, resolves names."""

    def __init__(self, number, world):
        self.number, self.namespace, self.world = number, f"c{number}", world

    def address(self, ipv6):
        layout = self.world.topology
        return layout.client6(self.number) if ipv6 else layout.client4(self.number)

    def tcp(self, ipv6):
        with inside(self.namespace):
            sock = socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET, socket.SOCK_STREAM)
        sock.bind((self.address(ipv6), 0))
        sock.setblocking(False)
        return sock

    def udp(self, ipv6, port=0):
        with inside(self.namespace):
            sock = socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET, socket.SOCK_DGRAM)
        if ipv6:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
        else:
            sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        sock.bind((self.address(ipv6), port))
        sock.setblocking(False)
        return sock

    async def resolve(self, name, ipv6, report):
        """Ask for both families as browsers do; the address wanted, or Failed."""
        wanted = dns.AAAA if ipv6 else dns.A
        answers = await asyncio.gather(*(self.ask(name, qtype, ipv6)
                                         for qtype in (dns.A, dns.AAAA)))
        rcode, addresses, error = answers[0 if wanted == dns.A else 1]
        report.resolved = addresses
        if error is not None:
            report.dns_error = f"ede:{error}"
        elif rcode is None:
            report.dns_error = "timeout"
        elif rcode != dns.NOERROR:
            report.dns_error = f"rcode:{rcode}"
        elif not addresses:
            report.dns_error = "no data"
        elif addresses[0] in ("0.0.0.0", "::", "::1") or addresses[0].startswith("127."):
            report.dns_error = "sinkhole"
        if report.dns_error:
            raise Failed(report.dns_error)
        return addresses[0]

    async def ask(self, name, qtype, ipv6):
        """One question, sent twice when nothing comes; (None, [], None) when nothing came."""
        server = topology.RESOLVER6 if ipv6 else topology.RESOLVER4
        line = await Line.open(self.udp(ipv6), (server, 53))
        message = dns.query(random.getrandbits(16), name, qtype)
        try:
            for patience in (1.5, 2.0):
                line.send(message)
                reply = await line.receive(patience)
                if reply is not None:
                    return dns.outcome(reply)
            return None, [], None
        finally:
            line.close()


class Line:
    """A UDP conversation with one peer: a queue of datagrams and the ICMP errors about it."""

    @classmethod
    async def open(cls, sock, peer):
        sock.connect(peer)
        return cls(sock, peer)

    def __init__(self, sock, peer):
        self.sock, self.peer, self.local = sock, peer, sock.getsockname()[:2]
        self.queue, self.errors, self.sent, self.received = asyncio.Queue(), [], 0, 0
        self.on_datagram = None
        self.loop = asyncio.get_running_loop()
        self.loop.add_reader(sock, self.read)

    def read(self):
        """Everything that waits, the error queue too: left there, it would wake us for ever."""
        with contextlib.suppress(BlockingIOError):
            while True:
                _, ancillary, _, _ = self.sock.recvmsg(2048, 512, socket.MSG_ERRQUEUE)
                self.errors += [icmp_error(value) for _, kind, value in ancillary
                                if kind in (IP_RECVERR, IPV6_RECVERR)]
        while True:
            try:
                data = self.sock.recv(4096)
            except BlockingIOError:
                return
            except OSError:
                continue  # the pending error, already read from the queue
            self.received += 1
            if self.on_datagram is None or not self.on_datagram(data):
                self.queue.put_nowait(data)

    def send(self, data):
        self.sent += 1
        for _ in range(3):  # a pending ICMP error is reported by the next call, which sends nothing
            with contextlib.suppress(OSError):
                self.sock.send(data)
                return

    def expire_first(self):
        """Send one packet that dies at the second router, as a path probe does."""
        self.sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 2)
        self.send(vendor_bytes(40))
        self.sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 64)

    async def receive(self, patience):
        try:
            return await asyncio.wait_for(self.queue.get(), patience)
        except asyncio.TimeoutError:
            return None

    def close(self):
        self.loop.remove_reader(self.sock)
        self.sock.close()


def icmp_error(value):
    """"icmp:type.code" of a struct sock_extended_err (linux/errqueue.h)."""
    number, origin, kind, code = struct.unpack_from("IBBB", value)
    if origin in (2, 3):
        return f"icmp:{kind}.{code}"
    return "errno:" + errno.errorcode.get(number, str(number))


class Call:
    """One attempt under way: carries the report and the steps the behaviours share."""

    def __init__(self, world, attempt):
        self.world, self.attempt = world, attempt
        self.host = world.hosts[attempt.client]
        self.report = Report()
        self.closers = []
        self.done = asyncio.Event()

    async def run(self):
        behaviour = BEHAVIOURS[self.attempt.behaviour]
        self.report.first = time.time()
        try:
            await behaviour(self)
        except Failed as failure:
            self.report.error = str(failure)
        self.report.last = time.time()
        self.done.set()
        return self.report

    async def resolve(self):
        attempt = self.attempt
        if attempt.name:
            return await self.host.resolve(attempt.name, attempt.ipv6, self.report)
        return attempt.server

    # TCP

    async def connect(self, address, port):
        """A TCP connection, or Failed with timeout, reset or the errno of an ICMP error."""
        report = self.report
        report.stage = "tcp"
        sock = self.host.tcp(self.attempt.ipv6)
        report.local, report.remote = sock.getsockname()[:2], (address, port)
        self.closers.append(sock.close)
        try:
            await asyncio.wait_for(
                asyncio.get_running_loop().sock_connect(sock, (address, port)), CONNECT_PATIENCE)
        except asyncio.TimeoutError:
            raise Failed("timeout") from None
        except OSError as error:
            raise Failed("errno:" + errno.errorcode.get(error.errno, "?")) from None
        return sock

    async def route(self):
        """A socket towards the server, straight or through the proxy."""
        attempt = self.attempt
        if not attempt.proxy:
            return await self.connect(await self.resolve(), attempt.port)
        proxy = topology.PROXY6 if attempt.ipv6 else topology.PROXY4
        sock = await self.connect(proxy, attempt.proxy)
        self.report.stage = "proxy"
        target = f"{attempt.name}:{attempt.port}"
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(sock, (f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
                                       "Proxy-Connection: keep-alive\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            more = await self.hear(loop.sock_recv(sock, 1))
            if not more:
                raise Failed("closed")
            head += more
        status = int(head.split()[1])
        self.report.told.append(status)
        if status // 100 != 2:
            raise Failed(f"status:{status}")
        return sock

    async def hear(self, waiting, patience=ANSWER_PATIENCE):
        """Await an answer; Failed with timeout, reset, closed or the TLS error's name."""
        try:
            return await asyncio.wait_for(waiting, patience)
        except asyncio.TimeoutError:
            raise Failed("timeout") from None
        except ssl.SSLCertVerificationError:
            raise Failed("distrusted") from None
        except ssl.SSLError as error:
            raise Failed(f"tls:{error.reason}") from None
        except asyncio.IncompleteReadError:
            raise Failed("closed") from None
        except (ConnectionResetError, BrokenPipeError):
            raise Failed("reset") from None
        except OSError as error:
            raise Failed("errno:" + errno.errorcode.get(error.errno, "?")) from None

    async def streams(self, sock, context=None):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        options = {"server_hostname": self.attempt.name, "ssl_handshake_timeout": 60} if context \
            else {}
        transport, _ = await self.hear(loop.create_connection(
            lambda: protocol, sock=sock, ssl=context, **options))
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        self.closers.append(transport.abort)
        return reader, writer

    def finish(self):
        """Close what is still open, with resets: nothing goes on talking after the run."""
        for close in self.closers:
            with contextlib.suppress(OSError):
                close()

    # UDP

    async def line(self, address, port):
        line = await Line.open(self.host.udp(self.attempt.ipv6), (address, port))
        self.report.local, self.report.remote = line.local, (address, port)
        self.closers.append(line.close)
        return line

    def take_counts(self, line):
        report = self.report
        report.sent, report.received = line.sent, line.received
        report.told += [e for e in line.errors if e not in report.told]

    async def transact(self, line, message):
        """A STUN transaction with its retransmissions; the decoded answer, or None."""
        identifier = message[8:20]
        started = time.monotonic()
        for number, when in enumerate(RETRY_AT):
            await asyncio.sleep(max(0.0, started + when - time.monotonic()))
            line.send(message)
            until = started + (RETRY_AT[number + 1] if number + 1 < len(RETRY_AT) else when + 1.0)
            while (left := until - time.monotonic()) > 0:
                reply = await line.receive(left)
                if reply is None:
                    break
                if stun.is_message(reply) and reply[8:20] == identifier:
                    return stun.decode(reply)
        return None


# TCP behaviours


async def tls(call):
    """TLS with SNI and a request, as signalling over HTTPS or web sockets does."""
    sock = await call.route()
    report = call.report
    report.stage = "tls"
    if call.attempt.behaviour_option == "verify":
        await mistrust(call, sock)
        return
    reader, writer = await call.streams(sock, call.world.client_context(verify=False))
    await https_exchange(call, reader, writer)


async def mistrust(call, sock):
    """A handshake whose alert reaches the wire: asyncio closes before it has sent its own."""
    loop = asyncio.get_running_loop()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = call.world.client_context(verify=True).wrap_bio(
        incoming, outgoing, server_hostname=call.attempt.name)
    while True:
        try:
            session.do_handshake()
            return
        except ssl.SSLWantReadError:
            await loop.sock_sendall(sock, outgoing.read())
            data = await call.hear(loop.sock_recv(sock, 65536))
            if not data:
                raise Failed("closed") from None
            incoming.write(data)
        except ssl.SSLCertVerificationError:
            await loop.sock_sendall(sock, outgoing.read())
            raise Failed("distrusted") from None


async def https_exchange(call, reader, writer):
    report, name = call.report, call.attempt.name
    body = os.urandom(call.attempt.upload)
    method = "POST" if body else "GET"
    report.stage = "http"
    writer.write(f"{method} /socket HTTP/1.1\r\nHost: {name}\r\nUser-Agent: caller/1.0\r\n"
                 f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    head = await call.hear(reader.readuntil(b"\r\n\r\n"))
    report.told.append(int(head.split()[1]))
    report.received += 1
    for _ in range(3):
        await asyncio.sleep(0.2)
        writer.write(os.urandom(60))
        if not await call.hear(reader.read(4096)):
            raise Failed("closed")
        report.received += 1


async def http(call):
    """Plain HTTP on port 80."""
    sock = await call.route()
    reader, writer = await call.streams(sock)
    await https_exchange(call, reader, writer)


async def raw(call):
    """A protocol of the vendor's own over TCP."""
    sock = await call.route()
    reader, writer = await call.streams(sock)
    call.report.stage = "payload"
    for _ in range(4):
        writer.write(b"\x01\x00\x40\x02" + os.urandom(60))
        answer = await call.hear(reader.read(4096))
        if not answer:
            raise Failed("closed")
        call.report.received += 1
        await asyncio.sleep(0.2)


# UDP behaviours


async def udp(call):
    """A vendor's own UDP protocol: knocks until something comes, then talks both ways."""
    call.report.stage = "udp"
    line = await call.line(await call.resolve(), call.attempt.port)
    started = time.monotonic()
    if call.attempt.behaviour_option == "short-lived":
        line.expire_first()
    for number, when in enumerate((0.0, 0.6, 1.4, 3.0)):
        await asyncio.sleep(max(0.0, started + when - time.monotonic()))
        line.send(vendor_bytes(60 + number))
        if await line.receive(0.5) is not None:
            await stream(call, line, lambda _: vendor_bytes(160))
            break
    call.take_counts(line)
    call.report.error = "" if line.received else "timeout"


async def rtp(call):
    """Plain RTP to a named server, as old media gateways take it."""
    call.report.stage = "media"
    line = await call.line(await call.resolve(), call.attempt.port)
    media = Media()
    await stream(call, line, media.packet)
    call.take_counts(line)
    call.report.error = "" if line.received else "timeout"


async def downstream(call):
    """A recorder that only listens: the server sends media to a port of the client's."""
    attempt, report = call.attempt, call.report
    report.stage = "media"
    sock = call.host.udp(attempt.ipv6, attempt.local_port)
    report.local, report.remote = sock.getsockname()[:2], (attempt.server, attempt.port)
    line = Line(sock, report.remote)
    call.closers.append(line.close)
    media = Media()
    for _ in range(int(attempt.seconds * attempt.rate)):
        call.world.internet.send((attempt.server, attempt.port), report.local, media.packet())
        await asyncio.sleep(1 / attempt.rate)
    call.take_counts(line)
    if not line.received:
        raise Failed("timeout")


async def stream(call, line, make):
    """Packets both ways for the attempt's time; the rate lets several calls share a processor."""
    attempt = call.attempt
    count = int(attempt.seconds * attempt.rate)
    started = time.monotonic()
    for number in range(count):
        line.send(make(number))
        call.report.media_sent += 1
        await asyncio.sleep(max(0.0, started + (number + 1) / attempt.rate - time.monotonic()))
    while not line.queue.empty():
        line.queue.get_nowait()
    call.report.media_received = max(0, line.received)


def vendor_bytes(size):
    """Bytes of no public protocol: neither STUN, DTLS, TURN channels, QUIC nor RTP (RFC 7983)."""
    return b"\x0b\xad" + os.urandom(size - 2)


class Media:
    """An RTP stream with a sender report a second (RFC 3550)."""

    def __init__(self, payload_type=111):
        self.ssrc, self.payload_type = os.urandom(4), payload_type
        self.sequence, self.timestamp = random.getrandbits(16), random.getrandbits(31)
        self.packets = 0

    def packet(self, _=None):
        self.packets += 1
        if self.packets % 25 == 24:
            return (struct.pack("!BBH", 0x80, 200, 6) + self.ssrc + struct.pack("!II", 3900000000, 0)
                    + struct.pack("!III", self.timestamp, self.packets, self.packets * 120))
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + 960) & 0xFFFFFFFF
        return (struct.pack("!BBHI", 0x80, self.payload_type, self.sequence, self.timestamp)
                + self.ssrc + os.urandom(120))


async def ice(call):
    """Peer to peer: connectivity checks with credentials, DTLS, then media. No DNS."""
    attempt, report = call.attempt, call.report
    report.stage = "stun"
    line = await call.line(attempt.server, attempt.port)
    own, peer = attempt.ice_own, attempt.ice_peer
    passwords = call.world.plan.ice_passwords

    def answer_checks(data):
        if not stun.is_message(data):
            return False
        _, kind, identifier, _ = stun.decode(data)
        if kind != stun.REQUEST:
            return False
        mapped = stun.xor_address(stun.XOR_MAPPED_ADDRESS, attempt.server, attempt.port, identifier)
        line.send(stun.message(stun.BINDING, stun.SUCCESS, identifier, mapped,
                               key=passwords[own].encode()))
        return True

    line.on_datagram = answer_checks

    def check(nominate=False):
        attributes = (stun.attribute(stun.USERNAME, f"{peer}:{own}".encode())
                      + stun.attribute(stun.PRIORITY, struct.pack("!I", 1853824767))
                      + stun.attribute(stun.ICE_CONTROLLING, os.urandom(8)))
        if nominate:
            attributes += stun.attribute(stun.USE_CANDIDATE, b"")
        return stun.message(stun.BINDING, stun.REQUEST, stun.transaction(), attributes,
                            key=passwords[peer].encode())

    answered = await call.transact(line, check())
    if answered is not None:
        answered = await call.transact(line, check(nominate=True))
    if answered is not None:
        report.stage = "media"
        await dtls_handshake(line)
        await stream(call, line, Media().packet)
    call.take_counts(line)
    if answered is None:
        raise Failed("timeout")


async def dtls_handshake(line):
    """A DTLS 1.2 handshake as far as it can be seen from outside."""
    for cookie in (b"", b"lab-dtls-cookie!"):
        line.send(dtls_client_hello(cookie))
        await line.receive(1.0)
    while await line.receive(0.2) is not None:
        pass
    line.send(services.dtls_record(20, 0, 2, b"\x01")
              + services.dtls_record(22, 1, 0, os.urandom(40)))
    await line.receive(1.0)


def dtls_client_hello(cookie):
    extensions = b"".join(struct.pack("!HH", kind, len(value)) + value for kind, value in (
        (10, b"\x00\x04\x00\x1d\x00\x17"), (11, b"\x01\x00"),
        (13, b"\x00\x04\x04\x03\x08\x04"), (14, b"\x00\x04\x00\x07\x00\x01\x00"), (23, b"")))
    body = (b"\xfe\xfd" + os.urandom(32) + b"\0" + bytes([len(cookie)]) + cookie
            + b"\x00\x04\xc0\x2b\xc0\x2f" + b"\x01\x00"
            + struct.pack("!H", len(extensions)) + extensions)
    number = 1 if cookie else 0
    return services.dtls_record(22, 0, number, services.dtls_handshake(1, number, body))


async def dtls(call):
    """Media that begins with DTLS at once, without connectivity checks."""
    call.report.stage = "dtls"
    line = await call.line(await call.resolve(), call.attempt.port)
    started = time.monotonic()
    for when in (0.0, 1.0, 3.0):  # RFC 6347 section 4.2.4.1
        await asyncio.sleep(max(0.0, started + when - time.monotonic()))
        line.send(dtls_client_hello(b""))
        if await line.receive(0.9) is not None:
            await dtls_handshake(line)
            await stream(call, line, Media().packet)
            break
    call.take_counts(line)
    call.report.error = "" if line.received else "timeout"


async def quic_hello(call):
    """QUIC Initials, repeated as a client without an answer does (RFC 9002 section 6.2)."""
    call.report.stage = "quic"
    line = await call.line(await call.resolve(), call.attempt.port)
    destination, source = os.urandom(8), os.urandom(8)
    started = time.monotonic()
    for number, when in enumerate((0.0, 1.0, 3.0)):
        await asyncio.sleep(max(0.0, started + when - time.monotonic()))
        line.send(quic.initial(call.attempt.name, destination, source, number))
        if await line.receive(0.9) is not None:
            break
    call.take_counts(line)
    call.report.error = "" if line.received else "timeout"


async def stun_check(call):
    """A plain Binding request to a STUN server, as any application may send."""
    call.report.stage = "stun"
    line = await call.line(await call.resolve(), call.attempt.port)
    answer = await call.transact(
        line, stun.message(stun.BINDING, stun.REQUEST, stun.transaction()))
    call.take_counts(line)
    if answer is None:
        raise Failed("timeout")


# TURN (RFC 8656)


class Relay:
    """A TURN client over any carrier: `ask` is a transaction, `push` sends without an answer."""

    def __init__(self, call, ask, push, padded):
        self.call, self.ask, self.push, self.padded = call, ask, push, padded
        self.key, self.credentials = None, b""

    async def request(self, method, attributes):
        report = self.call.report
        for _ in range(2):
            answer = await self.ask(stun.message(
                method, stun.REQUEST, stun.transaction(), attributes + self.credentials, self.key))
            if answer is None:
                raise Failed("timeout")
            _, kind, identifier, fields = answer
            if kind == stun.SUCCESS:
                return identifier, fields
            code = stun.error_code(fields)
            report.told.append(code)
            if code not in (401, 438) or self.key is not None and code == 401:
                raise Failed(f"stun:{code}")
            realm = fields[stun.REALM].decode()
            self.key = stun.long_term_key(services.TURN_USER, realm, services.TURN_PASSWORD)
            self.credentials = (stun.attribute(stun.USERNAME, services.TURN_USER.encode())
                                + stun.attribute(stun.REALM, realm.encode())
                                + stun.attribute(stun.NONCE, fields[stun.NONCE]))
        raise Failed("stun:401")

    async def open(self):
        """Allocate, permit the peer, bind a channel."""
        family = stun.attribute(stun.REQUESTED_FAMILY, b"\x02\0\0\0") if self.call.attempt.ipv6 else b""
        self.call.report.stage = "turn"
        await self.request(stun.ALLOCATE,
                           stun.attribute(stun.REQUESTED_TRANSPORT, b"\x11\0\0\0") + family)

        # An XOR-ed IPv6 address depends on the transaction, so those are built with their own.
        await self.with_peer(stun.CREATE_PERMISSION, b"")
        await self.with_peer(stun.CHANNEL_BIND,
                             stun.attribute(stun.CHANNEL_NUMBER, b"\x40\x01\0\0"))

    async def with_peer(self, method, attributes):
        attempt = self.call.attempt
        identifier = stun.transaction()
        body = attributes + stun.xor_address(stun.XOR_PEER_ADDRESS, *attempt.peer, identifier)
        answer = await self.ask(stun.message(method, stun.REQUEST, identifier,
                                             body + self.credentials, self.key))
        if answer is None:
            raise Failed("timeout")
        if answer[1] != stun.SUCCESS:
            code = stun.error_code(answer[3])
            self.call.report.told.append(code)
            raise Failed(f"stun:{code}")

    def channel(self, payload):
        return stun.channel_data(0x4001, payload, self.padded)


async def turn_udp(call):
    """Allocation, permission, channel and RTP through the relay, over UDP."""
    call.report.stage = "turn"
    line = await call.line(await call.resolve(), call.attempt.port)
    returned = 0

    def count_media(data):
        nonlocal returned
        if data[0] & 0xC0 == 0x40:
            returned += 1
            return True
        return False

    line.on_datagram = count_media
    relay = Relay(call, lambda message: call.transact(line, message), line.send, False)
    try:
        await relay.open()
        media = Media()
        call.report.stage = "media"
        await stream(call, line, lambda _: relay.channel(media.packet()))
    finally:
        call.take_counts(line)
        call.report.media_received = returned


async def turn_stream(call, secure):
    """The same over TCP, plain or inside TLS."""
    sock = await call.route()
    call.report.stage = "tls" if secure else "turn"
    context = call.world.client_context(verify=False) if secure else None
    reader, writer = await call.streams(sock, context)

    async def read_message():
        head = await call.hear(reader.readexactly(4))
        kind, length = struct.unpack("!HH", head)
        if kind & 0xC000:  # ChannelData, padded to four bytes
            body = await call.hear(reader.readexactly(length + (-length % 4)))
        else:
            body = await call.hear(reader.readexactly(16 + length))
        call.report.received += 1
        return head + body

    async def ask(message):
        writer.write(message)
        while True:
            data = await read_message()
            if stun.is_message(data) and data[8:20] == message[8:20]:
                return stun.decode(data)

    relay = Relay(call, ask, writer.write, True)
    await relay.open()
    call.report.stage = "media"
    media = Media()
    for _ in range(int(call.attempt.seconds * call.attempt.rate)):
        writer.write(relay.channel(media.packet()))
        call.report.media_sent += 1
        await read_message()
        call.report.media_received += 1
        await asyncio.sleep(1 / call.attempt.rate)


async def turn_tcp(call):
    await turn_stream(call, secure=False)


async def turn_tls(call):
    await turn_stream(call, secure=True)


BEHAVIOURS = {
    "tls": tls, "http": http, "raw": raw, "udp": udp, "rtp": rtp, "ice": ice, "downstream": downstream, "dtls": dtls,
    "quic": quic_hello,
    "stun": stun_check, "turn-udp": turn_udp, "turn-tcp": turn_tcp, "turn-tls": turn_tls,
}
