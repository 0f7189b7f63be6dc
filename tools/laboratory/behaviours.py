"""What the vendors' clients do: each behaviour is a coroutine over one Call."""

import asyncio
import os
import ssl
import struct
import time

from . import quic, relay, services, stun, unanswered
from .clients import Failed, Line
from .media import Media, stream, vendor_bytes

async def tls(call):
    """TLS with SNI and a request, as signaling over HTTPS or web sockets does."""
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


async def ice(call):
    """Peer to peer: connectivity checks with credentials, DTLS, then media. No DNS."""
    attempt, report = call.attempt, call.report
    report.stage = "stun"
    line = await call.line(attempt.server, attempt.port)
    own = attempt.ice_own
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

    answered = await call.transact(line, ice_check(call))
    if answered is not None:
        answered = await call.transact(line, ice_check(call, nominate=True))
    if answered is not None:
        report.stage = "media"
        await dtls_handshake(line)
        await stream(call, line, Media().packet)
    call.take_counts(line)
    if answered is None:
        raise Failed("timeout")


def ice_check(call, nominate=False):
    """A connectivity check with the session's credentials (RFC 8445 section 7.2.2)."""
    own, peer = call.attempt.ice_own, call.attempt.ice_peer
    attributes = (stun.attribute(stun.USERNAME, f"{peer}:{own}".encode())
                  + stun.attribute(stun.PRIORITY, struct.pack("!I", 1853824767))
                  + stun.attribute(stun.ICE_CONTROLLING, os.urandom(8)))
    if nominate:
        attributes += stun.attribute(stun.USE_CANDIDATE, b"")
    return stun.message(stun.BINDING, stun.REQUEST, stun.transaction(), attributes,
                        key=call.world.plan.ice_passwords[peer].encode())


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


BEHAVIOURS = {
    "tls": tls, "http": http, "raw": raw, "udp": udp, "rtp": rtp, "ice": ice, "dtls": dtls,
    "downstream": downstream, "quic": quic_hello, "stun": stun_check,
    "announce": unanswered.announce, "probe": unanswered.probe, "swarm": unanswered.swarm,
    "turn-udp": relay.turn_udp, "turn-tcp": relay.turn_tcp, "turn-tls": relay.turn_tls,
}
