#!/usr/bin/env python3
"""The parts of tools/strangers that can be tested without turnpike: files, headers, what counts."""
import struct
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from strangers_trial import compare, layers, listing, operations, packets, survival  # noqa: E402
from strangers_trial.verdicts import Flow, Row  # noqa: E402

SAMPLE = ROOT / "captures" / "whereby" / "fallback.pcap"


def total(data):
    data += b"\0" * (len(data) % 2)
    value = sum(struct.unpack(f">{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return value


def checksums_fit(link, data):
    """Whether the checksums of an IPv4 header and of what it carries are right."""
    at, _ = layers.network_offset(link, data)
    version, protocol, transport, end, first = layers.internet(data, at)
    if version == 4 and total(data[at:transport]) != 0xFFFF:
        return False
    body = data[transport:end]
    field = layers.CHECKSUM.get(protocol)
    if not first or field is None or protocol == layers.UDP and body[6:8] == b"\0\0":
        return True
    ends = data[at + 12:at + 20] if version == 4 else data[at + 8:at + 40]
    return total(ends + struct.pack(">II", len(body), protocol) + body) == 0xFFFF


def flow(outcome, reason="", grade=None, first=10**9, client=("192.0.2.1", 1000), server=("198.51.100.2", 443)):
    return Flow("tcp", client, server, first, first + 10**9, "tls", "", outcome, reason, "", grade, "", "", "", "")


def tcp(time, source, destination, flags, sequence=0, acknowledged=0, payload=0):
    return time * 10**9, layers.Segment(0, 4, layers.TCP, source[0], destination[0], source[1], destination[1], 0,
                                        payload, b"x" * payload, flags, sequence, acknowledged, ())


class Files(unittest.TestCase):
    records = [(1_700_000_000_123_456_000, b"\1\2\3", 3), (1_700_000_001_000_001_000, b"\4" * 20, 60)]

    def read(self, data):
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return packets.read(file.name)

    def test_pcap_in_every_order_and_resolution(self):
        for order in "<>":
            for magic, unit, extra in ((0xA1B2C3D4, 1000, b""), (0xA1B23C4D, 1, b""), (0xA1B2CD34, 1000, b"\0" * 8)):
                data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 113)
                for time, body, original in self.records:
                    data += struct.pack(order + "IIII", time // 10**9, time % 10**9 // unit, len(body), original)
                    data += extra + body
                with self.subTest(order=order, magic=hex(magic)):
                    capture = self.read(data + b"\0" * 10)
                    self.assertEqual([(p.time, p.data, p.original) for p in capture.packets], self.records)
                    self.assertEqual(capture.interfaces[0].link, 113)

    def test_pcapng_of_the_other_byte_order(self):
        def block(kind, body):
            return struct.pack(">II", kind, len(body) + 12) + body + struct.pack(">I", len(body) + 12)
        resolution = struct.pack(">HHB3xI", 9, 1, 0x80 | 20, 0)
        stamp = 1_700_000_000 << 20 | 1 << 19
        data = (block(packets.SECTION, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1))
                + block(packets.INTERFACE, struct.pack(">HHI", 1, 0, 0) + resolution)
                + block(packets.PACKET, struct.pack(">IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, 4, 9) + b"abcd"))
        self.assertEqual(self.read(data).packets, [packets.Packet(0, 1_700_000_000_500_000_000, b"abcd", 9)])

    def test_what_is_written_is_read_again(self):
        capture = packets.read(SAMPLE)
        with tempfile.NamedTemporaryFile() as file:
            packets.write(file.name, capture, dropped=7)
            again = packets.read(file.name)
        self.assertEqual(again.packets, capture.packets)

    def test_what_is_no_capture_is_refused(self):
        with self.assertRaises(packets.NotACapture):
            self.read(b"no capture at all, only words")


class Headers(unittest.TestCase):
    def test_exchanged_addresses_keep_checksums_and_come_back(self):
        capture = packets.read(SAMPLE)
        trial, = operations.readdress(capture, [])
        changed = 0
        self.assertGreater(len(trial.addresses), 0)
        for before, after in zip(capture.packets, trial.files[0].packets):
            changed += before.data != after.data
            if checksums_fit(1, before.data):
                self.assertTrue(checksums_fit(1, after.data))
        self.assertGreater(changed, 0)

    def test_an_address_that_a_payload_names_stays(self):
        capture = packets.read(SAMPLE)
        trial, = operations.readdress(capture, [])
        text = b"".join(p.data[42:] for p in capture.packets)
        for before, _ in trial.addresses:
            self.assertNotIn(before.encode(), text)

    def test_a_hop_less(self):
        frame = packets.read(SAMPLE).packets[0].data
        copy = layers.one_hop_less(1, frame)
        self.assertEqual(copy[22], frame[22] - 1)
        self.assertTrue(checksums_fit(1, copy))


class Orders(unittest.TestCase):
    def test_one_direction_comes_late_or_every_packet(self):
        capture = packets.read(SAMPLE)
        trials = list(operations.reorder(capture, 1))
        self.assertEqual([t.name for t in trials], ["reorder up", "reorder down", "reorder all"])
        before = sorted(p.data for p in capture.packets)
        for trial in trials:
            moved = trial.files[0].packets
            self.assertEqual(sorted(p.data for p in moved), before)
            self.assertEqual([p.time for p in moved], sorted(p.time for p in moved))
            self.assertNotEqual([p.time for p in moved], [p.time for p in capture.packets])
        up, down, every = (sum(p.time for p in t.files[0].packets) - sum(p.time for p in capture.packets) for t in trials)
        late = operations.SECOND // 2000
        self.assertEqual((up + down) % late, 0)
        self.assertLessEqual(up + down, late * len(before))
        self.assertGreater(every, 0)


class Counting(unittest.TestCase):
    here, there = ("192.0.2.1", 1000), ("198.51.100.2", 443)

    def counts(self, *segments, end=None, dropped=False):
        timeline = survival.Timeline.__new__(survival.Timeline)
        timeline.flows = {(layers.TCP, frozenset((self.here, self.there))): list(segments)}
        timeline.quotes, timeline.last = set(), end * 10**9 if end else segments[-1][0]
        return survival.counts(flow("passed"), timeline, "tls_timeout", dropped)

    def test_silence_that_was_recorded_does_not_count(self):
        syn = tcp(1, self.here, self.there, layers.SYN)
        self.assertFalse(self.counts(syn, end=5))
        self.assertTrue(self.counts(syn, end=3))
        self.assertTrue(self.counts(syn, end=5, dropped=True))

    def test_acknowledgements_that_moved_prove_an_answer(self):
        first = tcp(1, self.here, self.there, layers.ACK, 1, 101, payload=50)
        self.assertFalse(self.counts(first, end=9))
        self.assertTrue(self.counts(first, tcp(2, self.here, self.there, layers.ACK, 51, 900), end=9))

    def test_a_reset_without_an_answer_does_not_count(self):
        hello = tcp(1, self.here, self.there, layers.ACK, 1, 101, payload=50)
        reset = tcp(1, self.there, self.here, layers.RST, 101)
        self.assertFalse(self.counts(hello, reset))

    def test_verdicts_that_may_not_come(self):
        seen = compare.Observation([flow("passed")], [])
        self.assertEqual([v.what for v in seen.violations([flow("blocked", "tls_reset", "C")])], ["became blocked"])
        seen = compare.Observation([flow("blocked", "tls_reset", "C")], [])
        self.assertEqual([v.what for v in seen.violations([flow("blocked", "tls_reset", "B")])], ["grade rose"])
        self.assertEqual(list(seen.violations([flow("inconclusive", "no_answer")])), [])

    def test_rows(self):
        passed = Row("v/p@r x tcp 443", "observed", "", "", None, 0, 1)
        blocked = passed._replace(status="blocked", reason="tcp_timeout", grade="C", blocked=1, passed=0)
        known = {passed.name: passed}
        self.assertEqual(len(list(compare.row_violations([blocked], [known], False, {"v/p x"}))), 1)
        self.assertEqual(len(list(compare.row_violations([blocked], [known], True, set()))), 1)
        self.assertEqual(list(compare.row_violations([blocked], [known], True, {"v/p x"})), [])
        known = {passed.name: passed._replace(blocked=2)}
        self.assertEqual(list(compare.row_violations([blocked], [known], True, set())), [])

    def test_rules_of_which_a_failing_attempt_is_left(self):
        failed = flow("blocked", "tcp_timeout", "C")._replace(rule="v/p x (dns)")
        looks_it = compare.Observation([flow("passed")], [], must=lambda old, reason: False)
        self.assertEqual(list(looks_it.failing([failed])), ["v/p x"])
        must_pass = compare.Observation([flow("passed")], [])
        self.assertEqual(list(must_pass.failing([failed])), [])

    def test_a_client_that_cannot_be_seen_does_not_count(self):
        answer = tcp(1, self.there, self.here, layers.SYN | layers.ACK, 100, 51)
        self.assertFalse(self.counts(answer, end=9))


class Lists(unittest.TestCase):
    def line(self, start="t", grade="C"):
        return "f", "flow", "tcp", "a > b", start, "tls", "-", "tls_reset", "tls", grade, "-", "-", "1", "-"

    def test_differences(self):
        kinds = [kind for kind, _ in listing.differences(
            [self.line("1"), self.line("2"), self.line("3", "B")],
            [self.line("2", "B"), self.line("3", "C"), self.line("4")])]
        self.assertEqual(kinds, ["gone", "grade rose", "changed", "new"])


if __name__ == "__main__":
    unittest.main()
