"""Programs that capture, measured alike: what they saw, what was dropped, what it cost."""

import os
import re
import signal
import sqlite3
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from laboratory import sandbox

from . import stage

#: After the last packet: the slowest hand-over of a ring's last block is well below this.
SETTLE = 1.5


@dataclass
class Seen:
    """Packets as the program's own counters tell them."""

    captured: int
    dropped: int
    cpu: float  # seconds, user and system
    ending: float  # seconds from the signal to the end
    peak: int  # octets resident at most

    @property
    def total(self):
        return self.captured + self.dropped


class Captor:
    """A program on an interface, from its start to SIGINT. Subclasses say how and read its counters."""

    name = ""

    def __init__(self, folder):
        self.folder = Path(folder)

    def start(self, interface):
        before = stage.listeners(interface)
        self.log = (self.folder / "log").open("w+")
        self.process = subprocess.Popen(self.command(interface), stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log,
                                        preexec_fn=sandbox.die_with_parent)
        stage.wait_for(lambda: self.alive() and stage.listeners(interface) > before, 10,
                       f"{self.name} captures on {interface}")
        time.sleep(0.5)  # a socket is bound before its ring is read

    def alive(self):
        """True, or an error with what the program said last."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {self.said()}")
        return True

    def said(self):
        self.log.flush()
        return (self.folder / "log").read_text().strip()

    def stop(self):
        """End it and return what it saw."""
        time.sleep(SETTLE)
        self.alive()
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        _, status, usage = os.wait4(self.process.pid, 0)
        ending = time.monotonic() - started
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode != 0:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {self.said()}")
        captured, dropped = self.counters()
        self.log.close()
        return Seen(captured, dropped, usage.ru_utime + usage.ru_stime, ending,
                    usage.ru_maxrss * 1024)

    def number(self, pattern):
        found = re.search(pattern, self.said())
        if not found:
            raise RuntimeError(f"{self.name} does not tell its counters: {self.said()}")
        return int(found[1])


class Tcpdump(Captor):
    def __init__(self, folder, ring=None):
        super().__init__(folder)
        self.ring = ring
        self.name = f"tcpdump, {ring} MiB" if ring else "tcpdump"

    def command(self, interface):
        ring = ["-B", str(self.ring * 1024)] if self.ring else []
        return ["tcpdump", "-n", "-i", interface, *ring, "-Z", "root", "-w", "/dev/null"]

    def counters(self):
        return (self.number(r"(\d+) packets captured"),
                self.number(r"(\d+) packets dropped by kernel"))


class Dumpcap(Captor):
    def __init__(self, folder, ring=None):
        super().__init__(folder)
        self.ring = ring
        self.name = f"dumpcap, {ring} MiB" if ring else "dumpcap"

    def command(self, interface):
        ring = ["-B", str(self.ring)] if self.ring else []
        return ["dumpcap", "-q", "-i", interface, *ring, "-w", "/dev/null"]

    def counters(self):
        # "Packets received/dropped on interface 'r0': 99/1 (pcap:1/dumpcap:0/flushed:0/ps_ifdrop:0)"
        return (self.number(r"received/dropped on interface[^:]*: (\d+)/"),
                self.number(r"received/dropped on interface[^:]*: \d+/(\d+)"))


class Turnpike(Captor):
    name = "turnpike"

    def __init__(self, folder, program, ring=64, require="whereby", extra=()):
        super().__init__(folder)
        self.program, self.ring, self.require, self.extra = program, ring, require, extra
        self.database = self.folder / "live.db"

    def command(self, interface):
        return [str(self.program), "live", "-i", interface, "--ring-size", str(self.ring),
                "--quiet", "--require", self.require, "--output", str(self.database), *self.extra]

    def start(self, interface):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.database}{suffix}").unlink(missing_ok=True)
        super().start(interface)

    def counters(self):
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            return database.execute("SELECT packets, packets_dropped FROM runs").fetchone()
