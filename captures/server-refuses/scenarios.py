"""Refusals that the server itself sends are no block; those of a device in its place are, and hop counts tell them apart."""
from kit import messages as m
from kit import packets as p
from kit import scenario
from kit.expect import blocked, inconclusive, none, nothing_blocked, row
from kit.story import CLIENT6, PROXY

SERVER, SERVER6, MEDIA = '203.0.113.10', '2001:db8:cafe::10', '203.0.113.20'
OTHER_SITE = '198.51.100.30'
NAME, MEDIA_NAME = 'api-1.calls.sendbird.com', 'turn-1.calls.sendbird.com'
SELECTOR = 'sendbird/calls'
HTTPS, STUN = {'server_ip': SERVER, 'server_port': 443}, {'server_ip': MEDIA, 'server_port': 5349}


def near_site(s):
    """Another public server answers from four hops away, so that a short distance is no mark by itself."""
    s.far(OTHER_SITE, 4)
    s.tcp(OTHER_SITE, 443).open().tls('www.example.org').close()


# ---- ICMP from the server's own address ----
def icmp_by_server(name, kind, code, said, server=MEDIA):
    def tell(s):
        s.far(server, 17)
        s.resolve(MEDIA_NAME, server)
        packet = s.datagrams(server, 5349).binding(answered=False, sends=2)
        s.refuse(packet, kind, code)
        s.goes_on()
        return [row('media', 'inconclusive', flows_inconclusive=1), *nothing_blocked(),
                inconclusive(STUN, 'server_refused', **{'notes~': said}),
                ('icmp_errors', {}, {'type': kind, 'code': code, 'source_ip': server})]
    tell.__doc__ = f'ICMP type {kind} code {code} comes from the server itself, 17 hops away, and quotes a packet that came 17 hops.'
    scenario('server-refuses', name, SELECTOR)(tell)


icmp_by_server('icmp-port', 3, 3, 'icmp_port_unreachable')
icmp_by_server('icmp-prohibited', 3, 13, 'icmp_prohibited')
icmp_by_server('icmp-host-prohibited', 3, 10, 'icmp_prohibited')


@scenario('server-refuses', 'icmp-port-tcp', SELECTOR)
def icmp_port_tcp(s):
    """A host answers a SYN with port unreachable, as a packet filter on the server does."""
    s.resolve(NAME, SERVER)
    s.refuse(s.tcp(SERVER, 443).syn(), 3, 3)
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'server_refused', **{'notes~': 'icmp_port_unreachable'})]


@scenario('server-refuses', 'icmpv6-port', SELECTOR)
def icmpv6_port(s):
    """ICMPv6 port unreachable (type 1 code 4) from the server itself."""
    s.resolve(MEDIA_NAME, SERVER6, client=CLIENT6)
    s.refuse(s.datagrams(SERVER6, 5349, CLIENT6).binding(answered=False, sends=2), 1, 4)
    s.goes_on(client=CLIENT6)
    return [row('media', 'inconclusive'), *nothing_blocked(),
            inconclusive({'server_ip': SERVER6}, 'server_refused', **{'notes~': 'icmp_port_unreachable'})]


@scenario('server-refuses', 'icmp-port-by-router', SELECTOR)
def icmp_port_by_router(s):
    """The same from a device that is not the server: it said so itself."""
    s.far(MEDIA, 17)
    s.resolve(MEDIA_NAME, MEDIA)
    s.icmp(s.datagrams(MEDIA, 5349).binding(answered=False, sends=2), 3, 3, hops=1)
    s.goes_on()
    return [row('media', 'blocked', 'icmp_unreachable', 'udp', 'A'), blocked(STUN, 'icmp_unreachable', 'udp', 'A')]


def icmp_distance(name, ttl, is_block, what):
    def tell(s):
        near_site(s)
        s.resolve(MEDIA_NAME, MEDIA)
        s.datagrams(MEDIA, 3478).binding()
        s.refuse(s.datagrams(MEDIA, 5349).binding(answered=False, sends=2), 3, 3, ttl=ttl)
        s.goes_on()
        if is_block:
            return [row('media', 'blocked', 'icmp_unreachable', 'udp', ['A', 'B']),
                    ('flows', STUN, {'outcome': 'blocked', 'block_reason': 'icmp_unreachable', 'stage': 'udp', 'grade': ['A', 'B']})]
        return [row('media', 'inconclusive'), *nothing_blocked(),
                inconclusive(STUN, 'server_refused', **{'notes~': 'icmp_port_unreachable'})]
    tell.__doc__ = f'Port unreachable from the address of a server that answers from 12 hops away: {what}.'
    scenario('server-refuses', f'icmp-distance-{name}', SELECTOR)(tell)


