"""A client and a server in network namespaces on either side of a third one, the firewall."""
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, '../../captures'))
from kit import packets  # noqa: E402

SKIPPED = 77
CLIENT = {4: '192.0.2.2', 6: '2001:db8:1::2'}
INSIDE, OUTSIDE = 'to-c', 'to-s'
INSIDE_NETWORKS = '192.0.2.0/24,2001:db8:1::/64'

# Echoes on every "tcp:PORT" and "udp:PORT" of its arguments, on any address, and answers datagrams from the
# address they were sent to.
ECHO = """
import socket, sys, threading
def tcp(port):
    s = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        peer, _ = s.accept()
        threading.Thread(target=answer, args=(peer,), daemon=True).start()
def answer(peer):
    try:
        peer.sendall(peer.recv(100))
    except OSError:
        pass
    peer.close()
def udp(port):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    s.bind(("::", port))
    while True:
        data, info, _, peer = s.recvmsg(100, 100)
        to = [(level, kind, value[:16] + bytes(4)) for level, kind, value in info]
        try:
            s.sendmsg([data], to, 0, peer)
        except OSError:
            pass
for word in sys.argv[1:]:
    kind, port = word.split(":")
    threading.Thread(target=globals()[kind], args=(int(port),)).start()
print("ready", flush=True)
"""

# Tries every "tcp ADDRESS PORT" of its input at once and prints 1 or 0 for each: the echo came back in time.
PROBE = """
import socket, sys, threading
def attempt(index, kind, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    s.settimeout(float(sys.argv[1]))
    try:
        s.connect((address, int(port)))
        s.send(b"hello")
        results[index] = int(s.recv(100) == b"hello")
    except OSError:
        pass
    s.close()
attempts = [line.split() for line in sys.stdin]
results = [0] * len(attempts)
for begin in range(0, len(attempts), 100):
    threads = [threading.Thread(target=attempt, args=(i, *attempts[i]))
               for i in range(begin, min(begin + 100, len(attempts)))]
    [t.start() for t in threads]
    [t.join() for t in threads]
print(*results)
"""

# Sends each line of its input, a packet in hexadecimal from the IP header on.
THROW = """
import socket, sys
raw = {4: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
       6: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)}
for line in sys.stdin:
    packet = bytes.fromhex(line)
    version = packet[0] >> 4
    to = socket.inet_ntop(socket.AF_INET, packet[16:20]) if version == 4 else socket.inet_ntop(socket.AF_INET6, packet[24:40])
    raw[version].sendto(packet, (to, 0))
"""


def skip(reason):
    print(f'skipped: {reason}')
    sys.exit(SKIPPED)


def run(*words, **options):
    return subprocess.run(words, check=True, text=True, capture_output=True, **options)


