"""Compares what turnpike's database says with the truth of a run.

Reads only the views of the contract.
"""

import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from . import controls


#: What must be right without exception.
VERDICT = ("status", "outcome", "reason", "grade", "control", "inconclusive reason", "harm")


@dataclass
class Tally:
    """Right and wrong answers of any number of runs; `wrong` holds every disagreement."""

    right: Counter = field(default_factory=Counter)
    asked: Counter = field(default_factory=Counter)
    matrix: dict = field(default_factory=lambda: defaultdict(Counter))
    wrong: list = field(default_factory=list)
    wrong_grade_a: int = 0
    noise_attributed: int = 0
    faults: int = 0  # of the laboratory or of the program's running, never of a verdict

    def check(self, kind, where, expected, actual):
        """Count one answer; `expected` is every value that is right."""
        good = actual in expected
        self.asked[kind] += 1
        self.right[kind] += good
        self.matrix[kind][("/".join(str(e) for e in expected), str(actual))] += 1
        if not good:
            self.wrong.append(f"{where}: {kind} is {actual}, should be "
                              + " or ".join(str(e) for e in expected))
        return good

    def fault(self, text):
        self.faults += 1
        self.wrong.append(text)

    def add(self, other):
        self.right += other.right
        self.asked += other.asked
        for kind, cells in other.matrix.items():
            self.matrix[kind].update(cells)
        self.wrong += other.wrong
        self.wrong_grade_a += other.wrong_grade_a
        self.noise_attributed += other.noise_attributed
        self.faults += other.faults

    def acceptable(self):
        """The bar: what a verdict says is all right, no noise, no wrong grade A."""
        return (all(self.right[kind] == self.asked[kind] for kind in VERDICT)
                and not (self.wrong_grade_a or self.noise_attributed or self.faults))


def rows(database, view):
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(
            f"SELECT * FROM {view} WHERE run_id = (SELECT max(run_id) FROM runs)")]
    finally:
        connection.close()


def score(truth, database, title):
    """The tally of one capture's database; `title` begins every disagreement."""
    tally = Tally()
    for fault in truth["faults"]:
        tally.fault(f"{title}: the witnesses disagree: {fault}")
    score_requirements(tally, truth, rows(database, "requirements"), title)
    score_flows(tally, truth, rows(database, "flows"), title)
    if truth.get("streams"):
        score_streams(tally, truth["streams"], rows(database, "rtp_streams"), title)
    if truth.get("relayed_address"):
        seen = {r["relayed_address"] for r in rows(database, "stun_transactions")}
        tally.check("relayed address", title, [True],
                    any(truth["relayed_address"] in (text or "") for text in seen))
    return tally


def score_streams(tally, streams, actual, title):
    """Every stream the browser counted is there, nearly whole, with a plausible loss and jitter."""
    for expected in streams:
        where = f"{title}: stream {expected['ssrc']:#x} {expected['direction']}"
        row = next((r for r in actual if int(str(r["ssrc"]), 0) == expected["ssrc"]
                    and r["direction"] == expected["direction"]), None)
        if not tally.check("stream", where, [True], row is not None):
            continue
        # The browser counts its bandwidth probes too, which have a source of their own, and stops
        # counting a moment before the call ends.
        near = 0.8 * expected["packets"] - 5 <= row["packets"] <= expected["packets"] + 10
        tally.check("stream packets", f"{where}: {row['packets']}, the browser counted "
                    f"{expected['packets']}", [True], near)
        tally.check("stream loss", f"{where}: {row['lost']}", [True], abs(row["lost"]) <= 3)
        tally.check("stream jitter", f"{where}: {row['jitter_ms']}", [True],
                    row["jitter_ms"] is None or 0 <= row["jitter_ms"] < 100)


def score_requirements(tally, truth, actual, title):
    index = {(r["vendor"], r["product"], r["revision"], r["rule_id"], r["transport"],
              r["ports"]): r for r in actual}
    for expected in truth["requirements"]:
        where = f"{title}: requirement {' '.join(expected['requirement'])}"
        row = index.pop(tuple(expected["requirement"]), None)
        if row is None:
            tally.fault(f"{where}: no such row")
            continue
        good = tally.check("status", where, [expected["status"]], row["status"])
        if row["status"] == "blocked" and row["grade"] == "A" and "A" not in expected["grades"]:
            tally.wrong_grade_a += 1
        if good and expected["status"] == "blocked":
            check_block(tally, where, expected, row)
        if good:
            for kind, count in expected.get("counts", {}).items():
                tally.check("count", f"{where} flows_{kind}", [count], row[f"flows_{kind}"])
    for key in index if truth.get("complete") else ():
        tally.fault(f"{title}: a requirement that the documents do not have: {' '.join(key)}")


