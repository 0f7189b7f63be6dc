"""What each treatment must look like: the row a flow gets, and what the two witnesses must say."""

from dataclasses import dataclass, field

from . import treatments

BLOCKED, PASSED, INCONCLUSIVE = "blocked", "passed", "inconclusive"
MEDIA_STAGE = {"udp": "udp", "rtp": "media", "ice": "stun", "turn-udp": "turn", "stun": "stun",
               "downstream": "media", "dtls": "dtls", "quic": "quic", "swarm": "udp"}
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
    certain: bool = False  # a device said so, and nothing else could have: grade A and no less


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
    return version, (treatments.ICMP4 if version == 4 else treatments.ICMP6)[title]


def confirmed(reason, stage):
    """A block that a device announced."""
    return Expected(BLOCKED, [reason], [stage], list(CONFIRMED), certain=True)


def refused():
    """The server itself said no: the path is open."""
    return Expected(INCONCLUSIVE, inconclusive_reasons=["server_refused"])


def judge(attempt, neighbour=False):
    """(Expected without control grades, Signs) of one attempt's record; Expected None: no flow.

    `neighbour`: another connection of the capture shows how far away this server stands.
    """
    treatment, behaviour, tcp = attempt["treatment"], attempt["behaviour"], \
        attempt["transport"] == "tcp"
    hello = behaviour in treatments.HELLO
    if treatment.startswith("dns-"):
        return None, Signs(("ede:", "rcode:", "timeout", "sinkhole", "no data"), False, False)
    if treatment.startswith("reject"):
        version, code = code_of(treatment)
        prohibited = code in (treatments.PROHIBITED4 if version == 4 else treatments.PROHIBITED6)
        reason = "icmp_prohibited" if prohibited else "icmp_unreachable"
        said = prohibited or treatment.endswith("-port")  # nobody but the far end has ports
        return ((confirmed if said else blocked)(reason, "tcp" if tcp else "udp"),
                Signs(("errno:",) if tcp else ("timeout",), True, False))
    if treatment == "nobody":
        return judge_unanswered(attempt)
    if treatment.startswith("forged-"):
        reason = "icmp_prohibited" if treatment == "forged-prohibited" else "icmp_unreachable"
        return (blocked(reason, "tcp" if tcp else "udp", *CONFIRMED),
                Signs(("errno:",) if tcp else ("timeout",), True, False))
    if treatment.startswith("router-"):
        stage = "tcp" if tcp else "udp"
        return (confirmed("icmp_prohibited", stage) if treatment == "router-prohibited" else
                blocked("icmp_unreachable", stage),
                Signs(("errno:",) if tcp else ("timeout",), False, False))
    if treatment.startswith("isle-"):
        notes = ["interrupted"] if not tcp and treatment == "isle-renumbered" else []
        return Expected(PASSED, notes=notes), Signs(("",), False, True)
    if treatment.startswith("turn-error-"):
        return Expected(PASSED), Signs((f"stun:{treatment[11:]}",), False, True)
    if treatment.startswith("http-"):
        return (blocked("http_denied", "http", *CONFIRMED),
                Signs(("", "closed", "reset"), False, True))
    if tcp:
        return judge_tcp(treatment, hello, neighbour)
    return judge_udp(treatment, behaviour)


def judge_unanswered(attempt):
    """Announcements, and probes of addresses that nobody has."""
    if attempt["behaviour"] == "announce":
        return (Expected(INCONCLUSIVE, inconclusive_reasons=["no_answer_expected"]),
                Signs(("",), False, False))
    signs = Signs(("timeout",), False, False)
    if attempt["transport"] == "tcp":
        return blocked("tcp_timeout", "tcp"), signs
    return Expected(INCONCLUSIVE, inconclusive_reasons=["no_answer"]), signs


