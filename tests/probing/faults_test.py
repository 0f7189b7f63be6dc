#!/usr/bin/python3
"""What goes wrong around turnpike probe: one clear line each, the right exit status, nothing lost."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from probing_test import TURNPIKE, Case, clean_environment, sandbox  # noqa: E402

AHEAD = os.environ.get("AHEAD", "")


class Playing(Case):
    """Each case plays in namespaces of its own (tools/rehearsal/faults.py)."""

    def setUp(self):
        super().setUp()
        sandbox.require()

    def play(self, case, *more):
        log = self.folder / "log"
        with log.open("w") as out:
            process = sandbox.start("rehearsal.faults", [
                "--case", case, "--out", str(self.folder), "--turnpike", TURNPIKE, *more], out)
            try:
                ended = process.wait(timeout=200)
            finally:
                sandbox.stop(process)
        self.assertEqual(ended, 0, log.read_text())
        return json.loads((self.folder / "figures.json").read_text())

    def said(self, name="probe.out"):
        return " ".join((self.folder / name).read_text().split())

    def rows(self, what="transport, ports, status, block_reason, grade", more=""):
        connection = sqlite3.connect(self.folder / "rehearsal.db")
        return connection.execute(f"SELECT {what} FROM requirements {more}").fetchall()


class Faults(Playing):
    """One line, the right exit status, nothing lost."""

    def test_a_captive_portal_is_no_server(self):
        self.assertEqual(self.play("portal")["status"], 0, self.said("probe.err"))
        rows = {row[:2]: row[2:] for row in self.rows()}
        self.assertEqual(rows["tcp", "80"], ("blocked", "http_denied", "A"))
        self.assertEqual(rows["tcp", "443"], ("blocked", "tls_name_mismatch", "A"))
        self.assertEqual(rows["tcp", "3433"][0], "observed")
        self.assertEqual(self.said().count("answered_in_its_place"), 2)
        self.assertNotIn("never_arrived", self.said())

    def test_a_resolver_that_lies_leads_to_a_stranger(self):
        self.assertEqual(self.play("liar")["status"], 0, self.said("probe.err"))
        rows = {row[:2]: row[2:] for row in self.rows()}
        self.assertEqual(rows["tcp", "443"][:2], ("blocked", "tls_name_mismatch"))
        self.assertEqual(rows["udp", "5349"][0], "inconclusive")
        self.assertIn("a.calls.sendbird.com: the certificate", self.said())

    def test_who_floods_back_is_borne(self):
        figures = self.play("flood")
        self.assertEqual(figures["status"], 0, self.said("probe.err"))
        self.assertLess(figures["seconds"], 60)
        self.assertLess(figures["peak"], 400_000, "kB")
        statuses = {status for status, in self.rows("status", "WHERE ports <> '1024-65535'")}
        # Packets that the kernel dropped under the flood may leave a verdict open.
        self.assertLessEqual(statuses, {"observed", "inconclusive"})

    def test_a_responder_on_the_own_link_tells_nothing(self):
        self.assertEqual(self.play("near")["status"], 0, self.said("probe.err"))
        self.assertIn("THE RESPONDER IS ON THIS HOST'S OWN LINK", self.said())

    def test_a_clock_an_hour_off(self):
        self.assertEqual(self.play("clock", "--preload", AHEAD)["status"], 66)
        self.assertIn("both clocks must agree within 30 s", self.said("probe.err"))
        self.assertRegex(self.said("respond.log"), r"its clock is 3\d\d\d s ahead of this one")
        self.assertEqual(len((self.folder / "probe.err").read_text().splitlines()), 1)

    def test_interrupted_half_way_keeps_what_was_tried(self):
        figures = self.play("interrupted")
        self.assertEqual(figures["status"], 74)
        self.assertLess(figures["seconds"], 10)
        self.assertIn("interrupted; what was tried until then is kept", self.said("probe.err"))
        connection = sqlite3.connect(self.folder / "rehearsal.db")
        self.assertEqual(connection.execute("SELECT complete FROM runs").fetchall(), [(0,)])
        passed, = connection.execute(
            "SELECT count(*) FROM flows WHERE outcome = 'passed'").fetchone()
        self.assertGreater(passed, 5)

    def test_two_probes_at_once(self):
        self.assertEqual(self.play("twins")["status"], 0,
                         self.said("one.err") + self.said("other.err"))
        rows = self.rows("run_id, status, flows_passed", "WHERE transport = 'udp' AND "
                         "ports = '1024-65535'")
        self.assertEqual(sorted(rows), [(1, "observed", 12), (2, "observed", 12)])


class Sessions(Playing):
    """What the firewall forgets, and when."""

    def test_the_limit_of_an_idle_session_is_found(self):
        self.assertEqual(self.play("sessions")["status"], 0, self.said("probe.err"))
        found = re.search(r"answers got in after (\d+) s of silence, and not after (\d+) s",
                          self.said())
        self.assertTrue(found, self.said())
        lived, gone = map(int, found.groups())
        # A busy machine asks for the answer a little after the firewall's clock began to run.
        self.assertTrue(3 <= lived <= 7 and lived < gone <= 9, found[0])


class Privilege(Case):
    """Whoever may not capture is told how to."""

    def test_without_the_right_to_capture(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to become somebody else")
        program = self.folder / "turnpike"
        catalog = self.folder / "catalog"
        shutil.copy(TURNPIKE, program)
        shutil.copytree(Path(__file__).resolve().parents[2] / "catalog", catalog)
        self.folder.chmod(0o777)
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program, "probe",
             "--require", "whereby", "--catalog", catalog, "--name", "a.turn.whereby.com", "--output",
             self.folder / "db"],
            capture_output=True, text=True, timeout=60, env=clean_environment(), check=False)
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertIn("setcap cap_net_raw", done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)


if __name__ == "__main__":
    try:
        sandbox.require()
    except sandbox.SandboxUnavailable as missing:
        print(f"skipped: {missing}")
        sys.exit(77)
    unittest.main(verbosity=2)