def check_block(tally, where, expected, row):
    """Reason, stage and grade of a row that is rightly called blocked."""
    tally.check("reason", where, expected["reasons"], row["block_reason"])
    tally.check("stage", where, expected["stages"], row["stage"])
    tally.check("grade", where, expected["grades"], row["grade"])


def five_tuple(row):
    return (row["transport"], row["client_ip"], row["client_port"], row["server_ip"],
            row["server_port"])


def score_flows(tally, truth, actual, title):
    index = {}
    for row in actual:
        index.setdefault(five_tuple(row), row)
    by_id = {row.get("flow_id"): five_tuple(row) for row in actual}
    known = {(f["transport"], *f["local"], *f["remote"]): f for f in truth["flows"]}
    for expected in truth["flows"]:
        where = (f"{title}: attempt {expected['attempt']} ({expected['behaviour']}, "
                 f"{expected['treatment']}) {expected['local'][0]} port {expected['local'][1]}")
        row = index.pop((expected["transport"], *expected["local"], *expected["remote"]), None)
        if row is None and expected["behaviour"] == "downstream":  # the server opened this one
            row = index.pop((expected["transport"], *expected["remote"], *expected["local"]), None)
        if row is None:
            tally.fault(f"{where}: no such flow")
            continue
        where += f" [{row.get('evidence')}]"
        score_flow(tally, where, expected, row)
        if row["outcome"] == "blocked" and row["grade"] == "B" and "began" in expected:
            check_control(tally, where, expected, known.get(by_id.get(row.get("control_flow_id"))))
        if expected["noise"]:
            no_attribution(tally, f"{where} {expected['noise']}", row)
        else:
            check_attribution(tally, where, expected, row)
    for row in index.values() if truth.get("complete") else ():
        if 53 not in (row["client_port"], row["server_port"]):
            no_attribution(tally, f"{title}: flow {five_tuple(row)}", row)


def score_flow(tally, where, expected, row):
    verdict = expected["expected"]
    good = tally.check("outcome", where, [verdict["outcome"]], row["outcome"])
    if row["outcome"] == "blocked" and row["grade"] == "A" and "A" not in verdict["grades"]:
        tally.wrong_grade_a += 1
    if not good:
        return
    if verdict["outcome"] == "blocked":
        check_block(tally, where, verdict, row)
    if verdict["outcome"] == "inconclusive":
        tally.check("inconclusive reason", where, verdict["inconclusive_reasons"],
                    row["inconclusive_reason"])
    for note in verdict["notes"]:
        present = note if note in (row["notes"] or "") else row["notes"]
        tally.check("note", where, [note], present)


def requirement_of(row):
    return tuple(row[k] for k in ("vendor", "product", "revision", "rule_id", "transport", "ports"))


def lost_its_name(truth, row):
    """The flow was blocked, and only the answer that named its address is missing: it falls to the
    row of the same product that leads anywhere."""
    return row["confidence"] == "context" and any(
        (flow["transport"], *flow["local"], *flow["remote"]) == five_tuple(row)
        and flow["expected"]["outcome"] == "blocked"
        and tuple(flow["requirement"][:3]) == requirement_of(row)[:3]
        for flow in truth["flows"] if flow["requirement"])


