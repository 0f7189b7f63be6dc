"""The internet of a world: DNS, TLS and plain servers on every TCP port, UDP peers on every port,
coturn, and CONNECT proxies.

One listener stands for all servers: nftables' tproxy hands it every connection to any address and
port of the servers' networks, and the plan says how the server at an address behaves.
"""

import asyncio
import contextlib
import datetime
import ipaddress
import os
import socket
import ssl
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from . import dns, stun, topology
from .media import TICKS
from .topology import inside, nft

IP_TRANSPARENT, IP_RECVORIGDSTADDR = 19, 20
IPV6_TRANSPARENT, IPV6_RECVORIGDSTADDR = 75, 74
CATCH_ALL = 9000
TURN_USER, TURN_PASSWORD, TURN_REALM = "caller", "lab-pass", "relay.example"
PROXY_PORT, PROXY_AUTH_PORT = 8888, 8889
NEIGHBOUR_PORT = 4443  # in no document; on it every server is a good one
WEB_PROXY_PORT = 8080  # where a web server is taken for a proxy


@dataclass
class Plan:
    """How the servers behave; the world fills it before it starts."""

    names: dict = field(default_factory=dict)  # host name -> dns.Answer
    tcp: dict = field(default_factory=dict)  # server address, or (address, port), -> behaviour
    udp: dict = field(default_factory=dict)
    ice_passwords: dict = field(default_factory=dict)  # user fragment of the peer -> password
    certificate_names: set = field(default_factory=set)
    refused_hosts: set = field(default_factory=set)  # by the proxy
    open_ports: set = field(default_factory=set)  # (address, port) of hosts that are else closed


