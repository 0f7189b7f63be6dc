#!/usr/bin/python3
"""What can go wrong around a live run, and what its operator may ask of it meanwhile.

    faults_test.py [CLASS[.test]...]
"""

import http.client
import json
import os
import pty
import re
import signal
import socket
import sqlite3
import subprocess
import time

import rig
from rig import TURNPIKE, wait_for

NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
WITHOUT = [*NOBODY, "--inh-caps=-all", "--bounding-set=-all"]

CATALOG = """\
vendor: test
name: Test
products:
  - product: calls
    name: Calls
    revisions:
      - revision: undated
        source: {title: Test, location: here, kind: vendor}
        rules:
          - id: signaling
            purpose: signaling
            ports: {tcp: [443]}
            names: "*.example.org"
"""
FURTHER_RULE = """\
          - id: media
            purpose: media
            ports: {udp: [3478]}
            networks: [203.0.113.0/24]
"""


class Interface(rig.LiveCase):
    def set(self, *words):
        rig.run("ip", "link", *words)

    def test_down_and_up(self):
        live = self.live()
        self.browse(5)
        self.until_flows(live, self.flows)
        self.set("set", "r0", "down")
        wait_for(lambda: live.alive() and re.search(r"r0.*down", live.said()), 5,
                 "turnpike says that r0 is down")
        time.sleep(1.5)
        self.set("set", "r0", "up")
        wait_for(lambda: live.alive() and re.search(r"r0.*\bup\b", live.said()), 5,
                 "turnpike says that r0 is up again")
        self.browse(5)
        self.until_flows(live, self.flows)
        self.assertEqual(live.stop(), 0, live.said())
        self.assertEqual(live.one("SELECT complete FROM runs"), 1)

    def test_the_far_end_down_and_up(self):
        live = self.live()
        self.set("set", "s0", "down")
        wait_for(lambda: live.alive() and re.search(r"r0.*(carrier|down)", live.said()), 5,
                 "turnpike says that r0 has no carrier")
        self.set("set", "s0", "up")
        time.sleep(1.5)
        self.browse(5)
        self.until_flows(live, self.flows)
        self.assertEqual(live.stop(), 0, live.said())

    def test_gone_for_good_ends_the_run_and_keeps_what_was_seen(self):
        live = self.live()
        self.browse(5)
        self.until_flows(live, self.flows)
        self.set("del", "r0")
        self.assertEqual(live.wait(within=10), 74, live.said())
        self.assertIn("r0", live.errors())
        self.assertEqual(live.one("SELECT count(*) FROM flows"), self.flows)


class Disk(rig.LiveCase):
    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        rig.run("mount", "-t", "tmpfs", "-o", "size=6M", "disk", str(self.disk))
        self.addCleanup(rig.run, "umount", "-l", str(self.disk))

    def test_full_to_the_end(self):
        live = self.live("--quiet", database="disk/live.db")
        self.browse(10)
        self.until_flows(live, self.flows)
        before = self.flows
        self.fill(self.disk / "filler")
        self.browse(400)
        time.sleep(1.5)
        self.assertEqual(live.stop(), 74, live.said())
        self.assertIn("live.db", live.errors())
        (self.disk / "filler").unlink()
        self.assertEqual(live.one("PRAGMA integrity_check"), "ok")
        self.assertGreaterEqual(live.one("SELECT count(*) FROM flows"), before)
        self.assertEqual(live.one("SELECT complete FROM runs"), 0)

    def test_full_and_with_room_again(self):
        disk = self.disk
        live = self.live(database="disk/live.db")
        sent = self.browse(10)
        self.until_flows(live, self.flows)
        self.fill(disk / "filler")
        sent += self.browse(400)
        wait_for(lambda: live.alive() and re.search(r"full|[Nn]o space", live.said()), 10,
                 "turnpike says that the disk is full")
        sent += self.browse(400)
        time.sleep(2.5)
        live.alive()
        self.assertLess(live.one("SELECT count(*) FROM flows"), self.flows)
        (disk / "filler").unlink()
        self.until_flows(live, self.flows, within=20)
        self.assertEqual(live.stop(), 0, live.said())
        self.assertEqual(live.ask("SELECT packets, packets_dropped, complete FROM runs"),
                         [(sent, 0, 1)])
        self.assertEqual(live.one("PRAGMA integrity_check"), "ok")

    def fill(self, path):
        with path.open("wb", buffering=0) as file:
            for size in (65536, 4096):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass


class Lock(rig.LiveCase):
    SECONDS = 30

    def test_by_another_writer_and_a_reader(self):
        live = self.live()
        sent = self.browse(10)
        self.until_flows(live, self.flows)
        reader = sqlite3.connect(live.database, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM flows").fetchone()
        writer = sqlite3.connect(live.database, isolation_level=None, timeout=10)
        writer.execute("BEGIN IMMEDIATE")
        before = self.flows
        until = time.monotonic() + self.SECONDS
        while time.monotonic() < until:
            sent += self.browse(20)
            time.sleep(1)
        live.alive()
        self.assertEqual(live.one("SELECT count(*) FROM flows"), before)
        self.assertRegex(live.said(), "locked|busy|another")
        writer.execute("ROLLBACK")
        self.until_flows(live, self.flows, within=10)
        reader.execute("ROLLBACK")
        reader.close()
        writer.close()
        self.assertEqual(live.stop(), 0, live.said())
        self.assertEqual(live.ask("SELECT packets, packets_dropped, complete FROM runs"),
                         [(sent, 0, 1)])

    def test_by_a_reader_does_not_matter(self):
        live = self.live()
        self.browse(10)
        self.until_flows(live, self.flows)
        reader = sqlite3.connect(live.database, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM flows").fetchone()
        self.browse(10)
        self.until_flows(live, self.flows, within=4)
        started = time.monotonic()
        self.assertEqual(live.stop(), 0, live.said())
        self.assertLess(time.monotonic() - started, rig.ENDING)
        reader.close()


class Reload(rig.LiveCase):
    def test_a_bad_catalog_changes_nothing_and_a_good_one_counts(self):
        catalog = self.folder / "catalog"
        catalog.mkdir()
        document = catalog / "test.yaml"
        document.write_text(CATALOG)
        live = self.live("--catalog", catalog)
        self.talk(live, 3)
        self.assertEqual(self.statuses(live), {"signaling": "observed"})
        said = live.said()
        document.write_text(CATALOG + "          - id: [broken\n")
        live.notify(signal.SIGHUP)
        wait_for(lambda: live.alive() and len(live.said()) > len(said), 5, "a word on the reload")
        time.sleep(1.5)
        lines = [line for line in live.said().removeprefix(said).splitlines()
                 if "test.yaml" in line]
        self.assertEqual(len(lines), 1, live.said())
        self.talk(live, 3)
        self.assertEqual(self.statuses(live), {"signaling": "observed"})
        document.write_text(CATALOG + FURTHER_RULE)
        live.notify(signal.SIGHUP)
        wait_for(lambda: live.alive() and "media" in self.statuses(live), 5,
                 "the new rule in the database")
        self.talk(live, 3)
        wait_for(lambda: self.statuses(live) == {"signaling": "observed", "media": "observed"}, 5,
                 "the new rule observed")
        self.assertEqual(live.stop(), 0, live.said())

    def statuses(self, live):
        return dict(live.ask("SELECT rule_id, status FROM requirements"))

    def talk(self, live, pages):
        """Traffic of both rules."""
        story = rig.Story()
        media = story.datagrams("203.0.113.9", 3478, client=f"10.60.0.{self.pages + 1}")
        for _ in range(3):
            media.out(b"question")
            media.back(b"answer")
        rig.send("s0", [frame for _, frame in story.frames])
        before = live.one("SELECT count(*) FROM flows")
        self.browse(pages)
        self.until_flows(live, before + 2 * pages + 1)


class Permission(rig.LiveCase):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o777)

    def test_none(self):
        live = self.live(prefix=WITHOUT, wait=False)
        self.assertEqual(live.wait(within=5), 77, live.said())
        self.assertEqual(len(live.errors().splitlines()), 1, live.errors())
        self.assertRegex(live.errors(), r"setcap '?\"?cap_net_raw")
        self.assertIn(os.path.basename(TURNPIKE), live.errors())

    def test_the_list_needs_none(self):
        done = subprocess.run([*WITHOUT, TURNPIKE, "live", "--list"], capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^\W*r0\b")

    def test_net_raw_is_enough_and_is_given_up(self):
        grant = [*NOBODY, "--inh-caps=-all,+net_raw", "--ambient-caps=+net_raw"]
        live = self.live(prefix=grant)
        self.assertEqual(self.status(live, "CapEff"), "0000000000000000")
        self.assertEqual(self.status(live, "CapPrm"), "0000000000000000")
        self.assertEqual(self.status(live, "NoNewPrivs"), "1")
        self.assertEqual(self.status(live, "Seccomp"), "2")
        self.browse(3)
        self.until_flows(live, self.flows)
        self.assertEqual(live.stop(), 0, live.said())

    def test_root_becomes_the_owner_of_the_folder(self):
        os.chown(self.folder, 65534, 65534)
        live = self.live()
        self.assertEqual(self.status(live, "Uid").split()[0], "65534")
        self.assertEqual(self.status(live, "CapEff"), "0000000000000000")
        self.browse(3)
        self.until_flows(live, self.flows)
        self.assertEqual(live.stop(), 0, live.said())

    def status(self, live, name):
        with open(f"/proc/{live.process.pid}/status", encoding="ascii") as file:
            return next(line.split(None, 1)[1].strip() for line in file
                        if line.startswith(name + ":"))


class Usage(rig.LiveCase):
    #: arguments -> (exit status, what the line must name)
    WRONG = {
        (): (64, "-i"),
        ("-i", "r00"): (66, "r0"),
        ("-i", "r0", "-f", "udp prot 53"): (64, "udp prot 53"),
        ("-i", "r0", "-f", "udp prot 53", "--filter-inside"): (64, "udp prot 53"),
        ("-i", "r0", "--ring-size", "many"): (64, "ring-size"),
        ("-i", "r0", "--ring-size", "0"): (64, "ring-size"),
        ("-i", "r0", "--snap-length", "-1"): (64, "snap-length"),
        ("-i", "r0", "--workers", "0"): (64, "workers"),
        ("-i", "r0", "--duration", "soon"): (64, "duration"),
        ("-i", "r0", "--packets", "few"): (64, "packets"),
        ("-i", "r0", "--rotate", "often"): (64, "rotate"),
        ("-i", "r0", "--timestamps", "lunar"): (64, "timestamps"),
        ("-i", "r0", "--metrics", "192.0.2.1:9464"): (64, "192.0.2.1"),
        ("-i", "r0", "--user", "no-such-user"): (64, "no-such-user"),
        ("-i", "r0", "--require", "no-such-vendor"): (64, "no-such-vendor"),
        ("-i", "r0", "--fail-on", "sometimes"): (64, "sometimes"),
        ("--listen", "gre:4789"): (64, "gre"),
        ("-i", "r0", "surplus"): (64, "surplus"),
        ("-i", "r0", "--catalog", "/nowhere/at/all"): (66, "/nowhere/at/all"),
    }

    def test_one_line_that_names_it(self):
        for arguments, (status, named) in self.WRONG.items():
            with self.subTest(arguments=" ".join(arguments)):
                done = subprocess.run(
                    [TURNPIKE, "live", *arguments, "--output", self.folder / "x.db"],
                    capture_output=True, text=True, timeout=20)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(named, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_output_that_cannot_be(self):
        done = subprocess.run([TURNPIKE, "live", "-i", "r0", "--output", "/nowhere/at/all.db"],
                              capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn("/nowhere/at/all.db", done.stderr)


class Killed(rig.LiveCase):
    def test_the_database_holds_all_but_the_last_second(self):
        live = self.live("--quiet")
        last = {}
        for _ in range(6):
            self.browse(20)
            last[time.time()] = self.flows
            time.sleep(0.5)
        killed = time.time()
        live.kill()
        with sqlite3.connect(live.database) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            self.assertEqual(database.execute("SELECT complete FROM runs").fetchone(), (0,))
            stored, = database.execute("SELECT count(*) FROM flows").fetchone()
        self.assertGreaterEqual(
            stored, max(flows for at, flows in last.items() if at < killed - 1.5))
        done = subprocess.run([TURNPIKE, "report", live.database], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


class Everything(rig.LiveCase):
    def test_any_sees_all_interfaces(self):
        rig.stage.cable("s1", "r1")
        self.addCleanup(subprocess.run, ["ip", "link", "del", "s1"], capture_output=True)
        live = self.live("-i", "any", "--quiet")
        self.browse(5)
        self.browse(5, interface="s1")
        self.until_flows(live, self.flows)
        self.assertEqual(live.stop(), 0, live.said())

    def test_what_the_list_says(self):
        done = subprocess.run([TURNPIKE, "live", "--list"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("r0", "s0", "lo", "any"):
            self.assertRegex(done.stdout, rf"(?m)^\W*{name}\b")
        self.assertIn("EN10MB", done.stdout)


class Ending(rig.LiveCase):
    def test_terminate(self):
        live = self.live()
        self.browse(3)
        self.assertEqual(live.stop(signal.SIGTERM), 0, live.said())
        self.assertEqual(live.one("SELECT complete FROM runs"), 1)
        self.assertEqual(live.one("SELECT count(*) FROM flows"), self.flows)

    def test_the_report_is_that_of_report(self):
        live = self.live("--require", "whereby")
        self.browse(3)
        self.assertEqual(live.stop(), 0, live.said())
        report = subprocess.run([TURNPIKE, "report", live.database], capture_output=True,
                                text=True, check=True).stdout
        self.assertTrue(report.strip())
        self.assertIn(report.strip(), live.output())

    def test_duration(self):
        live = self.live("--duration", "3s")
        self.browse(3)
        self.assertEqual(live.wait(within=6), 0, live.said())
        self.assertEqual(live.one("SELECT complete FROM runs"), 1)

    def test_packets(self):
        live = self.live("--packets", "50")
        self.assertGreater(self.browse(10), 50)
        self.assertEqual(live.wait(within=6), 0, live.said())
        self.assertEqual(live.one("SELECT packets FROM runs"), 50)

    def test_fail_on(self):
        live = self.live("--require", "whereby", "--fail-on", "unmatched")
        self.browse(3)
        self.assertEqual(live.stop(), 1, live.said())

    def test_the_terminal_is_closed(self):
        ours, theirs = pty.openpty()
        live = self.live(terminal=theirs)
        os.close(theirs)
        self.browse(3)
        self.until_flows(live, self.flows)
        os.close(ours)
        live.notify(signal.SIGHUP)  # as the kernel tells the programs of that terminal
        live.wait(within=5 * rig.PATIENCE)
        self.assertEqual(live.one("SELECT complete FROM runs"), 1)

    def test_quiet_says_nothing(self):
        live = self.live("--quiet")
        self.browse(3)
        self.assertEqual(live.stop(), 0)
        self.assertEqual(live.said(), "")


class Asking(rig.LiveCase):
    def test_state_on_a_signal(self):
        live = self.live("--require", "whereby")
        sent = self.browse(3)
        self.until_flows(live, self.flows)
        before = live.errors()
        live.notify(signal.SIGUSR1)
        told = wait_for(lambda: live.errors().removeprefix(before), 5, "the state on stderr")
        time.sleep(0.5)
        told = live.errors().removeprefix(before)
        self.assertIn(str(sent), told.replace(",", "").replace("\u202f", ""))
        self.assertIn("r0", told)
        self.assertEqual(live.stop(), 0, live.said())

    def test_json_lines(self):
        live = self.live("--format", "json", "--require", "whereby")
        story = rig.Story()
        story.resolve("any.srv.whereby.com", "203.0.113.5", client="10.60.0.1")
        story.tcp("203.0.113.5", 443, "10.60.0.1").open().tls("any.srv.whereby.com").close()
        rig.send("s0", [frame for _, frame in story.frames])
        self.browse(3)
        self.until_flows(live, self.flows + 2)
        self.assertEqual(live.stop(), 0, live.said())
        objects = [json.loads(line) for line in live.output().splitlines()]
        self.assertTrue(all(isinstance(item, dict) for item in objects))
        observed = [item for item in objects if item.get("status") == "observed"]
        self.assertIn(("whereby", "signaling"),
                      {(item["vendor"], item["rule_id"]) for item in observed})
        flows = [item for item in objects if "client_ip" in item]
        self.assertEqual(len(flows), self.flows + 2)
        self.assertEqual(len({item["flow_id"] for item in flows}), len(flows))

    def test_metrics_on_loopback(self):
        port = free_port()
        live = self.live("--metrics", f"127.0.0.1:{port}", "--require", "whereby")
        sent = self.browse(3)
        self.until_flows(live, self.flows)
        time.sleep(1.2)
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        client.request("GET", "/metrics")
        answer = client.getresponse()
        self.assertEqual(answer.status, 200)
        self.check_metrics(answer.read().decode(), sent)
        client.close()
        self.assertEqual(live.stop(), 0, live.said())

    def test_metrics_on_a_unix_socket(self):
        path = self.folder / "metrics"
        live = self.live("--metrics", f"unix:{path}")
        sent = self.browse(3)
        self.until_flows(live, self.flows)
        time.sleep(1.2)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(str(path))
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            text = b"".join(iter(lambda: client.recv(65536), b"")).decode()
        self.assertTrue(text.startswith("HTTP/1.1 200"), text[:100])
        self.check_metrics(text, sent)
        self.assertEqual(live.stop(), 0, live.said())
        self.assertFalse(path.exists())

    def check_metrics(self, text, sent):
        values = dict(re.findall(r"(?m)^(turnpike_\w+(?:\{[^}]*\})?) (\S+)$", text))
        counted = {name: value for name, value in values.items()
                   if re.match(r"turnpike_packets(_received)?_total$", name)}
        self.assertEqual([float(value) for value in counted.values()], [sent], values)


class Rotation(rig.LiveCase):
    def test_by_time_keeps_so_many(self):
        live = self.live("--rotate", "2s", "--keep", "2", "--quiet")
        until = time.monotonic() + 9
        while time.monotonic() < until:
            self.browse(5)
            time.sleep(0.5)
        self.assertEqual(live.stop(), 0, live.said())
        found = self.databases()
        self.assertLessEqual(len(found), 3, found)
        self.assertGreaterEqual(len(found), 2, found)
        for path in found:
            self.assertEqual(rig.ask(path, "PRAGMA integrity_check"), [("ok",)])
            self.assertEqual(rig.ask(path, "SELECT complete FROM runs"), [(1,)], path)

    def test_nothing_falls_between_two_files(self):
        live = self.live("--rotate", "2s", "--keep", "50", "--quiet")
        sent = 0
        until = time.monotonic() + 9
        while time.monotonic() < until:
            sent += self.browse(5)
            time.sleep(0.3)
        self.assertEqual(live.stop(), 0, live.said())
        found = self.databases()
        self.assertGreaterEqual(len(found), 3, found)
        clients = set()
        for path in found:
            clients |= set(rig.ask(path, "SELECT client_ip, client_port, server_ip FROM flows"))
        self.assertEqual(len(clients), self.flows)
        self.assertEqual(sum(rig.ask(path, "SELECT sum(packets) FROM runs")[0][0]
                             for path in found), sent)

    def test_by_size(self):
        live = self.live("--rotate", "1M", "--keep", "50", "--quiet")
        for _ in range(6):
            self.browse(300)
            time.sleep(1.2)
        self.assertEqual(live.stop(), 0, live.said())
        found = self.databases()
        self.assertGreaterEqual(len(found), 2, found)
        self.assertEqual(sum(rig.ask(path, "SELECT sum(packets) FROM runs")[0][0]
                             for path in found), self.sent)

    def databases(self):
        return sorted(path for path in self.folder.iterdir()
                      if path.name.startswith("live") and path.suffix not in (".db-wal", ".db-shm")
                      and not path.name.endswith(("-wal", "-shm")))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    rig.main()
