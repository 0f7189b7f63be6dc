"""What must be seen: the verdict of every attempt and requirement, from two witnesses.

The witnesses are the client's report and the firewall's counters. Both must fit the treatment that
was applied; where they do not (a starved machine, a fault of the laboratory), the attempt has no
truth and the run is a failure of the laboratory, not of turnpike. Nothing here reads a capture.
"""

import itertools
from dataclasses import asdict

from . import controls, products
from .expectations import (BLOCKED, CONFIRMED, INCONCLUSIVE, PASSED, Expected, judge, judge_again)


def disagreement(attempt, signs):
    """Why the witnesses do not both confirm the treatment; empty when they do."""
    error, counters = attempt["report"]["error"], attempt["counters"]
    if not any(error == begin if begin == "" else error.startswith(begin)
               for begin in signs.errors):
        return f"the client says {error or 'success'!r}, expected one of {signs.errors}"
    if bool(counters.get("hit")) != signs.struck:
        return f"the firewall's treatment struck {counters.get('hit', 0)} packets"
    if signs.answered is not None and bool(counters.get("in_passed")) != signs.answered:
        return f"the firewall let {counters.get('in_passed', 0)} answers in"
    return ""


def dns_failure(attempt):
    """(reasons, grades or ()) of an attempt whose name was never usefully answered."""
    error, treatment = attempt["report"]["dns_error"], attempt["treatment"]
    by_rcode = {"rcode:3": "dns_nxdomain", "rcode:5": "dns_refused", "rcode:2": "dns_refused",
                "timeout": "dns_timeout", "sinkhole": "dns_sinkhole"}
    if error.startswith("ede:"):
        # The code says policy; the response code beside it is a second, equally true reason.
        beside = {"dns-ede-15": ["dns_nxdomain"], "dns-ede-17": ["dns_refused"]}
        return ["dns_sinkhole", *beside.get(treatment, [])], list(CONFIRMED)
    return [by_rcode[error]], []


def tell(record):
    """The truth of one run: {"flows": [...], "requirements": [...], "faults": [...]}."""
    flows, faults = [], []
    answering = answering_servers(record)
    for attempt in record["attempts"]:
        neighbours = answering.get(attempt["server"], set()) - {attempt["number"]}
        expected, signs = judge(attempt, bool(neighbours))
        problem = disagreement(attempt, signs)
        if problem:
            faults.append(f"attempt {attempt['number']} ({attempt['behaviour']}, "
                          f"{attempt['treatment']}): {problem}")
        if expected is not None and attempt["report"]["local"]:
            flows += flow_rows(attempt, expected)
    set_losers_aside(flows)
    controls.add_grades(flows)
    return {"flows": flows, "requirements": requirement_rows(record, flows), "faults": faults,
            "complete": True}  # every flow of the capture that may be attributed is listed


def answering_servers(record):
    """{server address: attempts that show how far away it stands}, its own good answers."""
    found = {}
    for attempt in record["attempts"]:
        if attempt["treatment"] == "allow" and attempt["counters"].get("in_passed"):
            found.setdefault(attempt["server"], set()).add(attempt["number"])
    return found


def flow_rows(attempt, expected):
    """The rows of an attempt's conversations; several where the server disappeared, or where there
    were several peers."""
    tries = attempt["report"].get("tries") or [attempt["report"]]
    rows = []
    for number, one in enumerate(tries):
        if number and attempt["behaviour"] == "swarm":
            expected = Expected(INCONCLUSIVE, inconclusive_reasons=["losing_candidate"])
        elif number:
            expected = judge_again(attempt["treatment"])
        rows.append(flow_row(attempt, expected, one))
    return rows


def flow_row(attempt, expected, one):
    return {"attempt": attempt["number"], "client": attempt["client"],
            "transport": attempt["transport"], "local": one["local"],
            "remote": one["remote"], "name": attempt["name"], "noise": attempt["noise"],
            "requirement": attempt["requirement"], "treatment": attempt["treatment"],
            "behaviour": attempt["behaviour"], "confidence": confidence(attempt, one["stage"]),
            "began": began(attempt["report"]), "expected": asdict(expected)}


