"""First words that are easily misjudged: unanswered requests, unknown QUIC, cut hellos, and what a drop counter says."""
from kit import messages as m
from kit import packets as p
from kit import quic, scenario
from kit.expect import blocked, inconclusive, nothing_blocked, passed, row

SERVER, TURN = '203.0.113.10', '203.0.113.41'
NAME, TURN_NAME = 'api-1.calls.sendbird.com', 'eu-1.turn.whereby.com'
MEDIA, PROXY = '203.0.113.20', '192.168.10.60'
SELECTOR, WHEREBY = 'sendbird/calls', 'whereby/meetings@2025-01-31'
HTTPS = {'server_ip': SERVER}


@scenario('first-words', 'get-unanswered', 'agora/rtc-web@2020-09-15')
def get_unanswered(s):
    """A GET that the server acknowledges and does not answer for five seconds: inconclusive, not passed."""
    name = 'web-1.agora.io'
    s.resolve(name, SERVER)
    s.tcp(SERVER, 80).open().say(f'GET / HTTP/1.1\r\nHost: {name}\r\n\r\n'.encode())
    s.goes_on(5)
    return [('requirements', {'transport': 'tcp', 'ports': '80'}, {'status': 'inconclusive', 'flows_inconclusive': 1}), *nothing_blocked(),
            inconclusive(HTTPS, 'no_answer')]


