"""Only one direction is in the capture, and the client behaves as if answered: nothing unanswered there is a block."""
from kit import messages as m
from kit import packets as p
from kit import quic, scenario
from kit.expect import blocked, inconclusive, none, nothing_blocked, passed, row
from kit.story import CLIENT

SERVER, MEDIA, PEER = '203.0.113.10', '203.0.113.20', '198.51.100.80'
NAME, MEDIA_NAME = 'api-1.calls.sendbird.com', 'turn-1.calls.sendbird.com'
SELECTOR = 'sendbird/calls'
ANY_BUT_BLOCKED = ['unmatched', 'inconclusive']
BOTH = ['both directions visible']


def one_sided(name, tell, where, what):
    """The story as the client's side alone shows it; `where`: the flow that must not be called blocked."""
    def told(s):
        tell(s)
        s.goes_on(5)
        s.only_from(CLIENT)
        return [*nothing_blocked(), inconclusive(where, 'one_sided_capture'), none('flows', outcome='passed'), ('runs', {}, {'one_sided': 1})]
    told.__doc__ = f'Only what the client sends is in the capture: {what}.'
    scenario('one-side', name, SELECTOR, others=ANY_BUT_BLOCKED, never_says=BOTH)(told)


def dtls_flights(s):
    s.resolve(MEDIA_NAME, MEDIA)
    flow = s.datagrams(MEDIA, 5349)
    flow.out(m.dtls_client_hello())
    flow.out(m.dtls_client_hello(cookie=m.random_bytes('cookie', 20), sequence=1))
    flow.back(m.dtls_server_hello())
    flow.out(m.dtls_second_flight(), after=2)


def quic_flights(s):
    s.resolve(MEDIA_NAME, MEDIA)
    flow = s.datagrams(MEDIA, 5349)
    flow.out(quic.initial(MEDIA_NAME, 'one-side'))
    flow.back(quic.long_packet(0, 'one-side', from_client=False))
    flow.out(quic.long_packet(2, 'one-side', size=180))
    for i in range(4):
        flow.out(quic.short_packet('one-side', i), after=0.7)


def allocation(s):
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate()


def relayed(s):
    s.resolve(MEDIA_NAME, MEDIA)
    turn = s.datagrams(MEDIA, 5349)
    turn.allocate()
    turn.bind_channel(0x4001, (PEER, 40000))
    turn.media(2.0, rate=10, wrap=lambda packet: m.channel_data(0x4001, packet))


def handshake(s):
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open()


def answered_checks(s):
    """Requests of its own and answers to the far side's: those have been heard."""
    flow = s.datagrams(PEER, 40000)
    for _ in range(3):
        flow.check('farfrag', 'nearfrag')
        flow.checked_by_peer('farfrag', 'nearfrag')
        s.wait(0.5)


def checked_media(s):
    flow = s.datagrams(PEER, 40000)
    flow.check('farfrag', 'nearfrag')
    flow.media(2.0, rate=10)


def data_after_syn(s):
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().tls(NAME).close()


one_sided('dtls-second-flight', dtls_flights, {'server_ip': MEDIA}, 'a DTLS hello with a cookie, and a second flight')
one_sided('quic-second-flight', quic_flights, {'server_ip': MEDIA}, 'a QUIC Initial, then Handshake and short packets')
one_sided('allocate-with-nonce', allocation, {'server_ip': MEDIA}, 'the second Allocate carries realm and nonce')
one_sided('channel-data', relayed, {'server_ip': MEDIA}, 'a channel is bound and used')
one_sided('media-after-check', checked_media, {'server_ip': PEER}, 'one connectivity check, never repeated, and media')
one_sided('acknowledged-syn-ack', handshake, {'server_ip': SERVER}, 'a SYN, and the acknowledgement of its SYN-ACK')
one_sided('answered-checks', answered_checks, {'server_ip': PEER}, 'checks that are repeated, and answers to those of the far side')
one_sided('data-after-syn', data_after_syn, {'server_ip': SERVER}, 'a connection whose acknowledgements move')


@scenario('one-side', 'only-answers', SELECTOR, others=ANY_BUT_BLOCKED, never_says=BOTH)
def only_answers(s):
    """Only what comes back is in the capture: a whole TLS session and a TURN allocation."""
    data_after_syn(s)
    allocation(s)
    s.goes_on(5)
    s.frames = [(t, f) for t, f in s.frames if f[26:30] != bytes([192, 168, 10, 21])]
    return [*nothing_blocked(), none('flows', outcome='passed'), ('runs', {}, {'one_sided': 1})]


@scenario('one-side', 'one-flow-asymmetric', SELECTOR)
def asymmetric(s):
    """Asymmetric routing: the answers of one connection take another way, those of all others are seen."""
    s.resolve(NAME, SERVER)
    mark = len(s.frames)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    s.only_from(CLIENT, since=mark)
    s.resolve('www.example.org', '198.51.100.30')
    s.tcp('198.51.100.30', 443).open().tls('www.example.org').close()
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate()
    s.goes_on(5)
    return [row('signaling', 'inconclusive'), row('media', 'observed'), *nothing_blocked(),
            inconclusive({'server_ip': SERVER}, 'one_sided_capture'), passed({'server_ip': MEDIA}), passed({'server_ip': '198.51.100.30'})]


