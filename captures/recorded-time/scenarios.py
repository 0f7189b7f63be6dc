"""Waiting counts only while the file that saw the attempt demonstrably went on, from the attempt on."""
from kit import messages as m
from kit import quic, scenario
from kit.expect import blocked, inconclusive, none, nothing_blocked, row
from kit.story import OTHER_CLIENT

SERVER, MEDIA, OTHER_SITE = '203.0.113.10', '203.0.113.20', '198.51.100.30'
NAME, MEDIA_NAME = 'api-1.calls.sendbird.com', 'turn-1.calls.sendbird.com'
SELECTOR = 'sendbird/calls'
HTTPS, STUN = {'server_ip': SERVER}, {'server_ip': MEDIA}
YEAR = 365 * 86400


def unrelated(s):
    s.resolve('www.example.org', OTHER_SITE)
    s.tcp(OTHER_SITE, 443).open().tls('www.example.org').close()
    s.goes_on()


def ended(rule, where):
    return [row(rule, 'inconclusive'), *nothing_blocked(), inconclusive(where, 'capture_ended')]


@scenario('recorded-time', 'another-years-file', SELECTOR)
def another_year(s):
    """A ClientHello in the last fifth of a second of one file; the next file is of another year."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open().tls(NAME)
    connection.close()
    s.tcp(SERVER, 443).open().out(0x18, m.client_hello(NAME))
    s.next_file()
    s.wait(YEAR)
    unrelated(s)
    where = {**HTTPS, 'client_port': connection.cport + 1}
    return [row('signaling', 'observed', flows_blocked=0), *nothing_blocked(), inconclusive(where, 'capture_ended')]


@scenario('recorded-time', 'gap-in-one-file', SELECTOR)
def gap(s):
    """A single SYN, then ten minutes without a packet in the same file."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn()
    s.wait(600)
    unrelated(s)
    return ended('signaling', HTTPS)


@scenario('recorded-time', 'gap-of-seventy-seconds', SELECTOR)
def gap_seventy(s):
    """Two SYNs within a second, and the next packet 70 s after them: more than the minute that counts."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=2)
    s.wait(70)
    unrelated(s)
    return ended('signaling', HTTPS)


@scenario('recorded-time', 'pause-of-fifty-seconds', SELECTOR)
def pause(s):
    """Two SYNs, and the next packet 50 s after them: the capture went on."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=2)
    s.wait(50)
    unrelated(s)
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C'), blocked(HTTPS, 'tcp_timeout', 'tcp', 'C')]


@scenario('recorded-time', 'rotated', SELECTOR)
def rotated(s):
    """The file ends two seconds after the first SYN, and the next one continues it a second later: rotation."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=2)
    s.wait(1)
    s.resolve('www.example.net', OTHER_SITE)
    s.next_file()
    s.wait(1)
    unrelated(s)
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C'), blocked(HTTPS, 'tcp_timeout', 'tcp', 'C')]


@scenario('recorded-time', 'gap-after-checks', SELECTOR)
def gap_after_checks(s):
    """Three Binding requests within two seconds, then ten minutes without a packet."""
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).binding(answered=False, sends=3)
    s.wait(600)
    unrelated(s)
    return ended('media', STUN)


@scenario('recorded-time', 'query-at-the-end', SELECTOR, others=['unmatched', 'inconclusive'])
def query_at_the_end(s):
    """A query is sent once, a second before the capture ends."""
    s.resolve('www.example.org', OTHER_SITE)
    s.resolve(NAME, answer=False)
    s.goes_on(1)
    return [*nothing_blocked(), none('domains', status='blocked')]


@scenario('recorded-time', 'query-and-silence', SELECTOR)
def query_and_silence(s):
    """A query is sent once, and the capture goes on for five seconds with other clients' traffic."""
    s.resolve(NAME, answer=False)
    s.wait(5)
    s.tcp(OTHER_SITE, 443, OTHER_CLIENT).open().tls('www.example.org').close()
    return [row('signaling', 'blocked', 'dns_timeout', 'dns', 'C'), row('media', 'blocked', 'dns_timeout', 'dns', 'C')]


@scenario('recorded-time', 'another-link-type', SELECTOR)
def other_link_type(s):
    """The next file follows at once but has another link type: it was captured elsewhere."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=2)
    s.next_file(link_type=101)
    s.wait(2)
    unrelated(s)
    s.frames = [(time, frame[14:]) for time, frame in s.frames]
    return ended('signaling', HTTPS)


@scenario('recorded-time', 'overlapping-file', SELECTOR)
def overlapping(s):
    """The other file began before this one ended and goes on: another tap, which shows nothing of this one."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=2)
    s.next_file()
    s.now -= 1
    s.resolve('www.example.net', OTHER_SITE, client='192.168.77.5')
    s.wait(5)
    s.tcp(OTHER_SITE, 443, '192.168.77.5').open().tls('www.example.net').close()
    return ended('signaling', HTTPS)


