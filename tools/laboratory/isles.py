"""Servers that stand alone and disappear: each a process in a namespace of its own."""

import subprocess
import sys

from . import topology
from .topology import inside


class Isles:
    """The isles of a world, one for each attempt whose server is to vanish."""

    def __init__(self, attempts, certificates):
        vanishing = [attempt for attempt in attempts if attempt.vanishes]
        self.number = {a.number: i for i, a in enumerate(vanishing, start=1)}
        self.servers = {a.number: self.start(a, certificates.good_file) for a in vanishing}

    def start(self, attempt, certificate):
        """A server process that listens where the attempt goes."""
        with inside(self.name(attempt)):
            process = subprocess.Popen(
                [sys.executable, "-m", "laboratory.isle", attempt.server, str(attempt.port),
                 attempt.transport, certificate],
                stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"the server on {self.name(attempt)} did not start")
        return process

    def name(self, attempt):
        return f"isle{self.number[attempt.number]}"

    def strike(self, attempt):
        """The server's process ends, its address goes, or its cable is pulled."""
        name = self.name(attempt)
        if attempt.vanishes == "ends":
            self.servers[attempt.number].kill()
            self.servers[attempt.number].wait()
        elif attempt.vanishes == "renumbered":
            length = 128 if attempt.ipv6 else 32
            topology.run("ip", "-n", name, "address", "del", f"{attempt.server}/{length}",
                         "dev", "eth0")
        else:
            topology.run("ip", "-n", name, "link", "set", "eth0", "down")

    def stop(self):
        for process in self.servers.values():
            process.kill()
            process.wait()
