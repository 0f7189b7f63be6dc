#!/usr/bin/python3
"""Tests of the laboratory itself: its truth, its scorer, its capture editing, its cleaning up."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60  # seconds in which anything happens, however busy the machine is
sys.path.insert(0, str(ROOT / "tools"))

from laboratory import captures, dns, expectations, policy, products, quic  # noqa: E402
from laboratory import sandbox, scenarios, score, stun, treatments, truth  # noqa: E402


def attempt(number=1, treatment="allow", behaviour="tls", transport="tcp", error="", **counters):
    """An attempt as a world records it."""
    return {"number": number, "client": 1, "client_address": "10.20.0.11",
            "behaviour": behaviour, "treatment": treatment, "transport": transport, "port": 443,
            "server": f"198.51.100.{number}", "name": f"gw{number}.srv.whereby.com",
            "noise": "", "proxy": 0,
            "requirement": ["whereby", "meetings", "2024-11-19", "signaling", "tcp", "443"],
            "report": {"stage": "tcp", "error": error, "dns_error": "", "resolved": [],
                       "first": 100.0, "began": 100.0 + number, "local": ["10.20.0.11", 40000 + number],
                       "remote": [f"198.51.100.{number}", 443]},
            "counters": counters}


def record(*attempts):
    return {"seed": 0, "world": "plain", "products": ["whereby-2024"], "attempts": list(attempts),
            "dropped_by_kernel": {}}


def status_of(told, key):
    return next(r for r in told["requirements"] if r["requirement"][3] == key)


class Truth(unittest.TestCase):
    def test_a_drop_is_a_timeout_and_alone_it_is_grade_c(self):
        told = truth.tell(record(attempt(treatment="drop", error="timeout", hit=4)))
        self.assertEqual(told["faults"], [])
        row = status_of(told, "signaling")
        self.assertEqual((row["status"], row["reasons"], row["stages"], row["grades"]),
                         ("blocked", ["tcp_timeout"], ["tcp"], ["C"]))

    def grade_beside(self, **worked):
        """The grade of a blocked flow beside one that works and differs from it as said."""
        good = attempt(2, "allow", in_passed=9)
        for key in ("local", "remote", "began"):
            if key in worked:
                good["report"][key] = worked.pop(key)
        good.update(worked)
        told = truth.tell(record(attempt(1, "drop", error="timeout", hit=4), good))
        return told["flows"][0]["expected"]["grades"]

    def test_only_what_is_comparable_is_a_control(self):
        self.assertEqual(self.grade_beside(), ["C"], "the client reached something else")
        other_row = ["whereby", "meetings", "2024-11-19", "turn-tls", "tcp", "443"]
        self.assertEqual(self.grade_beside(requirement=other_row), ["B"])
        self.assertEqual(self.grade_beside(requirement=other_row, client=2), ["C"])
        self.assertEqual(self.grade_beside(requirement=other_row, began=500.0), ["C"])
        endpoint = ["198.51.100.1", 443]
        self.assertEqual(self.grade_beside(remote=endpoint, client=2), ["B"])
        self.assertEqual(self.grade_beside(remote=["198.51.100.1", 4443]), ["B"])
        self.assertEqual(self.grade_beside(remote=["198.51.100.1", 4443], client=2), ["C"])
        self.assertEqual(self.grade_beside(name="gw1.srv.whereby.com", client=2), ["B"])

    def test_beside_one_that_passes_the_row_is_observed_and_counts_both(self):
        told = truth.tell(record(attempt(1, "drop", error="timeout", hit=4),
                                 attempt(2, "allow", in_passed=9)))
        row = status_of(told, "signaling")
        self.assertEqual(row["status"], "observed")
        self.assertEqual(row["counts"], {"passed": 1, "blocked": 1, "inconclusive": 0})

    def test_a_closed_port_is_the_servers_own_where_its_distance_is_known(self):
        closed = attempt(1, "server-closed", error="errno:ECONNREFUSED", in_passed=1)
        alone = truth.tell(record(closed))["flows"][0]["expected"]
        self.assertEqual((alone["outcome"], alone["reasons"], alone["grades"]),
                         ("blocked", ["tcp_reset"], ["C"]))
        neighbour = attempt(2, "allow", in_passed=9)
        neighbour["server"] = closed["server"]
        known = truth.tell(record(closed, neighbour))["flows"][0]["expected"]
        self.assertEqual((known["outcome"], known["inconclusive_reasons"]),
                         ("inconclusive", ["server_refused"]))

    def families(self, treatment, later, **counters):
        lost = attempt(1, treatment, **counters)
        won = attempt(2, "allow", in_passed=9)
        lost["name"] = won["name"]
        lost["report"].update(remote=["2001:db8:f000:1::9", 443], began=102.0 + later)
        return truth.tell(record(lost, won))["flows"][0]["expected"]

    def test_a_family_that_loses_in_silence_is_no_block(self):
        lost = self.families("drop", 0.25, error="timeout", hit=3)
        self.assertEqual((lost["outcome"], lost["inconclusive_reasons"]),
                         ("inconclusive", ["losing_candidate"]))

    def test_a_family_that_is_refused_or_comes_late_is_blocked(self):
        refused = self.families("reject6-admin-prohibited", 0.25, error="errno:EACCES", hit=1)
        self.assertEqual((refused["outcome"], refused["grades"]), ("blocked", ["A"]))
        late = self.families("drop", 4.5, error="timeout", hit=3)
        self.assertEqual((late["outcome"], late["grades"]), ("blocked", ["B"]))

    def test_connections_to_a_server_that_disappeared_are_intermittent(self):
        first = attempt(1, "isle-renumbered", in_passed=9)
        tries = [{"local": ["10.20.0.11", 40001 + i], "remote": ["198.51.100.1", 443],
                  "error": "timeout" * bool(i), "stage": "tcp"} for i in range(3)]
        first["report"]["tries"] = tries
        told = truth.tell(record(first))
        self.assertEqual([f["expected"]["outcome"] for f in told["flows"]],
                         ["passed", "inconclusive", "inconclusive"])
        self.assertEqual(told["flows"][1]["expected"]["inconclusive_reasons"], ["intermittent"])
        self.assertEqual(status_of(told, "signaling")["counts"],
                         {"passed": 1, "blocked": 0, "inconclusive": 2})

    def test_witnesses_that_disagree_are_a_fault(self):
        lucky = truth.tell(record(attempt(treatment="drop", error="", hit=4)))
        self.assertIn("the client says 'success'", lucky["faults"][0])
        untouched = truth.tell(record(attempt(treatment="drop", error="timeout", hit=0)))
        self.assertIn("struck 0 packets", untouched["faults"][0])
        starved = truth.tell(record(attempt(treatment="allow", error="timeout", in_passed=3)))
        self.assertEqual(len(starved["faults"]), 1)

    def test_a_name_that_fails_blocks_only_where_no_other_name_of_the_rule_resolves(self):
        failed = attempt(1, "dns-nxdomain", error="rcode:3")
        failed["report"]["dns_error"] = "rcode:3"
        told = truth.tell(record(failed))
        row = status_of(told, "signaling")
        self.assertEqual((row["status"], row["reasons"], row["grades"]),
                         ("blocked", ["dns_nxdomain"], ["C"]))
        self.assertEqual(status_of(told, "turn-tls")["status"], "unmatched")
        # The same failure beside a name that resolves, tried on another row's port.
        other = attempt(2, "allow", in_passed=9)
        other["requirement"] = ["whereby", "meetings", "2024-11-19", "turn-tls", "tcp", "443"]
        self.assertEqual(status_of(truth.tell(record(failed, other)), "signaling")["status"],
                         "unmatched")

    def test_another_name_from_the_same_resolver_is_the_control_of_a_name(self):
        failed = attempt(1, "dns-refused", error="rcode:5")
        failed["report"]["dns_error"] = "rcode:5"
        page = attempt(2, "allow", in_passed=9)
        page.update(name="www.example.net", requirement=None, noise="control")
        page["report"]["resolved"] = ["198.51.100.2"]
        self.assertEqual(status_of(truth.tell(record(failed, page)), "signaling")["grades"], ["B"])
        page["client"] = 2
        self.assertEqual(status_of(truth.tell(record(failed, page)), "signaling")["grades"], ["C"])

    def test_equally_many_reasons_are_all_right(self):
        told = truth.tell(record(attempt(1, "drop", error="timeout", hit=4),
                                 attempt(2, "reset", error="errno:ECONNREFUSED", hit=1)))
        self.assertEqual(status_of(told, "signaling")["reasons"], ["tcp_reset", "tcp_timeout"])

    def test_every_treatment_has_a_truth(self):
        for name, (behaviours, _, _) in treatments.TREATMENTS.items():
            for behaviour in behaviours:
                transport = "tcp" if behaviour in treatments.TCP else "udp"
                expected, signs = expectations.judge(attempt(1, name, behaviour, transport))
                self.assertTrue(signs.errors, name)
                if expected is not None and expected.outcome == "blocked":
                    self.assertEqual(len(expected.reasons), 1, name)


class Products(unittest.TestCase):
    def test_a_drawn_name_belongs_to_its_own_row(self):
        rng = random.Random(7)
        for requirements in products.PRODUCTS.values():
            for row in requirements:
                if not row.patterns:
                    continue
                name = products.name_for(row, rng, set())
                rivals = [r for r in requirements if r.transport == row.transport
                          and r.ports == row.ports and r.specificity(name)]
                best = max(r.specificity(name) for r in rivals)
                self.assertEqual(row.specificity(name), best, (row.identity, name))
                self.assertEqual([r.key for r in rivals if r.specificity(name) == best],
                                 [row.key])

    def test_wildcards_and_leading_dots(self):
        self.assertIsNone(products.rank_of("*.example.com", "example.com"))
        self.assertTrue(products.rank_of(".example.com", "example.com"))
        self.assertTrue(products.rank_of("*.example.com", "a.b.example.com"))
        self.assertIsNone(products.rank_of("*.example.com", "notexample.com"))
        self.assertGreater(products.rank_of("a.example.com", "a.example.com"),
                           products.rank_of("*.example.com", "a.example.com"))


class Policy(unittest.TestCase):
    def test_a_seed_draws_the_same_twice(self):
        first, again = policy.draw(5, "plain"), policy.draw(5, "plain")
        self.assertEqual(repr(first.attempts), repr(again.attempts))
        self.assertNotEqual(repr(first.attempts), repr(policy.draw(6, "plain").attempts))

    def test_every_product_and_treatment_occurs_in_sixty_seeds(self):
        drafts = [policy.draw(seed, world) for seed in range(1, 61)
                  for world in ("plain", "nat", "ipv6")]
        self.assertEqual({p for d in drafts for p in d.products}, set(products.PRODUCTS))
        drawn = {a.treatment for d in drafts for a in d.attempts}
        self.assertEqual(set(treatments.TREATMENTS) - drawn, set())

    def test_every_scenario_can_be_drawn_up(self):
        for name, scenario in scenarios.SCENARIOS.items():
            self.assertTrue(scenarios.draft(name, scenario.world).attempts, name)


class Codecs(unittest.TestCase):
    def test_dns_answers_carry_what_the_plan_says(self):
        asked = dns.query(0x1234, "a.example.com", dns.A)
        answer = dns.Answer(v4="192.0.2.7", aliases=("b.example.net",))
        self.assertEqual(dns.outcome(dns.response(asked, answer)), (0, ["192.0.2.7"], None))
        blocked = dns.Answer(rcode=dns.REFUSED, extended_error=17)
        self.assertEqual(dns.outcome(dns.response(asked, blocked)), (5, [], 17))

    def test_stun_of_rfc_5769(self):
        # The sample request of RFC 5769 section 2.1, with its fingerprint and integrity.
        identifier = bytes.fromhex("b7e7a701bc34d686fa87dfae")
        attributes = (stun.attribute(stun.SOFTWARE, b"STUN test client")
                      + stun.attribute(stun.PRIORITY, bytes.fromhex("6e0001ff"))
                      + stun.attribute(0x8029, bytes.fromhex("932ff9b151263b36"))
                      + bytes.fromhex("00060009") + b"evtj:h6vY" + b"   ")
        message = stun.message(stun.BINDING, stun.REQUEST, identifier, attributes,
                               key=b"VOkJxbRl1RmTxUk/WvJxBt")
        self.assertEqual(message[-28:-8].hex(), "9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2")
        self.assertEqual(message[-4:].hex(), "e57a3bcf")
        self.assertEqual(stun.decode(message)[:2], (stun.BINDING, stun.REQUEST))

    def test_quic_keys_of_rfc_9001(self):
        # RFC 9001 appendix A.1: the client's Initial keys for this connection id.
        import hashlib
        import hmac
        secret = hmac.new(quic.SALT, bytes.fromhex("8394c8f03e515708"), hashlib.sha256).digest()
        secret = quic.expand_label(secret, b"client in", 32)
        self.assertEqual(quic.expand_label(secret, b"quic key", 16).hex(),
                         "1f369613dd76d5467730efcbe3b1a22d")
        self.assertEqual(len(quic.initial("www.example.org", b"12345678", b"abcdefgh", 0)), 1200)


class Captures(unittest.TestCase):
    def frame(self):
        head = bytes.fromhex("450000240001000040110000c0000201c6336401")
        head = head[:10] + captures.checksum(head).to_bytes(2, "big") + head[12:]
        udp = bytes.fromhex("9c4001bb00100000") + b"datagram"
        data = bytes(12) + b"\x08\x00" + head + udp
        return captures.Frame(1_700_000_000_000_000, data, len(data))

    def test_what_is_written_is_read_again(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.pcap"
            captures.write(path, captures.cut([self.frame()], 30))
            (frame,) = captures.read(path)
            self.assertEqual((len(frame.data), frame.length), (30, len(self.frame().data)))

    def test_an_aged_copy_keeps_a_right_checksum(self):
        original, copy = captures.doubled([self.frame()], hop=1)
        self.assertEqual(copy.data[22], original.data[22] - 1)
        self.assertEqual(captures.checksum(copy.data[14:34]), 0)
        self.assertEqual(copy.ports(), (40000, 443))

    def test_wrapping_keeps_the_frame(self):
        (frame,) = captures.wrapped([self.frame()])
        self.assertEqual(frame.data[50:], self.frame().data)
        self.assertEqual(frame.ports()[1], 4789)
        self.assertEqual(captures.tagged([self.frame()])[0].data[12:16], b"\x81\x00\x00\x2a")


COLUMNS = ("run_id, transport, client_ip, client_port, server_ip, server_port, outcome, block_reason, "
           "stage, grade, inconclusive_reason, notes, evidence, vendor, product, revision, rule_id, "
           "confidence")


class Score(unittest.TestCase):
    """The scorer against a database made by hand, with the contract's columns."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.database = Path(self.folder.name) / "hand.db"
        self.server = ("198.51.100.1", 443)
        self.told = truth.tell(record(attempt(1, "drop", error="timeout", hit=4),
                                      attempt(2, "allow", in_passed=9)))
        self.told["requirements"] = [status_of(self.told, "signaling")]

    def tearDown(self):
        self.folder.cleanup()

    def fill(self, control=None, **changes):
        flow = {"outcome": "blocked", "block_reason": "tcp_timeout", "stage": "tcp", "grade": "C",
                "rule_id": "signaling", **changes}
        with sqlite3.connect(self.database) as db:
            db.executescript("""
                DROP TABLE IF EXISTS runs; DROP TABLE IF EXISTS requirements;
                DROP TABLE IF EXISTS flows;
                CREATE TABLE runs(run_id); INSERT INTO runs VALUES(1);
                CREATE TABLE requirements(run_id, vendor, product, revision, rule_id, transport,
                    ports, status, block_reason, stage, grade, flows_passed, flows_blocked,
                    flows_inconclusive);
                INSERT INTO requirements VALUES(1, 'whereby', 'meetings', '2024-11-19',
                    'signaling', 'tcp', '443', 'observed', NULL, NULL, NULL, 1, 1, 0);
                CREATE TABLE flows(flow_id INTEGER PRIMARY KEY, run_id, transport, client_ip, client_port, server_ip,
                    server_port, outcome, block_reason, stage, grade, inconclusive_reason, notes,
                    evidence, vendor, product, revision, rule_id, confidence,
                    control_flow_id);""")
            common = ("tcp", "10.20.0.11", 40001, *self.server)
            db.execute(f"INSERT INTO flows({COLUMNS}) VALUES(1, {','.join('?' * 17)})",
                       (*common, flow["outcome"], flow["block_reason"], flow["stage"],
                        flow["grade"], None, "", "1", "whereby", "meetings", "2024-11-19",
                        flow["rule_id"], "dns"))
            db.execute(f"INSERT INTO flows({COLUMNS}) VALUES(1, {','.join('?' * 17)})",
                       ("tcp", "10.20.0.11", 40002, "198.51.100.2", 443, "passed", None, None,
                        None, None, "", "2", "whereby", "meetings", "2024-11-19", "signaling",
                        "dns"))
            db.execute("UPDATE flows SET control_flow_id = ? WHERE flow_id = 1", (control,))
        return score.score(self.told, self.database, "hand")

    def test_the_right_answers_are_right(self):
        tally = self.fill()
        self.assertEqual(tally.wrong, [])
        self.assertTrue(tally.acceptable())

    def test_a_wrong_outcome_fails(self):
        tally = self.fill(outcome="passed", block_reason=None)
        self.assertFalse(tally.acceptable())
        self.assertIn("outcome is passed, should be blocked", tally.wrong[0])

    def test_grade_b_names_a_control_of_the_same_kind(self):
        self.assertIn("no control", " ".join(self.fill(grade="B").wrong))
        self.assertIn("attempt 2", " ".join(self.fill(control=2, grade="B").wrong))
        # With the other flow at the same address, on another port, it is one.
        self.told["flows"][0]["remote"][0] = "198.51.100.2"
        self.told["flows"][0]["remote"][1] = 444
        self.told["flows"][0]["expected"]["grades"] = ["B"]
        self.server = ("198.51.100.2", 444)
        tally = self.fill(control=2, grade="B")
        self.assertEqual((tally.right["control"], tally.wrong), (1, []))

    def test_a_grade_that_claims_too_much_fails(self):
        tally = self.fill(grade="A")
        self.assertEqual(tally.wrong_grade_a, 1)
        self.assertFalse(tally.acceptable())

    def test_attributed_noise_fails(self):
        self.told["flows"][0]["noise"] = "control"
        self.assertEqual(self.fill().noise_attributed, 1)
        self.assertEqual(self.fill(rule_id=None).noise_attributed, 0)

    def test_a_missing_flow_is_a_fault(self):
        self.told["flows"][0]["local"] = ["10.20.0.11", 50000]
        self.assertIn("no such flow", " ".join(self.fill().wrong))


