"""Hosts and links of one world, made with iproute2 and entered with setns.

    c1..cN --- lan (a switch) --- core (a router) --- fw (the firewall) --- r1 --- r2 --- r3 --- net
                 |                  |                   |                                |
                mirror port        mirror port        proxy (its own leg,             isle1..isleN
                                                      not seen by the taps)

The core router is there so that a packet can be mirrored on both sides of a hop, with different
MAC addresses and hop counts; r1 to r3 so that the servers stand several hops beyond the firewall.
`net` is the internet: it owns many addresses ("any IP" local routes), so one namespace can be
hundreds of servers. An isle is one server on a leg of its own, which can disappear.
"""

import contextlib
import ctypes
import fcntl
import ipaddress
import os
import re
import socket
import struct
import subprocess
from dataclasses import dataclass, field

CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
# ethtool commands that let the kernel hand over segments larger than the wire's, or without a
# checksum: all off, so that captures hold what a real cable would carry.
OFFLOADS = {"rx-checksum": 0x15, "tx-checksum": 0x17, "tso": 0x1F, "gso": 0x24, "gro": 0x2C}

LAN4, LAN6 = "10.20.0.", "2001:db8:20::"
TRANSIT4, TRANSIT6 = "10.30.0.", "2001:db8:30::"
COLLECTOR_MAC = "02:00:00:00:42:42"  # of the host that the wrapped mirror is sent to
PROXY4, PROXY6 = "10.40.0.2", "2001:db8:40::2"
#: The links beyond the firewall, one a hop: the side nearer to the clients is the lower address.
ROUTERS = ("r1", "r2", "r3")
OUTSIDE4, OUTSIDE6 = "192.0.2.", "2001:db8:99::"
NET4, NET6 = "192.0.2.14", "2001:db8:fff3::2"  # the internet's own address on the last link
RESOLVER4, RESOLVER6 = "192.0.2.53", "2001:db8:f000::53"
TURN_HOST4, TURN_HOST6 = "192.0.2.60", "2001:db8:f000::60"
#: Addresses the internet answers for, beyond its own.
SERVERS4 = ("192.0.2.32/27", "198.51.100.0/24", "203.0.113.0/24")
SERVERS6 = ("2001:db8:f000::/48", "2001:db8:f001::/48", "2001:db8:f002::/48",
            "2001:db8:f003::/48")
#: Addresses handed to coturn: plain STUN framing, and TLS.
TURN_PLAIN4, TURN_TLS4 = "203.0.113.128/26", "203.0.113.192/26"
TURN_PLAIN6, TURN_TLS6 = "2001:db8:f001::/48", "2001:db8:f002::/48"
#: Hosts that are up but have nothing listening, unless a plan opens a port.
CLOSED4, CLOSED6 = "203.0.113.96/27", "2001:db8:f003::/48"
#: Isles, by number: the server's address. Only they have these.
ISLES4, ISLES6 = "192.0.2.96/27", "2001:db8:fffe::/48"
#: Addresses that nobody has; what is sent there gets lost in silence.
DEAD4, DEAD6 = "198.18.0.0/16", "2001:db8:ffff::/48"
#: Hop counts that packets of common systems start with.
INITIAL_HOPS = (64, 128, 255)

libc = ctypes.CDLL("libc.so.6", use_errno=True)


