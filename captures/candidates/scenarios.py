"""Attempts that lose by design, with and without ICE attributes, and those that a device refused or that came too late."""
from kit import messages as m
from kit import packets as p
from kit import quic, scenario
from kit.expect import blocked, inconclusive, none, nothing_blocked, passed, row
from kit.story import CLIENT, CLIENT6, RESOLVER

SERVER, SERVER6, PEER = '203.0.113.10', '2001:db8:cafe::10', '198.51.100.80'
NAME = 'api-1.calls.sendbird.com'
SELECTOR = 'sendbird/calls'


def signalling(s):
    s.resolve(NAME, SERVER)
    return s.tcp(SERVER, 443).open().tls(NAME)


# ---- one port, many candidates ----
def plain_checks(s, host, port, client_port, sends=4):
    """Binding requests without ICE attributes that nobody answers."""
    s.datagrams(host, port, client_port=client_port).binding(answered=False, sends=sends)


@scenario('candidates', 'relays-from-one-port', SELECTOR)
def relays_from_one_port(s):
    """A client asks three relays from one port, without ICE; one answers and carries the media: the others lost."""
    call = signalling(s)
    for number in (81, 82):
        plain_checks(s, f'198.51.100.{number}', 3478, 50100)
    winner = s.datagrams('198.51.100.83', 3478, client_port=50100)
    winner.binding()
    winner.media(1.0)
    s.goes_on()
    call.close()
    return [row('signaling', 'observed'), row('peer-to-peer', 'observed', flows_passed=1, flows_blocked=0), *nothing_blocked(),
            passed({'server_ip': '198.51.100.83'}, rule_id='peer-to-peer', confidence='context'),
            *[inconclusive({'server_ip': f'198.51.100.{number}'}, 'losing_candidate') for number in (81, 82)]]


@scenario('candidates', 'datagrams-from-one-port', SELECTOR)
def datagrams_from_one_port(s):
    """Datagrams of a protocol that is not public go to three addresses from one port, one of them answers: the others lost."""
    for number in (81, 82, 83):
        flow = s.datagrams(f'198.51.100.{number}', 40000 + number, client_port=50100)
        for i in range(4):
            flow.out(m.random_bytes(f'{number}/{i}', 70), after=0.7)
            if number == 83:
                flow.back(m.random_bytes(f'back/{i}', 70), after=0.1)
    s.goes_on()
    return [*nothing_blocked(), passed({'server_ip': '198.51.100.83'}),
            *[inconclusive({'server_ip': f'198.51.100.{number}'}, 'losing_candidate') for number in (81, 82)]]


@scenario('candidates', 'from-different-ports', SELECTOR)
def from_different_ports(s):
    """The same from a port each: nothing joins them, and the silence counts."""
    for number in (81, 83):
        flow = s.datagrams(f'198.51.100.{number}', 40000 + number)
        for i in range(4):
            flow.out(m.random_bytes(f'{number}/{i}', 70), after=0.7)
            if number == 83:
                flow.back(m.random_bytes(f'back/{i}', 70), after=0.1)
    s.goes_on()
    return [passed({'server_ip': '198.51.100.83'}), blocked({'server_ip': '198.51.100.81'}, 'udp_timeout', 'udp', 'C')]


@scenario('candidates', 'time-from-one-port', SELECTOR)
def time_from_one_port(s):
    """NTP uses one port for all its servers: that one of them answers says nothing of the other."""
    for number in (81, 83):
        flow = s.datagrams(f'198.51.100.{number}', 123, client_port=123)
        for _ in range(3):
            flow.out(b'\x23' + bytes(47), after=1)
            if number == 83:
                flow.back(b'\x24\x02' + bytes(46), after=0.1)
    s.goes_on()
    return [passed({'server_ip': '198.51.100.83'}), blocked({'server_ip': '198.51.100.81'}, 'udp_timeout', 'udp', 'C')]


@scenario('candidates', 'dns-from-one-port', SELECTOR)
def dns_from_one_port(s):
    """A resolver that uses one port for all servers: the one that is silent did not lose."""
    for number, host in enumerate((RESOLVER, '198.51.100.53')):
        flow = s.datagrams(host, 53, client_port=53000)
        for i in range(3):
            flow.out(m.dns_query(10 * number + i, 'www.example.org'), after=1)
            if host == RESOLVER:
                flow.back(m.dns_response(i, 'www.example.org', answers=[('www.example.org', 'A', 300, PEER)]))
    s.goes_on()
    return [passed({'server_ip': RESOLVER, 'client_port': 53000}), blocked({'server_ip': '198.51.100.53'}, 'udp_timeout', 'udp', 'C')]