@scenario('recorded-time', 'two-syns-at-once', SELECTOR)
def two_syns(s):
    """Two SYNs 4 ms apart, and the capture ends a second later."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=2, gaps=(-0.008,))
    s.goes_on(1)
    return ended('signaling', HTTPS)


@scenario('recorded-time', 'hello-repeated-to-the-end', SELECTOR)
def hello_repeated(s):
    """The ClientHello is repeated until the capture ends with it, 4.5 s after the first: the count starts at the attempt."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().unheard(m.client_hello(NAME), times=5)
    return [row('signaling', 'blocked', 'tls_timeout', 'tls', 'C'), blocked(HTTPS, 'tls_timeout', 'tls', 'C')]


@scenario('recorded-time', 'hello-too-late', SELECTOR)
def hello_late(s):
    """The connection is old, its ClientHello is 2.1 s older than the last packet."""
    s.resolve(NAME, SERVER)
    connection = s.tcp(SERVER, 443).open()
    s.goes_on(5)
    connection.unheard(m.client_hello(NAME))
    return ended('signaling', HTTPS)


@scenario('recorded-time', 'asked-for-twenty-minutes', SELECTOR)
def asked_for_minutes(s):
    """Forty Binding requests in twenty minutes, each of its own transaction, none answered."""
    s.resolve(MEDIA_NAME, MEDIA)
    stun = s.datagrams(MEDIA, 5349)
    for _ in range(40):
        stun.binding(answered=False)
        s.wait(30)
    return [row('media', 'blocked', 'udp_timeout', 'stun', 'C', flows_blocked=1), blocked(STUN, 'udp_timeout', 'stun', 'C', packets_out=40)]


@scenario('recorded-time', 'syns-for-minutes', SELECTOR)
def syns_for_minutes(s):
    """A SYN every 20 s for five minutes; the last one is the last packet."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).syn(times=15, gaps=[20] * 14)
    return [row('signaling', 'blocked', 'tcp_timeout', 'tcp', 'C', flows_blocked=1), blocked(HTTPS, 'tcp_timeout', 'tcp', 'C')]


@scenario('recorded-time', 'media-for-minutes', 'agora/rtc-native@2018-11-06')
def media_for_minutes(s):
    """Datagrams every four seconds for three minutes, none answered; the last one is the last packet."""
    s.resolve('ap5.agora.io', MEDIA)
    flow = s.datagrams(MEDIA, 8913)
    for i in range(45):
        flow.out(m.random_bytes(f'agora{i}', 80), after=4)
    return [row('udp', 'blocked', 'udp_timeout', 'udp', 'C', ports='8913'), blocked(STUN, 'udp_timeout', 'udp', 'C')]


@scenario('recorded-time', 'two-datagrams-at-once', 'agora/rtc-native@2018-11-06')
def two_datagrams(s):
    """Two datagrams a tenth of a second apart, and no more: too little to call the silence a block."""
    s.resolve('ap5.agora.io', MEDIA)
    flow = s.datagrams(MEDIA, 8913)
    flow.out(b'one', after=0.1)
    flow.out(b'two')
    s.goes_on(6)
    return [row('udp', 'inconclusive', ports='8913'), *nothing_blocked(), inconclusive(STUN, 'no_answer')]


@scenario('recorded-time', 'two-checks-at-once', SELECTOR)
def two_checks(s):
    """One Binding request sent twice within a tenth of a second: an attempt, however close."""
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).binding(answered=False, sends=2, gap=0.1)
    s.goes_on(5)
    return [row('media', 'blocked', 'udp_timeout', 'stun', 'C'), blocked(STUN, 'udp_timeout', 'stun', 'C')]


@scenario('recorded-time', 'second-check-too-late', SELECTOR)
def second_check_late(s):
    """The second of two requests went out two seconds before the capture ends: time counts from it."""
    s.resolve(MEDIA_NAME, MEDIA)
    stun = s.datagrams(MEDIA, 5349)
    stun.binding(answered=False)
    s.goes_on(10)
    stun.binding(answered=False)
    s.goes_on(2)
    return ended('media', STUN)


@scenario('recorded-time', 'two-initials-at-once', 'whereby/meetings@2025-01-31')
def two_initials(s):
    """Two QUIC Initials a tenth of a second apart, and no more."""
    s.resolve('eu-1.turn.whereby.com', MEDIA)
    flow = s.datagrams(MEDIA, 443)
    flow.out(quic.long_packet(0, 'first'), after=0.1)
    flow.out(quic.long_packet(0, 'first'))
    s.goes_on(6)
    return [row('turn-udp', 'inconclusive'), *nothing_blocked(), inconclusive(STUN, 'no_answer')]
