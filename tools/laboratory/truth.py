"""What must be seen: the verdict of every attempt and requirement, from two witnesses.

The witnesses are the client's report and the firewall's counters. Both must fit the treatment that
was applied; where they do not (a starved machine, a fault of the laboratory), the attempt has no
truth and the run is a failure of the laboratory, not of turnpike. Nothing here reads a capture.
"""

import itertools
from dataclasses import asdict, dataclass, field

from . import policy, products

BLOCKED, PASSED, INCONCLUSIVE = "blocked", "passed", "inconclusive"
MEDIA_STAGE = {"udp": "udp", "rtp": "media", "ice": "stun", "turn-udp": "turn", "stun": "stun",
               "downstream": "media", "dtls": "dtls", "quic": "quic"}
CONFIRMED = ("A",)


@dataclass
class Expected:
    """The row a flow must get. Lists hold every value that the packets alone can justify."""

    outcome: str
    reasons: list = field(default_factory=list)
    stages: list = field(default_factory=list)
    grades: list = field(default_factory=list)
    inconclusive_reasons: list = field(default_factory=list)
    notes: list = field(default_factory=list)


@dataclass
class Signs:
    """What the two witnesses must say under a treatment."""

    errors: tuple  # beginnings of the client's error; "" is success
    struck: bool  # the firewall's treatment counted packets
    answered: bool | None = None  # packets came in through the firewall; None: either


def blocked(reason, stage, *grades):
    return Expected(BLOCKED, [reason], [stage], list(grades))


def code_of(treatment):
    """(version, ICMP code) of a reject treatment."""
    family, _, title = treatment.partition("-")
    version = int(family[-1])
    return version, (policy.ICMP4 if version == 4 else policy.ICMP6)[title]


def judge(attempt):
    """(Expected without control grades, Signs) of one attempt's record; Expected None: no flow."""
    treatment, behaviour, tcp = attempt["treatment"], attempt["behaviour"], \
        attempt["transport"] == "tcp"
    hello = behaviour in policy.HELLO
    if treatment.startswith("dns-"):
        return None, Signs(("ede:", "rcode:", "timeout", "sinkhole", "no data"), False, False)
    if treatment.startswith("reject"):
        version, code = code_of(treatment)
        prohibited = code in (policy.PROHIBITED4 if version == 4 else policy.PROHIBITED6)
        reason = "icmp_prohibited" if prohibited else "icmp_unreachable"
        expected = blocked(reason, "tcp" if tcp else "udp", *(CONFIRMED if prohibited else ()))
        return expected, Signs(("errno:",) if tcp else ("timeout",), True, False)
    if treatment.startswith("turn-error-"):
        return Expected(PASSED), Signs((f"stun:{treatment[11:]}",), False, True)
    if treatment.startswith("http-"):
        return blocked("http_denied", "http", "A", "B"), Signs(("", "closed", "reset"), False, True)
    return (judge_tcp if tcp else judge_udp)(treatment, behaviour, hello)


def judge_tcp(treatment, behaviour, hello):
    timeout = blocked("tls_timeout", "tls") if hello else blocked("payload_timeout", "tcp")
    reset = blocked("tls_reset", "tls") if hello else blocked("payload_reset", "tcp")
    injected = blocked(reset.reasons[0], reset.stages[0], "A", "B")
    silent = timeout if hello else Expected(INCONCLUSIVE, inconclusive_reasons=["no_answer"])
    gone = ("reset", "closed", "tls:", "errno:ECONNRESET")
    table = {
        "allow": (Expected(PASSED), Signs(("",), False, True)),
        "proxy-allow": (Expected(PASSED), Signs(("",), False, True)),
        "mtu-icmp": (Expected(PASSED, notes=["mtu"]), Signs(("",), False, True)),
        "mtu-silent": (Expected(PASSED, notes=["mtu"]), Signs(("timeout",), True, True)),
        "late-reset": (Expected(PASSED, notes=["late_reset"]), Signs(gone, False, True)),
        "distrusted": (Expected(PASSED, notes=["intercept_rejected"]),
                       Signs(("distrusted",), False, True)),
        "drop": (blocked("tcp_timeout", "tcp"), Signs(("timeout",), True, False)),
        "replies-drop": (blocked("tcp_timeout", "tcp"), Signs(("timeout",), True, False)),
        "reset": (blocked("tcp_reset", "tcp", "A", "B"),
                  Signs(("errno:ECONNREFUSED",), True, False)),
        "server-closed": (blocked("tcp_reset", "tcp"),
                          Signs(("errno:ECONNREFUSED",), False, True)),
        "hello-drop": (timeout, Signs(("timeout",), True, True)),
        "hello-reset": (injected, Signs(gone, True, True)),
        "data-drop": (silent, Signs(("timeout",), True, True)),
        "server-silent": (silent, Signs(("timeout",), False, True)),
        "server-alert": (blocked("tls_alert", "tls"), Signs(("tls:",), False, True)),
        "server-reset-hello": (reset, Signs(gone, False, True)),
        "server-close-hello": (reset, Signs(gone, False, True)),
        "name-mismatch": (blocked("tls_name_mismatch", "tls"), Signs(("",), False, True)),
        "proxy-refuse": (blocked("proxy_denied", "proxy", *CONFIRMED),
                         Signs(("status:403",), False, False)),
        "proxy-auth": (blocked("proxy_denied", "proxy", *CONFIRMED),
                       Signs(("status:407",), False, False)),
        "proxy-silent": (blocked("proxy_timeout", "proxy"), Signs(("timeout",), True, False)),
    }
    return table[treatment]


