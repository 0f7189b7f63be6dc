#!/usr/bin/python3
"""Every recorded capture of the laboratory gets its expected rows, and keeps them when packets are
doubled, tagged, wrapped in VXLAN or split over files. Needs no root.

    TURNPIKE=build/release/bin/turnpike tests/laboratory/captures_test.py [NAME...]
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from laboratory import captures, score  # noqa: E402

TURNPIKE = os.environ.get("TURNPIKE", str(ROOT / "build/release/bin/turnpike"))
CAPTURES = Path(os.environ.get("LAB_CAPTURES", ROOT / "captures/lab"))


def analyze(told, files, folder):
    """The disagreements of turnpike with what is expected of these files."""
    database = Path(folder) / "result.db"
    done = subprocess.run(
        [TURNPIKE, "analyze", "--quiet", "--output", database,
         *(word for selector in told["require"] for word in ("--require", selector)), *files],
        capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        return [f"exit status {done.returncode}: {done.stderr.strip()}"]
    return score.score(told, database, "capture").wrong


def variants(frames):
    """(name, list of lists of frames): the same traffic, seen otherwise."""
    middle = len(frames) // 2
    later, earlier = frames[middle:], frames[:middle]
    shuffled = [frames[i::3] for i in range(3)]
    random.Random(1).shuffle(shuffled)
    yield "doubled", [captures.doubled(frames)]
    yield "doubled by a router", [captures.doubled(frames, hop=1)]
    yield "tagged", [captures.tagged(frames)]
    yield "tagged twice", [captures.tagged(captures.tagged(frames, 7), 42)]
    yield "wrapped in VXLAN", [captures.wrapped(frames)]
    yield "later file first", [later, earlier]
    yield "dealt out over three files", shuffled


class Recorded(unittest.TestCase):
    """One test a capture, made below."""

    def check(self, path, change):
        told = json.loads(path.with_suffix(".expected.json").read_text())
        with tempfile.TemporaryDirectory() as folder:
            if not change:
                self.assertEqual(analyze(told, [path], folder), [])
                return
            frames = captures.read(path)
            for name, parts in variants(frames):
                if "doubled" in name and not told.get("complete"):
                    continue  # an edited capture may lack what shows that it copies
                files = []
                for number, part in enumerate(parts):
                    files.append(Path(folder) / f"{number}.pcap")
                    captures.write(files[-1], part)
                with self.subTest(variant=name):
                    self.assertEqual(analyze(told, files, folder), [])
                    (Path(folder) / "result.db").unlink(missing_ok=True)


def add_tests():
    for path in sorted(CAPTURES.glob("*.pcap")):
        name = path.stem.replace("-", "_")
        setattr(Recorded, f"test_{name}", lambda self, p=path: self.check(p, change=False))
        setattr(Recorded, f"test_{name}_seen_otherwise",
                lambda self, p=path: self.check(p, change=True))


add_tests()
if __name__ == "__main__":
    if not Path(TURNPIKE).exists():
        print(f"skipped: {TURNPIKE} is not built")
        sys.exit(0)
    unittest.main(verbosity=1)
