"""Whereby: signalling, TURN over TLS and UDP on 443, media straight to high ports."""
from kit import messages as m
from kit import scenario

SIGNAL, TURN, SFU = '203.0.113.40', '203.0.113.41', '203.0.113.42'
NAME, TURN_NAME = 'any-7.srv.whereby.com', 'eu-1.turn.whereby.com'
BOTH = ['whereby/meetings@2024-11-19', 'whereby/meetings@2025-01-31']


def signalling(s):
    s.resolve(NAME, SIGNAL)
    return s.tcp(SIGNAL, 443).open().tls(NAME)


@scenario('whereby', 'observed', 'whereby/meetings@2025-01-31')
def observed(s):
    """A call with every row in use, analytics included."""
    call = signalling(s)
    s.resolve('d1example.cloudfront.net', '203.0.113.50')
    s.tcp('203.0.113.50', 443).open().tls('d1example.cloudfront.net').close()
    s.resolve(TURN_NAME, TURN)
    s.datagrams(TURN, 443).allocate()
    s.tcp(TURN, 443).open().tls(TURN_NAME).close()
    media = s.datagrams(SFU, 45678)
    media.check('sfu1', 'browser1')
    media.out(m.dtls_client_hello())
    media.back(m.dtls_server_hello())
    media.media(1.0)
    call.close()
    return [
        ('requirements', {'rule_id': 'signaling'}, {'status': 'observed'}),
        ('requirements', {'rule_id': 'turn-tls'}, {'status': 'observed'}),
        ('requirements', {'rule_id': 'turn-udp'}, {'status': 'observed'}),
        ('requirements', {'rule_id': 'high-ports'}, {'status': 'observed'}),
        ('requirements', {'rule_id': 'supporting-services'}, {'status': 'observed', 'level': 'optional'}),
        ('flows', {'server_ip': SFU}, {'protocol': 'rtp', 'confidence': 'context', 'outcome': 'passed'}),
        ('flows', {'server_ip': TURN, 'transport': 'udp'}, {'protocol': 'turn', 'confidence': 'dns'}),
        ('tls_hellos', {'carrier': 'dtls'}, {'sni': None}),
    ]


@scenario('whereby', 'fallback', 'whereby/meetings')
def fallback(s):
    """UDP is shut; the call works over TURN and TLS on TCP 443, which carries sixty records each way in six seconds."""
    call = signalling(s)
    s.resolve(TURN_NAME, TURN)
    s.datagrams(TURN, 443).allocate(answered=False, sends=5)
    tls = s.tcp(TURN, 443).open().tls(TURN_NAME).records(60, 420)
    s.datagrams(SFU, 45678).check('sfu1', 'browser1', answered=False, sends=5)
    s.wait(4)
    tls.close()
    call.close()
    return [
        ('requirements', {'rule_id': 'signaling'}, {'status': 'observed'}),
        ('requirements', {'rule_id': 'turn-tls'}, {'status': 'observed'}),
        ('requirements', {'rule_id': 'turn-udp'},
         {'status': 'blocked', 'block_reason': 'udp_timeout', 'stage': 'turn', 'grade': 'B'}),
        ('requirements', {'rule_id': 'high-ports'},
         {'status': 'blocked', 'block_reason': 'udp_timeout', 'stage': 'stun', 'grade': 'B'}),
        ('headlines', {'vendor': 'whereby', 'product': 'meetings'}, {'state': 'fallback', 'headline~': 'fallback'}),
        ('flows', {'server_ip': TURN, 'transport': 'udp'}, {'grade': 'B', 'control_flow_id@': {'server_ip': [SIGNAL, TURN], 'transport': 'tcp'}}),
        ('flows', {'server_ip': SFU}, {'grade': 'B', 'control_flow_id@': {'server_ip': [SIGNAL, TURN], 'transport': 'tcp'}}),
    ]


@scenario('whereby', 'signalling-blocked', BOTH)
def signalling_blocked(s):
    """Both revisions at once: the firewall lets TCP through and resets the ClientHello."""
    s.resolve(NAME, SIGNAL)
    for _ in range(2):
        connection = s.tcp(SIGNAL, 443)
        connection.open()
        connection.out(0x18, m.client_hello(NAME))
        connection.cseq += len(m.client_hello(NAME))
        connection.reset_by_server(ttl=63, timestamp=False, ip_id=0)
    s.resolve('www.example.org', '198.51.100.30')
    s.tcp('198.51.100.30', 443).open().tls('www.example.org').close()
    blocked = {'status': 'blocked', 'block_reason': 'tls_reset', 'stage': 'tls', 'grade': 'A', 'flows_blocked': 2}
    return [
        ('requirements', {'rule_id': 'signaling', 'revision': '2024-11-19'}, blocked),
        ('requirements', {'rule_id': 'signaling', 'revision': '2025-01-31'}, blocked),
        ('flows', {'server_ip': '198.51.100.30'}, {'outcome': 'passed', 'vendor': None}),
    ]


@scenario('whereby', 'undocumented-port', 'whereby/meetings')
def undocumented_port(s):
    """The client also goes to a port of a Whereby server that no row names."""
    call = signalling(s)
    s.tcp(SIGNAL, 8443).open().tls(NAME).close()
    call.close()
    return [
        ('requirements', {'rule_id': 'signaling'}, {'status': 'observed', 'flows_passed': 1}),
        ('flows', {'server_port': 8443}, {'outcome': 'passed', 'vendor': 'whereby', 'rule_id': None}),
        ('undocumented', {'server_port': 8443}, {'what': 'undocumented port', 'vendor': 'whereby'}),
    ]
