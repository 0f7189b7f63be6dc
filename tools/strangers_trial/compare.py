"""Compares what turnpike says after an operation with what it said before."""

from typing import NamedTuple

from .survival import Dissector, Timeline, counts, shows_answers
from .verdicts import GRADES

SLACK = 10_000  # nanoseconds: views show microseconds, copies follow within two of them


class Violation(NamedTuple):
    what: str
    subject: str
    before: str
    after: str
    evidence: str = ""


def restored(flow, shift, addresses):
    """The flow as it would be called without the operation."""
    if not shift and not addresses:
        return flow
    def back(end):
        return addresses.get(end[0], end[0]), end[1]
    return flow._replace(client=back(flow.client), server=back(flow.server), first=flow.first - shift,
                         last=flow.last - shift)


def partner_of(flow, before):
    """The flow before of which this one is what is left, or None: same ends, and begun within its life."""
    fitting = [b for b in before.get(flow.key(), []) if b.first - SLACK <= flow.first <= b.last + SLACK]
    return max(fitting, key=lambda b: b.first, default=None)


def by_key(flows):
    table = {}
    for flow in flows:
        table.setdefault(flow.key(), []).append(flow)
    return table


class Observation:
    """One capture of a trial: what was said of it unharmed, and how its flows are called now."""

    def __init__(self, flows, rows, shift=0, addresses=(), exact=False, must=lambda flow, reason: True,
                 names=True):
        self.before, self.rows = by_key(flows), {r.name: r for r in rows}
        self.shift, self.exact, self.must, self.names = shift, exact, must, names
        self.back = {after: before for before, after in addresses}

    def violations(self, flows):
        for flow in flows:
            flow = restored(flow, self.shift, self.back)
            old = partner_of(flow, self.before)
            if old is None:
                continue
            kind = self.judge(old, flow)
            if kind:
                yield Violation(kind, f"{flow.transport} {flow.text()}", old.verdict(), flow.verdict(), flow.evidence)

    def failing(self, flows):
        """The rules of flows that are blocked now and need not pass: they failed before, or what is left of them
        looks like a failure."""
        for flow in flows:
            old = partner_of(restored(flow, self.shift, self.back), self.before)
            if flow.outcome == "blocked" and old is not None and not (
                    old.outcome == "passed" and self.must(old, flow.reason)):
                yield flow.row()

    def judge(self, old, new):
        if new.outcome == "blocked":
            if old.outcome == "passed":
                return "became blocked" if self.must(old, new.reason) else None
            if old.outcome == "blocked":
                if self.names and GRADES[new.grade] > GRADES[old.grade]:
                    return "grade rose"
            elif old.reason == "capture_ended" or self.exact:
                return "became blocked"
        if self.exact and new.verdict() != old.verdict():
            return "verdict changed"
        return None


def row_violations(rows, before, lenient, failing):
    """Rows that became blocked, or whose grade rose. With `lenient`, a row that had blocked flows before, or one
    of which a failing attempt is left (`failing`), may lose the ones that passed."""
    known = {}
    for table in before:
        for name, row in table.items():
            known.setdefault(name, []).append(row)
    for row in rows:
        if row.status != "blocked":
            continue
        old = known.get(row.name, [])
        blocked = [o for o in old if o.status == "blocked"]
        if blocked:
            if GRADES[row.grade] > max(GRADES[o.grade] for o in blocked):
                yield Violation("grade of row rose", row.name, f"blocked {blocked[0].reason} {blocked[0].grade}",
                                f"blocked {row.reason} {row.grade}")
        elif not (lenient and (any(o.blocked for o in old) or row.of_rule() in failing)):
            yield Violation("row became blocked", row.name, old[0].status if old else "unmatched",
                            f"blocked {row.reason} {row.grade}")


def left_of(capture, dropped):
    """The test of survival.py for what is left of a capture."""
    timeline = Timeline(capture, Dissector(capture))
    return lambda flow, reason: counts(flow, timeline, reason, dropped)


def one_direction(capture):
    """Flows of a capture that shows one direction count if anything in it tells of the other."""
    dissector = Dissector(capture)
    told = any(s and shows_answers(s) for s in map(dissector, capture.packets))
    return lambda flow, reason: told
