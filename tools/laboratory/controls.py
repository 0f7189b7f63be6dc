"""The grade that a failure deserves: whether something comparable worked beside it.

Written from the definition of a control, not from what turnpike does.
"""

SECONDS = 60  # between a failure and what it is compared with; a world is over sooner


def add_grades(flows):
    """Every blocked flow gets B if a control of the same kind worked, else C; what the packets may
    confirm (A) stays allowed beside it, and what a device announced is A alone."""
    working = [flow for flow in flows if flow["expected"]["outcome"] == "passed"]
    for flow in flows:
        expected = flow["expected"]
        certain = expected.pop("certain")
        if expected["outcome"] == "blocked" and not certain:
            own = "B" if any(controls(other, flow) for other in working) else "C"
            expected["grades"] = sorted({own, *expected["grades"]})


def controls(worked, failed):
    """Whether a flow that worked says something about one that failed."""
    if abs(worked["began"] - failed["began"]) > SECONDS:
        return False
    same_client = worked["client"] == failed["client"]
    here, there = tuple(worked["remote"]), tuple(failed["remote"])
    endpoint = (*here, worked["transport"]) == (*there, failed["transport"])
    same_name = bool(worked["name"]) and worked["name"] == failed["name"]
    if not same_client:
        return endpoint or same_name
    if here[0] == there[0] and (not endpoint or worked["name"] != failed["name"]):
        return True
    return same_name and not endpoint or another_row(worked, failed)


def another_row(worked, failed):
    """The same client's flow of another row of the same product: a rule, a transport, a port item."""
    one, other = worked["requirement"], failed["requirement"]
    return bool(one and other) and tuple(one[:3]) == tuple(other[:3]) and tuple(one[3:]) != tuple(other[3:])


def name_grade(record, flows, attempt):
    """The grade of a name that was never usefully answered: B where the same resolver answered the
    client another name, or where a row of the same product worked for it."""
    answered = any(other["client"] == attempt["client"] and other["name"] != attempt["name"]
                   and resolver(other) == resolver(attempt) and other["report"]["resolved"]
                   and not other["report"]["dns_error"]
                   and abs(other["report"]["first"] - attempt["report"]["first"]) <= SECONDS
                   for other in record["attempts"])
    requirement = attempt["requirement"]
    product = any(flow["client"] == attempt["client"] and flow["expected"]["outcome"] == "passed"
                  and flow["requirement"] and requirement
                  and tuple(flow["requirement"][:3]) == tuple(requirement[:3]) for flow in flows)
    return "B" if answered or product else "C"


def resolver(attempt):
    """Clients ask the resolver of the address family that they want to use."""
    return 6 if ":" in attempt["server"] else 4
