"""Capture files: pcap with nanoseconds (magic 0xa1b23c4d, little endian) and pcapng (RFC draft-ietf-opsawg-pcapng)."""
import struct

START = 1_790_000_000  # 2026-09-21T14:13:20Z: any fixed time will do


def write(path, frames, snap_length=262144, link_type=1):
    """frames: (seconds since START, octets), written in order of time."""
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, snap_length, link_type))
        for time, frame in sorted(frames, key=lambda item: item[0]):
            nanoseconds = round(time * 1e9)
            kept = frame[:snap_length]
            file.write(struct.pack('<IIII', START + nanoseconds // 10**9, nanoseconds % 10**9, len(kept), len(frame)))
            file.write(kept)


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = 12 + len(body)
    return struct.pack('<II', kind, size) + body + struct.pack('<I', size)


def option(code, value):
    return struct.pack('<HH', code, len(value)) + value + bytes(-len(value) % 4)


def time_words(time):
    nanoseconds = START * 10**9 + round(time * 1e9)
    return struct.pack('<II', nanoseconds >> 32, nanoseconds & 0xffffffff)


def write_ng(path, frames, counters, snap_length=262144, link_type=1):
    """A pcapng file of one interface. counters: (seconds since START, packets received, packets dropped), each of
    which becomes an interface statistics block (isb_ifrecv and isb_ifdrop) at its place among the frames."""
    blocks = []
    for time, frame in frames:
        kept = frame[:snap_length]
        blocks.append((time, 0, block(6, struct.pack('<I', 0) + time_words(time) + struct.pack('<II', len(kept), len(frame)) + kept)))
    for time, received, dropped in counters:
        options = option(4, struct.pack('<Q', received)) + option(5, struct.pack('<Q', dropped)) + option(0, b'')
        blocks.append((time, 1, block(5, struct.pack('<I', 0) + time_words(time) + options)))
    with open(path, 'wb') as file:
        file.write(block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1)))
        file.write(block(1, struct.pack('<HHI', link_type, 0, snap_length) + option(9, b'\x09') + option(0, b'')))
        for _, _, made in sorted(blocks, key=lambda item: item[:2]):
            file.write(made)
