#!/usr/bin/env python3
"""budgets_test.py VALGRIND TURNPIKE CALL_MIX [--update]: fails if a stage takes 5 % more instructions than it may.

`turnpike analyze` runs under callgrind over a fixed capture. What each stage takes is divided by what it handles (packets,
flows, rows) and compared with budgets.json beside this file. Instructions come out nearly the same on every machine with the
same compiler; a stage that takes less than nine tenths of its budget is said, so that the budget follows: --update.

Not quite the same in every run: the keys of hashes are random. In about one run of thirty a Bloom filter lets a busy address
through by chance, and a stage takes 8 % more. So a stage that takes too much is measured again, and its least counts.
"""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUDGETS = os.path.join(HERE, 'budgets.json')
SLACK = 1.05
RUNS = 3  # at most
# What is counted: the functions whose instructions, with all they call, make up a stage (where there are alternatives, the sum
# of those that the program has); and what they are divided by.
STAGES = {
    'read ahead, a packet': (r'app::ReadAhead::read\(', 'packets'),
    'decode, a packet': (r'wire::PacketDecoder::decode\(', 'packets'),
    'place, a packet': (r'inspect::Placer::place\(', 'packets'),
    'inspect, a packet': (r'app::Intake::take\(', 'packets'),
    'DNS message': (r'inspect::(DnsReader::read|DnsInspector::message)\(', 'dns'),
    'hello': (r'inspect::(HelloReader::read|TlsStream::hello)\(', 'hellos'),
    'STUN message, a transaction': (r'inspect::StunInspector::message\(', 'stun'),
    'destination, a flow': (r'attribute::Attributor::(Attributor|by_destination)\(', 'flows'),
    'surroundings, a flow': (r'(Visibility::(Visibility|add|settle)|RecordedTime::RecordedTime|HopCounts::(want|learn)|Hosts::(add|settle))\(', 'flows'),
    'judge, a flow': (r'verdict::(judge_tcp|judge_udp)\(', 'flows'),
    'compare and roll up, a flow': (r'verdict::Evaluation::(compare_flows|roll_up)\(', 'flows'),
    'fact rows, a row': (r'store::Writer::write_facts\(', 'rows'),
    'verdict rows, a flow': (r'store::Writer::(begin_verdicts|(write|help_with)_flow_verdicts|write_summary)\(', 'flows'),
    'start, a run': (r'app::load_catalog\(', 'runs'),
    'all, a packet': (r'^PROGRAM TOTALS', 'packets'),
}


def count(database):
    with sqlite3.connect(database) as connection:
        one = lambda sql: connection.execute(sql).fetchone()[0]  # noqa: E731
        counts = {'packets': one('SELECT packets FROM runs'), 'runs': 1}
        for name, view in (('flows', 'flows'), ('dns', 'dns_queries'), ('hellos', 'tls_hellos'), ('stun', 'stun_transactions'),
                           ('rtp', 'rtp_streams')):
            counts[name] = one(f'SELECT count(*) FROM {view}')
    counts['rows'] = sum(counts[name] for name in ('flows', 'dns', 'hellos', 'stun', 'rtp'))
    return counts


def instructions(annotate, profile):
    """Inclusive instructions by function."""
    listed = subprocess.run([annotate, '--inclusive=yes', '--threshold=100', profile], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        if found := re.match(r'\s*([\d,]+) \([ \d.]+%\)\s+(.*)', line):
            yield int(found[1].replace(',', '')), found[2]


def measure(valgrind, turnpike, call_mix, folder):
    capture, database, profile = (os.path.join(folder, name) for name in ('mix.pcap', 'mix.db', 'profile'))
    subprocess.run([sys.executable, call_mix, capture, '--megabytes', '20', '--pages', '10'], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([valgrind, '--tool=callgrind', f'--callgrind-out-file={profile}', turnpike, 'analyze', '--quiet', '--output',
                    database, capture], check=True, capture_output=True)
    counts = count(database)
    functions = list(instructions(os.path.join(os.path.dirname(valgrind), 'callgrind_annotate'), profile))
    measured = {}
    for stage, (pattern, item) in STAGES.items():
        # A function stands once for itself and once for each recursion; the largest holds all.
        taken = {}
        for number, name in functions:
            if found := re.search(pattern, name):
                taken[found[0]] = max(number, taken.get(found[0], 0))
        if not taken:
            sys.exit(f'{stage}: no function matches {pattern}')
        measured[stage] = round(sum(taken.values()) / counts[item], 1)
    return measured


def least_of_runs(valgrind, turnpike, call_mix, enough):
    """What each stage takes, at the least, in runs until it is `enough`."""
    least = {}
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            for stage, taken in measure(valgrind, turnpike, call_mix, folder).items():
                least[stage] = min(taken, least.get(stage, taken))
        if enough(least):
            break
    return least


def main():
    valgrind, turnpike, call_mix, *rest = sys.argv[1:]
    valgrind = shutil.which(valgrind) or valgrind
    if rest == ['--update']:
        measured = least_of_runs(valgrind, turnpike, call_mix, lambda _: False)
        with open(BUDGETS, 'w', encoding='ascii') as file:
            json.dump(measured, file, indent=2)
            file.write('\n')
        return 0
    with open(BUDGETS, encoding='ascii') as file:
        budgets = json.load(file)
    measured = least_of_runs(valgrind, turnpike, call_mix,
                             lambda least: all(taken <= budgets.get(stage, taken) * SLACK for stage, taken in least.items()))
    if set(budgets) != set(measured):
        print(f'budgets.json is not about these stages: {sorted(set(budgets) ^ set(measured))}')
        return 1
    over = 0
    for stage, taken in measured.items():
        remark = ''
        if taken > budgets[stage] * SLACK:
            over += 1
            remark = '  TOO MUCH'
        elif taken < budgets[stage] * 0.9:
            remark = '  less than its budget: run with --update'
        print(f'{stage:30} {taken:12.1f} of {budgets[stage]:12.1f}{remark}')
    return 1 if over else 0


if __name__ == '__main__':
    sys.exit(main())
