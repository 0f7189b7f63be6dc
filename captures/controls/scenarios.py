"""What makes a block probable is a control of its own kind; what contradicts it makes it none."""
from kit import messages as m
from kit import packets as p
from kit import scenario
from kit.expect import blocked, inconclusive, none, nothing_blocked, row
from kit.story import CLIENT, CLIENT6, OTHER_CLIENT, PROXY, RESOLVER

SERVER, SECOND, MEDIA, PEER, OTHER_SITE = '203.0.113.10', '203.0.113.11', '203.0.113.20', '198.51.100.80', '198.51.100.30'
SERVER6 = '2001:db8:f000::10'
NAME, MEDIA_NAME = 'api-1.calls.sendbird.com', 'turn-1.calls.sendbird.com'
SELECTOR = 'sendbird/calls'
HTTPS = {'server_ip': SERVER, 'server_port': 443}


def dropped(s, name=NAME, server=SERVER, client=None):
    """Four SYNs without an answer."""
    more = {'client': client} if client else {}
    s.resolve(name, server, **more)
    s.tcp(server, 443, **more).syn(times=4)
    s.goes_on(4, **more)


@scenario('controls', 'something-else', SELECTOR)
def something_else(s):
    """The same client reaches another site: no control of this kind."""
    dropped(s)
    s.tcp(OTHER_SITE, 443).open().tls('www.example.org').close()
    s.datagrams(OTHER_SITE, 3478).binding()
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C'), blocked(HTTPS, 'tcp_timeout', 'tcp', 'C')]


@scenario('controls', 'other-client', SELECTOR)
def other_client(s):
    """Another client reaches the same endpoint."""
    dropped(s)
    s.resolve(NAME, SERVER, client=OTHER_CLIENT)
    s.tcp(SERVER, 443, OTHER_CLIENT).open().tls(NAME).close()
    where = {**HTTPS, 'outcome': 'blocked'}
    return [row('signaling', 'observed', 'tcp_timeout', 'tcp', 'B', flows_passed=1, flows_blocked=1),
            blocked(where, 'tcp_timeout', 'tcp', 'B', {'client_ip': OTHER_CLIENT, 'server_ip': SERVER})]


@scenario('controls', 'other-port', SELECTOR)
def other_port(s):
    """The same client reaches the same address on another port."""
    dropped(s)
    s.tcp(SERVER, 22).open().answer(b'SSH-2.0-example\r\n').close()
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'B'),
            blocked(HTTPS, 'tcp_timeout', 'tcp', 'B', {'server_ip': SERVER, 'server_port': 22})]


@scenario('controls', 'other-transport', SELECTOR)
def other_transport(s):
    """The same client reaches the same address over the other transport."""
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate(answered=False, sends=4)
    s.tcp(MEDIA, 5349).open().tls('relay.example.net').close()
    s.goes_on()
    return [row('media', 'blocked', 'udp_timeout', 'turn', 'B'),
            blocked({'server_ip': MEDIA, 'transport': 'udp'}, 'udp_timeout', 'turn', 'B', {'server_ip': MEDIA, 'transport': 'tcp'})]


