"""Connections that work, however they began, and what only looks like one."""
import struct

from kit import messages as m
from kit import packets as p
from kit import scenario
from kit.expect import blocked, inconclusive, none, nothing_blocked, passed, row
from kit.story import CLIENT, PROXY

SERVER, PHONE, MEDIA = '203.0.113.10', '203.0.113.60', '203.0.113.20'
NAME = 'api-1.calls.sendbird.com'
SELECTOR = 'sendbird/calls'
HTTPS = {'server_ip': SERVER, 'server_port': 443}


def works():
    return [row('signaling', 'observed', flows_blocked=0), *nothing_blocked()]


def reset_then(s, recovers):
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    connection.syn_refused(ttl=63, timestamp=False, ip_id=1)
    connection.cseq -= 1
    s.wait(1)
    if recovers:
        connection.open().tls(NAME).close()
    else:
        connection.syn_refused(ttl=63, timestamp=False, ip_id=1)
    s.goes_on()


@scenario('recovered', 'reset-then-works', SELECTOR)
def reset_then_works(s):
    """A reset with marks of injection answers the SYN; the retried SYN succeeds."""
    reset_then(s, recovers=True)
    return works()


@scenario('recovered', 'reset-then-works-anew', SELECTOR)
def reset_then_works_anew(s):
    """The same, and the retry has a sequence number of its own."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    connection.syn_refused(ttl=63, timestamp=False, ip_id=1)
    s.wait(1)
    connection.cseq += 77_000
    connection.open().tls(NAME).close()
    s.goes_on()
    return works()


@scenario('recovered', 'reset-then-reset', SELECTOR)
def reset_then_reset(s):
    """A reset answers the SYN, and another one the retried SYN: blocked."""
    reset_then(s, recovers=False)
    return [row('signaling', 'blocked', 'tcp_reset', 'tcp', 'C'), none('flows', outcome='passed', server_ip=SERVER)]


@scenario('recovered', 'icmp-then-works', SELECTOR)
def icmp_then_works(s):
    """A router prohibits the first SYN; the retried SYN of the same connection succeeds."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    s.icmp(connection.syn(), 3, 13)
    s.wait(1)
    connection.open().tls(NAME).close()
    s.goes_on()
    return works()


@scenario('recovered', 'syn-ack-missed', SELECTOR)
def syn_ack_missed(s):
    """The capture missed the SYN-ACK; data goes both ways."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    connection.syn()
    mark = len(s.frames)
    connection.syn_ack()
    del s.frames[mark]
    connection.ack().tls(NAME).close()
    s.goes_on()
    return [*works(), passed(HTTPS)]


@scenario('recovered', 'syn-ack-missed-and-reset-late', SELECTOR)
def syn_ack_missed_reset(s):
    """The capture missed the SYN-ACK, data goes both ways, and the server ends with a reset: it answered all the same."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    connection.syn()
    mark = len(s.frames)
    connection.syn_ack()
    del s.frames[mark]
    connection.ack().tls(NAME).reset_by_server()
    s.goes_on()
    return [*works(), passed(HTTPS)]


@scenario('recovered', 'fast-open', SELECTOR)
def fast_open(s):
    """TCP Fast Open: the SYN carries cookie and ClientHello, the SYN-ACK acknowledges both."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    hello = m.client_hello(NAME)
    connection.out(p.SYN, hello, cookie=m.random_bytes('cookie', 8))
    connection.cseq += len(hello)
    connection.syn_ack().ack()
    connection.answer(m.server_hello() + m.application_data('ee', 900))
    connection.close()
    s.goes_on()
    return works()


@scenario('recovered', 'fast-open-again', SELECTOR)
def fast_open_again(s):
    """A SYN with cookie and data is lost; the next SYN, without data and under another sequence number, is answered."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    connection.out(p.SYN, m.client_hello(NAME), cookie=m.random_bytes('cookie', 8))
    s.wait(1)
    connection.cseq += 500_000
    connection.open().tls(NAME).close()
    s.goes_on()
    return works()


