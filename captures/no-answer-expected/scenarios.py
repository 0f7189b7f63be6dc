"""What nobody answers by design, and its lookalikes that somebody should have answered."""
import struct

from kit import messages as m
from kit import scenario
from kit.expect import blocked, inconclusive, nothing_blocked, row
from kit.story import CLIENT, CLIENT6, OTHER_CLIENT

SERVER, MEDIA, PEER, COLLECTOR = '203.0.113.10', '203.0.113.20', '198.51.100.80', '192.168.20.5'
FAR_COLLECTOR = '198.51.100.77'
NAME, MEDIA_NAME = 'api-1.calls.sendbird.com', 'turn-1.calls.sendbird.com'
SELECTOR = 'sendbird/calls'


def repeated(s, client, client_port, server, port, payload, times=3):
    for _ in range(times):
        s.udp(client, client_port, server, port, payload, after=1.5)


def dhcp(kind, client='0.0.0.0'):
    fixed = struct.pack('!BBBBIHH', 1, 1, 6, 0, 0x1234abcd, 0, 0x8000) + bytes(int(b) for b in client.split('.')) + bytes(12)
    return fixed + b'\2\0\0\0\0\x15' + bytes(10 + 64 + 128) + b'\x63\x82\x53\x63' + bytes([53, 1, kind, 255]) + bytes(56)


def dhcp6_solicit():
    return b'\x01\x12\x34\x56' + struct.pack('!HH', 1, 10) + b'\0\3\0\1\2\0\0\0\0\x15' + struct.pack('!HHH', 8, 2, 0)


def encoded_netbios(name):
    return b'\x20' + b''.join(bytes([0x41 + (c >> 4), 0x41 + (c & 15)]) for c in name.ljust(15).encode() + b'\0') + b'\0'


def netbios_registration():
    """A broadcast NAME REGISTRATION REQUEST, RFC 1002 4.2.2."""
    return struct.pack('!HHHHHH', 7, 0x2910, 1, 0, 0, 1) + encoded_netbios('DESK') + struct.pack('!HH', 0x20, 1) \
        + b'\xc0\x0c' + struct.pack('!HHIHH', 0x20, 1, 300000, 6, 0) + b'\xc0\xa8\x0a\x15'


def netbios_datagram():
    """A browser announcement in a DIRECT_GROUP DATAGRAM, RFC 1002 4.4.2."""
    return struct.pack('!BBH', 0x11, 0x0a, 8) + b'\xc0\xa8\x0a\x15' + struct.pack('!HHH', 138, 187, 0) + encoded_netbios('DESK') \
        + encoded_netbios('WORKGROUP') + b'\xffSMB\x25' + bytes(80)


def snmp(pdu):
    """Version 2c: kind 0xa7 is a trap, 0xa0 a GetRequest (RFC 3416)."""
    bindings = m.der(0x30, m.der(0x30, m.der(0x06, bytes.fromhex('2b06010201010300')) + m.der(0x05, b'')))
    return m.der(0x30, b'\x02\x01\x01' + m.der(0x04, b'public') + m.der(pdu, b'\x02\x01\x2a\x02\x01\0\x02\x01\0' + bindings))


SSDP = b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n'
NOTIFY = SSDP.replace(b'M-SEARCH', b'NOTIFY')
NETFLOW = struct.pack('!HHIIII', 9, 1, 1000, 1_790_000_000, 7, 0) + struct.pack('!HHHHHH', 0, 12, 256, 1, 8, 4)
IPFIX = struct.pack('!HHIII', 10, 28, 1_790_000_000, 7, 0) + struct.pack('!HHHHHH', 2, 12, 256, 1, 8, 4)
SFLOW = struct.pack('!III', 5, 1, 0xc0a80a15) + struct.pack('!IIII', 0, 7, 1000, 0)
COLLECTD = struct.pack('!HH', 0, 9) + b'desk\0' + struct.pack('!HHQ', 1, 12, 1_790_000_000)


def quiet(name, where, what, tell):
    """A flow that nobody has to answer: it is said so, and it counts nowhere."""
    def told(s):
        tell(s)
        s.goes_on(5)
        return [*nothing_blocked(), inconclusive(where, 'no_answer_expected', vendor=None)]
    told.__doc__ = f'{what}: nobody answers that, by design.'
    scenario('no-answer-expected', name, SELECTOR)(told)


def one_way(name, what, server, port, payload, client=CLIENT, client_port=None):
    quiet(name, {'server_ip': server, 'server_port': port}, what,
          lambda s: repeated(s, client, client_port or s.next_port(), server, port, payload))