@scenario('candidates', 'private-address-without-ice', SELECTOR)
def private_without_ice(s):
    """Checks without ICE attributes to a private address of the far side; the call runs elsewhere from another port."""
    call = signalling(s)
    plain_checks(s, '10.77.1.5', 50000, 50100)
    winner = s.datagrams(PEER, 40000, client_port=50101)
    winner.check('farfrag', 'nearfrag')
    winner.media(1.0)
    s.goes_on()
    call.close()
    return [row('signaling', 'observed'), row('peer-to-peer', 'observed', flows_blocked=0), *nothing_blocked(),
            inconclusive({'server_ip': '10.77.1.5'}, 'losing_candidate')]


@scenario('candidates', 'refused-in-so-many-words', SELECTOR)
def pair_refused(s):
    """One pair wins, the way of another is prohibited by a router that says so: blocked all the same."""
    call = signalling(s)
    packet = s.datagrams('198.51.100.81', 40001).check('farfrag', 'nearfrag', answered=False, sends=2)
    s.icmp(packet, 3, 13)
    winner = s.datagrams(PEER, 40000)
    winner.check('farfrag', 'nearfrag')
    winner.media(1.0)
    s.goes_on()
    call.close()
    return [row('signaling', 'observed'), row('peer-to-peer', 'observed', 'icmp_prohibited', 'udp', 'A', flows_passed=1, flows_blocked=1),
            blocked({'server_ip': '198.51.100.81'}, 'icmp_prohibited', 'udp', 'A')]


# ---- address families ----
def both_families(s):
    s.resolve(NAME, SERVER6, client=CLIENT6)
    s.resolve(NAME, SERVER)


def wins(s, server=SERVER, **more):
    s.tcp(server, 443, **more).open().tls(NAME).close()
    s.goes_on(5)


@scenario('candidates', 'ipv6-silent', SELECTOR)
def ipv6_silent(s):
    """IPv6 gets no answer, IPv4 starts a quarter of a second later and works: it lost by design."""
    both_families(s)
    s.tcp(SERVER6, 443, CLIENT6).syn()
    s.wait(0.25)
    wins(s)
    return [row('signaling', 'observed', flows_blocked=0), *nothing_blocked(), inconclusive({'server_ip': SERVER6}, 'losing_candidate')]


@scenario('candidates', 'ipv4-silent', SELECTOR)
def ipv4_silent(s):
    """The reverse: IPv6 works, the IPv4 attempt beside it gets no answer."""
    both_families(s)
    s.tcp(SERVER, 443).syn()
    s.wait(0.25)
    wins(s, SERVER6, client=CLIENT6)
    return [row('signaling', 'observed', flows_blocked=0), *nothing_blocked(), inconclusive({'server_ip': SERVER}, 'losing_candidate')]


@scenario('candidates', 'ipv6-given-up', SELECTOR)
def ipv6_given_up(s):
    """The client itself resets the slower family."""
    both_families(s)
    slow = s.tcp(SERVER6, 443, CLIENT6)
    slow.syn()
    s.wait(0.25)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    slow.syn_ack()
    slow.reset_by_client()
    s.goes_on(5)
    return [row('signaling', 'observed', flows_blocked=0), *nothing_blocked()]


@scenario('candidates', 'ipv6-prohibited', SELECTOR)
def ipv6_prohibited(s):
    """A router prohibits IPv6 in so many words, IPv4 works: the row is observed and says what is blocked."""
    both_families(s)
    s.icmp(s.tcp(SERVER6, 443, CLIENT6).syn(), 1, 1)
    s.wait(0.25)
    wins(s)
    return [row('signaling', 'observed', 'icmp_prohibited', 'tcp', 'A', flows_passed=1, flows_blocked=1),
            blocked({'server_ip': SERVER6}, 'icmp_prohibited', 'tcp', 'A')]