@scenario('recovered', 'fast-open-answered-late', SELECTOR)
def fast_open_late(s):
    """The data in the SYN are not taken; the connection stands three seconds later, and the capture ends a second after that."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    hello = m.client_hello(NAME)
    connection.out(p.SYN, hello, cookie=m.random_bytes('cookie', 8))
    s.wait(3)
    connection.syn_ack().ack()
    connection.out(p.ACK | p.PSH, hello)
    s.goes_on(1)
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'capture_ended')]


@scenario('recovered', 'second-sequence-number', SELECTOR)
def second_sequence(s):
    """Two SYN-ACKs with different sequence numbers, as tests of evasion send; the connection of the second one works."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    connection.syn()
    connection.cseq += 1
    connection.back(p.SYN | p.ACK, seq=connection.sseq + 0x60000000)
    connection.cseq -= 1
    connection.syn_ack().ack().tls(NAME).close()
    s.goes_on()
    return works()


@scenario('recovered', 'server-data-missed', SELECTOR)
def server_data_missed(s):
    """The capture missed what the server said; the client acknowledged it, and the server's FIN counts it."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().say(m.client_hello(NAME)).answer_missed(m.server_hello() + m.application_data('ee', 900)).close()
    s.goes_on()
    return [*works(), passed(HTTPS, **{'notes~': 'capture_loss'})]


@scenario('recovered', 'answer-seen-from-its-middle', SELECTOR)
def answer_from_middle(s):
    """The capture missed the SYN-ACK and the first segment of the answer: what is left begins inside a record, and is no plain text."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open().say(m.client_hello(NAME))
    mark = len(s.frames)
    connection.answer(m.server_hello() + m.application_data('ee', 2000)).close()
    s.frames = [frame for number, frame in enumerate(s.frames) if number not in (3, mark)]
    s.goes_on()
    return [*works(), passed(HTTPS)]


@scenario('recovered', 'fin-beyond-what-was-seen', SELECTOR)
def fin_beyond(s):
    """The server's FIN counts octets that nobody saw, acknowledged or not: the capture lost something, nothing was reset."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open().say(m.client_hello(NAME))
    connection.back(p.FIN | p.ACK, seq=connection.sseq + 1000)
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'capture_loss')]


# ---- SIP ----
@scenario('recovered', 'question-missed', SELECTOR)
def question_missed(s):
    """The capture missed the ClientHello, the server acknowledged it and closed: whether it answered cannot be told."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open()
    connection.cseq += 517
    connection.back(p.ACK)
    connection.back(p.FIN | p.ACK)
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'capture_loss')]


@scenario('recovered', 'hello-unanswered-midstream', SELECTOR)
def hello_unanswered_midstream(s):
    """The capture missed the handshake; the ClientHello is acknowledged and never answered: nothing passed."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443)
    connection.ack()
    connection.back(p.ACK)
    connection.say(m.client_hello(NAME))
    s.goes_on()
    connection.out(p.FIN | p.ACK)
    connection.cseq += 1
    connection.back(p.ACK)
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'midstream')]


def loses_segments(s):
    """A connection beside it whose client acknowledges a segment that is not in the capture."""
    other = s.tcp('198.51.100.30', 443).open().tls('www.example.org')
    other.sseq += 1400
    other.ack()
    other.close()


@scenario('recovered', 'one-query-in-lossy-capture', SELECTOR)
def one_query(s):
    """One query without an answer, and another connection shows that segments are missing: a lost answer, not a block."""
    s.resolve(NAME, answer=False)
    loses_segments(s)
    s.goes_on()
    return [row('signaling', 'inconclusive'), row('media', 'inconclusive'), *nothing_blocked()]


@scenario('recovered', 'two-queries-in-lossy-capture', SELECTOR)
def two_queries(s):
    """The same query twice: that both answers were lost is less likely than that none came."""
    s.resolve(NAME, answer=False, sends=2)
    loses_segments(s)
    s.goes_on()
    return [row('signaling', 'blocked', 'dns_timeout', 'dns', 'B'), row('media', 'blocked', 'dns_timeout', 'dns', 'B')]


@scenario('recovered', 'hello-in-lossy-capture', SELECTOR)
def one_hello(s):
    """One ClientHello that nobody acknowledged and that was not repeated, where other segments are missing: what came after it was lost."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().say(m.client_hello(NAME), acked=False)
    loses_segments(s)
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'capture_loss')]


