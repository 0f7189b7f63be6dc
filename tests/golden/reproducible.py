#!/usr/bin/env python3
"""Makes all generated captures into an empty folder and compares them with the committed ones."""
import filecmp
import os
import subprocess
import sys
import tempfile


def main():
    captures = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, os.path.join(captures, 'make'), folder], check=True)
        differing = []
        for directory, _, files in os.walk(folder):
            for name in files:
                made = os.path.join(directory, name)
                committed = os.path.join(captures, os.path.relpath(made, folder))
                if not os.path.exists(committed) or not filecmp.cmp(made, committed, shallow=False):
                    differing.append(os.path.relpath(made, folder))
    for name in sorted(differing):
        print(f'captures/{name} is not what its generator makes; run captures/make')
    return 1 if differing else 0


if __name__ == '__main__':
    sys.exit(main())