class Certificates:
    """A certification authority for the world, one that nobody trusts, and two kinds of servers."""

    def __init__(self, directory, names):
        self.directory = Path(directory)
        self.good_file = str(self.directory / "good.pem")
        good, stranger = self.authority("Laboratory CA"), self.authority("Interceptor CA")
        self.ca_file = self.write("ca.pem", [good[0]])
        self.good = self.context("good", good, names)
        self.distrusted = self.context("distrusted", stranger, names, tls12=True)
        self.mismatch = self.context("mismatch", good, {"portal.intercept.example"}, tls12=True)

    def authority(self, title):
        key = ec.generate_private_key(ec.SECP256R1())
        return self.sign(title, key, (None, key), True, []), key

    def sign(self, title, key, issuer, is_authority, names):
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, title)])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(subject)
                   .issuer_name(issuer[0].subject if issuer[0] else subject)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=30))
                   .add_extension(x509.BasicConstraints(is_authority, None), critical=True))
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(n) for n in sorted(names)]), False)
        return builder.sign(issuer[1], hashes.SHA256())

    def context(self, title, issuer, names, tls12=False):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.sign(title + " server", key, issuer, False, names)
        chain = self.write(f"{title}.pem", [certificate, issuer[0]], key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        if tls12:  # so that the certificate can be read on the wire
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context

    def write(self, name, certificates, key=None):
        path = self.directory / name
        blocks = [c.public_bytes(serialization.Encoding.PEM) for c in certificates]
        if key:
            blocks.append(key.private_bytes(serialization.Encoding.PEM,
                                            serialization.PrivateFormat.PKCS8,
                                            serialization.NoEncryption()))
        path.write_bytes(b"".join(blocks))
        return str(path)


class Internet:
    """Starts and holds every server of the world."""

    def __init__(self, plan, directory):
        self.plan, self.directory = plan, Path(directory)
        self.certificates = Certificates(directory, plan.certificate_names)
        self.asked = {}
        self.children, self.tasks, self.replies, self.sessions = [], set(), {}, {}

    async def start(self):
        self.steer()
        loop = asyncio.get_running_loop()
        with inside("net"):
            for address in (topology.RESOLVER4, topology.RESOLVER6):
                sock = udp_socket(address, 53)
                await loop.create_datagram_endpoint(
                    lambda: dns.Server(self.plan.names, self.asked), sock=sock)
            listeners = [self.tcp_listener(family) for family in (socket.AF_INET, socket.AF_INET6)]
            listeners += [listener(*place) for place in sorted(self.plan.open_ports)
                          if is_closed(place[0])]
            catchers = [self.udp_catcher(family) for family in (socket.AF_INET, socket.AF_INET6)]
        for sock in listeners:
            self.keep(self.accept(sock))
        for catcher in catchers:
            loop.add_reader(catcher, self.receive, catcher)
        self.start_coturn()
        self.start_proxies()
        await self.wait_for_daemons()

    def keep(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def steer(self):
        """Send all traffic of the servers' networks to the two listeners, TURN's to coturn."""
        with inside("net"):
            for family, servers, skip, plain, tls, turn in (
                    ("ip", "198.51.100.0/24, 203.0.113.0/24", topology.CLOSED4,
                     topology.TURN_PLAIN4, topology.TURN_TLS4, topology.TURN_HOST4),
                    ("ip6", "2001:db8:f000:1::/64, 2001:db8:f001::/48, 2001:db8:f002::/48",
                     topology.CLOSED6, topology.TURN_PLAIN6, topology.TURN_TLS6,
                     f"[{topology.TURN_HOST6}]")):
                nft(f"""table {family} servers {{
  chain catch {{
    type filter hook prerouting priority mangle;
    {family} daddr {{ {skip}, {plain}, {tls} }} return
    {family} daddr {{ {servers} }} meta l4proto {{ tcp, udp }} tproxy to :{CATCH_ALL}
  }}
  chain turn {{
    type nat hook prerouting priority dstnat;
    {family} daddr {plain} tcp dport 1-65535 dnat to {turn}:3478
    {family} daddr {plain} udp dport 1-65535 dnat to {turn}:3478
    {family} daddr {tls} tcp dport 1-65535 dnat to {turn}:5349
  }}
}}""")

    def tcp_listener(self, family):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
        else:
            sock.setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)
        sock.bind(("", CATCH_ALL))
        sock.listen(512)
        sock.setblocking(False)
        return sock

    def udp_catcher(self, family):
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, 1)
        else:
            sock.setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)
            sock.setsockopt(socket.IPPROTO_IP, IP_RECVORIGDSTADDR, 1)
        sock.bind(("", CATCH_ALL))
        sock.setblocking(False)
        return sock

    # TCP

    async def accept(self, listener):
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(listener)
            self.keep(self.serve(connection))

    async def serve(self, connection):
        """One connection: its address says how to behave, its first byte what is spoken."""
        address, port = connection.getsockname()[:2]
        planned = self.plan.tcp.get((address, port), self.plan.tcp.get(address, ""))
        behaviour = "" if port == NEIGHBOUR_PORT else planned
        with connection, contextlib.suppress(OSError, ssl.SSLError, asyncio.TimeoutError,
                                             asyncio.IncompleteReadError):
            first = await peek(connection)
            if behaviour in MISBEHAVIOURS:
                await misbehave(connection, behaviour)
            elif not first:
                pass  # closed without a word
            elif first[:1] == b"C" and behaviour in CONNECT_ANSWERS:
                await answer_connect(connection, behaviour)
            elif first[0] == 0x16:  # a TLS handshake record (RFC 8446 section 5.1)
                await self.serve_tls(connection, behaviour)
            else:
                reader, writer = await streams(connection)
                if first[:1] in b"GPH":
                    await self.serve_http(reader, writer, behaviour)
                else:
                    await self.echo(reader, writer)

    async def serve_tls(self, connection, behaviour):
        context = {"mismatch": self.certificates.mismatch,
                   "distrusted": self.certificates.distrusted}.get(
                       behaviour, self.certificates.good)
        reader, writer = await streams(connection, context)
        await self.serve_http(reader, writer, behaviour)

    async def serve_http(self, reader, writer, behaviour):
        """Answers a request, then whatever follows (as a web socket would)."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        for line in head.split("\r\n"):
            if line.lower().startswith("content-length:"):
                await reader.readexactly(int(line.split(":")[1]))
        status, extra = {
            "http-403": ("403 Forbidden", ""), "http-451": ("451 Unavailable", ""),
            "http-511": ("511 Network Authentication Required", ""),
            "http-redirect": ("302 Found", "Location: http://blocked.gateway.example/why\r\n"),
        }.get(behaviour, ("200 OK", ""))
        body = b"the laboratory answers\n"
        writer.write(f"HTTP/1.1 {status}\r\n{extra}Content-Type: text/plain\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        if behaviour == "late-reset":
            await asyncio.sleep(0.3)
            abort(writer.transport.get_extra_info("socket"))
            writer.transport.abort()
            return
        await self.echo(reader, writer)

    async def echo(self, reader, writer):
        """A protocol of a vendor's own: every message gets an answer."""
        while data := await reader.read(4096):
            writer.write(data[:1] + bytes(b ^ 0x5A for b in data[1:]))
            await writer.drain()
        writer.close()

    # UDP

    def receive(self, catcher):
        for _ in range(64):
            try:
                data, ancillary, _, peer = catcher.recvmsg(4096, 256)
            except BlockingIOError:
                return
            for level, kind, value in ancillary:
                if (level, kind) == (socket.IPPROTO_IP, IP_RECVORIGDSTADDR):
                    port = struct.unpack_from("!H", value, 2)[0]
                    self.answer(data, peer, (socket.inet_ntoa(value[4:8]), port))
                elif (level, kind) == (socket.IPPROTO_IPV6, IPV6_RECVORIGDSTADDR):
                    port = struct.unpack_from("!H", value, 2)[0]
                    self.answer(data, peer, (socket.inet_ntop(socket.AF_INET6, value[8:24]), port))

    def reply_socket(self, local):
        if local not in self.replies:
            with inside("net"):
                self.replies[local] = udp_socket(*local)
        return self.replies[local]

    def answer(self, data, peer, local):
        """Answers one datagram the way the address and the bytes ask for."""
        behaviour = self.plan.udp.get(local[0], "")
        if behaviour == "silent":
            return
        session = self.sessions.setdefault((peer, local), Session())
        sock = self.reply_socket(local)
        for reply in session.replies(data, peer, behaviour, self.plan):
            with contextlib.suppress(OSError):
                sock.sendto(reply, peer)

    def send(self, local, peer, data):
        """A datagram that nobody asked for."""
        self.reply_socket(local).sendto(data, peer)

    # daemons

    def start_coturn(self):
        configuration = self.directory / "turnserver.conf"
        lines = [f"listening-ip={topology.TURN_HOST4}", f"listening-ip={topology.TURN_HOST6}",
                 f"relay-ip={topology.TURN_HOST4}", f"relay-ip={topology.TURN_HOST6}",
                 "listening-port=3478", "tls-listening-port=5349", "min-port=49152",
                 "max-port=65535", "fingerprint", "lt-cred-mech", f"realm={TURN_REALM}",
                 f"user={TURN_USER}:{TURN_PASSWORD}",
                 f"cert={self.directory}/good.pem", f"pkey={self.directory}/good.pem",
                 "no-cli", "no-stdout-log", f"log-file={self.directory}/turn.log", "simple-log",
                 f"pidfile={self.directory}/turn.pid", f"userdb={self.directory}/turndb",
                 "relay-threads=1", "no-multicast-peers"]
        configuration.write_text("\n".join(lines) + "\n")
        with inside("net"):
            self.spawn("turnserver", "-c", str(configuration))

    def start_proxies(self):
        refused = self.directory / "refused-hosts"
        refused.write_text("".join(f"^{host.replace('.', '[.]')}$\n"
                                   for host in sorted(self.plan.refused_hosts)))
        with inside("proxy"):
            for port, extra in ((PROXY_PORT, ""),
                                (PROXY_AUTH_PORT, "BasicAuth staff secret\n")):
                path = self.directory / f"tinyproxy-{port}.conf"
                path.write_text(f"Port {port}\nTimeout 60\nMaxClients 100\n"
                                f'Filter "{refused}"\nLogLevel Error\n'
                                f'LogFile "{self.directory}/tinyproxy-{port}.log"\n'
                                f'User nobody\n' + extra)
                self.spawn("tinyproxy", "-d", "-c", str(path))

    def spawn(self, *command):
        self.children.append(subprocess.Popen(command, stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL,
                                              stdin=subprocess.DEVNULL))

    async def wait_for_daemons(self):
        """Until coturn and the proxies take connections."""
        for namespace, address, port in (
                ("net", topology.TURN_HOST4, 3478), ("net", topology.TURN_HOST6, 5349),
                ("proxy", topology.PROXY4, PROXY_PORT),
                ("proxy", topology.PROXY4, PROXY_AUTH_PORT)):
            await wait_for_listener(namespace, address, port)

    def stop(self):
        for child in self.children:
            child.kill()
            child.wait()