def score_damaged(truth, database, title, damage):
    """The tally of a damaged capture: only whether it claims more than it can show."""
    tally = Tally()
    index = {}
    for row in rows(database, "flows"):
        index.setdefault(five_tuple(row), row)
    found = [(expected, row) for expected in truth["flows"]
             if (row := index.get((expected["transport"], *expected["local"], *expected["remote"])))]
    # They failed after the capture's end: as controls they are as good as any.
    look_good = {row["flow_id"] for expected, row in found if damage.ends_early
                 and row["outcome"] == "passed" and expected["expected"]["outcome"] != "passed"}
    unanswered = {row["flow_id"] for _, row in found if damage.looks_unanswered(row)}
    for expected, row in found:
        where = (f"{title}: attempt {expected['attempt']} ({expected['behaviour']}, "
                 f"{expected['treatment']}) {expected['local'][0]} port {expected['local'][1]} "
                 f"[{row.get('evidence')}]")
        problem = damage.overclaims(expected["expected"], row)
        if problem.startswith("grade") and row["control_flow_id"] in look_good:
            problem = ""
        tally.check("harm", f"{where}: {problem}", [True], not problem)
    harmless = {tuple(r["requirement"]): r["status"] for r in truth["requirements"]
                if r["status"] in ("observed", "unmatched") and not r["counts"]["blocked"]
                and not r["names_failed"]}
    evidence = rows(database, "evidence")
    for row in rows(database, "requirements"):
        key = requirement_of(row)
        if key in harmless:
            blocks = [e for e in evidence if requirement_of(e) == key and e["outcome"] == "blocked"]
            if blocks and all(lost_its_name(truth, block) or block["flow_id"] in unanswered
                              for block in blocks):
                continue
            where = f"{title}: requirement {' '.join(key)}: {harmless[key]}, and is now"
            tally.check("harm", f"{where} {row['status']} ({row['block_reason']})", [True],
                        row["status"] != "blocked")
    return tally


def check_control(tally, where, failed, control):
    """Grade B names its control: a flow of the same kind that the laboratory knows to have worked."""
    good = control is not None and control["expected"]["outcome"] == "passed" and \
        controls.controls(control, failed)
    tally.check("control", f"{where}: the control is "
                f"attempt {control['attempt']}" if control else f"{where}: no control", [True], good)


def check_attribution(tally, where, expected, row):
    vendor, product, revision, rule, _, _ = expected["requirement"]
    tally.check("attribution", where, [f"{vendor}/{product}@{revision} {rule}"],
                f"{row['vendor']}/{row['product']}@{row['revision']} {row['rule_id']}")
    if row["rule_id"] == rule:
        tally.check("confidence", where, [expected["confidence"]], row["confidence"])


def no_attribution(tally, where, row):
    tally.asked["noise"] += 1
    if row["rule_id"] is None:
        tally.right["noise"] += 1
        return
    tally.noise_attributed += 1
    tally.wrong.append(f"{where}: noise attributed to {row['vendor']}/{row['product']} "
                       f"{row['rule_id']} ({row['confidence']})")


def print_tally(tally, out, limit=60):
    """The confusion matrices (wrong cells and totals), then the disagreements, then a verdict."""
    for kind in ("status", "outcome", "reason", "stage", "grade", "control", "inconclusive reason",
                 "note", "harm", "count", "attribution", "confidence", "edge", "relay", "certificate"):
        if not tally.asked[kind]:
            continue
        print(f"\n{kind}: {tally.right[kind]} of {tally.asked[kind]} right "
              f"({100 * tally.right[kind] / tally.asked[kind]:.2f} %)", file=out)
        if kind in ("count", "attribution", "control", "harm", "edge", "relay", "certificate"):
            continue
        width = max(len(expected) for expected, _ in tally.matrix[kind])
        for (expected, actual), count in sorted(tally.matrix[kind].items()):
            mark = " " if actual in expected.split("/") else "!"
            print(f"  {mark} {expected:<{width}}  ->  {actual:<20} {count:6}", file=out)
    print(f"\nnoise: {tally.noise_attributed} of {tally.asked['noise']} flows attributed; "
          f"wrong grade-A verdicts: {tally.wrong_grade_a}; faults: {tally.faults}", file=out)
    for line in tally.wrong[:limit]:
        print("  - " + line, file=out)
    if len(tally.wrong) > limit:
        print(f"  ... and {len(tally.wrong) - limit} more", file=out)


def summary(tally, what):
    def share(kind):
        return f"{tally.right[kind]}/{tally.asked[kind]}"
    return (f"{what}: requirement statuses {share('status')}, flow outcomes {share('outcome')}, "
            f"block reasons {share('reason')}, grades {share('grade')}, controls "
            f"{share('control')}, other reasons {share('inconclusive reason')}, unharmed in "
            f"damaged captures {share('harm')}, noise attributed {tally.noise_attributed}, "
            f"wrong grade A {tally.wrong_grade_a}, faults {tally.faults}")
