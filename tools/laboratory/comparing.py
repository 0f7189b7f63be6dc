"""`lab compare`: plays seeds, records both sides of the firewall, sets the clock of the outer capture
wrong, and asks `turnpike compare` what became of every flow. The truth are the treatments and the
firewall's own counters.
"""

import json
import random
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

from . import captures, commands, sandbox, score, truth

WORLDS = ("plain", "nat", "ipv6")
MOST_OFFSET = 30_000_000  # microseconds
#: The offset must be found within so many milliseconds.
CLOCK_TOLERANCE = 5
#: Packets of a connection that the firewall may count after the captures have ended.
LATE = 2
NAT_ADDRESS = "192.0.2.1"
DIED, ANSWERED = ("died_outward", "died_inward"), ("answered",)
#: Treatments whose packets die where the firewall's counters do not look: in its routing, in the
#: proxy's leg, or on the way before it.
UNCOUNTED = ("mtu-icmp", "path-probe", "proxy-")
OUTWARD = ("drop", "stubborn-drop", "hello-drop")
INWARD = ("replies-drop", "data-drop", "media-one-way")
FROM_BEYOND = ("server-", "router-", "http-", "name-mismatch", "proxy-web-", "proxy-via-")


def add_verb(verbs):
    """Add `compare` to the command line of tools/lab."""
    verb = verbs.add_parser("compare", help="compare the captures of both sides of the firewall")
    verb.add_argument("--seeds", type=commands.seed_range, default=range(1, 4), metavar="A..B")
    verb.add_argument("--world", type=commands.comma_list(WORLDS), default=list(WORLDS))
    commands.add_options(verb, "captures, truths and databases")
    verb.set_defaults(command=run)


def run(options):
    sandbox.require()
    commands.require_program(options.turnpike)
    tallies = {world: score.Tally() for world in options.world}
    lock = threading.Lock()
    with commands.scratch_folder() as scratch:
        base = options.keep or Path(scratch)

        def play(job):
            seed, world = job
            folder = base / f"seed-{seed}" / world
            folder.mkdir(parents=True, exist_ok=True)
            tally = one_world(options, seed, world, folder)
            with lock:
                tallies[world].add(tally)
                state = "as expected" if not tally.wrong else f"{len(tally.wrong)} wrong"
                print(f"seed {seed:3} {world:<5} {state}", flush=True)
            if not options.keep:
                shutil.rmtree(folder, ignore_errors=True)

        with commands.workers(options.jobs) as pool:
            list(pool.map(play, [(s, w) for s in options.seeds for w in options.world]))
    return report(options, tallies)


def one_world(options, seed, world, folder):
    """Play one world, unless it was kept, and score the comparison."""
    title, tally = f"seed {seed} {world}", score.Tally()
    record = folder / f"{world}.json"
    for _ in range(1 + commands.RETRIES):
        if not record.exists():
            problem = commands.run_sandboxed(
                ["--seed", str(seed), "--world", world, "--places", "inside,outer",
                 "--out", str(folder)], folder)
            if problem:
                continue
        told = truth.tell(json.loads(record.read_text()))
        if not told["faults"]:
            return compare(options.turnpike, seed, world, folder,
                           json.loads(record.read_text()), told)
        record.unlink()
    tally.fault(f"{title}: the world did not run: {problem or told['faults']}")
    return tally


