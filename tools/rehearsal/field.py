"""Three namespaces: a host inside, the firewall in the middle, and the rest of the world outside.

    in (eth0) --- inside interface | fw | outside interface --- (eth0) out
    in (side0) ------------------------------------------------ (side0) out

Every address that `in` sends to leads through the firewall to `out`, which owns them all. The side
link carries what must work whatever the firewall does: names, and the talk with the responder.
"""

import hashlib
import ipaddress
import subprocess

from laboratory.topology import inside, nft, offloads_off, run, sysctl

CLIENT4, CLIENT6 = "10.20.0.2/24", "2001:db8:20::2/64"
GATE4, GATE6 = ("192.0.2.1", "192.0.2.2"), ("2001:db8:99::1", "2001:db8:99::2")
SIDE_IN, SIDE_OUT = "10.255.255.1", "10.255.255.2"
#: Where rows lead that lead anywhere.
ANYWHERE4, ANYWHERE6 = "203.0.113.200", "2001:db8:f000::200"
#: Where names lead: each to an address of its own, always the same.
NAMES4, NAMES6 = ipaddress.ip_network("198.18.0.0/15"), ipaddress.ip_network("2001:db8:f001::/48")


def address_of(name, version):
    """The address that a name leads to."""
    network = NAMES4 if version == 4 else NAMES6
    digest = int.from_bytes(hashlib.sha256(name.lower().encode()).digest()[:8], "big")
    return str(network[1 + digest % (min(network.num_addresses, 1 << 60) - 2)])


def first_of(network):
    """The router's address on the inside network."""
    hosts = ipaddress.ip_interface(network).network
    return f"{hosts[1]}/{hosts.prefixlen}"


class Field:
    """Builds it. Must be called within a sandbox (laboratory.sandbox)."""

    def __init__(self, inside_name="lan0", outside_name="wan0", client4=CLIENT4, client6=CLIENT6,
                 ipv6=False):
        self.inside_name, self.outside_name = inside_name, outside_name
        self.client4, self.client6, self.ipv6 = client4, client6, ipv6

    def build(self):
        for name in ("in", "fw", "out"):
            run("ip", "netns", "add", name)
            with inside(name):
                sysctl("net.ipv6.conf.default.accept_dad", 0)
                sysctl("net.ipv6.conf.all.accept_dad", 0)
                sysctl("net.ipv4.icmp_ratelimit", 0)
                sysctl("net.ipv6.icmp.ratelimit", 0)
                run("ip", "link", "set", "lo", "up")
        with inside("out"):
            sysctl("net.ipv6.ip_nonlocal_bind", 1)  # to answer from every address
        with inside("fw"):
            sysctl("net.ipv4.ip_forward", 1)
            sysctl("net.ipv6.conf.all.forwarding", 1)
        self.link("in", "eth0", "fw", self.inside_name)
        self.link("fw", self.outside_name, "out", "eth0")
        self.link("in", "side0", "out", "side0")
        self.addresses()
        self.routes()

    def link(self, here, own, there, other):
        run("ip", "link", "add", own, "netns", here, "type", "veth", "peer", "name", other,
            "netns", there)
        for place, name in ((here, own), (there, other)):
            run("ip", "-n", place, "link", "set", name, "up")
            with inside(place):
                offloads_off(name)

    def addresses(self):
        for place, name, address in (
                ("in", "eth0", self.client4), ("fw", self.inside_name, first_of(self.client4)),
                ("fw", self.outside_name, GATE4[0] + "/30"), ("out", "eth0", GATE4[1] + "/30"),
                ("in", "side0", SIDE_IN + "/30"), ("out", "side0", SIDE_OUT + "/30"),
                ("in", "eth0", self.client6), ("fw", self.inside_name, first_of(self.client6)),
                ("fw", self.outside_name, GATE6[0] + "/64"), ("out", "eth0", GATE6[1] + "/64")):
            run("ip", "-n", place, "address", "add", address, "dev", name)

    def routes(self):
        for version, client, gate in (("-4", self.client4, GATE4), ("-6", self.client6, GATE6)):
            gateway = first_of(client).split("/")[0]
            network = str(ipaddress.ip_interface(client).network)
            if version == "-4" or self.ipv6:
                run("ip", version, "-n", "in", "route", "add", "default", "via", gateway)
            run("ip", version, "-n", "fw", "route", "add", "default", "via", gate[1])
            run("ip", version, "-n", "out", "route", "add", network, "via", gate[0])
            # The world outside owns every other address.
            run("ip", version, "-n", "out", "route", "add", "local", "default", "dev", "lo",
                "table", "main")

    def load(self, ruleset):
        """Load nftables' language or what iptables-save wrote into the firewall."""
        head = [line for line in ruleset.splitlines() if line.strip()]
        with inside("fw"):
            if any(line.startswith("*") for line in head):
                done = subprocess.run(["iptables-restore"], input=ruleset, text=True,
                                      capture_output=True, check=False)
                if done.returncode != 0:
                    raise ValueError(f"iptables-restore refuses it: {done.stderr.strip()}")
            else:
                done = subprocess.run(["nft", "-f", "-"], input=ruleset, text=True,
                                      capture_output=True, check=False)
                if done.returncode != 0:
                    raise ValueError(f"nft refuses it: {done.stderr.strip()}")


__all__ = ["Field", "address_of", "inside", "nft"]