@scenario('candidates', 'ipv4-prohibited', SELECTOR)
def ipv4_prohibited(s):
    """A router prohibits IPv4, IPv6 works."""
    both_families(s)
    s.icmp(s.tcp(SERVER, 443).syn(), 3, 13)
    s.wait(0.25)
    wins(s, SERVER6, client=CLIENT6)
    return [row('signaling', 'observed', 'icmp_prohibited', 'tcp', 'A', flows_passed=1, flows_blocked=1),
            blocked({'server_ip': SERVER}, 'icmp_prohibited', 'tcp', 'A')]


@scenario('candidates', 'ipv6-reset', SELECTOR)
def ipv6_reset(s):
    """A reset answers the IPv6 SYN, IPv4 to the same name works: no silence, and a control of the same kind."""
    both_families(s)
    connection = s.tcp(SERVER6, 443, CLIENT6)
    connection.syn()
    connection.cseq += 1
    connection.reset_by_server()
    s.wait(0.25)
    wins(s)
    return [row('signaling', 'observed', 'tcp_reset', 'tcp', 'B', flows_passed=1, flows_blocked=1),
            blocked({'server_ip': SERVER6}, 'tcp_reset', 'tcp', 'B', {'server_ip': SERVER})]


@scenario('candidates', 'ipv6-later', SELECTOR)
def ipv6_later(s):
    """IPv4 works, and six seconds later an IPv6 attempt of its own gets no answer."""
    both_families(s)
    s.tcp(SERVER, 443).open().tls(NAME).close()
    s.wait(6)
    s.tcp(SERVER6, 443, CLIENT6).syn(times=3)
    s.goes_on(5)
    return [row('signaling', 'observed', 'tcp_timeout', 'tcp', 'B', flows_passed=1, flows_blocked=1),
            blocked({'server_ip': SERVER6}, 'tcp_timeout', 'tcp', 'B', {'server_ip': SERVER})]


# ---- QUIC ----
def initials(s, server, answered, client=None):
    """Initials to Meet, the first of them answered or none."""
    flow = s.datagrams(server, 443, **({'client': client} if client else {}))
    for number in range(1 if answered else 3):
        flow.out(quic.initial('meet.google.com', f'race {server}', number), after=0.02 if answered else 0.9)
    if answered:
        flow.back(quic.long_packet(0, f'race {server}', from_client=False))
        for number in range(3):
            flow.out(quic.short_packet(f'race {server}', number))
            flow.back(quic.short_packet(f'race {server} back', number))
    return flow


@scenario('candidates', 'winner-cut-off', SELECTOR, snap_length=128)
def winner_cut_off(s):
    """The snap length leaves the IPv4 address of the name and cuts the IPv6 one: that the other family won cannot be told."""
    s.resolve(NAME, SERVER)
    s.resolve(NAME, SERVER6)
    s.tcp(SERVER, 443).syn()
    s.tcp(SERVER6, 443, CLIENT6).open().tls(NAME).close()
    s.goes_on(5)
    return [row('signaling', 'inconclusive'), *nothing_blocked(), inconclusive({'server_ip': SERVER}, 'truncated')]


@scenario('candidates', 'quic-ipv6-silent', 'google/meet')
def quic_ipv6_silent(s):
    """QUIC over IPv6 gets no answer, QUIC over IPv4 to the same name starts less than three seconds later and works."""
    initials(s, SERVER6, False, CLIENT6)
    initials(s, SERVER, True)
    s.goes_on(5)
    return [row('web', 'observed', transport='udp', ports='443', flows_blocked=0), *nothing_blocked(),
            inconclusive({'server_ip': SERVER6}, 'losing_candidate')]


@scenario('candidates', 'quic-silent-tcp-works', 'google/meet')
def quic_silent(s):
    """A browser tries QUIC and TCP at once, QUIC gets no answer: no race of families, UDP 443 is blocked."""
    flow = s.datagrams(SERVER, 443)
    for number in range(3):
        flow.out(quic.initial('meet.google.com', 'quic', number), after=1)
    s.tcp(SERVER, 443).open().tls('meet.google.com').close()
    s.goes_on(5)
    where = {'server_ip': SERVER, 'transport': 'udp'}
    return [row('web', 'observed', transport='tcp', ports='443'), row('web', 'blocked', 'quic_timeout', 'quic', 'B', transport='udp', ports='443'),
            blocked(where, 'quic_timeout', 'quic', 'B', {'server_ip': SERVER, 'transport': 'tcp'})]


