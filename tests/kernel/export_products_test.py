#!/usr/bin/env python3
"""Every product of the five seed documents in a real kernel.

For each product the exported rules are loaded, with an address for each of its names: each requirement must
pass, at the first, a middle and the last of its ports; nothing else from inside may, and no unsolicited packet
from outside. Exit status 77: skipped, with the reason.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

from world import (INSIDE, INSIDE_NETWORKS, OUTSIDE, World, call, drop_everything, load, skip, unsolicited)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../catalog/export_parsers'))
import exports  # noqa: E402

UNASKED = [('tcp', 8), ('udp', 9)]   # ports that no document names
ANYWHERE = {4: '203.0.113.200', 6: '2001:db8:3::c8'}   # an address that no name has


def samples(port):
    first, _, last = port['ports'].partition('-')
    first, last = int(first), int(last or first)
    return sorted({first, (first + last) // 2, last})


def attempts(revision, versions):
    """(transport, address, port): those that have to pass."""
    known = exports.addresses(revision)
    wanted = set()
    for rule in revision['rules']:
        if rule['direction'] == 'inbound':
            continue
        for port in rule['ports']:
            for number in samples(port):
                for version in versions:
                    to = [ANYWHERE[version]] if rule['any'] else [
                        known[exports.example(name['name'])][version == 6] for name in rule['names']]
                    wanted.update((port['transport'], address, number) for address in to)
    return wanted


def loaded(form, revision, rules, world, versions):
    """What is wrong with the rules; nothing is loaded afterwards."""
    wanted = sorted(attempts(revision, versions))
    refused = [(kind, address, port) for version in versions for kind, port in UNASKED
               for address in (ANYWHERE[version], *{a for _, a, _ in wanted if (':' in a) == (version == 6)})]
    wrong = []
    load(world, form, rules)
    call(world, form)
    passed = world.probe(wanted)
    wrong += [f'{attempt} is dropped' for attempt in wanted if attempt not in passed]
    wrong += [f'{attempt} passes' for attempt in world.probe(refused, patience=0.5)]
    for version in versions:
        spoofed = [(kind, '192.0.2.9' if version == 4 else '2001:db8:1::9', port) for kind, _, port in wanted]
        count = world.throw(unsolicited(version, wanted + spoofed))
        if count:
            wrong.append(f'{count} unsolicited packets over IPv{version} reached the client')
    unload(world, form)
    return wrong


def unload(world, form):
    if form == 'nftables':
        world.inside('f', 'nft', '-f', '-', input='flush chain inet filter forward\nflush chain inet filter turnpike\n'
                     'delete chain inet filter turnpike\ndelete chain inet filter turnpike-out\n'
                     'delete chain inet filter turnpike-in\n')
        return
    world.inside('f', form, '-D', 'FORWARD', '-j', 'TURNPIKE')
    for action in ('-F', '-X'):
        for chain in ('TURNPIKE', 'TURNPIKE-OUT', 'TURNPIKE-IN'):
            world.inside('f', form, action, chain)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--turnpike', required=True)
    parser.add_argument('--format', required=True, choices=['nftables', 'iptables', 'ip6tables'])
    arguments = parser.parse_args()
    form = arguments.format
    if os.geteuid() != 0:
        skip('only root may make network namespaces')
    for tool in ['ip', 'sysctl', 'nft'] + ([] if form == 'nftables' else [form, f'{form}-restore']):
        if shutil.which(tool) is None:
            skip(f'{tool} is not installed')
    versions = {'nftables': [4, 6], 'iptables': [4], 'ip6tables': [6]}[form]
    products = exports.products(arguments.turnpike)
    everything = set().union(*(attempts(revision, versions) for revision in products))
    mistakes = []
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        world = World(stack)
        world.serve(stack, {(kind, port) for kind, _, port in everything} | set(UNASKED))
        world.watch()
        world.wait_until_open([(kind, ANYWHERE[version], port) for version in versions for kind, port in UNASKED])
        for version in versions:
            thrown = unsolicited(version, sorted(everything))
            if world.throw(thrown) != len(thrown):
                sys.exit('the unsolicited packets do not arrive without a firewall either')
        drop_everything(world, form)
        for revision in products:
            database = exports.seen_database(arguments.turnpike, revision, directory)
            for inside in (INSIDE, INSIDE_NETWORKS):
                rules, _ = exports.export(arguments.turnpike, form, revision['selector'], '--inside', inside,
                                          '--outside', OUTSIDE, '--seen', database)
                wrong = loaded(form, revision, rules, world, versions)
                mistakes += [f"{revision['selector']} with --inside {inside}: {line}" for line in wrong]
            print(f"{form} {revision['selector']}: {len(attempts(revision, versions))} attempts"
                  f"{', WRONG' if mistakes else ' pass, nothing else does'}", flush=True)
    if mistakes:
        sys.exit('\n'.join(mistakes[:40]))


if __name__ == '__main__':
    main()
