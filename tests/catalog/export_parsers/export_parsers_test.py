#!/usr/bin/env python3
"""Every export of every product of the five seed documents before its parser: the program itself where Debian has
it, else the grammar of the vendor's manual in `grammars.py`. Exit status 77: skipped, with the reason."""
import argparse
import csv
import io
import ipaddress
import json
import os
import re
import subprocess
import sys
import tempfile

import exports
import grammars
from exports import HERE, ROOT, need, skip


def fail(*words):
    sys.exit(' '.join(str(word) for word in words))


def run(*words, **options):
    return subprocess.run(words, check=False, text=True, capture_output=True, **options)


class Test:
    """One format; `check` gets each product's export, without and with addresses for its names."""

    def __init__(self, turnpike, form, directory):
        self.turnpike, self.form, self.directory = turnpike, form, directory
        self.count = 0

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)
        return self.path(name)

    def prepare(self):
        """Skips if something is missing."""

    def export(self, selector, *words):
        return exports.export(self.turnpike, self.form, selector, *exports.SIDES.get(self.form, []), *words)

    def run(self):
        self.prepare()
        for revision in exports.products(self.turnpike):
            database = exports.seen_database(self.turnpike, revision, self.directory)
            for words in ([], ['--seen', database], ['--level', 'required', '--alternative', 'preferred']):
                text, remarks = self.export(revision['selector'], *words)
                self.check(revision, text, remarks, words)
                self.count += 1
        # The largest: everything at once.
        self.check_all()
        print(f'{self.form}: {self.count} exports accepted')

    def check(self, revision, text, remarks, words):
        raise NotImplementedError

    def check_all(self):
        words = ['--catalog', os.path.join(ROOT, 'catalog'), '--format', self.form]
        done = run(self.turnpike, 'catalog', 'export', *words, *exports.SIDES.get(self.form, []))
        if done.returncode:
            fail('everything:', done.stderr)
        self.check({'selector': 'everything', 'rules': []}, done.stdout, done.stderr, [])
        self.count += 1


class Squid(Test):
    """`hosts` as a dstdomain list, `squid` as part of a configuration."""

    def prepare(self):
        need('squid', 'squid')

    def check(self, revision, text, remarks, words):
        export = self.write('export', text)
        include = f'include {export}\n' if self.form == 'squid' else f'acl turnpike dstdomain "{export}"\nhttp_access allow turnpike\n'
        if self.form == 'hosts' and not [line for line in text.splitlines() if not line.startswith('#')]:
            return   # a list without a name: Squid warns of it, rightly
        configuration = self.write('squid.conf', f'{include}http_access deny all\nhttp_port 127.0.0.1:3128\n'
                                                 f'pid_filename none\ncoredump_dir {self.directory}\n')
        done = run('squid', '-k', 'parse', '-f', configuration)
        complaints = [line for line in done.stderr.splitlines() if re.search('ERROR|WARNING|FATAL|Bungled', line)]
        if done.returncode or complaints:
            fail(revision['selector'], done.returncode, *(complaints or [done.stderr]))


class Aws(Test):
    """The parameters that botocore's service model takes for the two operations."""

    def prepare(self):
        try:
            import botocore.loaders
            import botocore.model
            import botocore.validate
        except ImportError:
            skip('botocore is not installed (package python3-botocore)')
        model = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model('ec2', 'service-2'))
        operation = 'Egress' if self.form == 'aws-security-group' else 'Ingress'
        self.shape = model.operation_model(f'AuthorizeSecurityGroup{operation}').input_shape
        self.validator = botocore.validate.ParamValidator()

    def validate(self, selector, parameters):
        report = self.validator.validate(parameters, self.shape)
        if report.has_errors():
            fail(selector, report.generate_report())
        # What the model does not say: the service's limits.
        rules = {4: set(), 6: set()}
        for permission in parameters['IpPermissions']:
            if permission['IpProtocol'] not in ('tcp', 'udp') or not 0 < permission['FromPort'] <= permission['ToPort'] < 65536:
                fail(selector, permission)
            if not permission.get('IpRanges') and not permission.get('Ipv6Ranges'):
                fail(selector, 'a permission for nobody', permission)
            for version, ranges, member in ((4, 'IpRanges', 'CidrIp'), (6, 'Ipv6Ranges', 'CidrIpv6')):
                for block in permission.get(ranges, []):
                    network = ipaddress.ip_network(block[member])   # strict: no host bits
                    rule = (permission['IpProtocol'], permission['FromPort'], permission['ToPort'], network)
                    if network.version != version or '/' not in block[member] or rule in rules[version]:
                        fail(selector, 'twice or malformed', rule)
                    if not re.fullmatch(r'[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}', block['Description']):
                        fail(selector, 'description', block['Description'])
                    rules[version].add(rule)
        if max(map(len, rules.values())) > 60:
            fail(selector, 'more rules than a group takes')
        return rules[4] | rules[6]

    def check(self, revision, text, remarks, words):
        parts = int((re.search(r'part 1 of (\d+)', remarks) or [0, 1])[1])
        rules = self.validate(revision['selector'], {'GroupId': 'sg-0', 'IpPermissions': json.loads(text)})
        if revision['selector'] == 'everything':
            return
        for part in range(1, parts + 1):
            again, _ = self.export(revision['selector'], *words, '--part', str(part), '--inside', 'sg-0123456789abcdef0')
            more = self.validate(revision['selector'], json.loads(again))
            if part > 1 and more & rules:
                fail(revision['selector'], 'a rule in two parts')
            rules |= more