# ---- names and sockets that are shared ----
@scenario('candidates', 'several-names-of-both-families', SELECTOR)
def several_names_of_both(s):
    """Two names have the same two addresses. IPv6 is silent, and IPv4 wins with the second name: it lost by its family."""
    for name in ('www.example.com', NAME):
        s.resolve(name, SERVER)
        s.resolve(name, SERVER6)
    silent = s.tcp(SERVER6, 443, client=CLIENT6)
    silent.syn()
    s.tcp(SERVER, 443).open().tls(NAME)
    silent.out(p.SYN)
    s.goes_on(6)
    return [row('signaling', 'observed'), *nothing_blocked(),
            inconclusive({'server_ip': SERVER6}, 'losing_candidate', **{'notes~': 'losing_address_family'})]


@scenario('candidates', 'quic-on-one-socket', 'zoom/meetings')
def quic_on_one_socket(s):
    """A client has one socket for all of QUIC: that another server answers there excuses none."""
    s.resolve('www.zoom.us', SERVER)
    s.resolve('www.example.org', PEER)
    other = s.datagrams(PEER, 443, client_port=50500)
    other.out(quic.initial('www.example.org', seed='q1'))
    other.back(quic.long_packet(0, 'q1', from_client=False))
    for i in range(4):
        other.out(quic.short_packet('q1', i))
        other.back(quic.short_packet('q1', i))
    silent = s.datagrams(SERVER, 443, client_port=50500)
    for i in range(4):
        silent.out(quic.initial('www.zoom.us', seed='q2', number=i))
        s.wait(0.4 * 2**i)
    s.goes_on()
    return [row('web-quic', 'blocked', 'quic_timeout', 'quic', 'C'), blocked({'server_ip': SERVER}, 'quic_timeout', 'quic', 'C')]


@scenario('candidates', 'checks-through-relay-unanswered', SELECTOR)
def relayed_checks(s):
    """No peer answers, directly or through the relay, whose Allocate alone was answered: nobody won the session."""
    signalling(s)
    s.resolve('turn-1.calls.sendbird.com', '203.0.113.20')
    direct = s.datagrams(PEER, 5349)
    relay = s.datagrams('203.0.113.20', 5349)
    relay.allocate()
    for i in range(8):
        direct.check('farfrag', 'nearfrag', answered=False, sends=1)
        check = m.ice_check(m.transaction_id(f'relayed{i}'), 'farfrag', 'nearfrag')
        transaction = relay.txid()
        to_peer = m.xor_address(0x12, '198.51.100.81', 40000, transaction)
        relay.out(m.stun(m.SEND, m.INDICATION, transaction, to_peer + m.attribute(0x13, check)))
        s.wait(0.8)
    s.goes_on(6)
    return [row('signaling', 'observed'), row('media', 'observed'), row('peer-to-peer', 'blocked', 'udp_timeout', 'stun', 'B'),
            none('flows', inconclusive_reason='losing_candidate'), none('headlines', state='works')]


@scenario('candidates', 'media-over-two-pairs', SELECTOR)
def media_over_two_pairs(s):
    """Each agent chose another pair of the same session: media leave by one, and come in by the other."""
    signalling(s)
    out, back = s.datagrams(PEER, 50000), s.datagrams('198.51.100.81', 50001)
    for pair in (out, back):
        pair.check('farfrag', 'nearfrag')
    for i in range(200):
        out.out(m.rtp(1, i, i * 960), after=0.01)
        back.back(m.rtp(2, i, i * 960), after=0.01)
    s.goes_on()
    return [row('signaling', 'observed'), row('peer-to-peer', 'observed', flows_passed=2, flows_blocked=0), *nothing_blocked()]


@scenario('candidates', 'peer-checks-first', SELECTOR)
def peer_checks_first(s):
    """The peer's check arrives before the client's own leaves: it is a call of the same client all the same."""
    signalling(s)
    pair = s.datagrams(PEER, 50000)
    pair.checked_by_peer('farfrag', 'nearfrag')
    pair.check('farfrag', 'nearfrag')
    pair.media(6)
    s.goes_on()
    return [row('signaling', 'observed'), row('peer-to-peer', 'observed'), passed({'server_ip': PEER}), ('headlines', {}, {'state': 'works'})]


