"""One small capture for every block reason, inconclusive reason and note, on Sendbird's three rows."""
from kit import messages as m
from kit import packets as p
from kit import scenario
from kit.expect import blocked, inconclusive, none, nothing_blocked, row
from kit.story import CLIENT, CLIENT6, OTHER_CLIENT, PROXY, ROUTER

SERVER, SERVER6, MEDIA, PEER = '203.0.113.10', '2001:db8:cafe::10', '203.0.113.20', '198.51.100.80'
NAME, MEDIA_NAME = 'api-1.calls.sendbird.com', 'turn-1.calls.sendbird.com'
SELECTOR = 'sendbird/calls'


def other_site(s, client=CLIENT):
    """Something else that works: it shows that the capture goes on, and is no control of anything."""
    s.tcp('198.51.100.30', 443, client).open().tls('www.example.org').close()


def signalling(s):
    s.resolve(NAME, SERVER)
    return s.tcp(SERVER, 443).open().tls(NAME)


def flow(outcome, reason=None, stage=None, grade=None, server=SERVER, **more):
    return ('flows', {'server_ip': server}, {'outcome': outcome, 'block_reason': reason, 'stage': stage, 'grade': grade, **more})


def note(text, server=SERVER):
    return ('flows', {'server_ip': server}, {'notes~': text})


def dns_failure(name, reason, grade, ask):
    def tell(s):
        s.resolve('www.example.org', '198.51.100.30')
        ask(s)
        s.wait(5)
        s.resolve('www.example.net', '198.51.100.31')
        return [row('signaling', 'blocked', reason, 'dns', grade), row('media', 'blocked', reason, 'dns', grade)]
    tell.__doc__ = f'A name of the vendor fails with {reason}; another name resolves.'
    scenario('verdicts', name, SELECTOR)(tell)


dns_failure('dns-nxdomain', 'dns_nxdomain', 'B', lambda s: s.resolve(NAME, rcode='NXDOMAIN'))
dns_failure('dns-refused', 'dns_refused', 'B', lambda s: s.resolve(NAME, rcode='REFUSED'))
dns_failure('dns-servfail', 'dns_refused', 'B', lambda s: s.resolve(NAME, rcode='SERVFAIL'))
dns_failure('dns-timeout', 'dns_timeout', 'B', lambda s: s.resolve(NAME, answer=False, sends=2))
dns_failure('dns-sinkhole', 'dns_sinkhole', 'B', lambda s: s.resolve(NAME, '0.0.0.0'))
dns_failure('dns-extended-error', 'dns_sinkhole', 'A', lambda s: s.resolve(NAME, rcode='NXDOMAIN', ede=15))


@scenario('verdicts', 'dns-nodata-beside-good-a', SELECTOR)
def nodata(s):
    """AAAA without data beside a good A record is no failure."""
    s.resolve(NAME, SERVER)
    s.txid += 1
    port = s.next_port()
    s.udp(CLIENT, port, '192.168.10.53', 53, m.dns_query(s.txid, NAME, 'AAAA'))
    s.udp('192.168.10.53', 53, CLIENT, port, m.dns_response(s.txid, NAME, 'AAAA'), ttl=64)
    s.wait(4)
    other_site(s)
    return [('domains', {'rule_id': 'signaling'}, {'status': 'observed', 'block_reason': None}),
            ('domains', {'rule_id': 'media'}, {'status': 'observed', 'block_reason': None})]


@scenario('verdicts', 'tcp-timeout', SELECTOR)
def tcp_timeout(s):
    """Four SYNs and silence: suspected only, for the server may as well be down."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=4)
    s.wait(4)
    s.resolve('late.example.org', '198.51.100.9')
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C'), flow('blocked', 'tcp_timeout', 'tcp', 'C')]


@scenario('verdicts', 'tcp-timeout-with-control', SELECTOR)
def tcp_timeout_control(s):
    """The same beside another port of the same address that works for the same client: probable."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=4)
    s.wait(4)
    s.tcp(SERVER, 8443).open().tls('status.example.net').close()
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'B'),
            blocked({'server_ip': SERVER, 'server_port': 443}, 'tcp_timeout', 'tcp', 'B', {'server_port': 8443})]