@contextlib.contextmanager
def inside(namespace):
    """Run the block in a network namespace; sockets and processes made there stay there."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    target = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        enter(target)
        yield
    finally:
        enter(home)
        os.close(target)
        os.close(home)


def enter(descriptor):
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def sysctl(name, value):
    """Set a sysctl of the namespace the caller is in."""
    with open("/proc/sys/" + name.replace(".", "/"), "w", encoding="ascii") as file:
        file.write(str(value))


def offloads_off(interface):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in OFFLOADS.values():
            value = bytearray(struct.pack("II", command, 0))
            pointer = (ctypes.c_char * len(value)).from_buffer(value)
            request = struct.pack("16sP8x", interface.encode(), ctypes.addressof(pointer))
            with contextlib.suppress(OSError):  # not every device has every offload
                fcntl.ioctl(control, SIOCETHTOOL, request)


@dataclass
class Topology:
    """Builds the hosts. `clients` is their number; `nat` hides them behind the firewall."""

    clients: int
    nat: bool = False
    initial_hops: int = 64  # of what the servers send; the isles take the next of INITIAL_HOPS
    isles: int = 0
    interfaces: dict = field(default_factory=dict)

    def client4(self, number):
        return f"{LAN4}{10 + number}"

    def client6(self, number):
        return f"{LAN6}{10 + number:x}"

    def build(self):
        """Make every namespace, link, address and route."""
        for name in self.names():
            run("ip", "netns", "add", name)
        for name in self.names():
            with inside(name):
                self.quieten(name)
        self.make_links()
        self.make_switch()
        self.make_routes()
        with inside("core"):
            sysctl("net.ipv6.conf.span.disable_ipv6", 1)
        for namespace, names in self.interfaces.items():
            with inside(namespace):
                for interface in names:
                    offloads_off(interface)
        if self.nat:
            with inside("fw"):
                nft("table inet nat { chain post { type nat hook postrouting priority srcnat;"
                    ' oifname "out0" ip saddr 10.0.0.0/8 masquerade; } }')

    def names(self):
        return [f"c{i}" for i in range(1, self.clients + 1)] + [
            "lan", "core", "fw", *ROUTERS, "net", "proxy", "tap"] + [
            f"isle{i}" for i in range(1, self.isles + 1)]

    def quieten(self, name):
        """No duplicate address detection (it delays), no rate limit on ICMP errors."""
        sysctl("net.ipv6.conf.default.accept_dad", 0)
        sysctl("net.ipv6.conf.all.accept_dad", 0)
        sysctl("net.ipv4.icmp_ratelimit", 0)
        sysctl("net.ipv6.icmp.ratelimit", 0)
        with contextlib.suppress(OSError):  # a host-wide setting before Linux 6.12
            sysctl("net.ipv4.icmp_msgs_per_sec", 100000)
            sysctl("net.ipv4.icmp_msgs_burst", 100000)
        if name in ("core", "fw", *ROUTERS):
            sysctl("net.ipv4.ip_forward", 1)
            sysctl("net.ipv6.conf.all.forwarding", 1)
        if name in ("lan", "tap"):  # a switch and a tap say nothing themselves
            sysctl("net.ipv6.conf.all.disable_ipv6", 1)
            sysctl("net.ipv6.conf.default.disable_ipv6", 1)
        if name == "tap":
            nft("table inet quiet { chain output { type filter hook output priority 0;"
                " meta l4proto icmp drop; } }")
        if name == "net":
            sysctl("net.ipv6.ip_nonlocal_bind", 1)
            self.start_hops_at(self.initial_hops)
        if name.startswith("isle"):
            following = INITIAL_HOPS.index(self.initial_hops) + 1
            self.start_hops_at(INITIAL_HOPS[following % len(INITIAL_HOPS)])

    @staticmethod
    def start_hops_at(count):
        sysctl("net.ipv4.ip_default_ttl", count)
        sysctl("net.ipv6.conf.all.hop_limit", count)
        sysctl("net.ipv6.conf.default.hop_limit", count)

    def link(self, left, left_name, right, right_name, mtu=1500):
        run("ip", "-n", left, "link", "add", left_name, "mtu", str(mtu), "type", "veth",
            "peer", "name", right_name, "netns", right, "mtu", str(mtu))
        for namespace, interface in ((left, left_name), (right, right_name)):
            self.interfaces.setdefault(namespace, []).append(interface)

    def make_links(self):
        for i in range(1, self.clients + 1):
            self.link(f"c{i}", "eth0", "lan", f"p{i}")
        self.link("lan", "uplink", "core", "lan0")
        self.link("core", "wan0", "fw", "in0")
        path = ["fw", *ROUTERS, "net"]
        for near, far in zip(path, path[1:]):
            self.link(near, "out0", far, "net0")
        for i in range(1, self.isles + 1):
            self.link(ROUTERS[-1], f"isle{i}", f"isle{i}", "eth0")
        self.link("fw", "dmz0", "proxy", "eth0")
        # Mirror ports: larger frames, so that a wrapped full-size packet fits.
        self.link("lan", "span", "tap", "mirror", 2000)
        self.link("lan", "under", "tap", "wrapped", 2000)
        self.link("core", "span", "tap", "doubled", 2000)

    def make_switch(self):
        ports = [f"p{i}" for i in range(1, self.clients + 1)] + ["uplink"]
        batch("lan", ["link add br0 type bridge stp_state 0 mcast_snooping 0"]
              + [f"link set {port} master br0" for port in ports]
              + [f"link set {port} up" for port in [*ports, "br0", "span", "under"]]
              + ["address add 172.31.0.1/30 dev under",
                 # While a neighbour is looked for, the kernel keeps a few packets and drops the rest.
                 f"neighbor add 172.31.0.2 lladdr {COLLECTOR_MAC} dev under nud permanent",
                 "link add vx0 type vxlan id 4242 local 172.31.0.1 remote 172.31.0.2 dstport 4789",
                 "link set vx0 mtu 1900 up"])

    def make_routes(self):
        for i in range(1, self.clients + 1):
            batch(f"c{i}", ["link set lo up", "link set eth0 up",
                            f"address add {self.client4(i)}/24 dev eth0",
                            f"address add {self.client6(i)}/64 dev eth0",
                            f"route add default via {LAN4}1",
                            f"route add default via {LAN6}1"])
        batch("core", ["link set lo up", "link set lan0 up", "link set wan0 up",
                       "link set span up",
                       f"address add {LAN4}1/24 dev lan0", f"address add {LAN6}1/64 dev lan0",
                       f"address add {TRANSIT4}2/24 dev wan0",
                       f"address add {TRANSIT6}2/64 dev wan0",
                       f"route add default via {TRANSIT4}1",
                       f"route add default via {TRANSIT6}1"])
        batch("fw", ["link set lo up", "link set in0 up", "link set out0 up", "link set dmz0 up",
                     f"address add {TRANSIT4}1/24 dev in0", f"address add {TRANSIT6}1/64 dev in0",
                     f"address add {OUTSIDE4}1/30 dev out0", f"address add {OUTSIDE6}1/64 dev out0",
                     "address add 10.40.0.1/24 dev dmz0", "address add 2001:db8:40::1/64 dev dmz0",
                     f"route add {LAN4}0/24 via {TRANSIT4}2",
                     f"route add {LAN6}/64 via {TRANSIT6}2",
                     f"route add default via {OUTSIDE4}2",
                     f"route add default via {OUTSIDE6}2"])
        batch("proxy", ["link set lo up", "link set eth0 up",
                        f"address add {PROXY4}/24 dev eth0", f"address add {PROXY6}/64 dev eth0",
                        "route add default via 10.40.0.1",
                        "route add default via 2001:db8:40::1"])
        self.route_beyond()
        for i in range(1, self.isles + 1):
            self.route_isle(i)
        batch("tap", ["link set mirror up", f"link set wrapped address {COLLECTOR_MAC} up",
                      "link set doubled up", "address add 172.31.0.2/30 dev wrapped"])

    def route_beyond(self):
        """The routers and the internet: all that is not the site's lies ahead."""
        for number, name in enumerate((*ROUTERS, "net")):
            back4, own4 = f"{OUTSIDE4}{4 * number + 1}", f"{OUTSIDE4}{4 * number + 2}"
            link6 = OUTSIDE6 if number == 0 else f"2001:db8:fff{number}::"
            lines = ["link set lo up", "link set net0 up", f"address add {own4}/30 dev net0",
                     f"address add {link6}2/64 dev net0", f"route add 10.0.0.0/8 via {back4}",
                     f"route add 2001:db8::/33 via {link6}1"]
            if number:
                lines.append(f"route add {OUTSIDE4}0/30 via {back4}")
            if name != "net":
                ahead4, ahead6 = f"{OUTSIDE4}{4 * number + 5}", f"2001:db8:fff{number + 1}::"
                lines += ["link set out0 up", f"address add {ahead4}/30 dev out0",
                          f"address add {ahead6}1/64 dev out0",
                          f"route add default via {OUTSIDE4}{4 * number + 6}",
                          f"route add default via {ahead6}2"]
            batch(name, lines)
        batch("net", [f"route add local {prefix} dev lo" for prefix in SERVERS4 + SERVERS6]
              + [f"route add blackhole {prefix}" for prefix in (DEAD4, DEAD6)])

    def route_isle(self, number):
        """One server on a leg of the last router, which asks for it by its link address."""
        router, leg = ROUTERS[-1], f"isle{number}"
        near4, near6 = f"{OUTSIDE4}{13 + 4 * number}", f"2001:db8:fffd:{number:x}::1"
        own4, own6 = isle_address(number, False), isle_address(number, True)
        batch(router, [f"link set {leg} up", f"address add {near4}/32 dev {leg}",
                       f"address add {near6}/64 dev {leg}",
                       f"route add {own4}/32 dev {leg}", f"route add {own6}/128 dev {leg}"])
        batch(leg, ["link set lo up", "link set eth0 up", f"address add {own4}/32 dev eth0",
                    f"address add {own6}/128 dev eth0",
                    f"address add 2001:db8:fffd:{number:x}::2/64 dev eth0",
                    f"route add {near4}/32 dev eth0", f"route add default via {near4}",
                    f"route add default via {near6}"])


def isle_address(number, ipv6):
    """The address of the server on an isle."""
    return str(ipaddress.ip_network(ISLES6 if ipv6 else ISLES4)[number])


def addresses(network, first=1):
    """The host addresses of a network, as text, from the first-th on."""
    base = ipaddress.ip_network(network)
    for offset in range(first, min(base.num_addresses - 1, 400)):
        yield str(base[offset])


def run(*command):
    """Run a tool; an error carries what it said."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")


def batch(namespace, lines):
    """Run many `ip` commands in one process."""
    done = subprocess.run(["ip", "-n", namespace, "-batch", "-"], input="\n".join(lines) + "\n",
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"ip in {namespace}: {done.stderr.strip()}\n" + "\n".join(lines))


def nft(ruleset):
    """Load a ruleset into the namespace the caller is in; nft wants a line end before a brace."""
    ruleset = re.sub(r"; *((?:\} *)+)", lambda end: ";\n" + end[1].replace("}", "}\n"), ruleset)
    done = subprocess.run(["nft", "-f", "-"], input=ruleset, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"nft: {done.stderr.strip()[:2000]}")
