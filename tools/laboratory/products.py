"""What the five vendor documents ask of a firewall, transcribed by hand for the laboratory.

This is on purpose not read from turnpike's catalog: where the two disagree, one of them misread
the document, and the scorer says so.
"""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Requirement:
    """One transport and port item of one row of a document."""

    vendor: str
    product: str
    revision: str
    key: str  # the row within the product, by the id the catalog gives it
    transport: str
    ports: str  # "443" or "5866-6000", as the contract writes them
    patterns: tuple  # names as the document writes them; empty: any destination
    behaviours: tuple  # what kinds of client try it (see clients.py)
    simplex: bool = False  # downstream media only

    @property
    def identity(self):
        return (self.vendor, self.product, self.revision, self.key, self.transport, self.ports)

    @property
    def signals(self):
        """Whether a passed flow of this row is the signaling that context attribution leans on."""
        return self.key == "signaling" or (self.product, self.key, self.ports) == (
            "recording", "tcp", "1080")

    @property
    def selector(self):
        return f"{self.vendor}/{self.product}@{self.revision}"

    def port(self, rng):
        low, _, high = self.ports.partition("-")
        return rng.randint(int(low), int(high or low))

    def has_port(self, port):
        low, _, high = self.ports.partition("-")
        return int(low) <= port <= int(high or low)

    def specificity(self, name):
        """How specifically a pattern of this rule covers a name: None where none does.

        An exact name beats a wildcard, a longer wildcard a shorter one.
        """
        return max((rank for rank in (rank_of(p, name) for p in self.patterns) if rank),
                   default=None)


def rank_of(pattern, name):
    bare = pattern.removeprefix("*").removeprefix(".")
    if pattern == bare:
        return (1, len(bare)) if name == bare else None
    if name.endswith("." + bare) or (pattern.startswith(".") and name == bare):
        return (0, len(bare))
    return None


def fitting_name(pattern, rng):
    """A host name a client of this vendor could use under a pattern."""
    bare = pattern.removeprefix("*").removeprefix(".")
    if pattern == bare:
        return bare
    label = rng.choice(("ap", "edge", "node", "gw", "api", "eu-west", "us"))
    return f"{label}{rng.randint(1, 9999)}.{bare}"


def rows(vendor, product, revision, table):
    """Expand a row with a list of port items into one Requirement an item."""
    return [Requirement(vendor, product, revision, key, transport, item, tuple(patterns),
                        tuple(kinds), **extra)
            for key, transport, items, patterns, kinds, extra in table
            for item in items.split()]


TLS, WEB, RAW, UDP = ("tls",), ("http",), ("raw", "tls"), ("udp", "rtp")
CALLS = ["*.calls.sendbird.com"]
SIGNAL = ["*.sfu.whereby.com", "*.sfu.svc.whereby.com", "*.srv.whereby.com",
          "*.svc.whereby.com", "*.appearin.net"]
TURN = ["*.turn.whereby.com", "*.turn.svc.whereby.com", "turnserver.appearin.net"]
SHARED = ["*.posthog.com", "*.sentry.io", "*.helpscout.net", "*.amazonaws.net", "*.cloudfront.net"]
WEB_2020 = [".agora.io", ".edge.agora.io", ".agoraio.cn", ".edge.agoraio.cn"]
RTM_WEB_2020 = WEB_2020 + [
    "ap-web-1.agora.io", "ap-web-1.agoraio.cn", "ap-web-2.agora.io", "ap-web-2.agoraio.cn",
    "webcollector-rtm.agora.io", "logservice-rtm.agora.io", "webcollector-rtm.agoraio.cn",
    "logservice-rtm.agoraio.cn"]
NATIVE_2018 = [".agora.io", *(f"vocs{i}.agora.io" for i in range(1, 6)), "qoslbs.agoralab.co",
               "qos.agoralab.co", *(f"ap{i}.agora.io" for i in range(1, 6))]
AGORA_2018 = [".agora.io", "vocs.agora.io", "qoslbs.agora.io", "qos.agora.io"]

SENDBIRD = rows("sendbird", "calls", "undated", [
    ("signaling", "tcp", "443", CALLS, TLS, {}),
    ("media", "udp", "5349", CALLS, ("turn-udp", "dtls"), {}),
    ("peer-to-peer", "udp", "1024-65535", [], ("ice",), {}),
])


