"""One world from building to captures: runs inside the sandbox, writes captures and a record.

    python -m laboratory.world --seed N --world plain|nat|ipv6 --out DIRECTORY
"""

import argparse
import asyncio
import json
import ssl
import sys
import time
from pathlib import Path

from . import (clients, firewall, isles, persistence, policy, sandbox, scenarios, services, taps,
               topology)
from .behaviours import BEHAVIOURS

#: The capture goes on for this long after the last attempt: silence must last 3 seconds.
TAIL = 3.8
RUN = Path("/run/laboratory")


class World:
    """Everything that exists while a draft is played out."""

    def __init__(self, draft, kind, places, directory):
        self.draft, self.kind, self.places, self.directory = draft, kind, places, directory
        self.plan = draft.plan
        self.topology = topology.Topology(policy.PRODUCT_HOSTS + policy.NOISE_HOSTS,
                                          nat=kind == "nat", initial_hops=draft.initial_hops,
                                          isles=sum(bool(a.vanishes) for a in draft.attempts))
        self.hosts = {i: clients.Host(i, self) for i in range(1, self.topology.clients + 1)}

    def build(self):
        self.topology.build()
        taps.make_mirrors(self.topology.clients)
        firewall.load(self.draft.passages)
        for server in self.draft.narrow_routes:
            self.narrow(server)
        for attempt in self.draft.attempts:
            if attempt.treatment == "server-closed" and attempt.ipv6:
                self.own(attempt.server)
        for server, kind in self.draft.closed_routes.items():
            topology.run("ip", "-n", topology.ROUTERS[-1], "route", "add", kind, server)
        sandbox.use_resolver(topology.RESOLVER4)

    def narrow(self, server):
        """A path whose next hop takes only small packets, and says so."""
        via = topology.OUTSIDE6 if ":" in server else topology.OUTSIDE4
        topology.run("ip", "-n", "fw", "route", "add", server, "via", via + "2",
                     "mtu", "lock", "1300")

    @staticmethod
    def own(server):
        """Give the internet an address outright: ICMPv6 errors come from no others."""
        topology.run("ip", "-n", "net", "address", "add", f"{server}/128", "dev", "lo", "nodad")

    def client_context(self, verify):
        context = ssl.create_default_context(cafile=self.internet.certificates.ca_file)
        if not verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["http/1.1"])
        return context

    async def run(self):
        """Play every attempt; returns the record of the run."""
        self.internet = services.Internet(self.plan, RUN)
        await self.internet.start()
        self.isles = isles.Isles(self.draft.attempts, self.internet.certificates)
        listening = [taps.Tap(place, self.directory / f"{self.kind}-{place}.pcap")
                     for place in self.places]
        started = time.time()
        calls = [clients.Call(self, attempt) for attempt in self.draft.attempts]
        self.waiting = {client: [c for c in calls if c.attempt.client == client
                                 and is_signal(c.attempt)] for client in self.hosts}
        endless = [asyncio.ensure_future(coroutine) for coroutine in (
            self.chatter(), *(self.play(call) for call in calls if call.attempt.stubborn))]
        await asyncio.gather(*(self.play(call) for call in calls if not call.attempt.stubborn))
        await asyncio.sleep(TAIL)
        dropped = {tap.place: tap.stop() for tap in listening}
        for task in endless:
            task.cancel()
        await asyncio.gather(*endless, return_exceptions=True)
        counters = firewall.read_counters()
        for call in calls:
            call.finish()
        self.isles.stop()
        self.internet.stop()
        return self.record(calls, counters, dropped, started)

    async def play(self, call):
        attempt = call.attempt
        await asyncio.sleep(attempt.delay)
        if attempt.after_signal:
            await asyncio.gather(*(c.done.wait() for c in self.waiting[attempt.client]))
            await asyncio.sleep(0.1)
        await call.run(persistence.outlive if attempt.vanishes else
                       persistence.insist if attempt.stubborn else BEHAVIOURS[attempt.behaviour])

    def strike(self, attempt):
        """Take an attempt's server away."""
        self.isles.strike(attempt)

    async def chatter(self):
        """Small talk to the end, so that the capture visibly goes on."""
        line = await clients.Line.open(self.hosts[8].udp(False), ("198.51.100.3", 123))
        while True:
            line.send(b"\x23" + bytes(39) + time.time_ns().to_bytes(8, "big"))
            await asyncio.sleep(0.5)

    def record(self, calls, counters, dropped, started):
        return {
            "seed": self.draft.seed, "world": self.kind, "started": started,
            "initial_hops": self.draft.initial_hops, "products": self.draft.products,
            "dropped_by_kernel": dropped,
            "dns_asked": self.internet.asked,
            "attempts": [{
                "number": call.attempt.number, "client": call.attempt.client,
                "client_address": self.hosts[call.attempt.client].address(call.attempt.ipv6),
                "behaviour": call.attempt.behaviour, "treatment": call.attempt.treatment,
                "transport": call.attempt.transport, "port": call.attempt.port,
                "server": call.attempt.server, "name": call.attempt.name,
                "noise": call.attempt.noise, "proxy": call.attempt.proxy,
                "requirement": call.attempt.requirement and call.attempt.requirement.identity,
                "report": call.report.as_json(),
                "counters": counters.get(call.attempt.number, {}),
            } for call in calls],
        }


def is_signal(attempt):
    return attempt.requirement is not None and attempt.requirement.signals


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", choices=("plain", "nat", "ipv6"), default="plain")
    parser.add_argument("--scenario", help="a scenario of `tools/lab list` instead of a seed")
    parser.add_argument("--products", help="instead of the seed's choice")
    parser.add_argument("--places", default="inside,mirror,doubled,vxlan,outside")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    sandbox.prepare_mounts()
    if options.scenario:
        draft = scenarios.draft(options.scenario, options.world)
    else:
        draft = policy.draw(options.seed, options.world,
                            options.products.split(",") if options.products else None)
    world = World(draft, options.world, options.places.split(","), options.out)
    world.build()
    record = asyncio.run(world.run())
    (options.out / f"{options.world}.json").write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