class World:
    """Client, firewall and server; gone when the context ends. The server has every address of its networks."""

    def __init__(self, stack):
        self.names = {role: f'turnpike-{os.getpid()}-{role}' for role in ('c', 'f', 's')}
        for name in self.names.values():
            try:
                run('ip', 'netns', 'add', name)
            except subprocess.CalledProcessError as error:
                skip(f'no network namespace can be made: {error.stderr.strip()}')
            stack.callback(subprocess.run, ['ip', 'netns', 'delete', name], check=False)
            run('ip', '-n', name, 'link', 'set', 'lo', 'up')
        self.join('c', '192.0.2.', '2001:db8:1::')
        self.join('s', '198.51.100.', '2001:db8:2::')
        self.inside('f', 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1',
                    'net.ipv4.conf.all.rp_filter=0')
        # Answers leave from the address that was asked, which no interface has.
        self.inside('s', 'sysctl', '-qw', 'net.ipv6.ip_nonlocal_bind=1')
        for block, via in (('203.0.113.0/24', '198.51.100.2'), ('2001:db8:3::/64', '2001:db8:2::2')):
            self.inside('s', 'ip', 'route', 'add', 'local', block, 'dev', 'lo')
            self.inside('f', 'ip', 'route', 'add', block, 'via', via)

    def join(self, role, prefix4, prefix6):
        """A cable from the role to the firewall: .2 and .1."""
        run('ip', '-n', self.names['f'], 'link', 'add', f'to-{role}', 'type', 'veth',
            'peer', 'name', 'eth0', 'netns', self.names[role])
        for namespace, link, last in ((self.names['f'], f'to-{role}', '1'), (self.names[role], 'eth0', '2')):
            run('ip', '-n', namespace, 'address', 'add', f'{prefix4}{last}/24', 'dev', link)
            run('ip', '-n', namespace, 'address', 'add', f'{prefix6}{last}/64', 'dev', link, 'nodad')
            run('ip', '-n', namespace, 'link', 'set', link, 'up')
        run('ip', '-n', self.names[role], 'route', 'add', 'default', 'via', f'{prefix4}1')
        run('ip', '-n', self.names[role], '-6', 'route', 'add', 'default', 'via', f'{prefix6}1')

    def command(self, role, *words):
        return ['ip', 'netns', 'exec', self.names[role], *words]

    def inside(self, role, *words, **options):
        return run(*self.command(role, *words), **options)

    def serve(self, stack, services):
        """Echoes on every (transport, port), at the server."""
        words = sorted({f'{kind}:{port}' for kind, port in services})
        server = subprocess.Popen(self.command('s', sys.executable, '-c', ECHO, *words),
                                  stdout=subprocess.PIPE, text=True)
        stack.callback(server.wait)
        stack.callback(server.kill)
        if server.stdout.readline() != 'ready\n':
            sys.exit('the echo server did not start')

    def probe(self, attempts, patience=1.5):
        """attempts: (transport, address, port) from the client; which of them were answered."""
        lines = ''.join(f'{kind} {address} {port}\n' for kind, address, port in attempts)
        words = self.inside('c', sys.executable, '-c', PROBE, str(patience), input=lines).stdout.split()
        return {attempt for attempt, word in zip(attempts, words, strict=True) if word == '1'}

    def wait_until_open(self, attempts):
        """Neighbors are resolved with nothing dropped, so that a drop is the firewall's doing."""
        deadline = time.monotonic() + 30
        while missing := set(attempts) - self.probe(attempts):
            if time.monotonic() > deadline:
                sys.exit(f'does not pass without a firewall: {sorted(missing)[:5]}')

    def watch(self):
        """Counts what reaches the client."""
        self.inside('c', 'nft', '-f', '-', input='table inet watch {\nchain in {\ntype filter hook prerouting '
                    'priority -300;\nmeta l4proto { tcp, udp } counter\n}\n}\n')

    def arrived(self):
        return int(re.search(r'packets (\d+)', self.inside('c', 'nft', 'list', 'table', 'inet', 'watch').stdout)[1])

    def throw(self, packets_thrown):
        """Sends packets from the server's side; how many of them reached the client."""
        before = self.arrived()
        self.inside('s', sys.executable, '-c', THROW, input=''.join(packet.hex() + '\n' for packet in packets_thrown))
        time.sleep(0.3)
        return self.arrived() - before


def unsolicited(version, sources):
    """Packets that nobody asked for: from every (transport, address, port) that an answer could come from, to
    ports that the client has not sent from (its own lie from 32768 to 60999)."""
    client = CLIENT[version]
    thrown = []
    for kind, address, port in sources:
        if (':' in address) != (version == 6):
            continue
        for to in (22, 443, 1024, 3478, 5060, 20000, 65535):
            if kind == 'udp':
                thrown.append(packets.udp(address, port, client, to, b'unsolicited'))
            else:
                for flags in (packets.SYN, packets.SYN | packets.ACK, packets.ACK, packets.ACK | packets.PSH,
                              packets.RST, packets.FIN | packets.ACK):
                    thrown.append(packets.tcp(address, port, client, to, 1000, 2000, flags, b''))
    return thrown


def drop_everything(world, form):
    """What the administrator has: a firewall that forwards nothing."""
    if form == 'nftables':
        world.inside('f', 'nft', '-f', '-', input='table inet filter {\nchain forward {\n'
                     'type filter hook forward priority filter; policy drop;\n}\n}\n')
        return
    try:
        world.inside('f', form, '-P', 'FORWARD', 'DROP')
    except subprocess.CalledProcessError as error:
        skip(f'this kernel has no {form}: {error.stderr.strip()}')


def load(world, form, rules):
    """Twice: loading it again must change nothing."""
    try:
        for _ in range(2):
            if form == 'nftables':
                world.inside('f', 'nft', '-f', '-', input=rules)
            else:
                world.inside('f', f'{form}-restore', '--noflush', input=rules)
    except subprocess.CalledProcessError as error:
        sys.exit(f'the kernel refuses the exported rules:\n{error.stderr}\n{rules}')


def call(world, form):
    """Lets the administrator's chain call the exported one."""
    if form == 'nftables':
        world.inside('f', 'nft', 'insert', 'rule', 'inet', 'filter', 'forward', 'jump', 'turnpike')
    else:
        world.inside('f', form, '-I', 'FORWARD', '-j', 'TURNPIKE')