class Session:
    """One UDP conversation as a peer keeps it: STUN, DTLS, RTP or a vendor's own bytes."""

    def __init__(self):
        self.ssrc, self.sequence = os.urandom(4), int.from_bytes(os.urandom(2), "big")
        self.timestamp, self.asked_back, self.sent, self.octets = 0, False, 0, 0

    def replies(self, data, peer, behaviour, plan):
        if stun.is_message(data):
            return self.stun_replies(data, peer, behaviour, plan)
        if 20 <= data[0] <= 63 and len(data) >= 13:
            return dtls_replies(data)
        if data[0] & 0xC0 == 0x80 and len(data) >= 12:
            return self.media_replies(data)
        return [data[:2] + os.urandom(max(len(data) - 2, 6))]

    def stun_replies(self, data, peer, behaviour, plan):
        method, kind, identifier, attributes = stun.decode(data)
        if kind != stun.REQUEST:
            return []
        if behaviour.startswith("turn-error-") and method == stun.ALLOCATE:
            return [self.turn_error(identifier, attributes, int(behaviour[11:]))]
        mapped = stun.xor_address(stun.XOR_MAPPED_ADDRESS, peer[0], peer[1], identifier)
        user = attributes.get(stun.USERNAME, b"").decode()
        own, _, other = user.partition(":")
        password = plan.ice_passwords.get(own)
        if not user:
            return [stun.message(stun.BINDING, stun.SUCCESS, identifier, mapped)]
        if password is None:
            return []
        answers = [stun.message(stun.BINDING, stun.SUCCESS, identifier, mapped,
                                key=password.encode())]
        if not self.asked_back:  # a triggered check (RFC 8445 section 7.3.1.4)
            self.asked_back = True
            attributes = (stun.attribute(stun.USERNAME, f"{other}:{own}".encode())
                          + stun.attribute(stun.PRIORITY, struct.pack("!I", 1845501695))
                          + stun.attribute(0x8029, os.urandom(8)))  # ICE-CONTROLLED
            answers.append(stun.message(stun.BINDING, stun.REQUEST, stun.transaction(), attributes,
                                        key=plan.ice_passwords.get(other, "").encode()))
        return answers

    def turn_error(self, identifier, attributes, code):
        if stun.USERNAME not in attributes:
            body = (stun.attribute(stun.ERROR_CODE, stun.error_value(401, "Unauthorized"))
                    + stun.attribute(stun.REALM, TURN_REALM.encode())
                    + stun.attribute(stun.NONCE, b"0123456789abcdef"))
        else:
            body = stun.attribute(stun.ERROR_CODE, stun.error_value(code, "Refused by the server"))
        return stun.message(stun.ALLOCATE, stun.ERROR, identifier, body)

    def media_replies(self, data):
        if 192 <= data[1] <= 223:  # RTCP: answer with a receiver report (RFC 3550 section 6.4.2)
            report = data[4:8] + struct.pack("!IIIII", 0, struct.unpack_from("!H", data, 2)[0],
                                             0, 0, 0)
            return [struct.pack("!BBH", 0x81, 201, 7) + self.ssrc + report]
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + TICKS) & 0xFFFFFFFF
        header = data[:2] + struct.pack("!HI", self.sequence, self.timestamp) + self.ssrc
        return [header + os.urandom(len(data) - 12)]


