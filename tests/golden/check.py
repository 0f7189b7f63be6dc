#!/usr/bin/env python3
"""Runs turnpike over one capture and compares the views, and the reports, with what is expected.

    check.py --turnpike PROGRAM FILE.expected.json...

`rows`: exactly one row of the view fits `where`, and has what `expect` says. `none`: no row fits `where`. `files`: the
files of the observation, where they are not the one capture beside the expectations. `others`: the status of every
requirement that `rows` does not name. `says`, `never_says`: parts of the text report.

A value may be a list of those that are allowed. What a column's name may end in:
    ~   the text is a part of the column (of a list, all are)
    !~  the text is no part of the column
    !   the column has another value
    @   the value says which row of `flows` the column, a flow id, points to
"""
import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile


class Expectation(Exception):
    """The expectation asks for what the database does not have."""


def as_list(value):
    return value if isinstance(value, list) else [value]


def read(database, view):
    try:
        return [dict(r) for r in database.execute(f'SELECT row_number() OVER () AS rowid_, * FROM {view}')]
    except sqlite3.OperationalError as error:
        raise Expectation(error) from error


def told(row):
    """What of a row helps to find it."""
    columns = ('flow_id', 'transport', 'client_ip', 'client_port', 'server_ip', 'server_port', 'outcome', 'vendor', 'product', 'rule_id', 'ports',
               'status', 'state', 'block_reason', 'grade', 'inconclusive_reason', 'notes', 'headline')
    return ' '.join(f'{column}={row[column]}' for column in columns if row.get(column) is not None)


class Checker:
    """The rows of one database, and whether they fit."""

    def __init__(self, database):
        self.database = database
        self.views = {}

    def rows(self, view):
        if view not in self.views:
            self.views[view] = read(self.database, view)
        return self.views[view]

    def has(self, row, column, value):
        name = column.rstrip('~!@')
        if name not in row:
            raise Expectation(f'no column {name}')
        is_ = row[name]
        if column.endswith('!~'):
            return all(part not in str(is_ or '') for part in as_list(value))
        if column.endswith('~'):
            return all(part in str(is_ or '') for part in as_list(value))
        if column.endswith('!'):
            return is_ not in as_list(value)
        if column.endswith('@'):
            return is_ in [flow['flow_id'] for flow in self.rows('flows') if self.fits(flow, value)]
        return is_ in as_list(value)

    def fits(self, row, wanted):
        return all(self.has(row, column, value) for column, value in wanted.items())

    def compare_row(self, entry, named):
        found = [r for r in self.rows(entry['view']) if self.fits(r, entry['where'])]
        if len(found) != 1:
            yield f'{len(found)} rows fit'
            return
        if entry['view'] == 'requirements':
            named.add(found[0]['rowid_'])
        for column, value in entry['expect'].items():
            try:
                if not self.has(found[0], column, value):
                    yield f'{column} is {found[0][column.rstrip("~!@")]!r}, not {value!r}'
            except Expectation as error:
                yield str(error)

    def compare(self, expected):
        """Yields one line for every disagreement."""
        named = set()
        for entry in expected['rows'] + expected.get('none', []):
            place = f'{entry["view"]} {entry["where"]}'
            try:
                if 'expect' in entry:
                    yield from (f'{place}: {problem}' for problem in self.compare_row(entry, named))
                else:
                    yield from (f'{place}: should not be there: {told(r)}' for r in self.rows(entry['view']) if self.fits(r, entry['where']))
            except Expectation as error:
                yield f'{place}: {error}'
        for r in self.rows('requirements'):
            if r['rowid_'] not in named and r['status'] not in as_list(expected['others']):
                yield (f'requirement {r["rule_id"]} {r["transport"]} {r["ports"]} @{r["revision"]} is {r["status"]} '
                       f'({r["block_reason"]}), not {expected["others"]}')

    def compare_report(self, report):
        """The JSON report says what the view says."""
        columns = ('vendor', 'product', 'revision', 'rule_id', 'transport', 'ports', 'status', 'block_reason', 'grade')
        told = sorted(tuple(str(r.get(c)) for c in columns) for r in report['requirements'])
        stored = sorted(tuple(str(r[c]) for c in columns) for r in self.rows('requirements'))
        if told != stored:
            yield f'the JSON report and the view differ: {sorted(set(told) ^ set(stored))[:3]}'


def compare_text(text, expected):
    text = ' '.join(text.split())  # however its lines are broken
    for part in expected.get('says', []):
        if part not in text:
            yield f'the report does not say "{part}"'
    for part in expected.get('never_says', []):
        if part in text:
            yield f'the report says "{part}"'


def captures_of(path, expected):
    if 'files' in expected:
        return [os.path.join(os.path.dirname(path), name) for name in expected['files']]
    capture = path.removesuffix('.expected.json') + '.pcap'
    return [capture if os.path.exists(capture) else capture + 'ng']


def run(command):
    return subprocess.run(command, capture_output=True, text=True, timeout=50)


def check(turnpike, path):
    with open(path) as file:
        expected = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, 'out.db')
        command = [turnpike, 'analyze', '--format', 'json', '--output', output]
        for selector in expected['require']:
            command += ['--require', selector]
        done = run(command + expected.get('arguments', []) + captures_of(path, expected))
        if done.returncode != expected['exit']:
            return [f'exit status {done.returncode}, not {expected["exit"]}: {done.stderr.strip()}']
        database = sqlite3.connect(f'file:{output}?mode=ro', uri=True)
        database.row_factory = sqlite3.Row
        try:
            checker = Checker(database)
            problems = list(checker.compare(expected)) + list(checker.compare_report(json.loads(done.stdout)))
            if 'says' in expected or 'never_says' in expected:
                problems += compare_text(run([turnpike, 'report', output]).stdout, expected)
            return problems
        finally:
            database.close()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--turnpike', required=True)
    arguments.add_argument('expected', nargs='+')
    options = arguments.parse_args()
    failed = 0
    for path in options.expected:
        problems = check(options.turnpike, path)
        for problem in problems:
            print(f'{path}: {problem}')
        failed += bool(problems)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