icmp_distance('same', 52, False, 'the same distance')
icmp_distance('same-from-255', 243, False, 'the same distance, counted from 255')
icmp_distance('one-off', 53, False, 'one hop less')
icmp_distance('two-off', 54, True, 'two hops less, so something answers in its name')
icmp_distance('three-off', 55, True, 'three hops less')
icmp_distance('far-off', 254, True, 'one hop away')


# ---- a reset in answer to the SYN ----
def reset_of_syn(name, ttl, grade, what, initial=64):
    """The server answers on another port from 12 hops away; grade None: the reset is its own."""
    def tell(s):
        near_site(s)
        s.far(SERVER, 12, initial)
        s.resolve(NAME, SERVER)
        s.tcp(SERVER, 8443).open().tls('status.example.net').close()
        connection = s.tcp(SERVER, 443)
        connection.syn_refused(ttl=ttl)
        s.goes_on()
        if grade is None:
            return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'server_refused', **{'notes~': 'reset'})]
        return [row('signaling', 'blocked', 'tcp_reset', 'tcp', grade),
                blocked(HTTPS, 'tcp_reset', 'tcp', grade, {'server_ip': SERVER, 'server_port': 8443})]
    tell.__doc__ = f'A reset answers the SYN; the server answers elsewhere from 12 hops away, the reset {what}.'
    scenario('server-refuses', f'reset-distance-{name}', SELECTOR)(tell)


reset_of_syn('same', 52, None, 'came as far')
reset_of_syn('same-from-255', 243, None, 'came as far, counted from 255')
reset_of_syn('same-from-128', 116, None, 'came as far, counted from 128')
reset_of_syn('server-from-128', 52, None, 'came as far, and the server counts from 128', initial=128)
reset_of_syn('one-off', 53, None, 'came one hop less')
reset_of_syn('one-more', 51, None, 'came one hop more')
reset_of_syn('two-off', 54, 'B', 'came two hops less: one mark, and a control of the same kind')
reset_of_syn('three-off', 55, 'B', 'came three hops less')


def reset_over_ipv6(name, ttl, grade, what):
    def tell(s):
        s.resolve(NAME, SERVER6, client=CLIENT6)
        s.tcp(SERVER6, 8443, CLIENT6).open().tls('status.example.net').close()
        connection = s.tcp(SERVER6, 443, CLIENT6)
        connection.syn_refused(ttl=ttl)
        s.goes_on(client=CLIENT6)
        where = {'server_ip': SERVER6, 'server_port': 443}
        if grade is None:
            return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(where, 'server_refused', **{'notes~': 'reset'})]
        return [row('signaling', 'blocked', 'tcp_reset', 'tcp', grade), blocked(where, 'tcp_reset', 'tcp', grade, {'server_port': 8443})]
    tell.__doc__ = f'A reset answers the SYN over IPv6; the server answers elsewhere from 12 hops away, the reset {what}.'
    scenario('server-refuses', f'reset-distance-ipv6-{name}', SELECTOR)(tell)


reset_over_ipv6('same', 52, None, 'came as far')
reset_over_ipv6('two-off', 54, 'B', 'came two hops less')


@scenario('server-refuses', 'reset-distance-of-its-datagrams', SELECTOR)
def reset_like_datagrams(s):
    """A reset answers the SYN; the server answers over UDP, from as far away."""
    near_site(s)
    s.resolve(NAME, SERVER)
    s.datagrams(SERVER, 3478).binding()
    connection = s.tcp(SERVER, 443)
    connection.syn_refused()
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'server_refused', **{'notes~': 'reset'})]


@scenario('server-refuses', 'reset-distance-unknown', SELECTOR)
def reset_unknown(s):
    """A reset answers the SYN and there is nothing to compare its distance with: suspected at most."""
    near_site(s)
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    connection.syn_refused()
    s.goes_on()
    return [row('signaling', 'blocked', 'tcp_reset', 'tcp', 'C'), blocked(HTTPS, 'tcp_reset', 'tcp', 'C')]