@scenario('recovered', 'tunnel-data-missed', SELECTOR)
def tunnel_data_missed(s):
    """Inside a proxy's tunnel the capture missed what the server said; the client acknowledged it and asks on."""
    tunnel = s.tcp(PROXY, 3128).open()
    tunnel.say(m.http_connect(NAME))
    tunnel.answer(b'HTTP/1.1 200 Connection established\r\n\r\n')
    tunnel.say(m.client_hello(NAME))
    tunnel.sseq += 1800
    tunnel.ack()
    tunnel.say(m.application_data('ee', 120))
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive({'server_ip': PROXY}, 'capture_loss')]


def sip(first, sender, receiver):
    return (f'{first}\r\nVia: SIP/2.0/UDP {CLIENT}:5060;branch=z9hG4bK1\r\nFrom: <sip:a@example.org>;tag=1\r\n'
            f'To: <sip:b@example.org>;tag=2\r\nCall-ID: 1@{CLIENT}\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n').encode()


@scenario('recovered', 'sip-response-first', SELECTOR)
def sip_response(s):
    """The capture begins with the responses to an INVITE: their receiver is the client, and nothing is unanswered."""
    flow = s.datagrams(PHONE, 5060, client_port=5060)
    flow.back(sip('SIP/2.0 180 Ringing', PHONE, CLIENT), after=2)
    flow.back(sip('SIP/2.0 200 OK', PHONE, CLIENT), after=0.5)
    flow.back(sip('SIP/2.0 200 OK', PHONE, CLIENT))
    s.goes_on()
    return [*nothing_blocked(), ('flows', {'client_port': 5060}, {'client_ip': CLIENT, 'server_ip': PHONE, 'protocol': 'sip'})]


@scenario('recovered', 'sip-response-from-inside', SELECTOR)
def sip_response_inside(s):
    """The inner side answers an INVITE that is not in the capture: it is the server, and its responses ask for no answer."""
    flow = s.datagrams(PHONE, 5060, client_port=5060)
    flow.out(sip('SIP/2.0 180 Ringing', CLIENT, PHONE), after=2)
    flow.out(sip('SIP/2.0 200 OK', CLIENT, PHONE), after=0.5)
    flow.out(sip('SIP/2.0 200 OK', CLIENT, PHONE))
    s.goes_on()
    return [*nothing_blocked(), ('flows', {'client_port': 5060}, {'client_ip': PHONE, 'server_ip': CLIENT, 'protocol': 'sip'})]


@scenario('recovered', 'sip-request-unanswered', SELECTOR)
def sip_request(s):
    """An INVITE, sent four times, that nobody answers: suspected."""
    flow = s.datagrams(PHONE, 5060, client_port=5060)
    for i in range(4):
        flow.out(sip(f'INVITE sip:b@{PHONE} SIP/2.0', CLIENT, PHONE), after=0.5 * 2 ** i)
    s.goes_on()
    return [blocked({'server_ip': PHONE}, 'udp_timeout', 'udp', 'C')]


# ---- malformed headers ----
@scenario('recovered', 'malformed-headers', SELECTOR)
def malformed(s):
    """TCP headers shorter than they can be, or longer than their packet, and a UDP length below eight: no flows."""
    s.resolve(NAME, SERVER)
    port = s.next_port()
    for words in (0, 4, 15):
        s.send(p.tcp(CLIENT, port + words, SERVER, 443, 1000, 0, p.SYN, words=words, ip_id=s.ip_id(CLIENT)), 1)
    s.send(p.ip(CLIENT, SERVER, 17, bytes([0xc0, 0x01, 0x14, 0xe5, 0, 4, 0, 0]), ip_id=s.ip_id(CLIENT)), 1)
    s.send(p.ip(CLIENT, SERVER, 6, bytes([0xc0, 0x02, 0x01, 0xbb, 0, 0, 0, 1]), ip_id=s.ip_id(CLIENT)), 1)
    s.goes_on()
    return [none('flows', server_ip=SERVER), *nothing_blocked(), ('runs', {}, {'packets_malformed': 5, 'flows': 2})]


