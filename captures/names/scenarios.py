"""Names that fail, names that never existed, and names and addresses that do not belong to a vendor alone."""
from kit import messages as m
from kit import scenario, wrap
from kit.expect import blocked, none, nothing_blocked, passed, row
from kit.story import CLIENT, CLIENT6, OTHER_CLIENT, RESOLVER, ROUTER

SERVER, PEER, OTHER_SITE, CLOCK = '203.0.113.10', '198.51.100.80', '198.51.100.30', '198.51.100.123'
PEER6 = '2001:db8:99::80'
NAME = 'api-1.calls.sendbird.com'
SELECTOR = 'sendbird/calls'


def nxdomain(name, asked, zone, what, ede=None):
    """asked: a name below sendbird's wildcard."""
    says_no = zone in ('sendbird.com', 'calls.sendbird.com') and ede is None

    def tell(s):
        s.resolve('www.example.org', OTHER_SITE)
        s.resolve(asked, rcode='NXDOMAIN', zone=zone, ede=ede)
        s.goes_on()
        s.resolve('www.example.net', OTHER_SITE)
        if says_no:
            return [*nothing_blocked(), *[('domains', {'rule_id': rule}, {'block_reason': None, 'status!': 'blocked', 'notes~': 'zone_says_no'})
                                          for rule in ('signaling', 'media')]]
        reason, grade = ('dns_sinkhole', 'A') if ede else ('dns_nxdomain', 'B')
        return [row('signaling', 'blocked', reason, 'dns', grade), row('media', 'blocked', reason, 'dns', grade),
                *[('domains', {'rule_id': rule}, {'block_reason': reason, 'notes!~': 'zone_says_no'}) for rule in ('signaling', 'media')]]
    tell.__doc__ = f'NXDOMAIN for {asked}, {what}.'
    scenario('names', name, SELECTOR, others=['unmatched', 'inconclusive'])(tell)


nxdomain('zone-says-no-literal', '*.calls.sendbird.com', 'sendbird.com', "a pattern asked for as a name, with the SOA of the vendor's zone")
nxdomain('zone-says-no', 'no-such-host.calls.sendbird.com', 'calls.sendbird.com', 'with the SOA of a zone below the registrable domain')
nxdomain('zone-above', 'no-such-host.calls.sendbird.com', 'com', 'with the SOA of a zone above the registrable domain')
nxdomain('zone-of-a-policy', 'no-such-host.calls.sendbird.com', 'rpz.corp.example', 'with the SOA of a response policy zone')
nxdomain('zone-unsaid', 'no-such-host.calls.sendbird.com', None, 'without an SOA')
nxdomain('zone-and-policy', 'no-such-host.calls.sendbird.com', 'sendbird.com', "with the zone's SOA and Extended DNS Error 15, blocked", ede=15)


@scenario('names', 'zone-denies-a-listed-name', 'whereby/meetings@2025-01-31')
def zone_denies(s):
    """NXDOMAIN with the zone's own SOA for a name that a row lists literally: the resolver does not tell the truth."""
    s.resolve('www.example.org', OTHER_SITE)
    s.resolve('turnserver.appearin.net', rcode='NXDOMAIN', zone='appearin.net')
    s.goes_on()
    return [row('turn-tls', 'blocked', 'dns_nxdomain', 'dns', 'B'), row('turn-udp', 'blocked', 'dns_nxdomain', 'dns', 'B')]


@scenario('names', 'teams-literal-patterns', 'microsoft/teams', others=['unmatched', 'inconclusive'])
def teams_literals(s):
    """Somebody asks for three wildcard patterns of a document literally; their zones say that there are no such names."""
    s.resolve('www.example.org', OTHER_SITE)
    for name, zone in (('*.lync.com', 'lync.com'), ('*.teams.microsoft.com', 'microsoft.com'), ('*.skype.com', 'skype.com')):
        s.resolve(name, rcode='NXDOMAIN', zone=zone)
    s.goes_on()
    return nothing_blocked()


@scenario('names', 'nothing-else-resolves', SELECTOR)
def nothing_else(s):
    """NXDOMAIN for a vendor's name, and no other name is asked for: suspected only."""
    s.resolve(NAME, rcode='NXDOMAIN')
    s.wait(4)
    s.tcp(OTHER_SITE, 443).open().tls('www.example.org').close()
    return [row('signaling', 'blocked', 'dns_nxdomain', 'dns', 'C'), row('media', 'blocked', 'dns_nxdomain', 'dns', 'C')]


