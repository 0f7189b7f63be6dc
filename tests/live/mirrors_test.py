#!/usr/bin/python3
"""Traffic as mirrors deliver it: tagged, wrapped, sent to a UDP port, one direction a cable."""

import json
import os
import socket
import struct
import subprocess
import sys
import time

import rig
from rig import ROOT, captures

sys.path.insert(0, str(ROOT / "tools"))
from laboratory import score  # noqa: E402

LISTEN = 4789


def recorded(name):
    """(frames, what is expected of them) of a recorded capture."""
    path = ROOT / "captures/lab" / f"{name}.pcap"
    return captures.read(path), json.loads(path.with_suffix(".expected.json").read_text())


def required(told):
    return [word for selector in told["require"] for word in ("--require", selector)]


class Tagged(rig.LiveCase):
    """A filter for UDP 3478 must find it behind tags and tunnels, and only that."""

    WRAPPINGS = {
        "10.20.0.1": lambda frames: frames,
        "10.20.0.2": captures.tagged,
        "10.20.0.3": lambda frames: captures.tagged(captures.tagged(frames, 7), 42),
        "10.20.0.4": captures.wrapped,
        "10.20.0.5": lambda frames: captures.tagged(captures.wrapped(frames)),
    }

    def send_all(self):
        """Each client talks to both ports, and its frames arrive in their own wrapping."""
        for client, wrap in self.WRAPPINGS.items():
            story = rig.Story()
            for port in (3478, 3479):
                talk = story.datagrams("203.0.113.9", port, client=client)
                for _ in range(3):
                    talk.out(b"question")
                    talk.back(b"answer")
            frames = [captures.Frame(0, data, len(data)) for _, data in story.frames]
            rig.send("s0", [frame.data for frame in wrap(frames)])

    def seen(self, *options):
        live = self.live("-f", "udp port 3478", "--quiet", *options)
        self.send_all()
        time.sleep(1.5)
        self.assertEqual(live.stop(), 0, live.said())
        return {client: (port, out, back) for client, port, out, back in live.ask(
            "SELECT client_ip, server_port, packets_out, packets_in FROM flows")}

    def test_inside_every_wrapping(self):
        self.assertEqual(self.seen("--filter-inside"),
                         {client: (3478, 3, 3) for client in self.WRAPPINGS})

    def test_outside_no_tunnel_is_looked_into(self):
        # The kernel takes the outermost tag off before a capture filter sees the frame.
        found = self.seen()
        self.assertEqual(found.get("10.20.0.1"), (3478, 3, 3))
        self.assertNotIn("10.20.0.4", found)
        self.assertNotIn("10.20.0.5", found)


class Listener(rig.LiveCase):
    """A call that arrives as VXLAN datagrams, for a process without any privilege."""

    def test_without_root(self):
        frames, told = recorded("turn-timeout")
        os.chmod(self.folder, 0o777)
        nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                  "--inh-caps=-all", "--bounding-set=-all"]
        live = self.live("--listen", f"vxlan:{LISTEN}", "--quiet", *required(told), prefix=nobody)
        self.deliver(rig.prolonged(frames))
        time.sleep(1.5)
        self.assertEqual(live.stop(), 0, live.said())
        self.assertEqual(score.score(told, live.database, "vxlan").wrong, [])

    def deliver(self, frames):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            start, first = time.monotonic(), frames[0].time
            for frame in frames:
                time.sleep(max(0, start + (frame.time - first) / 1e6 - time.monotonic()))
                header = struct.pack("!II", 0x08000000, 42 << 8)  # RFC 7348
                out.sendto(header + frame.data, ("127.0.0.1", LISTEN))


class Taps(rig.LiveCase):
    """A tap gives one direction a cable; both together are one conversation."""

    def setUp(self):
        super().setUp()
        rig.stage.cable("s1", "r1")
        self.addCleanup(subprocess.run, ["ip", "link", "del", "s1"], capture_output=True)

    def check(self, name):
        frames, told = recorded(name)
        split, whole = self.folder / "split", self.folder / "whole"
        split.mkdir()
        whole.mkdir()
        rig.stage.cable("s2", "r2")
        self.addCleanup(subprocess.run, ["ip", "link", "del", "s2"], capture_output=True)
        both = self.live("-i", "r0", "-i", "r1", "--quiet", *required(told), folder=split)
        one = self.live("-i", "r2", "--quiet", *required(told), folder=whole)
        play(rig.prolonged(frames))
        time.sleep(1.5)
        for live in (both, one):
            self.assertEqual(live.stop(), 0, live.said())
        self.assertEqual(score.score(told, one.database, "one interface").wrong, [])
        self.assertEqual(score.score(told, both.database, "two interfaces").wrong, [])
        columns = ("vendor, product, revision, rule_id, transport, ports, status, block_reason, "
                   "stage, grade, flows_passed, flows_blocked, flows_inconclusive")
        question = f"SELECT {columns} FROM requirements ORDER BY {columns}"
        self.assertEqual(both.ask(question), one.ask(question))
        self.assertEqual(both.one("SELECT packets FROM runs"), one.one("SELECT packets FROM runs"))

    def test_a_call_that_passes(self):
        self.check("relay-passed")

    def test_a_call_that_is_blocked(self):
        self.check("tls-timeout")


def play(frames):
    """Everything to s2; what clients send to s0 and the rest to s1."""
    clients = ("10.20.0.", "10.99.0.")
    outs = {name: rig.raw_socket(name) for name in ("s0", "s1", "s2")}
    start, first = time.monotonic(), frames[0].time
    for frame in frames:
        time.sleep(max(0, start + (frame.time - first) / 1e6 - time.monotonic()))
        layer = frame.ip()
        outward = layer is not None and layer[2].startswith(clients)
        outs["s0" if outward else "s1"].send(frame.data)
        outs["s2"].send(frame.data)
    for out in outs.values():
        out.close()


if __name__ == "__main__":
    rig.main()