# ---- questions that were acknowledged, in captures that lose segments ----
@scenario('recovered', 'acknowledged-hello-in-lossy-capture', SELECTOR)
def acknowledged_hello(s):
    """A ClientHello is acknowledged and its connection never heard of again, where other segments are missing: what came after it was lost."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().say(m.client_hello(NAME))
    loses_segments(s)
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'capture_loss')]


@scenario('recovered', 'given-up-hello-in-lossy-capture', SELECTOR)
def given_up_hello(s):
    """The same, and the client closes the connection ten seconds later: it waited in vain."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443).open()
    flow.say(m.client_hello(NAME))
    loses_segments(s)
    s.wait(10)
    flow.close()
    s.goes_on()
    return [row('signaling', 'blocked', 'tls_timeout', 'tls', 'C'), blocked(HTTPS, 'tls_timeout', 'tls', 'C')]


# ---- the order in which two links are captured ----
@scenario('recovered', 'syn-comes-late', SELECTOR)
def syn_comes_late(s):
    """Packets of the two directions come from two links, and a SYN behind what follows it: its SYN-ACK, that and the ACK, both and
    the hello. Each is one connection, read from its start."""
    s.resolve(NAME, SERVER)
    for late in (1, 2, 3):
        mark = len(s.frames)
        s.tcp(SERVER, 443).open().tls(NAME).close()
        times = [time for time, _ in s.frames[mark:mark + late + 1]]
        syn, *others = [frame for _, frame in s.frames[mark:mark + late + 1]]
        s.frames = s.frames[:mark] + list(zip(times, [*others, syn])) + s.frames[mark + late + 1:]
    s.goes_on()
    return [row('signaling', 'observed', flows_passed=3, flows_blocked=0), *nothing_blocked(), none('flows', server_ip=SERVER, protocol='unknown'),
            none('flows', server_ip=SERVER, outcome='inconclusive'), none('flows', **{'server_ip': SERVER, 'notes': 'midstream'}),
            ('runs', {}, {'flows': 5})]


@scenario('recovered', 'refused-before-asked', SELECTOR)
def refused_before_asked(s):
    """A reset stands before the SYN that it refuses: one attempt, that was refused."""
    s.resolve(NAME, SERVER)
    mark = len(s.frames)
    flow = s.tcp(SERVER, 443)
    flow.syn_refused(seq=0)
    (early, syn), (_, reset) = s.frames[mark:]
    s.frames[mark:] = [(early, reset), (early + 0.0005, syn)]
    s.goes_on()
    return [row('signaling', 'blocked', 'tcp_reset', 'tcp', 'C'), blocked(HTTPS, 'tcp_reset', 'tcp', 'C'), ('runs', {}, {'flows': 3})]


@scenario('recovered', 'ack-before-all', SELECTOR)
def ack_before_all(s):
    """The ACK of a handshake stands before its SYN, and both before the SYN-ACK: one connection, read from its start."""
    s.resolve(NAME, SERVER)
    mark = len(s.frames)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    times = [s.frames[mark][0] + i * 0.0001 for i in range(3)]
    syn, syn_ack, ack = (frame for _, frame in s.frames[mark:mark + 3])
    s.frames[mark:mark + 3] = zip(times, (ack, syn, syn_ack))
    s.goes_on()
    return [row('signaling', 'observed', flows_passed=1, flows_blocked=0), *nothing_blocked(),
            passed(HTTPS, protocol='tls', server_name=NAME, notes=None), ('runs', {}, {'flows': 3})]


def answered_first(s, flow, question, answer):
    """Half a millisecond lies between question and answer, and they stand in the other order."""
    mark = len(s.frames)
    flow.say(question, acked=False).answer(answer)
    (early, asked), (late, said) = s.frames[mark:mark + 2]
    s.frames[mark:mark + 2] = [(early, said), (late, asked)]


