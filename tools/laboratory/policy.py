"""What a seed draws: which requirement is tried by whom, and what the firewall does about it.

A `Draft` collects attempts; each carries a treatment by name. TREATMENTS says what a treatment
changes: the firewall's passage, a server's behaviour, or an answer of the DNS.
"""

import random
from dataclasses import dataclass, field

from . import products, topology
from .dns import NOERROR, NXDOMAIN, REFUSED, SERVFAIL, Answer
from .firewall import CHANNEL_DATA, CLIENT_HELLO, HAS_PAYLOAD, RTP, Passage
from .services import PROXY_AUTH_PORT, PROXY_PORT, Plan

HELLO = ("tls", "turn-tls")  # behaviours whose first payload is a ClientHello
TCP = ("tls", "http", "raw", "turn-tcp", "turn-tls")
UDP = ("udp", "rtp", "ice", "turn-udp", "dtls")
#: ICMP type 3 codes and ICMPv6 type 1 codes that nftables can send.
ICMP4 = {"net": 0, "host": 1, "protocol": 2, "port": 3, "net-prohibited": 9,
         "host-prohibited": 10, "admin-prohibited": 13}
ICMP6 = {"no-route": 0, "admin-prohibited": 1, "address": 3, "port": 4, "policy-fail": 5,
         "reject-route": 6}
PROHIBITED4, PROHIBITED6 = {9, 10, 13}, {1, 5, 6}
TURN_ERRORS = (403, 437, 442, 486, 500, 508)

PRODUCT_HOSTS, NOISE_HOSTS = 6, 2


@dataclass
class Attempt:
    """One try of one requirement (or noise, without one) by one client."""

    number: int
    client: int
    behaviour: str
    treatment: str
    transport: str
    port: int
    server: str
    ipv6: bool
    requirement: products.Requirement | None = None
    noise: str = ""  # what kind of noise, for what belongs to no rule
    name: str = ""
    proxy: int = 0
    seconds: float = 2.5
    rate: int = 10
    upload: int = 0
    delay: float = 0.0
    after_signal: bool = False
    behaviour_option: str = ""
    local_port: int = 0  # where the row names the client's own port
    ice_own: str = ""
    ice_peer: str = ""
    peer: tuple = ()
    options: dict = field(default_factory=dict)


def on_firewall(outward=(), inward=()):
    def apply(draft, attempt, passage):
        passage.outward, passage.inward = tuple(outward), tuple(inward)
    return apply


def at_server(behaviour):
    def apply(draft, attempt, passage):
        plan = draft.plan.tcp if attempt.transport == "tcp" else draft.plan.udp
        plan[attempt.server] = behaviour
    return apply


def in_dns(**answer):
    def apply(draft, attempt, passage):
        given = dict(answer)
        if given.pop("unspecified", False):
            given.update(v4="0.0.0.0", v6="::")
        if given.pop("loopback", False):
            given.update(v4="127.0.0.1", v6="::1")
        draft.plan.names[attempt.name] = Answer(**given)
    return apply


def first_payload(verdict):
    def apply(draft, attempt, passage):
        test = CLIENT_HELLO if attempt.behaviour in HELLO else HAS_PAYLOAD
        passage.outward = (f"{test} {{hit}} {verdict}",)
    return apply


def dies(draft, attempt, passage):
    quota = 4500 if attempt.behaviour in ("ice", "turn-udp") else 3000
    passage.outward = (f"quota over {quota} bytes {{hit}} drop",)
    attempt.seconds = 14.0


def rate_limited(draft, attempt, passage):
    passage.outward = ("limit rate over 6/second burst 8 packets {hit} drop",)
    attempt.seconds = 4.0


def media_one_way(draft, attempt, passage):
    test = CHANNEL_DATA if attempt.behaviour == "turn-udp" else RTP
    passage.inward = (f"{test} {{hit}} drop",)
    attempt.seconds = 5.0


def large_packets_vanish(draft, attempt, passage):
    passage.outward = ("meta length > 1300 {hit} drop",)
    attempt.upload = 8000