# ---- names that many share ----
def google_name_fails(s):
    s.resolve('www.example.org', OTHER_SITE)
    s.resolve('mtalk.google.com', rcode='NXDOMAIN')
    s.goes_on()


@scenario('names', 'shared-name-alone', 'cisco/webex')
def shared_alone(s):
    """A name under *.google.com fails, and there is no packet of Webex: nothing is said of Webex."""
    google_name_fails(s)
    return [*nothing_blocked(), none('domains', status='blocked')]


@scenario('names', 'shared-name-beside-the-vendor', 'cisco/webex')
def shared_beside(s):
    """The same beside live signalling of Webex: the row for push messages is blocked."""
    s.resolve('idbroker.webex.com', SERVER)
    call = s.tcp(SERVER, 443).open().tls('idbroker.webex.com')
    google_name_fails(s)
    call.close()
    return [row('signaling', 'observed'), row('push', 'blocked', 'dns_nxdomain', 'dns', 'B')]


@scenario('names', 'shared-name-flow-alone', 'cisco/webex')
def shared_flow(s):
    """A connection to a Google host is dropped, and there is no packet of Webex."""
    s.resolve('mtalk.google.com', PEER)
    s.tcp(PEER, 443).syn(times=4)
    s.goes_on()
    return [none('requirements', status='blocked'), blocked({'server_ip': PEER}, 'tcp_timeout', 'tcp', 'C')]


@scenario('names', 'dns-and-time-by-context', 'cisco/webex')
def dns_by_context(s):
    """Webex has rows for DNS and NTP to any destination: the network's own services do not count for them."""
    s.resolve('idbroker.webex.com', SERVER)
    call = s.tcp(SERVER, 443).open().tls('idbroker.webex.com')
    clock = s.datagrams(CLOCK, 123, client_port=123)
    clock.out(b'\x23' + bytes(47))
    clock.back(b'\x24\x02' + bytes(46))
    s.goes_on()
    call.close()
    return [row('signaling', 'observed'), none('flows', server_ip=RESOLVER, vendor='cisco'), passed({'server_ip': CLOCK}, vendor=None)]


@scenario('names', 'dns-from-a-media-port', 'agora/recording@2018-11-06')
def dns_from_media_port(s):
    """DNS, answered and unanswered, from a local port in the range where Agora's recorder takes media: no media."""
    s.resolve('vocs.agora.io', SERVER)
    call = s.tcp(SERVER, 8000).open().tls('vocs.agora.io')
    for port, answered in ((40500, True), (40501, False)):
        flow = s.datagrams('198.51.100.53', 53, client_port=port)
        for number in (7, 8):
            flow.out(m.dns_query(port + number, 'www.example.org'), after=1)
            if answered:
                flow.back(m.dns_response(port + number, 'www.example.org', answers=[('www.example.org', 'A', 300, OTHER_SITE)]))
    s.goes_on()
    call.close()
    return [row('tcp', 'observed', ports='8000'), none('flows', server_ip='198.51.100.53', vendor='agora')]


# ---- who is one client ----
def session(s, call_client, peer_client, peer):
    s.resolve(NAME, SERVER, client=call_client)
    call = s.tcp(SERVER, 443, call_client).open().tls(NAME)
    flow = s.datagrams(peer, 40000, peer_client)
    flow.check('farfrag', 'nearfrag')
    flow.media(1.0)
    s.goes_on(client=call_client)
    call.close()


@scenario('names', 'two-clients-behind-a-router', SELECTOR)
def two_clients(s):
    """Two IPv4 clients are seen behind one link address: the call of one explains nothing of the other."""
    s.behind(ROUTER, CLIENT, OTHER_CLIENT)
    session(s, CLIENT, OTHER_CLIENT, PEER)
    return [row('signaling', 'observed'), passed({'server_ip': PEER}, vendor=None)]


