"""Clients that meet a server which disappears, and clients that never give up."""

import asyncio
import contextlib
import itertools
import os
import time

from . import quic, stun
from .behaviours import dtls_client_hello, ice_check
from .clients import Failed
from .media import Media, vendor_bytes

RETRIES = 2  # connections after the one that died
DEAD_SECONDS = 11.5  # a session counts as interrupted after 10 (of one-way traffic)
PERSISTENCE = 0.6  # seconds between two sends of a client that never gives up


# a server that disappears


async def outlive(call):
    """Talk to a server until it disappears, then try again."""
    await (outlive_stream if call.attempt.transport == "tcp" else outlive_datagrams)(call)


async def outlive_stream(call):
    """One connection that works and dies, and others that never come about."""
    address = await call.resolve()
    for number in range(1 + RETRIES):
        with call.another_try(address):
            reader, writer = await connect(call, address)
            await say(call, reader, writer)
            if number == 0:
                call.world.strike(call.attempt)
            try:
                await say(call, reader, writer, patience=1.5)
            finally:
                writer.close()


async def connect(call, address):
    sock = await call.connect(address, call.attempt.port)
    call.report.stage = "payload"
    secure = call.attempt.behaviour == "tls"
    return await call.streams(sock, call.world.client_context(verify=False) if secure else None)


async def say(call, reader, writer, patience=4.0):
    for _ in range(2):
        writer.write(b"\x01\x00\x40\x02" + os.urandom(60))
        if not await call.hear(reader.read(4096), patience):
            raise Failed("closed")
        call.report.received += 1


async def outlive_datagrams(call):
    """One session that works and dies while the client goes on sending."""
    attempt = call.attempt
    line = await call.line(await call.resolve(), attempt.port)
    media = Media()
    make = media.packet if attempt.behaviour == "rtp" else lambda: vendor_bytes(160)
    struck, started = 0.0, time.monotonic()
    while not struck or time.monotonic() < struck + DEAD_SECONDS:
        line.send(make())
        await asyncio.sleep(0.2)
        if not struck and line.received and time.monotonic() > started + 1.5:
            call.world.strike(attempt)
            struck = time.monotonic()
        if not line.received and time.monotonic() > started + 6:
            raise Failed("timeout")
    call.take_counts(line)


# a client that never gives up


async def insist(call):
    """Ask for ever, as clients do that retry for minutes; the end of the capture ends it."""
    attempt, report = call.attempt, call.report
    report.error = "timeout"
    address = await resolve_for_ever(call)
    if attempt.transport == "tcp":
        await call.connect(address, attempt.port, patience=None)
        report.error = ""
        return
    line = await call.line(address, attempt.port)
    for number, data in enumerate(questions(call)):
        line.send(data)
        call.take_counts(line)
        if line.received:
            report.error = ""
        await asyncio.sleep(PERSISTENCE if number else 0.2)


def questions(call):
    """What a client of this behaviour sends while nothing comes back."""
    attempt, media = call.attempt, Media()
    destination, source = os.urandom(8), os.urandom(8)
    for number in itertools.count():
        yield {"rtp": media.packet, "udp": lambda: vendor_bytes(80),
               "dtls": lambda: dtls_client_hello(b""),
               "ice": lambda: ice_check(call),
               "stun": lambda: stun.message(stun.BINDING, stun.REQUEST, stun.transaction()),
               "turn-udp": lambda: stun.message(
                   stun.ALLOCATE, stun.REQUEST, stun.transaction(),
                   stun.attribute(stun.REQUESTED_TRANSPORT, b"\x11\0\0\0")),
               "quic": lambda n=number: quic.initial(attempt.name, destination, source, n),
               }[attempt.behaviour]()


async def resolve_for_ever(call):
    """Ask for a name again and again until it is answered."""
    while True:
        with contextlib.suppress(Failed):
            return await call.resolve()