class Sense(Test):
    """XML that has the vendor's shape, and that adds to a backup without changing what is there."""

    def prepare(self):
        need('xmllint', 'libxml2-utils')
        need('xsltproc', 'xsltproc')

    def valid(self, path):
        done = run('xmllint', '--noout', '--relaxng', os.path.join(HERE, f'{self.form}.rng'), path)
        if done.returncode:
            fail(done.stderr[:2000])

    def check(self, revision, text, remarks, words):
        import xml.etree.ElementTree as tree
        export = self.write('turnpike.xml', text)
        self.valid(export)
        backup = os.path.join(HERE, f'{self.form}-backup.xml')
        self.valid(backup)
        added = backup
        for number in (1, 2):   # the second time replaces what the first one added
            before, added = added, self.path(f'added-{number}.xml')
            done = run('xsltproc', '-o', added, '-stringparam', 'rules', export,
                       os.path.join(ROOT, 'packaging/add-to-backup.xsl'), before)
            if done.returncode:
                fail(done.stderr)
            self.valid(added)
        def names(path, kind):
            return [element.findtext('name') or element.findtext('descr')
                    for element in tree.parse(path).iter(kind)]
        for kind in ('alias', 'rule'):
            ours, theirs, both = names(export, kind), names(backup, kind), names(added, kind)
            if sorted(both) != sorted(ours + theirs):
                fail(revision['selector'], kind, both, 'instead of', ours, 'and', theirs)
            if len(set(ours)) != len(ours) and kind == 'alias':
                fail(revision['selector'], 'an alias twice', ours)
        referred = {element.text for path in ('.//rule/source/address', './/rule/destination/address')
                    for element in tree.parse(export).findall(path)}
        if missing := referred - set(names(export, 'alias')):
            fail(revision['selector'], 'aliases that are not there:', missing)
        for rule in tree.parse(export).iter('rule'):
            if rule.findtext('interface') != 'lan' and rule.find('source/any') is not None:
                fail(revision['selector'], 'admits anybody from outside')
        if tree.parse(added).findtext('.//hostname') != 'gateway':
            fail('the rest of the backup is gone')


class Grammar(Test):
    """No parser in Debian: the grammar of the vendor's manual, and what the rules refer to and admit."""

    def check(self, revision, text, remarks, words):
        try:
            rules = grammars.PARSERS[self.form](text)
        except grammars.Wrong as wrong:
            fail(revision['selector'], self.form, wrong)
        if revision['rules'] and not words and not rules and self.form != 'windows-netsh':
            ports = any(rule['ports'] for rule in revision['rules'])
            names = [name for rule in revision['rules'] for name in rule.get('names', [])]
            if ports and not names:
                fail(revision['selector'], 'nothing was written')


