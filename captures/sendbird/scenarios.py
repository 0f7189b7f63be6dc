"""Sendbird Calls: signalling over TLS, media on UDP 5349, peer to peer between any two high ports."""
from kit import messages as m
from kit import scenario
from kit.story import CLIENT

SIGNAL, MEDIA, PEER = '203.0.113.10', '203.0.113.20', '198.51.100.80'
NAME, MEDIA_NAME = 'api-1.calls.sendbird.com', 'turn-1.calls.sendbird.com'


def signalling(s, talk=3):
    s.resolve(NAME, SIGNAL)
    return s.tcp(SIGNAL, 443).open().tls(NAME, talk=talk)


@scenario('sendbird', 'observed', 'sendbird/calls')
def observed(s):
    """A call with everything open: signalling, relayed media and a direct path."""
    call = signalling(s)
    s.resolve(MEDIA_NAME, MEDIA)
    turn = s.datagrams(MEDIA, 5349)
    turn.allocate(relayed=('203.0.113.20', 61000))
    turn.bind_channel(0x4000, (PEER, 40002))
    turn.media(1.0, wrap=lambda packet: m.channel_data(0x4000, packet))
    peer = s.datagrams(PEER, 40000)
    peer.check('peerfrag', 'clientfrag')
    peer.checked_by_peer('peerfrag', 'clientfrag')
    peer.media(1.0, ssrc=0x51515151)
    call.close()
    return [
        ('requirements', {'rule_id': 'signaling'}, {'status': 'observed', 'transport': 'tcp', 'ports': '443', 'flows_passed': 1}),
        ('requirements', {'rule_id': 'media'}, {'status': 'observed', 'transport': 'udp', 'ports': '5349'}),
        ('requirements', {'rule_id': 'peer-to-peer'}, {'status': 'observed', 'ports': '1024-65535', 'level': 'optional'}),
        ('flows', {'server_ip': SIGNAL}, {'outcome': 'passed', 'server_name': NAME, 'server_name_source': 'sni', 'confidence': 'exact'}),
        ('flows', {'server_ip': MEDIA}, {'outcome': 'passed', 'protocol': 'turn', 'confidence': 'dns', 'server_name_source': 'dns'}),
        ('flows', {'server_ip': PEER}, {'outcome': 'passed', 'protocol': 'rtp', 'confidence': 'context', 'rule_id': 'peer-to-peer'}),
        ('rtp_streams', {'ssrc': '0x51515151'}, {'direction': 'out', 'packets': 50, 'lost': 0}),
        ('domains', {'rule_id': 'signaling'}, {'status': 'observed', 'pattern': '*.calls.sendbird.com'}),
    ]


@scenario('sendbird', 'media-blocked', 'sendbird/calls')
def media_blocked(s):
    """Signalling works; UDP 5349 is dropped by the firewall. Nothing was tried peer to peer."""
    call = signalling(s)
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate(answered=False, sends=5)
    s.wait(4)
    call.say(m.application_data('keepalive')).answer(m.application_data('pong'))
    return [
        ('requirements', {'rule_id': 'signaling'}, {'status': 'observed'}),
        ('requirements', {'rule_id': 'media'},
         {'status': 'blocked', 'block_reason': 'udp_timeout', 'stage': 'turn', 'grade': 'B', 'flows_blocked': 1}),
        ('requirements', {'rule_id': 'peer-to-peer'}, {'status': 'unmatched', 'block_reason': None}),
        ('flows', {'server_ip': MEDIA}, {'outcome': 'blocked', 'grade': 'B', 'client_ip': CLIENT, 'control_flow_id@': {'server_ip': SIGNAL}}),
        ('stun_transactions', {}, {'method': 'allocate', 'outcome': 'timeout', 'sends': 5}),
        ('headlines', {}, {'state': 'fails', 'headline~': 'blocked: media of direct calls (udp 5349), conditional'}),
    ]


@scenario('sendbird', 'names-blocked', 'sendbird/calls')
def names_blocked(s):
    """The resolver denies the vendor's names, while another name resolves."""
    s.resolve('www.example.org', '198.51.100.30')
    s.resolve(NAME, rcode='NXDOMAIN')
    s.resolve(NAME, rcode='NXDOMAIN')
    s.wait(4)
    s.resolve('www.example.net', '198.51.100.31')
    blocked = {'status': 'blocked', 'block_reason': 'dns_nxdomain', 'stage': 'dns', 'grade': 'B'}
    return [
        ('requirements', {'rule_id': 'signaling'}, blocked),
        ('requirements', {'rule_id': 'media'}, blocked),
        ('domains', {'rule_id': 'signaling'}, {'status': 'blocked', 'block_reason': 'dns_nxdomain'}),
        ('domains', {'rule_id': 'media'}, {'status': 'blocked', 'block_reason': 'dns_nxdomain'}),
    ]
