"""Single situations, each small enough for a capture that stands beside the tests.

A scenario draws up its attempts by hand, and may edit the capture afterwards (cut it short, drop a
direction) where the situation is one of the capture and not of the network; then it says itself
what the edited capture still proves.
"""

from dataclasses import dataclass, field

from . import captures, noise, policy, products
from .unanswered import ANNOUNCEMENTS

SENDBIRD, WHEREBY, NATIVE, WEB, RECORDING = (
    "sendbird", "whereby-2025", "native-2018", "web-2018", "recording-2018")


@dataclass
class Scenario:
    """`build` fills a draft; `edit` maps frames and the record to frames; `expect` overrides."""

    title: str
    product: str
    build: object
    edit: object = None
    expect: dict = field(default_factory=dict)  # of the first attempt's flow and requirement
    world: str = "plain"
    place: str = "mirror"


def draft(name, world):
    """The draft of a scenario."""
    scenario = SCENARIOS[name]
    result = policy.Draft(name, world)
    result.products = [scenario.product]
    scenario.build(result)
    return result


def requirement(product, key, ports):
    return next(r for r in products.PRODUCTS[product] if (r.key, r.ports) == (key, ports))


def one(product, key, ports, behaviour, treatment, control=True, **extra):
    """One attempt of client 1, with a web page that works for it as the control."""
    def build(draft_):
        draft_.add(behaviour, treatment, requirement=requirement(product, key, ports), client=1,
                   delay=0.3, **extra)
        if control:
            noise.visit(draft_, 1, "control", "www.example.net", "allow", delay=0.1)
    return build


def after_signaling(product, key, ports, behaviour, treatment, **extra):
    """An attempt that context attributes: live signaling first."""
    def build(draft_):
        signal = next(r for r in products.PRODUCTS[product] if r.signals)
        draft_.add(behaviour, treatment, requirement=requirement(product, key, ports), client=1,
                   delay=0.3, after_signal=True, **extra)
        draft_.add("raw" if "raw" in signal.behaviours else "tls", "allow", requirement=signal,
                   client=1, delay=0.1)
    return build


def signaling(treatment, **extra):
    return one(WHEREBY, "signaling", "443", "tls", treatment, **extra)


def web(treatment):
    return one(WEB, "tcp", "80", "http", treatment)


def native(treatment, behaviour="raw", ports="9700"):
    return one(NATIVE, "tcp", ports, behaviour, treatment)


def datagrams(treatment, behaviour="udp"):
    return one(NATIVE, "udp", "8913", behaviour, treatment)


def relay(treatment):
    return one(SENDBIRD, "media", "5349", "turn-udp", treatment)


def peers(treatment):
    return after_signaling(SENDBIRD, "peer-to-peer", "1024-65535", "ice", treatment)


def quic(treatment):
    def build(draft_):
        draft_.add("quic", treatment, client=1, transport="udp", port=443, noise="quic",
                   name="www.example.org", delay=0.3)
        noise.visit(draft_, 1, "control", "www.example.net", "allow", delay=0.1)
    return build


def families(fate, later=-0.25):
    """The same name over both families, as browsers race them: IPv4 works, IPv6 does not."""
    def build(draft_):
        policy.add_families(draft_, requirement(WHEREBY, "signaling", "443"), 1, fate, later,
                            loser_ipv6=True)
    return build


def beside_neighbour(treatment):
    """A refusal at a server of which another port answers somebody else."""
    def build(draft_):
        signaling(treatment)(draft_)
        if not any(a.noise == "neighbour" for a in draft_.attempts):
            draft_.add_neighbour(draft_.attempts[0])
    return build


def announcements(draft_):
    """What goes to everybody or one way, beside a page that works."""
    for kind, row in ANNOUNCEMENTS.items():
        attempt = draft_.add("announce", "nobody", client=1, transport="udp", port=row[2],
                             noise=kind, behaviour_option=kind, server=row[0], delay=0.3)
        draft_.plan.udp[attempt.server] = "silent"
    noise.visit(draft_, 1, "control", "www.example.net", "allow", delay=0.1)


def dead_peers(draft_):
    noise.add_dead_peers(draft_)
    noise.visit(draft_, 1, "control", "www.example.net", "allow", delay=0.1)