@scenario('controls', 'other-server-name', SELECTOR)
def other_server_name(s):
    """A ClientHello of one name is dropped, one of another name to the same endpoint is not: a control, and no contradiction."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().unheard(m.client_hello(NAME))
    s.tcp(SERVER, 443).open().tls('www.example.org').close()
    s.goes_on()
    return [row('signaling', 'blocked', 'tls_timeout', 'tls', 'B'),
            blocked({**HTTPS, 'server_name': NAME}, 'tls_timeout', 'tls', 'B', {'server_name': 'www.example.org'})]


@scenario('controls', 'same-name-elsewhere', SELECTOR)
def same_name_elsewhere(s):
    """The same host name works at another address."""
    s.resolve(NAME, SERVER, SECOND)
    s.tcp(SERVER, 443).syn(times=4)
    s.tcp(SECOND, 443).open().tls(NAME).close()
    s.goes_on()
    return [row('signaling', 'observed', 'tcp_timeout', 'tcp', 'B', flows_passed=1, flows_blocked=1),
            blocked(HTTPS, 'tcp_timeout', 'tcp', 'B', {'server_ip': SECOND})]


@scenario('controls', 'another-row', SELECTOR)
def another_row(s):
    """The same client has another row of the same product."""
    s.resolve(NAME, SERVER)
    call = s.tcp(SERVER, 443).open().tls(NAME)
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate(answered=False, sends=4)
    s.goes_on()
    call.close()
    return [row('signaling', 'observed'), row('media', 'blocked', 'udp_timeout', 'turn', 'B'),
            blocked({'server_ip': MEDIA}, 'udp_timeout', 'turn', 'B', {'server_ip': SERVER})]


def media_without_control(s, call):
    """Beside that connection the media row of the same product fails, and it does not help to tell why."""
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate(answered=False, sends=4)
    s.goes_on()
    call.close()
    return [row('signaling', 'observed'), row('media', 'blocked', 'udp_timeout', 'turn', 'C'),
            blocked({'server_ip': MEDIA}, 'udp_timeout', 'turn', 'C')]


@scenario('controls', 'another-row-half-seen', SELECTOR)
def another_row_half_seen(s):
    """The capture missed what the other row's server said: that it was no refusal is not shown, so it is no control."""
    s.resolve(NAME, SERVER)
    call = s.tcp(SERVER, 443).open().say(m.client_hello(NAME)).answer_missed(m.server_hello() + m.application_data('ee', 900))
    return media_without_control(s, call)


@scenario('controls', 'only-opened', SELECTOR)
def only_opened(s):
    """Another client opens a connection to the same endpoint and never uses it. Where a ClientHello is dropped that is no control,
    for that connection was opened as well; where SYNs are dropped it is one."""
    s.resolve(NAME, SERVER, SECOND)
    s.tcp(SERVER, 443).open().unheard(m.client_hello(NAME))
    s.tcp(SECOND, 443).syn(times=4)
    s.resolve(NAME, SERVER, SECOND, client=OTHER_CLIENT)
    s.tcp(SERVER, 443, OTHER_CLIENT).open().close()
    s.tcp(SECOND, 443, OTHER_CLIENT).open().close()
    s.goes_on()
    return [row('signaling', 'observed', 'tcp_timeout', 'tcp', 'B', flows_passed=2, flows_blocked=2),
            blocked({**HTTPS, 'client_ip': CLIENT}, 'tls_timeout', 'tls', 'C'),
            blocked({'server_ip': SECOND, 'client_ip': CLIENT}, 'tcp_timeout', 'tcp', 'B', {'server_ip': SECOND})]


@scenario('controls', 'another-row-other-family', SELECTOR)
def another_row_other_family(s):
    """The same client has another row over IPv6. Its DHCP discovery, from no address, makes it no router with two IPv4 addresses."""
    s.behind(CLIENT, '0.0.0.0')
    s.far('0.0.0.0', 0, 128)
    s.udp('0.0.0.0', 68, '255.255.255.255', 67, b'\1\1\6\0' + bytes(236))
    s.resolve(NAME, SERVER6)
    call = s.tcp(SERVER6, 443, CLIENT6).open().tls(NAME)
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate(answered=False, sends=4)
    s.goes_on()
    call.close()
    return [row('signaling', 'observed'), row('media', 'blocked', 'udp_timeout', 'turn', 'B'),
            blocked({'server_ip': MEDIA}, 'udp_timeout', 'turn', 'B', {'server_ip': SERVER6})]


@scenario('controls', 'another-clients-row', SELECTOR)
def another_clients_row(s):
    """It is another client that has the other row: no control."""
    s.resolve(NAME, SERVER, client=OTHER_CLIENT)
    s.tcp(SERVER, 443, OTHER_CLIENT).open().tls(NAME).close()
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate(answered=False, sends=4)
    s.goes_on()
    return [row('signaling', 'observed'), row('media', 'blocked', 'udp_timeout', 'turn', 'C'), blocked({'server_ip': MEDIA}, 'udp_timeout', 'turn', 'C')]


