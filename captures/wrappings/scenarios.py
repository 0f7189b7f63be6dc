"""One and the same Sendbird call in everything that a mirror port or a tunnel may wrap around it: the rows are those
of the plain call, every time."""
from kit import messages as m
from kit import packets as p
from kit import scenario, wrap
from kit.story import CLIENT, CLIENT6

NAME, MEDIA_NAME = 'api-1.calls.sendbird.com', 'turn-1.calls.sendbird.com'


def call(s, v6=False):
    """Signalling with a reset in the end, TURN with relayed media both ways, and an ICMP error; returns the rows."""
    client = CLIENT6 if v6 else CLIENT
    server, media, dead = ('2001:db8:cafe::10', '2001:db8:cafe::20', '2001:db8:cafe::30') if v6 else \
        ('203.0.113.10', '203.0.113.20', '203.0.113.30')
    s.resolve(NAME, server, client=client)
    signalling = s.tcp(server, 443, client).open().tls(NAME, talk=1)
    s.resolve(MEDIA_NAME, media, client=client)
    turn = s.datagrams(media, 5349, client)
    turn.allocate(relayed=('203.0.113.20', 61000))
    turn.bind_channel(0x4000, ('198.51.100.80', 40002))
    turn.media(0.3, wrap=lambda packet: m.channel_data(0x4000, packet))
    refused = s.tcp(dead, 443, client).syn()
    s.icmp(refused, 1 if v6 else 3, 1 if v6 else 13)
    signalling.close()
    return [
        ('requirements', {'rule_id': 'signaling'}, {'status': 'observed', 'flows_passed': 1, 'flows_blocked': 0}),
        ('requirements', {'rule_id': 'media'}, {'status': 'observed', 'flows_passed': 1}),
        ('flows', {'server_ip': server}, {'outcome': 'passed', 'protocol': 'tls', 'server_name': NAME, 'packets_out': 8, 'packets_in': 6}),
        ('flows', {'server_ip': media}, {'outcome': 'passed', 'protocol': 'turn', 'confidence': 'dns'}),
        ('flows', {'server_ip': dead}, {'outcome': 'blocked', 'block_reason': 'icmp_prohibited', 'grade': 'A'}),
        ('tls_hellos', {}, {'sni': NAME, 'alpn': 'h2,http/1.1', 'carrier': 'tcp'}),
        ('rtp_streams', {'direction': 'out'}, {'packets': 15, 'lost': 0}),
        ('rtp_streams', {'direction': 'in'}, {'packets': 15, 'lost': 0}),
        ('runs', {}, {'packets_malformed': 0, 'packets_duplicate': 0}),
    ]


def wrapped(name, change, v6=False, link_type=1, what=None):
    def tell(s):
        rows = call(s, v6)
        frames = []
        for time, frame in s.frames:
            made = change(frame)
            for i, one in enumerate(made if isinstance(made, list) else [made]):
                frames.append((time + i * 1e-5, one))
        s.frames = frames
        return rows
    tell.__doc__ = f'The call {what or "in " + name}.'
    scenario('wrappings', name, 'sendbird/calls', link_type=link_type)(tell)


wrapped('plain', lambda frame: frame, what='as it is, over IPv4')
wrapped('plain-ipv6', lambda frame: frame, v6=True, what='as it is, over IPv6')
wrapped('vlan', lambda f: wrap.vlan(f, (0x8100, 10)))
wrapped('vlan-provider', lambda f: wrap.vlan(f, (0x88a8, 20), (0x8100, 10)))
wrapped('vlan-stack', lambda f: wrap.vlan(f, (0x9100, 30), (0x88a8, 20), (0x8100, 10)))
wrapped('vlan-one-direction', lambda f: wrap.vlan(f, (0x8100, 10)) if f[26:29] == b'\xc0\xa8\x0a' else f,
        what='with a tag in one direction only')
