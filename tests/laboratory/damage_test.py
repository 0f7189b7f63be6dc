#!/usr/bin/python3
"""What the laboratory does to whole captures, and what it lets a verdict on the rest say."""

import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from laboratory import captures, damage, unanswered  # noqa: E402


def frame(number, source="10.20.0.11", target="198.51.100.9", port=123):
    """One datagram every tenth of a second."""
    data = bytes(8)
    ends = bytes(map(int, source.split("."))) + bytes(map(int, target.split(".")))
    head = bytes([0x45, 0, 0, 28 + len(data), 0, number % 256, 0, 0, 64, 17])
    head += captures.checksum(head + bytes(2) + ends).to_bytes(2, "big") + ends
    udp = (40000).to_bytes(2, "big") + port.to_bytes(2, "big") + bytes([0, 8 + len(data), 0, 0])
    whole = bytes(12) + b"\x08\x00" + head + udp + data
    return captures.Frame(1_700_000_000_000_000 + number * 100_000, whole, len(whole))


ACK = 16
FRAMES = [frame(i) if i % 2 else frame(i, "198.51.100.9", "10.20.0.11") for i in range(400)]


def segment(number, flags, octets=0, source=("10.20.0.11", 40000), target=("198.51.100.9", 443)):
    """One segment of TCP every tenth of a second."""
    ends = bytes(map(int, f"{source[0]}.{target[0]}".split(".")))
    ports = source[1].to_bytes(2, "big") + target[1].to_bytes(2, "big")
    tcp = ports + bytes(8) + bytes([0x50, flags]) + bytes(6) + bytes(octets)
    head = bytes([0x45, 0, 0, 20 + len(tcp), 0, number, 0, 0, 64, captures.TCP, 0, 0]) + ends
    whole = bytes(12) + b"\x08\x00" + head + tcp
    return captures.Frame(1_700_000_000_000_000 + number * 100_000, whole, len(whole))


def row(outcome, reason=None, grade=None, why=None):
    return {"outcome": outcome, "block_reason": reason, "grade": grade, "inconclusive_reason": why,
            "evidence": None}


def expected(outcome, reason="", grade="", why=""):
    return {"outcome": outcome, "reasons": [reason], "grades": [grade],
            "inconclusive_reasons": [why]}


class Files(unittest.TestCase):
    def test_a_rotation_keeps_every_packet_once(self):
        for name, rotate in damage.ROTATIONS.items():
            files = rotate(FRAMES, random.Random(3))
            self.assertGreater(len(files), 2, name)
            kept = sorted((f for file in files for f in file.frames), key=lambda f: f.time)
            self.assertEqual(kept, FRAMES, name)
            for file in files:
                self.assertEqual(file.frames, sorted(file.frames, key=lambda f: f.time), name)

    def test_one_direction_is_of_the_clients_or_of_all_others(self):
        (out,), (back,) = damage.outgoing(FRAMES, None), damage.incoming(FRAMES, None)
        self.assertEqual({f.ip()[2] for f in out.frames}, {"10.20.0.11"})
        self.assertEqual({f.ip()[2] for f in back.frames}, {"198.51.100.9"})
        self.assertEqual(len(out.frames) + len(back.frames), len(FRAMES))

    def test_a_cut_capture_is_followed_by_another_year(self):
        cut, other = damage.cut_short(FRAMES, random.Random(1))
        self.assertEqual(cut.frames, FRAMES[:len(cut.frames)])
        self.assertGreater(other.frames[0].time - cut.frames[-1].time, 300 * 86400 * damage.SECOND)

    def test_losses_are_counted_where_they_are_said_to_be(self):
        for name in ("lossy", "with gaps"):
            (silent,) = damage.DAMAGES[name].make(FRAMES, random.Random(5))
            (counted,) = damage.DAMAGES[f"{name}, counted"].make(FRAMES, random.Random(5))
            self.assertIsNone(silent.dropped)
            self.assertEqual(counted.dropped, len(FRAMES) - len(counted.frames))
            self.assertGreater(counted.dropped, 10)

    def test_others_read_the_pcapng(self):
        with tempfile.TemporaryDirectory() as folder:
            path = damage.File(FRAMES, dropped=7).write(Path(folder) / "a")
            done = subprocess.run(["tcpdump", "-nr", path], capture_output=True, text=True)
        self.assertEqual(len(done.stdout.splitlines()), len(FRAMES), done.stderr)