@scenario('verdicts', 'tcp-timeout-other-site-works', SELECTOR)
def tcp_timeout_other_site(s):
    """The same beside another site that works: no control of this kind."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=4)
    s.wait(4)
    other_site(s)
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C'), blocked({'server_ip': SERVER}, 'tcp_timeout', 'tcp', 'C')]


@scenario('verdicts', 'tcp-timeout-other-client-works', SELECTOR)
def tcp_timeout_other_client(s):
    """One client is blocked where another client reaches the same endpoint: observed, and both are counted."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=4)
    s.resolve(NAME, SERVER, client=OTHER_CLIENT)
    s.tcp(SERVER, 443, OTHER_CLIENT).open().tls(NAME).close()
    return [row('signaling', 'observed', 'tcp_timeout', 'tcp', 'B', flows_passed=1, flows_blocked=1)]


@scenario('verdicts', 'tcp-reset', SELECTOR)
def tcp_reset(s):
    """A reset answers the SYN."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    connection.syn_refused()
    s.wait(4)
    return [row('signaling', 'blocked', 'tcp_reset', 'tcp', 'C')]


@scenario('verdicts', 'tcp-reset-after-handshake', SELECTOR)
def tcp_reset_after_handshake(s):
    """A reset before any payload in either direction, nearer than the SYN-ACK: a device sent it."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().reset_by_server(ttl=60)
    s.wait(4)
    return [row('signaling', 'blocked', 'tcp_reset', 'tcp', 'C')]


@scenario('verdicts', 'tcp-reset-by-the-server', SELECTOR)
def tcp_reset_by_server(s):
    """The same from as far away as the SYN-ACK: the server itself refuses."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().reset_by_server()
    s.wait(4)
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive({'server_ip': SERVER}, 'server_refused', **{'notes~': 'reset'})]


def icmp_case(name, kind, code, reason, grade):
    def tell(s):
        s.resolve(NAME, SERVER)
        syn = s.tcp(SERVER, 443).syn()
        s.icmp(syn, kind, code)
        s.resolve(MEDIA_NAME, MEDIA)
        packet = s.datagrams(MEDIA, 5349).binding(answered=False)
        s.icmp(packet, kind, code)
        s.wait(4)
        return [row('signaling', 'blocked', reason, 'tcp', grade), row('media', 'blocked', reason, 'udp', grade),
                ('icmp_errors', {'type': kind, 'code': code, 'flow_id': 2}, {'source_ip': ROUTER, 'icmp_version': 4})]
    tell.__doc__ = f'The router answers SYN and STUN request with ICMP type {kind} code {code}.'
    scenario('verdicts', name, SELECTOR)(tell)


icmp_case('icmp-prohibited-network', 3, 9, 'icmp_prohibited', 'A')
icmp_case('icmp-prohibited-host', 3, 10, 'icmp_prohibited', 'A')
icmp_case('icmp-prohibited', 3, 13, 'icmp_prohibited', 'A')
icmp_case('icmp-unreachable-net', 3, 0, 'icmp_unreachable', 'C')
icmp_case('icmp-unreachable-host', 3, 1, 'icmp_unreachable', 'C')
icmp_case('icmp-unreachable-port', 3, 3, 'icmp_unreachable', 'A')


@scenario('verdicts', 'icmpv6-prohibited', SELECTOR)
def icmpv6_prohibited(s):
    """ICMPv6 type 1 code 1 quotes the SYN."""
    s.resolve(NAME, SERVER6, client=CLIENT6)
    s.icmp(s.tcp(SERVER6, 443, CLIENT6).syn(), 1, 1)
    s.wait(4)
    return [row('signaling', 'blocked', 'icmp_prohibited', 'tcp', 'A')]


@scenario('verdicts', 'icmp-then-answer', SELECTOR)
def icmp_then_answer(s):
    """An answer outweighs an ICMP error before it."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    s.icmp(connection.syn(), 3, 1)
    s.wait(1)
    connection.open()
    connection.tls(NAME).close()
    return [row('signaling', 'observed')]


@scenario('verdicts', 'tls-timeout', SELECTOR)
def tls_timeout(s):
    """The ClientHello is dropped, again and again; that another site works makes it no more than suspected."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().unheard(m.client_hello(NAME))
    s.wait(4)
    other_site(s)
    return [row('signaling', 'blocked', 'tls_timeout', 'tls', 'C'), flow('blocked', 'tls_timeout', 'tls', 'C', confidence='exact')]


@scenario('verdicts', 'tls-reset', SELECTOR)
def tls_reset(s):
    """A reset follows the ClientHello, with the server's own hop count: suspected."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open().say(m.client_hello(NAME), acked=False)
    connection.reset_by_server()
    s.wait(4)
    return [row('signaling', 'blocked', 'tls_reset', 'tls', 'C')]


