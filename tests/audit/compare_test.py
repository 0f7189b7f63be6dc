"""turnpike compare from the outside: a call of the laboratory, seen from behind a firewall that was
made up here, which translates addresses, loses what it is told to, and keeps another time."""

import unittest

import program
from program import CAPTURES, captures, seconds_later, translated

CALL = CAPTURES / "lab/relay-passed.pcap"
CLIENTS, OUTSIDE = "10.0.0.0/8", "192.0.2.1"


class Compare(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.frames = captures.read(CALL)
        self.inside = self.folder / "inside.pcap"
        captures.write(self.inside, self.frames)

    def outside(self, keep=lambda frame: True, offset=0.0, name="outside.pcap"):
        frames = [translated(frame, "", OUTSIDE, CLIENTS) for frame in self.frames if keep(frame)]
        path = self.folder / name
        captures.write(path, seconds_later(frames, offset))
        return path

    def test_a_call_that_passed_is_told_as_passed(self):
        self.run_program("compare", self.inside, self.outside(offset=-21.5), "--quiet")
        row, = self.rows("SELECT * FROM comparisons")
        self.assertAlmostEqual(row["clock_offset_ms"], -21500, delta=1)
        fates = {row["fate"] for row in self.rows(
            "SELECT * FROM crossings WHERE packets_in_passed > 0")}
        self.assertEqual(fates, {"passed"})
        for row in self.rows("SELECT * FROM crossings WHERE fate = 'passed'"):
            self.assertEqual(row["mapped_ip"], OUTSIDE)
            self.assertEqual(row["packets_out_died"] + row["packets_in_died"], 0)

    def test_times_are_told_in_the_zone_that_was_asked_for(self):
        text = self.run_program("compare", self.inside, self.outside(), "--local-time",
                                TZ="<+0530>-5:30").stdout
        self.assertIn(" +05:30", text)
        self.assertNotIn(" UTC", text)

    def test_what_dies_is_blocked_for_certain(self):
        def keep(frame):
            layer = frame.ip()
            return not (layer and layer[1] == captures.UDP and 53 not in (frame.ports() or ())
                        and layer[2].startswith("10."))
        # The client's datagrams die, and so nobody answers them: the answers were never there.
        frames = [f for f in self.frames if keep(f)]
        frames = [f for f in frames if not (f.ip() and f.ip()[1] == captures.UDP
                                            and 53 not in (f.ports() or ()))]
        silent = [f for f in self.frames if f in frames or not keep(f)]
        captures.write(self.inside, silent)
        self.frames = frames
        self.run_program("compare", self.inside, self.outside(offset=3), "--quiet", "--require",
                         "whereby")
        died = self.rows("SELECT f.outcome, f.grade, f.block_reason, c.* FROM crossings c JOIN "
                         "flows f USING (flow_id) WHERE c.fate = 'died_outward'")
        self.assertTrue(died)
        for row in died:
            self.assertEqual(row["packets_out_passed"], 0)
            if row["packets_out_died"] > 1:
                self.assertEqual((row["outcome"], row["grade"]), ("blocked", "A"))
        text = self.run_program("report", "turnpike.db").stdout
        self.assertIn("Through the firewall", text)
        self.assertIn("went in and never came out", text)
        self.assertIn('"crossings": [', self.run_program(
            "report", "turnpike.db", "--format", "json").stdout)
        self.assertIn("## Through the firewall", self.run_program(
            "report", "turnpike.db", "--format", "markdown").stdout)

    def test_reports_of_other_runs_say_nothing_of_it(self):
        self.run_program("analyze", self.inside, "--quiet")
        self.assertNotIn("Through the firewall", self.run_program("report", "turnpike.db").stdout)

    def test_captures_that_do_not_fit(self):
        outside = self.outside()
        self.assertIn("given twice", self.refused(64, "compare", self.inside, self.inside))
        self.assertIn("give two captures", self.refused(64, "compare", self.inside))
        copy = self.folder / "copy.pcap"
        captures.write(copy, captures.read(CALL))
        self.assertIn("one and the same capture", self.refused(65, "compare", self.inside, copy))
        self.assertIn("the wrong way round", self.refused(65, "compare", outside, self.inside))
        empty = self.folder / "empty.pcap"
        captures.write(empty, [])
        self.assertIn("holds no packet", self.refused(65, "compare", self.inside, empty))
        other = self.folder / "other.pcap"
        captures.write(other, seconds_later(captures.read(CAPTURES / "lab/tcp-timeout.pcap"), 9e6))
        self.assertIn("do not overlap in time", self.refused(65, "compare", self.inside, other))
        self.assertIn("no such file", self.refused(66, "compare", self.inside, "none.pcap").lower())
        (self.folder / "text").write_text("no capture")
        self.refused(65, "compare", self.inside, "text")
        self.assertFalse((self.folder / "turnpike.db").exists(), "no run was left behind")

    def test_a_capture_that_breaks_off_is_compared_as_far_as_it_goes(self):
        outside = self.outside()
        outside.write_bytes(outside.read_bytes()[:-7])
        done = self.run_program("compare", self.inside, outside, "--quiet", status=74)
        self.assertIn("is cut off", done.stderr)
        row, = self.rows("SELECT complete FROM runs")
        self.assertEqual(row["complete"], 0)


if __name__ == "__main__":
    program.main()