@scenario('controls', 'too-long-ago', SELECTOR)
def too_long_ago(s):
    """The other row worked two minutes before, and its connection has ended: no control."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    for _ in range(4):
        s.goes_on(30)
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate(answered=False, sends=4)
    s.goes_on()
    return [row('signaling', 'observed'), row('media', 'blocked', 'udp_timeout', 'turn', 'C'), blocked({'server_ip': MEDIA}, 'udp_timeout', 'turn', 'C')]


@scenario('controls', 'host-unreachable', SELECTOR)
def host_unreachable(s):
    """A router says host unreachable, which tells of routing; the name works at another address: probable."""
    s.resolve(NAME, SERVER, SECOND)
    s.icmp(s.tcp(SERVER, 443).syn(), 3, 1)
    s.tcp(SECOND, 443).open().tls(NAME).close()
    s.goes_on()
    return [row('signaling', 'observed', 'icmp_unreachable', 'tcp', 'B', flows_passed=1, flows_blocked=1),
            blocked(HTTPS, 'icmp_unreachable', 'tcp', 'B', {'server_ip': SECOND})]


@scenario('controls', 'closed-for-one-name', SELECTOR)
def closed_for_one_name(s):
    """The connection is closed after the ClientHello of one name, and not after that of another: probable."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().say(m.client_hello(NAME)).back(0x11)
    s.tcp(SERVER, 443).open().tls('www.example.org').close()
    s.goes_on()
    return [row('signaling', 'blocked', 'tls_reset', 'tls', 'B'),
            blocked({**HTTPS, 'server_name': NAME}, 'tls_reset', 'tls', 'B', {'server_name': 'www.example.org'})]


@scenario('controls', 'worked-a-minute-and-a-half-ago', SELECTOR)
def another_port_long_ago(s):
    """The same address worked on another port, but ninety seconds before: no control."""
    s.tcp(SERVER, 8443).open().tls('status.example.net').close()
    for _ in range(3):
        s.goes_on(30)
    dropped(s)
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C'), blocked(HTTPS, 'tcp_timeout', 'tcp', 'C')]


# ---- contradicted ----
@scenario('controls', 'contradicted', SELECTOR)
def contradicted(s):
    """The same client reaches the same endpoint twenty seconds after the failure: no policy explains that."""
    dropped(s)
    s.goes_on(10)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    return [row('signaling', 'observed', flows_passed=1, flows_blocked=0, flows_inconclusive=1), *nothing_blocked(),
            inconclusive({**HTTPS, 'outcome': 'inconclusive'}, 'intermittent')]


