"""Runs turnpike for the tests of this folder; the program is the first argument of the test."""

import ipaddress
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools"))

from laboratory import captures  # noqa: E402, F401 (for the tests)

CAPTURES = ROOT / "captures"
TURNPIKE = None


def main():
    """Called by each test file."""
    global TURNPIKE
    TURNPIKE = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()


class ProgramTest(unittest.TestCase):
    """A folder of its own, and the program."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="turnpike-audit-")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def run_program(self, *words, status=0, **environment):
        done = subprocess.run([TURNPIKE, *map(str, words)], capture_output=True, text=True,
                              timeout=120, cwd=self.folder, env={**os.environ, **environment})
        self.assertEqual(done.returncode, status, done.stderr + done.stdout[-2000:])
        return done

    def refused(self, status, *words):
        """One line on standard error that begins with the program's name."""
        done = self.run_program(*words, status=status)
        self.assertRegex(done.stderr, r"\Aturnpike: [^\n]+\n\Z")
        return done.stderr

    def rows(self, sql, database="turnpike.db"):
        connection = sqlite3.connect(f"file:{self.folder / database}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql)]
        finally:
            connection.close()


def seconds_later(frames, seconds):
    return [replace(frame, time=frame.time + round(seconds * 1_000_000)) for frame in frames]


def translated(frame, inside, outside, clients):
    """The frame behind a router that gives the clients' addresses (a network) another one: IPv4
    only, ports stay, checksums are not mended."""
    layer = frame.ip()
    if layer is None or layer[0] != 4:
        return frame
    data = bytearray(frame.data)
    for at, hop in ((26, -1), (30, 1)):
        if ipaddress.ip_address(bytes(data[at:at + 4])) in ipaddress.ip_network(clients):
            data[at:at + 4] = ipaddress.ip_address(outside).packed
            data[22] += hop
    return replace(frame, data=bytes(data))
