"""Which vendor and row a flow belongs to, where browsers hide names, relays ask first and lists are short."""
from kit import messages as m
from kit import quic, scenario
from kit.expect import blocked, none, nothing_blocked, passed, row
from kit.story import CLIENT, CLIENT6

SERVER, GOOGLE, SHARED = '203.0.113.10', '198.51.100.90', '203.0.113.99'
NAME = 'api-1.calls.sendbird.com'
TEAMS, TEAMS_RELAY = '52.112.10.10', '52.112.10.20'
ZOOM, ZOOM_MEDIA, ZOOM_ELSEWHERE = '170.114.10.10', '170.114.10.20', '198.51.100.140'


def chrome_hello(s, name, server):
    connection = s.tcp(server, 443).open()
    connection.unheard(m.client_hello(name, ech=True))
    return connection


# ---- encrypted_client_hello ----
@scenario('attribution', 'ech-decoy-blocked', 'google/meet')
def ech_blocked(s):
    """A browser's hello with a decoy of encrypted_client_hello is dropped, and the capture has no DNS: still Meet."""
    chrome_hello(s, 'meet.google.com', GOOGLE)
    s.goes_on()
    where = {'server_ip': GOOGLE}
    return [row('web', 'blocked', 'tls_timeout', 'tls', 'C', transport='tcp', ports='443'),
            blocked(where, 'tls_timeout', 'tls', 'C', vendor='google', product='meet', rule_id='web', confidence='exact'),
            ('tls_hellos', {}, {'sni': 'meet.google.com', 'ech': 1, 'carrier': 'tcp'})]


@scenario('attribution', 'ech-decoy-passed', 'google/meet')
def ech_passed(s):
    """The same hello is answered."""
    connection = s.tcp(GOOGLE, 443).open().say(m.client_hello('meet.google.com', ech=True))
    connection.answer(m.server_hello() + m.application_data('ee', 900)).close()
    return [row('web', 'observed', transport='tcp', ports='443'),
            passed({'server_ip': GOOGLE}, vendor='google', rule_id='web', confidence='exact', server_name='meet.google.com')]


@scenario('attribution', 'ech-decoy-quic', 'google/meet')
def ech_quic(s):
    """The same over QUIC: two Initials, neither answered."""
    flow = s.datagrams(GOOGLE, 443)
    for number in range(3):
        flow.out(quic.initial('meet.google.com', 'meet', number, ech=True), after=1)
    s.goes_on()
    return [row('web', 'blocked', 'quic_timeout', 'quic', 'C', transport='udp', ports='443'),
            blocked({'server_ip': GOOGLE}, 'quic_timeout', 'quic', 'C', vendor='google', rule_id='web', confidence='exact'),
            ('tls_hellos', {}, {'sni': 'meet.google.com', 'ech': 1, 'carrier': 'quic'})]


@scenario('attribution', 'ech-public-name', 'sendbird/calls')
def ech_public_name(s):
    """The outer name is a provider's, which proves nothing: DNS says whose address it is."""
    s.resolve(NAME, SHARED)
    connection = s.tcp(SHARED, 443).open().say(m.client_hello('cloudflare-ech.com', ech=True))
    connection.answer(m.server_hello() + m.application_data('ee', 900)).close()
    return [row('signaling', 'observed'), passed({'server_ip': SHARED}, vendor='sendbird', rule_id='signaling', confidence='dns')]


@scenario('attribution', 'ech-public-name-alone', 'sendbird/calls')
def ech_public_name_alone(s):
    """The same without DNS in the capture: nothing says whose traffic it is."""
    s.tcp(SHARED, 443).open().unheard(m.client_hello('cloudflare-ech.com', ech=True))
    s.goes_on()
    return [blocked({'server_ip': SHARED}, 'tls_timeout', 'tls', 'C', vendor=None)]


@scenario('attribution', 'own-name-decides', 'sendbird/calls')
def own_name(s):
    """A vendor's name leads to a shared address; a flow to it that names another site belongs to that site alone."""
    s.resolve(NAME, SHARED)
    s.tcp(SHARED, 443).open().tls('www.example.org').close()
    s.tcp(SHARED, 443).open().unheard(m.client_hello('www.example.net', ech=True))
    s.goes_on()
    return [none('requirements', status=['observed', 'blocked']), none('flows', server_ip=SHARED, vendor='sendbird'), none('undocumented')]


# ---- relays that ask back ----
def relay_asks_first(s, port):
    """A Binding request of the relay, answered by the client; then media both ways."""
    flow = s.datagrams(TEAMS_RELAY, port, client_port=50000 + port % 10)
    txid = flow.txid()
    flow.back(m.stun(m.BINDING, m.REQUEST, txid))
    flow.out(m.stun(m.BINDING, m.SUCCESS, txid, m.xor_address(0x0020, TEAMS_RELAY, port, txid)))
    flow.media(1.0, ssrc=0x7ea70000 + port)


@scenario('attribution', 'relay-asks-first', 'microsoft/teams@copy-of-2025', others=['unmatched', 'inconclusive', 'observed'])
def relay_first(s):
    """A relay in the vendor's network sends the first packet: it is the server all the same."""
    s.resolve('teams.microsoft.com', TEAMS)
    call = s.tcp(TEAMS, 443).open().tls('teams.microsoft.com')
    for port in (3479, 3480):
        relay_asks_first(s, port)
    call.close()
    return [*[row('id-11', 'observed', ports=str(port), flows_passed=1) for port in (3479, 3480)], row('id-11', 'unmatched', ports='3478'),
            *[passed({'server_ip': TEAMS_RELAY, 'server_port': port}, client_ip=CLIENT, vendor='microsoft', rule_id='id-11', confidence='exact')
              for port in (3479, 3480)]]