wrapped('llc-snap', wrap.llc_snap)
wrapped('mpls', wrap.mpls)
wrapped('mpls-ipv6', wrap.mpls, v6=True)
wrapped('mpls-pseudo-wire', wrap.mpls_pseudo_wire)
wrapped('mpls-pseudo-wire-bare', lambda f: wrap.mpls_pseudo_wire(f, control_word=False), what='in an MPLS pseudo-wire without control word')
wrapped('pppoe', wrap.pppoe)
wrapped('pppoe-ipv6', wrap.pppoe, v6=True)
wrapped('ppp', wrap.ppp, link_type=9)
wrapped('linux-cooked', wrap.cooked, link_type=113)
wrapped('linux-cooked-2', wrap.cooked2, link_type=276)
wrapped('raw-ip', wrap.packet, link_type=101)
wrapped('null-loopback', wrap.loopback, link_type=0)
wrapped('gre', wrap.gre)
wrapped('gre-key-sequence', wrap.gre_key_sequence)
wrapped('gre-v1', wrap.gre_v1)
wrapped('nvgre', wrap.nvgre)
wrapped('erspan-1', wrap.erspan1)
wrapped('erspan-2', wrap.erspan2)
wrapped('erspan-3', wrap.erspan3)
wrapped('vxlan', wrap.vxlan)
wrapped('vxlan-reserved-bits', lambda f: wrap.vxlan(f, reserved=0x00ff12), what='in VXLAN whose reserved bits are not zero')
wrapped('vxlan-gpe', wrap.vxlan_gpe)
wrapped('geneve-options', wrap.geneve)
wrapped('gtp-u-extension', wrap.gtp_u)
wrapped('ip-in-ip', wrap.ip_in_ip)
wrapped('6in4', wrap.six_in_four, v6=True)
wrapped('6to4', wrap.six_to_four, v6=True)
wrapped('teredo', wrap.teredo, v6=True)
wrapped('ipv4-in-ipv6', wrap.in_ipv6)
wrapped('ipv6-in-ipv6', wrap.in_ipv6, v6=True)
wrapped('l2tp', wrap.l2tp)
wrapped('tzsp', wrap.tzsp)
wrapped('capwap', wrap.capwap)
wrapped('authentication-header', wrap.authentication_header)
wrapped('fragments', wrap.fragments, what='in IPv4 fragments')
wrapped('fragments-backwards', lambda f: wrap.fragments(f)[::-1], what='in IPv4 fragments, the last one first')
wrapped('fragments-ipv6', wrap.fragments, v6=True, what='in IPv6 fragments')
wrapped('vlan-in-vxlan-in-mpls', lambda f: wrap.mpls(wrap.vxlan(wrap.vlan(f, (0x8100, 10)))), what='three wrappings deep')


@scenario('wrappings', 'esp-null', 'sendbird/calls')
def esp_null(s):
    """The call inside ESP with the NULL cipher: recognised as ESP, so nothing is claimed about what it carries."""
    call(s)
    s.frames = [(t, p.ethernet(p.ip(CLIENT, '203.0.113.254', 50, b'\0\0\x10\0\0\0\0\1' + wrap.packet(f) + b'\1\2\2\4' + bytes(12), ip_id=i + 1)))
                for i, (t, f) in enumerate(s.frames)]
    return [('runs', {}, {'packets': len(s.frames), 'packets_malformed': 0})]


@scenario('wrappings', 'damage-without-a-frame', 'sendbird/calls')
def damage_without_a_frame(s):
    """A call; one fragment whose others never come; and a datagram to VXLAN's port with a damaged packet inside. No
    frame's own result tells either, so they are counted apart."""
    rows = call(s)
    time, frame = s.frames[-1]
    s.frames.append((time + 1, wrap.fragments(p.ethernet(p.udp('203.0.113.20', 40000, CLIENT, 40001, bytes(200))))[1]))
    inside = bytearray(frame)
    inside[14] = 0x41   # an IPv4 header of four octets
    s.frames.append((time + 2, wrap.vxlan(bytes(inside))))
    return [row for row in rows if row[0] == 'requirements'] + [
        ('decode_problems', {'protocol': 'ip fragments'}, {'reason': 'others never came', 'count': 1}),
        ('decode_problems', {'protocol': 'ipv4'}, {'reason': 'bad length', 'count': 1}),
        ('runs', {}, {'packets_malformed': 0}),
    ]


wrapped('geneve-one-direction', lambda f: wrap.geneve(f) if f[26:29] == b'\xc0\xa8\x0a' else f,
        what='in GENEVE one way, as the load balancer of a cloud hands it to a firewall, and plain the other way')