one_way('mdns', 'Multicast DNS', '224.0.0.251', 5353, m.dns_query(0, 'printer.local'), client_port=5353)
one_way('mdns-ipv6', 'Multicast DNS over IPv6', 'ff02::fb', 5353, m.dns_query(0, 'printer.local'), CLIENT6, 5353)
one_way('llmnr', 'LLMNR', '224.0.0.252', 5355, m.dns_query(77, 'desk'))
one_way('ssdp-search', 'An SSDP search', '239.255.255.250', 1900, SSDP)
one_way('ssdp-notify', 'An SSDP announcement', '239.255.255.250', 1900, NOTIFY, client_port=1900)
one_way('multicast-of-any-kind', 'A multicast group of nobody knows what', '239.1.2.3', 45000, b'sensor 17: 21.5')
one_way('netbios-name', 'A NetBIOS name registration by broadcast', '192.168.10.255', 137, netbios_registration(), client_port=137)
one_way('netbios-datagram', 'A NetBIOS announcement', '192.168.10.255', 138, netbios_datagram(), client_port=138)
one_way('broadcast', 'A discovery by limited broadcast', '255.255.255.255', 6667, b'discover', client_port=6667)
one_way('dhcp-renewal', 'A DHCP renewal', '192.168.20.1', 67, dhcp(3, CLIENT), client_port=68)
one_way('dhcpv6', 'A DHCPv6 solicitation', 'ff02::1:2', 547, dhcp6_solicit(), CLIENT6, 546)
one_way('syslog', 'Syslog over UDP', COLLECTOR, 514, b'<134>1 2026-09-21T14:13:20Z desk app - - - started', client_port=514)
one_way('snmp-trap', 'An SNMP trap', COLLECTOR, 162, snmp(0xa7))
one_way('netflow', 'NetFlow 9', COLLECTOR, 2055, NETFLOW)
one_way('ipfix', 'IPFIX', COLLECTOR, 4739, IPFIX)
one_way('sflow', 'sFlow 5', COLLECTOR, 6343, SFLOW)
one_way('statsd', 'statsd', COLLECTOR, 8125, b'calls.started:1|c')
one_way('collectd', 'collectd', FAR_COLLECTOR, 25826, COLLECTD)


def discover(s):
    s.behind(CLIENT, '0.0.0.0')
    s.far('0.0.0.0', 0, 128)
    repeated(s, '0.0.0.0', 68, '255.255.255.255', 67, dhcp(1))


quiet('dhcp-discover', {'server_port': 67}, 'A DHCP discovery by broadcast', discover)


@scenario('no-answer-expected', 'call-beside-dhcp', SELECTOR, never_says=['1 blocked'])
def call_beside_dhcp(s):
    """A call that works; the only unanswered flow of the capture is a DHCP broadcast."""
    s.resolve(NAME, SERVER)
    call = s.tcp(SERVER, 443).open().tls(NAME)
    s.resolve(MEDIA_NAME, MEDIA)
    s.datagrams(MEDIA, 5349).allocate()
    discover(s)
    s.goes_on()
    call.close()
    return [row('signaling', 'observed'), row('media', 'observed'), *nothing_blocked(), inconclusive({'server_port': 67}, 'no_answer_expected')]


@scenario('no-answer-expected', 'multicast-near-a-call', 'agora/rtc-web@2022-07-27')
def multicast_near_a_call(s):
    """Multicast to a high port beside live signalling of a vendor with rows for any destination: none of its traffic."""
    s.resolve('ap-web-1.agora.io', SERVER)
    call = s.tcp(SERVER, 443).open().tls('ap-web-1.agora.io')
    repeated(s, CLIENT, 50000, '239.1.2.3', 45000, m.rtp(0x1234, 1, 2))
    s.goes_on()
    call.close()
    return [row('tcp', 'observed', ports='443'), *nothing_blocked(), inconclusive({'server_ip': '239.1.2.3'}, 'no_answer_expected', vendor=None)]


# ---- lookalikes ----
def expected(name, what, server, port, payload, stage='udp', client_port=None):
    def tell(s):
        repeated(s, CLIENT, client_port or s.next_port(), server, port, payload)
        s.goes_on(5)
        return [blocked({'server_ip': server}, 'udp_timeout', stage, 'C')]
    tell.__doc__ = f'{what}: an answer is missing, and the silence counts.'
    scenario('no-answer-expected', f'but-{name}', SELECTOR)(tell)


expected('snmp-request', 'An SNMP request', COLLECTOR, 161, snmp(0xa0))
expected('ntp-request', 'An NTP request', FAR_COLLECTOR, 123, b'\x23' + bytes(47), client_port=123)
expected('unknown-unicast', 'Datagrams of no known protocol to one host', PEER, 45000, b'vendor protocol')


@scenario('no-answer-expected', 'but-syslog-over-tcp', SELECTOR)
def syslog_over_tcp(s):
    """Syslog over TCP: a SYN asks for an answer, whatever is to follow."""
    s.tcp(FAR_COLLECTOR, 514, OTHER_CLIENT).syn(times=3)
    s.goes_on(5)
    return [blocked({'server_ip': FAR_COLLECTOR}, 'tcp_timeout', 'tcp', 'C')]


@scenario('no-answer-expected', 'peer-on-exporters-port', SELECTOR)
def peer_on_exporters_port(s):
    """ICE checks to a peer whose port is that of flow export: somebody should answer them."""
    s.resolve(NAME, SERVER)
    s.tcp(SERVER, 443).open().tls(NAME)
    s.datagrams(PEER, 9995).check('farfrag', 'nearfrag', answered=False, sends=4)
    s.goes_on(4)
    return [row('signaling', 'observed'), row('peer-to-peer', 'blocked', 'udp_timeout', 'stun', 'B'),
            blocked({'server_ip': PEER}, 'udp_timeout', 'stun', 'B', control={'server_ip': SERVER})]
