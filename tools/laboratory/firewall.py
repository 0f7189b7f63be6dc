"""The firewall: nftables rules per attempt, and their counters as a witness.

Each attempt is told apart by its addresses, transport and server port. Its packets pass through a
chain a direction: counted as they come, treated, and counted again when let through.
"""

import ipaddress
import json
import subprocess
from dataclasses import dataclass

from .topology import inside, nft

#: Payload tests at @ih, the first payload byte of TCP or UDP.
HAS_PAYLOAD = "@ih,0,8 >= 0"  # any octet; without one the load fails, and nothing matches
CLIENT_HELLO = "@ih,0,8 0x16 @ih,40,8 1"  # a handshake record holding a ClientHello
CHANNEL_DATA = "@ih,0,2 1"  # RFC 7983: 64..79 is a TURN channel
#: Nothing comes in from the internet that nobody asked for, unless a passage lets it.
UNSOLICITED = 'iifname "out0" ct state new drop'
RTP = "@ih,0,2 2"  # RFC 7983: 128..191 is RTP and RTCP


@dataclass
class Passage:
    """What the firewall knows of one attempt: who talks to whom, and what to do about it.

    `outward` and `inward` are nftables statements put before the accept; `{hit}` in them becomes
    the counter that proves the treatment struck.
    """

    number: int
    client: str
    server: str
    transport: str
    port: int
    outward: tuple = ()
    inward: tuple = ()
    forged: bool = False  # its own ICMP errors carry the server's address as their source

    def rules(self):
        """(jump rules of the forward chain, chains)."""
        family = "ip6" if ":" in self.client else "ip"
        n = self.number
        ways = (("o", self.client, self.server, "dport", self.outward),
                ("i", self.server, self.client, "sport", self.inward))
        jumps, chains = [], []
        for way, source, target, side, treatment in ways:
            jumps.append(f"{family} saddr {source} {family} daddr {target} {self.transport} "
                         f"{side} {self.port} jump a{n}{way}")
            lines = [f"counter name a{n}{way}_seen"]
            lines += [text.replace("{hit}", f"counter name a{n}_hit") for text in treatment]
            lines.append(f"counter name a{n}{way}_passed accept")
            chains.append(f"chain a{n}{way} {{\n    " + "\n    ".join(lines) + "\n  }")
        return jumps, chains

    def forgery(self):
        """The rule that puts the server's address on the firewall's own ICMP errors about it: the
        quoted packet's destination lies behind 8 octets of ICMP in the quoted IP header."""
        address = ipaddress.ip_address(self.server)
        family, kind, place = ("ip", "icmp", "@th,192,32") if address.version == 4 else \
            ("ip6", "icmpv6", "@th,256,128")
        return (f"{kind} type destination-unreachable {place} {int(address):#x} "
                f"{family} saddr set {address}")

    def counters(self):
        return [f"a{self.number}{suffix}"
                for suffix in ("o_seen", "o_passed", "i_seen", "i_passed", "_hit")]


def load(passages):
    """Install the whole policy; what the clients start and no passage names goes through."""
    jumps, chains, counters = [], [], []
    for passage in passages:
        more, own = passage.rules()
        jumps += more
        chains += own
        counters += [f"counter {name} {{ }}" for name in passage.counters()]
    ruleset = ("table inet treatments {\n  " + "\n  ".join(counters + chains)
               + "\n  chain forward {\n    type filter hook forward priority 0;\n    "
               + "\n    ".join([*jumps, UNSOLICITED]) + "\n  }\n"
              + "  chain own {\n    type filter hook output priority 0;\n    "
              + "\n    ".join(p.forgery() for p in passages if p.forged) + "\n  }\n}\n")
    with inside("fw"):
        nft(ruleset)


def read_counters():
    """{attempt number: {counter: packets}}."""
    with inside("fw"):
        text = subprocess.run(["nft", "-j", "list", "counters", "table", "inet", "treatments"],
                              capture_output=True, text=True, check=True).stdout
    witness = {}
    for item in json.loads(text)["nftables"]:
        counter = item.get("counter")
        if counter:
            number, _, what = counter["name"][1:].partition("_")
            way = number.lstrip("0123456789")
            number = int(number.rstrip("oi"))
            key = {"o": "out_", "i": "in_"}.get(way, "") + what
            witness.setdefault(number, {})[key] = counter["packets"]
    return witness