class Wireshark(Test):
    """With the names of the capture's DNS answers tshark takes the filter, and it shows the packets of the rows in both directions, and no others."""

    def prepare(self):
        need('tshark', 'tshark')

    def frames(self, capture, expression, *fields):
        done = run('tshark', '-N', 'nd', '-r', capture, '-Y', expression, '-T', 'fields', '-E', 'occurrence=f',
                   *(word for field in ('frame.number', *fields) for word in ('-e', field)))
        if done.returncode:
            fail(done.stderr, expression)
        return [line.split('\t') for line in done.stdout.splitlines()]

    def check(self, revision, text, remarks, words):
        self.frames(self.path('names.pcap'), text.strip() or 'frame')

    def check_all(self):
        super().check_all()
        for name in ('observed', 'media-blocked'):
            capture = os.path.join(ROOT, 'captures/sendbird', name + '.pcap')
            text, _ = self.export('sendbird/calls@undated', '--level', 'recommended')
            servers = {row[1] for row in self.frames(
                capture, r'dns.a && dns.qry.name matches "calls\\.sendbird\\.com$"', 'dns.a')}
            wanted = self.frames(capture, f"ip.addr in {{{', '.join(servers)}}} && (tcp.port == 443 || udp.port == 5349)")
            shown = self.frames(capture, text.strip())
            if not servers or not wanted or shown != wanted:
                fail(name, 'shows', shown, 'instead of', wanted)


class Csv(Test):
    """Against `catalog show`: nothing that it shows of a rule is missing."""

    def check(self, revision, text, remarks, words):
        rows = list(csv.DictReader(io.StringIO(text)))
        if words or revision['selector'] == 'everything':
            return
        wanted = []
        for rule in revision['rules']:
            for port in rule['ports'] or [{'transport': '', 'ports': 'unstated'}]:
                wanted.append((rule, port))
        if len(rows) != len(wanted):
            fail(revision['selector'], len(rows), 'rows instead of', len(wanted))
        for row, (rule, port) in zip(rows, wanted, strict=True):
            self.compare(revision, row, rule, port)

    @staticmethod
    def compare(revision, row, rule, port):
        names = [name['name'] for name in rule.get('names', [])]
        networks = [network if isinstance(network, str) else network['network'] for network in rule['networks']]
        extra = ['any'] * rule['any'] + ['any-without-wildcards'] * rule['any_without_wildcards']
        alternative = rule.get('alternative', {})
        found = {
            'selector': f"{row['vendor']}/{row['product']}@{row['revision']}", 'id': row['rule'],
            'purpose': row['purpose'], 'level': row['level'], 'condition': row['condition'],
            'direction': row['direction'], 'duplex': row['duplex'], 'transport': row['transport'],
            'ports': row['ports'], 'port condition': row['port_condition'],
            'destinations': row['destinations'].split(), 'reference': row['reference'],
            'shared': row['shared'].split(), 'expects': row['expects'].split(), 'notes': row['notes'],
            'group': row['alternative_group'], 'branch': row['alternative_branch'],
            'without it': row['without_it'], 'lifecycle': row['lifecycle'],
        }
        wanted = {
            'selector': revision['selector'], 'id': rule['id'], 'purpose': rule['purpose'], 'level': rule['level'],
            'condition': rule.get('condition', ''), 'direction': rule['direction'], 'duplex': rule['duplex'],
            'transport': port['transport'], 'ports': port['ports'], 'port condition': port.get('condition', ''),
            'destinations': names + networks + extra, 'reference': rule.get('reference', ''),
            'shared': [name['name'] for name in rule.get('names', []) if name.get('shared')],
            'expects': rule['expects'], 'notes': rule.get('notes', ''),
            'group': alternative.get('group', rule.get('alternative_group', '')),
            'branch': alternative.get('branch', rule.get('alternative_branch', '')),
            'without it': rule.get('without_it', rule.get('lost_feature', '')), 'lifecycle': rule['lifecycle'],
        }
        for key, value in wanted.items():
            if found[key] != value:
                fail(revision['selector'], rule['id'], key, repr(found[key]), 'instead of', repr(value))


class Urls(Test):
    def check(self, revision, text, remarks, words):
        for line in text.splitlines():
            if not line.startswith('#') and not re.fullmatch(r'https?://[a-z0-9*._-]+(:\d{1,5})?/\*', line):
                fail(revision['selector'], line)


TESTS = {
    'hosts': Squid, 'squid': Squid, 'aws-security-group': Aws, 'aws-security-group-ingress': Aws, 'pfsense': Sense,
    'opnsense': Sense, 'wireshark': Wireshark, 'csv': Csv, 'proxy-urls': Urls, 'cisco-ios': Grammar,
    'palo-alto': Grammar, 'fortigate': Grammar, 'windows-netsh': Grammar, 'powershell': Grammar,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--turnpike', required=True)
    parser.add_argument('--format', required=True, choices=sorted(TESTS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        TESTS[arguments.format](arguments.turnpike, arguments.format, directory).run()


if __name__ == '__main__':
    main()
