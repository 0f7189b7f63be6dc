"""Packets of a call as clients send them: an RTP stream (RFC 3550), a vendor's own bytes."""

import asyncio
import os
import random
import struct
import time

TICKS = 4800  # of Opus' 48 kHz clock in the 100 ms between two packets (RFC 7587 section 4.1)


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
            return (struct.pack("!BBH", 0x80, 200, 6) + self.ssrc
                    + struct.pack("!IIIII", 3900000000, 0, self.timestamp, self.packets,
                                  self.packets * 120))
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + TICKS) & 0xFFFFFFFF
        return (struct.pack("!BBHI", 0x80, self.payload_type, self.sequence, self.timestamp)
                + self.ssrc + os.urandom(120))
