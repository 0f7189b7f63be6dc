"""The command line of tools/lab: run seeds against turnpike, record a capture, list scenarios."""

import argparse
import functools
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from . import (captures, chromium, comparing, damage, damaging, differing, probe_seeds, products,
               record, sandbox, scenarios, score, truth)
from .worlds import (ProgramMissing, add_options, require_program, run_sandboxed, scratch_folder,
                     workers)

ROOT = Path(__file__).resolve().parent.parent.parent
#: topology -> (world that is built, tap whose capture is read)
TOPOLOGIES = {"plain": ("plain", "mirror"), "nat": ("nat", "inside"), "ipv6": ("ipv6", "mirror"),
              "doubled": ("plain", "doubled"), "vxlan": ("plain", "vxlan")}
WHOLE = ("plain", "nat", "ipv6")  # topologies whose captures are also rotated and damaged
RETRIES = 2  # a world whose witnesses disagree (a starved machine) is played again


def main(arguments):
    options = parse(arguments)
    try:
        return options.command(options)
    except sandbox.SandboxUnavailable as missing:
        print(f"lab: {missing}", file=sys.stderr)
        return 77
    except ProgramMissing as missing:
        print(f"lab: {missing}", file=sys.stderr)
        return 66
    except KeyboardInterrupt:
        print("lab: interrupted; all namespaces are gone", file=sys.stderr)
        return 130


def parse(arguments):
    parser = argparse.ArgumentParser(prog="lab", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="play seeds, analyse the captures, compare the verdicts")
    run.add_argument("--seeds", type=seed_range, default=range(1, 4), metavar="A..B")
    run.add_argument("--topology", type=comma_list(TOPOLOGIES), default=list(TOPOLOGIES))
    run.add_argument("--products", type=comma_list(products.PRODUCTS),
                     help="only these product revisions instead of the seed's choice")
    run.add_argument("--no-damage", dest="damage", action="store_false",
                     help="do not also analyse the captures rotated, cut and with losses")
    add_options(run, "captures, truths and databases",
                program="the program, or `none` to record captures and truths only")
    run.set_defaults(command=run_seeds)
    audit = verbs.add_parser("probe", help="turnpike probe and respond through firewalls drawn by "
                                           "seeds, against the firewall's counters")
    audit.add_argument("--seeds", type=seed_range, default=range(1, 4), metavar="A..B")
    audit.add_argument("--servers", action="store_true", help="without a responder, against the "
                       "laboratory's TLS servers, coturn, DNS and proxy")
    audit.add_argument("--world", type=comma_list(probe_seeds.WITH_SERVERS))
    add_options(audit, "databases and truths")
    audit.set_defaults(command=probe_seeds.run)
    one = verbs.add_parser("record", help="write captures/lab/NAME.pcap and NAME.expected.json")
    one.add_argument("name", nargs="+")
    one.add_argument("--to", type=Path, default=ROOT / "captures/lab")
    one.add_argument("--jobs", type=int, default=4, help="worlds at a time")
    one.set_defaults(command=record.record_all)
    damaging.add_verb(verbs)
    comparing.add_verb(verbs)
    differing.add_verb(verbs)
    verbs.add_parser("list", help="scenarios for `record`, product revisions, topologies") \
        .set_defaults(command=list_all)
    return parser.parse_args(arguments)


def seed_range(text):
    first, _, last = text.partition("..")
    return range(int(first), int(last or first) + 1)


def comma_list(known):
    def split(text):
        items = text.split(",")
        unknown = [item for item in items if item not in known]
        if unknown:
            raise argparse.ArgumentTypeError(
                f"no such {', '.join(unknown)}; there are {', '.join(known)}")
        return items
    return split


def list_all(_):
    print("scenarios:")
    for name, scenario in scenarios.SCENARIOS.items():
        print(f"  {name:<28} {scenario.title}")
    for name, mode in chromium.MODES.items():
        print(f"  {name:<28} {mode.title}")
    print("product revisions:")
    for name, requirements in products.PRODUCTS.items():
        print(f"  {name:<28} {requirements[0].selector}, {len(requirements)} requirements")
    print("topologies:", ", ".join(TOPOLOGIES))
    return 0


# run


def run_seeds(options):
    sandbox.require()
    if options.turnpike != "none":
        require_program(options.turnpike)
    worlds = sorted({TOPOLOGIES[t][0] for t in options.topology})
    tallies = {kind: score.Tally() for kind in (
        *options.topology, *(("rotated", "damaged") if options.damage else ()))}
    lock = threading.Lock()
    with scratch_folder() as scratch:
        base = options.keep or Path(scratch)

        def play(job):
            seed, world = job
            folder = base / f"seed-{seed}"
            folder.mkdir(parents=True, exist_ok=True)
            wanted = [t for t in options.topology if TOPOLOGIES[t][0] == world]
            found = one_world(options, seed, world, wanted, folder)
            with lock:
                for kind, tally in found.items():
                    tallies[kind].add(tally)
                    state = "as expected" if not tally.wrong else f"{len(tally.wrong)} wrong"
                    print(f"seed {seed:3} {world:<5} {kind:<8} {state}", flush=True)
            if not options.keep:
                shutil.rmtree(folder / world, ignore_errors=True)

        jobs = [(seed, world) for seed in options.seeds for world in worlds]
        with workers(options.jobs) as pool:
            list(pool.map(play, jobs))
    return report(options, tallies)