class Claims(unittest.TestCase):
    lossy, counted = damage.DAMAGES["lossy"], damage.DAMAGES["lossy, counted"]

    def test_what_passed_may_be_withheld_and_never_blocked(self):
        passed = expected("passed")
        self.assertEqual(self.lossy.overclaims(passed, row("inconclusive", why="no_answer")), "")
        self.assertIn("now blocked", self.lossy.overclaims(
            passed, row("blocked", "tcp_timeout", "C")))

    def test_a_flow_that_ends_with_its_question_looks_unanswered(self):
        client, server = ("10.20.0.11", 40000), ("198.51.100.9", 443)
        other = segment(3, captures.FIN, source=("10.20.0.12", 40000))
        hello, acked = segment(2, ACK, 9), segment(4, ACK, source=server, target=client)
        for behind in [], [other], [acked, other], [frame(4, port=443)]:
            self.assertEqual(self.judged_with_gaps([hello, *behind]), "")
        for end in (segment(5, ACK, 9), segment(5, ACK), segment(5, ACK | captures.FIN),
                    segment(5, ACK, 9, server, client),
                    segment(5, ACK | captures.RST, 0, server, client)):
            self.assertIn("now blocked", self.judged_with_gaps([hello, acked, end]))
        other_protocol = captures.Frame(hello.time, hello.data[:23] + b"\x32" + hello.data[24:], 0)
        self.assertIn("now blocked", self.judged_with_gaps([other_protocol, other_protocol]))
        self.assertIn("now blocked", self.judged_with_gaps([hello], reason="tls_reset"))
        self.assertIn("now blocked", self.judged_with_gaps([hello], counted=True))

    @staticmethod
    def judged_with_gaps(frames, reason="tls_timeout", counted=False):
        """What there is to say of a block whose evidence ends with the second of these frames."""
        frames = [segment(1, captures.SYN), *frames]
        kind = damage.DAMAGES["with gaps, counted" if counted else "with gaps"].of(
            [damage.File(frames, 100 if counted else None)])
        return kind.overclaims(expected("passed"),
                               row("blocked", reason, "C") | {"evidence": "1,2"})

    def test_no_grade_rises(self):
        blocked = expected("blocked", "tcp_reset", "C")
        self.assertEqual(self.lossy.overclaims(blocked, row("blocked", "tcp_reset", "C")), "")
        self.assertIn("grade B", self.lossy.overclaims(blocked, row("blocked", "tcp_reset", "B")))

    def test_silence_is_withheld_where_losses_are_counted(self):
        blocked, same = expected("blocked", "tcp_timeout", "C"), row("blocked", "tcp_timeout", "C")
        self.assertEqual(self.lossy.overclaims(blocked, same), "")
        self.assertIn("counts lost packets", self.counted.overclaims(blocked, same))

    def test_only_the_reasons_of_the_damage_excuse(self):
        blocked = expected("blocked", "tcp_timeout", "C")
        self.assertEqual(self.lossy.overclaims(
            blocked, row("inconclusive", why="capture_loss")), "")
        self.assertIn("should be one of", self.lossy.overclaims(
            blocked, row("inconclusive", why="truncated")))
        self.assertIn("now passes", self.lossy.overclaims(blocked, row("passed")))

    def test_a_connection_cut_before_its_first_data_has_passed(self):
        blocked = expected("blocked", "tls_timeout", "C")
        self.assertEqual(self.lossy.overclaims(blocked, row("passed") | {"packets_out": 2}), "")
        self.assertIn("now passes",
                      self.lossy.overclaims(blocked, row("passed") | {"packets_out": 3}))


class Announcements(unittest.TestCase):
    def test_every_kind_has_a_payload_and_a_port(self):
        for kind, (v4, _, port, _, payload) in unanswered.ANNOUNCEMENTS.items():
            self.assertGreater(len(payload()), 8, kind)
            self.assertTrue(0 < port < 65536 and (not v4 or v4.count(".") == 3), kind)


if __name__ == "__main__":
    unittest.main(verbosity=2)
