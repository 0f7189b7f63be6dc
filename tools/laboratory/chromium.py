"""A real WebRTC call: headless Chromium behind the firewall, aiortc on the internet.

The page signals over HTTPS at a Whereby name; its media goes through coturn over UDP, TCP or TLS,
or straight to the far end. What the browser's statistics say is the first witness of the call, the
firewall's counters are the second.

    python -m laboratory.chromium --mode MODE --out DIRECTORY
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from . import captures, firewall, products, sandbox, services, taps, topology
from .dns import Answer
from .topology import inside
from .expectations import Expected, blocked

RUN = Path("/run/laboratory")
SIGNALING, RELAY, STUN = "call1.srv.whereby.com", "relay1.turn.whereby.com", "stun.example.org"
FAR_END = "192.0.2.40"  # where the page is served; media leaves from the namespace's own address
FAR_MEDIA4, FAR_MEDIA6 = topology.NET4, topology.NET6
RELAY_ADDRESS, RELAY_TLS_ADDRESS = "203.0.113.140", "203.0.113.201"
SECONDS = 4.5
PRODUCT = "whereby-2025"
PASSED = Expected("passed")
CREDENTIALS = {"username": services.TURN_USER, "credential": services.TURN_PASSWORD}


def turn(scheme, transport):
    return {"urls": f"{scheme}:{RELAY}:443?transport={transport}", **CREDENTIALS}


@dataclass(frozen=True)
class Mode:
    """How a call goes, and the rule whose requirement carries its media."""

    title: str
    servers: tuple
    carrier: str
    transport: str = "udp"
    relayed: bool = True
    secure: bool = False  # TURN inside TLS
    ipv6: bool = False
    udp_blocked: bool = False

    def configuration(self):
        """The page's RTCConfiguration."""
        return {"iceServers": list(self.servers),
                "iceTransportPolicy": "relay" if self.relayed else "all"}


PLAIN_STUN = {"urls": f"stun:{STUN}:3478"}
MODES = {
    "chromium-direct": Mode("a browser's call straight to the far end", (PLAIN_STUN,),
                            "high-ports", relayed=False),
    "chromium-direct-ipv6": Mode("the same over IPv6", (PLAIN_STUN,), "high-ports",
                                 relayed=False, ipv6=True),
    "chromium-relay-udp": Mode("a browser's call through coturn over UDP",
                               (turn("turn", "udp"),), "turn-udp"),
    "chromium-relay-tcp": Mode("a browser's call through coturn over TCP",
                               (turn("turn", "tcp"),), "turn-tls", "tcp"),
    "chromium-relay-tls": Mode("a browser's call through coturn over TLS",
                               (turn("turns", "tcp"),), "turn-tls", "tcp", secure=True),
    "chromium-fallback": Mode("UDP to the relay is dropped, the call falls back to TCP",
                              (turn("turn", "udp"), turn("turn", "tcp")), "turn-tls", "tcp",
                              udp_blocked=True),
}