@scenario('server-refuses', 'reset-distance-unknown-with-control', SELECTOR)
def reset_unknown_control(s):
    """The same, and the name works at another address: a control of the same kind makes it probable."""
    near_site(s)
    s.resolve(NAME, SERVER, MEDIA)
    connection = s.tcp(SERVER, 443)
    connection.syn_refused()
    s.tcp(MEDIA, 443).open().tls(NAME).close()
    s.goes_on()
    return [row('signaling', 'observed', 'tcp_reset', 'tcp', 'B', flows_passed=1, flows_blocked=1),
            blocked(HTTPS, 'tcp_reset', 'tcp', 'B', {'server_ip': MEDIA, 'server_port': 443})]


@scenario('server-refuses', 'reset-distance-in-the-same-flow', SELECTOR)
def reset_same_flow(s):
    """After the handshake the server resets before any payload, from where its SYN-ACK came."""
    near_site(s)
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().reset_by_server()
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'server_refused', **{'notes~': 'reset'})]


@scenario('server-refuses', 'reset-by-a-device-that-answers', SELECTOR)
def reset_by_answering_device(s):
    """A device one hop away completes the handshake and resets; the server itself answers elsewhere from 12 hops."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 8443).open().tls('status.example.net').close()
    s.far(SERVER, 1)
    s.tcp(SERVER, 443).open().reset_by_server()
    s.goes_on()
    return [row('signaling', 'blocked', 'tcp_reset', 'tcp', ['A', 'B']),
            ('flows', HTTPS, {'outcome': 'blocked', 'block_reason': 'tcp_reset', 'stage': 'tcp', 'grade': ['A', 'B']})]


# ---- a device nearer than any server ----
def near_device(name, ttl, both_ends, grade, what):
    def tell(s):
        near_site(s)
        s.resolve(NAME, SERVER)
        connection = s.tcp(SERVER, 443)
        connection.syn()
        connection.cseq += 1
        connection.back(p.RST | p.ACK, ttl=ttl, after=0.0002)
        if both_ends:
            connection.out(p.RST | p.ACK)
        s.goes_on()
        return [row('signaling', 'blocked', 'tcp_reset', 'tcp', grade), blocked(HTTPS, 'tcp_reset', 'tcp', grade)]
    tell.__doc__ = f'A reset answers the SYN of an unknown server; the nearest server that answers is four hops away, the reset {what}.'
    scenario('server-refuses', f'near-device-{name}', SELECTOR)(tell)


near_device('alone', 63, False, 'C', 'came one hop: one mark')
near_device('both-ends', 63, True, 'A', 'came one hop, and both ends got one at once: two marks agree')
near_device('not-near-enough', 62, True, 'C', 'came two hops, and both ends got one at once: one mark')


@scenario('server-refuses', 'near-device-answers-the-syn', SELECTOR)
def near_device_answers(s):
    """A device one hop away answers the SYN and resets both ends after the ClientHello; no other server is nearer than four hops."""
    near_site(s)
    s.far(SERVER, 1)
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open().say(m.client_hello(NAME), acked=False)
    connection.back(p.RST | p.ACK, after=0.0002)
    connection.out(p.RST | p.ACK)
    s.goes_on()
    return [row('signaling', 'blocked', 'tls_reset', 'tls', 'A'), blocked(HTTPS, 'tls_reset', 'tls', 'A')]


# ---- a reset in answer to the ClientHello: suspected by itself, whoever sent it ----
def reset_of_hello(name, ttl, grade, what, timestamp=True):
    def tell(s):
        near_site(s)
        s.resolve(NAME, SERVER)
        s.tcp(SERVER, 443).open().say(m.client_hello(NAME), acked=False).reset_by_server(ttl=ttl, timestamp=timestamp)
        s.goes_on()
        return [row('signaling', 'blocked', 'tls_reset', 'tls', grade), blocked(HTTPS, 'tls_reset', 'tls', grade)]
    tell.__doc__ = f'A reset follows the ClientHello; compared with the SYN-ACK it {what}.'
    scenario('server-refuses', f'hello-reset-{name}', SELECTOR)(tell)


reset_of_hello('same', 52, 'C', 'came as far')
reset_of_hello('one-off', 53, 'C', 'came one hop less')
reset_of_hello('two-off', 54, 'C', 'came two hops less: one mark proves nothing yet')
reset_of_hello('three-off', 55, 'C', 'came three hops less: one mark')
reset_of_hello('two-marks', 56, 'A', 'came four hops less and lacks the timestamp: two marks agree', timestamp=False)


# ---- alerts ----
def alert(name, code, is_block, what, ttl=None, grade='C'):
    def tell(s):
        near_site(s)
        s.resolve(NAME, SERVER)
        connection = s.tcp(SERVER, 443).open().say(m.client_hello(NAME))
        if ttl:
            s.far(SERVER, 64 - ttl)
        connection.answer(m.alert(code))
        s.goes_on()
        if is_block:
            return [row('signaling', 'blocked', 'tls_alert', 'tls', grade), blocked(HTTPS, 'tls_alert', 'tls', grade)]
        return [row('signaling', 'inconclusive'), *nothing_blocked(),
                inconclusive(HTTPS, 'server_refused', **{'notes~': f'tls_alert {code}'})]
    tell.__doc__ = f'The first record is a fatal alert, {what}.'
    scenario('server-refuses', f'alert-{name}', SELECTOR)(tell)


alert('handshake-failure', 40, False, 'handshake_failure, as a server says that cannot agree')
alert('protocol-version', 70, False, 'protocol_version')
alert('internal-error', 80, False, 'internal_error')
alert('access-denied', 49, True, 'access_denied, as a filter says')
alert('unrecognized-name', 112, True, 'unrecognized_name, as a filter says')
alert('one-off', 40, False, 'handshake_failure from one hop less than the SYN-ACK', ttl=53)
alert('two-off', 40, True, 'handshake_failure from two hops less than the SYN-ACK', ttl=54)
alert('three-off', 40, True, 'handshake_failure from three hops less than the SYN-ACK', ttl=55)


def in_part(name, answer, noted, missed, said):
    def tell(s):
        s.resolve(NAME, SERVER)
        connection = s.tcp(SERVER, 443).open().say(m.client_hello(NAME))
        connection.answer(answer).close()
        s.frames = [frame for number, frame in enumerate(s.frames) if number not in missed]
        s.goes_on()
        return [row('signaling', 'inconclusive'), *nothing_blocked(),
                inconclusive(HTTPS, 'server_refused', **{'notes~': noted})]
    tell.__doc__ = f'The server refuses the ClientHello ({noted}); the capture missed {said}.'
    scenario('server-refuses', name, SELECTOR)(tell)


# After the two frames of DNS: SYN, SYN-ACK, ACK, ClientHello.
in_part('alert-hello-missed', m.alert(40), 'tls_alert 40', {5}, 'the ClientHello')
in_part('alert-syn-ack-missed', m.alert(40), 'tls_alert 40', {3}, 'the SYN-ACK')
in_part('alert-handshake-missed', m.alert(40), 'tls_alert 40', {2, 3, 4}, 'all before the ClientHello')
in_part('plain-http-400-handshake-missed', b'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n', 'http 400', {2, 3, 4},
        'all before the ClientHello')


@scenario('server-refuses', 'alert-by-a-device-that-answers', SELECTOR)
def alert_by_answering_device(s):
    """A device one hop away completes the handshake and sends handshake_failure; the server answers elsewhere from 12 hops."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 8443).open().tls('status.example.net').close()
    s.far(SERVER, 1)
    s.tcp(SERVER, 443).open().say(m.client_hello(NAME)).answer(m.alert(40))
    s.goes_on()
    return [row('signaling', 'blocked', 'tls_alert', 'tls', ['A', 'B']),
            ('flows', HTTPS, {'outcome': 'blocked', 'block_reason': 'tls_alert', 'stage': 'tls', 'grade': ['A', 'B']})]