@scenario('candidates', 'private-server-of-the-row', 'zoom/meetings-hybrid', arguments=['--set', 'mmr=10.1.0.5'],
          others=['unmatched', 'observed', 'blocked'])
def private_server(s):
    """A server of one's own, at a private address that the administrator named: media to it are no candidate of another site."""
    server = '10.1.0.5'
    s.tcp(server, 443).open().tls('mmr.example.com').close()
    s.datagrams(server, 8801).binding(answered=False, sends=5)
    s.goes_on(6)
    return [blocked({'server_port': 8801}, 'udp_timeout', 'stun', 'B', control={'server_port': 443}),
            none('flows', inconclusive_reason='losing_candidate')]


@scenario('candidates', 'media-over-two-pairs-cut', SELECTOR, snap_length=128)
def media_over_two_pairs_cut(s):
    """The same with checks that the snap length cut: the fragments of the session stand in front."""
    return media_over_two_pairs(s)


@scenario('candidates', 'rtcp-on-the-next-port', SELECTOR)
def rtcp_on_the_next_port(s):
    """Without ICE RTCP has ports of its own (RFC 3550 11): the silent side reports there what it heard."""
    signalling(s)
    media, control = s.datagrams(PEER, 50000), s.datagrams(PEER, 50001)
    media.check('farfrag', 'nearfrag')
    for _ in range(3):
        media.media(2.0, both=False)
        control.out(m.rtcp_receiver_report(0x1234abcd, 0x777))
        control.back(m.rtcp_receiver_report(0x777, 0x1234abcd))
    s.goes_on()
    return [row('signaling', 'observed'), row('peer-to-peer', 'observed', flows_blocked=0), *nothing_blocked()]


@scenario('candidates', 'peer-of-the-same-port', SELECTOR, others=['unmatched'])
def peer_of_the_same_port(s):
    """A client asks several peers from one port, and one of those that are gone had, by chance, the same port. No service has it."""
    there, gone = s.datagrams(PEER, 50000, client_port=52039), s.datagrams('198.51.100.81', 52039, client_port=52039)
    for i in range(5):
        there.out(m.random_bytes(f'asked {i}', 70))
        there.back(m.random_bytes(f'answered {i}', 70))
        gone.out(m.random_bytes(f'gone {i}', 70), after=0.8)
    s.goes_on()
    return [passed({'server_ip': PEER}), inconclusive({'server_ip': '198.51.100.81'}, 'losing_candidate'), *nothing_blocked()]


@scenario('candidates', 'peer-checks-first-and-then-speaks', SELECTOR)
def peer_checks_first_and_then_speaks(s):
    """The peer's check is the first packet, and no other pair was tried: the host that is called is the vendor's client."""
    signalling(s)
    pair = s.datagrams(CLIENT, 50000, client=PEER, client_port=50000)
    pair.check('nearfrag', 'farfrag')
    pair.checked_by_peer('nearfrag', 'farfrag')
    pair.media(6)
    s.goes_on()
    return [row('signaling', 'observed'), row('peer-to-peer', 'observed'), ('headlines', {}, {'state': 'works'})]


@scenario('candidates', 'dtls-dropped-behind-checks', SELECTOR, others=['unmatched', 'observed'])
def dtls_dropped(s):
    """ICE finds a pair, and a filter drops DTLS: the hello is sent again and again, and only checks are answered."""
    signalling(s)
    pair = s.datagrams(PEER, 50000)
    pair.check('farfrag', 'nearfrag')
    for _ in range(5):
        pair.out(m.dtls_client_hello(), after=1)
        pair.check('farfrag', 'nearfrag')
    s.goes_on()
    return [row('peer-to-peer', 'blocked', 'one_way', 'media', 'B'), ('headlines', {}, {'state': 'cannot_tell', 'headline~': 'no media both ways'})]


@scenario('candidates', 'dtls-answered-late', SELECTOR)
def dtls_answered_late(s):
    """The far end takes two seconds until it answers the DTLS hello."""
    signalling(s)
    pair = s.datagrams(PEER, 50000)
    pair.check('farfrag', 'nearfrag')
    for _ in range(4):
        pair.out(m.dtls_client_hello(), after=0.5)
    pair.back(m.dtls_server_hello())
    pair.out(m.dtls_second_flight())
    s.goes_on()
    return [row('signaling', 'observed'), row('peer-to-peer', 'observed'), *nothing_blocked()]