@scenario('verdicts', 'tls-reset-injected', SELECTOR)
def tls_reset_injected(s):
    """The reset has another hop count and no timestamp, and the server's data arrives after it: injected."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open().say(m.client_hello(NAME), acked=False)
    connection.reset_by_server(ttl=63, timestamp=False)
    connection.back(p.ACK | p.PSH, m.server_hello())
    s.wait(4)
    return [row('signaling', 'blocked', 'tls_reset', 'tls', 'A')]


@scenario('verdicts', 'tls-closed', SELECTOR)
def tls_closed(s):
    """The server's side closes after the ClientHello without a word: suspected, as a reset of its own is."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().say(m.client_hello(NAME)).back(p.FIN | p.ACK)
    s.wait(4)
    return [row('signaling', 'blocked', 'tls_reset', 'tls', 'C')]


@scenario('verdicts', 'payload-timeout', SELECTOR)
def payload_timeout(s):
    """The first payload is no ClientHello; it is sent again and never acknowledged."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().unheard(b'\x00\x01vendor protocol, not TLS')
    s.wait(4)
    s.resolve('late.example.org', '198.51.100.9')
    return [row('signaling', 'blocked', 'payload_timeout', 'tcp', 'C')]


@scenario('verdicts', 'payload-reset', SELECTOR)
def payload_reset(s):
    """The first payload is no ClientHello and is answered by a reset."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().say(b'\x00\x01vendor protocol, not TLS', acked=False).reset_by_server()
    s.wait(4)
    return [row('signaling', 'blocked', 'payload_reset', 'tcp', 'C')]


@scenario('verdicts', 'no-answer', SELECTOR)
def no_answer(s):
    """Acknowledged and unanswered: a server may listen in silence."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().say(b'\x00\x01vendor protocol, not TLS')
    s.wait(5)
    other_site(s)
    return [row('signaling', 'inconclusive'), flow('inconclusive', inconclusive_reason='no_answer')]


@scenario('verdicts', 'tls-alert', SELECTOR)
def tls_alert(s):
    """The first record is a fatal alert that a filter sends: access_denied."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().say(m.client_hello(NAME)).answer(m.alert(49))
    s.wait(4)
    return [row('signaling', 'blocked', 'tls_alert', 'tls', 'C')]