def one_world(options, seed, world, topologies, folder):
    """Play one world of a seed and score every tap of it that is wanted."""
    folder = folder / world
    for _ in range(1 + RETRIES):
        folder.mkdir(exist_ok=True)
        problem = play_world(folder, seed, world, topologies, options.products)
        if problem:
            continue
        record_ = json.loads((folder / f"{world}.json").read_text())
        told = truth.tell(record_)
        if not told["faults"]:
            break
    found = {}
    for topology in topologies:
        title = f"seed {seed} {topology}"
        if problem:
            found[topology] = score.Tally()
            found[topology].fault(f"{title}: the world did not run: {problem}")
            continue
        (folder / f"{topology}.truth.json").write_text(json.dumps(told, indent=1))
        found[topology] = analyze(options.turnpike, folder, topology, told, title)
        if options.damage and options.turnpike != "none" and topology in WHOLE:
            for kind, tally in analyze_damaged(options.turnpike, folder, topology, told,
                                               seed).items():
                found.setdefault(kind, score.Tally()).add(tally)
        for place, count in record_["dropped_by_kernel"].items():
            if count and place == TOPOLOGIES[topology][1]:
                found[topology].fault(f"{title}: the tap lost {count} packets")
    return found


def play_world(folder, seed, world, topologies, chosen):
    """Run the sandbox; returns why it failed, or nothing."""
    places = ",".join(sorted({TOPOLOGIES[t][1] for t in topologies}))
    arguments = ["--seed", str(seed), "--world", world, "--places", places, "--out", str(folder)]
    if chosen:
        arguments += ["--products", ",".join(chosen)]
    return run_sandboxed(arguments, folder)


def analyze(turnpike, folder, topology, told, title):
    """Run turnpike over one capture and score what it says."""
    world, place = TOPOLOGIES[topology]
    if turnpike == "none":
        tally = score.Tally()
        for fault in told["faults"]:
            tally.fault(f"{title}: {fault}")
        return tally
    return run_turnpike(turnpike, [folder / f"{world}-{place}.pcap"], folder / f"{topology}.db",
                        told, title, score.score)


def analyze_damaged(turnpike, folder, topology, told, seed):
    """What the field does to captures: one rotation, which changes nothing, and some damages;
    {tally's name: tally}."""
    world, place = TOPOLOGIES[topology]
    frames = captures.read(folder / f"{world}-{place}.pcap")
    rotation, damages, rng = damage.choose(seed, topology)
    made = {rotation: damage.ROTATIONS[rotation]} | {
        name: damage.DAMAGES[name].make for name in damages}
    found = {"rotated": score.Tally(), "damaged": score.Tally()}
    for name, make in made.items():
        title, stem = f"seed {seed} {topology}, {name}", name.replace(", ", "-").replace(" ", "-")
        files = make(frames, rng)
        kind, judge = "rotated", score.score
        if name in damage.DAMAGES:
            kind = "damaged"
            judge = functools.partial(score.score_damaged, damage=damage.DAMAGES[name].of(files))
        found[kind].add(analyze_files(turnpike, files, folder / f"{topology}-{stem}", told, title,
                                      judge))
    return found


def analyze_files(turnpike, files, stem, told, title, judge):
    """Write what became of a capture to files and a database of that name, and score it."""
    paths = [file.write(stem.with_name(f"{stem.name}-{number}"))
             for number, file in enumerate(files)]
    return run_turnpike(turnpike, paths, stem.with_name(f"{stem.name}.db"), told, title, judge)


def run_turnpike(turnpike, files, database, told, title, judge):
    """Analyse capture files as one observation and let `judge` score the database."""
    database.unlink(missing_ok=True)
    selectors = dict.fromkeys(r["selector"] for r in told["requirements"])
    command = [turnpike, "analyze", "--quiet", "--output", str(database),
               *(word for s in selectors for word in ("--require", s)), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        tally = score.Tally()
        tally.fault(f"{title}: {' '.join(command)} ended with {done.returncode}: "
                    f"{done.stderr.strip()[:300]}")
        return tally
    return judge(told, database, title)


def report(options, tallies):
    total = score.Tally()
    for tally in tallies.values():
        total.add(tally)
    score.print_tally(total, sys.stdout, options.limit)
    print()
    for topology, tally in tallies.items():
        print(score.summary(tally, f"{topology:<8}"))
    seeds = options.seeds
    print(score.summary(total, f"lab run --seeds {seeds[0]}..{seeds[-1]}, "
                               f"{len(options.topology)} topologies"))
    if options.turnpike == "none":
        return 1 if total.faults else 0
    return 0 if total.acceptable() else 1
