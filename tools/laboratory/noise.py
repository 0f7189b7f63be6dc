"""Traffic that belongs to no rule: none of it may be attributed to a vendor."""

import ipaddress

from . import dns, products, topology
from .unanswered import ANNOUNCEMENTS

#: Names that look like a vendor's and are covered by no pattern of its documents.
LOOK_ALIKES = ("agora.io.example.net", "notagora.io", "calls.sendbird.com", "whereby.com",
               "www.whereby.com", "turn.whereby.com.example.org", "my-calls.sendbird.com")
ELSEWHERE = ("www.example.net", "news.example.org", "static.cdn.example.net", "login.example.com")


def add_noise(draft):
    """A control for most clients, and the usual chatter of a network."""
    rng = draft.rng
    for client in range(1, 9):
        if client > 6 or rng.random() < 0.85:
            visit(draft, client, "control", rng.choice(ELSEWHERE), "allow", delay=0.2)
    for client in (7, 8, rng.randint(1, 6)):
        visit(draft, client, "look-alike", rng.choice(LOOK_ALIKES), "allow")
    visit(draft, 7, "blocked elsewhere", "video.example.org", "drop")
    visit(draft, 8, "reset elsewhere", "games.example.org", "reset")
    # A vendor's name on a port its document does not have: the vendor's, but no rule's. From a host
    # without peer-to-peer traffic, so that it signals for nobody.
    row = rng.choice([r for title in draft.products for r in products.PRODUCTS[title]
                      if r.patterns and r.behaviours])
    draft.add("tls", "allow", client=6, transport="tcp", port=4443, noise="undocumented port",
              name=products.name_for(row, rng, draft.taken))
    draft.add("http", "allow", client=7, transport="tcp", port=80, noise="plain web",
              name=unique(draft, "www.example.com"))
    # A STUN server asked without ICE attributes proves no peer-to-peer rule, whoever asks.
    for client in (rng.randint(1, 3), 7):
        draft.add("stun", "allow", client=client, transport="udp",
                  port=rng.choice((3478, 19302)), noise="stun server",
                  name=unique(draft, "stun.example.org"))
    # Peer-to-peer traffic of a host that talks to no vendor.
    draft.add("ice", "allow", client=8, transport="udp", port=rng.randint(20000, 60000),
              noise="peer without signaling")
    draft.add("rtp", "allow", client=7, transport="udp", port=rng.randint(20000, 60000),
              noise="media without signaling")
    draft.add("udp", rng.choice(("allow", "drop")), client=rng.randint(7, 8), transport="udp",
              port=rng.randint(20000, 60000), noise="unknown datagrams")
    add_announcements(draft)
    add_dead_peers(draft)


def add_announcements(draft):
    """What goes to everybody, and what goes one way only: nobody answers, and nothing is wrong."""
    rng = draft.rng
    kinds = [kind for kind, row in ANNOUNCEMENTS.items() if row[1] or not row[0] or not draft.ipv6]
    for kind in rng.sample(kinds, 5):
        v4, v6, port, *_ = ANNOUNCEMENTS[kind]
        attempt = draft.add("announce", "nobody", client=rng.randint(1, 8), transport="udp",
                            port=port, noise=kind, behaviour_option=kind,
                            server=v6 if draft.ipv6 else v4)
        draft.plan.udp[attempt.server] = "silent"


def add_dead_peers(draft):
    """Probes of hosts that are gone, and a swarm of peers of which one is there."""
    rng = draft.rng
    for transport, client in (("tcp", 7), ("tcp", rng.randint(1, 6)), ("udp", 8)):
        draft.add("probe", "nobody", client=client, transport=transport, noise="dead peer",
                  port=rng.choice((22, 443, 445, 3389, 5060, 6881)), server=dead_peer(draft))
    draft.add("swarm", "allow", client=rng.randint(6, 8), transport="udp", noise="swarm",
              port=rng.randint(20000, 60000),
              options={"gone": [(dead_peer(draft), rng.randint(20000, 60000)) for _ in range(3)]})


def dead_peer(draft):
    """An address of the internet that nobody has, and about which nobody says so."""
    network = ipaddress.ip_network(topology.DEAD6 if draft.ipv6 else topology.DEAD4)
    return str(network[draft.rng.randint(1, 65000)])


def visit(draft, client, noise, name, treatment, delay=None):
    draft.add("tls", treatment, client=client, transport="tcp", port=443, noise=noise,
              name=unique(draft, name), delay=delay)


def unique(draft, name):
    """The same public name may be used by several hosts; each gets an address of its own."""
    if name in draft.plan.names:
        name = f"h{len(draft.attempts)}.{name}" if name not in LOOK_ALIKES else \
            f"h{len(draft.attempts)}.notagora.io"
    draft.plan.names[name] = dns.Answer()
    return name