def compare(turnpike, seed, world, folder, record, told):
    title, tally = f"seed {seed} {world}", score.Tally()
    for place, count in record["dropped_by_kernel"].items():
        if count:
            tally.fault(f"{title}: the tap {place} lost {count} packets")
    inside, outside = folder / f"{world}-inside.pcap", folder / "outside.pcap"
    offset = random.Random(f"{seed} {world}").randint(-MOST_OFFSET, MOST_OFFSET)
    captures.write(outside, [replace(frame, time=frame.time + offset)
                             for frame in captures.read(folder / f"{world}-outer.pcap")])
    database = folder / "compare.db"
    database.unlink(missing_ok=True)
    selectors = dict.fromkeys(r["selector"] for r in told["requirements"])
    command = [turnpike, "compare", "--quiet", "--output", str(database),
               *(word for s in selectors for word in ("--require", s)), str(inside), str(outside)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        tally.fault(f"{title}: {' '.join(command)} ended with {done.returncode}: "
                    f"{done.stderr.strip()[:300]}")
        return tally
    judge(tally, title, world, offset / 1000, record, told, database)
    return tally


def judge(tally, title, world, offset, record, told, database):
    comparison, = score.rows(database, "comparisons")
    found = comparison["clock_offset_ms"]
    tally.check("clock", f"{title}: {found} ms, should be {offset}", [True],
                abs(found - offset) <= CLOCK_TOLERANCE)
    flows = {row["flow_id"]: row for row in score.rows(database, "flows")}
    crossings = {}
    for row in score.rows(database, "crossings"):
        crossings.setdefault((row["transport"], row["client_ip"], row["client_port"],
                              row["server_ip"], row["server_port"]), []).append(row)
    attempts = {attempt["number"]: attempt for attempt in record["attempts"]}
    tries = {}
    for expected in told["flows"]:
        attempt = attempts[expected["attempt"]]
        number = tries[attempt["number"]] = tries.get(attempt["number"], -1) + 1
        key = (expected["transport"], *expected["local"], *expected["remote"])
        where = (f"{title}: attempt {attempt['number']} ({attempt['behaviour']}, "
                 f"{attempt['treatment']}, try {number}) {key[1]} port {key[2]}")
        rows = crossings.get(key)
        if not rows and attempt["behaviour"] == "downstream":  # the server opened this one
            rows = crossings.get((key[0], *key[3:], *key[1:3]))
        if not rows:
            tally.fault(f"{where}: no such flow")
            continue
        row = rows[0]
        check_fate(tally, where, attempt, number, row, flows[row["flow_id"]])
        if row["mapped_ip"] is not None and row["fate"] != "rebuilt" \
                and attempt["behaviour"] != "downstream":
            own = NAT_ADDRESS if world == "nat" and ":" not in key[1] else key[1]
            tally.check("mapping", where, [own], row["mapped_ip"])
    for attempt in attempts.values():
        check_counters(tally, title, attempt, crossings)


def check_fate(tally, where, attempt, number, row, flow):
    fates = fates_of(attempt, number)
    if not tally.check("fate", where, fates, row["fate"]):
        return
    if row["fate"] in DIED + ANSWERED and flow["inconclusive_reason"] != "losing_candidate":
        tally.check("outcome", where, ["blocked"], flow["outcome"])
        tally.check("grade", where, ["A"], flow["grade"])
    elif row["fate"] in ("passed", "interrupted"):
        tally.check("outcome", where, ["passed"], flow["outcome"])
    elif not attempt["treatment"].startswith("router-") and "proxy" not in attempt["treatment"] \
            and "isle" not in attempt["treatment"]:
        tally.check("outcome", where, ["inconclusive"], flow["outcome"])


def fates_of(attempt, number):
    """Every fate that is right for a try of an attempt."""
    treatment, behaviour = attempt["treatment"], attempt["behaviour"]
    if treatment.startswith("isle-") and number:
        return ["refused", "unanswered"]  # by the last router, once it has given up asking
    if behaviour == "swarm" and number or behaviour == "probe" or treatment == "server-silent":
        return ["unanswered"]
    if behaviour == "announce":  # to a group, or to a host that does not answer such things
        return ["local", "unanswered"]
    if treatment.startswith(("reject", "forged-", "reset", "hello-reset")):
        return list(ANSWERED)
    if treatment in OUTWARD:
        return ["died_outward"]
    if treatment in INWARD:
        return ["died_inward"]
    table = {"dies": ["interrupted"], "rate-limit": ["passed", "interrupted"],
             "mtu-silent": ["interrupted", "passed"], "proxy-allow": ["between", "rebuilt"],
             "proxy-refuse": ["answered"], "proxy-auth": ["answered"],
             "proxy-silent": ["died_outward"]}
    if treatment in table:
        return table[treatment]
    return ["refused"] if treatment.startswith(FROM_BEYOND) else ["passed"]


def check_counters(tally, title, attempt, crossings):
    """Every packet that the firewall counted as lost is one that died, and no other; it counts on
    for a moment when the captures have ended, and connections repeat themselves."""
    treatment, counters = attempt["treatment"], attempt["counters"]
    if treatment.startswith(UNCOUNTED) or "stubborn" in treatment or not counters or \
            attempt["behaviour"] == "announce":
        return
    rows = [row for key, rows in crossings.items() for row in rows
            if key[0] == attempt["transport"] and key[1] == attempt["client_address"]
            and key[3] == attempt["server"] and key[4] == attempt["port"]]
    if not rows:
        return
    for way in ("out", "in"):
        lost = counters.get(f"{way}_seen", 0) - counters.get(f"{way}_passed", 0)
        died = sum(row[f"packets_{way}_died"] for row in rows)
        latest = sum(row[f"packets_{way}_unknown"] for row in rows) + \
            (LATE if attempt["transport"] == "tcp" and lost else 0)
        tally.check("packets", f"{title}: attempt {attempt['number']} "
                    f"({attempt['behaviour']}, {treatment}): lost {way}",
                    range(max(died, lost - latest), lost + 1), died)


def report(options, tallies):
    total = score.Tally()
    for tally in tallies.values():
        total.add(tally)
    for line in total.wrong[:options.limit]:
        print("  - " + line)
    for world, tally in (*tallies.items(), ("all", total)):
        print(f"{world:<6}", ", ".join(
            f"{name} {tally.right[kind]} of {tally.asked[kind]}" for kind, name in (
                ("fate", "fates"), ("outcome", "outcomes"), ("grade", "grades A"),
                ("mapping", "mappings"), ("packets", "packet counts"), ("clock", "clocks"))),
            f"faults {tally.faults}")
    seeds = options.seeds
    print(f"lab compare --seeds {seeds[0]}..{seeds[-1]}: "
          + ("all right" if not total.wrong else f"{len(total.wrong)} wrong"))
    return 1 if total.wrong else 0
