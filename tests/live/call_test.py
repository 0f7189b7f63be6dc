#!/usr/bin/python3
"""A call through a firewall that blocks one rule, with turnpike on the mirror port.

The laboratory plays it: signalling passes, requests to the TURN server are dropped. turnpike draws
on a pseudo-terminal, which is read as a terminal reads it, while another connection reads the
database. When the verdict is due is told by a capture of the same mirror port, not by turnpike.
"""

import asyncio
import fcntl
import os
import pty
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time
import unittest
from pathlib import Path

import rig
from rig import TURNPIKE

from laboratory import captures, sandbox, scenarios, policy, topology  # noqa: I001
from laboratory.world import World

try:
    import pyte
except ImportError:
    pyte = None

ROWS, COLUMNS = 60, 180
#: verdicts.md, udp_timeout: silence for so long after the last packet, while the capture goes on.
SILENCE = 3.0
GRACE = 1.0 * rig.PATIENCE  # issue 6
MARGIN = 0.05  # clocks of packets and of the test are read at different moments


class Terminal(threading.Thread):
    """Reads a pseudo-terminal and keeps its screen; remembers when a row first said something."""

    def __init__(self, descriptor, wanted):
        super().__init__(daemon=True)
        self.descriptor, self.wanted = descriptor, wanted
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.seen, self.raw, self.ended = {}, b"", False
        self.lock = threading.Lock()

    def run(self):
        while True:
            select.select([self.descriptor], [], [])
            try:
                data = os.read(self.descriptor, 65536)
            except OSError:  # EIO: nobody has the other end open any more
                data = b""
            if not data:
                break
            with self.lock:
                self.raw += data
                self.stream.feed(data)
                self.look()
        self.ended = True

    def look(self):
        now = time.time()
        for line in self.screen.display:
            status = self.wanted(line)
            if status:
                self.seen.setdefault(status, now)

    def lines(self):
        with self.lock:
            return [line.rstrip() for line in self.screen.display if line.strip()]


class Reader(threading.Thread):
    """Asks the database over and over, as somebody else's program does."""

    QUESTION = "SELECT status, block_reason FROM requirements WHERE rule_id = ? AND ports = ?"

    def __init__(self, database, rule, ports):
        super().__init__(daemon=True)
        self.database, self.key = database, (rule, ports)
        self.seen, self.going = {}, True

    def run(self):
        while self.going:
            try:
                with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
                    row = connection.execute(self.QUESTION, self.key).fetchone()
                connection.close()
            except sqlite3.OperationalError:
                row = None  # not there yet
            if row:
                self.seen.setdefault(row[0], time.time())
            time.sleep(0.05)


def due(frames, local, remote):
    """(second packet, when the flow is blocked by docs/verdicts.md): two sends of a STUN transaction went
    out, nothing came back, and the capture shows that it goes on for 3 s after the second.
    """
    times = [frame.time / 1e6 for frame in frames if frame.ports() == (local[1], remote[1])
             and frame.ip()[2:4] == (local[0], remote[0])]
    if len(times) < 2:
        raise AssertionError(f"the client sent {len(times)} packets")
    return times[1], next(frame.time / 1e6 for frame in frames
                          if frame.time / 1e6 >= times[1] + SILENCE)


@unittest.skipIf(pyte is None, "python3-pyte is not installed")
class Call(unittest.TestCase):
    RULE, PORTS = "media", "5349"

    def setUp(self):
        self.folder = Path(self.enterContext(rig.tempfile.TemporaryDirectory()))

    def status_of(self, line):
        """What a line of the screen says of the blocked rule, if it is about it."""
        words = line.lower()
        if "udp" not in words or self.PORTS not in words:
            return None
        return next((status for status in ("blocked", "observed", "unmatched", "inconclusive")
                     if status in words), None)

    def start(self):
        """turnpike on the mirror port and on a terminal; returns the process."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.database = self.folder / "live.db"
        with topology.inside("tap"):
            process = subprocess.Popen(
                [TURNPIKE, "live", "-i", "mirror", "--require", "sendbird", "--output",
                 str(self.database)], stdin=theirs, stdout=theirs, stderr=theirs,
                env=dict(os.environ, TERM="xterm-256color", LANG="C.UTF-8"),
                preexec_fn=sandbox.die_with_parent)
        os.close(theirs)
        self.addCleanup(process.kill)
        self.terminal = Terminal(ours, self.status_of)
        self.terminal.start()
        rig.wait_for(lambda: rig.ask(self.database, "SELECT * FROM runs"), 15, "turnpike runs")
        self.reader = Reader(self.database, self.RULE, self.PORTS)
        self.reader.start()
        return process

    def test_the_row_turns_blocked_in_time(self):
        draft = policy.Draft("call", "plain")
        scenarios.after_signaling(scenarios.SENDBIRD, self.RULE, self.PORTS, "turn-udp",
                                  "drop")(draft)
        draft.products = [scenarios.SENDBIRD]
        world = World(draft, "plain", ["mirror"], self.folder)
        world.build()
        process = self.start()
        record = asyncio.run(world.run())
        relay = next(a for a in record["attempts"] if a["behaviour"] == "turn-udp")
        self.assertGreater(relay["counters"]["hit"], 0, "the firewall dropped something")
        frames = captures.read(self.folder / "plain-mirror.pcap")
        second, when = due(frames, relay["report"]["local"], relay["report"]["remote"])
        time.sleep(max(0.0, when + GRACE - time.time()))
        self.check("terminal", self.terminal.seen, second, when)
        self.check("database", self.reader.seen, second, when)
        self.end(process)

    def check(self, place, seen, second, when):
        self.assertIn("blocked", seen, f"{place}: {self.terminal.lines()}")
        told = seen["blocked"]
        print(f"{place}: blocked {told - second:.2f} s after the second packet, {told - when:.2f} s "
              "after the capture shows it", file=sys.stderr)
        self.assertLessEqual(told - when, GRACE, place)
        self.assertGreaterEqual(told - second, SILENCE - MARGIN, place)
        self.assertNotIn("observed", seen, place)

    def end(self, process):
        """SIGINT: the report, a clean exit, a complete run, within two seconds."""
        self.reader.going = False
        before = len(self.terminal.raw)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(rig.ENDING), 0)
        self.terminal.join(2)
        said = self.terminal.raw[before:].decode(errors="replace")
        self.assertIn("blocked", said.lower())
        self.assertIn(self.PORTS, said)
        self.assertEqual(rig.ask(self.database, "SELECT complete FROM runs"), [(1,)])
        self.assertEqual(rig.ask(self.database, "SELECT status, block_reason FROM requirements "
                                 f"WHERE rule_id = '{self.RULE}' AND ports = '{self.PORTS}'"),
                         [("blocked", "udp_timeout")])


if __name__ == "__main__":
    # The laboratory's servers end with their process; their sockets are not closed one by one.
    rig.main(warnings="ignore")
