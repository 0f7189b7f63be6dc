"""Client machines and their calls, which say honestly what happened to them.

A Call plays one Attempt with a behaviour (see behaviours.py) and fills a Report: how far it came
and what it was told. That report is the first of the laboratory's two witnesses.
"""

import asyncio
import contextlib
import errno
import random
import socket
import ssl
import struct
import time
from dataclasses import asdict, dataclass, field

from . import dns, stun, topology
from .media import vendor_bytes
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
    began: float = 0.0  # towards the server itself, when its name was known
    last: float = 0.0
    tries: list = field(default_factory=list)  # where there were several: each as `Try`
    told: list = field(default_factory=list)  # ICMP errors, STUN error codes, proxy statuses

    def as_json(self):
        return asdict(self)


@dataclass
class Try:
    """One of several conversations of an attempt."""

    local: tuple
    remote: tuple
    error: str = ""
    stage: str = ""


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

    async def run(self, behaviour):
        """Play a behaviour to its end; the report is filled whatever happens."""
        self.report.first = time.time()
        try:
            await behaviour(self)
        except Failed as failure:
            self.report.error = str(failure)
        finally:
            self.report.last = time.time()
            self.done.set()
        return self.report

    async def resolve(self):
        attempt = self.attempt
        if attempt.name:
            return await self.host.resolve(attempt.name, attempt.ipv6, self.report)
        return attempt.server

    # TCP

    @contextlib.contextmanager
    def another_try(self, address):
        """One of several conversations with a server; how it ends is written down, and no more."""
        self.report.tries.append(latest := Try(None, (address, self.attempt.port)))
        try:
            yield latest
        except Failed as failure:
            latest.error = str(failure)
        latest.local, latest.stage = latest.local or self.report.local, self.report.stage

    async def connect(self, address, port, patience=CONNECT_PATIENCE):
        """A TCP connection, or Failed with timeout, reset or the errno of an ICMP error."""
        report = self.report
        report.stage, report.began = "tcp", report.began or time.time()
        sock = self.host.tcp(self.attempt.ipv6)
        report.local, report.remote = sock.getsockname()[:2], (address, port)
        self.closers.append(sock.close)
        try:
            await asyncio.wait_for(
                asyncio.get_running_loop().sock_connect(sock, (address, port)), patience)
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
        proxy = attempt.proxy_address or (
            topology.PROXY6 if attempt.ipv6 else topology.PROXY4)
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
        # One that is closing already may have lost what abort needs (a TLS connection reset).
        self.closers.append(lambda: transport.is_closing() or transport.abort())
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
        self.report.began = time.time()
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
