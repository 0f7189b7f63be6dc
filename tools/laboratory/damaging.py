"""Damages captures that were kept many times over, and asks what turnpike makes of each: worlds take
seconds to play, a damaged capture takes a twentieth of one."""

import functools
import json
import random
import sys
from pathlib import Path

from . import captures, commands, damage, score


def add_verb(verbs):
    """Add `damage` to the command line of tools/lab."""
    verb = verbs.add_parser("damage", help="damage the captures that `run --keep` left, many times, "
                                           "and judge what the verdicts still claim")
    verb.add_argument("folder", type=Path)
    verb.add_argument("--times", type=int, default=10, help="of each random damage to each capture")
    commands.add_options(verb, "what led to a disagreement", jobs=2, each="captures")
    verb.set_defaults(command=run)


def run(options):
    commands.require_program(options.turnpike)
    truths = [(path, topology) for topology in commands.WHOLE
              for path in sorted(options.folder.glob(f"*/*/{topology}.truth.json"))]
    if not truths:
        print(f"lab: {options.folder}: holds no captures of `lab run --keep`",
              file=sys.stderr)
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
    with commands.scratch_folder() as scratch:
        tally = commands.analyze_files(options.turnpike, files, Path(scratch) / "damaged", told, title,
                                       functools.partial(score.score_damaged, damage=kind))
    if tally.wrong and options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        for number, file in enumerate(files):
            file.write(options.keep / f"{title.replace(', ', '-').replace(' ', '-')}-{number}")
    return tally