def judge_udp(treatment, behaviour, _):
    silence = blocked("quic_timeout" if behaviour == "quic" else "udp_timeout",
                      MEDIA_STAGE[behaviour])
    table = {
        "allow": (Expected(PASSED), Signs(("",), False, True)),
        "drop": (silence, Signs(("timeout",), True, False)),
        "inward-drop": (None, Signs(("timeout",), True, False)),  # never reaches the inside
        "replies-drop": (silence, Signs(("timeout",), True, False)),
        "server-silent": (silence, Signs(("timeout",), False, False)),
        "server-closed": (blocked("icmp_unreachable", "udp"), Signs(("timeout",), False, False)),
        "media-one-way": (blocked("one_way", "media"), Signs(("",), True, True)),
        "dies": (Expected(PASSED, notes=["interrupted"]), Signs(("",), True, True)),
        "path-probe": (Expected(PASSED, notes=["ttl_exceeded"]), Signs(("",), False, True)),
        "rate-limit": (Expected(PASSED), Signs(("",), True, True)),
    }
    return table[treatment]


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
    for attempt in record["attempts"]:
        expected, signs = judge(attempt)
        problem = disagreement(attempt, signs)
        if problem:
            faults.append(f"attempt {attempt['number']} ({attempt['behaviour']}, "
                          f"{attempt['treatment']}): {problem}")
        if expected is not None:
            flows.append(flow_row(attempt, expected))
    add_control_grades(record, flows)
    return {"flows": flows, "requirements": requirement_rows(record, flows), "faults": faults,
            "complete": True}  # every flow of the capture that may be attributed is listed


def flow_row(attempt, expected):
    report = attempt["report"]
    return {"attempt": attempt["number"], "client": attempt["client"],
            "transport": attempt["transport"], "local": report["local"],
            "remote": report["remote"], "name": attempt["name"], "noise": attempt["noise"],
            "requirement": attempt["requirement"], "treatment": attempt["treatment"],
            "behaviour": attempt["behaviour"], "confidence": confidence(attempt),
            "expected": asdict(expected)}


def confidence(attempt):
    """How the flow names its server: it says so itself, the DNS does, or only its context."""
    if not attempt["name"]:
        return "context"
    stage = attempt["report"]["stage"]
    if attempt["proxy"] or attempt["behaviour"] in ("tls", "turn-tls", "http") and stage != "tcp":
        return "exact"
    return "dns"


def add_control_grades(record, flows):
    """Grade B needs something that worked for the same client; without, the failure stands alone.

    A client whose only success was the DNS itself may be read either way.
    """
    working = {flow["client"] for flow in flows if flow["expected"]["outcome"] == PASSED}
    working.add(8)  # its small talk is answered all the time
    record["working_clients"] = sorted(working)
    for flow in flows:
        expected = flow["expected"]
        if expected["outcome"] != BLOCKED:
            continue
        if expected["grades"] == ["A"]:
            continue
        own = control_grades(record, flow["client"], bool(flow["name"]))
        expected["grades"] = sorted(set(own) | set(expected["grades"]))


def control_grades(record, client, asked_dns):
    if client in record["working_clients"]:
        return ["B"]
    return ["B", "C"] if asked_dns else ["C"]


def requirement_rows(record, flows):
    considered = [r for title in record["products"] for r in products.PRODUCTS[title]]
    names = name_fates(record, considered)
    return [requirement_row(r, considered, record, flows, names) for r in considered]


def name_fates(record, considered):
    """{name: None when usefully resolved, else (reasons, grades)} of names some rule covers."""
    fates = {}
    for attempt in record["attempts"]:
        name = attempt["name"]
        if not name or attempt["proxy"] or not any(r.specificity(name) for r in considered):
            continue
        if attempt["report"]["dns_error"]:
            reasons, grades = dns_failure(attempt)
            fates.setdefault(name, (reasons, grades or control_grades(
                record, attempt["client"], asked_dns=True)))
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
    failures = [e for e in own if e["outcome"] == BLOCKED]
    if row["counts"][PASSED]:
        row["status"] = "observed"
    elif failures:
        row["status"] = "blocked"
        take_majority(row, failures)
    elif own:
        row["status"] = "inconclusive"
    else:
        covered = [fate for name, fate in names.items()
                   if most_specific_for(requirement, considered, name)]
        if covered and all(covered):
            row["status"] = "blocked"
            take_majority(row, [{"reasons": reasons, "grades": grades, "stages": ["dns"]}
                                for reasons, grades in covered])
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