# ---- closing ----
@scenario('server-refuses', 'payload-fin', SELECTOR)
def payload_fin(s):
    """The server acknowledges a first payload that is no ClientHello and closes."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().say(b'\x00\x01vendor protocol, not TLS').back(p.FIN | p.ACK)
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'server_refused', **{'notes~': 'fin'})]


# ---- CONNECT ----
def connect(name, answer, denied, what):
    def tell(s):
        request = m.http_connect(NAME)
        s.tcp(PROXY, 8080).open().say(request).answer(answer.replace('\n', '\r\n').encode()).close()
        s.goes_on()
        where = {'server_ip': PROXY}
        if denied:
            return [row('signaling', 'blocked', 'proxy_denied', 'proxy', 'A'), blocked(where, 'proxy_denied', 'proxy', 'A')]
        return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(where, 'server_refused', **{'notes~': 'not_a_proxy'})]
    tell.__doc__ = f'CONNECT is answered by {what}.'
    scenario('server-refuses', f'connect-{name}', SELECTOR)(tell)


connect('400', 'HTTP/1.1 400 Bad Request\nServer: nginx\nContent-Length: 0\nConnection: close\n\n', False, '400 of a web server')
connect('405', 'HTTP/1.1 405 Method Not Allowed\nServer: Apache\nAllow: GET,HEAD\nContent-Length: 0\n\n', False, '405 of a web server')
connect('501', 'HTTP/1.1 501 Not Implemented\nContent-Length: 0\n\n', False, '501 of a web server')
connect('400-via', 'HTTP/1.1 400 Bad Request\nVia: 1.1 gate (squid)\nContent-Length: 0\n\n', True, '400 with Via')
connect('404-proxy-header', 'HTTP/1.1 404 Not Found\nProxy-Connection: close\nContent-Length: 0\n\n', True, '404 with a Proxy- header')
connect('503', 'HTTP/1.1 503 Service Unavailable\nContent-Length: 0\n\n', True, '503, one of the codes that proxies refuse with')


# ---- plain text in answer to a ClientHello ----
def plain_text(name, answer, said, what):
    """said: the note, or None where a filter refuses."""
    def tell(s):
        s.resolve(NAME, SERVER)
        s.tcp(SERVER, 443).open().say(m.client_hello(NAME)).answer(answer.replace('\n', '\r\n').encode()).close()
        s.goes_on()
        if said is None:
            return [row('signaling', 'blocked', 'http_denied', 'http', 'A'), blocked(HTTPS, 'http_denied', 'http', 'A'),
                    none('flows', outcome='passed', server_port=443)]
        return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'server_refused', **{'notes~': said})]
    tell.__doc__ = f'The answer to a ClientHello is plain text: {what}.'
    scenario('server-refuses', f'plain-{name}', SELECTOR)(tell)


plain_text('http-400', 'HTTP/1.1 400 Bad Request\nServer: nginx\nContent-Length: 0\n\n', 'http 400', 'a web server that speaks no TLS on this port')
plain_text('banner', '220 mail.example.net ESMTP\n', 'plain_text', "another service's greeting")
plain_text('http-403', 'HTTP/1.1 403 Forbidden\nContent-Length: 6\n\ndenied', None, '403')
plain_text('http-451', 'HTTP/1.1 451 Unavailable For Legal Reasons\nContent-Length: 0\n\n', None, '451')
plain_text('http-led-away', 'HTTP/1.1 302 Found\nLocation: http://block.example.net/denied\nContent-Length: 0\n\n', None, 'a redirect to another site')
plain_text('http-led-home', f'HTTP/1.1 301 Moved Permanently\nLocation: https://{NAME}/\nContent-Length: 0\n\n', 'http 301', 'a redirect to the same site')


# ---- marks that a server's own reset has ----
@scenario('server-refuses', 'hello-reset-random-ids', SELECTOR)
def hello_reset_random_ids(s):
    """The server's own reset, from its distance: its IP ids are random, and its resets carry no timestamp (RFC 7323 3.2)."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443)
    flow.syn()
    flow.syn_ack(ip_id=4_660)
    flow.ack().say(m.client_hello(NAME), acked=False)
    flow.back(p.RST | p.ACK, ip_id=51_966, timestamp=False)
    s.goes_on()
    return [row('signaling', 'blocked', 'tls_reset', 'tls', 'C'), blocked(HTTPS, 'tls_reset', 'tls', 'C', notes=None)]