def began(report):
    """When the client turned to the server; behaviours that resolve nothing begin at once."""
    return report.get("began") or report.get("first", 0.0)


def set_losers_aside(flows):
    """An attempt over the other address family that began within 3 s of the one that worked, and
    got no answer, is a loser by design. One that a device refused in so many words is not."""
    winners = [flow for flow in flows if flow["expected"]["outcome"] == PASSED and flow["name"]]
    for flow in flows:
        silent = flow["expected"]["outcome"] == BLOCKED and \
            flow["expected"]["reasons"][0].endswith("_timeout")
        if silent and any(beats(winner, flow) for winner in winners):
            flow["expected"] = asdict(Expected(
                INCONCLUSIVE, inconclusive_reasons=["losing_candidate"]))


def beats(winner, loser):
    """Whether the winner went to the same name and port over the other family within 3 s."""
    return ((winner["client"], winner["name"], winner["remote"][1], winner["transport"])
            == (loser["client"], loser["name"], loser["remote"][1], loser["transport"])
            and (":" in winner["remote"][0]) != (":" in loser["remote"][0])
            and abs(winner["began"] - loser["began"]) <= 3)


def confidence(attempt, stage):
    """How the flow names its server: it says so itself, the DNS does, or only its context."""
    if not attempt["name"]:
        return "context"
    if attempt["proxy"] or attempt["behaviour"] in ("tls", "turn-tls", "http") and stage != "tcp":
        return "exact"
    return "dns"


def requirement_rows(record, flows):
    considered = [r for title in record["products"] for r in products.PRODUCTS[title]]
    names = name_fates(record, considered, flows)
    return [requirement_row(r, considered, record, flows, names) for r in considered]


def name_fates(record, considered, flows):
    """{name: None when usefully resolved, else (reasons, grades)} of names some rule covers."""
    fates = {}
    for attempt in record["attempts"]:
        name = attempt["name"]
        if not name or attempt["proxy"] or not any(r.specificity(name) for r in considered):
            continue
        if attempt["report"]["dns_error"]:
            reasons, grades = dns_failure(attempt)
            fates.setdefault(name, (reasons, grades or [
                controls.name_grade(record, flows, attempt)]))
        else:
            fates[name] = None
    return fates


def most_specific_for(requirement, considered, name):
    own = requirement.specificity(name)
    return own is not None and own == max(
        r.specificity(name) for r in considered if r.specificity(name))


def requirement_row(requirement, considered, record, flows, names):
    own = [f["expected"] for f in flows if f["requirement"] and
           tuple(f["requirement"]) == requirement.identity]
    row = {"requirement": requirement.identity, "selector": requirement.selector,
           "reasons": [], "stages": [], "grades": [],
           "counts": {kind: sum(e["outcome"] == kind for e in own)
                      for kind in (PASSED, BLOCKED, INCONCLUSIVE)}}
    fates = [fate for name, fate in names.items()
             if most_specific_for(requirement, considered, name)]
    # A damaged capture may show the name that failed and not the one that resolved.
    row["names_failed"] = any(fates)
    failures = [e for e in own if e["outcome"] == BLOCKED]
    if row["counts"][PASSED]:
        row["status"] = "observed"
    elif failures:
        row["status"] = "blocked"
        take_majority(row, failures)
    elif own:
        row["status"] = "inconclusive"
    elif fates and all(fates):
        row["status"] = "blocked"
        take_majority(row, [{"reasons": reasons, "grades": grades, "stages": ["dns"]}
                            for reasons, grades in fates])
    else:
        row["status"] = "unmatched"
    return row


def take_majority(row, failures):
    """The reason of most failures; among equals, and where one failure has two true reasons,
    every reason that can win is right."""
    winners = set()
    for choice in itertools.product(*(failure["reasons"] for failure in failures)):
        most = max(choice.count(reason) for reason in choice)
        winners |= {reason for reason in choice if choice.count(reason) == most}
    chosen = [f for f in failures if winners & set(f["reasons"])]
    row["reasons"] = sorted(winners)
    row["stages"] = sorted({s for f in chosen for s in f["stages"]})
    row["grades"] = sorted({g for f in chosen for g in f["grades"]})
