"""What the tests of live capture share: turnpike at work, traffic for it, and its database."""

import atexit
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from dataclasses import replace
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "captures")]

from kit.story import Story  # noqa: E402
from laboratory import captures, sandbox  # noqa: E402
from laboratory.topology import run  # noqa: E402
from live import stage  # noqa: E402

def readable_by_all(program):
    """The program, or a copy of it and its catalog where only its owner may go (root's home): some
    tests run it as nobody. The copy goes when the tests end."""
    path = Path(program).resolve()
    if stage.INSIDE not in os.environ or all(folder.stat().st_mode & 1 for folder in path.parents):
        return str(path)
    place = Path(tempfile.mkdtemp(prefix="turnpike-program-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    place.chmod(0o755)
    shutil.copytree(ROOT / "catalog", place / "share/turnpike/catalog")
    (place / "bin").mkdir()
    return shutil.copy(path, place / "bin")


TURNPIKE = readable_by_all(os.environ.get("TURNPIKE", ROOT / "build/release/bin/turnpike"))
wait_for = stage.wait_for
PATIENCE = float(os.environ.get("TURNPIKE_PATIENCE", 1))  # more under sanitizers, which are slow
#: SIGINT and SIGTERM end a run cleanly within this time.
ENDING = 2.0 * PATIENCE


class Live:
    """`turnpike live` from its start until it was stopped or ended by itself."""

    def __init__(self, *arguments, folder, database="live.db", prefix=(), extra_environment=None,
                 wait=True, terminal=None):
        self.folder, self.database = Path(folder), Path(folder) / database
        self.out_path, self.error_path = self.folder / "out", self.folder / "error"
        words = [*prefix, TURNPIKE, "live", *map(str, arguments), "--output", str(self.database)]
        with self.out_path.open("w") as out, self.error_path.open("w") as error:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=out if terminal is None else terminal,
                stderr=error, env=dict(os.environ, TERM="xterm", **(extra_environment or {})),
                preexec_fn=sandbox.die_with_parent)
        if wait:
            # The run stands in the database once the sources are open and read.
            wait_for(lambda: self.alive() and self.one("SELECT count(*) FROM runs"), 15,
                     "turnpike begins its run")
            time.sleep(0.3)

    def alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f"turnpike ended with {self.process.returncode}: "
                                 f"{self.errors()}{self.output()}")
        return True

    def output(self):
        return self.out_path.read_text(errors="replace")

    def errors(self):
        return self.error_path.read_text(errors="replace")

    def said(self):
        return self.output() + self.errors()

    def ask(self, question):
        """Rows of the database as another process sees them; none while it does not exist."""
        return ask(self.database, question)

    def one(self, question):
        rows = self.ask(question)
        return rows[0][0] if rows else None

    def notify(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGINT, within=ENDING):
        """End it cleanly and return its exit status."""
        self.alive()
        self.notify(number)
        return self.wait(within)

    def wait(self, within):
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"turnpike still runs after {within} s: {self.said()}") from None

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def ask(database, question):
    try:
        with_name = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)
    except sqlite3.OperationalError:
        return []
    try:
        return with_name.execute(question).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error) or "unable to open" in str(error):
            return []
        raise
    finally:
        with_name.close()


class LiveCase(unittest.TestCase):
    """A test with a cable from s0 to r0 and a folder; all programs it started are ended."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        stage.cable("s0", "r0")
        self.addCleanup(subprocess.run, ["ip", "link", "del", "s0"], capture_output=True)
        self.pages, self.sent = 0, 0

    def live(self, *arguments, **options):
        """turnpike on r0 unless the arguments say where."""
        if not {"-i", "--listen"} & set(arguments):
            arguments = ("-i", "r0", *arguments)
        started = Live(*arguments, folder=options.pop("folder", self.folder), **options)
        self.addCleanup(started.kill)
        return started

    def browse(self, count, pause=0.0, interface="s0"):
        """Visits of so many pages: two flows each, all of them new. Returns the packets sent."""
        frames = []
        for number in range(self.pages, self.pages + count):
            frames += visit(number)
        self.pages += count
        sent = send(interface, frames, pause)
        self.sent += sent
        return sent

    @property
    def flows(self):
        """How many flows `browse` made so far."""
        return 2 * self.pages

    def until_flows(self, live, count, within=10):
        """Wait until the database holds so many flows."""
        def enough():
            live.alive()
            return (live.one("SELECT count(*) FROM flows") or 0) >= count
        try:
            wait_for(enough, within, "")
        except TimeoutError:
            found = live.one("SELECT count(*) FROM flows")
            self.fail(f"{found} flows of {count} after {within} s: {live.said()}")
        self.assertEqual(live.one("SELECT count(*) FROM flows"), count)


def visit(number):
    """The frames of one page: a name is asked for, and a TLS session follows."""
    story = Story()
    client = f"10.50.{number // 250}.{number % 250 + 1}"
    server = f"198.51.100.{number % 250 + 1}"
    story.port = 20000 + number % 40000
    story.resolve(f"www{number}.example.org", server, client=client)
    story.tcp(server, 443, client).open().tls(f"www{number}.example.org", talk=1).close()
    return [frame for _, frame in story.frames]


def send(interface, frames, pause=0.0):
    """Frames as fast as it goes, or `pause` seconds apart. Returns how many."""
    with raw_socket(interface) as out:
        for frame in frames:
            out.send(frame)
            if pause:
                time.sleep(pause)
    return len(frames)


def raw_socket(interface):
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    out.bind((interface, 0))
    return out


def replay(frames, interface, pick=None):
    """Frames of `laboratory.captures` in their own time. `pick` names the interface of a frame.

    Returns them with the times at which they were sent: on a busy machine gaps become shorter and
    longer, and a verdict that asks for so much silence may differ.
    """
    sockets, sent = {}, []
    start, first = time.monotonic(), frames[0].time
    for frame in frames:
        wait = start + (frame.time - first) / 1e6 - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        name = pick(frame) if pick else interface
        if name not in sockets:
            sockets[name] = raw_socket(name)
        sent.append(replace(frame, time=round(time.time() * 1e6)))
        sockets[name].send(frame.data)
    for out in sockets.values():
        out.close()
    return sent


def prolonged(frames, seconds=4.0):
    """The frames and small talk after them, so that silence is told from the capture's end."""
    story = Story()
    last = frames[-1].time
    talk = story.datagrams("198.51.100.3", 123, client="10.99.0.1")
    for _ in range(int(seconds / 0.5)):
        talk.out(b"\x23" + bytes(47), after=0.01)
        talk.back(b"\x24" + bytes(47), after=0.49)
    return frames + [captures.Frame(last + 100_000 + round(t * 1e6), data, len(data))
                     for t, data in story.frames]


def main(**options):
    """Run the tests of the calling script in a namespace of their own; 77 where that cannot be."""
    if not Path(TURNPIKE).exists():
        print(f"skipped: {TURNPIKE} is not built")
        sys.exit(stage.SKIPPED)
    stage.enter()
    unittest.main(verbosity=2, **options)


__all__ = ["Live", "LiveCase", "ROOT", "TURNPIKE", "ask", "captures", "main", "prolonged", "replay",
           "run", "send", "stage", "visit", "wait_for"]