@scenario('server-refuses', 'hello-reset-near-server', SELECTOR)
def hello_reset_near_server(s):
    """A server two hops away, as another connection to it shows, resets a hello: its short distance is no mark."""
    s.far(SERVER, 2)
    s.far(OTHER_SITE, 12)
    s.tcp(OTHER_SITE, 443).open().tls('www.example.org').close()
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 8443).open().tls(NAME).close()
    flow = s.tcp(SERVER, 443).open().say(m.client_hello(NAME), acked=False)
    flow.back(p.RST | p.ACK, timestamp=False, ip_id=51_966)
    s.goes_on()
    return [row('signaling', 'blocked', 'tls_reset', 'tls', 'B', ports='443'),
            blocked(HTTPS, 'tls_reset', 'tls', 'B', control={'server_port': 8443})]


@scenario('server-refuses', 'connect-closed', SELECTOR)
def connect_closed(s):
    """A proxy takes the CONNECT and closes: it refuses, and nothing on the path does."""
    flow = s.tcp(PROXY, 3128).open().say(m.http_connect(NAME))
    flow.back(p.FIN | p.ACK)
    flow.sseq += 1
    flow.out(p.FIN | p.ACK)
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive({'server_ip': PROXY}, 'server_refused', notes='fin')]


@scenario('server-refuses', 'behind-socks', SELECTOR)
def behind_socks(s):
    """A SOCKS proxy reports that the host refused the connection (RFC 1928 6, reply 5): the server did, not the proxy."""
    flow = s.tcp(PROXY, 1080).open()
    flow.say(bytes([5, 1, 0])).answer(bytes([5, 0]))
    flow.say(bytes([5, 1, 0, 3, len(NAME)]) + NAME.encode() + (443).to_bytes(2, 'big'))
    flow.answer(bytes([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])).close()
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive({'server_ip': PROXY}, 'server_refused', notes='socks 5')]


