"""Which of a vendor's alternatives carried the call: the one that media is shown on."""
from kit import messages as m
from kit import scenario
from kit.expect import row

SIGNAL, RELAY, PEER, TURN = '203.0.113.30', '203.0.113.31', '198.51.100.80', '203.0.113.41'
NAME, RELAY_NAME = 'anvil.tokbox.com', 'turn-1.tokbox.com'
VONAGE = 'vonage/video@tokbox'
NO_FALLBACK = 'media is blocked, and no fallback carried it'


def headline(vendor, product, state, text):
    return ('headlines', {'vendor': vendor, 'product': product}, {'state': state, 'headline~': text})


def udp_in_vain(s):
    """Neither the relay nor the peer answers over UDP."""
    s.resolve(RELAY_NAME, RELAY)
    s.datagrams(RELAY, 3478).allocate(answered=False, sends=4)
    s.datagrams(PEER, 40000).check('farfrag', 'nearfrag', answered=False, sends=4)


@scenario('alternatives', 'dead-call', VONAGE, never_says=['over the fallback', 'carried the call'])
def dead_call(s):
    """Signalling works on the row that could also carry media, UDP is dropped, and no media flows: the call is dead."""
    s.resolve(NAME, SIGNAL)
    call = s.tcp(SIGNAL, 443).open().tls(NAME)
    udp_in_vain(s)
    s.goes_on()
    call.close()
    return [row('minimum', 'observed'), row('better', 'blocked', 'udp_timeout', 'turn', 'B'), row('best', 'blocked', 'udp_timeout', 'stun', 'B'),
            headline('vonage', 'video', 'fails', NO_FALLBACK)]


@scenario('alternatives', 'short-exchange', VONAGE, never_says=['over the fallback', 'carried the call'])
def short_exchange(s):
    """Much data on that row, but in half a second: a download, no call."""
    s.resolve(NAME, SIGNAL)
    call = s.tcp(SIGNAL, 443).open().tls(NAME)
    for i in range(10):
        call.say(m.application_data(f'up{i}', 2200)).answer(m.application_data(f'down{i}', 2200))
    udp_in_vain(s)
    s.goes_on()
    call.close()
    return [row('minimum', 'observed'), row('better', 'blocked', 'udp_timeout', 'turn', 'B'), row('best', 'blocked', 'udp_timeout', 'stun', 'B'),
            headline('vonage', 'video', 'fails', NO_FALLBACK)]


@scenario('alternatives', 'fallback-carries', VONAGE)
def fallback_carries(s):
    """Sixty records each way over six seconds, 25 kB and more each way: TLS carries the media."""
    s.resolve(NAME, SIGNAL)
    call = s.tcp(SIGNAL, 443).open().tls(NAME)
    udp_in_vain(s)
    s.tcp(SIGNAL, 443).open().tls(NAME).records(60, 420)
    s.goes_on()
    call.close()
    return [row('minimum', 'observed'), row('better', 'blocked', 'udp_timeout', 'turn', 'B'), row('best', 'blocked', 'udp_timeout', 'stun', 'B'),
            headline('vonage', 'video', 'fallback', 'fallback')]


@scenario('alternatives', 'no-media', VONAGE, never_says=['carried the call', NO_FALLBACK])
def no_media(s):
    """Signalling alone, nothing blocked: no media was seen."""
    s.resolve(NAME, SIGNAL)
    s.tcp(SIGNAL, 443).open().tls(NAME).close()
    s.goes_on()
    return [row('minimum', 'observed'), headline('vonage', 'video', ['works', 'cannot_tell'], 'no media was seen')]


@scenario('alternatives', 'relay-carries', 'whereby/meetings@2025-01-31', never_says=[NO_FALLBACK])
def relay_carries(s):
    """The direct way is dropped, the relay over UDP carries the media."""
    s.resolve('any-7.srv.whereby.com', SIGNAL)
    call = s.tcp(SIGNAL, 443).open().tls('any-7.srv.whereby.com')
    s.datagrams(PEER, 40000).check('farfrag', 'nearfrag', answered=False, sends=4)
    s.resolve('eu-1.turn.whereby.com', TURN)
    turn = s.datagrams(TURN, 443)
    turn.allocate()
    turn.bind_channel(0x4001, (PEER, 40000))
    turn.media(2.0, rate=20, wrap=lambda packet: m.channel_data(0x4001, packet))
    s.goes_on()
    call.close()
    return [row('signaling', 'observed'), row('turn-udp', 'observed'), row('high-ports', 'blocked', 'udp_timeout', 'stun', 'B'),
            headline('whereby', 'meetings', 'fallback', 'fallback')]