@scenario('controls', 'contradicted-before', SELECTOR)
def contradicted_before(s):
    """The same client had reached the same endpoint just before; three later attempts fail."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    ports = []
    for _ in range(3):
        connection = s.tcp(SERVER, 443)
        ports.append(connection.cport)
        connection.syn(times=2)
        s.goes_on(4)
    return [row('signaling', 'observed', flows_passed=1, flows_blocked=0, flows_inconclusive=3), *nothing_blocked(),
            *[inconclusive({**HTTPS, 'client_port': port}, 'intermittent') for port in ports]]


@scenario('controls', 'contradicted-hello', SELECTOR)
def contradicted_hello(s):
    """A ClientHello is lost for good, the next connection with the same name works."""
    s.resolve(NAME, SERVER)
    lost = s.tcp(SERVER, 443).open()
    lost.unheard(m.client_hello(NAME))
    s.tcp(SERVER, 443).open().tls(NAME).close()
    return [row('signaling', 'observed', flows_passed=1, flows_blocked=0, flows_inconclusive=1), *nothing_blocked(),
            inconclusive({**HTTPS, 'client_port': lost.cport}, 'intermittent')]


@scenario('controls', 'contradicted-udp', SELECTOR)
def contradicted_udp(s):
    """A relay does not answer one local port and answers the next one."""
    s.resolve(MEDIA_NAME, MEDIA)
    lost = s.datagrams(MEDIA, 5349)
    lost.allocate(answered=False, sends=4)
    s.datagrams(MEDIA, 5349).allocate()
    s.goes_on()
    return [row('media', 'observed', flows_passed=1, flows_blocked=0, flows_inconclusive=1), *nothing_blocked(),
            inconclusive({'server_ip': MEDIA, 'client_port': lost.cport}, 'intermittent')]


@scenario('controls', 'contradicted-too-late', SELECTOR)
def contradicted_late(s):
    """The same client reaches the same endpoint two minutes after the failure: something may have been changed."""
    dropped(s)
    for _ in range(4):
        s.goes_on(30)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    return [row('signaling', 'observed', 'tcp_timeout', 'tcp', 'C', flows_passed=1, flows_blocked=1),
            blocked({**HTTPS, 'outcome': 'blocked'}, 'tcp_timeout', 'tcp', 'C')]


@scenario('controls', 'contradicted-refusal', SELECTOR)
def contradicted_refusal(s):
    """A device said that it refuses; that a later connection works does not take it back."""
    s.resolve(NAME, SERVER)
    s.icmp(s.tcp(SERVER, 443).syn(), 3, 13)
    s.goes_on(10)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    return [row('signaling', 'observed', 'icmp_prohibited', 'tcp', 'A', flows_passed=1, flows_blocked=1),
            blocked({**HTTPS, 'outcome': 'blocked'}, 'icmp_prohibited', 'tcp', 'A')]


@scenario('controls', 'contradicted-by-another-client', SELECTOR)
def contradicted_by_other(s):
    """It is another client that reaches the endpoint: a control, and no contradiction."""
    dropped(s, client=OTHER_CLIENT)
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    where = {**HTTPS, 'client_ip': OTHER_CLIENT}
    return [row('signaling', 'observed', 'tcp_timeout', 'tcp', 'B', flows_passed=1, flows_blocked=1),
            blocked(where, 'tcp_timeout', 'tcp', 'B', {'server_ip': SERVER, 'outcome': 'passed'})]


# ---- what strangers' captures are full of ----
@scenario('controls', 'dead-peer', SELECTOR)
def dead_peer(s):
    """A peer that is gone, of no vendor, while the client reaches other hosts: suspected at most."""
    peer = s.datagrams(PEER, 51413)
    for i in range(5):
        peer.out(m.random_bytes(f'dead{i}', 60), after=2)
    s.tcp(OTHER_SITE, 443).open().tls('www.example.org').close()
    s.datagrams('198.51.100.81', 51413).binding()
    s.goes_on()
    return [blocked({'server_ip': PEER}, 'udp_timeout', 'udp', 'C', vendor=None)]


@scenario('controls', 'scan', SELECTOR)
def scan(s):
    """One port of five hosts that do not exist, while the client reaches others: suspected at most."""
    hosts = [f'198.51.100.{number}' for number in range(101, 106)]
    for host in hosts:
        s.tcp(host, 22).syn(times=2, gaps=(0.2,))
    s.tcp(OTHER_SITE, 443).open().tls('www.example.org').close()
    s.goes_on()
    return [blocked({'server_ip': host}, 'tcp_timeout', 'tcp', 'C') for host in hosts]


@scenario('controls', 'unanswered-srv', SELECTOR)
def unanswered_srv(s):
    """A resolver leaves SRV queries unanswered and answers all others: no block of the way to it."""
    s.resolve('www.example.org', OTHER_SITE)
    s.resolve('_ldap._tcp.example.org', qtype='SRV', answer=False, sends=3)
    s.resolve('www.example.net', OTHER_SITE)
    s.tcp(OTHER_SITE, 443).open().tls('www.example.net').close()
    s.goes_on()
    return [none('flows', server_ip=RESOLVER, outcome='blocked', grade=['A', 'B']), none('requirements', status='blocked')]


@scenario('controls', 'name-of-a-hello-not-seen', SELECTOR)
def name_of_a_hello_not_seen(s):
    """Another client talks TLS with another port of the host, and the capture begins after its hello: DNS tells a name, and it may
    have asked for another. It is no control where a hello is reset, and one where SYNs are dropped."""
    s.resolve(NAME, SERVER, SECOND, client=OTHER_CLIENT)
    talking = s.tcp(SERVER, 8443, OTHER_CLIENT)
    for i in range(3):
        talking.say(m.application_data(f'c{i}')).answer(m.application_data(f's{i}', 200))
    s.resolve(NAME, SERVER, SECOND)
    s.tcp(SERVER, 443).open().say(m.client_hello(NAME)).reset_by_server()
    s.tcp(SECOND, 443).syn(times=4)
    s.goes_on()
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'B', flows_blocked=2),
            blocked({'server_ip': SERVER, 'server_port': 443}, 'tls_reset', 'tls', 'C'),
            blocked({'server_ip': SECOND}, 'tcp_timeout', 'tcp', 'B', {'server_ip': SERVER, 'server_port': 8443})]


@scenario('controls', 'certificate-not-seen', SELECTOR)
def certificate_not_seen(s):
    """The capture missed a segment of what the other row's server said first: its certificate may have been a stranger's, so the
    connection is no control."""
    s.resolve(NAME, SERVER)
    call = s.tcp(SERVER, 443).open().say(m.client_hello(NAME))
    call.answer(m.server_hello())
    call.answer_missed(m.application_data('ee', 900))
    call.answer(m.application_data('more', 200))
    return media_without_control(s, call)


# ---- what is only alike ----
@scenario('controls', 'rows-in-common', 'amazon/chime-sdk')
def rows_in_common(s):
    """Two rows have the same names and port: a host that works is no other row than the one that does not."""
    works, fails = '203.0.113.30', '203.0.113.31'
    s.resolve('alpha.ue1.app.chime.aws', works)
    s.tcp(works, 443).open().tls('alpha.ue1.app.chime.aws').close()
    s.resolve('beta.ue1.app.chime.aws', fails)
    s.tcp(fails, 443).syn(4)
    s.goes_on()
    return [row('signaling', 'observed', 'tcp_timeout', 'tcp', 'C'), row('common', 'observed', 'tcp_timeout', 'tcp', 'C'), blocked({'server_ip': fails}, 'tcp_timeout', 'tcp', 'C')]


@scenario('controls', 'other-target-of-the-proxy', SELECTOR)
def other_target(s):
    """The same proxy leads another client, and the same one, to other hosts: no controls of a tunnel that stays silent."""
    for client in (OTHER_CLIENT, CLIENT):
        other = s.tcp(PROXY, 3128, client=client).open().say(m.http_connect('www.example.org'))
        other.answer(b'HTTP/1.1 200 OK\r\n\r\n').tls('www.example.org')
    flow = s.tcp(PROXY, 3128).open().say(m.http_connect(NAME))
    flow.answer(b'HTTP/1.1 200 OK\r\n\r\n').say(m.client_hello(NAME))
    s.goes_on(6)
    return [row('signaling', 'blocked', 'tls_timeout', 'tls', 'C')]


def dies(s, seconds):
    """A relay answers for two seconds, and its client sends on for longer."""
    s.resolve(MEDIA_NAME, MEDIA)
    relay = s.datagrams(MEDIA, 5349)
    relay.allocate()
    relay.bind_channel(0x4000, (PEER, 40000))
    relay.media(2, wrap=lambda packet: m.channel_data(0x4000, packet))
    for i in range(seconds):
        relay.out(m.channel_data(0x4000, m.rtp(7, 1000 + i, i * 960)), after=1.0)


@scenario('controls', 'answered-long-ago', SELECTOR)
def answered_long_ago(s):
    """What was last answered two minutes ago neither makes a block probable nor contradicts one, though its client sent on."""
    dies(s, 120)
    dropped(s)
    again = s.datagrams(MEDIA, 5349)
    for _ in range(2):
        again.allocate(answered=False, sends=3)
    s.goes_on(4)
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C'), row('media', 'observed', 'udp_timeout', 'turn', 'C', transport='udp'),
            none('flows', inconclusive_reason='intermittent')]


@scenario('controls', 'name-in-other-case', SELECTOR)
def name_in_other_case(s):
    """The same name in other letters works at the same endpoint: intermittent."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443).open()
    flow.unheard(m.client_hello(NAME), 5)
    s.wait(2)
    s.tcp(SERVER, 443).open().tls('API-1.calls.SendBird.com')
    s.goes_on()
    return [row('signaling', 'observed', flows_inconclusive=1), *nothing_blocked(),
            inconclusive({**HTTPS, 'outcome': 'inconclusive'}, 'intermittent')]


