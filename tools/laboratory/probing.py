"""`turnpike probe` with `turnpike respond` through a firewall that a seed drew, and what must come
of it. Runs inside the sandbox; writes rehearsal.db and truth.json.

    python -m laboratory.probing --seed N --world plain|nat|ipv6 --out FOLDER --turnpike PROGRAM

Every name leads to an address of its own at the far end, so that each requirement has a chain of
the firewall to itself, with counters: the witnesses that the treatment happened.
"""

import argparse
import json
import random
import subprocess
import sys
from dataclasses import dataclass, field as data_field
from pathlib import Path

from rehearsal import field, play

from . import dns, products, sandbox
from .firewall import CLIENT_HELLO, HAS_PAYLOAD
from .topology import inside, nft

DNS_FATES = {
    "dns-nxdomain": (dns.Answer(rcode=dns.NXDOMAIN), "dns_nxdomain"),
    "dns-refused": (dns.Answer(rcode=dns.REFUSED), "dns_refused"),
    "dns-silent": (dns.Answer(silent=True), "dns_timeout"),
    "dns-sinkhole": (dns.Answer(v4="0.0.0.0", v6="::"), "dns_sinkhole"),
}


@dataclass
class Fate:
    """What is done to a requirement: rules on the way out and back, and what must be seen."""

    name: str
    outward: tuple = ()
    inward: tuple = ()
    reasons: tuple = ()  # of a block; empty: it passes


def fates(requirement, version, rng):
    """The treatments that can be shown on the requirement's transport."""
    silence = ("tcp_timeout",) if requirement.transport == "tcp" else ("udp_timeout",
                                                                       "quic_timeout")
    prohibited, closed = (("icmp type admin-prohibited", "icmp type port-unreachable")
                          if version == 4 else
                          ("icmpv6 type admin-prohibited", "icmpv6 type port-unreachable"))
    found = [
        Fate("drop", ("{hit} drop",), (), silence),
        Fate("replies-drop", (), ("{hit} drop",), silence),
        Fate("prohibited", (f"{{hit}} reject with {prohibited}",), (), ("icmp_prohibited",)),
        Fate("unreachable", (f"{{hit}} reject with {closed}",), (), ("icmp_unreachable",)),
    ]
    if requirement.transport == "tcp":
        http = requirement.ports == "80"
        test = HAS_PAYLOAD if http else CLIENT_HELLO
        found += [
            Fate("reset", ("{hit} reject with tcp reset",), (), ("tcp_reset",)),
            Fate("words-drop", (f"{test} {{hit}} drop",), (),
                 ("payload_timeout",) if http else ("tls_timeout",)),
            Fate("words-reset", (f"{test} {{hit}} reject with tcp reset",), (),
                 ("payload_reset",) if http else ("tls_reset",)),
        ]
    low, _, high = requirement.ports.partition("-")
    if high:
        cut = rng.randint(int(low) + 1, int(high))
        found += [Fate(f"from-{cut}",
                       (f"{requirement.transport} dport {cut}-{high} {{hit}} drop",))] * 3
    return found


@dataclass
class Row:
    """A requirement, its addresses and its fate."""

    number: int
    requirement: products.Requirement
    addresses: list
    fate: Fate
    dns: str = ""
    counters: dict = data_field(default_factory=dict)


def invented(pattern):
    """The name that probe makes up for a pattern in a rehearsal."""
    if pattern.startswith("."):
        return "audit" + pattern
    return pattern.replace("*", "audit")


def draw(seed, world):
    """The rows of a seed in one world."""
    rng = random.Random(f"probe/{seed}/{world}")
    version = 6 if world == "ipv6" else 4
    anywhere = field.ANYWHERE6 if version == 6 else field.ANYWHERE4
    rows, broken = [], {}
    for title in products.choose(seed):
        for requirement in products.PRODUCTS[title]:
            if requirement.simplex:
                continue  # opened from outside: nothing that a host inside could try
            patterns = requirement.patterns
            if patterns and patterns not in broken:
                broken[patterns] = rng.choice(sorted(DNS_FATES)) if rng.random() < 0.08 else ""
            names = [invented(pattern) for pattern in patterns]
            addresses = [field.address_of(name, version) for name in names] or [anywhere]
            fate = Fate("allow") if rng.random() < 0.4 else \
                rng.choice(fates(requirement, version, rng))
            same = [row for row in rows if not patterns and not row.requirement.patterns
                    and row.requirement.identity[4:] == requirement.identity[4:]]
            if same:  # rows that lead anywhere by the same ports share their chain
                rows.append(Row(same[0].number, requirement, addresses, same[0].fate))
                continue
            rows.append(Row(len(rows) + 1, requirement, addresses, fate,
                            broken.get(patterns, "")))
    return rows