@scenario('names', 'two-clients-and-ipv6-behind-a-router', SELECTOR)
def two_clients6(s):
    """The same with the peer-to-peer flow over IPv6: with two IPv4 addresses on the link address nothing is joined."""
    s.behind(ROUTER, CLIENT, OTHER_CLIENT, CLIENT6)
    s.resolve('www.example.org', OTHER_SITE, client=OTHER_CLIENT)
    session(s, OTHER_CLIENT, CLIENT6, PEER6)
    s.resolve('www.example.org', OTHER_SITE)
    return [row('signaling', 'observed'), passed({'server_ip': PEER6}, vendor=None)]


@scenario('names', 'one-client-with-two-families', SELECTOR)
def two_families(s):
    """One IPv4 and one IPv6 address on one link address are one client."""
    session(s, CLIENT, CLIENT6, PEER6)
    return [row('signaling', 'observed'), row('peer-to-peer', 'observed'), passed({'server_ip': PEER6}, vendor='sendbird', confidence='context')]


@scenario('names', 'seen-by-any-rows', [], others=['unmatched', 'observed', 'inconclusive'])
def seen_by_any(s):
    """A direct call of nobody knows whom, with the whole catalog considered: no product is seen."""
    flow = s.datagrams(PEER, 40000)
    flow.check('farfrag', 'nearfrag')
    flow.media(1.0)
    s.datagrams('198.51.100.99', 3478).binding()
    s.goes_on()
    return [none('headlines'), passed({'server_ip': PEER}), none('flows', confidence=['exact', 'dns', 'context'])]


@scenario('names', 'no-data-and-no-answer', SELECTOR)
def no_data_and_no_answer(s):
    """The resolver says that the name has no IPv4 address, and nothing where it is asked, once, for IPv6 addresses: not known."""
    s.resolve(NAME, qtype='A')
    s.resolve(NAME, qtype='AAAA', answer=False)
    s.goes_on()
    return [row('signaling', 'inconclusive'), row('media', 'inconclusive'), *nothing_blocked()]


@scenario('names', 'no-data-and-no-answer-twice', SELECTOR)
def no_data_and_no_answer_twice(s):
    """The same, asked twice: that both answers were lost is less likely than that none came."""
    s.resolve(NAME, qtype='A')
    s.resolve(NAME, qtype='AAAA', answer=False, sends=2)
    s.goes_on()
    return [row('signaling', 'blocked', 'dns_timeout', 'dns', 'B'), row('media', 'blocked', 'dns_timeout', 'dns', 'B')]


# ---- what the zone says beside other failures ----
NO_SUCH_NAME = 'region9.calls.sendbird.com'


def zone_wins(s):
    s.goes_on()
    return [*nothing_blocked(), *[('domains', {'rule_id': rule}, {'block_reason': None, 'notes~': 'zone_says_no'})
                                  for rule in ('signaling', 'media')]]


@scenario('names', 'zone-says-no-after-a-loss', SELECTOR, others=['unmatched', 'inconclusive'])
def zone_after_loss(s):
    """The first question is lost, the next one is answered by the zone: there is no such name."""
    s.resolve(NO_SUCH_NAME, answer=False)
    s.wait(1)
    s.resolve(NO_SUCH_NAME, rcode='NXDOMAIN', zone='sendbird.com')
    return zone_wins(s)


@scenario('names', 'zone-says-no-then-a-cache', SELECTOR, others=['unmatched', 'inconclusive'])
def zone_then_cache(s):
    """The forwarder repeats the zone's answer from its cache, without the zone."""
    s.resolve(NO_SUCH_NAME, rcode='NXDOMAIN', zone='sendbird.com')
    s.wait(2)
    s.resolve(NO_SUCH_NAME, rcode='NXDOMAIN', qtype='AAAA')
    return zone_wins(s)


@scenario('names', 'zone-cut-off', SELECTOR, others=['unmatched', 'inconclusive'], snap_length=96)
def zone_cut_off(s):
    """The snap length cuts the zone that says no: nobody knows whether it was the name's own."""
    s.resolve(NO_SUCH_NAME, rcode='NXDOMAIN', zone='sendbird.com')
    s.goes_on()
    return [*nothing_blocked(), none('domains', block_reason='dns_nxdomain')]


@scenario('names', 'zone-cut-off-of-a-listed-name', 'whereby/meetings@2025-01-31', others=['unmatched', 'blocked'], snap_length=96)
def zone_cut_off_of_listed(s):
    """The document promises the name: that there is none is a block, whichever zone said so."""
    s.resolve('turnserver.appearin.net', rcode='NXDOMAIN', zone='appearin.net')
    s.goes_on()
    return [none('requirements', status='inconclusive'), none('domains', block_reason='dns_sinkhole')]