@scenario('controls', 'several-names-of-an-address', SELECTOR)
def several_names(s):
    """Two names lead to an address: for which of them a SYN was is not known, and one that is answered contradicts it."""
    s.resolve('www.example.com', SERVER)
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(3)
    s.wait(2)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    s.goes_on(6)
    return [row('signaling', 'observed'), *nothing_blocked(), inconclusive({**HTTPS, 'outcome': 'inconclusive'}, 'intermittent')]


@scenario('controls', 'spare-connection', SELECTOR)
def spare_connection(s):
    """Browsers open a second connection ahead: that it was opened contradicts no hello that is not answered beside it."""
    s.resolve(NAME, SERVER)
    asked, _ = s.tcp(SERVER, 443).open(), s.tcp(SERVER, 443).open()
    asked.unheard(m.client_hello(NAME), 5)
    s.goes_on()
    return [row('signaling', 'observed', 'tls_timeout', 'tls', 'C', flows_blocked=1),
            blocked({**HTTPS, 'outcome': 'blocked'}, 'tls_timeout', 'tls', 'C')]


@scenario('controls', 'another-row-beside-rows-in-common', 'amazon/chime-sdk')
def another_row_beside(s):
    """The same, and media works: a row that is another one indeed."""
    works, fails, media = '203.0.113.30', '203.0.113.31', '99.77.140.20'
    s.datagrams(media, 3478).allocate()
    s.resolve('alpha.ue1.app.chime.aws', works)
    s.tcp(works, 443).open().tls('alpha.ue1.app.chime.aws').close()
    s.resolve('beta.ue1.app.chime.aws', fails)
    s.tcp(fails, 443).syn(4)
    s.goes_on()
    return [row('signaling', 'observed', 'tcp_timeout', 'tcp', 'B'), row('common', 'observed', 'tcp_timeout', 'tcp', 'B'),
            row('media-udp', 'observed'), blocked({'server_ip': fails}, 'tcp_timeout', 'tcp', 'B', control={'server_ip': media})]


