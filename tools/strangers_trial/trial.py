"""Carries out the list and the operations on every capture, over several processes."""

import functools
import multiprocessing
import os
import random
import re
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import NamedTuple

from . import operations, packets
from .compare import Observation, Violation, left_of, one_direction, row_violations
from .verdicts import analyze

ENDINGS = (".pcap", ".pcapng", ".cap", ".dmp", ".trace", ".gz")
PARTNER_PACKETS = 200
PARTNER_LENGTH = 3600 * 10**9


class Settings(NamedTuple):
    turnpike: str
    catalog: str
    light: str            # a folder with one small entry, for captures in which the catalog matches nothing
    operations: tuple
    seed: int
    keep: str
    scratch: str
    files: dict           # name of a capture to its path
    partners: tuple       # names
    share: int            # kinds of trials for each capture, drawn with the seed; 0: every trial
    networks: tuple


class Said(NamedTuple):
    name: str
    result: object


class Tried(NamedTuple):
    name: str
    runs: dict            # operation to number of runs
    counted: dict         # operation to number of flows that passed before and were found after
    violations: list      # (trial, Violation)
    problem: str


settings = None


def captures(folders):
    """Names and paths of the captures in (label, folder) pairs."""
    found = {}
    for label, folder in folders:
        if folder and Path(folder).is_dir():
            for path in sorted(Path(folder).rglob("*")):
                name = f"{label}/{path.relative_to(folder)}"
                if path.is_file() and path.name.endswith(ENDINGS):
                    found[name] = path
    return found


def begin(given):
    global settings
    settings = given


def database():
    return os.path.join(settings.scratch, f"{os.getpid()}.db")


def list_one(name):
    return Said(name, analyze(settings.turnpike, [settings.files[name]], database(), settings.catalog))


def over(function, names, given, jobs):
    """Yields function(name) for every name, in order."""
    with multiprocessing.Pool(jobs, begin, (given,)) as pool:
        yield from pool.imap(function, names, chunksize=1)


def good_partner(said, capture):
    """Whether a capture can stand beside others: some flow passes, none is blocked, nothing in it is a vendor's."""
    flows = said.result.flows
    return (any(f.outcome == "passed" for f in flows) and not any(f.outcome == "blocked" for f in flows)
            and not said.result.rows and 4 <= len(capture.packets) <= PARTNER_PACKETS
            and capture.packets[-1].time - capture.packets[0].time < PARTNER_LENGTH)


def choose_partners(results, files):
    chosen = []
    for name in sorted(results):
        try:
            capture = packets.read(files[name])
        except (packets.NotACapture, OSError):
            continue
        if capture.packets and good_partner(Said(name, results[name]), capture):
            chosen.append(name)
    return tuple(chosen)


def hosts(flows):
    return {end[0] for f in flows for end in (f.client, f.server)}


@functools.cache
def partner_alone(name):
    """A capture that stands beside others, and what is said of it alone; once for each process."""
    capture = packets.read(settings.files[name])
    return capture, run([capture], "partner", settings.light)


def partner_for(name, flows, link, chance):
    """An unrelated capture, with its flows and rows alone; of the same link type if there is one."""
    candidates = [p for p in settings.partners if p != name]
    chance.shuffle(candidates)
    best = None
    for candidate in candidates:
        capture, result = partner_alone(candidate)
        names = {f.server_name for f in flows} & {f.server_name for f in result.flows} - {""}
        if names or hosts(flows) & hosts(result.flows):
            continue
        if capture.interfaces[0].link == link:
            return capture, result
        best = best or (capture, result)
    return best or (None, None)


def run(files, label, catalog):
    paths = []
    for at, (capture, dropped) in enumerate(f if isinstance(f, tuple) else (f, 0) for f in files):
        path = os.path.join(settings.scratch, f"{os.getpid()}-{label}-{at}.pcapng")
        packets.write(path, capture, dropped)
        paths.append(path)
    return analyze(settings.turnpike, paths, database(), catalog)


def trials(capture, partner, clients):
    wanted = settings.operations
    if "cut" in wanted and partner:
        yield from operations.cut(capture, partner)
    if "direction" in wanted:
        yield from operations.direction(capture, clients)
    if "double" in wanted:
        yield from operations.double(capture)
    if "reorder" in wanted:
        yield from operations.reorder(capture, settings.seed)
    if "shift" in wanted:
        yield from operations.shift(capture)
    for name in ("loss", "drops"):
        if name in wanted:
            yield from operations.loss(capture, settings.seed, name == "drops")
    if "snap" in wanted:
        yield from operations.snap(capture)
    if "merge" in wanted and partner:
        yield from operations.merge(capture, partner)
    if "readdress" in wanted:
        yield from operations.readdress(capture, settings.networks)