@scenario('names', 'zone-cut-off-then-a-cache', SELECTOR, others=['unmatched', 'inconclusive'], snap_length=96)
def zone_cut_then_cache(s):
    """The snap length cut the zone of the first denial; what a cache repeats without one proves no more."""
    s.resolve(NO_SUCH_NAME, rcode='NXDOMAIN', zone='sendbird.com')
    s.wait(2)
    s.resolve(NO_SUCH_NAME, rcode='NXDOMAIN', qtype='AAAA')
    s.goes_on()
    return [*nothing_blocked(), none('domains', block_reason='dns_nxdomain')]


def resolver_unreachable(s, code, source):
    """Two questions to a resolver, and an ICMP error about each."""
    s.resolve('www.example.org', OTHER_SITE)
    for _ in range(2):
        s.txid += 1
        question = s.udp(CLIENT, s.next_port(), '198.51.100.53', 53, m.dns_query(s.txid, NAME))
        s.icmp(question, 3, code, source=source)
        s.wait(0.5)
    s.goes_on()


@scenario('names', 'resolver-refuses', SELECTOR, others=['unmatched', 'inconclusive'])
def resolver_refuses(s):
    """Nothing listens for DNS there, and the host itself says so: it was reached."""
    resolver_unreachable(s, 3, '198.51.100.53')
    return [*nothing_blocked(), row('signaling', 'inconclusive')]


@scenario('names', 'resolver-prohibited', SELECTOR, others=['unmatched', 'blocked'])
def resolver_prohibited(s):
    """A router on the way forbids DNS to that resolver in so many words."""
    resolver_unreachable(s, 13, ROUTER)
    return [row('signaling', 'blocked', 'dns_timeout', 'dns', 'A')]


@scenario('names', 'answer-missed-and-name-reached', SELECTOR, others=['unmatched', 'inconclusive'])
def answer_missed(s):
    """The capture missed the answer to the only question for a name. The client connects to that name: it had an answer."""
    mark = len(s.frames)
    s.resolve(NAME, SERVER)
    del s.frames[mark + 1]
    s.tcp(SERVER, 443).open().tls(NAME).close()
    s.goes_on()
    return [row('signaling', 'observed'), *nothing_blocked(), none('requirements', block_reason='dns_timeout')]


@scenario('names', 'answer-behind-its-connection', SELECTOR)
def answer_behind(s):
    """Captured on two machines: the answer of the resolver, 30 ms late, stands behind the SYN to the address that it told."""
    mark = len(s.frames)
    s.resolve(NAME, SERVER)
    (asked, answered) = s.frames[mark:]
    del s.frames[mark + 1]
    s.tcp(SERVER, 443).syn(times=4)
    s.frames.insert(mark + 2, (s.frames[mark + 1][0] + 0.03, answered[1]))
    s.goes_on()
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C'), blocked({'server_ip': SERVER}, 'tcp_timeout', 'tcp', 'C', rule_id='signaling')]


@scenario('names', 'prohibited-and-name-reached', SELECTOR, others=['unmatched', 'blocked'])
def prohibited_and_reached(s):
    """A router forbids DNS in so many words, and the client remembers an address: the name is blocked all the same."""
    resolver_unreachable(s, 13, ROUTER)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    s.goes_on()
    return [row('signaling', 'observed'), row('media', 'blocked', 'dns_timeout', 'dns', 'A', ports='5349', transport='udp')]


def long_answer(s, name, *, client=CLIENT, address='203.0.113.{}'):
    """A question whose answer takes two fragments, of which a filter for port 53 lets through the first one."""
    s.resolve(name, *[address.format(i) for i in range(1, 81)], client=client)
    when, frame = s.frames[-1]
    s.frames[-1] = (when, wrap.fragments(frame, 1232)[0])


@scenario('names', 'answer-in-fragments', SELECTOR, others=['unmatched'])
def answer_in_fragments(s):
    """tcpdump "port 53": of an answer in fragments the first one was captured, and it says that the name resolved."""
    long_answer(s, NAME)
    s.goes_on()
    return [*nothing_blocked(), none('flows', outcome='inconclusive'),
            ('dns_queries', {'qname': NAME}, {'rcode': 'NOERROR', 'answers~': '203.0.113.1'})]


