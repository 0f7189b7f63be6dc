"""What the tests of `turnpike catalog export` share: the products of the five seed documents, and a
result database that knows an address for each of their names."""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, '../../..'))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, 'captures'))
from kit import pcap  # noqa: E402
from kit.story import Story  # noqa: E402

SKIPPED = 77

# The sides that each format is given here.
SIDES = {
    'nftables': ['--inside', 'lan0', '--outside', 'wan0'],
    'iptables': ['--inside', 'lan0', '--outside', 'wan0'],
    'ip6tables': ['--inside', 'lan0', '--outside', 'wan0'],
    'cisco-ios': ['--inside', '10.0.0.0/8,2001:db8:ff::/48', '--outside', 'GigabitEthernet0/1'],
    'palo-alto': ['--inside', 'trust', '--outside', 'untrust'],
    'fortigate': ['--inside', 'internal', '--outside', 'wan1'],
    'pfsense': ['--inside', 'lan', '--outside', 'wan'],
    'opnsense': ['--inside', 'lan', '--outside', 'wan'],
    'squid': ['--inside', '10.0.0.0/8'],
}


def skip(reason):
    print(f'skipped: {reason}')
    sys.exit(SKIPPED)


def need(program, package):
    if shutil.which(program) is None:
        skip(f'{program} is not installed (package {package})')


def catalog(turnpike, verb, *words):
    return subprocess.run([turnpike, 'catalog', verb, '--catalog', os.path.join(ROOT, 'catalog'), *words],
                          check=True, text=True, capture_output=True).stdout


def of_seed_documents(revision):
    vendor, _, rest = revision['selector'].partition('/')
    day = rest.partition('@')[2]
    return vendor in ('sendbird', 'whereby') or (vendor == 'agora' and day in ('2018-11-06', '2020-09-15'))


def products(turnpike):
    """The revisions that the five seed documents describe, as `catalog show` has them."""
    shown = []
    for selector in sorted({entry['selector'] for entry in json.loads(catalog(turnpike, 'list', '--format', 'json'))
                            if of_seed_documents(entry)}):
        shown += json.loads(catalog(turnpike, 'show', '--format', 'json', selector))
    assert len(shown) >= 15, 'the seed documents are gone from the catalog'
    return shown


def example(pattern):
    """A name that the pattern covers."""
    if pattern.startswith('.'):
        pattern = 'a' + pattern
    name, _, rest = pattern.partition('{')
    while rest:
        name, _, rest = (name + 'z' + rest.partition('}')[2]).partition('{')
    return name.replace('*', 'z')


def addresses(revision):
    """A name to its addresses, for every name of the revision: neighbors, one IPv4 and one IPv6 each."""
    names = sorted({example(name['name']) for rule in revision['rules'] for name in rule.get('names', [])})
    return {name: (f'203.0.113.{10 + i}', f'2001:db8:3::{10 + i:x}') for i, name in enumerate(names)}


def seen_database(turnpike, revision, directory):
    """Analyses a capture in which every name of the revision is resolved."""
    story = Story()
    for name, (v4, v6) in addresses(revision).items():
        story.resolve(name, v4)
        story.resolve(name, v6)
    story.resolve('nobody-asked.invalid', '203.0.113.250')
    capture, database = os.path.join(directory, 'names.pcap'), os.path.join(directory, 'names.db')
    pcap.write(capture, story.frames)
    if os.path.exists(database):
        os.remove(database)
    subprocess.run([turnpike, 'analyze', '--catalog', os.path.join(ROOT, 'catalog'), '--quiet', '--output', database,
                    capture], check=True, text=True, capture_output=True)
    return database


def export(turnpike, form, selector, *words):
    """The exported text and the remarks on standard error."""
    done = subprocess.run([turnpike, 'catalog', 'export', '--catalog', os.path.join(ROOT, 'catalog'), '--format', form,
                           '--require', selector, *words], check=False, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f'{form} {selector}: {done.stderr}')
    return done.stdout, done.stderr
