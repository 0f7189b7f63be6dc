"""What may be done to an attempt: by the firewall, a router, the server, a proxy or the DNS.

TREATMENTS maps a name to the behaviours it fits, what it changes in a draft, and the address family
it needs.
"""

from . import topology
from .dns import NOERROR, NXDOMAIN, REFUSED, SERVFAIL, Answer
from .firewall import CHANNEL_DATA, CLIENT_HELLO, HAS_PAYLOAD, RTP
from .services import PROXY_AUTH_PORT, PROXY_PORT, WEB_PROXY_PORT

HELLO = ("tls", "turn-tls")  # behaviours whose first payload is a ClientHello
TCP = ("tls", "http", "raw", "turn-tcp", "turn-tls")
UDP = ("udp", "rtp", "ice", "turn-udp", "dtls")
NAMED = tuple(kind for kind in TCP + UDP if kind != "ice")  # a neighbour's name would mislead
ISLE = ("tls", "raw", "udp", "rtp")  # what a server that can disappear answers
#: Treatments that only another connection to the same server can tell from a device's doing, and
#: those that a neighbour turns from a block into the server's own refusal.
NEIGHBOUR_NEEDED = ("forged-unreachable", "forged-prohibited")
NEIGHBOUR_TELLS = ("server-closed", "server-reset-hello", "reset")
#: ICMP type 3 codes and ICMPv6 type 1 codes that nftables can send.
ICMP4 = {"net": 0, "host": 1, "protocol": 2, "port": 3, "net-prohibited": 9,
         "host-prohibited": 10, "admin-prohibited": 13}
ICMP6 = {"no-route": 0, "admin-prohibited": 1, "address": 3, "port": 4, "policy-fail": 5,
         "reject-route": 6}
PROHIBITED4, PROHIBITED6 = {9, 10, 13}, {1, 5, 6}
TURN_ERRORS = (403, 437, 442, 486, 500, 508)


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


def at_router(kind):
    """The last router before the server has no way to it, and says so."""
    def apply(draft, attempt, passage):
        draft.closed_routes[attempt.server] = kind
    return apply


def forged(code4, code6):
    """The firewall refuses in the server's name."""
    def apply(draft, attempt, passage):
        code = f"icmpv6 {code6}" if attempt.ipv6 else f"icmp {code4}"
        passage.outward = (f"{{hit}} reject with {code}",)
        passage.forged = True
    return apply


def on_isle(event):
    """The server stands alone, and `event` takes it away in the middle of its first answer."""
    def apply(draft, attempt, passage):
        attempt.vanishes = event
    return apply


def stubborn(effect):
    """The client never gives up: it goes on asking until the capture ends."""
    def apply(draft, attempt, passage):
        effect(draft, attempt, passage)
        attempt.stubborn = True
    return apply


def no_proxy(behaviour):
    """The client takes a web server for its proxy."""
    def apply(draft, attempt, passage):
        attempt.proxy, attempt.proxy_address = WEB_PROXY_PORT, attempt.server
        passage.port = WEB_PROXY_PORT
        draft.plan.tcp[attempt.server] = behaviour
    return apply


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
    "allow": (TCP + UDP + ("stun", "downstream", "quic", "swarm"), nothing, 0),
    "nobody": (("announce", "probe"), nothing, 0),
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
    "proxy-web-400": (("tls",), no_proxy("connect-400"), 0),
    "proxy-via-405": (("tls",), no_proxy("connect-405"), 0),
    "path-probe": (("udp",), path_probe, 4),
    "server-closed": (TCP + UDP, nothing, 0),
    "server-silent": (TCP + UDP, at_server("silent"), 0),
    "server-alert": (("tls",), at_server("alert-112"), 0),
    "server-alert-49": (("tls",), at_server("alert-49"), 0),
    "server-alert-40": (("tls",), at_server("alert-40"), 0),
    "server-alert-70": (("tls",), at_server("alert-70"), 0),
    "server-plain-400": (("tls",), at_server("plain-400"), 0),
    "server-plain-403": (("tls",), at_server("plain-403"), 0),
    "server-reset-hello": (("tls", "http", "raw"), at_server("reset-first"), 0),
    "server-close-hello": (("tls", "http", "raw"), at_server("close-first"), 0),
    "name-mismatch": (("tls",), at_server("mismatch"), 0),
    "distrusted": (("tls",), distrusted, 0),
    "late-reset": (("tls", "http"), at_server("late-reset"), 0),
    "http-403": (("http",), at_server("http-403"), 0),
    "http-451": (("http",), at_server("http-451"), 0),
    "http-511": (("http",), at_server("http-511"), 0),
    "http-redirect": (("http",), at_server("http-redirect"), 0),
    "router-unreachable": (TCP + UDP, at_router("unreachable"), 0),
    "router-prohibited": (TCP + UDP, at_router("prohibit"), 0),
    "forged-unreachable": (NAMED, forged(ICMP4["port"], ICMP6["port"]), 0),
    "forged-prohibited": (
        NAMED, forged(ICMP4["admin-prohibited"], ICMP6["admin-prohibited"]), 0),
    "isle-ends": (ISLE, on_isle("ends"), 0),
    "isle-renumbered": (ISLE, on_isle("renumbered"), 0),
    "isle-unplugged": (ISLE, on_isle("unplugged"), 0),
    "stubborn-drop": (TCP + UDP + ("stun", "quic"), stubborn(on_firewall(["{hit} drop"])), 0),
    "dns-silent-stubborn": (TCP + UDP, stubborn(in_dns(silent=True)), 0),
    **{f"turn-error-{code}": (("turn-udp",), at_server(f"turn-error-{code}"), 0)
       for code in TURN_ERRORS},
}
