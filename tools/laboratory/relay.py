"""A TURN client over UDP, TCP and TLS (RFC 8656): allocation, permission, channel, media."""

import asyncio
import struct

from . import services, stun
from .clients import Failed
from .media import Media, stream


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
        family = b""
        if self.call.attempt.ipv6:
            family = stun.attribute(stun.REQUESTED_FAMILY, b"\x02\0\0\0")
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