@scenario('attribution', 'relay-asks-in-vain', 'microsoft/teams@copy-of-2025', others=['unmatched', 'inconclusive', 'observed'])
def relay_in_vain(s):
    """The relay asks, the client's answers and questions go out, and no more comes: the relay is the server, and nothing is blocked."""
    s.resolve('teams.microsoft.com', TEAMS)
    call = s.tcp(TEAMS, 443).open().tls('teams.microsoft.com')
    flow = s.datagrams(TEAMS_RELAY, 3479, client_port=50009)
    for _ in range(2):
        txid = flow.txid()
        flow.back(m.stun(m.BINDING, m.REQUEST, txid), after=1)
        flow.out(m.stun(m.BINDING, m.SUCCESS, txid, m.xor_address(0x0020, TEAMS_RELAY, 3479, txid)), after=1)
    s.goes_on()
    call.close()
    return [none('requirements', status='blocked'), ('flows', {'server_ip': TEAMS_RELAY}, {'client_ip': CLIENT, 'rule_id': 'id-11', 'outcome!': 'blocked'})]


# ---- Zoom ----
def zoom_call(s, media):
    """Signalling inside the vendor's networks, and audio with `media`."""
    s.resolve('us04web.zoom.us', ZOOM)
    call = s.tcp(ZOOM, 443).open().tls('us04web.zoom.us')
    flow = s.datagrams(media, 8801)
    for number in range(20):
        flow.out(m.zoom_audio(number, True))
        flow.back(m.zoom_audio(number, False, 0x01000901))
    s.goes_on()
    call.close()


@scenario('attribution', 'zoom-media', 'zoom/address-ranges')
def zoom_media(s):
    """Zoom's media port at an address of its list."""
    zoom_call(s, ZOOM_MEDIA)
    return [row('meetings-tcp', 'observed', ports='443'), row('meetings-udp', 'observed', ports='8801-8810'), none('undocumented')]


@scenario('attribution', 'zoom-media-elsewhere', 'zoom/address-ranges')
def zoom_elsewhere(s):
    """Zoom's own media, on its own port, at an address outside its list: the address is undocumented, not the port."""
    zoom_call(s, ZOOM_ELSEWHERE)
    return [row('meetings-tcp', 'observed', ports='443'), row('meetings-udp', 'unmatched', ports='8801-8810'),
            ('undocumented', {'server_ip': ZOOM_ELSEWHERE}, {'what': 'undocumented address', 'vendor': 'zoom', 'outcome': 'passed'}),
            none('undocumented', what='undocumented port')]


@scenario('attribution', 'zoom-desktop-client', ['zoom/meetings', 'zoom/meeting-connector', 'zoom/meetings-hybrid'],
          others=['unmatched', 'observed'])
def zoom_desktop(s):
    """A desktop client in a meeting: rows of nodes that an organisation runs itself were not tried."""
    zoom_call(s, ZOOM_MEDIA)
    return [row('web', 'observed', product='meetings', transport='tcp', ports='443'),
            *[row(rule, 'unmatched', product='meeting-connector') for rule in ('connector-to-cloud', 'controller')],
            *[row('node-to-zoom', 'unmatched', product='meetings-hybrid', ports=port) for port in ('80', '443')],
            row('node-to-services', 'unmatched', product='meetings-hybrid'),
            *[row('node-media', 'unmatched', product='meetings-hybrid', ports=port) for port in ('8801', '8802', '8803')]]


@scenario('attribution', 'vendor-name-unlisted', 'whereby/meetings@2025-01-31')
def name_unlisted(s):
    """A name of a vendor's own domain that no row covers."""
    s.resolve('status.whereby.com', SERVER)
    s.tcp(SERVER, 443).open().tls('status.whereby.com').close()
    return [*nothing_blocked(), ('undocumented', {'server_ip': SERVER}, {'what': 'undocumented name', 'vendor': 'whereby'})]


@scenario('attribution', 'vendor-port-unlisted', 'whereby/meetings@2025-01-31')
def port_unlisted(s):
    """A vendor's own name on a port that no row has."""
    s.resolve('any-7.srv.whereby.com', SERVER)
    s.tcp(SERVER, 8443).open().tls('any-7.srv.whereby.com').close()
    return [*nothing_blocked(), ('undocumented', {'server_ip': SERVER}, {'what': 'undocumented port', 'vendor': 'whereby'})]


@scenario('attribution', 'media-network-behind-nat64', 'google/meet')
def media_behind_nat64(s):
    """A network without IPv4: the media server's address is that of a NAT64, which leads into the network that the row names."""
    s.resolve('meet.google.com', '64:ff9b::c633:645a', client=CLIENT6)
    s.tcp('64:ff9b::c633:645a', 443, CLIENT6).open().tls('meet.google.com')
    s.datagrams('64:ff9b::4a7d:fa0a', 3478, CLIENT6).binding(answered=False, sends=4)
    s.goes_on(client=CLIENT6)
    return [row('web', 'observed', ports='443', transport='tcp'), row('media-udp', 'blocked', 'udp_timeout', 'stun', 'B', ports='3478'),
            blocked({'server_port': 3478}, 'udp_timeout', 'stun', 'B', control={'server_port': 443}, rule_id='media-udp', confidence='exact')]
