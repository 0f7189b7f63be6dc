#!/usr/bin/python3
"""turnpike probe and respond, and tools/rehearse, as their users meet them."""

import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "captures")]

from laboratory import sandbox  # noqa: E402

TURNPIKE = os.environ.get("TURNPIKE", str(ROOT / "build/release/bin/turnpike"))
SENDER = os.environ.get("SENDER", str(ROOT / "build/release/bin/packet_sender"))
OPEN = ("table inet filter {\n chain forward {\n  type filter hook forward priority 0;\n"
        "  policy accept;\n }\n}\n")
#: The products of the five seed documents.
SEED_PRODUCTS = (
    "sendbird/calls", "whereby/meetings@2024-11-19", "whereby/meetings@2025-01-31",
    "agora/rtc-web@2020-09-15", "agora/rtm-native@2020-09-15", "agora/rtm-web@2020-09-15",
    "agora/rtc-native@2018-11-06", "agora/rtc-web@2018-11-06", "agora/signaling@2018-11-06",
    "agora/recording@2018-11-06", "agora/gaming@2018-11-06")


def clean_environment():
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}


def turnpike(*arguments, timeout=120):
    return subprocess.run([TURNPIKE, *map(str, arguments)], capture_output=True, text=True,
                          timeout=timeout, stdin=subprocess.DEVNULL, env=clean_environment(),
                          check=False)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="turnpike-probing-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def key(self, name="key", text="0123456789abcdef0123456789abcdef", mode=0o600):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def rehearse(self, ruleset, *arguments, name="rules.nft"):
        path = self.folder / name
        path.write_text(ruleset)
        return subprocess.run(
            ["/usr/bin/python3", ROOT / "tools/rehearse", path, "--turnpike", TURNPIKE,
             *map(str, arguments)], capture_output=True, text=True, timeout=600, check=False)