@scenario('recovered', 'proxy-answers-first', SELECTOR)
def proxy_answers_first(s):
    """A proxy's answer stands before the CONNECT that it answers, and TLS runs in the tunnel. Another one is refused in that order."""
    tunnel = s.tcp(PROXY, 3128).open()
    answered_first(s, tunnel, m.http_connect(NAME), b'HTTP/1.1 200 Connection established\r\n\r\n')
    tunnel.tls(NAME).close()
    refused = s.tcp(PROXY, 3128).open()
    answered_first(s, refused, m.http_connect(NAME, 5349), b'HTTP/1.1 403 Forbidden\r\n\r\n')
    refused.close()
    s.goes_on()
    return [row('signaling', 'observed', flows_blocked=0), passed({'server_ip': PROXY, 'rule_id': 'signaling'}, protocol='tls'),
            blocked({'server_ip': PROXY, 'outcome': 'blocked'}, 'proxy_denied', 'proxy', 'A')]


def client_late(s, mark):
    """Captured on two machines: the clock of the one in front of the client is two seconds late."""
    late = [(time + 2 * (p.addresses(frame[14:])[0] == CLIENT), frame) for time, frame in s.frames[mark:]]
    s.frames[mark:] = sorted(late, key=lambda f: f[0])
    s.wait(3)


@scenario('recovered', 'proxy-of-two-clocks', SELECTOR)
def proxy_of_two_clocks(s):
    """A call through a proxy, captured on two machines: all that the proxy says stands before what it was asked."""
    mark = len(s.frames)
    tunnel = s.tcp(PROXY, 3128).open()
    tunnel.say(m.http_connect(NAME))
    tunnel.answer(b'HTTP/1.1 200 Connection established\r\n\r\n')
    tunnel.tls(NAME).close()
    client_late(s, mark)
    s.goes_on()
    return [row('signaling', 'observed', flows_blocked=0), *nothing_blocked(), passed({'server_ip': PROXY}, protocol='tls', rule_id='signaling')]


SOCKS_GREETING, SOCKS_METHOD = bytes([5, 1, 0]), bytes([5, 0])
SOCKS_REQUEST = bytes([5, 1, 0, 3, len(NAME)]) + NAME.encode() + (443).to_bytes(2, 'big')
SOCKS_GRANTED = bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])


@scenario('recovered', 'socks-answers-first', SELECTOR)
def socks_answers_first(s):
    """What a SOCKS proxy says stands before what it answers, and TLS runs in the tunnel."""
    tunnel = s.tcp(PROXY, 1080).open()
    answered_first(s, tunnel, SOCKS_GREETING, SOCKS_METHOD)
    answered_first(s, tunnel, SOCKS_REQUEST, SOCKS_GRANTED)
    tunnel.tls(NAME).close()
    s.goes_on()
    return [row('signaling', 'observed', flows_passed=1, flows_blocked=0), *nothing_blocked(),
            passed({'server_ip': PROXY}, protocol='tls', server_name=NAME)]


