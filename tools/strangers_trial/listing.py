"""The list of everything that is called blocked, and how it differs from the committed one."""

from datetime import datetime, timezone

from .verdicts import GRADES

COLUMNS = ("file", "kind", "transport", "ends", "start", "protocol", "name", "reason", "stage", "grade", "control",
           "notes", "evidence", "rule")
IDENTITY = 5  # columns that say what a line is about


def clean(text):
    return "".join(c if c.isprintable() else "?" for c in str(text or "").replace("\t", " ")) or "-"


def moment(time):
    return datetime.fromtimestamp(time // 10**9, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") + f".{time % 10**9 // 1000:06d}"


def lines(file, result):
    """A tuple of COLUMNS for each blocked flow and each blocked requirement row."""
    for flow in result.flows:
        if flow.outcome == "blocked":
            yield tuple(map(clean, (file, "flow", flow.transport, flow.text(), moment(flow.first), flow.protocol,
                                    flow.server_name, flow.reason, flow.stage, flow.grade, flow.control, flow.notes,
                                    flow.evidence, flow.rule)))
    for row in result.rows:
        if row.status == "blocked":
            yield tuple(map(clean, (file, "row", "", row.name, "", "", "", row.reason, row.stage, row.grade, "", "",
                                    f"{row.blocked} flows", "")))


def load(path):
    if not path.exists():
        return []
    with path.open() as file:
        return [tuple(line.rstrip("\n").split("\t")) for line in file if not line.startswith("#") and line.strip()]


def save(path, entries):
    entries = sorted(entries)
    with path.open("w") as file:
        file.write("# What turnpike calls blocked; written by tools/strangers --update. Columns:\n")
        file.write("#" + "\t".join(COLUMNS) + "\n")
        file.writelines("\t".join(entry) + "\n" for entry in entries)


def grouped(entries):
    table = {}
    for entry in sorted(entries):
        table.setdefault(entry[:IDENTITY], []).append(entry[IDENTITY:])
    return table


def grade(rest):
    return GRADES.get(rest[COLUMNS.index("grade") - IDENTITY], 0)


def differences(old, new):
    """Yields (kind, line): new, gone, changed, or grade rose."""
    before, after = grouped(old), grouped(new)
    for key in sorted(set(before) | set(after)):
        was, now = before.get(key, []), after.get(key, [])
        for at in range(max(len(was), len(now))):
            if at >= len(was):
                yield "new", key + now[at]
            elif at >= len(now):
                yield "gone", key + was[at]
            elif was[at] != now[at]:
                kind = "grade rose" if grade(now[at]) > grade(was[at]) else "changed"
                changed = [f"{a} => {b}" if a != b else b for a, b in zip(was[at], now[at])]
                yield kind, key + tuple(changed)


def totals(entries):
    """Lines of a table: how many flows and rows by reason and grade."""
    for kind in ("flow", "row"):
        count = {}
        for entry in entries:
            fields = dict(zip(COLUMNS, entry))
            if fields["kind"] == kind:
                reason = count.setdefault(fields["reason"], {"A": 0, "B": 0, "C": 0, "-": 0})
                reason[fields["grade"]] += 1
        every = {g: sum(c[g] for c in count.values()) for g in "ABC-"}
        for reason, c in sorted(count.items()) + [("all", every)]:
            yield (f"{kind:5} {reason:18} {sum(c.values()):5}   A {c['A']:4}   B {c['B']:4}   C {c['C']:4}"
                   + (f"   without {c['-']}" if c["-"] else ""))


def disagreements(judgements, results):
    """Compares every flow that was judged by hand with what is said of it now.

    Yields (kind, line). A judgement is (file, kind, transport, ends, start, opinion, should be, why);
    `should be` is a verdict like "blocked tcp_timeout C" or "inconclusive server_refused", or several with "|"
    between them; a verdict may leave out its end ("inconclusive" is any).
    """
    for judgement in judgements:
        file, kind, transport, ends, start, opinion, wanted, why = judgement
        if file not in results:
            continue
        said = said_of(results[file], kind, transport, ends, start)
        if said is None:
            said = "not there"
        fitting = any(said == w.strip() or said.startswith(w.strip() + " ") for w in wanted.split("|"))
        if not fitting:
            yield opinion, (file, kind, transport, ends, start, f"is: {said}", f"should be: {wanted}", why)


def said_of(result, kind, transport, ends, start):
    if kind == "row":
        for row in result.rows:
            if row.name == ends:
                return " ".join(filter(None, (row.status, row.reason, row.grade)))
        return "unmatched"
    pair = frozenset(ends.split(" > "))
    near = [f for f in result.flows
            if f.transport == transport and frozenset(f.text().split(" > ")) == pair]
    for flow in near:
        if moment(flow.first) == start:
            return flow.verdict()
    return near[0].verdict() if len(near) == 1 else None