def whereby(revision, more=()):
    return rows("whereby", "meetings", revision, [
        ("signaling", "tcp", "443", SIGNAL, TLS, {}),
        ("turn-tls", "tcp", "443", TURN, ("turn-tcp", "turn-tls"), {}),
        ("turn-udp", "udp", "443", TURN, ("turn-udp",), {}),
        ("high-ports", "udp", "1024-65535", [], ("ice",), {}),
        *more,
    ])


AGORA = {
    "web-2020": rows("agora", "rtc-web", "2020-09-15", [
        ("tcp", "tcp", "80", WEB_2020, WEB, {}),
        ("tcp", "tcp", "443 3433 5668 5669 5866-6000 6080 6443 8667 9667 30011-30013", WEB_2020,
         TLS, {}),
        ("udp", "udp", "3478", WEB_2020, ("turn-udp",), {}),
        ("udp", "udp", "5866-6000 10000-65535", WEB_2020, UDP, {}),
    ]),
    "rtm-native-2020": rows("agora", "rtm-native", "2020-09-15", [
        ("tcp", "tcp", "9130 9131", [".agora.io"], RAW, {}),
        ("udp", "udp", "8000 1080 25000", [".agora.io"], UDP, {}),
    ]),
    "rtm-web-2020": rows("agora", "rtm-web", "2020-09-15", [
        ("tcp", "tcp", "443 6443 9591 9593", RTM_WEB_2020, TLS, {}),
    ]),
    "native-2018": rows("agora", "rtc-native", "2018-11-06", [
        ("tcp", "tcp", "1080 8000 9700 25000 30000", NATIVE_2018, RAW, {}),
        ("udp", "udp", "1080 4000-4030 7000 8000 8913 9700 25000", NATIVE_2018, UDP, {}),
    ]),
    "web-2018": rows("agora", "rtc-web", "2018-11-06", [
        ("tcp", "tcp", "80", [".agora.io"], WEB, {}),
        ("tcp", "tcp", "443 3433 5668 5669 5866-5890 6080 6443 8667 9667", [".agora.io"], TLS, {}),
        ("udp", "udp", "3478", [".agora.io"], ("turn-udp",), {}),
        ("udp", "udp", "10000-65535", [".agora.io"], UDP, {}),
    ]),
    "signaling-2018": rows("agora", "signaling", "2018-11-06", [
        ("tcp", "tcp", "1080 8001-8199", [".agora.io"], RAW, {}),
        ("udp", "udp", "8180-8199", [".agora.io"], UDP, {}),
    ]),
    "recording-2018": rows("agora", "recording", "2018-11-06", [
        ("tcp", "tcp", "1080 8000", AGORA_2018, RAW, {}),
        ("udp", "udp", "1080 4000-4030 8000 9700 25000", AGORA_2018, UDP, {}),
        # The port is the recorder's own; the range is the one the document recommends.
        ("downstream", "udp", "40000-41000", [], ("downstream",), {"simplex": True}),
    ]),
    "gaming-2018": rows("agora", "gaming", "2018-11-06", [
        ("tcp", "tcp", "1080 8000", AGORA_2018, RAW, {}),
        ("udp", "udp", "1080 4000-4030 8000 9700 25000", AGORA_2018, UDP, {}),
    ]),
}
WHEREBY = {
    # Names that others use too: nothing that a laboratory client could try proves this row.
    "whereby-2025": whereby("2025-01-31", [("supporting-services", "tcp", "443", SHARED, (), {})]),
    "whereby-2024": whereby("2024-11-19"),
}

#: Every product revision by the laboratory's name for it.
PRODUCTS = {"sendbird": SENDBIRD, **WHEREBY, **AGORA}


def choose(seed):
    """The product revisions of one seed: one a vendor, so that every flow has one home."""
    agora = sorted(AGORA)
    return ["sendbird", sorted(WHEREBY)[seed % 2], agora[seed % len(agora)]]


def name_for(requirement, rng: random.Random, taken):
    """A fresh host name under one of the rule's patterns, wildcards mostly."""
    wild = [p for p in requirement.patterns if rank_of(p, p.lstrip("*.")) != (1, len(p))]
    exact = [p for p in requirement.patterns if p not in wild and p not in taken]
    for _ in range(100):
        pool = exact if exact and rng.random() < 0.3 else wild
        name = fitting_name(rng.choice(pool), rng)
        if name not in taken:
            taken.add(name)
            return name
    raise RuntimeError(f"no free name for {requirement.identity}")
