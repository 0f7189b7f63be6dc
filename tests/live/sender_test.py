#!/usr/bin/python3
"""The sender of tools/load: everything arrives, unchanged or with new clients and right checksums."""

import os
import socket
import sys

import rig
from kit import packets
from rig import captures, stage

SENDER = os.environ.get("SENDER", str(rig.ROOT / "build/release/bin/packet_sender"))


class Sender(rig.LiveCase):
    def setUp(self):
        super().setUp()
        self.frames = rig.visit(0) + rig.visit(1)
        self.capture = self.folder / "visits.pcap"
        captures.write(self.capture, [captures.Frame(i, data, len(data))
                                      for i, data in enumerate(self.frames)])
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.addCleanup(self.socket.close)
        # SO_RCVBUFFORCE of asm-generic/socket.h: all of a test's frames must find room.
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)
        self.socket.bind(("r0", 3))
        self.socket.setblocking(False)

    def received(self):
        frames = []
        try:
            while True:
                frames.append(self.socket.recv(65536))
        except BlockingIOError:
            return frames

    def send(self, **options):
        sent = stage.Sender(SENDER, "s0", self.capture, **options).wait()
        frames = self.received()
        self.assertEqual(sent.packets, len(frames))
        self.assertEqual(sent.octets, sum(map(len, frames)))
        return sent, frames

    def test_everything_arrives_unchanged(self):
        _, frames = self.send(renumber=False, loops=3)
        self.assertEqual(frames, self.frames * 3)

    def test_the_rate_is_kept(self):
        sent, _ = self.send(renumber=False, rate=1000, loops=30)
        expected = len(self.frames) * 30 / 1000
        self.assertGreaterEqual(sent.seconds, 0.99 * expected)

    def test_every_loop_has_clients_of_its_own(self):
        _, frames = self.send(renumber=True, loops=4)
        clients = set()
        for number, (frame, original) in enumerate(zip(frames, self.frames * 4)):
            was, now = ends(original), ends(frame)
            for old, new in zip(was, now):
                if old.startswith("10."):
                    clients.add((number // len(self.frames), old, new))
                else:
                    self.assertEqual(old, new)
            self.check_sums(frame)
            self.assertEqual(frame[34:36], original[34:36])  # ports
        self.assertEqual(len(clients), 8)
        self.assertEqual(len({new for _, _, new in clients}), 8)

    def check_sums(self, frame):
        header, transport = frame[14:34], frame[34:]
        self.assertEqual(packets.checksum(header), 0)
        source, target = ends(frame)
        pseudo = packets.pseudo_header(source, target, frame[23], len(transport))
        self.assertEqual(packets.checksum(pseudo + transport), 0)


def ends(frame):
    return tuple(".".join(map(str, frame[at:at + 4])) for at in (26, 30))


if __name__ == "__main__":
    rig.TURNPIKE = SENDER
    sys.exit(rig.main())
