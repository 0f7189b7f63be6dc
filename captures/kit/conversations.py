"""What two hosts of a story say to each other: a TCP connection, or the datagrams of one 5-tuple."""
from . import messages as m
from . import packets as p


class Tcp:
    """One TCP connection; every method sends what its name says."""

    def __init__(self, story, client, cport, server, sport, timestamps=True):
        self.s, self.client, self.cport, self.server, self.sport = story, client, cport, server, sport
        self.cseq, self.sseq = 1_000_000 + cport, 5_000_000 + cport
        self.timestamps = timestamps

    def stamp(self, server):
        return (int(self.s.now * 1000) + (900_000 if server else 100_000), 1) if self.timestamps else None

    def out(self, flags, payload=b'', seq=None, after=0.012, **fields):
        return self.s.send(p.tcp(self.client, self.cport, self.server, self.sport, self.cseq if seq is None else seq,
                                 self.sseq if flags & p.ACK else 0, flags, payload, self.stamp(False),
                                 ip_id=self.s.ip_id(self.client), ttl=self.s.ttl(self.client), **fields), after)

    def back(self, flags, payload=b'', seq=None, after=0.012, ttl=None, timestamp=True, ip_id=None, sack=None):
        return self.s.send(p.tcp(self.server, self.sport, self.client, self.cport, self.sseq if seq is None else seq, self.cseq, flags,
                                 payload, self.stamp(True) if timestamp else None, sack=sack, ttl=ttl or self.s.ttl(self.server),
                                 ip_id=self.s.ip_id(self.server) if ip_id is None else ip_id), after)

    def syn(self, times=1, gaps=(1.0, 2.0, 4.0)):
        packet = None
        for i in range(times):
            packet = self.out(p.SYN)
            if i + 1 < times:
                self.s.wait(gaps[i])
        return packet

    def syn_ack(self, **fields):
        self.cseq += 1
        self.back(p.SYN | p.ACK, **fields)
        self.sseq += 1
        return self

    def syn_refused(self, **fields):
        """A reset answers the SYN."""
        self.syn()
        self.cseq += 1
        return self.reset_by_server(**fields)

    def ack(self):
        self.out(p.ACK, after=0.001)
        return self

    def open(self):
        self.syn()
        return self.syn_ack().ack()

    def say(self, payload, segment=1400, acked=True):
        """The client sends payload, in segments; the server acknowledges it."""
        for i in range(0, len(payload), segment):
            part = payload[i:i + segment]
            self.out(p.ACK | p.PSH, part, after=0.0005)
            self.cseq += len(part)
        if acked:
            self.s.wait(0.02)
            self.back(p.ACK)
        return self

    def answer(self, payload, segment=1400):
        for i in range(0, len(payload), segment):
            part = payload[i:i + segment]
            self.back(p.ACK | p.PSH, part, after=0.0005)
            self.sseq += len(part)
        self.s.wait(0.005)
        self.out(p.ACK)
        return self

    def answer_missed(self, payload):
        """The server answers; of that the capture holds the client's acknowledgement alone."""
        mark = len(self.s.frames)
        self.answer(payload)
        del self.s.frames[mark:-1]
        return self

    def unheard(self, payload, times=4):
        """The client sends payload again and again; nothing comes back."""
        gap = 0.3
        packet = None
        for _ in range(times):
            packet = self.out(p.ACK | p.PSH, payload)
            self.s.wait(gap)
            gap *= 2
        return packet

    def first_part_unheard(self, payload, size=1400, times=4, whole=False):
        """The client sends payload in two segments (whole: in one, which its card cuts). The second one arrives, as the server says;
        the first one is sent again and again."""
        begin = self.cseq
        if whole:
            self.out(p.ACK | p.PSH, payload, after=0.0005)
        else:
            self.out(p.ACK, payload[:size], after=0.0005)
            self.out(p.ACK | p.PSH, payload[size:], seq=begin + size)
        self.back(p.ACK, sack=(begin + size, begin + len(payload)))
        gap = 0.3
        for _ in range(times):
            self.out(p.ACK, payload[:size])
            self.s.wait(gap)
            gap *= 2
        return self

    def tls(self, name, seed=None, talk=3):
        """A whole TLS 1.3 session: hello, answer, some data both ways."""
        seed = seed or name or str(self.cport)
        self.say(m.client_hello(name, seed))
        self.answer(m.server_hello(seed) + m.application_data(seed + 'ee', 900))
        for i in range(talk):
            self.say(m.application_data(f'{seed}c{i}'))
            self.answer(m.application_data(f'{seed}s{i}', 200))
        return self

    def records(self, count, size):
        """TLS records both ways at ten a second, as media inside TLS is."""
        for i in range(count):
            up, down = m.application_data(f'up{i}', size), m.application_data(f'down{i}', size)
            self.out(p.ACK | p.PSH, up, after=0.04)
            self.cseq += len(up)
            self.back(p.ACK | p.PSH, down, after=0.06)
            self.sseq += len(down)
        return self

    def reset_by_server(self, **fields):
        return self.back(p.RST | p.ACK, **fields)

    def reset_by_client(self):
        return self.out(p.RST | p.ACK)

    def close(self):
        self.out(p.FIN | p.ACK)
        self.cseq += 1
        self.back(p.FIN | p.ACK)
        self.sseq += 1
        self.out(p.ACK)
        return self


