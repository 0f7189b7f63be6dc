"""What is done to captures. Every operation yields trials: files to analyse, and what must hold of them.

- cut: the first k packets (ten places) and, as a second argument, an unrelated file: `cut-year` begins more
  than a year later, `cut-minute` 20 s after the cut. The unrelated file shares no address and no name with
  the first, and all its own flows must come out as they do alone.
- direction: for each client (at most three), only the packets from it, and only those to it.
- double: every packet twice, 2 us apart at most, the second with a hop count of one less.
- reorder: as two links or two queues of a card are captured: what goes to one side comes half a millisecond
  late, or every packet up to two milliseconds.
- shift: every time plus a constant (1 h 2 min 3.000456 s), and seven years later. No verdict may change.
- loss: all SYN-ACKs, a tenth of all packets at random, every tenth second taken away.
- drops: the same with interface statistics that say how many packets were dropped (two thousandths at least:
  fewer are no reason to withhold a verdict).
- snap: of every frame only the first 64, 96, 128, 200 or 256 octets, as a capture tool keeps them that was
  told a snap length. Names may be gone, and a flow's rule and controls with them: its grade may rise.
- merge: together with an unrelated capture (as above) that begins 50 ms later.
- readdress: addresses exchanged by a bijection, checksums kept right. No verdict may change. Only addresses
  are exchanged of which no verdict may depend: the last octet x of IPv4 becomes 255 - x (0 and 255 stay, so
  that networks and broadcasts do), the last octet of IPv6 is inverted. An address stays that is loopback,
  multicast or unspecified; that an entry of the catalog lists, before or after; or whose octets (plain, or
  masked as STUN masks them) or text occur in any payload, so that DNS answers, candidates and tunnels still
  name what they named.
"""

import ipaddress
import random
import re
import struct
from pathlib import Path
from typing import NamedTuple

from . import layers
from .layers import ACK, SYN, TCP
from .packets import Packet
from .survival import Dissector

SECOND = 10**9
CLIENTS = 3
SNAP_LENGTHS = (64, 96, 128, 200, 256)
NAMES = ("cut", "direction", "double", "reorder", "shift", "loss", "drops", "snap", "merge", "readdress")


class Trial(NamedTuple):
    """One run: `files` are (capture, dropped) pairs; times and addresses of the first went through shift and table."""
    name: str
    files: list
    shift: int = 0
    addresses: tuple = ()     # pairs (before, after) of address texts
    exact: bool = False       # no verdict of any flow may change
    survival: str = "all"     # which passed flows count: all, left (see survival.py), direction
    dropped: bool = False
    names: bool = True        # what names a flow is whole


def unrelated(partner, begin):
    """The partner's packets, moved so that they begin at `begin`; and by how much they were moved."""
    first = min(p.time for p in partner.packets)
    return shifted(partner, begin - first), begin - first


def shifted(capture, by):
    return capture.with_packets(p._replace(time=p.time + by) for p in capture.packets)