@scenario('controls', 'tunnel-of-the-proxy', SELECTOR)
def tunnel_of_the_proxy(s):
    """A client does not reach the proxy by which another one gets out: the same endpoint."""
    s.tcp(PROXY, 3128).syn(4)
    other = s.tcp(PROXY, 3128, client=OTHER_CLIENT).open().say(m.http_connect('www.example.org'))
    other.answer(b'HTTP/1.1 200 OK\r\n\r\n').tls('www.example.org')
    s.goes_on(4)
    return [blocked({'server_ip': PROXY, 'outcome': 'blocked'}, 'tcp_timeout', 'tcp', 'B', control={'server_ip': PROXY, 'outcome': 'passed'})]


@scenario('controls', 'reset-after-idling', SELECTOR)
def reset_after_idling(s):
    """A connection idles for five minutes and is reset, by whomever; that it worked before contradicts no SYN that is not answered now."""
    s.resolve(NAME, SERVER)
    idle = s.tcp(SERVER, 443).open().tls(NAME)
    for _ in range(30):
        s.wait(10)
        s.goes_on(0)
    idle.back(p.RST | p.ACK, ttl=61)
    s.tcp(SERVER, 443).syn(4)
    s.goes_on(4)
    return [row('signaling', 'observed', 'tcp_timeout', 'tcp', 'C', flows_blocked=1)]