@scenario('recovered', 'socks-of-two-clocks', SELECTOR)
def socks_of_two_clocks(s):
    """A page through a SOCKS 4 proxy, captured so: what the proxy answered is not found, but it said something."""
    mark = len(s.frames)
    tunnel = s.tcp(PROXY, 1080).open()
    tunnel.say(bytes([4, 1, 1, 187, 203, 0, 113, 10, 0])).answer(bytes([0, 90, 1, 187, 203, 0, 113, 10]))
    tunnel.say(f'GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n'.encode())
    tunnel.answer(b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 600\r\n\r\n' + b'a' * 600)
    client_late(s, mark)
    s.goes_on()
    return [*nothing_blocked(), inconclusive({'server_ip': PROXY}, 'no_answer')]


@scenario('recovered', 'socks-without-waiting', SELECTOR)
def socks_without_waiting(s):
    """A client says all that it has to say to its SOCKS proxy at once, and the proxy answers at once."""
    tunnel = s.tcp(PROXY, 1080).open()
    tunnel.say(SOCKS_GREETING + SOCKS_REQUEST + m.client_hello(NAME))
    tunnel.answer(SOCKS_METHOD + SOCKS_GRANTED + m.server_hello() + m.application_data('ee', 900))
    tunnel.close()
    s.goes_on()
    return [row('signaling', 'observed', flows_passed=1, flows_blocked=0), *nothing_blocked(),
            passed({'server_ip': PROXY}, protocol='tls', server_name=NAME)]


def comes_early(s, mark, place):
    """The last frame stands in the place of the one numbered `place` since `mark`; what it overtook follows it half a millisecond apart."""
    *others, (_, frame) = s.frames[mark:]
    early, _ = others[place]
    later = [(early + 0.0005 + i * 0.0005, f) for i, (_, f) in enumerate(others[place:])]
    s.frames[mark:] = [*others[:place], (early, frame), *later]


@scenario('recovered', 'reset-before-data', SELECTOR)
def reset_before_data(s):
    """A server's reset stands before the data that precede it by their numbers: the server spoke first. Another one stands before
    data that follow it: somebody else made it."""
    s.resolve(NAME, SERVER)
    whole = s.tcp(SERVER, 443).open().say(m.client_hello(NAME))
    mark = len(s.frames)
    whole.answer(m.server_hello() + m.application_data('ee', 200)).reset_by_server()
    comes_early(s, mark, 0)
    s.wait(5)
    cut = s.tcp(SERVER, 443).open().say(m.client_hello(NAME))
    cut.reset_by_server(ip_id=9_000)
    cut.back(p.ACK | p.PSH, m.server_hello() + m.application_data('ee', 200))
    cut.out(p.RST)
    s.goes_on()
    return [row('signaling', 'observed', 'tls_reset', 'tls', 'A', flows_passed=1, flows_blocked=1),
            passed({**HTTPS, 'outcome': 'passed'}, notes='late_reset'), blocked({**HTTPS, 'outcome': 'blocked'}, 'tls_reset', 'tls', 'A')]


@scenario('recovered', 'reset-before-hello', SELECTOR)
def reset_before_hello(s):
    """A reset stands before the ClientHello that it acknowledges, and another one before the handshake's end as well: each answers
    the hello."""
    s.resolve(NAME, SERVER)
    for behind in (3, 2):
        mark = len(s.frames)
        s.tcp(SERVER, 443).open().say(m.client_hello(NAME), acked=False).reset_by_server()
        comes_early(s, mark, behind)
    s.goes_on()
    return [row('signaling', 'blocked', 'tls_reset', 'tls', 'C', flows_blocked=2), none('flows', block_reason='tcp_reset')]


@scenario('recovered', 'reset-of-a-hello-not-seen', SELECTOR)
def reset_of_unseen(s):
    """A reset acknowledges what the client asked, and the capture missed that."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443).open()
    mark = len(s.frames)
    flow.say(m.client_hello(NAME), acked=False)
    del s.frames[mark:]
    flow.reset_by_server()
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'capture_loss')]


@scenario('recovered', 'reset-beyond-what-was-seen', SELECTOR)
def reset_beyond(s):
    """A server's reset counts octets that nobody saw, and other segments are missing: the capture lost its answer."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443).open().say(m.client_hello(NAME))
    mark = len(s.frames)
    flow.answer(m.server_hello() + m.application_data('ee', 200))
    del s.frames[mark:]
    flow.reset_by_server()
    loses_segments(s)
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'capture_loss')]


# ---- resets that end nothing ----
def survives_reset(s, early=False, ahead=0, ttl=61):
    """A reset before the server's first payload, and the session goes on for seconds all the same."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443).open()
    if not early:
        flow.say(m.client_hello(NAME))
    flow.back(p.RST | p.ACK, seq=flow.sseq + ahead, ttl=ttl, ip_id=9)
    if early:
        flow.say(m.client_hello(NAME))
    flow.answer(m.server_hello() + m.application_data('ee', 900))
    for i in range(8):
        flow.say(m.application_data(f'c{i}')).answer(m.application_data(f's{i}', 300))
        s.wait(0.5)
    flow.close()
    s.goes_on()
    return [row('signaling', 'observed', flows_passed=1, flows_blocked=0), *nothing_blocked(), passed(HTTPS, protocol='tls')]


@scenario('recovered', 'reset-survived', SELECTOR)
def reset_survived(s):
    """A device resets a connection after the ClientHello; the client drops the reset, and takes what the server says."""
    return survives_reset(s)


@scenario('recovered', 'reset-out-of-window', SELECTOR)
def reset_out_of_window(s):
    """A reset whose number lies outside the window ends nothing (RFC 5961 3)."""
    return survives_reset(s, ahead=500_000)


@scenario('recovered', 'reset-before-hello-survived', SELECTOR)
def early_reset_survived(s):
    """The reset comes before the client asks, outside the window."""
    return survives_reset(s, early=True, ahead=500_000)


# ---- keep-alives with an octet ----
@scenario('recovered', 'keep-alive-of-server', SELECTOR)
def keep_alive_of_server(s):
    """A ClientHello that nobody answers, and later the server's keep-alive with an octet: no answer (RFC 9293 3.8.4)."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443).open()
    flow.unheard(m.client_hello(NAME), 6)
    flow.back(p.ACK, b'\0', seq=flow.sseq - 1)
    s.goes_on()
    return [row('signaling', 'blocked', 'tls_timeout', 'tls', 'C'), blocked(HTTPS, 'tls_timeout', 'tls', 'C')]


