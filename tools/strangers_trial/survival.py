"""Which flows must keep their verdict when packets are taken away.

A flow passed; an operation took packets; now the flow may be inconclusive, but not blocked. That can be
demanded only where the packets that are left differ from those of a block, for nobody can tell an answer
that was taken away from one that never came. A flow counts if one of these holds for what is left of it:

- an answer survives that proves passing:
  TCP: payload from the server; or acknowledgements of the client that moved (two different numbers, or one
  beyond the SYN-ACK); or a sequence number of the server beyond its SYN-ACK (resets tell nothing: they may
  carry any); or a SYN-ACK, where no payload of the client is left.
  Other transports: a packet of each side. A STUN answer proves nothing about media, so a verdict `one_way`
  counts only if something of the server other than STUN or DTLS is left, and less than 3 s of one-way
  traffic remained;
- nothing in the file looks like a block: no reset and no FIN of the server, no ICMP error that quotes the
  flow, and no packet of the client after which the file goes on for 3 s without an answer in the flow;
- the file says that packets were dropped (the whole file is under that reservation then).

For one direction alone see `shows_answers`.
"""

from . import layers
from .layers import ACK, FIN, RST, SYN, TCP, UDP

SILENCE = 3 * 10**9


class Timeline:
    """The segments of a capture, by transport and ends."""

    def __init__(self, capture, cache):
        self.flows, self.quotes = {}, set()
        self.last = 0
        for packet in capture.packets:
            self.last = max(self.last, packet.time)
            segment = cache(packet)
            if segment is None:
                continue
            if segment.quoted:
                protocol, source, port, destination, other = segment.quoted
                self.quotes.add((protocol, frozenset(((source, port), (destination, other)))))
            elif segment.protocol in (TCP, UDP):
                self.flows.setdefault((segment.protocol, segment.ends()), []).append((packet.time, segment))


class Dissector:
    """Dissects each frame once."""

    def __init__(self, capture):
        self.capture, self.known = capture, {}

    def __call__(self, packet):
        key = (packet.interface, packet.data)
        if key not in self.known:
            self.known[key] = layers.dissect(self.capture.link(packet), packet.data)
        return self.known[key]


def counts(flow, timeline, reason, dropped):
    """Whether `flow`, which passed unharmed, must not be blocked for `reason` in what is left."""
    if dropped:
        return True
    protocol = TCP if flow.transport == "tcp" else UDP
    key = protocol, frozenset((flow.client, flow.server))
    segments = [(t, s) for t, s in timeline.flows.get(key, []) if t <= flow.last + SILENCE]
    if not of(segments, flow.client):
        return False  # inside a tunnel that this tool does not open, or gone
    if reason == "one_way":
        return sides(segments, flow, media_only=True) and not silent(segments, flow, timeline.last)
    proven = tcp_proof(segments, flow) if protocol == TCP else sides(segments, flow)
    return proven or not (refused(segments, flow) or key in timeline.quotes or silent(segments, flow, timeline.last))


def of(segments, end):
    return [s for _, s in segments if (s.source, s.source_port) == end]


def sides(segments, flow, media_only=False):
    there = of(segments, flow.server)
    if media_only:
        there = [s for s in there if not (s.body[4:8] == b"\x21\x12\xa4\x42" or s.body[:1] in b"\x14\x15\x16")]
    return bool(there and of(segments, flow.client))


def tcp_proof(segments, flow):
    client, server = of(segments, flow.client), of(segments, flow.server)
    if any(s.payload and not s.flags & RST for s in server):
        return True
    begun = [s for s in server if s.flags & (SYN | ACK) == SYN | ACK]
    numbers = {s.acknowledged for s in client if s.flags & ACK and not s.flags & (SYN | RST)}
    expected = {(s.sequence + 1) & 0xFFFFFFFF for s in begun}
    if len(numbers) > 1 or (expected and numbers - expected):
        return True
    expected |= numbers
    moved = {s.sequence for s in server if not s.flags & (SYN | RST)}
    if expected and moved - expected:
        return True
    return bool(begun) and not any(s.payload for s in client)


def refused(segments, flow):
    return any(s.flags & (RST | FIN) for s in of(segments, flow.server) if s.protocol == TCP)


def silent(segments, flow, end):
    """Whether some packet of the client waited 3 s in vain, and the file shows it."""
    waiting = None
    for time, segment in segments:
        if (segment.source, segment.source_port) == flow.server:
            if waiting is not None and time - waiting >= SILENCE:
                return True
            waiting = None
        elif waiting is None and (segment.protocol != TCP or segment.payload or segment.flags & SYN):
            waiting = time
    return waiting is not None and end - waiting >= SILENCE


def shows_answers(segment):
    """Whether a packet of one direction alone tells that the other direction carried something.

    TCP: anything but a bare SYN or a reset acknowledges. UDP: DTLS records beyond the first flight, STUN
    responses, STUN requests with REALM and NONCE, ChannelData beside them, DNS responses.
    """
    if segment.protocol == TCP:
        return bool(segment.flags & ACK and not segment.flags & RST)
    if segment.protocol != UDP:
        return False
    body = segment.body
    if body[:1] == b"\x14" and body[1:2] == b"\xfe" or body[:1] == b"\x17" and body[1:2] == b"\xfe":
        return True
    if body[4:8] == b"\x21\x12\xa4\x42" and len(body) >= 20:
        return bool(body[0] & 1) or b"\x00\x15" in body[20:] and b"\x00\x14" in body[20:]
    return 53 in (segment.source_port, segment.destination_port) and len(body) >= 12 and bool(body[2] & 0x80)