def large_packets_reported(draft, attempt, passage):
    draft.narrow_routes.append(attempt.server)
    attempt.upload = 8000


def through_proxy(kind):
    def apply(draft, attempt, passage):
        attempt.proxy = PROXY_AUTH_PORT if kind == "auth" else PROXY_PORT
        passage.client = topology.PROXY6 if attempt.ipv6 else topology.PROXY4
        if kind == "refuse":
            draft.plan.refused_hosts.add(attempt.name)
        if kind == "silent":
            passage.outward = ("{hit} drop",)
    return apply


def distrusted(draft, attempt, passage):
    at_server("distrusted")(draft, attempt, passage)
    attempt.behaviour_option = "verify"


def path_probe(draft, attempt, passage):
    attempt.behaviour_option = "short-lived"


def nothing(draft, attempt, passage):
    pass


def rejects():
    """name -> (behaviours, effect, families) for every ICMP code."""
    table = {}
    for version, codes, word in ((4, ICMP4, "icmp"), (6, ICMP6, "icmpv6")):
        for title, code in codes.items():
            table[f"reject{version}-{title}"] = (
                TCP + UDP, on_firewall([f"{{hit}} reject with {word} {code}"]), version)
    return table


#: name -> (behaviours it fits, effect, address family it needs or 0)
TREATMENTS = {
    "allow": (TCP + UDP + ("stun", "downstream", "quic"), nothing, 0),
    "drop": (TCP + UDP + ("stun", "quic"), on_firewall(["{hit} drop"]), 0),
    "inward-drop": (("downstream",), on_firewall(inward=["{hit} drop"]), 0),
    **rejects(),
    "reset": (TCP, on_firewall(["{hit} reject with tcp reset"]), 0),
    "hello-drop": (TCP, first_payload("drop"), 0),
    "hello-reset": (TCP, first_payload("reject with tcp reset"), 0),
    "replies-drop": (TCP + UDP, on_firewall(inward=["{hit} drop"]), 0),
    "data-drop": (TCP, on_firewall(inward=[f"{HAS_PAYLOAD} {{hit}} drop"]), 0),
    "media-one-way": (("ice", "turn-udp"), media_one_way, 0),
    "dies": (UDP, dies, 0),
    "rate-limit": (UDP, rate_limited, 0),
    "mtu-silent": (("tls",), large_packets_vanish, 0),
    "mtu-icmp": (("tls",), large_packets_reported, 0),
    "dns-nxdomain": (TCP + UDP, in_dns(rcode=NXDOMAIN), 0),
    "dns-refused": (TCP + UDP, in_dns(rcode=REFUSED), 0),
    "dns-servfail": (TCP + UDP, in_dns(rcode=SERVFAIL), 0),
    "dns-silent": (TCP + UDP, in_dns(silent=True), 0),
    "dns-sinkhole-unspecified": (TCP + UDP, in_dns(unspecified=True), 0),
    "dns-sinkhole-loopback": (TCP + UDP, in_dns(loopback=True), 0),
    "dns-ede-15": (TCP + UDP, in_dns(rcode=NXDOMAIN, extended_error=15), 0),
    "dns-ede-16": (TCP + UDP, in_dns(unspecified=True, extended_error=16), 0),
    "dns-ede-17": (TCP + UDP, in_dns(rcode=REFUSED, extended_error=17), 0),
    "dns-ede-18": (TCP + UDP, in_dns(rcode=NOERROR, extended_error=18), 0),
    "proxy-allow": (("tls",), through_proxy("allow"), 0),
    "proxy-refuse": (("tls",), through_proxy("refuse"), 0),
    "proxy-auth": (("tls",), through_proxy("auth"), 0),
    "proxy-silent": (("tls",), through_proxy("silent"), 0),
    "path-probe": (("udp",), path_probe, 4),
    "server-closed": (TCP + UDP, nothing, 0),
    "server-silent": (TCP + UDP, at_server("silent"), 0),
    "server-alert": (("tls",), at_server("alert"), 0),
    "server-reset-hello": (("tls", "http", "raw"), at_server("reset-first"), 0),
    "server-close-hello": (("tls", "http", "raw"), at_server("close-first"), 0),
    "name-mismatch": (("tls",), at_server("mismatch"), 0),
    "distrusted": (("tls",), distrusted, 0),
    "late-reset": (("tls", "http"), at_server("late-reset"), 0),
    "http-403": (("http",), at_server("http-403"), 0),
    "http-451": (("http",), at_server("http-451"), 0),
    "http-511": (("http",), at_server("http-511"), 0),
    "http-redirect": (("http",), at_server("http-redirect"), 0),
    **{f"turn-error-{code}": (("turn-udp",), at_server(f"turn-error-{code}"), 0)
       for code in TURN_ERRORS},
}
#: Treatments after which the same client's peer-to-peer traffic has live signaling.
SIGNAL_PASSES = ("allow", "allow", "allow", "proxy-allow")


