#!/usr/bin/env python3
"""The answer on the first screen: what the reports of recorded calls open with (headlines.tsv beside this file).

headlines_test.py TURNPIKE REPOSITORY
"""
import contextlib
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import laboratory_plan

PROGRAM = sys.argv.pop(1)
REPOSITORY = pathlib.Path(sys.argv.pop(1))
LINES = 12


def calls():
    for line in (pathlib.Path(__file__).parent / "headlines.tsv").read_text().splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def opening(capture, folder, *options):
    """The first lines of the report, as one text without the breaks."""
    report = subprocess.run([PROGRAM, "analyze", "--output", pathlib.Path(folder) / "a.db", *options,
                             REPOSITORY / "captures" / capture], check=True, capture_output=True, text=True).stdout
    return " ".join(line.strip() for line in report.splitlines()[:LINES])


class Headlines(unittest.TestCase):
    def expect(self, text, state, product, remedy):
        first = re.split(r" (?=(?:WORKS|FAILS|CANNOT TELL)\b)", text)[0]
        self.assertRegex(first, f"^{re.escape(state)}  {re.escape(product)}[,:]")
        if remedy:
            self.assertIn("To do: " + remedy, first)
        else:
            self.assertNotIn("To do:", first)

    def test_name_product_state_and_remedy(self):
        both = 0
        for capture, selector, scope, state, product, remedy in calls():
            with tempfile.TemporaryDirectory() as folder, self.subTest(capture=capture, require=selector):
                self.expect(opening(capture, folder, "--require", selector), state, product, remedy)
            if scope == "both":
                both += 1
                with tempfile.TemporaryDirectory() as folder, self.subTest(capture=capture):
                    self.expect(opening(capture, folder), state, product, remedy)
        self.assertGreaterEqual(both, 40)


class Plans(unittest.TestCase):
    """What turnpike says first of a laboratory call is what the laboratory planned (laboratory_plan.py)."""

    def expect(self, text, call):
        first = re.split(r" (?=(?:WORKS|FAILS|CANNOT TELL)\b)", text)[0]
        self.assertRegex(first, f"^{call.state}  {re.escape(call.product)}[,:]")
        if call.remedy:
            self.assertRegex(first, "To do: " + call.remedy)
        else:
            self.assertNotIn("To do:", first)

    def test_hold_with_and_without_require(self):
        told = 0
        for name, capture, call in laboratory_plan.calls(REPOSITORY):
            with tempfile.TemporaryDirectory() as folder, self.subTest(call=name, require=call.selector):
                self.expect(opening(capture, folder, "--require", call.selector), call)
            if call.proven:
                told += 1
                with tempfile.TemporaryDirectory() as folder, self.subTest(call=name):
                    self.expect(opening(capture, folder), call)
            else:
                with tempfile.TemporaryDirectory() as folder, self.subTest(call=name):
                    self.assertRegex(opening(capture, folder), f"^[A-Z ]+  {call.product.split('/')[0]}/")
        self.assertGreaterEqual(told, 40)


class Readme(unittest.TestCase):
    """README.md opens with the headline of a real run, and shows rows of its report."""

    def test_shows_what_the_program_says(self):
        blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", (REPOSITORY / "README.md").read_text(), re.MULTILINE)
        headline = next(block for block in blocks if "$ turnpike analyze" in block)
        rows = next(block for block in blocks if "BLOCKED       udp 443" in block)
        with tempfile.TemporaryDirectory() as folder:
            report = subprocess.run([PROGRAM, "analyze", "--require", "whereby", "--output", "turnpike.db",
                                     REPOSITORY / "captures/whereby/fallback.pcap"], check=True, capture_output=True,
                                    text=True, cwd=folder).stdout
        for line in (headline + rows).splitlines():
            if line.strip() not in ("", "...") and "$ " not in line:
                self.assertIn(line[4:] + "\n", report)

    def test_shows_the_call_that_the_demo_shows(self):
        self.assertIn("analyze --require whereby captures/whereby/fallback.pcap", (REPOSITORY / "tools/demo").read_text())

    def test_names_options_and_views_that_exist(self):
        readme = (REPOSITORY / "README.md").read_text()
        commands = re.findall(r"(?:^    (?:sudo |\$ )?|`|bin/|; )turnpike ((?:catalog )?[a-z]+)\b([^`\n|]*)", readme, re.MULTILINE)
        self.assertGreater(len(commands), 30)
        pages = {}
        for verb, words in commands:
            verb += " --annotate" if "--annotate" in words else ""  # it has a page of its own
            if verb not in pages:
                pages[verb] = subprocess.run([PROGRAM, *verb.split(), "--help"], check=True, capture_output=True,
                                             text=True).stdout
            for option in re.findall(r"(?<!\S)--?[a-z][\w-]*", words.split("#")[0]):
                with self.subTest(command=f"turnpike {verb}{words}"):
                    self.assertRegex(pages[verb], rf"(?<![\w-]){option}(?![\w-])")
        with tempfile.TemporaryDirectory() as folder:
            database = pathlib.Path(folder) / "turnpike.db"
            subprocess.run([PROGRAM, "analyze", "--quiet", "--output", database,
                            REPOSITORY / "captures/whereby/fallback.pcap"], check=True)
            with contextlib.closing(sqlite3.connect(database)) as opened:
                for question in re.findall(r'sqlite3 -box turnpike\.db "(.*)"', readme):
                    self.assertTrue(opened.execute(question).fetchall())


if __name__ == "__main__":
    unittest.main()