@scenario('verdicts', 'tls-name-mismatch', SELECTOR)
def tls_name_mismatch(s):
    """A readable certificate for another name: something answers in the server's place."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open().say(m.client_hello(NAME))
    connection.answer(m.server_hello(version=0x0303) + m.certificate_message(['blocked.proxy.example']))
    connection.close()
    return [row('signaling', 'blocked', 'tls_name_mismatch', 'tls', 'C')]


@scenario('verdicts', 'http-denied', 'agora/rtc-web@2020-09-15')
def http_denied(s):
    """A plain-HTTP flow of a rule is led away to another site."""
    name = 'web-1.agora.io'
    s.resolve(name, SERVER)
    s.tcp(SERVER, 80).open().say(f'GET / HTTP/1.1\r\nHost: {name}\r\n\r\n'.encode()) \
        .answer(b'HTTP/1.1 302 Found\r\nLocation: http://block.example.net/denied\r\nContent-Length: 0\r\n\r\n').close()
    return [('requirements', {'transport': 'tcp', 'ports': '80'},
             {'status': 'blocked', 'block_reason': 'http_denied', 'stage': 'http', 'grade': 'A'})]


def connect(name=NAME, port=443, credentials=False):
    return m.http_connect(name, port, 'Proxy-Authorization: Basic dXNlcjpwdw==\r\n' if credentials else '')


@scenario('verdicts', 'proxy-denied', SELECTOR)
def proxy_denied(s):
    """An explicit proxy refuses the CONNECT."""
    s.tcp(PROXY, 3128).open().say(connect()).answer(b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n').close()
    s.wait(4)
    return [row('signaling', 'blocked', 'proxy_denied', 'proxy', 'A'), ('flows', {'server_ip': PROXY}, {'notes~': '403'})]


@scenario('verdicts', 'proxy-timeout', SELECTOR)
def proxy_timeout(s):
    """An explicit proxy never answers the CONNECT, and answers that of another client to the same name: a control of the same kind."""
    s.tcp(PROXY, 3128).open().say(connect())
    s.wait(5)
    tunnel = s.tcp(PROXY, 3128, client=OTHER_CLIENT).open().say(connect()).answer(b'HTTP/1.1 200 Connection established\r\n\r\n')
    tunnel.tls(NAME).close()
    return [row('signaling', 'observed', 'proxy_timeout', 'proxy', 'B'),
            blocked({'server_ip': PROXY, 'outcome': 'blocked'}, 'proxy_timeout', 'proxy', 'B', {'server_ip': PROXY, 'outcome': 'passed'})]


@scenario('verdicts', 'proxy-passes-after-407', SELECTOR)
def proxy_passes(s):
    """A 407 is only the challenge when a success follows; TLS then runs inside the tunnel."""
    s.tcp(PROXY, 3128).open().say(connect()).answer(
        b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="corp"\r\nContent-Length: 0\r\n\r\n').close()
    tunnel = s.tcp(PROXY, 3128).open().say(connect(credentials=True)).answer(b'HTTP/1.1 200 Connection established\r\n\r\n')
    tunnel.tls(NAME).close()
    return [row('signaling', 'observed', flows_blocked=0)]


@scenario('verdicts', 'proxy-challenge-at-the-end', SELECTOR)
def proxy_challenge(s):
    """The capture ends with the challenge: credentials may follow."""
    s.tcp(PROXY, 3128).open().say(connect()).answer(
        b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="corp"\r\nContent-Length: 0\r\n\r\n')
    s.wait(1)
    other_site(s)
    return [row('signaling', 'inconclusive'), ('flows', {'server_ip': PROXY}, {'outcome': 'inconclusive', 'inconclusive_reason': 'capture_ended'})]


@scenario('verdicts', 'udp-timeout', SELECTOR)
def udp_timeout(s):
    """A TURN server's UDP port never answers; another site does."""
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate(answered=False, sends=3)
    s.wait(4)
    other_site(s)
    return [row('media', 'blocked', 'udp_timeout', 'turn', 'C')]


@scenario('verdicts', 'one-way', SELECTOR)
def one_way(s):
    """The relay answers, then media goes out for four seconds and none comes back, nor RTCP."""
    call = signalling(s)
    s.resolve(MEDIA_NAME, MEDIA)
    turn = s.datagrams(MEDIA, 5349)
    turn.allocate()
    turn.bind_channel(0x4001, (PEER, 40000))
    turn.media(4.0, both=False, wrap=lambda packet: m.channel_data(0x4001, packet))
    s.wait(4)
    call.close()
    return [row('signaling', 'observed'), row('media', 'blocked', 'one_way', 'media', 'B')]


@scenario('verdicts', 'muted-is-not-one-way', SELECTOR)
def muted(s):
    """The silent side sends RTCP: it is muted, not blocked."""
    call = signalling(s)
    s.resolve(MEDIA_NAME, MEDIA)
    media = s.datagrams(MEDIA, 5349)
    media.binding()
    media.media(2.0, both=False)
    media.back(m.rtcp_receiver_report(0x777, 0x1234abcd))
    media.media(2.0, both=False, sequence=200)
    media.back(m.rtcp_receiver_report(0x777, 0x1234abcd))
    call.close()
    return [row('signaling', 'observed'), row('media', 'observed')]


@scenario('verdicts', 'interrupted', SELECTOR)
def interrupted(s):
    """A call that worked goes dead while its client keeps sending for twelve seconds."""
    call = signalling(s)
    s.resolve(MEDIA_NAME, MEDIA)
    media = s.datagrams(MEDIA, 5349)
    media.binding()
    media.media(1.0)
    media.media(12.0, both=False, rate=10, sequence=150)
    call.close()
    return [row('signaling', 'observed'), row('media', 'observed'), note('interrupted', MEDIA)]


@scenario('verdicts', 'stun-errors-are-the-server', SELECTOR)
def stun_error(s):
    """437 and 486 are the server speaking: the path is open."""
    s.resolve(MEDIA_NAME, MEDIA)
    turn = s.datagrams(MEDIA, 5349)
    txid = turn.txid()
    turn.out(m.stun(m.ALLOCATE, m.REQUEST, txid, m.attribute(0x0019, b'\x11\0\0\0')))
    turn.back(m.stun_error(m.ALLOCATE, txid, 486))
    s.wait(4)
    return [row('media', 'observed'), note('486', MEDIA),
            ('stun_transactions', {}, {'method': 'allocate', 'outcome': 'error', 'error_code': 486})]