def client_address(number, ipv6):
    layout = topology.Topology(0)
    return layout.client6(number) if ipv6 else layout.client4(number)


class Addresses:
    """Hands out server addresses that no other attempt uses."""

    def __init__(self, rng, ipv6):
        pools = {"plain": "2001:db8:f000:1::/64", "turn": topology.TURN_PLAIN6,
                 "turns": topology.TURN_TLS6, "closed": topology.CLOSED6} if ipv6 else {
                     "plain": "198.51.100.0/24", "turn": topology.TURN_PLAIN4,
                     "turns": topology.TURN_TLS4, "closed": topology.CLOSED4}
        self.free = {}
        for kind, network in pools.items():
            self.free[kind] = list(topology.addresses(network, 5))
            rng.shuffle(self.free[kind])
        if not ipv6:
            more = [f"203.0.113.{i}" for i in range(5, 95)]
            rng.shuffle(more)
            self.free["plain"] += more

    def take(self, kind):
        return self.free[kind].pop()


class Draft:
    """The attempts of one world while they are being drawn up."""

    def __init__(self, seed, world):
        self.rng = random.Random(f"{seed}/{world}")
        self.seed, self.world, self.ipv6 = seed, world, world == "ipv6"
        self.attempts, self.passages, self.plan = [], [], Plan()
        self.narrow_routes, self.products, self.taken = [], [], set()
        self.addresses = {ipv6: Addresses(self.rng, ipv6) for ipv6 in (False, True)}

    def fitting_treatments(self, behaviour, named=True):
        version = 6 if self.ipv6 else 4
        return [name for name, (kinds, _, family) in TREATMENTS.items()
                if behaviour in kinds and family in (0, version)
                and (named or not name.startswith("dns-"))]

    def add(self, behaviour, treatment, *, requirement=None, client, port=None, name=None,
            transport=None, noise="", delay=None, ipv6=None, **extra):
        """Draw up one attempt and all that makes its treatment happen."""
        rng = self.rng
        if requirement is not None:
            transport = requirement.transport
            port = port or requirement.port(rng)
            if behaviour == "downstream":
                extra["local_port"], port = port, rng.randint(4000, 4030)
            if name is None and requirement.patterns:
                name = products.name_for(requirement, rng, self.taken)
        ipv6 = self.ipv6 if ipv6 is None else ipv6
        attempt = Attempt(
            number=len(self.attempts) + 1, client=client, behaviour=behaviour,
            treatment=treatment, transport=transport, port=port, ipv6=ipv6,
            server=self.addresses[ipv6].take(self.pool(behaviour, treatment)),
            requirement=requirement,
            noise=noise, name=name or "", delay=rng.uniform(0, 1.2) if delay is None else delay,
            **extra)
        passage = Passage(attempt.number, client_address(client, ipv6), attempt.server,
                          transport, port)
        self.prepare(attempt)
        TREATMENTS[treatment][1](self, attempt, passage)
        self.attempts.append(attempt)
        self.passages.append(passage)
        return attempt

    def pool(self, behaviour, treatment):
        if treatment == "server-closed":
            return "closed"
        if treatment == "server-silent" or treatment.startswith("turn-error"):
            return "plain"
        return {"turn-udp": "turn", "turn-tcp": "turn", "turn-tls": "turns"}.get(behaviour, "plain")

    def prepare(self, attempt):
        """What the behaviour needs of the world whatever the treatment."""
        if attempt.name:
            self.plan.names[attempt.name] = self.answer(attempt)
            self.plan.certificate_names.add(attempt.name)
        if attempt.behaviour == "ice":
            own, peer = (f"{self.rng.getrandbits(32):08x}" for _ in range(2))
            attempt.ice_own, attempt.ice_peer = own, peer
            self.plan.ice_passwords[own] = f"{self.rng.getrandbits(96):024x}"
            self.plan.ice_passwords[peer] = f"{self.rng.getrandbits(96):024x}"
        if attempt.behaviour.startswith("turn-"):
            attempt.peer = (self.addresses[attempt.ipv6].take("plain"),
                            self.rng.randint(10000, 60000))

    def answer(self, attempt):
        aliases = ()
        if self.rng.random() < 0.3:
            aliases = (f"edge-{attempt.number}.cdn.example.net",)
            if self.rng.random() < 0.5:
                aliases += (f"pop{attempt.number}.hosting.example.org",)
        if attempt.ipv6:
            return Answer(v6=attempt.server, aliases=aliases)
        return Answer(v4=attempt.server, aliases=aliases)


