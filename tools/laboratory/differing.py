"""`lab diff`: plays a seed twice, the second time with one more rule of the firewall, and asks
`turnpike diff` what changed: that row and no other.

    python -m laboratory.differing --seed N --world WORLD --rule IDENTITY --out DIRECTORY

plays the second one: the seed with every attempt at one requirement dropped by the firewall.
"""

import argparse
import asyncio
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

from . import commands, policy, products, sandbox, treatments, truth

PLACE = "inside"
NOTHING_TO_CHANGE = "no row of this seed can be changed"


def add_verb(verbs):
    """Add `diff` to the command line of tools/lab."""
    verb = verbs.add_parser("diff", help="play seeds with one rule changed, compare the runs")
    verb.add_argument("--seeds", type=commands.seed_range, default=range(1, 4), metavar="A..B")
    verb.add_argument("--world", choices=("plain", "nat", "ipv6"), default="plain")
    commands.add_options(verb, "captures and databases", limit=False)
    verb.set_defaults(command=run)


def run(options):
    sandbox.require()
    commands.require_program(options.turnpike)
    with commands.scratch_folder() as scratch:
        base = options.keep or Path(scratch)

        def play(seed):
            folder = base / f"diff-{seed}"
            problem = one_seed(options, seed, folder)
            print(f"seed {seed:3} {options.world:<5} {problem or 'exactly that row'}", flush=True)
            if not options.keep:
                shutil.rmtree(folder, ignore_errors=True)
            return problem

        with commands.workers(options.jobs) as pool:
            problems = list(pool.map(play, options.seeds))
    seeds = options.seeds
    tried = [problem for problem in problems if problem != NOTHING_TO_CHANGE]
    wrong = [problem for problem in tried if problem]
    print(f"lab diff --seeds {seeds[0]}..{seeds[-1]}: {len(tried) - len(wrong)} of {len(tried)} "
          "show exactly the row that was changed")
    return 1 if wrong else 0


def candidates(seed, world):
    """Rows that only passed, and on which no other row leans."""
    attempts = {}
    for attempt in policy.draw(seed, world).attempts:
        if attempt.requirement:
            attempts.setdefault(attempt.requirement.identity, []).append(attempt)
    return [identity for identity, own in sorted(attempts.items())
            if all(a.treatment == "allow" and not a.requirement.signals
                   and a.behaviour in treatments.TREATMENTS["drop"][0] for a in own)]


def one_seed(options, seed, folder):
    """Why the difference is not what was changed; empty if it is."""
    rows = candidates(seed, options.world)
    if not rows:
        return NOTHING_TO_CHANGE
    row = random.Random(seed).choice(rows)
    database = folder / "diff.db"
    database.unlink(missing_ok=True)
    for name, extra in (("before", []), ("after", ["--rule", json.dumps(row)])):
        place = folder / name
        record = play(seed, options.world, place, extra)
        if isinstance(record, str):
            return record
        selectors = dict.fromkeys(r.selector for t in record["products"]
                                  for r in products.PRODUCTS[t])
        subprocess.run([options.turnpike, "analyze", "--quiet", "--output", str(database),
                        *(word for s in selectors for word in ("--require", s)),
                        str(place / f"{options.world}-{PLACE}.pcap")], check=True, timeout=120)
    done = subprocess.run([options.turnpike, "diff", "--database", str(database), "--format",
                           "json"], capture_output=True, text=True, check=True, timeout=120)
    return judge(json.loads(done.stdout)["changes"], row)


def play(seed, world, place, extra):
    """The record of a world that was played without faults, or why there is none."""
    path = place / f"{world}.json"
    for _ in range(1 + commands.RETRIES):
        if not path.exists():
            place.mkdir(parents=True, exist_ok=True)
            problem = commands.run_sandboxed(
                ["--seed", str(seed), "--world", world, "--out", str(place), *extra], place,
                module="laboratory.differing")
            if problem:
                continue
        record = json.loads(path.read_text())
        faults = truth.tell(record)["faults"]
        if not faults:
            return record
        path.unlink()
        problem = faults[0]
    return f"the world did not run: {problem}"


def judge(changes, row):
    vendor, product, revision, rule, transport, ports = row
    expected = [("worse", "requirement", vendor, product, rule, f"{transport} {ports}")]
    found = [(c["change"], c["subject"], c["vendor"], c["product"], c["rule_id"], c["what"])
             for c in changes]
    # How the product as a whole did may change with it.
    rest = [f for f in found if f[1] != "product" or (f[2], f[3]) != (vendor, product)]
    return "" if rest == expected else f"changed {row}, found {rest}"


def main(arguments):
    from . import world as worlds
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--world", required=True)
    parser.add_argument("--rule", help="the requirement to drop, as a JSON list")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    sandbox.prepare_mounts()
    draft = policy.draw(options.seed, options.world)
    dropped = tuple(json.loads(options.rule)) if options.rule else None
    for attempt, passage in zip(draft.attempts, draft.passages):
        if attempt.requirement and tuple(attempt.requirement.identity) == dropped:
            attempt.treatment = "drop"
            treatments.TREATMENTS["drop"][1](draft, attempt, passage)
    world = worlds.World(draft, options.world, [PLACE], options.out)
    world.build()
    record = asyncio.run(world.run())
    (options.out / f"{options.world}.json").write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
