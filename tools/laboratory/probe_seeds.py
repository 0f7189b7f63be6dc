"""`tools/lab probe`: seeds of `turnpike probe` and `turnpike respond` against the firewall's truth;
with --servers without a responder, against the vendors' servers of the laboratory."""

import json
import shutil
import sqlite3
import sys
import threading
from pathlib import Path

from . import sandbox, score
from .worlds import require_program, run_sandboxed, scratch_folder, workers

WORLDS = ("plain", "nat", "ipv6")
WITH_SERVERS = (*WORLDS, "proxy")
RETRIES = 1  # a world whose witnesses disagree (a starved machine) is played again


def run(options):
    sandbox.require()
    require_program(options.turnpike)
    turnpike = Path(options.turnpike)
    worlds = options.world or (WITH_SERVERS if options.servers else WORLDS)
    if "proxy" in worlds and not options.servers:
        print("lab: the world with a proxy needs --servers", file=sys.stderr)
        return 64
    total, lock = score.Tally(), threading.Lock()
    with scratch_folder() as scratch:
        base = options.keep or Path(scratch)

        def play(job):
            seed, world = job
            folder = base / f"probe-{seed}-{world}"
            tally = one_world(folder, seed, world, turnpike.resolve(), options.servers)
            with lock:
                total.add(tally)
                state = "as expected" if not tally.wrong else f"{len(tally.wrong)} wrong"
                print(f"seed {seed:3} {world:<5} {state}", flush=True)
            if not options.keep:
                shutil.rmtree(folder, ignore_errors=True)

        with workers(options.jobs) as pool:
            list(pool.map(play, [(s, w) for s in options.seeds for w in worlds]))
    score.print_tally(total, sys.stdout, options.limit)
    seeds = options.seeds
    print(score.summary(total, f"lab probe{' --servers' if options.servers else ''} --seeds "
                               f"{seeds[0]}..{seeds[-1]}, {len(worlds)} worlds"))
    return 1 if total.wrong or total.faults else 0


def one_world(folder, seed, world, turnpike, servers):
    """Play one world and score it."""
    title = f"seed {seed} {world}"
    for _ in range(1 + RETRIES):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        problem = run_sandboxed(
            ["--seed", str(seed), "--world", world, "--out", str(folder), "--turnpike",
             str(turnpike)], folder, "laboratory.serving" if servers else "laboratory.probing", 400)
        tally = score.Tally()
        if problem:
            said = folder / "probe.err"
            tally.fault(f"{title}: {problem} {said.read_text() if said.exists() else ''}")
            continue
        told = json.loads((folder / "truth.json").read_text())
        for fault in told["faults"]:
            tally.fault(f"{title}: {fault}")
        check(tally, told, folder / "rehearsal.db", title)
        if not told["faults"]:
            break
    return tally


def check(tally, told, database, title):
    connection = sqlite3.connect(database)
    rows = {row[:6]: row[6:] for row in connection.execute(
        "SELECT vendor, product, revision, rule_id, transport, ports, status,"
        " coalesce(block_reason, ''), coalesce(grade, '') FROM requirements")}
    said = [text for text, in connection.execute("SELECT text FROM warnings")]
    tally.check("complete", title, [1], connection.execute("SELECT complete FROM runs").fetchone()[0])
    for requirement in told["requirements"]:
        identity = tuple(requirement["identity"])
        where = f"{title} {'/'.join(identity)} ({requirement['dns'] or requirement['fate']})"
        status, reason, grade = rows[identity]
        tally.check("status", where, [requirement["status"]], status)
        if requirement["status"] == "blocked":
            tally.check("reason", where, requirement["reasons"], reason)
            tally.check("grade", where, requirement["grades"], grade)
        elif requirement["edge"]:
            tally.check("edge", where, [True], edge_is_told(said, identity, requirement["fate"]))
    check_relays(tally, told, title, said)
    check_certificates(tally, told, title, [text for text in said if "not to be trusted" in text])


def check_certificates(tally, told, title, said):
    """Each certificate that a client would not take is told, and no other."""
    bad = {*told.get("distrusted", []), *told.get("mismatch", [])}
    for name in told.get("distrusted", []):
        tally.check("certificate", f"{title} {name}", [True],
                    any(text.startswith(f"{name}: the certificate") for text in said))
    tally.check("certificate", title, [[]], [t for t in said if t.split(":")[0] not in bad])


def check_relays(tally, told, title, said):
    """Sound came back through every relay that the firewall lets through."""
    for name in told.get("relays", []):
        text = next((t for t in said if t.startswith(f"{name} udp ")), "")
        tally.check("relay", f"{title} {name}: {text}", [True],
                    text.endswith("packets of sound came back") and ", 0 of " not in text)


def edge_is_told(said, identity, fate):
    """Whether the report names the first blocked port of the range."""
    cut = int(fate.removeprefix("from-"))
    low, high = map(int, identity[5].split("-"))
    passing = f"{low}-{cut - 1} pass" if cut - 1 > low else f"{low} passes"
    blocked = f"{cut}-{high} are blocked" if cut < high else f"{cut} is blocked"
    head = f"{identity[0]}/{identity[1]}@{identity[2]} {identity[3]}, {identity[4]} {identity[5]}"
    return any(text.startswith(head) and f"{passing}, {blocked}" in text for text in said)