def ruleset(rows, world):
    """One chain each way for each requirement; what no row is about passes."""
    family = "ip6" if world == "ipv6" else "ip"
    jumps, chains, counters = [], [], []
    for row in {row.number: row for row in rows}.values():
        n, item = row.number, row.requirement
        there = "{ " + ", ".join(row.addresses) + " }"
        for way, side, port, treatment in (("o", "daddr", "dport", row.fate.outward),
                                           ("i", "saddr", "sport", row.fate.inward)):
            jumps.append(f"{family} {side} {there} {item.transport} {port} {item.ports} "
                         f"jump r{n}{way}")
            lines = [f"counter name r{n}{way}_seen",
                     *(text.replace("{hit}", f"counter name r{n}_hit") for text in treatment),
                     f"counter name r{n}{way}_passed accept"]
            chains.append(f"chain r{n}{way} {{\n    " + "\n    ".join(lines) + "\n  }")
        counters += [f"counter r{n}{end} {{ }}"
                     for end in ("o_seen", "o_passed", "i_seen", "i_passed", "_hit")]
    text = ("table inet audit {\n  " + "\n  ".join(counters + chains)
            + "\n  chain forward {\n    type filter hook forward priority 0;\n    "
            + "\n    ".join(jumps) + "\n  }\n}\n")
    if world == "nat":
        text += ("table inet nat { chain post { type nat hook postrouting priority srcnat;"
                 ' oifname "wan0" ip saddr 10.0.0.0/8 masquerade; } }\n')
    return text


def read_counters(rows):
    with inside("fw"):
        told = json.loads(subprocess.run(
            ["nft", "-j", "list", "counters", "table", "inet", "audit"], capture_output=True,
            text=True, check=True).stdout)
    packets = {item["counter"]["name"]: item["counter"]["packets"]
               for item in told["nftables"] if "counter" in item}
    for row in rows:
        row.counters = {end: packets[f"r{row.number}{end}"]
                        for end in ("o_seen", "o_passed", "i_seen", "i_passed", "_hit")}


def expected(row):
    """(status, reasons) that turnpike must say; a reason suffices."""
    if row.dns:
        return "blocked", [DNS_FATES[row.dns][1]]
    return ("blocked", list(row.fate.reasons)) if row.fate.reasons else ("observed", [])


def disagreement(row):
    """Why the counters do not show what the treatment says; empty if they do."""
    seen = row.counters
    if row.dns:
        return "the row was tried in spite of its names" if seen["o_seen"] else ""
    if not seen["o_seen"]:
        return "nothing was tried"
    if row.fate.name == "allow" and not (seen["i_passed"] and not seen["_hit"]):
        return "nothing came back"
    if row.fate.name != "allow" and not seen["_hit"]:
        return "the treatment struck nothing"
    if row.fate.name in ("drop", "prohibited", "unreachable", "reset") and seen["o_passed"]:
        return "packets got out"
    if row.fate.name == "replies-drop" and seen["i_passed"]:
        return "answers got in"
    return ""


def truth_of(rows):
    return {"faults": [f"{row.requirement.identity}, {row.fate.name}: {problem}"
                       for row in rows if (problem := disagreement(row))],
            "requirements": [{
                "identity": row.requirement.identity, "status": expected(row)[0],
                "reasons": expected(row)[1], "grades": ["A", "B", "C"] if row.dns else ["A"],
                "dns": row.dns, "fate": row.fate.name,
                "edge": row.fate.name.startswith("from-") and not row.dns,
                "counters": row.counters} for row in rows]}


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--world", choices=("plain", "nat", "ipv6"), required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--turnpike", required=True)
    options = parser.parse_args(arguments)
    sandbox.prepare_mounts()
    ipv6 = options.world == "ipv6"
    rows = draw(options.seed, options.world)
    ground = field.Field(ipv6=ipv6)
    ground.build()
    with inside("fw"):
        nft(ruleset(rows, options.world))
    broken = {invented(pattern): DNS_FATES[row.dns][0]
              for row in rows if row.dns for pattern in row.requirement.patterns}
    play.serve_names(not ipv6, ipv6, broken)
    responder, key = play.start_responder(options.turnpike, options.out)
    selectors = dict.fromkeys(row.requirement.selector for row in rows)
    status = play.probe(
        options.turnpike, options.out, key,
        ["--seed", str(options.seed), "--rate", "50",
         *(word for selector in selectors for word in ("--require", selector))],
        field.ANYWHERE6 if ipv6 else field.ANYWHERE4)
    responder.terminate()
    responder.wait()
    read_counters(rows)
    (options.out / "truth.json").write_text(json.dumps(truth_of(rows), indent=1))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