@scenario('alternatives', 'relay-handshake-alone', 'whereby/meetings@2025-01-31', never_says=['over the fallback', 'carried the call'])
def relay_handshake(s):
    """UDP is dropped, the relay over TLS answers a handshake and carries nothing."""
    s.resolve('any-7.srv.whereby.com', SIGNAL)
    call = s.tcp(SIGNAL, 443).open().tls('any-7.srv.whereby.com')
    s.resolve('eu-1.turn.whereby.com', TURN)
    s.datagrams(TURN, 443).allocate(answered=False, sends=4)
    s.tcp(TURN, 443).open().tls('eu-1.turn.whereby.com').close()
    s.goes_on()
    call.close()
    return [row('signaling', 'observed'), row('turn-tls', 'observed'), row('turn-udp', 'blocked', 'udp_timeout', 'turn', 'B'),
            headline('whereby', 'meetings', 'fails', NO_FALLBACK)]


@scenario('alternatives', 'shared-destination', 'goto/app@2.3', never_says=['over the fallback', 'carried the call'],
          others=['unmatched', 'observed'])
def shared_destination(s):
    """The TCP fallback shares names and port with signalling: that those answer shows no media on it."""
    s.resolve('turn-1.goto-rtc.com', RELAY)
    call = s.tcp(RELAY, 443).open().tls('turn-1.goto-rtc.com')
    s.datagrams(PEER, 45100).check('farfrag', 'nearfrag', answered=False, sends=4)
    s.goes_on()
    call.close()
    return [row('media-direct', 'blocked', 'udp_timeout', 'stun', 'B'), headline('goto', 'app', 'fails', NO_FALLBACK)]


# ---- dead calls of other vendors whose TCP 443 carries signalling and, if need be, media ----
def dead_call_of(s, name, signal, relay, *ports):
    """Signalling answers, the relay does not."""
    s.resolve(name, signal)
    call = s.tcp(signal, 443).open().tls(name)
    for port in ports:
        s.datagrams(relay, port).allocate(answered=False, sends=4)
    s.goes_on()
    call.close()


CHIME_SIGNAL, CHIME_MEDIA, CHIME_NAME = '99.77.130.10', '99.77.140.20', 'turnnlb-1.k.m1.ue1.app.chime.aws'


@scenario('alternatives', 'dead-call-chime', 'amazon/chime-sdk', never_says=['over the fallback', 'carried the call'])
def dead_chime(s):
    """Amazon Chime: TCP 443 signals and would carry media, UDP 3478 is dropped."""
    dead_call_of(s, CHIME_NAME, CHIME_SIGNAL, CHIME_MEDIA, 3478)
    return [row('signaling', 'observed'), row('common', 'observed'), row('media-udp', 'blocked', 'udp_timeout', 'turn', 'B'),
            headline('amazon', 'chime-sdk', 'fails', NO_FALLBACK)]


@scenario('alternatives', 'dead-call-slack', 'slack/huddles', never_says=['over the fallback', 'carried the call'])
def dead_slack(s):
    """A Slack huddle runs on Amazon Chime, with a port of its own; that is dropped as well."""
    dead_call_of(s, CHIME_NAME, CHIME_SIGNAL, CHIME_MEDIA, 22466, 3478)
    return [row('signaling', 'observed'), row('media-22466', 'blocked', 'udp_timeout', 'turn', 'B'),
            row('media-3478', 'blocked', 'udp_timeout', 'turn', 'B'), headline('slack', 'huddles', 'fails', NO_FALLBACK)]


@scenario('alternatives', 'dead-call-zoom', 'zoom/address-ranges', never_says=['over the fallback', 'carried the call'])
def dead_zoom(s):
    """Zoom: TCP 443 within its networks answers, audio to UDP 8801 does not."""
    s.resolve('us04web.zoom.us', '170.114.10.10')
    call = s.tcp('170.114.10.10', 443).open().tls('us04web.zoom.us')
    audio = s.datagrams('170.114.20.20', 8801)
    for number in range(150):
        audio.out(m.zoom_audio(number, True))
        s.wait(0.02)
    s.goes_on()
    call.close()
    return [row('meetings-tcp', 'observed', ports='443'), row('meetings-udp', 'blocked', 'udp_timeout', 'media', 'B', ports='8801-8810'),
            headline('zoom', 'address-ranges', 'fails', NO_FALLBACK)]


