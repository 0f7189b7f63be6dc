#!/usr/bin/env python3
"""Looks at a `turnpike analyze` that waits for its input: confined, and still able to do its work.

    analyze_test.py PROGRAM CATALOG CAPTURE
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

PROGRAM, CATALOG, CAPTURE = sys.argv[1:4]
DEADLINE = 30


def status_of(process):
    with open(f'/proc/{process.pid}/status') as file:
        return dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)


def wait_for_filter(process):
    """The status once the program has no more to open, or the last one seen."""
    end = time.monotonic() + DEADLINE
    while True:
        status = status_of(process)
        if status.get('Seccomp') == '2' or time.monotonic() > end or process.poll() is not None:
            return status
        time.sleep(0.01)


def analyze(folder, *arguments, **others):
    return subprocess.Popen([PROGRAM, 'analyze', '--catalog', CATALOG, '--output', os.path.join(folder, 'run.db'),
                             *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **others)


def counted(report):
    return re.search(rb'([\d,]+) packets', report)[1]


def confined_while_it_reads(folder):
    fifo = os.path.join(folder, 'fifo')
    os.mkfifo(fifo)
    with open(CAPTURE, 'rb') as file:
        capture = file.read()
    process = analyze(folder, fifo)
    with open(fifo, 'wb') as pipe:
        pipe.write(capture[:len(capture) // 2])
        pipe.flush()
        status = wait_for_filter(process)
        seen = {field: status.get(field) for field in ('Seccomp', 'NoNewPrivs', 'CapEff', 'CapPrm')}
        wanted = {'Seccomp': '2', 'NoNewPrivs': '1', 'CapEff': '0' * 16, 'CapPrm': '0' * 16}
        assert seen == wanted, f'{seen} instead of {wanted}'
        pipe.write(capture[len(capture) // 2:])
    out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, err
    assert sorted(os.listdir(folder)) == ['fifo', 'run.db'], os.listdir(folder)
    return counted(out)


def many_files_are_opened_again(folder, packets):
    copies = []
    for number in range(40):
        copies.append(os.path.join(folder, f'{number}.pcap'))
        shutil.copy(CAPTURE, copies[-1])
    process = analyze(folder, *copies)
    out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, err
    wanted = 40 * int(packets.replace(b',', b''))
    assert int(counted(out).replace(b',', b'')) == wanted, (counted(out), wanted)


def every_format_is_rendered(folder):
    for form in ('text', 'json', 'html', 'csv', 'markdown', 'junit'):
        with open(CAPTURE, 'rb') as file:
            process = analyze(folder, '-', '--format', form, stdin=file)
            out, err = process.communicate(timeout=DEADLINE)
        assert process.returncode == 0 and out, (form, err)


def main():
    with open('/proc/self/status') as file:
        if 'Seccomp:' not in file.read():
            print('this kernel has no seccomp')
            sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        packets = confined_while_it_reads(folder)
    with tempfile.TemporaryDirectory() as folder:
        many_files_are_opened_again(folder, packets)
    with tempfile.TemporaryDirectory() as folder:
        every_format_is_rendered(folder)


main()
