"""The languages of firewalls whose parsers Debian does not have, as their manuals describe them. Each parser gives
the rules it read; it raises Wrong for text the firewall would refuse, for objects that are referred to and not there,
and for a rule that admits packets from outside that nobody asked for."""
import ipaddress
import re
import shlex


class Wrong(Exception):
    pass


def expect(truth, *words):
    if not truth:
        raise Wrong(' '.join(map(str, words)))


def port_range(text, between='-'):
    first, _, last = text.partition(between)
    expect(first.isdigit() and (last or first).isdigit(), 'ports', text)
    expect(0 < int(first) <= int(last or first) < 65536, 'ports', text)


# ---- Cisco IOS ----

def cisco_place(words, version):
    """Takes a place off the front of the words."""
    expect(words, 'a place is missing')
    if words[0] == 'any':
        del words[0]
    elif words[0] == 'host':
        expect(ipaddress.ip_address(words[1]).version == version, words)
        del words[:2]
    elif version == 6:
        ipaddress.IPv6Network(words.pop(0))
    else:
        address, wildcard = ipaddress.IPv4Address(words.pop(0)), ipaddress.IPv4Address(words.pop(0))
        expect((int(wildcard) & (int(wildcard) + 1)) == 0, 'wildcard', wildcard)
        expect(int(address) & int(wildcard) == 0, 'bits behind the wildcard', address, wildcard)


def cisco_entry(words, version):
    """Where the entry reflects to."""
    expect(words[0] == 'permit' and words[1] in ('tcp', 'udp'), words)
    rest = words[2:]
    cisco_place(rest, version)
    cisco_place(rest, version)
    if rest[0] == 'eq':
        port_range(rest[1])
        del rest[:2]
    else:
        expect(rest[0] == 'range', rest)
        port_range(f'{rest[1]}-{rest[2]}')
        del rest[:3]
    expect(len(rest) == 2 and rest[0] == 'reflect' and len(rest[1]) <= 64, 'answers are not admitted by state', words)
    return rest[1]


def cisco_ios(text):
    lists, current, version = {}, None, 4
    for line in text.splitlines():
        if line.startswith('!'):
            continue
        if head := re.fullmatch(r'(ip access-list extended|ipv6 access-list) (\S+)', line):
            version, current = (4 if 'extended' in head[1] else 6), head[2]
            expect(current not in lists, 'list twice', current)
            lists[current] = {'version': version, 'permits': [], 'reflected': set(), 'evaluated': set(), 'remarks': []}
            continue
        expect(line.startswith(' ') and current, line)
        words = line.split()
        if words[0] == 'remark':
            expect(len(line[len(' remark '):]) <= 100, 'remark too long', line)
            lists[current]['remarks'].append(line)
        elif words[0] == 'evaluate':
            lists[current]['evaluated'].add(words[1])
        else:
            lists[current]['reflected'].add(cisco_entry(words, version))
            lists[current]['permits'].append(line)
    expect(lists, 'no list')
    reflected = set().union(*(each['reflected'] for each in lists.values()))
    evaluated = set().union(*(each['evaluated'] for each in lists.values()))
    expect(reflected <= evaluated, 'answers that nothing evaluates', reflected - evaluated)
    for name, each in lists.items():
        expect(not each['reflected'] & each['evaluated'], name, 'evaluates its own direction')
        expect(any('mplicit deny' in remark for remark in each['remarks']), name, 'does not say how it ends')
        if '-IN' in name:
            expect(not any(re.match(r' permit \S+ any any ', line) for line in each['permits']), name, 'is open')
    return [line for each in lists.values() for line in each['permits']]


# ---- Palo Alto PAN-OS ----