@scenario('names', 'answer-in-fragments-and-more', SELECTOR, others=['unmatched', 'inconclusive'])
def answer_in_fragments_and_more(s):
    """The same over IPv6 in a capture that goes on for minutes; another question gets no answer at all."""
    long_answer(s, NAME, client=CLIENT6, address='2001:db8:10::{:x}')
    s.wait(3)
    s.resolve('app-1.calls.sendbird.com', client=CLIENT6, answer=False, sends=3)
    for _ in range(5):
        s.goes_on(30, client=CLIENT6)
    return [('dns_queries', {'qname': NAME}, {'rcode': 'NOERROR', 'answers~': '2001:db8:10::1'}),
            ('dns_queries', {'qname': 'app-1.calls.sendbird.com'}, {'rcode': None})]


def unanswered_beside_refused(name, others, what):
    def tell(s):
        for i in range(others):
            s.resolve(f'n{i}.example.org', OTHER_SITE)
        s.txid += 1
        s.refuse(s.udp(CLIENT, s.next_port(), RESOLVER, 53, m.dns_query(s.txid, 'api-2.calls.sendbird.com')), 3, 3)
        s.wait(1)
        s.resolve(NAME, answer=False)
        s.goes_on(1)
        return [*nothing_blocked(), row('signaling', 'inconclusive', inconclusive_reason='capture_ended')]
    tell.__doc__ = f'One name is refused by the resolver, another one asked for at the end; {what}.'
    scenario('names', name, SELECTOR, others=['unmatched', 'inconclusive'])(tell)


# What is said of the row must not depend on how names are kept.
unanswered_beside_refused('two-undecided-names', 0, 'no other name is seen')
unanswered_beside_refused('two-undecided-names-among-many', 12, 'others resolve before')


@scenario('names', 'unanswered-for-one-client', SELECTOR, others=['unmatched', 'inconclusive', 'blocked'])
def unanswered_for_one_client(s):
    """Two clients get no answer; one of them connects to the name all the same, which says nothing of the other one."""
    for client in (CLIENT, OTHER_CLIENT):
        s.resolve(NAME, answer=False, sends=2, client=client)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    s.goes_on(6)
    return [row('signaling', 'observed'), row('media', 'blocked', 'dns_timeout', 'dns', 'B', ports='5349', transport='udp')]


@scenario('names', 'unanswered-long-after-a-connection', SELECTOR, others=['unmatched', 'inconclusive', 'blocked'])
def unanswered_long_after(s):
    """The client connected by name ten minutes before; the questions that get no answer now are blocked."""
    s.tcp(SERVER, 443).open().tls(NAME).close()
    s.wait(600)
    s.resolve(NAME, answer=False, sends=2)
    s.goes_on(6)
    return [row('signaling', 'observed'), row('media', 'blocked', 'dns_timeout', 'dns', 'B', ports='5349', transport='udp')]


@scenario('names', 'prohibited-for-a-one-sided-client', SELECTOR, others=['unmatched', 'blocked', 'inconclusive'])
def prohibited_one_sided(s):
    """Only one direction of the client is in the capture; what a router forbids it in so many words is blocked all the same."""
    s.tcp(OTHER_SITE, 443).open().tls('www.example.org', talk=5)
    s.only_from(CLIENT)
    s.txid += 1
    s.icmp(s.udp(CLIENT, s.next_port(), RESOLVER, 53, m.dns_query(s.txid, NAME)), 3, 13)
    s.wait(4)
    s.tcp(OTHER_SITE, 443).syn()
    return [row('signaling', 'blocked', 'dns_timeout', 'dns', 'A')]


@scenario('names', 'shared-address-just-asked', SELECTOR, others=['unmatched', 'blocked'])
def just_asked(s):
    """Two names lead to one address; the client connects to it right after it asked for the second one."""
    s.resolve('www.example.org', SERVER)
    s.wait(5)
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=4)
    s.goes_on()
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C'),
            blocked({'server_ip': SERVER}, 'tcp_timeout', 'tcp', 'C', server_name=NAME, server_name_source='dns')]