@scenario('one-side', 'one-udp-flow-asymmetric', SELECTOR)
def asymmetric_udp(s):
    """The same for a DTLS session: its second flight shows that it was answered."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    s.resolve(MEDIA_NAME, MEDIA)
    mark = len(s.frames)
    flow = s.datagrams(MEDIA, 5349)
    flow.out(m.dtls_client_hello())
    flow.out(m.dtls_client_hello(cookie=m.random_bytes('cookie', 20), sequence=1))
    flow.back(m.dtls_server_hello())
    flow.out(m.dtls_second_flight(), after=2)
    s.only_from(CLIENT, since=mark)
    s.goes_on(5)
    return [row('signaling', 'observed'), row('media', 'inconclusive'), *nothing_blocked(), inconclusive({'server_ip': MEDIA}, 'one_sided_capture')]


# ---- truly unanswered ----
@scenario('one-side', 'repeated-dtls-hello', SELECTOR)
def repeated_hello(s):
    """The same first DTLS hello again and again is no second flight: unanswered in truth."""
    s.resolve(MEDIA_NAME, MEDIA)
    flow = s.datagrams(MEDIA, 5349)
    for i in range(4):
        flow.out(m.dtls_client_hello(), after=2 ** i)
    s.goes_on(5)
    return [row('media', 'blocked', 'udp_timeout', 'dtls', 'C'), blocked({'server_ip': MEDIA}, 'udp_timeout', 'dtls', 'C'),
            ('runs', {}, {'one_sided': 0})]


@scenario('one-side', 'repeated-allocate', SELECTOR)
def repeated_allocate(s):
    """An Allocate without realm and nonce, repeated: unanswered in truth."""
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate(answered=False, sends=4)
    s.goes_on(5)
    return [row('media', 'blocked', 'udp_timeout', 'turn', 'C'), blocked({'server_ip': MEDIA}, 'udp_timeout', 'turn', 'C')]


@scenario('one-side', 'nothing-answered-at-all', SELECTOR, never_says=BOTH)
def nothing_answered(s):
    """Queries, SYNs and checks, all repeated, no packet back: blocked, and yet not both directions are visible."""
    s.resolve(NAME, SERVER, answer=False, sends=3)
    s.tcp(SERVER, 443).syn(times=4)
    s.datagrams(PEER, 40000).check('farfrag', 'nearfrag', answered=False, sends=4)
    s.wait(5)
    s.resolve('www.example.org', answer=False, sends=2)
    return [row('signaling', 'blocked', 'dns_timeout', 'dns', 'C'), row('media', 'blocked', 'dns_timeout', 'dns', 'C'),
            blocked({'server_ip': SERVER}, 'tcp_timeout', 'tcp', 'C'), blocked({'server_ip': PEER}, 'udp_timeout', 'stun', 'C')]


@scenario('one-side', 'unreachable-after-answers', SELECTOR)
def unreachable_after_answers(s):
    """Asymmetric routing: a connection and a DTLS session are answered on another way, and their hosts become unreachable later.
    That they were answered outweighs what a router says after."""
    s.resolve(NAME, SERVER)
    s.resolve(MEDIA_NAME, MEDIA)
    mark = len(s.frames)
    flow = s.tcp(SERVER, 443).open().tls(NAME)
    media = s.datagrams(MEDIA, 5349)
    media.out(m.dtls_client_hello())
    media.back(m.dtls_server_hello())
    media.out(m.dtls_second_flight())
    s.only_from(CLIENT, since=mark)
    s.wait(3)
    s.icmp(flow.out(p.ACK | p.PSH, m.application_data('lost', 80)), 3, 1)
    s.icmp(media.out(m.random_bytes('lost', 80)), 3, 1)
    s.resolve('www.example.org', '198.51.100.30')
    s.tcp('198.51.100.30', 443).open().tls('www.example.org').close()
    s.goes_on(5)
    return [row('signaling', 'inconclusive'), row('media', 'inconclusive'), *nothing_blocked(),
            inconclusive({'server_ip': SERVER}, 'one_sided_capture'), inconclusive({'server_ip': MEDIA}, 'one_sided_capture')]


@scenario('one-side', 'stalled-session-first', SELECTOR)
def stalled_session_first(s):
    """A session older than the capture asks on in vain, and then SYNs to the same server do: who only repeats was not answered."""
    old = s.tcp(SERVER, 443)
    old.out(p.ACK | p.PSH, m.application_data('stalled', 80))
    s.wait(1)
    old.out(p.ACK | p.PSH, m.application_data('stalled', 80))
    s.resolve(NAME, SERVER)
    s.tcp('198.51.100.30', 443).open().tls('www.example.org').close()
    s.tcp(SERVER, 443).syn(times=4)
    s.goes_on()
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C'), none('flows', inconclusive_reason='one_sided_capture')]


@scenario('one-side', 'refresh-then-allocate', SELECTOR)
def refresh_then_allocate(s):
    """A Refresh with a nonce, of an allocation older than the capture, dies, and so does a new Allocate without one: the first is
    from the middle, the second was not answered."""
    s.resolve(NAME, SERVER)
    call = s.tcp(SERVER, 443).open().tls(NAME)
    s.resolve(MEDIA_NAME, MEDIA)
    old = s.datagrams(MEDIA, 5349)
    refresh = m.stun(m.REFRESH, m.REQUEST, old.txid(), m.attribute(0x14, b'example') + m.attribute(0x15, b'nonce'))
    for i in range(4):
        old.out(refresh)
        s.wait(0.5 * 2**i)
    new = s.datagrams(MEDIA, 5349)
    new.allocate(answered=False, sends=5)
    s.wait(4)
    call.say(m.application_data('c')).answer(m.application_data('s'))
    return [row('signaling', 'observed'), row('media', 'blocked', 'udp_timeout', 'turn', 'B'),
            inconclusive({'server_ip': MEDIA, 'client_port': old.cport}, 'midstream')]