def draw(seed, world, chosen=None):
    """The whole draft of a seed in one world; `chosen` replaces the seed's products (at most 3)."""
    draft = Draft(seed, world)
    draft.products = chosen or products.choose(seed)
    for place, title in enumerate(draft.products):
        draw_product(draft, products.PRODUCTS[title], home=1 + place, other=4 + place)
    from .noise import add_noise
    add_noise(draft)
    return draft


def draw_product(draft, requirements, home, other):
    rng = draft.rng
    by_context = rng.random() < 0.7  # whether it tries rows that lean on live signaling
    broken_names = {}  # rows whose names all fail in the DNS
    for requirement in requirements:
        patterns = requirement.patterns
        if patterns and patterns not in broken_names:
            share = 0.06 if len(requirements) > 6 else 0.12
            broken_names[patterns] = rng.random() < share and not by_context
        for client in [home] + [other] * (rng.random() < 0.2):
            draw_attempt(draft, requirement, client, home, by_context,
                         broken_names.get(patterns, False))


def draw_attempt(draft, requirement, client, home, by_context, names_broken):
    rng = draft.rng
    if not requirement.behaviours:
        return
    behaviour = rng.choice(requirement.behaviours)
    unnamed = not requirement.patterns
    if unnamed and (client != home or not by_context):
        return
    if behaviour == "downstream" and draft.world == "nat":
        return  # nothing comes in through address translation unasked
    fitting = draft.fitting_treatments(behaviour, named=not unnamed)
    if requirement.signals and client == home and by_context:
        treatment = rng.choice([t for t in SIGNAL_PASSES if t in fitting])
    elif names_broken:
        treatment = rng.choice([t for t in fitting if t.startswith("dns-")])
    elif rng.random() < 0.08:
        return  # not attempted
    elif rng.random() < 0.3:
        treatment = "allow"
    else:
        treatment = rng.choice(by_kind(fitting, rng))
    delay = 0.0 if treatment == "dies" else None
    draft.add(behaviour, treatment, requirement=requirement, client=client, delay=delay,
              after_signal=unnamed)


def by_kind(names, rng):
    """One list of each kind, so that the many rejects do not crowd out the rest; what few
    behaviours can show (a server's own refusals) gets a fair share where it can be shown."""
    kinds = {}
    for name in names:
        kinds.setdefault(name.split("-")[0].rstrip("46"), []).append(name)
    rare = [kind for kind in ("http", "turn") if kind in kinds]
    if rare and rng.random() < 0.4:
        return kinds[rare[0]]
    return kinds[rng.choice(sorted(kinds))]