#: Sends a datagram for every first octet, and an empty one, through a payload test that drops.
EVERY_FIRST_OCTET = """
import socket, sys
from laboratory import firewall, topology
topology.nft("table inet t { chain c { type filter hook output priority 0; udp dport 9 "
             + firewall.HAS_PAYLOAD + " drop; } }")
near, far = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
far.bind(("127.0.0.1", 9))
near.connect(("127.0.0.1", 9))
for octet in range(256):
    try:
        near.send(bytes([octet, 0]))
    except PermissionError:
        pass
near.send(b"")
far.settimeout(2)
arrived = [far.recv(9)]
far.setblocking(False)
try:
    while True:
        arrived.append(far.recv(9))
except BlockingIOError:
    print([data.hex() for data in arrived])
"""


class Worlds(unittest.TestCase):
    """What needs root and namespaces."""

    def setUp(self):
        try:
            sandbox.require()
        except sandbox.SandboxUnavailable as missing:
            self.skipTest(str(missing))

    def test_a_payload_is_recognised_by_every_first_octet(self):
        # An octet left out lets one segment of 256 through a rule that drops all payload.
        done = subprocess.run(
            ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$0" -c "$1"',
             sys.executable, EVERY_FIRST_OCTET], capture_output=True, text=True,
            env=dict(os.environ, PYTHONPATH=str(ROOT / "tools")))
        self.assertEqual((done.stdout.strip(), done.stderr), ("['']", ""))

    def test_one_scenario_is_recorded(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([ROOT / "tools/lab", "record", "tcp-timeout", "--to", folder],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            told = json.loads((Path(folder) / "tcp-timeout.expected.json").read_text())
            self.assertEqual(told["requirements"][0]["reasons"], ["tcp_timeout"])
            frames = captures.read(Path(folder) / "tcp-timeout.pcap")
            self.assertGreater(frames[-1].time - frames[0].time, 3_000_000)

    def test_an_interruption_ends_the_worlds_at_once(self):
        process = subprocess.Popen(
            [ROOT / "tools/lab", "run", "--seeds", "1..9", "--turnpike", "none", "--jobs", "2"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        inside = wait_until(lambda: worlds_below(process.pid), "no world started")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"interrupted", said)
        wait_until(lambda: not any(runs(pid) for pid in inside), "something survived")

    def test_nothing_survives_a_killed_parent(self):
        before = os.listdir("/run/netns") if os.path.isdir("/run/netns") else []
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen(
                [ROOT / "tools/lab", "run", "--seeds", "1", "--topology", "plain", "--turnpike",
                 "none", "--keep", folder], stdout=subprocess.DEVNULL)
            inside = wait_until(lambda: worlds_below(process.pid), "the world did not start")
            process.send_signal(signal.SIGKILL)
            process.wait()
            wait_until(lambda: not any(runs(pid) for pid in inside), "something survived")
        after = os.listdir("/run/netns") if os.path.isdir("/run/netns") else []
        self.assertEqual(before, after)


def runs(pid):
    """Whether a process is alive; one that only waits to be reaped is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition, otherwise):
    """What the condition yields as soon as that is true; a loaded machine gets its time."""
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(otherwise)
        time.sleep(0.1)
    return found


def worlds_below(pid):
    """Process ids of everything that runs in a world which a process started: its first program,
    which is process 1 in there, and all below it. Empty as long as no world runs."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        children = parents.get(queue.pop(), [])
        found += children
        queue += children
    return found if any(is_first_of_its_world(pid) for pid in found) else []


def is_first_of_its_world(pid):
    """Whether this is process 1 of another PID namespace and Python already runs in it."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
    return len(numbers) > 1 and numbers[-1] == "1" and b"laboratory.world" in command


if __name__ == "__main__":
    unittest.main(verbosity=2)