class BrowserCall:
    """One call in one sandbox."""

    def __init__(self, mode, out):
        self.name, self.mode, self.out = mode, MODES[mode], out
        self.result = RUN / "result.json"
        self.topology = topology.Topology(2)
        self.relay_address = RELAY_TLS_ADDRESS if self.mode.secure else RELAY_ADDRESS

    def build(self):
        self.topology.build()
        taps.make_mirrors(self.topology.clients)
        client = self.topology.client4(1)
        self.passages = [
            firewall.Passage(1, client, FAR_END, "tcp", 443),
            firewall.Passage(2, client, self.relay_address, "udp", 443,
                             outward=("{hit} drop",) if self.mode.udp_blocked else ()),
            firewall.Passage(3, client, self.relay_address, "tcp", 443),
        ]
        firewall.load(self.passages)
        if not self.mode.ipv6:
            with inside("c1"):
                topology.sysctl("net.ipv6.conf.all.disable_ipv6", 1)
        sandbox.use_resolver(topology.RESOLVER4)

    async def run(self):
        plan = services.Plan(names={
            SIGNALING: Answer(v4=FAR_END), RELAY: Answer(v4=self.relay_address),
            STUN: Answer(v4="198.51.100.34")},
            certificate_names={SIGNALING, RELAY})
        internet = services.Internet(plan, RUN)
        await internet.start()
        self.start_far_end(internet)
        await services.wait_for_listener("net", FAR_END, 443)
        tap = taps.Tap("mirror", self.out / f"{self.name}.pcap")
        browser = self.start_browser(internet)
        waited = await self.wait_for_result()
        await asyncio.sleep(3.5)
        browser.kill()
        browser.wait()
        dropped = tap.stop()
        counters = firewall.read_counters()
        internet.stop()
        if not waited:
            raise RuntimeError("the page never reported a result")
        return self.record(json.loads(self.result.read_text()), counters, dropped)

    def start_far_end(self, internet):
        settings = json.dumps({"peer": self.mode.configuration(), "seconds": SECONDS})
        with inside("net"):
            internet.spawn(sys.executable, "-m", "laboratory.far_end", FAR_END,
                           str(RUN / "good.pem"), settings, str(self.result))

    def start_browser(self, internet):
        home = RUN / "home"
        home.mkdir()
        self.trust_authority(home, internet.certificates.ca_file)
        with inside("c1"):
            return subprocess.Popen(
                ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                 "--disable-dev-shm-usage", "--ignore-certificate-errors",
                 "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                 "--autoplay-policy=no-user-gesture-required", "--no-first-run",
                 f"--user-data-dir={home}/profile", f"https://{SIGNALING}/"],
                env={"HOME": str(home), "PATH": "/usr/bin:/bin:/usr/sbin"},
                stdout=(self.out / "chromium.log").open("w"), stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL)

    def trust_authority(self, home, ca_file):
        """TURN over TLS checks its certificate: give the browser the laboratory's authority."""
        store = home / ".pki/nssdb"
        store.mkdir(parents=True)
        for command in (["certutil", "-N", "--empty-password", "-d", f"sql:{store}"],
                        ["certutil", "-A", "-n", "laboratory", "-t", "C,,", "-i", ca_file,
                         "-d", f"sql:{store}"]):
            subprocess.run(command, check=True, capture_output=True)

    async def wait_for_result(self):
        for _ in range(600):
            if self.result.exists() and self.result.stat().st_size:
                return True
            await asyncio.sleep(0.1)
        return False

    def record(self, page, counters, dropped):
        """What both witnesses say."""
        streams = [entry for entry in page.get("stats", [])
                   if entry["type"] in ("outbound-rtp", "inbound-rtp")]
        return {
            "mode": self.name, "state": page["state"], "error": page.get("error", ""),
            "dropped_by_kernel": dropped,
            "client": self.topology.client4(1), "relay": self.relay_address,
            "counters": counters,
            "pairs": [entry for entry in page.get("stats", [])
                      if entry["type"] == "candidate-pair" and entry.get("nominated")],
            "candidates": [entry for entry in page.get("stats", [])
                           if entry["type"] in ("local-candidate", "remote-candidate")],
            "streams": [{key: entry.get(key) for key in (
                "type", "kind", "ssrc", "packetsSent", "packetsReceived", "packetsLost", "jitter")}
                for entry in streams],
        }


