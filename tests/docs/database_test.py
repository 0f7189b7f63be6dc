#!/usr/bin/env python3
"""docs/database.md and docs/report.schema.json against what the program writes: database_test.py TURNPIKE REPOSITORY

Every view and column stands in both, nothing else does, words are the same in both, and the JSON report of every capture is
valid. That the page follows the declarations in the program is for tests/store/documentation_test.cpp.
"""
import collections
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import fastjsonschema
import jsonschema

PROGRAM = sys.argv.pop(1)
REPOSITORY = pathlib.Path(sys.argv.pop(1))
SCHEMA = json.loads((REPOSITORY / "docs/report.schema.json").read_text())
CAPTURES = sorted(path for kind in ("pcap", "pcapng") for path in REPOSITORY.glob(f"captures/**/*.{kind}"))


COMPARED = ("comparisons", "crossings")  # only in databases that hold a run of `turnpike compare`


def described():
    """View to columns to what they hold, in the order of docs/database.md."""
    views = {}
    for line in (REPOSITORY / "docs/database.md").read_text().splitlines():
        if heading := re.fullmatch(r"## (\w+)", line):
            columns = views.setdefault(heading[1], {})
        elif row := re.match(r"\| `(\w+)` \| ([^|]+) \| [^|]", line.replace(r"\|", "/")):
            columns[row[1]] = row[2]
    return {view: columns for view, columns in views.items() if view not in COMPARED}


def documented():
    return {view: list(columns) for view, columns in described().items()}


def analyzed(capture, database):
    done = subprocess.run([PROGRAM, "analyze", "--quiet", "--output", database, capture], stderr=subprocess.DEVNULL)
    assert done.returncode in (0, 74), f"{capture}: status {done.returncode}"  # 74: it breaks off, as some are meant to


class Database(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.database = pathlib.Path(self.folder.name) / "a.db"

    def test_every_view_and_column_is_documented(self):
        analyzed(CAPTURES[0], self.database)
        database = sqlite3.connect(self.database)
        views = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")]
        real = {view: [column for (column,) in database.execute(f"SELECT name FROM pragma_table_info('{view}')")]
                for view in views}
        self.assertEqual(documented(), real)

    def test_the_schema_names_every_column(self):
        # What is no list of rows (the headline's sentences, the version) is no view.
        named = {view: set(rows["items"]["properties"]) for view, rows in SCHEMA["properties"].items()
                 if "properties" in rows.get("items", {})}
        expected = {view: set(columns) | ({"next"} if view == "headlines" else set())
                    for view, columns in documented().items()}
        self.assertEqual(named, expected)

    def test_words_are_those_of_the_schema(self):
        ties = 0
        for view, columns in described().items():
            schema = SCHEMA["properties"][view]["items"]["properties"]
            for column, holds in columns.items():
                words = re.findall("`(\\w+)`", holds)
                enumerated = [word for word in schema[column].get("enum", []) if isinstance(word, str)]
                if words and enumerated:
                    ties += 1
                    with self.subTest(view=view, column=column):
                        self.assertEqual(set(words), set(enumerated))
                elif enumerated:
                    self.fail(f"{view}.{column}: the schema lists words, and docs/database.md does not")
        self.assertGreater(ties, 20)

    def test_the_report_of_every_capture_is_valid(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        validate = fastjsonschema.compile(SCHEMA)  # compiled: the reports of all captures are 260 MB
        self.assertGreater(len(CAPTURES), 100)
        seen = set()
        for capture in CAPTURES:
            self.database.unlink(missing_ok=True)
            analyzed(capture, self.database)
            report = json.loads(subprocess.run([PROGRAM, "report", self.database, "--format", "json"],
                                               check=True, capture_output=True).stdout)
            with self.subTest(capture=str(capture.relative_to(REPOSITORY))):
                validate(report)
            self.check_seconds(report, capture)
            seen.update(view for view, rows in report.items() if rows)
        self.assertEqual(set(SCHEMA["properties"]) - seen, set(), "every view has a row in some capture")

    def check_seconds(self, report, capture):
        """The intervals of a stream add up to the stream."""
        key = lambda row: (row["flow_id"], row["direction"], row["ssrc"])
        sums = collections.Counter()
        for row in report["rtp_seconds"]:
            sums.update({(key(row), column): row[column] for column in ("packets", "lost")})
        for stream in report["rtp_streams"]:
            for column in ("packets", "lost"):
                with self.subTest(capture=str(capture.relative_to(REPOSITORY)), stream=key(stream), column=column):
                    self.assertEqual(sums[key(stream), column], stream[column])


if __name__ == "__main__":
    unittest.main()