def dtls_record(kind, epoch, number, body):
    return struct.pack("!BHHHIH", kind, 0xFEFD, epoch, 0, number, len(body)) + body


def dtls_handshake(kind, number, body):
    size = len(body).to_bytes(3, "big")
    return bytes([kind]) + size + struct.pack("!H", number) + b"\0\0\0" + size + body


def dtls_replies(data):
    """The server's side of a DTLS 1.2 handshake (RFC 6347), as far as it can be seen."""
    if data[0] == 22 and data[13] == 1:
        # A ClientHello without a cookie is asked to come again (HelloVerifyRequest).
        session_length = data[13 + 12 + 34]
        cookie_length = data[13 + 12 + 35 + session_length]
        if not cookie_length:
            body = b"\xfe\xff" + b"\x10" + b"lab-dtls-cookie!"
            return [dtls_record(22, 0, 0, dtls_handshake(3, 0, body))]
        hello = b"\xfe\xfd" + os.urandom(32) + b"\0" + b"\xc0\x2b" + b"\0" + b"\0\0"
        return [dtls_record(22, 0, 1, dtls_handshake(2, 1, hello)),
                dtls_record(22, 0, 2, dtls_handshake(14, 2, b""))]
    if data[0] == 20:
        return [dtls_record(20, 0, 3, b"\x01") + dtls_record(22, 1, 0, os.urandom(40))]
    if data[0] == 23:
        return [dtls_record(23, 1, 1, os.urandom(max(len(data) - 13, 32)))]
    return []