class Usage(Case):
    """One line and the right status for what is wrong on the command line."""

    def refused(self, status, text, *arguments):
        done = turnpike(*arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(text, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_one_line_each(self):
        key = self.key()
        self.refused(64, "--require", "probe")
        self.refused(64, "--key-file", "probe", "-r", "whereby", "--responder", "192.0.2.1")
        self.refused(64, "need --responder", "probe", "-r", "whereby", "--rehearsal")
        self.refused(64, "--name", "probe", "-r", "whereby", "--name", "a b")
        self.refused(64, "--rate", "probe", "-r", "whereby", "--rate", "0")
        self.refused(64, "--key-file", "respond")
        self.refused(66, "openssl rand", "respond", "--key-file", self.folder / "nowhere")
        self.refused(65, "16", "respond", "--key-file", self.key("short", "short"))
        self.refused(77, "chmod 600", "respond", "--key-file",
                     self.key("open", mode=0o644))
        self.refused(64, "--port", "respond", "--key-file", key, "--port", "0")

    def test_a_dry_run_sends_nothing_and_needs_no_right(self):
        done = turnpike("probe", "-r", "whereby/meetings@2026-03-31", "--dry-run",
                        "--name", "eu-1.turn.whereby.com")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("udp TURN Allocate to eu-1.turn.whereby.com port 443", done.stdout)
        self.assertIn("not probed: whereby/meetings@2026-03-31 high-ports", done.stdout)
        self.assertIn("nothing was sent", done.stdout)
        done = turnpike("probe", "-r", "whereby", "--dry-run", "--proxy", "proxy.example:3128")
        self.assertIn("not checked: whether the proxy proxy.example:3128", done.stdout)

    def test_a_dry_run_refuses_what_a_real_one_would(self):
        for more in ((), ("--dry-run",)):
            words = ("probe", "-r", "whereby", *more)
            self.refused(64, "no name pattern", *words, "--name", "foo.example.org")
            self.refused(64, "--resolver foo", *words, "--resolver", "foo")
            self.refused(64, "--proxy", *words, "--proxy", "host:port")
            self.refused(64, "--proxy", *words, "--proxy", "a@b")
            self.refused(66, "No such file", *words, "--turn-credentials",
                         self.folder / "nowhere")
            self.refused(66, "No such file", *words, "--proxy", "192.0.2.1:8080",
                         "--proxy-credentials", self.folder / "nowhere")
        empty = self.folder / "empty"
        empty.touch()
        self.refused(66, "user:password", *words, "--turn-credentials", empty)


class Refusals(Case):
    """What happens where the two do not agree, or there is nobody."""

    def setUp(self):
        super().setUp()
        sandbox.require()

    def respond(self, key, port, prefix=()):
        process = subprocess.Popen(
            [*prefix, TURNPIKE, "respond", "--key-file", str(key), "--port", str(port)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertIn("ready", process.stdout.readline())
        return process

    def ended(self, process):
        process.terminate()
        return process.communicate(timeout=20)

    def probe(self, key, port):
        return turnpike("probe", "-r", "sendbird", "--responder", f"127.0.0.1:{port}",
                        "--key-file", key, "--rehearsal", "--output", self.folder / "db")

    def test_nobody_there(self):
        done = self.probe(self.key(), 47_899)
        self.assertEqual(done.returncode, 66, done.stderr)
        self.assertIn("no answer over udp", done.stderr)

    def test_another_key(self):
        process = self.respond(self.key("other", "f" * 32), 47_898)
        done = self.probe(self.key(), 47_898)
        self.assertEqual(done.returncode, 66, done.stderr)
        out, errors = self.ended(process)
        self.assertIn("made with another key", errors)
        self.assertIn("0 answers", out)

    def test_a_recorded_datagram_is_not_answered_again(self):
        key = self.key()
        process = self.respond(key, 47_897)
        relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(relay.close)
        relay.bind(("127.0.0.1", 47_896))
        relay.settimeout(10)
        probing = subprocess.Popen(
            [TURNPIKE, "probe", "-r", "sendbird", "--responder", "127.0.0.1:47896", "--key-file",
             str(key), "--rehearsal", "--output", str(self.folder / "db"), "-q"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment())
        self.addCleanup(probing.wait)
        self.addCleanup(probing.kill)
        hello, _ = relay.recvfrom(2048)
        attacker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(attacker.close)
        attacker.settimeout(3)
        attacker.sendto(hello, ("127.0.0.1", 47_897))
        welcome, _ = attacker.recvfrom(2048)
        self.assertLessEqual(len(welcome), len(hello), "no answer weighs more than the question")
        attacker.sendto(hello, ("127.0.0.1", 47_897))
        with self.assertRaises(TimeoutError):
            attacker.recvfrom(2048)
        _, errors = self.ended(process)
        self.assertIn("used before", errors)

    def test_without_a_network_it_ends_soon_and_says_so(self):
        started = time.monotonic()
        done = subprocess.run(
            [*sandbox.unshare_command(), TURNPIKE, "probe", "-r", "whereby", "--name",
             "eu-1.turn.whereby.com", "--output", str(self.folder / "db")],
            capture_output=True, text=True, timeout=60, env=clean_environment(), check=False)
        self.assertLess(time.monotonic() - started, 30)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("led to no address that can be tried", done.stdout.replace("\n    ", " "))
        rows = sqlite3.connect(self.folder / "db").execute("SELECT status FROM requirements")
        self.assertNotIn("observed", {status for status, in rows})


class Rehearsal(Case):
    def setUp(self):
        super().setUp()
        sandbox.require()

    def test_an_open_firewall_passes_every_row(self):
        done = self.rehearse(OPEN, "--require", "whereby")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.count("  passes  "), 5, done.stdout)

    def test_iptables_save_is_understood(self):
        rules = ("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
                 "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
                 "-A FORWARD -i lan7 -o wan7 -p tcp -m tcp --dport 443 -j ACCEPT\nCOMMIT\n")
        done = self.rehearse(rules, "--require", "whereby", "--inside", "lan7", "--outside",
                             "wan7", name="rules.v4")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"passes +tcp 443 +signaling")
        self.assertRegex(done.stdout, r"BLOCKED +udp 443 .*udp_timeout, grade A")

    def test_a_ruleset_that_is_none_is_refused_in_one_line(self):
        done = self.rehearse("allow everything please\n", "--require", "whereby")
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertIn("nft refuses it", done.stderr)


class Exports(Case):
    """catalog export of every product of the five seed documents opens every row; and with one
    rule removed exactly the rows of that rule are blocked."""

    def setUp(self):
        super().setUp()
        sandbox.require()

    def statuses(self, ruleset, product, output=None):
        done = self.rehearse(ruleset, "--require", product, *(["--output", output] if output else []),
                             "--", "--sample", "4", "--rate", "100")
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        rows = re.findall(r"^  (passes|BLOCKED|cannot tell|not tried) +(\w+) (\S+) +([\w-]+):",
                          done.stdout, re.M)
        return {row[1:]: row[0] for row in rows if row[3] != "downstream"}

    def exported(self, product, seen):
        done = turnpike("catalog", "export", "--format", "nftables", "--inside", "lan0",
                        "--outside", "wan0", "--level", "all", "--alternative", "all", "--require",
                        product, "--seen", seen)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + ("table inet filter {\n chain forward {\n"
                              "  type filter hook forward priority 0; policy drop;\n"
                              "  jump turnpike\n }\n}\n")

    def test_every_product(self):
        for product in os.environ.get("PRODUCTS", " ".join(SEED_PRODUCTS)).split():
            with self.subTest(product=product):
                self.check(product)

    def check(self, product):
        seen = self.folder / "seen.db"
        seen.unlink(missing_ok=True)
        open_rows = self.statuses(OPEN, product, seen)
        self.assertEqual(set(open_rows.values()), {"passes"}, open_rows)
        rules = self.exported(product, seen)
        self.assertEqual(set(self.statuses(rules, product).values()), {"passes"})
        openings = list(re.finditer(r"^ +[^#\n]*?(tcp|udp) dport [^\n]*accept\n", rules, re.M))
        self.assertTrue(openings)
        chosen = openings[len(product) % len(openings)]
        start = chosen.start()
        if chosen[0].lstrip().startswith("}"):  # the end of a list of addresses
            start = rules.rfind("\n", 0, rules.rfind("{", 0, start)) + 1
        removed = rules[start:chosen.end()]
        after = self.statuses(rules.replace(removed, "", 1), product)
        ports = re.search(r"dport ([^\n]*?) ct state", removed)[1].strip("{} ").split(", ")
        transport = re.search(r"(tcp|udp) dport", removed)[1]
        for (kind, item, rule), status in after.items():
            hit = kind == transport and any(covers(port, item) for port in ports)
            if not hit:
                self.assertEqual(status, "passes", (product, kind, item, rule))
        self.assertIn("BLOCKED", after.values(), (product, removed))


def covers(port, item):
    low, _, high = port.partition("-")
    first, _, last = item.partition("-")
    return int(low) <= int(first) and int(last or first) <= int(high or low)


class Flood(Case):
    def setUp(self):
        super().setUp()
        sandbox.require()

    def test_forged_packets_get_nothing_back(self):
        process = sandbox.start("rehearsal.flood", ["--out", str(self.folder), "--turnpike",
                                                    TURNPIKE, "--sender", SENDER],
                                (self.folder / "log").open("w"))
        try:
            status = process.wait(timeout=200)
        finally:
            sandbox.stop(process)
        said = (self.folder / "log").read_text()
        self.assertEqual(status, 0, said)
        print(said)


class Seeds(Case):
    def setUp(self):
        super().setUp()
        sandbox.require()

    def test_two_seeds(self):
        done = subprocess.run(
            ["/usr/bin/python3", ROOT / "tools/lab", "probe", "--seeds", "1..2", "--jobs", "2",
             "--turnpike", TURNPIKE], capture_output=True, text=True, timeout=850, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr)


class Servers(Case):
    """Without a responder: vendors' servers, coturn, DNS and a proxy, as the laboratory has them."""

    def setUp(self):
        super().setUp()
        sandbox.require()

    def test_a_seed_behind_nat_and_one_behind_a_proxy(self):
        done = subprocess.run(
            ["/usr/bin/python3", ROOT / "tools/lab", "probe", "--servers", "--seeds", "38",
             "--world", "nat,proxy", "--jobs", "2", "--turnpike", TURNPIKE],
            capture_output=True, text=True, timeout=600, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr)


if __name__ == "__main__":
    try:
        sandbox.require()
    except sandbox.SandboxUnavailable as missing:
        if "Usage" not in sys.argv:
            print(f"skipped: {missing}")
            sys.exit(77)
    unittest.main(verbosity=2)