def two_pairs(draft_):
    """Two candidate pairs of one ICE session: the first is dropped, the second carries the call."""
    peers("drop")(draft_)
    lost = draft_.attempts[0]
    won = draft_.add("ice", "allow", requirement=lost.requirement, client=1, delay=0.3,
                     after_signal=True)
    won.ice_own, won.ice_peer = lost.ice_own, lost.ice_peer


def alone(draft_):
    """A failure without any control: the client does nothing else that works."""
    signaling("drop", control=False)(draft_)


# edits


def of_first(record):
    """(local, remote) of the first attempt's flow."""
    report = record["attempts"][0]["report"]
    return tuple(report["local"]), tuple(report["remote"])


def belongs(frame, local, remote):
    """+1 for a frame from the client of the flow, -1 for one to it, 0 for any other."""
    layer, ports = frame.ip(), frame.ports()
    if ports is None:
        return 0
    here, there = (layer[2], ports[0]), (layer[3], ports[1])
    return 1 if (here, there) == (local, remote) else -1 if (there, here) == (local, remote) else 0


def from_payload(frames, record):
    """Nothing before the first payload of the flow: the capture began in the middle of it."""
    local, remote = of_first(record)
    start = next(i for i, f in enumerate(frames) if belongs(f, local, remote)
                 and f.ip()[1] == captures.TCP and f.tcp_payload())
    return frames[start:]


def half_a_second_after(frames, record):
    """The capture ends half a second after the flow's first packet."""
    local, remote = of_first(record)
    start = next(f.time for f in frames if belongs(f, local, remote))
    return [f for f in frames if f.time < start + 500_000]


def outgoing_only(frames, record):
    """The tap sees what the clients send and nothing else."""
    clients = {attempt["client_address"] for attempt in record["attempts"]}
    return [f for f in frames if f.ip() is None or f.ip()[2] in clients]


def without_server_data(frames, record):
    """The server's payload was lost by the tap: the client acknowledges what nobody saw."""
    local, remote = of_first(record)
    return [f for f in frames if belongs(f, local, remote) != -1 or not f.tcp_payload()]


def cut_short(frames, record):
    return captures.cut(frames, 66)


def verdict(outcome, why="", **more):
    status = {"passed": "observed"}.get(outcome, outcome)
    return {"outcome": outcome, "status": status, "inconclusive_reason": why, **more}