async def wait_for_listener(namespace, address, port):
    """Until something takes TCP connections at an address, seen from its own host."""
    for _ in range(300):
        with inside(namespace):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            probe = socket.socket(family, socket.SOCK_STREAM)
        with probe:
            probe.settimeout(0.2)
            if probe.connect_ex((address, port)) == 0:
                return
        await asyncio.sleep(0.05)
    raise RuntimeError(f"nothing listens on {address} port {port}")


def is_closed(address):
    """Whether a server's address is of a host on which nothing listens by itself."""
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(network)
               for network in (topology.CLOSED4, topology.CLOSED6))


def listener(address, port):
    """A TCP listener of the namespace the caller is in."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    sock.listen(16)
    sock.setblocking(False)
    return sock


def udp_socket(address, port):
    """A bound UDP socket of the namespace the caller is in."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    sock.setblocking(False)
    return sock


MISBEHAVIOURS = ("silent", "reset-first", "close-first", "alert-40", "alert-49", "alert-70",
                 "alert-112", "plain-400", "plain-403")
#: What a web server says to a CONNECT, and a proxy that does not take the method.
CONNECT_ANSWERS = {
    "connect-400": b"HTTP/1.1 400 Bad Request\r\nServer: web\r\nContent-Length: 0\r\n"
                   b"Connection: close\r\n\r\n",
    "connect-405": b"HTTP/1.1 405 Method Not Allowed\r\nVia: 1.1 gateway\r\n"
                   b"Content-Length: 0\r\nConnection: close\r\n\r\n"}
PLAIN_ANSWERS = {
    "plain-400": b"HTTP/1.1 400 Bad Request\r\nServer: web\r\nContent-Type: text/plain\r\n\r\n"
                 b"This port does not speak TLS.\n",
    "plain-403": b"HTTP/1.1 403 Forbidden\r\nServer: gateway\r\nContent-Type: text/plain\r\n\r\n"
                 b"Blocked by policy.\n"}


async def misbehave(connection, behaviour):
    """Take the first payload; then say nothing, reset, close, send an alert or plain text."""
    loop = asyncio.get_running_loop()
    await loop.sock_recv(connection, 65536)
    if behaviour == "silent":
        while await loop.sock_recv(connection, 65536):
            pass
    elif behaviour == "reset-first":
        abort(connection)
    elif behaviour == "close-first":
        await asyncio.sleep(0.2)  # until all of the client's is acknowledged
    elif behaviour in PLAIN_ANSWERS:
        await loop.sock_sendall(connection, PLAIN_ANSWERS[behaviour])
    else:
        await loop.sock_sendall(connection, fatal_alert(int(behaviour.removeprefix("alert-"))))


def fatal_alert(description):
    """The TLS record of a fatal alert (RFC 8446 section 6)."""
    return b"\x15\x03\x03\x00\x02\x02" + bytes([description])


async def answer_connect(connection, behaviour):
    loop = asyncio.get_running_loop()
    await loop.sock_recv(connection, 65536)
    await loop.sock_sendall(connection, CONNECT_ANSWERS[behaviour])


async def readable(sock):
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_reader(sock, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(sock)


async def peek(sock):
    await readable(sock)
    return sock.recv(8, socket.MSG_PEEK)


async def streams(sock, context=None, **options):
    """asyncio streams over an accepted socket, with TLS when a context is given."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, sock, ssl=context,
                                                      **options)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


def abort(sock):
    """Close with a reset instead of a FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(sock, socket.socket):  # not asyncio's view of a socket it closes itself
        sock.close()


