#!/usr/bin/python3
"""One worker, two and four find the same in the same traffic, and all find what `analyze` finds.

All recorded captures of the laboratory are merged into one, each with clients of its own, and
played in their own time onto a cable at whose other end three programs listen.
"""

import re
import subprocess
from collections import Counter
from dataclasses import replace

import rig
from rig import ROOT, captures

#: What depends on the moment, on the numbering, or on which worker saw it.
MOMENTARY = {"run_id", "flow_id", "first_seen", "last_seen", "time", "packet", "evidence",
             "rtt_ms", "jitter_ms"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")  # in notes
VIEWS = ("requirements", "domains", "flows", "dns_queries", "tls_hellos", "stun_transactions",
         "rtp_streams", "icmp_errors")
#: Their traffic says that the capture itself is bad, which would withhold the others' verdicts.
ABOUT_THE_CAPTURE = {"capture-loss", "one-sided", "truncated"}
HOME = bytes((10, 20, 0))
PARTS = 100  # the second octet of the first capture's clients


def moved(frame, number):
    """The frame with its clients in a network of their own; quoted headers too."""
    data = bytearray(frame.data)
    if data[12:14] != b"\x08\x00":
        return frame
    at = {26, 30}
    if data[23] == captures.ICMP:
        at |= {14 + 20 + 8 + 12, 14 + 20 + 8 + 16}
    for place in at:
        if data[place:place + 3] == HOME:
            data[place + 1] = PARTS + number
    return replace(frame, data=bytes(data))


def everything():
    """All recorded captures at once, each beginning at the same moment."""
    frames = []
    paths = [path for path in sorted((ROOT / "captures/lab").glob("*.pcap"))
             if path.stem not in ABOUT_THE_CAPTURE]
    for number, path in enumerate(paths):
        part = captures.read(path)
        shift = 1_790_000_000_000_000 - part[0].time + number * 10_000
        frames += [replace(moved(frame, number), time=frame.time + shift) for frame in part]
    return rig.prolonged(sorted(frames, key=lambda frame: frame.time))


def rows(database, view):
    """A multiset of the rows, as (column, value) pairs that do not depend on the moment."""
    with rig.sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        cursor = connection.execute(f"SELECT * FROM {view}")
        names = [column[0] for column in cursor.description]
        return Counter(tuple((name, timeless(value)) for name, value in zip(names, row)
                             if name not in MOMENTARY) for row in cursor)


def timeless(value):
    return TIME.sub("...", value) if isinstance(value, str) else value


def short(row):
    return " ".join(f"{name}={value}" for name, value in row if value not in (None, "", 0))


class Workers(rig.LiveCase):
    def same(self, first, second, title):
        for view in VIEWS:
            left, right = rows(first, view), rows(second, view)
            if left != right:
                missing, more = left - right, right - left
                lines = [f"- {short(row)}" for row in sorted(missing, key=str)[:5]]
                lines += [f"+ {short(row)}" for row in sorted(more, key=str)[:5]]
                self.fail(f"{title}: {view} differs in {missing.total()} and {more.total()} rows\n"
                          + "\n".join(lines))

    def test_the_number_of_workers_makes_no_difference(self):
        frames = everything()
        runs = {}
        for count in (1, 2, 4):
            folder = self.folder / str(count)
            folder.mkdir()
            runs[count] = self.live("--workers", count, "--quiet", folder=folder)
        sent = rig.replay(frames, "s0")
        rig.time.sleep(1.5)
        for count, live in runs.items():
            self.assertEqual(live.stop(within=10), 0, live.said())
            self.assertEqual(live.one("SELECT packets FROM runs"), len(frames), f"{count} workers")
            self.assertEqual(live.one("SELECT complete FROM runs"), 1)
        capture, database = self.folder / "all.pcap", self.folder / "analyzed.db"
        captures.write(capture, sent)
        subprocess.run([rig.TURNPIKE, "analyze", "--quiet", "--output", database, capture],
                       check=True)
        self.assertGreater(rows(database, "flows").total(), 500)
        for count in (2, 4):
            with self.subTest(workers=count):
                self.same(runs[1].database, runs[count].database, f"1 worker and {count}")
        with self.subTest(workers=1, beside="analyze"):
            self.same(database, runs[1].database, "analyze and live")


if __name__ == "__main__":
    rig.main()