def expected(record, frames):
    """The rows that the call must get, in the form that `lab record` writes.

    The browser puts an encrypted ClientHello (or a look-alike of one) into every handshake, so the
    name outside proves no vendor: what is left is the DNS, and for a peer its context.
    """
    mode = MODES[record["mode"]]
    signaling = flow_row(record, frames, "tcp", FAR_END, "signaling", PASSED)
    if mode.relayed:
        media = flow_row(record, frames, mode.transport, record["relay"], mode.carrier, PASSED)
    else:
        far = FAR_MEDIA6 if mode.ipv6 else FAR_MEDIA4
        media = flow_row(record, frames, "udp", far, mode.carrier, PASSED)
    flows = [signaling, media]
    if mode.udp_blocked:
        flows.append(flow_row(record, frames, "udp", record["relay"], "turn-udp",
                              blocked("udp_timeout", "turn", "B")))
    return {
        "title": mode.title, "origin": f"tools/lab record {record['mode']}",
        "require": [products.PRODUCTS[PRODUCT][0].selector],
        "requirements": [requirement_row(r, flows) for r in products.PRODUCTS[PRODUCT]],
        "flows": flows, "faults": [],
        # What can be read of the media: inside TLS nothing, else every stream of the browser.
        "streams": [] if mode.secure else [
            {"direction": "out" if s["type"] == "outbound-rtp" else "in", "ssrc": s["ssrc"],
             "packets": s["packetsSent"] or s["packetsReceived"]} for s in record["streams"]],
        "relayed_address": next((f"{c['address']}" for c in record["candidates"]
                                 if mode.relayed and not mode.secure
                                 and c["type"] == "local-candidate"
                                 and c["candidateType"] == "relay"), ""),
    }


def flow_row(record, frames, transport, server, rule, verdict):
    """The row of the client's busiest flow to a server; its port is read from the capture."""
    counts = Counter()
    number = captures.TCP if transport == "tcp" else captures.UDP
    for frame in frames:
        layer, ports = frame.ip(), frame.ports()
        if ports and layer[1] == number and layer[3] == server:
            counts[(layer[2], ports[0]), (server, ports[1])] += 1
    local, remote = counts.most_common(1)[0][0]
    requirement = next(r for r in products.PRODUCTS[PRODUCT] if r.key == rule)
    return {"attempt": record["mode"], "client": 1, "transport": transport, "local": local,
            "remote": remote, "name": "", "noise": "", "behaviour": "chromium", "treatment": "",
            "requirement": requirement.identity,
            "confidence": confidence(record, transport, rule, requirement),
            "expected": {key: value for key, value in asdict(verdict).items() if key != "certain"}}


def confidence(record, transport, rule, requirement):
    """TLS names its server itself, beside an encrypted name too; TURN is found through the DNS."""
    if not requirement.patterns:
        return "context"
    secure = transport == "tcp" and (rule == "signaling" or MODES[record["mode"]].secure)
    return "exact" if secure else "dns"


def requirement_row(requirement, flows):
    own = [f["expected"] for f in flows if f["requirement"] == requirement.identity]
    outcomes = {verdict["outcome"] for verdict in own}
    status = "observed" if "passed" in outcomes else "blocked" if outcomes else "unmatched"
    failed = own[0] if status == "blocked" else {"reasons": [], "stages": [], "grades": []}
    return {"requirement": requirement.identity, "selector": requirement.selector,
            "status": status, **{key: failed[key] for key in ("reasons", "stages", "grades")}}


def witnesses(record):
    """Why the browser and the firewall do not confirm the mode; empty when they do."""
    mode, counters = MODES[record["mode"]], record["counters"]
    if record["state"] not in ("connected", "completed"):
        return f"the call ended {record['state']}: {record['error']}"
    if record["dropped_by_kernel"]:
        return f"the tap lost {record['dropped_by_kernel']} packets"
    if mode.udp_blocked != bool(counters["2"]["hit"]):
        return f"the firewall dropped {counters['2']['hit']} packets to the relay"
    carrier = {"udp": "2", "tcp": "3"}[mode.transport]
    if mode.relayed and not counters[carrier]["in_passed"]:
        return "the firewall saw no media come back from the relay"
    return ""


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=MODES, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    sandbox.prepare_mounts()
    call = BrowserCall(options.mode, options.out)
    call.build()
    record = asyncio.run(call.run())
    (options.out / f"{options.mode}.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
