"""Agora: every product of both documents, with one row let through, one dropped, the rest not tried."""
from kit import messages as m
from kit import scenario

OPEN, SHUT = '203.0.113.70', '203.0.113.71'


def product(selector, tcp_open, shut_transport, shut_port, name='ap5.agora.io', rows=()):
    """One product: TCP port `tcp_open` works, `shut_port` is dropped."""
    def tell(s):
        s.resolve(name, OPEN)
        s.resolve('edge-' + name, SHUT)
        call = s.tcp(OPEN, tcp_open).open().tls(name)
        if shut_transport == 'tcp':
            s.tcp(SHUT, shut_port).syn(times=4)
        else:
            flow = s.datagrams(SHUT, shut_port)
            for i in range(5):
                flow.out(m.random_bytes(f'agora{i}', 80), after=0.7)
        s.wait(4)
        call.close()
        return list(rows)
    tell.__doc__ = f'{selector}: TCP {tcp_open} is open, {shut_transport.upper()} {shut_port} is dropped, nothing else is tried.'
    topic_name = selector.split('/')[1].replace('@', '-')
    scenario('agora', topic_name, selector)(tell)


def rows(open_item, shut_transport, shut_item, shut_rule=None, **shut):
    reason = 'tcp_timeout' if shut_transport == 'tcp' else 'udp_timeout'
    shut_where = {'transport': shut_transport, 'ports': shut_item}
    return [
        ('requirements', {'transport': 'tcp', 'ports': open_item}, {'status': 'observed', 'flows_passed': 1, 'level': 'required'}),
        ('requirements', shut_where, {'status': 'blocked', 'block_reason': reason, 'stage': shut_transport, 'grade': 'B', **shut}),
        ('flows', {'server_ip': SHUT}, {'outcome': 'blocked', 'grade': 'B', 'control_flow_id@': {'server_ip': OPEN}}),
    ]


product('agora/rtc-native@2018-11-06', 9700, 'udp', 4015, rows=rows('9700', 'udp', '4000-4030'))
product('agora/rtc-web@2018-11-06', 443, 'udp', 20000, rows=rows('443', 'udp', '10000-65535'))
product('agora/signaling@2018-11-06', 8100, 'udp', 8188, rows=rows('8001-8199', 'udp', '8180-8199'))
product('agora/recording@2018-11-06', 8000, 'udp', 9700, rows=rows('8000', 'udp', '9700'))
product('agora/gaming@2018-11-06', 1080, 'tcp', 8000, rows=rows('1080', 'tcp', '8000'))
product('agora/rtc-web@2020-09-15', 5900, 'udp', 5910, rows=rows('5866-6000', 'udp', '5866-6000', level='conditional'))
product('agora/rtm-native@2020-09-15', 9130, 'udp', 25000, rows=rows('9130', 'udp', '25000'))
product('agora/rtm-web@2020-09-15', 9591, 'tcp', 6443, name='ap-web-1.agora.io', rows=rows('9591', 'tcp', '6443'))


@scenario('agora', 'recording-downstream', 'agora/recording@2018-11-06')
def recording_downstream(s):
    """The recorder's signalling is live and media comes down to one of its simplex ports, one way."""
    s.resolve('vocs.agora.io', OPEN)
    call = s.tcp(OPEN, 8000).open().tls('vocs.agora.io')
    media = s.datagrams('198.51.100.90', 41234, client_port=40500)
    for i in range(200):
        media.back(m.rtp(0x0badcafe, 100 + i, i * 960), after=0.02)
    call.close()
    return [
        ('requirements', {'transport': 'tcp', 'ports': '8000'}, {'status': 'observed'}),
        ('requirements', {'rule_id': 'downstream'}, {'status': 'observed', 'level': 'conditional'}),
    ]