@scenario('first-words', 'closed-unasked', SELECTOR)
def closed_unasked(s):
    """The connection is established, nobody says a word, and the server closes it after a while: the way is open."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open()
    s.goes_on(10)
    connection.back(p.FIN | p.ACK)
    s.goes_on()
    return [row('signaling', 'observed'), *nothing_blocked(), passed(HTTPS)]


# ---- QUIC ----
def quic_silence(name, version, what):
    def tell(s):
        s.resolve(TURN_NAME, TURN)
        flow = s.datagrams(TURN, 443)
        for _ in range(4):
            flow.out(quic.long_packet(0, 'start', version), after=1)
        s.goes_on()
        return [row('turn-udp', 'blocked', 'quic_timeout', 'quic', 'C'), blocked({'server_ip': TURN}, 'quic_timeout', 'quic', 'C')]
    tell.__doc__ = f'Initials of {what}, none answered: their start is in the capture.'
    scenario('first-words', name, WHEREBY)(tell)


quic_silence('quic-unknown-version', 0x0a1a2a4a, 'a QUIC version that nobody knows')
quic_silence('quic-reserved-version', 0x51303939, 'a version of early QUIC that is unknown')


@scenario('first-words', 'quic-from-the-middle', WHEREBY)
def quic_middle(s):
    """Packets with short headers only, nothing back: the first ones are not in the capture."""
    s.resolve(TURN_NAME, TURN)
    flow = s.datagrams(TURN, 443)
    flow.out(quic.long_packet(2, 'middle', size=180))
    for i in range(4):
        flow.out(quic.short_packet('middle', i), after=1)
    s.goes_on()
    return [row('turn-udp', 'inconclusive'), *nothing_blocked(), inconclusive({'server_ip': TURN}, ['midstream', 'one_sided_capture'])]


@scenario('first-words', 'quic-unknown-version-answered', WHEREBY)
def quic_answered(s):
    """Version Negotiation answers an unknown version: the way is open."""
    s.resolve(TURN_NAME, TURN)
    flow = s.datagrams(TURN, 443)
    flow.out(quic.long_packet(0, 'start', 0x0a1a2a4a))
    ends = m.vector(1, m.random_bytes('startscid', 8)) + m.vector(1, m.random_bytes('startdcid', 8))
    flow.back(b'\x80\0\0\0\0' + ends + b'\0\0\0\1')
    s.goes_on()
    return [row('turn-udp', 'observed'), passed({'server_ip': TURN})]


# ---- the snap length ----
def cut_hello(name, ends, reason, what):
    """128 octets of each frame are kept: 62 of the ClientHello, not its server name."""
    def tell(s):
        s.resolve(NAME, SERVER)
        connection = s.tcp(SERVER, 443).open()
        ends(s, connection)
        s.goes_on()
        return [row('signaling', 'blocked', reason, 'tls', 'C'), blocked(HTTPS, reason, 'tls', 'C', protocol='tls', confidence='dns')]
    tell.__doc__ = f'The snap length cuts the ClientHello, {what}: it is still a ClientHello.'
    scenario('first-words', name, SELECTOR, snap_length=128)(tell)


cut_hello('cut-hello-reset', lambda s, c: c.say(m.client_hello(NAME), acked=False).reset_by_server(), 'tls_reset', 'and a reset follows')
cut_hello('cut-hello-unanswered', lambda s, c: c.unheard(m.client_hello(NAME)), 'tls_timeout', 'and nothing follows')


# ---- drop counters ----
def counted(name, readings, is_block, what):
    """readings: (seconds, received, dropped) before and after the failure, which begins at second 20."""
    def tell(s):
        s.resolve('www.example.org', '198.51.100.30')
        for time, received, dropped in readings:
            if time < 20:
                s.now = time
                s.counter(received, dropped)
        s.now = 20
        s.resolve(NAME, SERVER)
        s.tcp(SERVER, 443).syn(times=4)
        s.goes_on()
        for time, received, dropped in readings:
            if time >= 20:
                s.now = time
                s.counter(received, dropped)
        if is_block:
            return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C'), blocked(HTTPS, 'tcp_timeout', 'tcp', 'C')]
        return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'capture_loss')]
    tell.__doc__ = f'Four SYNs without an answer; {what}.'
    scenario('first-words', f'drops-{name}', SELECTOR)(tell)


counted('grew', ((10, 100, 0), (40, 200, 50)), False, "the interface's drop counter grew meanwhile")
counted('read-at-the-end', ((40, 200, 50),), False, 'the drop counter was read only at the end, and is not zero')
counted('earlier', ((5, 100, 0), (10, 200, 50), (40, 300, 50)), True, 'the drop counter had grown before and stays')
counted('none', ((10, 100, 0), (40, 200, 0)), True, 'the drop counter stays zero')


@scenario('first-words', 'quic-short-headers-only', 'google/meet', others=['unmatched', 'inconclusive'])
def quic_short_headers_only(s):
    """Packets with short headers, and nothing back: the beginning of that session is older than the capture."""
    s.resolve('meet.google.com', SERVER)
    s.tcp('198.51.100.30', 443).open().tls('www.example.org').close()
    session = s.datagrams(SERVER, 443)
    for i in range(6):
        session.out(quic.short_packet('older', i))
        s.wait(0.3 * 2**i)
    s.goes_on()
    return [*nothing_blocked(), inconclusive({'server_ip': SERVER}, 'midstream')]


# ---- more of the snap length ----
def cut_tunnel(name, snap_length, what, *expected):
    def tell(s):
        tunnel = s.tcp(PROXY, 3128).open()
        tunnel.say(m.http_connect(NAME)).answer(b'HTTP/1.1 200 Connection established\r\n\r\n')
        tunnel.tls(NAME).close()
        s.goes_on()
        return [*nothing_blocked(), *expected]
    tell.__doc__ = f'The snap length cuts the CONNECT and the answer of the proxy, {what}.'
    scenario('first-words', name, SELECTOR, others=['unmatched'], snap_length=snap_length)(tell)


cut_tunnel('cut-answer-of-a-proxy', 96, 'which still tells its status', passed({'server_ip': PROXY}, protocol='tls'))
cut_tunnel('cut-status-of-a-proxy', 75, 'and its status: it answered, and nobody knows what',
           inconclusive({'server_ip': PROXY}, 'truncated'))


@scenario('first-words', 'cut-dtls', SELECTOR, others=['unmatched'], snap_length=96)
def cut_dtls(s):
    """54 octets are left of each message of a DTLS handshake: what it is and who is the client is known. Cut text that begins
    as a ciphertext of DTLS 1.3 might is text."""
    media = s.datagrams(MEDIA, 5349)
    media.out(m.dtls_client_hello())
    media.back(m.dtls_server_hello())
    media.out(m.dtls_second_flight())
    text = s.datagrams('198.51.100.30', 514)
    text.out(b'<13>Sep 21 14:13:20 host program: ' + b'a line of a log ' * 8)
    s.goes_on()
    return [*nothing_blocked(), passed({'server_ip': MEDIA}, protocol='dtls'),
            ('flows', {'server_ip': '198.51.100.30'}, {'protocol': 'unknown'})]


@scenario('first-words', 'cut-quic', WHEREBY, others=['unmatched'], snap_length=128)
def cut_quic(s):
    """86 octets are left of each packet: an Initial that nobody can decrypt is one, and so is what answers it."""
    answered, unheard = s.datagrams(TURN, 443), s.datagrams('203.0.113.42', 443)
    answered.out(quic.long_packet(0, 'answered', size=1200))
    answered.back(quic.long_packet(2, 'answer', size=1200))
    for _ in range(4):
        unheard.out(quic.long_packet(0, 'unheard', size=1200), after=1)
    s.goes_on()
    return [passed({'server_ip': TURN}, protocol='quic'), blocked({'server_ip': '203.0.113.42'}, 'quic_timeout', 'quic', 'C', protocol='quic')]


# ---- a proxy's word, and what becomes of a question to it ----
def without_syn_ack(connection):
    """The handshake, of which the capture missed the SYN-ACK."""
    connection.syn()
    mark = len(connection.s.frames)
    connection.syn_ack()
    del connection.s.frames[mark:]
    return connection.ack()


def without_handshake(connection):
    connection.open()
    del connection.s.frames[-3:]
    return connection


def refusing_proxy(name, begin, what):
    def tell(s):
        begin(s.tcp(PROXY, 3128)).say(m.http_connect(NAME)).answer(FORBIDDEN).close()
        s.goes_on()
        return [row('signaling', 'blocked', 'proxy_denied', 'proxy', 'A')]
    tell.__doc__ = f'A proxy refuses a CONNECT; {what} is not in the capture. Octets both ways are no tunnel.'
    scenario('first-words', name, SELECTOR, others=['unmatched'])(tell)


FORBIDDEN = b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'
CHALLENGE = b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="corp"\r\nContent-Length: 0\r\n\r\n'
AUTHORIZED = 'Proxy-Authorization: Basic dXNlcjpwdw==\r\n'
refusing_proxy('refused-syn-ack-not-seen', without_syn_ack, 'its SYN-ACK')
refusing_proxy('refused-handshake-not-seen', without_handshake, 'the handshake')


@scenario('first-words', 'silent-tunnel-syn-ack-not-seen', SELECTOR, others=['unmatched'])
def silent_tunnel(s):
    """The proxy connects, and nothing answers the ClientHello inside; the proxy's own answer is no answer of the server."""
    tunnel = without_syn_ack(s.tcp(PROXY, 3128)).say(m.http_connect(NAME)).answer(b'HTTP/1.1 200 Connection established\r\n\r\n')
    tunnel.say(m.client_hello(NAME))
    s.goes_on(8)
    return [row('signaling', 'blocked', 'tls_timeout', 'tls', 'C')]


