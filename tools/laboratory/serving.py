"""`turnpike probe` without a responder, against the laboratory's vendors: TLS and web servers, coturn,
DNS and an HTTP proxy, through a firewall that a seed drew. Runs inside the sandbox; writes
rehearsal.db and truth.json.

    python -m laboratory.serving --seed N --world plain|nat|ipv6|proxy --out FOLDER --turnpike PROGRAM

Every name has a server of its own. What is refused by the firewall, by a server, by the resolver or
by the proxy is drawn for each row; the firewall's counters are the witnesses.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import dns, policy, probing, products, sandbox, services, topology
from .firewall import CHANNEL_DATA
from .probing import Fate, Row
from .topology import inside, nft

WORLDS = ("plain", "nat", "ipv6", "proxy")
#: How a server refuses, what that is called, and with which grades. Without a reason it is no block.
SERVER_FATES = {
    "tls": {"alert-112": ("tls_alert", "ABC"), "alert-40": ("", ""), "silent": ("tls_timeout", "BC"),
            "reset-first": ("tls_reset", "BC"), "mismatch": ("tls_name_mismatch", "ABC"),
            "plain-403": ("http_denied", "A"), "distrusted": ("", "")},
    "http": {"http-403": ("http_denied", "A"), "http-451": ("http_denied", "A"),
             "http-511": ("http_denied", "A"), "http-redirect": ("http_denied", "A")},
}
#: What a block by the firewall must be graded: a device says so, or only silence speaks.
FIREWALL_GRADES = {"drop": "BC", "replies-drop": "BC", "words-drop": "BC", "prohibited": "A",
                   "unreachable": "A", "reset": "ABC", "words-reset": "ABC",
                   "sound-drop": "BC"}
RUN = Path("/run/laboratory")
LOGIN = "staff:secret"
#: Where relays are used, and not only asked who they are.
WITH_CREDENTIALS = ("nat", "ipv6")


@dataclass
class Group:
    """Rows with the same names: the names, and whether the resolver or the proxy refuses them."""

    servers: dict  # name -> address
    given: str  # the one that the user must give, for no document names it
    dns: str = ""
    refused: bool = False


def patterns_of(title):
    return dict.fromkeys(r.patterns for r in products.PRODUCTS[title] if r.patterns)


def group_of(patterns, rng, addresses, world):
    exact = [p for p in patterns if not p.startswith(("*", "."))]
    wild = rng.choice([p for p in patterns if p not in exact])
    given = products.fitting_name(wild, rng)
    group = Group({name: addresses.take("plain") for name in (given, *exact)}, given)
    if world == "proxy":
        group.refused = rng.random() < 0.15
    elif rng.random() < 0.1:
        group.dns = rng.choice(sorted(probing.DNS_FATES))
    return group


def speech(requirement):
    """What a client of the row says first."""
    if "turn-udp" in requirement.behaviours:
        return "turn"
    if requirement.transport == "udp":
        return "rtp"
    return "http" if requirement.ports == "80" else "tls"


def fate_of(requirement, world, rng):
    """What is done to a row by the firewall or, as "server NAME", by its servers."""
    if rng.random() < 0.35:
        return Fate("allow")
    found = probing.fates(requirement, 6 if world == "ipv6" else 4, rng)
    if speech(requirement) == "turn" and world in WITH_CREDENTIALS:
        found += [Fate("sound-drop", (), (f"{CHANNEL_DATA} {{hit}} drop",), ("one_way",))] * 3
    if world == "proxy" and requirement.transport == "tcp":
        found = [fate for fate in found if fate.name.startswith(("drop", "words-drop", "from-"))]
    elif speech(requirement) in SERVER_FATES and "-" not in requirement.ports \
            and "turn-tls" not in requirement.behaviours:
        found += [Fate(f"server {name}") for name in SERVER_FATES[speech(requirement)]]
    return rng.choice(found)


def draw(seed, world):
    """(rows, {patterns: group}) of a seed in one world."""
    rng = random.Random(f"serving/{seed}/{world}")
    addresses = policy.Addresses(rng, world == "ipv6")
    rows, groups = [], {}
    for title in products.choose(seed):
        groups.update({p: group_of(p, rng, addresses, world) for p in patterns_of(title)})
        for requirement in products.PRODUCTS[title]:
            group = groups.get(requirement.patterns)
            rows.append(Row(len(rows) + 1, requirement,
                            sorted(group.servers.values()) if group else [],
                            fate_of(requirement, world, rng) if group else Fate("nobody"),
                            group.dns if group else ""))
    return rows, groups


def refused_by_proxy(row, groups, world):
    return world == "proxy" and row.requirement.transport == "tcp" and \
        groups[row.requirement.patterns].refused


def plan_of(rows, groups):
    """How the servers and the resolver behave."""
    plan = services.Plan()
    for group in groups.values():
        for name, address in group.servers.items():
            plan.names[name] = probing.DNS_FATES[group.dns][0] if group.dns else \
                dns.Answer(**{"v6" if ":" in address else "v4": address})
            plan.certificate_names.add(name)
            if group.refused:
                plan.refused_hosts.add(name)
    for row in rows:
        if row.fate.name.startswith("server "):
            for address in row.addresses:
                plan.tcp[address, int(row.requirement.ports)] = row.fate.name.split()[1]
    return plan


def lead_to_coturn(rows, world):
    """The TURN rows' servers are coturn, past the listener that stands for all others."""
    family, host = ("ip6", f"[{topology.TURN_HOST6}]") if world == "ipv6" else \
        ("ip", topology.TURN_HOST4)
    lines = []
    for row in rows:
        kinds, there = row.requirement.behaviours, ", ".join(row.addresses)
        port = 3478 if "turn-udp" in kinds else 5349 if "turn-tls" in kinds else 0
        if port and row.addresses:
            match = (f"{family} daddr {{ {there} }} {row.requirement.transport} dport "
                     f"{row.requirement.ports}")
            lines += [f"insert rule {family} servers catch {match} return",
                      f"add rule {family} servers turn {match} dnat to {host}:{port}"]
    with inside("net"):
        nft("\n".join(lines) + "\n")