@scenario('server-refuses', 'near-device-twice', SELECTOR)
def near_device_twice(s):
    """A device one hop away answers two SYNs and resets both ends: that it did so twice does not make its distance the server's."""
    s.far(OTHER_SITE, 12)
    s.tcp(OTHER_SITE, 443).open().tls('www.example.org').close()
    s.resolve(NAME, SERVER)
    s.far(SERVER, 1)
    for _ in range(2):
        flow = s.tcp(SERVER, 443).open().say(m.client_hello(NAME), acked=False)
        flow.back(p.RST | p.ACK, after=0.0002)
        flow.out(p.RST | p.ACK, after=0.0002)
        s.wait(1)
    s.goes_on()
    return [row('signaling', 'blocked', 'tls_reset', 'tls', 'A', flows_blocked=2), none('flows', grade='C')]


@scenario('server-refuses', 'connect-closed-late', SELECTOR)
def connect_closed_late(s):
    """A CONNECT is not answered for ten seconds, and then the proxy closes: it waited in vain."""
    flow = s.tcp(PROXY, 3128).open().say(m.http_connect(NAME))
    s.goes_on(10)
    flow.back(p.FIN | p.ACK)
    flow.sseq += 1
    flow.out(p.FIN | p.ACK)
    s.goes_on()
    return [row('signaling', 'blocked', 'proxy_timeout', 'proxy', 'C')]


@scenario('server-refuses', 'page-in-tunnel', SELECTOR)
def page_in_tunnel(s):
    """The ClientHello in a proxy's tunnel is answered by a page that forbids."""
    flow = s.tcp(PROXY, 3128).open().say(m.http_connect(NAME))
    flow.answer(b'HTTP/1.1 200 OK\r\n\r\n').say(m.client_hello(NAME))
    flow.answer(b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n').close()
    s.goes_on()
    return [row('signaling', 'blocked', 'http_denied', 'http', 'A')]


def reset_behind_syn_ack(s, ttl=None):
    """SYN, SYN-ACK, and a reset that crosses the client's acknowledgement and ClientHello on their way."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 8443).open().tls('status.example.net').close()
    flow = s.tcp(SERVER, 443)
    flow.syn()
    flow.syn_ack()
    flow.back(p.RST | p.ACK, ttl=ttl)
    flow.out(p.ACK)
    flow.out(p.ACK | p.PSH, m.client_hello(NAME))
    s.goes_on(5)


@scenario('server-refuses', 'reset-crosses-hello', SELECTOR)
def reset_crosses_hello(s):
    """The server resets what it accepted, while the client's acknowledgement and hello are on their way: a refusal, no silence."""
    reset_behind_syn_ack(s)
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'server_refused')]


@scenario('server-refuses', 'device-reset-crosses-hello', SELECTOR)
def device_reset_crosses_hello(s):
    """The same, by a device on the path."""
    reset_behind_syn_ack(s, ttl=60)
    return [row('signaling', 'blocked', 'tcp_reset', 'tcp', 'B')]


@scenario('server-refuses', 'reset-ahead-of-syn', SELECTOR)
def reset_ahead_of_syn(s):
    """Two captures whose clocks differ, merged: the server's reset stands 20 ms ahead of the SYN whose number it acknowledges."""
    s.resolve(NAME, SERVER)
    s.wait(0.2)
    s.tcp(SERVER, 8443).open().tls('status.example.net').close()
    s.wait(0.2)
    mark = len(s.frames)
    s.tcp(SERVER, 443).syn_refused()
    (asked, syn), (_, reset) = s.frames[mark:]
    s.frames[mark:] = [(asked - 0.02, reset), (asked, syn)]
    s.goes_on(5)
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'server_refused')]