def cut(capture, partner):
    packets = capture.packets
    places = sorted({len(packets) * i // 11 for i in range(1, 11)} - {0, len(packets)})
    for place in places:
        head = capture.with_packets(packets[:place])
        last = max(p.time for p in head.packets)
        for name, pause in (("cut-year", 400 * 86400 * SECOND), ("cut-minute", 20 * SECOND)):
            yield Trial(f"{name} {place}", [head, (partner, last + pause)], survival="left")


def direction(capture, clients):
    dissector = Dissector(capture)
    for client in clients:
        for name, side in (("from", "source"), ("to", "destination")):
            kept = [p for p in capture.packets
                    if (s := dissector(p)) and getattr(s, side) == client]
            if kept and len(kept) < len(capture.packets):
                yield Trial(f"direction {name} {client}", [capture.with_packets(kept)], survival="direction")


def double(capture):
    packets = []
    for at, packet in enumerate(capture.packets):
        following = capture.packets[at + 1].time if at + 1 < len(capture.packets) else packet.time + 4000
        gap = max(0, min(2000, (following - packet.time) // 2))
        copy = layers.one_hop_less(capture.link(packet), packet.data)
        packets.append(packet)
        packets.append(Packet(packet.interface, packet.time + gap, copy or packet.data, packet.original))
    yield Trial("double", [capture.with_packets(packets)])


def delayed(capture, name, delay):
    """Every packet that much later, and all in order of time."""
    packets = [p._replace(time=p.time + delay(p)) for p in capture.packets]
    return Trial(f"reorder {name}", [capture.with_packets(sorted(packets, key=lambda p: p.time))])


def reorder(capture, seed):
    dissector, chance = Dissector(capture), random.Random(seed)

    def late(packet, upwards):
        s = dissector(packet)
        return SECOND // 2000 if s and (s.source < s.destination) == upwards else 0

    yield delayed(capture, "up", lambda p: late(p, True))
    yield delayed(capture, "down", lambda p: late(p, False))
    yield delayed(capture, "all", lambda p: chance.randrange(SECOND // 500))


def shift(capture):
    years = 7 * 365 * 86400 * SECOND
    for name, by in (("shift hour", 3723 * SECOND + 456_000), ("shift years", years)):
        yield Trial(name, [shifted(capture, by)], shift=by, exact=True)


def losses(capture, seed):
    dissector = Dissector(capture)
    begin = min(p.time for p in capture.packets)
    chance = random.Random(seed)
    lost = {p for p in range(len(capture.packets)) if chance.random() < 0.1}

    def syn_ack(packet):
        s = dissector(packet)
        return s is not None and s.protocol == TCP and s.flags & (SYN | ACK) == SYN | ACK

    packets = capture.packets
    yield "syn-acks", [p for p in packets if not syn_ack(p)]
    yield "tenth", [p for at, p in enumerate(packets) if at not in lost]
    yield "seconds", [p for p in packets if (p.time - begin) // SECOND % 10 != 9]


def loss(capture, seed, told):
    for name, kept in losses(capture, seed):
        gone = len(capture.packets) - len(kept)
        if kept and gone:
            left = capture.with_packets(kept)
            counter = max(gone, len(kept) // 500 + 1)
            yield Trial(f"{'drops' if told else 'loss'} {name}", [(left, counter) if told else left],
                        survival="left", dropped=told)


def snap(capture):
    for length in SNAP_LENGTHS:
        if any(len(p.data) > length for p in capture.packets):
            yield Trial(f"snap {length}", [capture.with_packets(p._replace(data=p.data[:length])
                                                                for p in capture.packets)],
                        survival="left", names=False)


def merge(capture, partner):
    begin = min(p.time for p in capture.packets)
    yield Trial("merge", [capture, (partner, begin + SECOND // 20)])


def catalog_networks(folder):
    networks = []
    for path in sorted(Path(folder).rglob("*.yaml")):
        for text in re.findall(r"(?<![\w.:])([0-9a-fA-F.:]{3,39}/\d{1,3}|\d+\.\d+\.\d+\.\d+)(?![\w.:])",
                               path.read_text(errors="replace")):
            try:
                networks.append(ipaddress.ip_network(text, strict=False))
            except ValueError:
                pass
    return [n for n in networks if n.prefixlen > 0]


def counterpart(raw):
    """Another host of the same network; the last two bits stay, for they make a directed broadcast."""
    address = bytearray(raw)
    if len(raw) == 4:
        if not 0 < raw[3] ^ 0xFC < 255 or raw[3] in (0, 255):
            return None
        address[3] = raw[3] ^ 0xFC
    else:
        address[15] ^= 0xFF
    return bytes(address)


COOKIE = 0x2112A442


def mentioned(raw, text):
    """Whether a payload names the address: its octets, as STUN masks them, or in letters."""
    if raw in text or str(ipaddress.ip_address(raw)).encode() in text:
        return True
    return struct.pack(">I", int.from_bytes(raw[:4], "big") ^ COOKIE) in text


def readdress(capture, networks):
    used, payload = set(), []
    for packet in capture.packets:
        at, kind = layers.network_offset(capture.link(packet), packet.data)
        found = layers.internet(packet.data, at) if at is not None and kind in (0, 0x0800, 0x86DD) else None
        if not found:
            payload.append(packet.data)
            continue
        begin, half = (at + 12, 4) if found[0] == 4 else (at + 8, 16)
        used |= {packet.data[begin:begin + half], packet.data[begin + half:begin + 2 * half]}
        quote = found[1] in (layers.ICMP, layers.ICMP6) and packet.data[found[2]:found[2] + 1] in b"\1\2\3\4\5\x0b\x0c"
        payload.append(packet.data[found[2] + (28 if quote else 0):])
    text = b"\0".join(payload)

    def fixed(raw):
        address = ipaddress.ip_address(raw)
        return (address.is_loopback or address.is_multicast or address.is_unspecified or int(address) < 2**32
                and len(raw) == 16 or any(address.version == n.version and address in n for n in networks))

    table = {}
    for raw in sorted(used):
        other = counterpart(raw)
        if other and not any(fixed(r) or mentioned(r, text) for r in (raw, other)):
            table[raw] = other
    # A bijection: an address that stays must not be the counterpart of one that goes.
    table = {raw: other for raw, other in table.items() if other not in used or other in table}
    if not table:
        return
    packets = [p._replace(data=layers.readdress(capture.link(p), p.data, table)) for p in capture.packets]
    yield Trial("readdress", [capture.with_packets(packets)], exact=True,
                addresses=tuple((str(ipaddress.ip_address(a)), str(ipaddress.ip_address(b))) for a, b in table.items()))