@scenario('recovered', 'keep-alive-of-client', SELECTOR)
def keep_alive_of_client(s):
    """A connection that asks nothing and is kept alive with an octet; the server closes it."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443).open()
    s.wait(20)
    flow.out(p.ACK, b'\0', seq=flow.cseq - 1)
    flow.back(p.ACK)
    s.goes_on(10)
    flow.back(p.FIN | p.ACK)
    flow.sseq += 1
    flow.out(p.FIN | p.ACK)
    s.goes_on()
    return [*works(), passed(HTTPS)]


@scenario('recovered', 'challenge-met-and-tunnel-silent', SELECTOR)
def challenge_met(s):
    """A 407, then the CONNECT is answered 200, and the ClientHello in the tunnel is not: the proxy denied nothing."""
    asked = s.tcp(PROXY, 3128).open()
    asked.say(m.http_connect(NAME))
    asked.answer(b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n')
    asked.close()
    tunnel = s.tcp(PROXY, 3128).open()
    tunnel.say(m.http_connect(NAME, fields='Proxy-Authorization: Negotiate abcd\r\n'))
    tunnel.answer(b'HTTP/1.1 200 Connection established\r\n\r\n')
    tunnel.say(m.client_hello(NAME))
    s.goes_on(8)
    return [row('signaling', 'blocked', 'tls_timeout', 'tls', 'C', flows_blocked=1), none('flows', block_reason='proxy_denied')]


@scenario('recovered', 'answer-of-an-octet', SELECTOR)
def answer_of_an_octet(s):
    """The server answers with one octet, and the client's acknowledgement stands before it: that is no keep-alive."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443).open()
    flow.say(struct.pack('!II', 8, 80_877_103))
    mark = len(s.frames)
    flow.answer(b'S')
    comes_early(s, mark, 0)
    s.goes_on(5)
    return [*works(), passed(HTTPS)]


@scenario('recovered', 'reset-survived-in-tunnel', SELECTOR)
def reset_survived_in_tunnel(s):
    """The same inside a proxy's tunnel: the reset comes behind the proxy's answer, before the server's."""
    flow = s.tcp(PROXY, 3128).open().say(m.http_connect(NAME))
    flow.answer(b'HTTP/1.1 200 OK\r\n\r\n').say(m.client_hello(NAME))
    flow.back(p.RST | p.ACK, ttl=61, ip_id=9)
    flow.answer(m.server_hello() + m.application_data('ee', 900))
    for i in range(4):
        flow.say(m.application_data(f'c{i}')).answer(m.application_data(f's{i}', 300))
        s.wait(0.5)
    flow.close()
    s.goes_on()
    return [row('signaling', 'observed', flows_passed=1, flows_blocked=0), *nothing_blocked()]


@scenario('recovered', 'reset-before-syn-ack', SELECTOR)
def reset_before_syn_ack(s):
    """A device answers the SYN with a reset; the server's SYN-ACK comes behind it, and the client resets what it no longer knows."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443)
    flow.syn_refused(ttl=61, seq=0)
    flow.cseq -= 1
    flow.syn_ack()
    flow.out(p.RST)
    s.goes_on()
    return [row('signaling', 'blocked', 'tcp_reset', 'tcp', 'C'), none('flows', inconclusive_reason='no_answer')]


@scenario('recovered', 'plain-answer-first', SELECTOR)
def plain_answer_first(s):
    """A server that speaks no TLS says so, with a page, and its answer stands before the ClientHello: it refused, and nothing worked."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443).open()
    answered_first(s, flow, m.client_hello(NAME), b'HTTP/1.1 400 Bad Request\r\nContent-Length: 17\r\n\r\n<h1>No TLS.</h1>\n')
    flow.close()
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'server_refused', notes='http 400')]