class Datagrams:
    """One UDP 5-tuple."""

    def __init__(self, story, client, cport, server, sport):
        self.s, self.client, self.cport, self.server, self.sport = story, client, cport, server, sport
        self.count = 0

    def out(self, payload, after=0.02):
        return self.s.udp(self.client, self.cport, self.server, self.sport, payload, after=after)

    def back(self, payload, after=0.02):
        return self.s.udp(self.server, self.sport, self.client, self.cport, payload, after=after)

    def txid(self):
        self.count += 1
        return m.transaction_id(f'{self.client}{self.cport}{self.server}{self.sport}{self.count}')

    def binding(self, answered=True, sends=1, gap=0.5):
        txid = self.txid()
        packet = None
        for i in range(sends):
            packet = self.out(m.stun(m.BINDING, m.REQUEST, txid))
            if i + 1 < sends:
                self.s.wait(gap * 2 ** i)
        if answered:
            self.back(m.stun(m.BINDING, m.SUCCESS, txid, m.xor_address(0x0020, '198.51.100.7', self.cport, txid)))
        return packet

    def check(self, remote, local, answered=True, sends=1):
        """An ICE connectivity check of the client."""
        txid = self.txid()
        packet = None
        for i in range(sends):
            packet = self.out(m.ice_check(txid, remote, local))
            if i + 1 < sends:
                self.s.wait(0.5 * 2 ** i)
        if answered:
            self.back(m.stun(m.BINDING, m.SUCCESS, txid, m.xor_address(0x0020, '198.51.100.7', self.cport, txid)))
        return packet

    def checked_by_peer(self, remote, local):
        """The far side's own check, answered by the client."""
        txid = self.txid()
        self.back(m.ice_check(txid, local, remote, controlling=False))
        self.out(m.stun(m.BINDING, m.SUCCESS, txid, m.xor_address(0x0020, self.server, self.sport, txid)))

    def allocate(self, relayed=('203.0.113.200', 55000), realm='turn.example', answered=True, sends=1):
        """The long-term credential dance of RFC 8656 7: challenge, then success."""
        transport = m.attribute(0x0019, b'\x11\0\0\0')
        txid = self.txid()
        packet = None
        for i in range(sends):
            packet = self.out(m.stun(m.ALLOCATE, m.REQUEST, txid, transport))
            if i + 1 < sends:
                self.s.wait(0.5 * 2 ** i)
        if not answered:
            return packet
        self.back(m.stun_error(m.ALLOCATE, txid, 401, realm))
        txid = self.txid()
        credentials = m.attribute(0x0006, b'user') + m.attribute(0x0014, realm.encode()) + m.attribute(0x0015, b'5f0e1c2d3b4a')
        self.out(m.stun(m.ALLOCATE, m.REQUEST, txid, transport + credentials + m.attribute(0x0008, m.random_bytes(txid, 20))))
        self.back(m.stun(m.ALLOCATE, m.SUCCESS, txid, m.xor_address(0x0016, *relayed, txid)
                         + m.xor_address(0x0020, '198.51.100.7', self.cport, txid) + m.attribute(0x000d, b'\0\0\2\x58')))
        return packet

    def bind_channel(self, channel, peer):
        txid = self.txid()
        number = m.attribute(0x000c, channel.to_bytes(2, 'big') + b'\0\0')
        self.out(m.stun(m.CHANNEL, m.REQUEST, txid, number + m.xor_address(0x0012, *peer, txid)))
        self.back(m.stun(m.CHANNEL, m.SUCCESS, txid))

    def media(self, seconds, ssrc=0x1234abcd, both=True, wrap=lambda packet: packet, rate=50, sequence=100, silent='in'):
        """RTP at 50 packets a second, in both directions or (both=False) with one side silent."""
        for i in range(int(seconds * rate)):
            stamp = i * 48000 // rate
            if both or silent == 'in':
                self.out(wrap(m.rtp(ssrc, sequence + i, stamp)), after=0.5 / rate)
            if both or silent == 'out':
                self.back(wrap(m.rtp(ssrc ^ 0xffff, sequence + i, stamp)), after=0.5 / rate)
            if not both:
                self.s.wait(0.5 / rate)