@scenario('verdicts', 'late-reset', SELECTOR)
def late_reset(s):
    """A reset after data in both directions is a note, no block."""
    signalling(s).reset_by_server()
    s.wait(4)
    return [row('signaling', 'observed'), note('late_reset')]


@scenario('verdicts', 'intercept-rejected', SELECTOR)
def intercept_rejected(s):
    """The client mistrusts what answered and says so with a fatal alert."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open().say(m.client_hello(NAME))
    connection.answer(m.server_hello(version=0x0303) + m.certificate_message([NAME]))
    connection.say(m.alert(48)).close()
    return [row('signaling', 'observed'), note('intercept_rejected')]


@scenario('verdicts', 'mtu', SELECTOR)
def mtu(s):
    """Only full-size segments are lost, and a router says "fragmentation needed"."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open()
    packet = connection.unheard(m.client_hello(NAME, pad=1000)[:1400])
    s.icmp(packet, 3, 4, mtu=1280)
    s.wait(4)
    other_site(s)
    return [row('signaling', 'inconclusive'), note('mtu')]


@scenario('verdicts', 'ttl-exceeded', SELECTOR)
def ttl_exceeded(s):
    """Time exceeded is a note, not a block; the connection then works."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    s.icmp(connection.syn(), 11, 0)
    s.wait(1)
    connection.open()
    connection.tls(NAME).close()
    return [row('signaling', 'observed'), note('ttl_exceeded')]


@scenario('verdicts', 'losing-address-family', SELECTOR)
def losing_family(s):
    """IPv6 is not answered, IPv4 to the same name works: happy eyeballs, no block."""
    s.resolve(NAME, SERVER6, client=CLIENT6)
    s.resolve(NAME, SERVER)
    s.tcp(SERVER6, 443, CLIENT6).syn(times=2)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    s.goes_on(4)
    return [row('signaling', 'observed', flows_blocked=0), inconclusive({'server_ip': SERVER6}, 'losing_candidate')]


@scenario('verdicts', 'losing-ice-pair', SELECTOR)
def losing_pair(s):
    """One candidate pair of a session is never answered, another wins: no block."""
    call = signalling(s)
    s.datagrams('198.51.100.81', 40001).check('farfrag', 'nearfrag', answered=False, sends=4)
    winner = s.datagrams(PEER, 40000)
    winner.check('farfrag', 'nearfrag')
    winner.media(1.0)
    s.wait(4)
    call.close()
    return [row('signaling', 'observed'), row('peer-to-peer', 'observed', flows_blocked=0),
            inconclusive({'server_ip': '198.51.100.81'}, 'losing_candidate')]


@scenario('verdicts', 'peer-to-peer-blocked', SELECTOR)
def p2p_blocked(s):
    """No pair of the session is ever answered."""
    call = signalling(s)
    s.datagrams(PEER, 40000).check('farfrag', 'nearfrag', answered=False, sends=5)
    s.wait(4)
    call.close()
    return [row('signaling', 'observed'), row('peer-to-peer', 'blocked', 'udp_timeout', 'stun', 'B')]


@scenario('verdicts', 'private-candidate', SELECTOR)
def private_candidate(s):
    """A check to a private address outside the client's network says nothing about the firewall."""
    call = signalling(s)
    s.datagrams('10.77.1.5', 50000).check('farfrag', 'nearfrag', answered=False, sends=5)
    s.wait(4)
    call.close()
    return [row('signaling', 'observed'), row('peer-to-peer', 'inconclusive'), inconclusive({'server_ip': '10.77.1.5'}, 'losing_candidate')]


@scenario('verdicts', 'plain-binding-is-no-peer', SELECTOR)
def plain_binding(s):
    """A Binding request without ICE to some STUN server supports no peer-to-peer row."""
    call = signalling(s)
    s.datagrams('198.51.100.99', 3478).binding()
    call.close()
    return [row('signaling', 'observed'), flow('passed', server='198.51.100.99', vendor=None)]