def expected(row, groups, world):
    """(status, reasons, grades) that turnpike must say."""
    fate, kind = row.fate.name, speech(row.requirement)
    if fate == "nobody":
        return "unmatched", [], []
    if row.dns:
        return "blocked", [probing.DNS_FATES[row.dns][1]], list("BC")
    proxied = world == "proxy" and row.requirement.transport == "tcp"
    if refused_by_proxy(row, groups, world):
        return "blocked", ["proxy_denied"], ["A"]
    if fate == "drop" and proxied:
        return "blocked", ["proxy_timeout"], list("BC")
    if fate == "words-drop" and proxied and kind == "http":
        return "inconclusive", [], []  # the proxy took the request: servers may keep silent
    if kind == "rtp" and fate in ("drop", "replies-drop"):
        return "inconclusive", [], []  # servers tell strangers nothing about media
    if fate.startswith("server "):
        reason, grades = SERVER_FATES[kind][fate.split()[1]]
        if not reason:
            return "observed" if fate == "server distrusted" else "inconclusive", [], []
        return "blocked", [reason], list(grades)
    if not row.fate.reasons:
        return "observed", [], []
    return "blocked", list(row.fate.reasons), list(FIREWALL_GRADES[fate])


def disagreement(row, groups, world):
    """Why the firewall's counters do not show what was drawn; empty if they do."""
    if row.fate.name == "nobody":
        return ""
    if refused_by_proxy(row, groups, world):
        return "the row was tried in spite of the proxy" if row.counters["o_seen"] else ""
    if row.fate.name.startswith("server "):
        return "" if row.dns or row.counters["i_passed"] else "the servers never answered"
    return probing.disagreement(row)


def truth_of(rows, groups, world):
    told = []
    for row in rows:
        status, reasons, grades = expected(row, groups, world)
        told.append({"identity": row.requirement.identity, "status": status, "reasons": reasons,
                     "grades": grades, "dns": row.dns, "fate": row.fate.name,
                     "edge": row.fate.name.startswith("from-") and speech(row.requirement) == "tls"
                     and not row.dns and not refused_by_proxy(row, groups, world),
                     "counters": row.counters})
    certificates = {kind: sorted(
        name for row in rows if row.fate.name == f"server {kind}" and not row.dns
        for name in groups[row.requirement.patterns].servers)
        for kind in ("distrusted", "mismatch")}
    relays = sorted(name for row in rows if row.fate.name == "allow" and not row.dns
                    and speech(row.requirement) == "turn" and world in WITH_CREDENTIALS
                    for name in groups[row.requirement.patterns].servers)
    return {"requirements": told, **certificates, "relays": relays,
            "faults": [f"{row.requirement.identity}, {row.dns or row.fate.name}: {problem}"
                       for row in rows if (problem := disagreement(row, groups, world))]}


def words_for_probe(options, rows, groups):
    words = ["--seed", str(options.seed), "--rate", "100", "--sample", "16",
             "--ca-file", str(RUN / "ca.pem"), "--output", str(options.out / "rehearsal.db")]
    for group in groups.values():
        words += ["--name", group.given]
    for selector in dict.fromkeys(row.requirement.selector for row in rows):
        words += ["--require", selector]
    if options.world in WITH_CREDENTIALS:
        user = RUN / "turn-user"
        user.write_text(f"{services.TURN_USER}:{services.TURN_PASSWORD}\n")
        words += ["--turn-credentials", str(user)]
    if options.world == "proxy":
        login = RUN / "login"
        login.write_text(LOGIN + "\n")
        words += ["--proxy", f"{topology.PROXY4}:{services.PROXY_AUTH_PORT}",
                  "--proxy-credentials", str(login)]
    return words


def start_probe(turnpike, folder, words):
    """`turnpike probe` on a client's host."""
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with inside("c1"), (folder / "probe.out").open("w") as out, \
            (folder / "probe.err").open("w") as err:
        return subprocess.Popen([turnpike, "probe", *words], stdout=out, stderr=err, env=clean,
                                stdin=subprocess.DEVNULL)


async def play(options, rows, groups):
    ground = topology.Topology(1, nat=options.world == "nat")
    ground.build()
    named = [row for row in rows if row.addresses]
    with inside("fw"):
        nft(probing.ruleset(named, "ipv6" if options.world == "ipv6" else "plain"))
    sandbox.use_resolver(topology.RESOLVER4)
    internet = services.Internet(plan_of(rows, groups), RUN)
    await internet.start()
    lead_to_coturn(rows, options.world)
    process = start_probe(options.turnpike, options.out, words_for_probe(options, rows, groups))
    status = await asyncio.to_thread(process.wait)
    internet.stop()
    probing.read_counters(named)
    return status


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--world", choices=WORLDS, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--turnpike", required=True)
    options = parser.parse_args(arguments)
    sandbox.prepare_mounts()
    rows, groups = draw(options.seed, options.world)
    status = asyncio.run(play(options, rows, groups))
    (options.out / "truth.json").write_text(
        json.dumps(truth_of(rows, groups, options.world), indent=1))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