@scenario('alternatives', 'dead-call-goto', 'goto/desktop-v10', never_says=['over the fallback', 'carried the call'])
def dead_goto(s):
    """GoTo's older application: TCP 443 to its networks answers, UDP 8200 to the same networks does not."""
    dead_call_of(s, 'egwglobal.gotomeeting.com', '67.217.80.10', '67.217.80.20', 8200)
    return [row('setup', 'observed'), row('media', 'blocked', 'udp_timeout', 'turn', 'B', ports='8200'),
            headline('goto', 'desktop-v10', 'fails', NO_FALLBACK)]


# ---- what is no media ----
@scenario('alternatives', 'dtls-handshake-alone', 'whereby/meetings@2025-01-31', never_says=['carried the call'])
def dtls_handshake_alone(s):
    """ICE and the DTLS handshake work, its last flight is sent again, and no datagram of data follows."""
    s.resolve('any-7.srv.whereby.com', SIGNAL)
    s.tcp(SIGNAL, 443).open().tls('any-7.srv.whereby.com')
    peer = s.datagrams(PEER, 40000)
    peer.check('farfrag', 'nearfrag')
    peer.out(m.dtls_client_hello())
    peer.back(m.dtls_server_hello())
    for i in range(2):
        peer.out(m.dtls_second_flight())
        peer.back(m.dtls_record(20, 0, 3 + i, b'\1') + m.dtls_record(22, 1, i, m.random_bytes('finished', 48)))
        s.wait(1)
    s.goes_on(6)
    return [row('signaling', 'observed'), row('high-ports', 'observed'), headline('whereby', 'meetings', ['works', 'cannot_tell'], 'no media was seen')]


@scenario('alternatives', 'relay-with-checks-alone', 'whereby/meetings@2025-01-31', never_says=['carried the call'])
def relay_with_checks_alone(s):
    """A relay passes ICE checks on, both ways, and the hello of DTLS; what follows is dropped: nothing of it is media."""
    s.resolve('any-7.srv.whereby.com', SIGNAL)
    s.tcp(SIGNAL, 443).open().tls('any-7.srv.whereby.com')
    s.resolve('eu-1.turn.whereby.com', TURN)
    turn = s.datagrams(TURN, 443)
    turn.allocate()
    turn.bind_channel(0x4001, (PEER, 40000))
    for i in range(3):
        transaction = m.transaction_id(f'relayed check {i}')
        turn.out(m.channel_data(0x4001, m.ice_check(transaction, 'farfrag', 'nearfrag')))
        turn.back(m.channel_data(0x4001, m.stun(m.BINDING, m.SUCCESS, transaction, m.xor_address(0x0020, '198.51.100.7', 55000, transaction))))
    turn.back(m.channel_data(0x4001, m.dtls_client_hello()))
    for _ in range(5):
        turn.out(m.channel_data(0x4001, m.dtls_server_hello()), after=1)
    s.goes_on()
    return [row('signaling', 'observed'), row('turn-udp', 'observed'), headline('whereby', 'meetings', 'cannot_tell', 'no media was seen')]


@scenario('alternatives', 'media-under-another-products-name', ['zoom/address-ranges', 'zoom/meetings'], others=['unmatched', 'observed', 'blocked'], never_says=[NO_FALLBACK])
def media_under_another_name(s):
    """UDP to Zoom's media servers is dropped, and media run in TLS to the same server, under a name of Zoom's web pages."""
    web, media = '170.114.52.2', '170.114.10.20'
    s.resolve('us05web.zoom.us', web)
    s.tcp(web, 443).open().tls('us05web.zoom.us').close()
    s.resolve('zoomff8mmr.zoom.us', media)
    s.datagrams(media, 8801).binding(answered=False, sends=5)
    s.tcp(media, 443).open().tls('zoomff8mmr.zoom.us').records(80, 400).close()
    s.goes_on()
    return [row('meetings-udp', 'blocked', 'udp_timeout', 'stun', 'B', product='address-ranges', ports='8801-8810'),
            row('meetings-tcp', 'observed', product='address-ranges', ports='443'),
            headline('zoom', 'address-ranges', 'fallback', 'works, but over the fallback')]
