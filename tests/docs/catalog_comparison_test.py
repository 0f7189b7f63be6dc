#!/usr/bin/env python3
"""docs/catalog-comparison.md names every row of the revisions that it compares, and no row that does not exist.

    catalog_comparison_test.py TURNPIKE SOURCE
"""
import fnmatch
import json
import re
import subprocess
import sys
from pathlib import Path


def shown(turnpike, source, *words):
    done = subprocess.run([turnpike, 'catalog', *words, '--catalog', source / 'catalog', '--format', 'json'],
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def mistakes_of(section, rules_of):
    """Below a heading stand, in one line, the revisions that are compared; then the table."""
    title, *lines = section.splitlines()
    compared = re.findall(r'`([a-z0-9-]+/[a-z0-9-]+@[^`]+)`', next(line for line in lines if line.strip()))
    if not compared:
        return [f'{title}: no revision stands below the heading']
    vendors = {selector.partition('/')[0] for selector in re.findall(r'`([a-z0-9-]+/[a-z0-9-]+)', section)}
    existing = {rule for selector, rules in rules_of.items() if selector.partition('/')[0] in vendors for rule in rules}
    named = {word for line in lines if line.startswith('|')
             for word in re.findall(r'`([a-z0-9*-]+)`', line.split('|')[1])}
    missing = [f'{title}: {selector} {rule} is in no row' for selector in compared for rule in rules_of[selector]
               if not any(fnmatch.fnmatch(rule, name) for name in named)]
    return missing + [f'{title}: no rule is called {name}' for name in sorted(named)
                      if not any(fnmatch.fnmatch(rule, name) for rule in existing)]


def main():
    turnpike, source = sys.argv[1], Path(sys.argv[2])
    rules_of = {}
    for entry in shown(turnpike, source, 'list'):
        for revision in shown(turnpike, source, 'show', entry['selector']):
            rules_of[revision['selector']] = [rule['id'] for rule in revision['rules']]
    assert len(rules_of) > 100, 'the catalog is not all there'
    sections = (source / 'docs/catalog-comparison.md').read_text().split('\n## ')[1:]
    assert len(sections) == 7, 'seven products are compared'
    mistakes = [mistake for section in sections for mistake in mistakes_of(section, rules_of)]
    if mistakes:
        sys.exit('\n'.join(mistakes))


main()
