#!/usr/bin/env python3
"""Loads what `turnpike catalog export` writes into a real kernel.

A client and a server stand in network namespaces on either side of a third one, which forwards and drops
everything by default. What rows by network ask for must be dropped at first and pass once the exported rules are
loaded; a port that nobody asked for must stay closed, and so must the client to anybody outside, but for the one
inbound row that names who may call. Exit status 77: skipped, with the reason.
"""

import argparse
import contextlib
import os
import shutil
import sys
import tempfile

from world import (CLIENT, INSIDE, INSIDE_NETWORKS, OUTSIDE, World, call, drop_everything, load, packets, run, skip,
                   unsolicited)

SERVER = {4: '203.0.113.7', 6: '2001:db8:3::7'}
STRANGER = {4: '203.0.113.201', 6: '2001:db8:3:0:1::'}
REQUIRED = [('tcp', 8443), ('tcp', 9001), ('udp', 3478)]
ANYWHERE = [('udp', 20000)]
UNASKED = [('tcp', 8444), ('udp', 3469), ('udp', 19999)]
CALLED = 5060

CATALOG = """\
vendor: kernel
name: Kernel
products:
  - product: calls
    name: Calls
    revisions:
      - revision: undated
        source: {title: Test, location: here, kind: vendor}
        rules:
          - id: signaling
            purpose: signaling
            ports: {tcp: [8443, 9001]}
            networks: [203.0.113.0/25, "2001:db8:3::/80"]
          - id: media
            purpose: media
            ports: {udp: [3470-3475, 3476-3478]}
            networks: [203.0.113.6, 203.0.113.7, 203.0.113.0/29, "2001:db8:3::7"]
          - id: peers
            purpose: media between participants
            ports: {udp: [20000-20010]}
            destination: any
          - id: callback
            purpose: calls from the vendor
            direction: inbound
            ports: {udp: [5060]}
            networks: [203.0.113.0/25, "2001:db8:3::/80"]
          - id: wide-open
            purpose: what the document opens to everybody
            direction: inbound
            ports: {udp: [5061], tcp: [5061]}
            destination: any
          - id: unplaced
            purpose: a name that no firewall matches
            ports: {tcp: [8444]}
            names: "*.example.com"
"""


def calls(version, address):
    """What the vendor, or somebody else, sends to the inbound row's port."""
    return [packets.udp(address, 4321, CLIENT[version], CALLED, b'ring')]


def mistakes_with_rules(world, versions):
    mistakes = []
    for version in versions:
        wanted = [(kind, SERVER[version], port) for kind, port in REQUIRED + ANYWHERE]
        wanted += [(kind, STRANGER[version], port) for kind, port in ANYWHERE]
        closed = [(kind, SERVER[version], port) for kind, port in UNASKED]
        closed += [(kind, STRANGER[version], port) for kind, port in REQUIRED]
        passed = world.probe(wanted + closed)
        mistakes += [f'{attempt} is dropped' for attempt in wanted if attempt not in passed]
        mistakes += [f'{attempt} passes' for attempt in closed if attempt in passed]
        if world.throw(calls(version, SERVER[version])) != 1:
            mistakes.append(f'IPv{version}: the vendor cannot call')
        strangers = calls(version, STRANGER[version])
        strangers += [packets.udp(SERVER[version], 4321, CLIENT[version], 5061, b'to the wide open row')]
        strangers += unsolicited(version, [(kind, STRANGER[version], port) for kind, port in REQUIRED + ANYWHERE])
        strangers += unsolicited(version, [('tcp', SERVER[version], port) for _, port in REQUIRED])
        if count := world.throw(strangers):
            mistakes.append(f'IPv{version}: {count} unsolicited packets reached the client')
    return mistakes


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
    everything = [(kind, address, port) for version in versions for address in (SERVER[version], STRANGER[version])
                  for kind, port in REQUIRED + ANYWHERE + UNASKED]
    for inside in (INSIDE, INSIDE_NETWORKS):
        with contextlib.ExitStack() as stack:
            directory = stack.enter_context(tempfile.TemporaryDirectory())
            with open(os.path.join(directory, 'kernel.yaml'), 'w', encoding='utf-8') as file:
                file.write(CATALOG)
            rules = run(arguments.turnpike, 'catalog', 'export', '--catalog', directory, '--require', 'kernel',
                        '--format', form, '--inside', inside, '--outside', OUTSIDE).stdout
            world = World(stack)
            world.serve(stack, {(kind, port) for kind, _, port in everything})
            world.watch()
            world.wait_until_open(everything)
            drop_everything(world, form)
            load(world, form, rules)
            if passed := world.probe(everything):
                sys.exit(f'nobody calls the exported chain yet, but it passes {sorted(passed)}')
            call(world, form)
            if mistakes := mistakes_with_rules(world, versions):
                sys.exit(f'--inside {inside}: ' + '; '.join(mistakes) + f'\n{rules}')
    print(f'{form}: dropped before, passed with the exported rules, the rest stayed closed')


if __name__ == '__main__':
    main()
