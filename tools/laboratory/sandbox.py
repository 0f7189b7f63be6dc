"""A private set of namespaces for one laboratory world.

The world runs as process 1 of its own PID, mount and network namespaces. When it ends, or when the
process that started it ends in whatever way (an exception, ^C, SIGKILL), the kernel kills all that
runs inside and takes every interface, route, firewall rule and mount away. So there is nothing to
clean up, and nothing of the host's network can be reached from inside.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

#: What a world runs, besides Python.
PROGRAMS = ("ip", "nft", "tcpdump", "tinyproxy", "turnserver", "unshare")
PR_SET_PDEATHSIG = 1  # linux/prctl.h
libc = ctypes.CDLL("libc.so.6", use_errno=True)
running, stopping = set(), threading.Event()


class SandboxUnavailable(RuntimeError):
    """Raised where this machine cannot make the namespaces; the text says what is missing."""


def die_with_parent():
    """Ask the kernel to kill this process as soon as its parent is gone."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def require():
    """Raise SandboxUnavailable unless this process may make namespaces."""
    if os.geteuid() != 0:
        raise SandboxUnavailable("the laboratory needs root for network namespaces")
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    if missing:
        raise SandboxUnavailable(f"not installed: {', '.join(missing)}; tools/setup installs it")
    probe = subprocess.run(unshare_command() + ["true"], capture_output=True, text=True)
    if probe.returncode != 0:
        raise SandboxUnavailable(f"no private namespaces here: {probe.stderr.strip()}")


def unshare_command():
    return ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=SIGKILL",
            "--mount-proc"]


def start(module, arguments, log):
    """Start `python -m module arguments` as process 1 of fresh namespaces; returns the Popen."""
    if stopping.is_set():
        raise RuntimeError("interrupted")
    environment = dict(os.environ, PYTHONPATH=str(Path(__file__).resolve().parent.parent),
                       PYTHONDONTWRITEBYTECODE="1")
    process = subprocess.Popen(
        unshare_command() + [sys.executable, "-m", module, *arguments],
        stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        env=environment, start_new_session=True, preexec_fn=die_with_parent)
    running.add(process)
    return process


def stop(process):
    """End one world with all that runs inside it."""
    process.kill()
    process.wait()
    running.discard(process)


def stop_all():
    """End every world, and let none start again."""
    stopping.set()
    for process in list(running):
        process.kill()


def prepare_mounts():
    """Inside the sandbox: a private /run for the names of namespaces and the services' files."""
    subprocess.run(["mount", "-t", "tmpfs", "laboratory", "/run"], check=True)
    Path("/run/netns").mkdir()
    Path("/run/laboratory").mkdir()


def use_resolver(address):
    """Inside the sandbox: let programs that read /etc/resolv.conf ask `address`."""
    path = Path("/run/laboratory/resolv.conf")
    path.write_text(f"nameserver {address}\noptions timeout:5 attempts:2\n")  # a busy machine
    subprocess.run(["mount", "--bind", str(path), os.path.realpath("/etc/resolv.conf")], check=True)
