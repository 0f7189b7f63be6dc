"""Damages captures that were kept many times over, and asks what turnpike makes of each: worlds take
seconds to play, a damaged capture takes a twentieth of one."""

import functools
import json
import random
import tempfile
from pathlib import Path

from . import captures, commands, damage, score


def add_verb(verbs, root):
    verb = verbs.add_parser("damage", help="damage the captures that `run --keep` left, many times, "
                                           "and judge what the verdicts still claim")
    verb.add_argument("folder", type=Path)
    verb.add_argument("--times", type=int, default=10, help="of each random damage to each capture")
    verb.add_argument("--turnpike", default=str(root / "build/release/bin/turnpike"))
    verb.add_argument("--keep", type=Path, help="keep what led to a disagreement here")
    verb.add_argument("--jobs", type=int, default=2, help="captures at a time")
    verb.add_argument("--limit", type=int, default=60, help="disagreements to print")
    verb.set_defaults(command=run)


def run(options):
    truths = [(path, topology) for topology in commands.WHOLE
              for path in sorted(options.folder.glob(f"*/*/{topology}.truth.json"))]
    if not truths:
        print(f"lab: {options.folder}: holds no captures of `lab run --keep`")
        return 66
    with commands.workers(options.jobs) as pool:
        tallies = list(pool.map(lambda job: damage_one(options, *job), truths))
    total = score.Tally()
    for tally in tallies:
        total.add(tally)
    for line in total.wrong[:options.limit]:
        print(line)
    print(f"lab damage: {len(truths)} captures, {options.times} times each damage: "
          f"{total.right['harm']} of {total.asked['harm']} claims hold")
    return 1 if total.wrong or total.faults else 0


def damage_one(options, truth, topology):
    """The tally of one capture in all its damages."""
    world, place = commands.TOPOLOGIES[topology]
    told = json.loads(truth.read_text())
    frames = captures.read(truth.parent / f"{world}-{place}.pcap")
    tally = score.Tally()
    for name, kind in damage.DAMAGES.items():
        for number in range(options.times):
            title = f"{truth.parent.parent.name} {topology}, {name}, {number}"
            files = kind.make(frames, random.Random(title))
            tally.add(judge(options, told, files, kind.of(files), title))
    return tally


def judge(options, told, files, kind, title):
    with tempfile.TemporaryDirectory() as scratch:
        paths = [file.write(Path(scratch) / f"part-{number}") for number, file in enumerate(files)]
        tally = commands.run_turnpike(options.turnpike, paths, Path(scratch) / "damaged.db", told,
                                      title, functools.partial(score.score_damaged, damage=kind))
    if tally.wrong and options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        for number, file in enumerate(files):
            file.write(options.keep / f"{title.replace(', ', '-').replace(' ', '-')}-{number}")
    return tally