def palo_alto(text):
    rules, services, addresses, categories = {}, set(), set(), set()
    for line in text.splitlines():
        if line.startswith('#'):
            continue
        words = shlex.split(line)
        expect(words[0] == 'set', line)
        expect(all(0x20 <= ord(c) < 0x7f for c in line), 'not printable', line)
        if words[1] == 'service':
            expect(re.fullmatch(r'[A-Za-z0-9][A-Za-z0-9._-]{0,62}', words[2]), 'name', words[2])
            expect(words[3] == 'protocol' and words[4] in ('tcp', 'udp') and words[5] == 'port' and len(words) == 7, line)
            expect(len(words[6]) <= 1023, 'ports too long')
            for item in words[6].split(','):
                port_range(item)
            services.add(words[2])
        elif words[1] == 'address':
            expect(re.fullmatch(r'[A-Za-z0-9][A-Za-z0-9._-]{0,62}', words[2]), 'name', words[2])
            if words[3] == 'ip-netmask':
                ipaddress.ip_network(words[4])
            elif words[3] == 'description':
                expect(words[2] in addresses and len(words[4]) <= 1023, line)
            else:
                expect(words[3] == 'fqdn' and re.fullmatch(r'[a-z0-9._-]{1,255}', words[4]), line)
            addresses.add(words[2])
        elif words[1:3] == ['profiles', 'custom-url-category']:
            expect(re.fullmatch(r'[A-Za-z0-9][A-Za-z0-9._-]{0,30}', words[3]), 'name', words[3])
            if words[4] == 'type':
                expect(words[5] == 'URL List', line)
                categories.add(words[3])
            else:
                expect(words[3] in categories and words[4] == 'list', line)
                expect(re.fullmatch(r'(\*\.)?[a-z0-9._-]{1,250}/', words[5]), line)
        else:
            expect(words[1:4] == ['rulebase', 'security', 'rules'], line)
            expect(re.fullmatch(r'[A-Za-z0-9][A-Za-z0-9._-]{0,62}', words[4]), 'name', words[4])
            palo_alto_rule(rules.setdefault(words[4], {}), words[5:])
    for name, rule in rules.items():
        expect(set(rule) == {'from', 'to', 'source', 'destination', 'application', 'service', 'category', 'action'},
               name, sorted(rule))
        expect('any' not in rule['from'] + rule['to'], name, 'has no sides')
        expect(set(rule['service']) <= services, name, 'service is not there')
        expect(set(rule['source'] + rule['destination']) - {'any'} <= addresses, name, 'address is not there')
        expect(set(rule['category']) - {'any'} <= categories, name, 'category is not there')
        if rule['from'] == ['untrust']:
            expect(rule['source'] != ['any'] or rule['destination'] != ['any'], name, 'admits anybody from outside')
        else:
            expect(rule['from'] == ['trust'] and rule['to'] == ['untrust'], name, 'goes the wrong way')
    return list(rules)


def palo_alto_rule(rule, words):
    while words:
        key = words.pop(0)
        if words[0] == '[':
            end = words.index(']')
            values = words[1:end]
            del words[:end + 1]
        else:
            values = [words.pop(0)]
        rule.setdefault(key, []).extend(values)


# ---- FortiGate ----

def fortigate(text):
    tables, table, entry = {}, None, None
    for line in text.splitlines():
        if line.strip().startswith('#') or not line.strip():
            continue
        words = shlex.split(line)
        if words[0] == 'config':
            expect(table is None, 'config within config', line)
            table = ' '.join(words[1:])
            expect(table not in tables, 'table twice', table)
            tables[table] = []
        elif words[0] == 'edit':
            expect(table and entry is None and len(words) == 2, line)
            entry = {'edit': words[1]}
        elif words[0] == 'set':
            expect(entry is not None and words[1] not in entry and len(words) > 2, line)
            entry[words[1]] = words[2:]
        elif words[0] == 'next':
            tables[table].append(entry)
            entry = None
        else:
            expect(words == ['end'] and entry is None and table, line)
            table = None
    expect(table is None, 'config without end')
    fortigate_objects(tables)
    return [fortigate_policy(policy, tables) for policy in tables.get('firewall policy', [])]