@scenario('verdicts', 'midstream', SELECTOR)
def midstream(s):
    """The connection began before the capture; data goes out and nothing comes back."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    connection.out(p.ACK | p.PSH, m.application_data('old'))
    s.wait(5)
    other_site(s)
    return [row('signaling', 'inconclusive'), flow('inconclusive', inconclusive_reason='midstream')]


@scenario('verdicts', 'midstream-passed', SELECTOR)
def midstream_passed(s):
    """The connection began before the capture; payload goes both ways."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    for i in range(3):
        connection.say(m.application_data(f'c{i}')).answer(m.application_data(f's{i}'))
    return [row('signaling', 'observed'), note('midstream')]


@scenario('verdicts', 'capture-ended', SELECTOR)
def capture_ended(s):
    """One SYN, and the capture ends before three seconds are over."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn()
    s.wait(1)
    s.resolve('www.example.org', '198.51.100.30')
    return [row('signaling', 'inconclusive'), flow('inconclusive', inconclusive_reason='capture_ended')]


@scenario('verdicts', 'one-sided-capture', SELECTOR, never_says=['both directions visible'])
def one_sided(s):
    """Only what clients send is in the capture, and they behave as if answered."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    s.tcp(MEDIA, 443).syn(times=3)
    s.wait(4)
    other_site(s)
    s.only_from(CLIENT)
    return [flow('inconclusive', server=SERVER, inconclusive_reason='one_sided_capture'),
            flow('inconclusive', server=MEDIA, inconclusive_reason='one_sided_capture'),
            row('signaling', 'inconclusive'), row('media', 'inconclusive')]


@scenario('verdicts', 'truly-unanswered', SELECTOR)
def truly_unanswered(s):
    """Nothing at all is answered and the client only repeats itself: that is no one-sided capture."""
    s.resolve(NAME, SERVER, answer=False, sends=2)
    s.tcp(SERVER, 443).syn(times=4)
    s.wait(4)
    s.resolve('www.example.org', answer=False, sends=2)
    return [row('signaling', 'blocked', 'dns_timeout', 'dns', 'C'), row('media', 'blocked', 'dns_timeout', 'dns', 'C'),
            flow('blocked', 'tcp_timeout', 'tcp', 'C')]


@scenario('verdicts', 'doubled', SELECTOR)
def doubled(s):
    """A mirror port delivers every packet twice, once with a lower hop count: the copies are set aside."""
    call = signalling(s)
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).binding(answered=False)
    s.wait(4)
    call.close()
    copies = []
    for time, frame in s.frames:
        lower = bytearray(frame)
        if frame[12:14] == b'\x08\0':
            lower[22] -= 1
            lower[24:26] = b'\0\0'
            lower[24:26] = p.checksum(bytes(lower[14:34])).to_bytes(2, 'big')
        copies.append((time + 0.0002, bytes(lower)))
    total = len(s.frames)
    s.frames += copies
    return [row('signaling', 'observed'), row('media', 'inconclusive'),
            ('runs', {}, {'packets': 2 * total, 'packets_duplicate': total})]


@scenario('verdicts', 'truncated', SELECTOR, snap_length=54)
def truncated(s):
    """The snap length cut the ClientHello: what failed cannot be told."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().unheard(m.client_hello(NAME))
    s.wait(4)
    other_site(s)
    return [flow('inconclusive', inconclusive_reason='truncated')]


@scenario('verdicts', 'quic-timeout', 'whereby/meetings')
def quic_timeout(s):
    """QUIC Initials to a TURN server's UDP 443 are never answered (the packets keep the form of RFC 9000 17.2.2)."""
    s.resolve('eu-1.turn.whereby.com', MEDIA)
    quic = s.datagrams(MEDIA, 443)
    for i in range(4):
        head = b'\xc3\0\0\0\1\x08' + m.random_bytes('dcid', 8) + b'\x08' + m.random_bytes('scid', 8) + b'\0'
        quic.out(head + (0x4000 | 1175).to_bytes(2, 'big') + m.random_bytes(f'initial{i}', 1175), after=1.0)
    s.wait(4)
    other_site(s)
    return [('requirements', {'rule_id': 'turn-udp'},
             {'status': 'blocked', 'block_reason': 'quic_timeout', 'stage': 'quic', 'grade': 'C'})]


# ---- redirects and first answers of plain HTTP ----
def asked_over_http(s, location, host='www.zoom.us', status='302 Found', midstream=False, question=None):
    s.resolve('www.zoom.us', SERVER)
    flow = s.tcp(SERVER, 80) if midstream else s.tcp(SERVER, 80).open()
    flow.say(question or f'GET / HTTP/1.1\r\nHost: {host}\r\n\r\n'.encode())
    flow.answer(f'HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n'.encode())
    flow.close()


