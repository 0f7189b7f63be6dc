"""A private network namespace with cables in it, and packets sent down a cable at a known rate.

As in the laboratory, everything runs as children of one process in namespaces of its own; when that
process ends, in whatever way, the kernel takes all of it away.
"""

import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from laboratory import sandbox
from laboratory.topology import run, sysctl

ROOT = Path(__file__).resolve().parent.parent.parent
INSIDE = "TURNPIKE_STAGE"  # set in the environment of the process that is inside already
SKIPPED = 77


def enter():
    """Run this very command again inside fresh namespaces, unless that is where it runs.

    Where they cannot be made the process ends with status 77 and says why.
    """
    if os.environ.get(INSIDE):
        prepare()
        return
    try:
        sandbox.require()
    except sandbox.SandboxUnavailable as missing:
        print(f"skipped: {missing}")
        sys.exit(SKIPPED)
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **{INSIDE: "1"})
    command = sandbox.unshare_command() + [sys.executable, *sys.argv]
    os.execvpe(command[0], command, environment)


def prepare():
    run("mount", "-t", "tmpfs", "stage", "/run")
    Path("/run/netns").mkdir()
    Path("/run/laboratory").mkdir()
    run("ip", "link", "set", "lo", "up")
    # The kernel's own neighbour discovery would be counted as traffic.
    sysctl("net.ipv6.conf.all.disable_ipv6", 1)
    sysctl("net.ipv6.conf.default.disable_ipv6", 1)


def cable(left, right, mtu=9000):
    """What is sent into one end comes out at the other. No address: nothing answers."""
    run("ip", "link", "add", "name", left, "mtu", str(mtu), "type", "veth", "peer", "name", right,
        "mtu", str(mtu))
    for end in (left, right):
        run("ip", "link", "set", end, "arp", "off", "txqueuelen", "10000", "up")


def listeners(interface):
    """How many packet sockets are bound to the interface."""
    index = str(socket.if_nametoindex(interface))
    rows = Path("/proc/net/packet").read_text().splitlines()[1:]
    return sum(row.split()[4] == index for row in rows)


def wait_for(condition, seconds, what):
    """Poll until the condition holds and return its value; raise TimeoutError after the time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def call_mix(megabytes, pages, hang_up=False):
    """The capture of tools/call-mix, made once and kept under build/."""
    options = ["--hang-up"] if hang_up else []
    folder = ROOT / "build" / "call-mix"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{megabytes}-{pages}{'-hang-up' if hang_up else ''}.pcap"
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")
        subprocess.run([ROOT / "tools/call-mix", unfinished, "--megabytes", str(megabytes),
                        "--pages", str(pages), *options], check=True, stdout=subprocess.DEVNULL)
        unfinished.rename(path)
    return path


@dataclass
class Sent:
    packets: int
    octets: int
    seconds: float

    @property
    def rate(self):
        return self.packets / self.seconds


class Sender:
    """packet_sender at work: started at once, `wait` says what it sent."""

    def __init__(self, program, interface, capture, rate=0, seconds=None, loops=None,
                 renumber=True, core=None):
        command = ["taskset", "-c", str(core)] if core is not None else []
        command += [str(program), "-i", interface, "--rate", str(rate)]
        command += ["--seconds", str(seconds)] if seconds else []
        command += ["--loops", str(loops)] if loops else []
        command += ["--renumber"] if renumber else []
        self.process = subprocess.Popen([*command, str(capture)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True,
                                        preexec_fn=sandbox.die_with_parent)

    def wait(self):
        out, error = self.process.communicate()
        told = re.match(r"sent (\d+) packets, (\d+) octets in ([\d.]+) s", out)
        if self.process.returncode != 0 or not told:
            raise RuntimeError(f"packet_sender: {error.strip() or out.strip()}")
        return Sent(int(told[1]), int(told[2]), float(told[3]))