def fortigate_objects(tables):
    for name in ('firewall address', 'firewall address6', 'firewall service custom'):
        entries = [entry['edit'] for entry in tables.get(name, [])]
        expect(len(entries) == len(set(entries)), name, 'an object twice')
        expect(all(0 < len(entry) <= 79 for entry in entries), name, 'a name too long')
    values = [tuple(entry.get('subnet', entry.get('fqdn', []))) for entry in tables.get('firewall address', [])]
    expect(len(values) == len(set(values)), 'equal address objects are not shared')
    for entry in tables.get('firewall address', []):
        if 'subnet' in entry:
            ipaddress.IPv4Network(entry['subnet'][0])
        else:
            expect(entry['type'] == ['fqdn'] and re.fullmatch(r'(\*\.)?[a-z0-9._-]{1,250}', entry['fqdn'][0]), entry)
        expect(len(entry.get('comment', [''])[0]) <= 255, entry)
    for entry in tables.get('firewall address6', []):
        ipaddress.IPv6Network(entry['ip6'][0])
    for entry in tables.get('firewall service custom', []):
        for key in set(entry) - {'edit'}:
            expect(key in ('tcp-portrange', 'udp-portrange'), entry)
            for item in entry[key]:
                port_range(item)


def fortigate_policy(policy, tables):
    def known(table):
        return {entry['edit'] for entry in tables.get(table, [])} | {'all'}
    expect(policy['edit'] == '0' and len(policy['name'][0]) <= 35, policy)
    expect('any' not in policy['srcintf'] + policy['dstintf'], 'no sides', policy)
    expect(policy['action'] == ['accept'] and policy['schedule'] == ['always'], policy)
    expect(set(policy['service']) <= known('firewall service custom'), policy)
    expect(('srcaddr' in policy) == ('dstaddr' in policy) and ('srcaddr6' in policy) == ('dstaddr6' in policy), policy)
    expect('srcaddr' in policy or 'srcaddr6' in policy, policy)
    for digit in ('', '6'):
        members = set(policy.get('srcaddr' + digit, []) + policy.get('dstaddr' + digit, []))
        expect(members <= known('firewall address' + digit), policy)
        if policy['srcintf'] == ['wan1'] and members:
            expect(members != {'all'}, 'admits anybody from outside', policy)
    expect(policy['srcintf'] != policy['dstintf'], policy)
    return policy['name'][0]


# ---- Windows ----

def windows_addresses(text, word):
    for item in text.split(','):
        expect(item == word or ipaddress.ip_network(item), item)


def windows_rule(found, text, word):
    expect(found, text)
    for item in found['ports'].split(','):
        port_range(item)
    windows_addresses(found['local'], word)
    windows_addresses(found['remote'], word)
    inbound = found['direction'].startswith(('in', 'In'))
    expect(inbound == (found['side'] in ('localport', '-LocalPort')), text)
    expect(not inbound or found['remote'] != word or found['local'] != word, 'admits anybody', text)
    return text


def windows_netsh(text):
    rules = []
    for line in text.splitlines():
        if line == 'rem' or line.startswith('rem '):
            expect(not set(line) & set('%&|<>^"'), line)
            continue
        expect(len(line) < 8191, 'a command line too long')
        rules.append(windows_rule(re.fullmatch(
            r'netsh advfirewall firewall add rule name="[A-Za-z0-9-]{1,120}" dir=(?P<direction>in|out) action=allow '
            r'protocol=(?:TCP|UDP) (?P<side>localport|remoteport)=(?P<ports>\S+) localip=(?P<local>\S+) '
            r'remoteip=(?P<remote>\S+)', line), line, 'any'))
    return rules


def powershell(text):
    rules = []
    for line in text.splitlines():
        if line.startswith('#'):
            continue
        rules.append(windows_rule(re.fullmatch(
            r"New-NetFirewallRule -DisplayName '[A-Za-z0-9-]{1,120}' -Description '(?:[^']|'')*' "
            r'-Direction (?P<direction>Inbound|Outbound) -Action Allow -Protocol (?:TCP|UDP) '
            r'(?P<side>-LocalPort|-RemotePort) (?P<ports>\S+) -LocalAddress (?P<local>\S+) '
            r'-RemoteAddress (?P<remote>\S+)', line), line, 'Any'))
    return rules


PARSERS = {'cisco-ios': cisco_ios, 'palo-alto': palo_alto, 'fortigate': fortigate, 'windows-netsh': windows_netsh,
           'powershell': powershell}
