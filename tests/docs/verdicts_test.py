#!/usr/bin/env python3
"""docs/verdicts.md names captures and tests that exist, and explains every word of the interface."""
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')


def read(path):
    with open(os.path.join(ROOT, path)) as file:
        return file.read()


def words_of(enumeration, source):
    """The words of an enumeration in its table in src/verdict."""
    words = re.findall(rf'{enumeration}::\w+,\s*"([a-z_]+)"', source)
    assert words, f'{enumeration}: no table of its words was found'
    return words


def main():
    page = read('docs/verdicts.md')
    topics = sorted(name for name in os.listdir(os.path.join(ROOT, 'captures'))
                    if os.path.isdir(os.path.join(ROOT, 'captures', name)))
    problems = []
    named = re.findall(r'`((?:' + '|'.join(map(re.escape, topics)) + r')/[a-z0-9-]+)`', page)
    for name in named:
        if not os.path.exists(os.path.join(ROOT, 'captures', name + '.expected.json')):
            problems.append(f'captures/{name}: there is no such capture')
    for name in re.findall(r'`(tests/[a-z_/]+\.(?:cpp|py))`', page):
        if not os.path.exists(os.path.join(ROOT, name)):
            problems.append(f'{name}: there is no such test')
    source = read('src/verdict/words.cpp') + read('src/verdict/remedies.cpp')
    for enumeration in ('BlockReason', 'InconclusiveReason', 'Status', 'Outcome'):
        for word in words_of(enumeration, source):
            if f'`{word}`' not in page and f'**{word}**' not in page and word not in page:
                problems.append(f'{enumeration} {word}: not explained')
    if len(named) < 100:
        problems.append(f'only {len(named)} captures are named; was the page read?')
    for problem in problems:
        print(f'docs/verdicts.md: {problem}')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
