#!/usr/bin/env python3
"""Runs turnpike over one capture and compares the views, and the JSON report, with what is expected.

    check.py --turnpike PROGRAM FILE.expected.json...

A column name that ends in "~" asks for a part of the text.
"""
import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile


def fits(row, wanted):
    for column, value in wanted.items():
        if column.endswith('~'):
            if value not in str(row[column[:-1]] or ''):
                return False
        elif row[column] != value:
            return False
    return True


def compare(database, expected):
    """Yields one line for every disagreement."""
    named = set()
    for entry in expected['rows']:
        rows = [dict(r) for r in database.execute(f'SELECT rowid_, * FROM (SELECT row_number() OVER () AS rowid_, * FROM {entry["view"]})')]
        found = [r for r in rows if fits(r, entry['where'])]
        if len(found) != 1:
            yield f'{entry["view"]} {entry["where"]}: {len(found)} rows fit'
            continue
        row = found[0]
        if entry['view'] == 'requirements':
            named.add(row['rowid_'])
        for column, value in entry['expect'].items():
            if not fits(row, {column: value}):
                yield f'{entry["view"]} {entry["where"]}: {column} is {row[column.rstrip("~")]!r}, not {value!r}'
    for r in database.execute('SELECT row_number() OVER () AS rowid_, * FROM requirements'):
        if r['rowid_'] not in named and r['status'] != expected['others']:
            yield (f'requirement {r["rule_id"]} {r["transport"]} {r["ports"]} @{r["revision"]} is {r["status"]} '
                   f'({r["block_reason"]}), not {expected["others"]}')


def compare_report(report, database):
    """The JSON report says what the view says."""
    columns = ('vendor', 'product', 'revision', 'rule_id', 'transport', 'ports', 'status', 'block_reason', 'grade')
    told = sorted(tuple(str(r.get(c)) for c in columns) for r in report['requirements'])
    stored = sorted(tuple(str(r[c]) for c in columns) for r in database.execute('SELECT * FROM requirements'))
    if told != stored:
        yield f'the JSON report and the view differ: {sorted(set(told) ^ set(stored))[:3]}'


def check(turnpike, path):
    with open(path) as file:
        expected = json.load(file)
    capture = path.removesuffix('.expected.json') + '.pcap'
    if not os.path.exists(capture):
        capture += 'ng'
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, 'out.db')
        command = [turnpike, 'analyze', '--format', 'json', '--output', output]
        for selector in expected['require']:
            command += ['--require', selector]
        done = subprocess.run(command + expected.get('arguments', []) + [capture], capture_output=True, text=True, timeout=50)
        if done.returncode != expected['exit']:
            return [f'exit status {done.returncode}, not {expected["exit"]}: {done.stderr.strip()}']
        database = sqlite3.connect(f'file:{output}?mode=ro', uri=True)
        database.row_factory = sqlite3.Row
        try:
            return list(compare(database, expected)) + list(compare_report(json.loads(done.stdout), database))
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
