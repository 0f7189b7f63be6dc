"""A story: what hosts on both sides of a firewall send, and which of it the tap sees.

The tap sits inside, next to the clients, as a mirror port does: what the firewall drops on the way out
is seen, what it drops on the way in is not.
"""
import ipaddress

from . import messages as m
from . import packets as p
from .conversations import Datagrams, Tcp

CLIENT, CLIENT6 = '192.168.10.21', '2001:db8:10::21'
OTHER_CLIENT = '192.168.10.22'
RESOLVER, RESOLVER6 = '192.168.10.53', '2001:db8:10::53'
ROUTER, ROUTER6 = '192.168.10.1', '2001:db8:10::1'
PROXY = '192.168.10.8'
NEXT_ROUTER = b'\2\0\0\0\0\2'
INITIAL = {64, 128, 255}  # the hop counts that systems start with


def is_inside(host):
    return host.startswith(('192.168.10.', '2001:db8:10:'))


def link_address(host):
    """The link address behind which a host is seen: its own, the same for both families, or the router's."""
    address = ipaddress.ip_address(host)
    if address.is_multicast:
        return b'\x33\x33' + address.packed[-4:] if address.version == 6 else b'\x01\0\x5e' + bytes([address.packed[1] & 0x7f]) + address.packed[2:]
    if host in ('255.255.255.255', '192.168.10.255'):
        return b'\xff' * 6
    number = int(host.replace(':', '.').rsplit('.', 1)[1]) if is_inside(host) else 1
    return b'\2\0\0\0\0' + bytes([number])


class Part:
    """What becomes one capture file."""

    def __init__(self, link_type=None):
        self.frames, self.counters, self.link_type = [], [], link_type


class Story:
    """Frames by time. Time moves on by itself a little with every packet, and by wait()."""

    def __init__(self):
        self.part = Part()
        self.finished = []
        self.now = 0.0
        self.port = 49152
        self.ids = {}
        self.distances = {}
        self.link_addresses = {}
        self.txid = 0

    # -- files --
    @property
    def frames(self):
        return self.part.frames

    @frames.setter
    def frames(self, frames):
        self.part.frames = frames

    def next_file(self, link_type=None):
        """What follows goes into another file."""
        self.finished.append(self.part)
        self.part = Part(link_type)

    def counter(self, received, dropped):
        """What the interface's counters read now (this makes a pcapng file)."""
        self.part.counters.append((self.now, received, dropped))

    def parts(self):
        return self.finished + [self.part]

    # -- hosts --
    def far(self, host, hops, initial=64):
        """The host is so many hops away and sends with this initial hop count."""
        assert initial in INITIAL
        self.distances[host] = (hops, initial)

    def ttl(self, host):
        hops, initial = self.distances.get(host, (0 if is_inside(host) else 12, 64))
        return initial - hops

    def behind(self, router, *hosts):
        """These hosts are seen behind the link address of another one, as a router between them and the tap makes it."""
        for host in hosts:
            self.link_addresses[host] = link_address(router)

    def frame(self, packet):
        source, destination = (self.link_addresses.get(a, link_address(a)) for a in p.addresses(packet))
        if source == destination:  # both beyond the router: seen on the link to the next one
            destination = NEXT_ROUTER
        return p.ethernet(packet, source, destination)

    # -- time and raw packets --
    def wait(self, seconds):
        self.now += seconds

    def goes_on(self, seconds=4, client=CLIENT):
        """The capture demonstrably goes on: after so many seconds a name is resolved that nobody cares for."""
        self.wait(seconds)
        self.resolve('late.example.org', '198.51.100.9', client=client)

    def send(self, packet, after=0.012):
        self.frames.append((self.now, self.frame(packet)))
        self.now += after
        return packet

    def only_from(self, *hosts, since=0):
        """Leaves of this part of the story, from that frame on, what these hosts sent."""
        self.frames[since:] = [(t, f) for t, f in self.frames[since:] if p.addresses(f[14:])[0] in hosts]

    def next_port(self):
        self.port += 1
        return self.port

    def ip_id(self, host):
        self.ids[host] = (self.ids.get(host, 1000 + len(self.ids) * 7777) + 1) & 0xffff
        return 0 if p.is_v6(host) else self.ids[host]

    def udp(self, source, sport, destination, dport, payload, ttl=None, after=0.012):
        return self.send(p.udp(source, sport, destination, dport, payload, ip_id=self.ip_id(source), ttl=ttl or self.ttl(source)), after)

    def icmp(self, quoted, kind, code, source=None, mtu=0, ttl=None, hops=0):
        """A device on the path, or `source`, complains about a packet of this story, which came to it after `hops`."""
        v6 = quoted[0] >> 4 == 6
        sender, destination = p.addresses(quoted)
        source = source or (ROUTER6 if v6 else ROUTER)
        quoted = p.with_ttl(quoted, quoted[7 if v6 else 8] - hops)
        return self.send(p.icmp_error(source, sender, kind, code, quoted, mtu=mtu, ip_id=self.ip_id(source), ttl=ttl or self.ttl(source)))

    def refuse(self, quoted, kind, code, ttl=None):
        """The host that a packet went to complains about it; the quoted packet has come all the way."""
        server = p.addresses(quoted)[1]
        return self.icmp(quoted, kind, code, server, ttl=ttl, hops=self.distances.get(server, (12, 64))[0])

    # -- DNS --
    def resolve(self, name, *addresses, client=CLIENT, ttl=300, rcode='NOERROR', ede=None, answer=True, sends=1, cnames=(), zone=None,
                qtype=None):
        """Asks for the A record (AAAA for an IPv6 address); answers unless told not to."""
        qtype = qtype or ('AAAA' if addresses and p.is_v6(addresses[0]) else 'A')
        self.txid += 1
        port = self.next_port()
        resolver = RESOLVER6 if p.is_v6(client) else RESOLVER
        for i in range(sends):
            self.udp(client, port, resolver, 53, m.dns_query(self.txid, name, qtype))
            if i + 1 < sends:
                self.wait(1.0)
        if answer:
            owner = name
            answers = []
            for alias in cnames:
                answers.append((owner, 'CNAME', ttl, alias))
                owner = alias
            answers += [(owner, qtype, ttl, a) for a in addresses]
            self.udp(resolver, 53, client, port, m.dns_response(self.txid, name, qtype, rcode, answers, ede, zone))

    # -- conversations --
    def tcp(self, server, port, client=CLIENT, client_port=None):
        return Tcp(self, client, client_port or self.next_port(), server, port)

    def datagrams(self, server, port, client=CLIENT, client_port=None):
        return Datagrams(self, client, client_port or self.next_port(), server, port)