# ---- what one side alone tells ----
@scenario('recovered', 'answered-then-reset', SELECTOR)
def answered_then_reset(s):
    """Of the client only its SYN was captured. The server acknowledged what it asked, answered, and gave up 18 s later: its reset is no
    early one."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443).open()
    mark = len(s.frames)
    flow.tls(NAME)
    s.frames[mark - 1:] = [frame for frame in s.frames[mark - 1:] if p.addresses(frame[1][14:])[0] == SERVER]
    s.wait(18)
    flow.reset_by_server(ttl=255)
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'capture_loss')]


@scenario('recovered', 'reset-acknowledges-more', SELECTOR)
def reset_acknowledges_more(s):
    """A reset acknowledges more than the ClientHello: what the client said last, and what it answers, is not in the capture."""
    s.resolve(NAME, SERVER)
    flow = s.tcp(SERVER, 443).open().say(m.client_hello(NAME), acked=False)
    flow.cseq += 278
    s.wait(0.3)
    flow.reset_by_server()
    s.goes_on()
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive(HTTPS, 'capture_loss')]


@scenario('recovered', 'success-after-a-challenge-missed', SELECTOR)
def success_missed(s):
    """A proxy asks for credentials, and the client brings them. That the proxy was content is not in the capture: the client
    acknowledges what it said, and goes on."""
    challenged = s.tcp(PROXY, 3128).open()
    challenged.say(m.http_connect(NAME)).answer(b'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n').close()
    tunnel = s.tcp(PROXY, 3128).open()
    tunnel.say(m.http_connect(NAME)).answer_missed(b'HTTP/1.1 200 Connection established\r\n\r\n')
    tunnel.say(m.client_hello(NAME))
    s.goes_on()
    return [row('signaling', 'observed', flows_blocked=0), *nothing_blocked(),
            inconclusive({'server_ip': PROXY, 'notes': 'proxy_status 407, proxy_challenge'}, 'losing_candidate')]


@scenario('recovered', 'page-long-ahead-of-its-hello', SELECTOR)
def page_long_ahead(s):
    """Captured on two machines whose clocks differ by 0.2 s: a filter's page, in plain HTTP, stands before the ClientHello that it
    answers."""
    s.resolve(NAME, SERVER)
    mark = len(s.frames)
    s.tcp(SERVER, 443).open().say(m.client_hello(NAME)).answer(b'HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nDenied.').close()
    late = [(time + 0.2 * (p.addresses(frame[14:])[0] == CLIENT), frame) for time, frame in s.frames[mark:]]
    s.frames[mark:] = sorted(late, key=lambda f: f[0])
    s.goes_on()
    return [row('signaling', 'blocked', 'http_denied', 'http', 'A'), blocked(HTTPS, 'http_denied', 'http', 'A')]


@scenario('recovered', 'media-acknowledged-and-missed', 'whereby/meetings@2025-01-31', others=['unmatched', 'inconclusive'])
def media_acknowledged(s):
    """A call through a relay over TCP: the client acknowledges what came back, and the capture missed that. It is not one-way."""
    s.resolve('eu-1.turn.whereby.com', MEDIA)
    turn = s.tcp(MEDIA, 443).open()
    txid = m.transaction_id('allocate')
    turn.say(m.stun(m.ALLOCATE, m.REQUEST, txid, m.attribute(0x0019, b'\x11\0\0\0')))
    turn.answer(m.stun(m.ALLOCATE, m.SUCCESS, txid, m.xor_address(0x0016, '203.0.113.200', 55000, txid)))
    for i in range(100):
        turn.out(p.ACK | p.PSH, m.channel_data(0x4001, m.rtp(0x1234, i, i * 960)), after=0.05)
        turn.cseq += 136
        if i % 10 == 0:
            turn.back(p.ACK)
            turn.sseq += 272
    s.goes_on()
    return [*nothing_blocked(), inconclusive({'server_ip': MEDIA}, 'capture_loss')]