@scenario('verdicts', 'redirects-of-the-site', 'zoom/meetings')
def redirects_of_the_site(s):
    """Redirects that stay with the site: a path with a URL in it, a name with the root's dot, a user before the host, no Host field, an
    address as Host, another name of the same rule."""
    asked_over_http(s, '/login?next=https://accounts.example.org/x')
    asked_over_http(s, 'https://www.zoom.us/', host='www.zoom.us.')
    asked_over_http(s, 'HTTPS://guest@WWW.ZOOM.US.:443/')
    asked_over_http(s, 'https://www.zoom.us/', question=b'GET / HTTP/1.0\r\n\r\n')
    asked_over_http(s, 'https://www.zoom.us/', host=SERVER)
    asked_over_http(s, 'https://www.zoom.com/')
    s.goes_on()
    return [('requirements', {'rule_id': 'web', 'ports': '80'}, {'status': 'observed', 'flows_passed': 5, 'flows_blocked': 0}), *nothing_blocked()]


@scenario('verdicts', 'redirect-without-scheme', 'zoom/meetings')
def redirect_without_scheme(s):
    """A captive portal sends the client away without naming a scheme (RFC 3986 4.2)."""
    asked_over_http(s, '//portal.hotel.example/login?to=http://www.zoom.us/')
    s.goes_on()
    return [('requirements', {'rule_id': 'web', 'ports': '80'}, {'status': 'blocked', 'block_reason': 'http_denied', 'grade': 'A'})]


@scenario('verdicts', 'http-seen-midway', 'zoom/meetings')
def http_seen_midway(s):
    """The capture begins in a connection: that its first answer forbids does not say that the server's first one did."""
    asked_over_http(s, 'https://login.example.org/', midstream=True)
    asked_over_http(s, '/', status='403 Forbidden', midstream=True)
    s.goes_on()
    return [('requirements', {'rule_id': 'web', 'ports': '80'}, {'status': 'observed', 'flows_passed': 2, 'flows_blocked': 0}), *nothing_blocked()]


@scenario('verdicts', 'icmp-error-alone', SELECTOR)
def icmp_error_alone(s):
    """A router refuses a SYN and a STUN request, and these are not in the capture: the flows have the errors' times and packets, and
    lead where DNS says."""
    s.resolve(NAME, SERVER)
    mark = len(s.frames)
    s.icmp(s.tcp(SERVER, 443).syn(), 3, 13)
    s.resolve(MEDIA_NAME, MEDIA)
    s.icmp(s.datagrams(MEDIA, 5349).binding(answered=False), 3, 13)
    del s.frames[mark + 4], s.frames[mark]
    s.goes_on()
    return [row('signaling', 'inconclusive'), row('media', 'inconclusive'),
            *[flow('inconclusive', server=server, packets_out=0, evidence=packet, **{'first_seen~': '2026-09-21T14:13:20'})
              for server, packet in ((SERVER, '3'), (MEDIA, '6'))]]


def black_hole(name, expected, what, uploads=False, whole=False):
    def tell(s):
        if uploads:
            s.tcp('198.51.100.30', 443).open().say(m.client_hello('www.example.org')).answer(m.server_hello()).say(m.application_data('up', 1500)).close()
        s.resolve(NAME, SERVER)
        s.tcp(SERVER, 443).open().first_part_unheard(m.client_hello(NAME, pad=1600), whole=whole)
        s.wait(4)
        other_site(s)
        return expected
    tell.__doc__ = f'Of a ClientHello in two segments the server says that the second one arrived, and the first one is lost each time; {what}.'
    scenario('verdicts', name, SELECTOR, others=['unmatched', 'inconclusive', 'blocked'])(tell)


TOO_LARGE = [row('signaling', 'inconclusive'), note('mtu')]
black_hole('mtu-black-hole', TOO_LARGE, 'as packets too large for the path are')
black_hole('mtu-black-hole-before-the-card', TOO_LARGE, 'captured before the card cut it', whole=True)
black_hole('hello-dropped-in-part', [row('signaling', 'blocked', 'tls_timeout', 'tls', 'C')],
           'segments as large get through elsewhere: it is not for their size', uploads=True)
