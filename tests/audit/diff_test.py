"""turnpike diff and report --list from the outside."""

import json
import os
import pty
import subprocess
import unittest
import xml.etree.ElementTree

import program
from program import CAPTURES

GOOD, BAD = CAPTURES / "lab/signaling-passed.pcap", CAPTURES / "lab/tls-timeout.pcap"


class Diff(program.ProgramTest):
    def analyze(self, *captures, database="turnpike.db"):
        for capture in captures:
            self.run_program("analyze", capture, "--quiet", "--require", "whereby", "--output",
                             database)

    def changes(self, *words):
        return json.loads(self.run_program("diff", *words, "--format", "json").stdout)["changes"]

    def test_two_runs_of_one_capture_do_not_differ(self):
        self.analyze(GOOD, GOOD)
        self.assertEqual(self.changes(), [])
        self.assertIn("nothing changed", self.run_program("diff").stdout)
        self.run_program("diff", "--fail-on", "worse,better,changed,new,gone", "--quiet")

    def test_what_got_worse_is_told_in_every_format(self):
        self.analyze(GOOD, BAD)
        changes = self.changes("1", "last")
        worse = [c for c in changes if c["change"] == "worse" and c["subject"] == "requirement"]
        statuses = {(r["run_id"], r["rule_id"], r["ports"]): r["status"] for r in self.rows(
            "SELECT * FROM requirements")}
        self.assertTrue(worse)
        self.assertNotIn("name", {c["subject"] for c in changes}, "the rows tell it")
        for change in worse:
            ports = change["what"].split()[1]
            self.assertEqual(statuses[(2, change["rule_id"], ports)], "blocked")
        self.run_program("diff", "previous", "last", "--fail-on", "worse", "--quiet", status=1)
        back = self.changes("2", "1")
        self.assertEqual({(c["rule_id"], c["what"]) for c in back if c["change"] == "better"},
                         {(c["rule_id"], c["what"]) for c in changes if c["change"] == "worse"
                          and c["before"]})
        self.assertIn("WORSE", self.run_program("diff", "1", "2").stdout)
        self.assertIn("| worse | requirement |",
                      self.run_program("diff", "1", "2", "--format", "markdown").stdout)
        self.assertIn('<tr class="worse">',
                      self.run_program("diff", "1", "2", "--format", "html").stdout)
        suite = xml.etree.ElementTree.fromstring(
            self.run_program("diff", "1", "2", "--format", "junit").stdout)
        self.assertEqual(len(suite.findall(".//failure")),
                         sum(c["change"] == "worse" for c in changes))

    def test_runs_of_two_databases(self):
        self.analyze(GOOD, database="a.db")
        self.analyze(BAD, GOOD, database="b.db")
        self.assertEqual(self.changes("a.db", "b.db"), [])
        self.assertEqual(self.changes("a.db:1", "b.db:1"), self.changes("b.db:last", "b.db:1"))

    def test_what_is_no_longer_seen_is_gone(self):
        self.analyze(GOOD)
        self.run_program("analyze", CAPTURES / "lab/not-attempted.pcap", "--quiet", "--require",
                         "whereby")
        self.assertIn("gone", {c["change"] for c in self.changes()})

    def test_only_what_both_runs_looked_for_is_compared(self):
        self.run_program("analyze", GOOD, "--quiet")
        self.run_program("analyze", GOOD, "--quiet", "--require", "zoom")
        done = self.run_program("diff", "--fail-on", "worse,better,changed,new,gone", "--format",
                                "json")
        told = json.loads(done.stdout)
        self.assertEqual(told["changes"], [])
        self.assertIn("whereby/meetings", told["before"]["looked_for"]["products_only_here"])
        self.assertEqual(told["after"]["looked_for"]["products_only_here"], [])
        self.assertEqual(told["after"]["selectors"], "zoom")
        for form in ("text", "markdown", "html"):
            text = self.run_program("diff", "--format", form).stdout
            self.assertIn("did not look for the same", text)
            self.assertNotIn("not seen", text)
        # Blocked in a run that looked for more: nobody knows whether it was before.
        self.run_program("analyze", BAD, "--quiet")
        self.run_program("diff", "2", "3", "--fail-on", "worse,new", "--quiet")
        self.run_program("diff", "1", "3", "--fail-on", "worse", "--quiet", status=1)

    def test_bad_input(self):
        self.analyze(GOOD)
        self.assertIn("there is no such run", self.refused(64, "diff", "1", "7"))
        self.assertIn("only run 1", self.refused(64, "diff"))
        self.assertIn("give two runs", self.refused(64, "diff", "1"))
        self.refused(66, "diff", "none.db", "1")
        self.refused(65, "diff", GOOD, "1")
        self.assertIn("is not a change", self.refused(64, "diff", "1", "1", "--fail-on", "wors"))
        self.assertIn("--format csv", self.refused(64, "diff", "1", "1", "--format", "csv"))

    def test_colours_only_where_the_terminal_knows_them(self):
        self.analyze(GOOD, BAD)
        for terminal, coloured in (("xterm", True), ("dumb", False), ("", False)):
            ours, theirs = pty.openpty()
            subprocess.run([program.TURNPIKE, "diff"], cwd=self.folder, stdout=theirs, check=True,
                           env=dict(os.environ, TERM=terminal, NO_COLOR=""))
            os.close(theirs)
            self.assertEqual(b"\x1b[" in os.read(ours, 4096), coloured, terminal)
            os.close(ours)

    def test_list_of_runs(self):
        self.analyze(GOOD, BAD)
        runs = json.loads(self.run_program("report", "--list", "turnpike.db", "--format",
                                           "json").stdout)
        self.assertEqual([run["run_id"] for run in runs], [1, 2])
        text = self.run_program("report", "--list", "turnpike.db").stdout
        self.assertEqual(text.count("\n"), 2)
        self.assertIn(GOOD.name, text)
        self.refused(66, "report", "--list", "none.db")


if __name__ == "__main__":
    program.main()
