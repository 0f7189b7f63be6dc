#!/usr/bin/env python3
"""Loads what `turnpike catalog export` writes into a real kernel.

A client and a server stand in network namespaces on either side of a third one, which forwards and
drops everything by default. A TCP and a UDP requirement must be dropped at first, pass once the
exported rules are loaded, and a port that nobody asked for must stay closed.

Exit status 77: skipped, with the reason.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
SERVER = {4: "198.51.100.2", 6: "2001:db8:2::2"}
REQUIRED = [("tcp", 8443), ("udp", 3478)]
UNASKED = [("tcp", 8444), ("udp", 3479)]

CATALOG = """\
vendor: kernel
name: Kernel
products:
  - product: calls
    name: Calls
    revisions:
      - revision: undated
        source: {title: Test, location: here, kind: vendor}
        rules:
          - id: signaling
            purpose: signaling
            ports: {tcp: [8443]}
            networks: [198.51.100.0/24, "2001:db8:2::/64"]
          - id: media
            purpose: media
            ports: {udp: [3470-3478]}
            networks: [198.51.100.2, 198.51.100.0/30, "2001:db8:2::2"]
          - id: unplaced
            purpose: a name that no firewall matches
            ports: {tcp: [8444]}
            names: "*.example.com"
"""

# Echoes on every port of its arguments, IPv4 and IPv6.
ECHO = """
import socket, sys, threading
def tcp(port):
    s = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        peer, _ = s.accept()
        peer.sendall(peer.recv(100))
        peer.close()
def udp(port):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(("::", port))
    while True:
        data, peer = s.recvfrom(100)
        s.sendto(data, peer)
for word in sys.argv[1:]:
    kind, port = word.split(":")
    threading.Thread(target=globals()[kind], args=(int(port),)).start()
print("ready", flush=True)
"""

# Exits with 0 if the echo comes back within two seconds.
PROBE = """
import socket, sys
kind, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
s = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
s.settimeout(2)
try:
    s.connect((address, port))
    s.send(b"hello")
    sys.exit(0 if s.recv(100) == b"hello" else 1)
except OSError:
    sys.exit(1)
"""


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def run(*words, **options):
    return subprocess.run(words, check=True, text=True, capture_output=True, **options)


class World:
    """Client, firewall and server; gone when the context ends."""

    def __init__(self, stack):
        self.names = {role: f"turnpike-{os.getpid()}-{role}" for role in ("c", "f", "s")}
        for name in self.names.values():
            try:
                run("ip", "netns", "add", name)
            except subprocess.CalledProcessError as error:
                skip(f"no network namespace can be made: {error.stderr.strip()}")
            stack.callback(subprocess.run, ["ip", "netns", "delete", name], check=False)
            run("ip", "-n", name, "link", "set", "lo", "up")
        self.join("c", "192.0.2.", "2001:db8:1::")
        self.join("s", "198.51.100.", "2001:db8:2::")
        self.inside("f", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")

    def join(self, role, prefix4, prefix6):
        """A cable from the role to the firewall: .2 and .1."""
        run("ip", "-n", self.names["f"], "link", "add", f"to-{role}", "type", "veth",
            "peer", "name", "eth0", "netns", self.names[role])
        for namespace, link, host in ((self.names["f"], f"to-{role}", 1), (self.names[role], "eth0", 2)):
            run("ip", "-n", namespace, "address", "add", f"{prefix4}{host}/24", "dev", link)
            run("ip", "-n", namespace, "address", "add", f"{prefix6}{host}/64", "dev", link, "nodad")
            run("ip", "-n", namespace, "link", "set", link, "up")
        run("ip", "-n", self.names[role], "route", "add", "default", "via", f"{prefix4}1")
        run("ip", "-n", self.names[role], "-6", "route", "add", "default", "via", f"{prefix6}1")

    def command(self, role, *words):
        return ["ip", "netns", "exec", self.names[role], *words]

    def inside(self, role, *words, **options):
        return run(*self.command(role, *words), **options)

    def listen(self, stack):
        words = [f"{kind}:{port}" for kind, port in REQUIRED + UNASKED]
        server = subprocess.Popen(self.command("s", sys.executable, "-c", ECHO, *words),
                                  stdout=subprocess.PIPE, text=True)
        stack.callback(server.wait)
        stack.callback(server.kill)
        assert server.stdout.readline() == "ready\n"

    def passes(self, kind, version, port):
        return subprocess.run(self.command("c", sys.executable, "-c", PROBE, kind, SERVER[version], str(port)),
                              check=False).returncode == 0


def drop_everything(world, form):
    """What the administrator has: a firewall that forwards nothing."""
    if form == "nftables":
        world.inside("f", "nft", "-f", "-", input="table inet filter {\nchain forward {\n"
                     "type filter hook forward priority filter; policy drop;\n}\n}\n")
        return
    try:
        world.inside("f", form, "-P", "FORWARD", "DROP")
    except subprocess.CalledProcessError as error:
        skip(f"this kernel has no {form}: {error.stderr.strip()}")


def load(world, form, rules):
    if form == "nftables":
        for _ in range(2):  # loading it again must change nothing
            world.inside("f", "nft", "-f", "-", input=rules)
        world.inside("f", "nft", "insert", "rule", "inet", "filter", "forward", "jump", "turnpike")
        return
    for _ in range(2):
        world.inside("f", f"{form}-restore", "--noflush", input=rules)
    world.inside("f", form, "-I", "FORWARD", "-j", "TURNPIKE")


def wait_until_open(world, versions):
    """Neighbors are resolved with nothing dropped, so that a drop is the firewall's doing."""
    for version in versions:
        for kind, port in REQUIRED + UNASKED:
            deadline = time.monotonic() + 20
            while not world.passes(kind, version, port):
                if time.monotonic() > deadline:
                    sys.exit(f"{kind} {port} over IPv{version} does not pass without a firewall")


def check(world, versions, required_pass):
    mistakes = []
    for version in versions:
        for kind, port in REQUIRED + UNASKED:
            wanted = required_pass and (kind, port) in REQUIRED
            if world.passes(kind, version, port) != wanted:
                mistakes.append(f"{kind} {port} over IPv{version}: {'dropped' if wanted else 'passes'}")
    if mistakes:
        sys.exit(f"with{'' if required_pass else 'out'} the rules: " + "; ".join(mistakes))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turnpike", required=True)
    parser.add_argument("--format", required=True, choices=["nftables", "iptables", "ip6tables"])
    arguments = parser.parse_args()
    form = arguments.format
    if os.geteuid() != 0:
        skip("only root may make network namespaces")
    for tool in ["ip", "sysctl"] + (["nft"] if form == "nftables" else [form, f"{form}-restore"]):
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed")
    versions = {"nftables": [4, 6], "iptables": [4], "ip6tables": [6]}[form]
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        with open(os.path.join(directory, "kernel.yaml"), "w", encoding="utf-8") as file:
            file.write(CATALOG)
        rules = run(arguments.turnpike, "catalog", "export", "--catalog", directory, "--require", "kernel",
                    "--format", form).stdout
        world = World(stack)
        world.listen(stack)
        wait_until_open(world, versions)
        drop_everything(world, form)
        check(world, versions, required_pass=False)
        try:
            load(world, form, rules)
        except subprocess.CalledProcessError as error:
            sys.exit(f"the kernel refuses the exported rules:\n{error.stderr}\n{rules}")
        check(world, versions, required_pass=True)
    print(f"{form}: dropped before, passed with the exported rules, the rest stayed closed")


if __name__ == "__main__":
    main()