def judge_again(treatment):
    """A connection to a server that has disappeared under the same client's last one."""
    if treatment == "isle-ends":  # its kernel still answers: both are true
        return Expected(INCONCLUSIVE, inconclusive_reasons=["server_refused", "intermittent"])
    return Expected(INCONCLUSIVE, inconclusive_reasons=["intermittent"])


def judge_tcp(treatment, hello, neighbour):
    timeout = blocked("tls_timeout", "tls") if hello else blocked("payload_timeout", "tcp")
    reset = blocked("tls_reset", "tls") if hello else blocked("payload_reset", "tcp")
    injected = blocked(reset.reasons[0], reset.stages[0], *CONFIRMED)
    closed = reset if hello else refused()  # a FIN after all was acknowledged
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
        "stubborn-drop": (blocked("tcp_timeout", "tcp"), Signs(("timeout",), True, False)),
        "reset": (blocked("tcp_reset", "tcp", *(CONFIRMED if neighbour else ())),
                  Signs(("errno:ECONNREFUSED",), True, False)),
        "server-closed": (refused() if neighbour else blocked("tcp_reset", "tcp"),
                          Signs(("errno:ECONNREFUSED",), False, True)),
        "hello-drop": (timeout, Signs(("timeout",), True, True)),
        "hello-reset": (injected, Signs(gone, True, True)),
        "data-drop": (silent, Signs(("timeout",), True, True)),
        "server-silent": (silent, Signs(("timeout",), False, True)),
        "server-alert": (blocked("tls_alert", "tls"), Signs(("tls:",), False, True)),
        "server-alert-49": (blocked("tls_alert", "tls"), Signs(("tls:",), False, True)),
        "server-alert-40": (refused(), Signs(("tls:",), False, True)),
        "server-alert-70": (refused(), Signs(("tls:",), False, True)),
        "server-plain-400": (refused(), Signs(("tls:",), False, True)),
        "server-plain-403": (blocked("http_denied", "http", *CONFIRMED),
                             Signs(("tls:",), False, True)),
        "server-reset-hello": (reset, Signs(gone, False, True)),
        "server-close-hello": (closed, Signs(gone, False, True)),
        "name-mismatch": (blocked("tls_name_mismatch", "tls"), Signs(("",), False, True)),
        "proxy-refuse": (confirmed("proxy_denied", "proxy"),
                         Signs(("status:403",), False, False)),
        "proxy-auth": (confirmed("proxy_denied", "proxy"),
                       Signs(("status:407",), False, False)),
        "proxy-web-400": (Expected(INCONCLUSIVE, inconclusive_reasons=["server_refused"],
                                   notes=["not_a_proxy"]), Signs(("status:400",), False, True)),
        "proxy-via-405": (confirmed("proxy_denied", "proxy"),
                          Signs(("status:405",), False, True)),
        "proxy-silent": (blocked("proxy_timeout", "proxy"), Signs(("timeout",), True, False)),
    }
    return table[treatment]


def judge_udp(treatment, behaviour):
    silence = blocked("quic_timeout" if behaviour == "quic" else "udp_timeout",
                      MEDIA_STAGE[behaviour])
    table = {
        "allow": (Expected(PASSED), Signs(("",), False, True)),
        "drop": (silence, Signs(("timeout",), True, False)),
        "inward-drop": (None, Signs(("timeout",), True, False)),  # never reaches the inside
        "stubborn-drop": (silence, Signs(("timeout",), True, False)),
        "replies-drop": (silence, Signs(("timeout",), True, False)),
        "server-silent": (silence, Signs(("timeout",), False, False)),
        "server-closed": (refused(), Signs(("timeout",), False, False)),
        "media-one-way": (blocked("one_way", "media"), Signs(("",), True, True)),
        "dies": (Expected(PASSED, notes=["interrupted"]), Signs(("",), True, True)),
        "path-probe": (Expected(PASSED, notes=["ttl_exceeded"]), Signs(("",), False, True)),
        "rate-limit": (Expected(PASSED), Signs(("",), True, True)),
    }
    return table[treatment]