def try_one(name):
    tried = Tried(name, {}, {}, [], "")
    try:
        capture = packets.read(settings.files[name])
    except packets.NotACapture as problem:
        return tried._replace(problem=str(problem))
    if not capture.packets or any(not 0 <= p.time < 2**62 for p in capture.packets):
        return tried
    base = run([capture], "base", settings.catalog)
    if not any(f.outcome == "passed" for f in base.flows):
        return tried
    base, catalog = with_less(capture, base)
    chance = random.Random(settings.seed ^ zlib.crc32(name.encode()))
    partner, alone = partner_for(name, base.flows, capture.interfaces[0].link, chance)
    work = list(trials(capture, partner, clients(base.flows)))
    if settings.share:
        work = drawn(work, chance)
    for trial in work:
        carry_out(trial, base, alone, catalog, tried)
    return tried


def drawn(work, chance):
    """One trial each of as many kinds as shall be tried."""
    kinds = {}
    for one in work:
        kinds.setdefault(one.name.split()[0], []).append(one)
    names = chance.sample(sorted(kinds), min(len(kinds), settings.share))
    return [chance.choice(kinds[name]) for name in names]


def with_less(capture, base):
    """What is said with only those entries of the catalog that match something, if it is the same; and the folder.

    Reading the whole catalog takes longer than judging a small capture.
    """
    vendors = {r.name.split("/")[0] for r in base.rows} | {f.rule.split("/")[0] for f in base.flows if f.rule}
    folder = narrowed(frozenset(vendors)) if vendors else settings.light
    again = run([capture], "base", folder) if folder else None
    return (again, folder) if again == base else (base, settings.catalog)


@functools.cache
def narrowed(vendors):
    """A folder with the entries of these vendors and those they include; None where an entry is not found."""
    wanted, done = set(vendors), set()
    folder = Path(settings.scratch) / f"{os.getpid()}-{'-'.join(sorted(vendors))}"[:200]
    folder.mkdir(exist_ok=True)
    while wanted - done:
        vendor = (wanted - done).pop()
        done.add(vendor)
        entry = Path(settings.catalog) / f"{vendor}.yaml"
        if not entry.exists():
            return None
        text = entry.read_text()
        for included in re.findall(r"includes: \[(.*?)\]", text):
            wanted |= set(re.findall(r"([\w-]+)/", included))
        (folder / entry.name).write_text(text)
    return str(folder)


def clients(flows):
    count = {}
    for flow in flows:
        if flow.outcome == "passed":
            count[flow.client[0]] = count.get(flow.client[0], 0) + 1
    return sorted(count, key=lambda c: (-count[c], c))[:operations.CLIENTS]


def carry_out(trial, base, alone, catalog, tried):
    kind = trial.name.split()[0]
    files, moved = [trial.files[0]], 0
    for partner, start in trial.files[1:]:
        other, moved = operations.unrelated(partner, start)
        files.append(other)
    result = run(files, "trial", catalog)
    tried.runs[kind] = tried.runs.get(kind, 0) + 1
    first = trial.files[0][0] if isinstance(trial.files[0], tuple) else trial.files[0]
    must = {"all": lambda: lambda flow, reason: True,
            "left": lambda: left_of(first, trial.dropped),
            "direction": lambda: one_direction(first)}[trial.survival]()
    seen = [Observation(base.flows, base.rows, trial.shift, trial.addresses, trial.exact, must, trial.names)]
    if len(files) > 1:
        seen.append(Observation(alone.flows, alone.rows, moved))
    found = [v for o in seen for v in o.violations(result.flows)]
    if trial.survival == "all" or kind.startswith("cut") or trial.dropped:
        failing = {rule for o in seen for rule in o.failing(result.flows)}
        found += row_violations(result.rows, [o.rows for o in seen], trial.survival != "all", failing)
    if result.status != 0 and base.status == 0:
        found.append(compare_status(result))
    tried.counted[kind] = tried.counted.get(kind, 0) + sum(f.outcome == "passed" for f in base.flows)
    tried.violations.extend((trial.name, v) for v in found)
    if found and settings.keep:
        keep(tried.name, trial.name, len(files))


def compare_status(result):
    return Violation("analyze fails", f"exit status {result.status}", "0", result.error[:200])


def keep(name, trial, files):
    folder = Path(settings.keep) / re.sub(r"[^\w.+-]", "_", f"{name}--{trial}")
    folder.mkdir(parents=True, exist_ok=True)
    for at in range(files):
        shutil.copy(os.path.join(settings.scratch, f"{os.getpid()}-trial-{at}.pcapng"), folder / f"{at}.pcapng")


def scratch_folder():
    fast = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix="strangers-", dir=fast)
