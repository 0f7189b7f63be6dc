"""Capture files: pcap with nanoseconds (magic 0xa1b23c4d, little endian)."""
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