SCENARIOS = {
    "signaling-passed": Scenario("TLS signaling that works", WHEREBY, signaling("allow")),
    "proxy-passed": Scenario("signaling through a CONNECT proxy", WHEREBY,
                             signaling("proxy-allow")),
    "relay-passed": Scenario("TURN over UDP: allocation, channel, media", SENDBIRD,
                             relay("allow")),
    "relay-tcp-passed": Scenario("TURN over TCP on 443", WHEREBY,
                                 one(WHEREBY, "turn-tls", "443", "turn-tcp", "allow")),
    "relay-tls-passed": Scenario("TURN over TLS on 443", WHEREBY,
                                 one(WHEREBY, "turn-tls", "443", "turn-tls", "allow")),
    "peer-passed": Scenario("ICE, DTLS and media between peers", SENDBIRD, peers("allow")),
    "downstream-passed": Scenario("media that only comes in, to a recorder", RECORDING,
                                  after_signaling(RECORDING, "downstream", "40000-41000",
                                                  "downstream", "allow")),
    "dns-nxdomain": Scenario("the name does not exist", WHEREBY, signaling("dns-nxdomain")),
    "dns-refused": Scenario("the resolver refuses", WHEREBY, signaling("dns-refused")),
    "dns-servfail": Scenario("the resolver fails", WHEREBY, signaling("dns-servfail")),
    "dns-timeout": Scenario("the resolver stays silent", WHEREBY, signaling("dns-silent")),
    "dns-sinkhole": Scenario("the name resolves to nowhere", WHEREBY,
                             signaling("dns-sinkhole-unspecified")),
    "dns-extended-error": Scenario("the resolver says that policy blocks the name", WHEREBY,
                                   signaling("dns-ede-17")),
    "tcp-timeout": Scenario("SYNs are dropped", WHEREBY, signaling("drop")),
    "tcp-timeout-alone": Scenario("SYNs are dropped, and nothing else works", WHEREBY, alone),
    "tcp-replies-dropped": Scenario("only the answers are dropped", WHEREBY,
                                    signaling("replies-drop")),
    "tcp-reset": Scenario("the firewall resets the SYN", WHEREBY, signaling("reset")),
    "tcp-closed": Scenario("the server itself refuses", WHEREBY, signaling("server-closed")),
    "tcp-closed-known": Scenario("a closed port of a server that answers elsewhere", WHEREBY,
                                 beside_neighbour("server-closed")),
    "udp-closed": Scenario("the server itself says that its port is closed", NATIVE,
                           datagrams("server-closed")),
    "icmp-by-router": Scenario("a router before the server has no way to it", WHEREBY,
                               signaling("router-unreachable")),
    "icmp-forged": Scenario("the firewall refuses in the server's name", WHEREBY,
                            signaling("forged-unreachable")),
    "server-ends": Scenario("the server's process ends, and is asked again", NATIVE,
                            native("isle-ends")),
    "server-renumbered": Scenario("the server loses its address in mid-call", NATIVE,
                                  native("isle-renumbered")),
    "server-unplugged": Scenario("the server's link goes down in mid-call", NATIVE,
                                 datagrams("isle-unplugged", "rtp")),
    "never-gives-up": Scenario("datagrams vanish, and are sent until the capture ends", NATIVE,
                               datagrams("stubborn-drop")),
    "icmp-prohibited-tcp": Scenario("administratively prohibited", WHEREBY,
                                    signaling("reject4-admin-prohibited")),
    "icmp-unreachable-tcp": Scenario("host unreachable", WHEREBY, signaling("reject4-host")),
    "icmp-prohibited-udp": Scenario("prohibited, for datagrams", NATIVE,
                                    datagrams("reject4-admin-prohibited")),
    "icmp-unreachable-udp": Scenario("port unreachable, from the firewall", NATIVE,
                                     datagrams("reject4-port")),
    "icmp-prohibited-ipv6": Scenario("prohibited by ICMPv6", WHEREBY,
                                     signaling("reject6-policy-fail"), world="ipv6"),
    "tls-timeout": Scenario("the ClientHello is dropped", WHEREBY, signaling("hello-drop")),
    "tls-reset": Scenario("the firewall resets on the ClientHello", WHEREBY,
                          signaling("hello-reset")),
    "tls-reset-by-server": Scenario("the server itself resets on the ClientHello", WHEREBY,
                                    signaling("server-reset-hello")),
    "tls-close-by-server": Scenario("the server closes on the ClientHello", WHEREBY,
                                    signaling("server-close-hello")),
    "payload-timeout": Scenario("the first payload is dropped", NATIVE, native("hello-drop")),
    "payload-reset": Scenario("the first payload is reset", NATIVE, native("hello-reset")),
    "tls-alert": Scenario("a fatal alert is the server's first word", WHEREBY,
                          signaling("server-alert")),
    "tls-capability-alert": Scenario("the server speaks no such version", WHEREBY,
                                     signaling("server-alert-70")),
    "plain-answer": Scenario("a plain-text answer to the ClientHello", WHEREBY,
                             signaling("server-plain-400")),
    "plain-denial": Scenario("a plain-text denial as the answer to the ClientHello", WHEREBY,
                             signaling("server-plain-403")),
    "payload-close-by-server": Scenario("the server closes after the first payload", NATIVE,
                                        native("server-close-hello")),
    "tls-name-mismatch": Scenario("somebody else's certificate", WHEREBY,
                                  signaling("name-mismatch")),
    "http-denied": Scenario("403 on the vendor's plain port", WEB, web("http-403")),
    "http-led-away": Scenario("a redirect to another site", WEB, web("http-redirect")),
    "proxy-denied": Scenario("the proxy answers 403", WHEREBY, signaling("proxy-refuse")),
    "proxy-authentication": Scenario("the proxy answers 407 and nobody answers it", WHEREBY,
                                     signaling("proxy-auth")),
    "proxy-is-none": Scenario("a web server answers CONNECT with 400", WHEREBY,
                              signaling("proxy-web-400")),
    "proxy-timeout": Scenario("the proxy does not answer", WHEREBY, signaling("proxy-silent")),
    "udp-timeout": Scenario("datagrams of a vendor's own vanish", NATIVE, datagrams("drop")),
    "media-timeout": Scenario("RTP vanishes", NATIVE, datagrams("drop", "rtp")),
    "stun-timeout": Scenario("connectivity checks vanish", SENDBIRD, peers("drop")),
    "turn-timeout": Scenario("Allocate requests vanish", SENDBIRD, relay("drop")),
    "dtls-timeout": Scenario("DTLS hellos vanish", SENDBIRD,
                             one(SENDBIRD, "media", "5349", "dtls", "drop")),
    "quic-timeout": Scenario("QUIC Initials vanish", WHEREBY, quic("drop")),
    "one-way-relay": Scenario("relayed media does not come back", SENDBIRD,
                              relay("media-one-way")),
    "one-way-peer": Scenario("checks are answered, media is not", SENDBIRD,
                             peers("media-one-way")),
    "mtu-reported": Scenario("fragmentation needed", WHEREBY, signaling("mtu-icmp")),
    "mtu-silent": Scenario("large packets vanish", WHEREBY, signaling("mtu-silent")),
    "intercept-rejected": Scenario("the client mistrusts what answers", WHEREBY,
                                   signaling("distrusted")),
    "late-reset": Scenario("a reset after data both ways", WHEREBY, signaling("late-reset")),
    "interrupted": Scenario("a UDP session dies in mid-call", NATIVE, datagrams("dies", "rtp")),
    "rate-limited": Scenario("a rate limit thins the media out", NATIVE,
                             datagrams("rate-limit", "rtp")),
    "ttl-exceeded": Scenario("a probe dies on the way, the rest arrives", NATIVE,
                             datagrams("path-probe")),
    "turn-forbidden": Scenario("the TURN server answers 403", SENDBIRD, relay("turn-error-403")),
    "turn-capacity": Scenario("the TURN server answers 508", SENDBIRD, relay("turn-error-508")),
    "no-answer": Scenario("a server that listens in silence", NATIVE, native("server-silent")),
    "losing-family": Scenario("IPv6 is dropped, IPv4 of the same name works", WHEREBY,
                              families("drop")),
    "refused-family": Scenario("IPv6 is refused by the firewall, IPv4 works", WHEREBY,
                               families("reject-admin-prohibited")),
    "late-family": Scenario("IPv6 is tried again, and dropped, long after IPv4 worked", WHEREBY,
                            families("drop", 4.5)),
    "losing-pair": Scenario("one candidate pair is dropped, another works", SENDBIRD, two_pairs,
                            expect=verdict("inconclusive", "losing_candidate",
                                           status="observed")),
    "not-attempted": Scenario("nothing of the vendor was tried", WHEREBY,
                              lambda d: noise.visit(d, 1, "control", "www.example.net", "allow")),
    "announcements": Scenario("multicast, broadcast and one-way protocols", WHEREBY,
                              announcements),
    "dead-peers": Scenario("probes of hosts that are gone, and a swarm", WHEREBY, dead_peers),
    "noise": Scenario("traffic of no vendor", SENDBIRD, noise.add_noise),
    "seen-midway-passed": Scenario("the capture began in the middle of a connection", WHEREBY,
                                   signaling("allow"), from_payload,
                                   verdict("passed", notes=["midstream"])),
    "seen-midway": Scenario("the capture began after the handshake, and nothing comes back",
                            WHEREBY, signaling("hello-drop"), from_payload,
                            verdict("inconclusive", "midstream")),
    "capture-ended": Scenario("the capture ended before silence could be told", WHEREBY,
                              signaling("drop"), half_a_second_after,
                              verdict("inconclusive", "capture_ended")),
    "one-sided": Scenario("the tap sees one direction only", WHEREBY, signaling("allow"),
                          outgoing_only, verdict("inconclusive", "one_sided_capture")),
    "capture-loss": Scenario("the tap lost the server's data", WHEREBY, signaling("allow"),
                             without_server_data, verdict("passed", notes=["capture_loss"])),
    "truncated": Scenario("the snap length hides whether it was TLS that got no answer", WHEREBY,
                          signaling("server-silent"), cut_short,
                          # The names are cut off too, so the flow belongs to nobody.
                          verdict("inconclusive", "truncated", status="unmatched")),
}
