"""`lab record`: one scenario as a small capture with its expected rows beside it."""

import json
import sys
from pathlib import Path

from . import captures, chromium, commands, sandbox, scenarios, truth


def record_all(options):
    """Record every named scenario (`all` for each there is)."""
    sandbox.require()
    known = [*scenarios.SCENARIOS, *chromium.MODES]
    names = known if options.name == ["all"] else options.name
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"lab: no scenario {', '.join(unknown)}; see `lab list`", file=sys.stderr)
        return 64
    options.to.mkdir(parents=True, exist_ok=True)
    with commands.workers(options.jobs) as pool:
        found = pool.map(lambda name: (record_call if name in chromium.MODES else record)(
            name, options.to), names)
        problems = [problem for problem in found if problem]
    for problem in problems:
        print(f"lab: {problem}", file=sys.stderr)
    return 1 if problems else 0


def record(name, target):
    """Play one scenario and write its two files; returns what went wrong, or nothing."""
    scenario = scenarios.SCENARIOS[name]
    for _ in range(1 + commands.RETRIES):
        with commands.scratch_folder() as scratch:
            folder = Path(scratch)
            problem = commands.run_sandboxed(
                ["--scenario", name, "--world", scenario.world, "--places", scenario.place,
                 "--out", str(folder)], folder)
            if problem:
                continue
            played = json.loads((folder / f"{scenario.world}.json").read_text())
            frames = captures.read(folder / f"{scenario.world}-{scenario.place}.pcap")
        told = truth.tell(played)
        problem = "; ".join(told["faults"])
        if problem:
            continue
        if scenario.edit:
            frames = scenario.edit(frames, played)
        override(told, scenario.expect, edited=scenario.edit is not None)
        captures.write(target / f"{name}.pcap", frames)
        (target / f"{name}.expected.json").write_text(
            json.dumps(expected(name, scenario, told), indent=1) + "\n")
        return ""
    return f"{name}: {problem}"


def record_call(name, target):
    """Record one browser call; returns what went wrong, or nothing."""
    with commands.scratch_folder() as scratch:
        folder = Path(scratch)
        problem = commands.run_sandboxed(["--mode", name, "--out", str(folder)], folder,
                                         module="laboratory.chromium")
        if problem:
            return f"{name}: {problem}"
        played = json.loads((folder / f"{name}.json").read_text())
        frames = captures.read(folder / f"{name}.pcap")
    problem = chromium.witnesses(played)
    if problem:
        return f"{name}: {problem}"
    captures.write(target / f"{name}.pcap", frames)
    (target / f"{name}.expected.json").write_text(
        json.dumps(chromium.expected(played, frames), indent=1) + "\n")
    return ""


def override(told, expect, edited):
    """What the edited capture still proves of the first attempt; of the rest nothing is said."""
    if not expect:
        return
    first = told["flows"][0]
    first["expected"].update(
        outcome=expect["outcome"], reasons=[], stages=[], grades=[],
        notes=expect.get("notes", []),
        inconclusive_reasons=[expect["inconclusive_reason"]] if expect["inconclusive_reason"]
        else [])
    row = next(r for r in told["requirements"]
               if tuple(r["requirement"]) == tuple(first["requirement"]))
    if expect["status"] == "unmatched":
        first["noise"] = "without a name"
    row.update(status=expect["status"], reasons=[], stages=[], grades=[])
    row.pop("counts")
    row.pop("names_failed")
    if edited:
        told["flows"] = [first]
        told["requirements"] = [row]
        told["complete"] = False


def expected(name, scenario, told):
    """The file beside the capture. A list holds every value that is right."""
    for flow in told["flows"]:
        flow["requirement"] = flow["requirement"] and list(flow["requirement"])
    return {
        "title": scenario.title,
        "origin": f"tools/lab record {name}",
        "require": sorted({row["selector"] for row in told["requirements"]}),
        "requirements": told["requirements"],
        "flows": told["flows"],
        "faults": [],
        "complete": told["complete"],
    }
