"""What a seed draws: which requirement is tried by whom, and what is done about it.

A `Draft` collects attempts; each carries a treatment by name (see treatments.py), which says what
changes: the firewall's passage, a route, a server's behaviour, or an answer of the DNS.
"""

import random
from dataclasses import dataclass, field

from . import products, topology
from .dns import Answer
from .firewall import Passage
from .services import NEIGHBOUR_PORT, Plan
from .treatments import NEIGHBOUR_NEEDED, NEIGHBOUR_TELLS, TREATMENTS

PRODUCT_HOSTS, NOISE_HOSTS = 6, 2
ISLES = 3  # servers that can disappear, in one world


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
    proxy: int = 0  # the port of the proxy; 0: straight
    proxy_address: str = ""  # where not the site's own proxy is asked
    vanishes: str = ""  # what happens to the server in the middle of its answers
    stubborn: bool = False  # goes on asking until the capture ends
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
        self.free["isle"] = [topology.isle_address(n, ipv6) for n in range(ISLES, 0, -1)]

    def take(self, kind):
        return self.free[kind].pop()


class Draft:
    """The attempts of one world while they are being drawn up."""

    def __init__(self, seed, world):
        self.rng = random.Random(f"{seed}/{world}")
        self.seed, self.world, self.ipv6 = seed, world, world == "ipv6"
        self.attempts, self.passages, self.plan = [], [], Plan()
        self.narrow_routes, self.closed_routes = [], {}
        self.products, self.taken = [], set()
        self.addresses = {ipv6: Addresses(self.rng, ipv6) for ipv6 in (False, True)}
        self.initial_hops = self.rng.choice(topology.INITIAL_HOPS)

    def fitting_treatments(self, behaviour, named=True):
        version = 6 if self.ipv6 else 4
        return [name for name, (kinds, _, family) in TREATMENTS.items()
                if behaviour in kinds and family in (0, version)
                and (named or not name.startswith("dns-"))
                and (self.addresses[self.ipv6].free["isle"] or not name.startswith("isle-"))]

    def add(self, behaviour, treatment, *, requirement=None, client, port=None, name=None,
            transport=None, noise="", delay=None, ipv6=None, server=None, **extra):
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
            server=server or self.addresses[ipv6].take(self.pool(behaviour, treatment)),
            requirement=requirement,
            noise=noise, name=name or "", delay=rng.uniform(0, 1.2) if delay is None else delay,
            **extra)
        passage = Passage(attempt.number, client_address(client, ipv6), attempt.server,
                          transport, port)
        self.prepare(attempt)
        TREATMENTS[treatment][1](self, attempt, passage)
        self.attempts.append(attempt)
        self.passages.append(passage)
        if treatment in NEIGHBOUR_NEEDED or attempt.transport == "tcp" and (
                treatment in NEIGHBOUR_TELLS and rng.random() < 0.5 and requirement is not None):
            self.add_neighbour(attempt)
        return attempt

    def add_neighbour(self, attempt):
        """A page of the same server on another port, for the same client or somebody else: its
        packets tell how far away the server stands."""
        client = self.rng.choice((attempt.client, 7, 8))
        name = f"n{attempt.number}.example.net"
        self.plan.open_ports.add((attempt.server, NEIGHBOUR_PORT))
        return self.add("tls", "allow", client=client, transport="tcp", port=NEIGHBOUR_PORT,
                        noise="neighbour", name=name, ipv6=attempt.ipv6, server=attempt.server)

    def pool(self, behaviour, treatment):
        kind = treatment.split("-")[0]
        if treatment == "server-closed":
            return "closed"
        if kind == "isle":
            return "isle"
        if treatment == "server-silent" or kind in ("router", "forged", "reset") or \
                treatment.startswith("turn-error"):
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
    draw_families(draft, requirements, home)
    for requirement in requirements:
        patterns = requirement.patterns
        if patterns and patterns not in broken_names:
            share = 0.06 if len(requirements) > 6 else 0.12
            broken_names[patterns] = rng.random() < share and not by_context
        for client in [home] + [other] * (rng.random() < 0.2):
            draw_attempt(draft, requirement, client, home, by_context,
                         broken_names.get(patterns, False))


#: How one address family of a name fares beside the other, and how much later it is tried.
FAMILY_FATES = (("drop", 0.25), ("drop", -0.25), ("replies-drop", 0.25), ("drop", 4.5),
                ("reject-admin-prohibited", 0.25), ("reset", 0.25))


def draw_families(draft, requirements, client):
    """Now and then a name is tried over both address families, and one of them does not work."""
    rng = draft.rng
    rows = [r for r in requirements if r.patterns and "tls" in r.behaviours]
    if not rows or rng.random() < 0.6:
        return
    row = rng.choice(rows)
    fate, later = rng.choice(FAMILY_FATES)
    add_families(draft, row, client, fate, later, loser_ipv6=rng.random() < 0.5)


def add_families(draft, row, client, fate, later, loser_ipv6):
    """Two attempts of one name; the losing family begins `later` seconds after the other."""
    both = {"requirement": row, "client": client, "port": row.port(draft.rng),
            "name": products.name_for(row, draft.rng, draft.taken)}
    fate = fate.replace("reject-", "reject6-" if loser_ipv6 else "reject4-")
    lost = draft.add("tls", fate, ipv6=loser_ipv6, delay=0.5 + later, **both)
    won = draft.add("tls", "allow", ipv6=not loser_ipv6, delay=0.5, **both)
    v4, v6 = (won, lost) if loser_ipv6 else (lost, won)
    draft.plan.names[both["name"]] = Answer(v4=v4.server, v6=v6.server)


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
    for kind, share in (("http", 0.5), ("turn", 0.4), ("server", 0.25)):
        if kind in kinds and rng.random() < share:
            return kinds[kind]
    return kinds[rng.choice(sorted(kinds))]