@scenario('first-words', 'second-connect-at-the-end', SELECTOR, others=['unmatched'])
def second_connect_at_the_end(s):
    """A 407, and much later a CONNECT with credentials, with which the capture ends: the challenge is no answer to it."""
    tunnel = s.tcp(PROXY, 3128).open().say(m.http_connect(NAME)).answer(CHALLENGE)
    s.goes_on(12)
    tunnel.say(m.http_connect(NAME, 443, AUTHORIZED))
    return [*nothing_blocked(), row('signaling', 'inconclusive'), inconclusive({'server_ip': PROXY}, 'capture_ended')]


@scenario('first-words', 'second-connect-unanswered', SELECTOR, others=['unmatched'])
def second_connect_unanswered(s):
    """A 407, and nothing answers the CONNECT with credentials."""
    tunnel = s.tcp(PROXY, 3128).open().say(m.http_connect(NAME)).answer(CHALLENGE)
    tunnel.say(m.http_connect(NAME, 443, AUTHORIZED))
    s.goes_on(12)
    return [row('signaling', 'blocked', 'proxy_timeout', 'proxy', 'C')]


@scenario('first-words', 'connect-given-up', SELECTOR, others=['unmatched', 'inconclusive'])
def connect_given_up(s):
    """The client closes half a second after its CONNECT: nobody knows whether an answer would have come."""
    tunnel = s.tcp(PROXY, 3128).open().say(m.http_connect(NAME))
    s.wait(0.5)
    tunnel.close()
    s.goes_on(5)
    return [*nothing_blocked(), inconclusive({'server_ip': PROXY}, 'no_answer')]


@scenario('first-words', 'connect-prohibited', SELECTOR, others=['unmatched'])
def connect_prohibited(s):
    """A router forbids what follows the handshake with the proxy, in so many words."""
    tunnel = s.tcp(PROXY, 3128).open()
    s.icmp(tunnel.out(p.ACK | p.PSH, m.http_connect(NAME)), 3, 13)
    s.goes_on(5)
    return [row('signaling', 'blocked', 'icmp_prohibited', 'tcp', 'A')]


@scenario('first-words', 'prohibited-before-and-after-the-handshake', SELECTOR, others=['unmatched'])
def prohibited_twice(s):
    """A router forbids the first SYN, lets the second one through, and forbids the ClientHello."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    s.icmp(connection.syn(), 3, 13)
    s.wait(1)
    connection.syn()
    connection.syn_ack()
    connection.ack()
    s.icmp(connection.out(p.ACK | p.PSH, m.client_hello(NAME)), 3, 13)
    s.goes_on(5)
    return [row('signaling', 'blocked', 'icmp_prohibited', 'tcp', 'A')]


def forestalled(name, begin, reason, what):
    def tell(s):
        s.resolve(NAME, SERVER)
        connection = begin(s.tcp(SERVER, 443)).say(m.client_hello(NAME))
        connection.back(p.RST | p.ACK, ttl=60)
        s.wait(0.05)
        connection.back(p.ACK | p.PSH, m.server_hello(NAME))
        s.goes_on(5)
        return [*nothing_blocked(), inconclusive(HTTPS, reason)]
    tell.__doc__ = f"A reset from elsewhere comes before the server's answer, which nobody takes any more; {what} is not in the capture."
    scenario('first-words', name, SELECTOR, others=['unmatched', 'inconclusive'])(tell)


forestalled('answer-forestalled-syn-ack-not-seen', without_syn_ack, 'capture_loss', 'the SYN-ACK')
forestalled('answer-forestalled-handshake-not-seen', without_handshake, 'midstream', 'the handshake')


@scenario('first-words', 'closed-before-the-question-and-reset-after-it', SELECTOR)
def closed_then_reset(s):
    """The server closes before the client says anything; what the client says then is reset, as a closed socket does."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open()
    s.wait(0.1)
    connection.back(p.FIN | p.ACK)
    connection.sseq += 1
    connection.ack()
    connection.say(b'QUIT\r\n', acked=False)
    connection.back(p.RST)
    s.goes_on(5)
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'server_refused')]
