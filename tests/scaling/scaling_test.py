#!/usr/bin/env python3
"""scaling_test.py VALGRIND PROGRAM STAGE: fails if twice as much takes more than 2.2 times the instructions.

What the program needs for nothing is taken off both.
"""
import re
import subprocess
import sys

MOST = 2.2
COUNT = 4000


def instructions(valgrind, program, stage, count):
    done = subprocess.run([valgrind, '--tool=callgrind', '--callgrind-out-file=/dev/null', program, stage, str(count)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f'{program} {stage} {count}: status {done.returncode}\n{done.stderr}')
    return int(re.search(r'Collected : (\d+)', done.stderr)[1])


def main():
    valgrind, program, stage = sys.argv[1:]
    nothing, once, twice = (instructions(valgrind, program, stage, count) for count in (0, COUNT, 2 * COUNT))
    ratio = (twice - nothing) / (once - nothing)
    print(f'{stage}: {COUNT} take {once - nothing} instructions, {2 * COUNT} take {twice - nothing}: {ratio:.2f} times')
    return 0 if ratio <= MOST else 1


if __name__ == '__main__':
    sys.exit(main())
