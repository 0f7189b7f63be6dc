"""Messages of the protocols that calls use: DNS, TLS, STUN, TURN, DTLS, RTP, HTTP, QUIC look-alikes."""
import hashlib
import ipaddress
import struct
import zlib


def random_bytes(seed, count):
    """Reproducible bytes that look random."""
    out = b''
    i = 0
    while len(out) < count:
        out += hashlib.sha256(f'{seed}/{i}'.encode()).digest()
        i += 1
    return out[:count]


# ---- DNS, RFC 1035 ----
TYPES = {'A': 1, 'CNAME': 5, 'SOA': 6, 'AAAA': 28, 'SRV': 33, 'HTTPS': 65}
RCODES = {'NOERROR': 0, 'SERVFAIL': 2, 'NXDOMAIN': 3, 'REFUSED': 5}


def dns_name(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.') if label) + b'\0'


def dns_query(txid, name, qtype='A'):
    return struct.pack('!HHHHHH', txid, 0x0100, 1, 0, 0, 0) + dns_name(name) + struct.pack('!HH', TYPES[qtype], 1)


def dns_record(owner, qtype, ttl, value):
    if qtype == 'CNAME':
        data = dns_name(value)
    elif qtype == 'SOA':
        data = dns_name('ns1.' + value) + dns_name('hostmaster.' + value) + struct.pack('!IIIII', 2026092101, 7200, 900, 1209600, 300)
    else:
        data = ipaddress.ip_address(value).packed
    return dns_name(owner) + struct.pack('!HHIH', TYPES[qtype], 1, ttl, len(data)) + data


def dns_response(txid, name, qtype='A', rcode='NOERROR', answers=(), ede=None, zone=None):
    """answers: (owner, type, ttl, value); ede: an Extended DNS Error code, RFC 8914; zone: the owner of an SOA record in the
    authority section, RFC 2308."""
    extra = b''
    if ede is not None:
        option = struct.pack('!HHH', 15, 2, ede)
        extra = b'\0' + struct.pack('!HHIH', 41, 1232, 0, len(option)) + option
    head = struct.pack('!HHHHHH', txid, 0x8180 | RCODES[rcode], 1, len(answers), 1 if zone else 0, 1 if extra else 0)
    question = dns_name(name) + struct.pack('!HH', TYPES[qtype], 1)
    return head + question + b''.join(dns_record(*a) for a in answers) \
        + (dns_record(zone, 'SOA', 900, zone) if zone else b'') + extra


# ---- TLS, RFC 8446 ----
def vector(size, data):
    return len(data).to_bytes(size, 'big') + data


def extension(kind, data):
    return struct.pack('!H', kind) + vector(2, data)


def encrypted_client_hello(seed):
    """The extension of RFC 9849 as browsers send it in every hello: outer, HKDF-SHA256 and AES-128-GCM, random contents."""
    return extension(0xfe0d, b'\0' + struct.pack('!HHB', 1, 1, 0x2a) + vector(2, random_bytes(seed + 'enc', 32))
                     + vector(2, random_bytes(seed + 'ech', 144)))


def hello_message(name=None, seed='hello', alpn=('h2', 'http/1.1'), pad=0, ech=False, more=b''):
    """A ClientHello of TLS 1.3 and 1.2; pad adds a padding extension (RFC 7685)."""
    extensions = b''
    if name:
        extensions += extension(0, vector(2, b'\0' + vector(2, name.encode())))
    extensions += extension(10, vector(2, struct.pack('!HH', 0x001d, 0x0017)))
    extensions += extension(13, vector(2, struct.pack('!HHH', 0x0403, 0x0804, 0x0401)))
    extensions += extension(16, vector(2, b''.join(vector(1, a.encode()) for a in alpn)))
    extensions += extension(43, vector(1, struct.pack('!HH', 0x0304, 0x0303)))
    extensions += extension(51, vector(2, struct.pack('!H', 0x001d) + vector(2, random_bytes(seed + 'key', 32))))
    if ech:
        extensions += encrypted_client_hello(seed)
    extensions += more
    if pad:
        extensions += extension(21, bytes(pad))
    body = struct.pack('!H', 0x0303) + random_bytes(seed, 32) + vector(1, random_bytes(seed + 'id', 32))
    body += vector(2, struct.pack('!HHHH', 0x1301, 0x1302, 0xc02b, 0xc02f)) + b'\x01\0' + vector(2, extensions)
    return b'\x01' + vector(3, body)


def client_hello(*arguments, **options):
    """A TLS record with a ClientHello (arguments: those of hello_message)."""
    return b'\x16\x03\x01' + vector(2, hello_message(*arguments, **options))


def server_hello(seed='server', version=0x0304):
    extensions = extension(43, struct.pack('!H', 0x0304)) if version == 0x0304 else b''
    extensions += extension(51, struct.pack('!H', 0x001d) + vector(2, random_bytes(seed + 'key', 32))) if version == 0x0304 else b''
    cipher = 0x1301 if version == 0x0304 else 0xc02f
    body = struct.pack('!H', 0x0303) + random_bytes(seed, 32) + vector(1, b'') + struct.pack('!HB', cipher, 0) + vector(2, extensions)
    return b'\x16\x03\x03' + vector(2, b'\x02' + vector(3, body))


def application_data(seed, count=64):
    return b'\x17\x03\x03' + vector(2, random_bytes(seed, count))


def alert(description, level=2):
    return b'\x15\x03\x03' + vector(2, bytes([level, description]))


def der(tag, data):
    size = bytes([len(data)]) if len(data) < 0x80 else (b'\x82' + len(data).to_bytes(2, 'big'))
    return bytes([tag]) + size + data


def certificate_message(names, issuer='Example Box CA'):
    """A TLS 1.2 Certificate message with one self-made certificate (structure of RFC 5280, no real key)."""
    def common_name(text):
        return der(0x30, der(0x31, der(0x30, bytes.fromhex('0603550403') + der(0x0c, text.encode()))))
    algorithm = der(0x30, bytes.fromhex('06082a8648ce3d040302'))
    validity = der(0x30, der(0x17, b'260101000000Z') + der(0x17, b'360101000000Z'))
    key = der(0x30, der(0x30, bytes.fromhex('06072a8648ce3d020106082a8648ce3d030107')) + der(0x03, b'\0\x04' + random_bytes('pub', 64)))
    alternative = der(0x30, b''.join(der(0x82, n.encode()) for n in names))
    extensions = der(0xa3, der(0x30, der(0x30, bytes.fromhex('0603551d11') + der(0x04, alternative))))
    body = der(0x30, der(0xa0, b'\x02\x01\x02') + der(0x02, b'\x01') + algorithm + common_name(issuer) + validity
               + common_name(names[0]) + key + extensions)
    certificate = der(0x30, body + algorithm + der(0x03, b'\0' + random_bytes('sig', 70)))
    return b'\x16\x03\x03' + vector(2, b'\x0b' + vector(3, vector(3, vector(3, certificate))))


# ---- STUN and TURN, RFC 8489, RFC 8656 ----
COOKIE = 0x2112a442
BINDING, ALLOCATE, REFRESH, SEND, DATA, PERMISSION, CHANNEL = 1, 3, 4, 6, 7, 8, 9
REQUEST, INDICATION, SUCCESS, ERROR = 0x000, 0x010, 0x100, 0x110


def attribute(kind, value):
    return struct.pack('!HH', kind, len(value)) + value + bytes(-len(value) % 4)


def xor_address(kind, host, port, txid):
    address = ipaddress.ip_address(host).packed
    key = struct.pack('!I', COOKIE) + txid
    family = 1 if len(address) == 4 else 2
    value = struct.pack('!BBH', 0, family, port ^ (COOKIE >> 16)) + bytes(a ^ k for a, k in zip(address, key))
    return attribute(kind, value)


def stun(method, kind, txid, attributes=b'', fingerprint=True):
    def head(extra):
        return struct.pack('!HHI', (method & 0xf) | ((method & 0x70) << 1) | kind, len(attributes) + extra, COOKIE) + txid
    if not fingerprint:
        return head(0) + attributes
    message = head(8) + attributes
    return message + attribute(0x8028, struct.pack('!I', zlib.crc32(message) ^ 0x5354554e))


def transaction_id(seed):
    return random_bytes(f'txid {seed}', 12)


def ice_check(txid, remote, local, controlling=True):
    """A connectivity check, RFC 8445 7.2.2."""
    attributes = attribute(0x0006, f'{remote}:{local}'.encode()) + attribute(0x0024, struct.pack('!I', 0x6e001eff))
    attributes += attribute(0x802a if controlling else 0x8029, random_bytes('tie' + local, 8))
    attributes += attribute(0x0008, random_bytes(txid, 20))
    return stun(BINDING, REQUEST, txid, attributes)


def stun_error(method, txid, code, realm=None):
    attributes = attribute(0x0009, struct.pack('!HBB', 0, code // 100, code % 100) + b'error')
    if realm:
        attributes += attribute(0x0014, realm.encode()) + attribute(0x0015, b'5f0e1c2d3b4a')
    return stun(method, ERROR, txid, attributes)


def channel_data(channel, data):
    return struct.pack('!HH', channel, len(data)) + data


# ---- media ----
def rtp(ssrc, sequence, timestamp, payload_type=111, size=120, marker=False):
    return struct.pack('!BBHII', 0x80, payload_type | (0x80 if marker else 0), sequence & 0xffff, timestamp & 0xffffffff, ssrc) \
        + random_bytes(f'{ssrc}/{sequence}', size)


def rtcp_receiver_report(ssrc, about):
    return struct.pack('!BBHII', 0x81, 201, 7, ssrc, about) + bytes(20)


def dtls_client_hello(seed='dtls', cookie=b'', sequence=0):
    """cookie: of a HelloVerifyRequest, RFC 6347 4.2.1; the hello that repeats it is the second message."""
    body = struct.pack('!H', 0xfefd) + random_bytes(seed, 32) + b'\0' + vector(1, cookie) + vector(2, struct.pack('!H', 0xc02b)) + b'\x01\0'
    body += vector(2, extension(10, vector(2, struct.pack('!H', 0x001d))) + extension(14, vector(2, struct.pack('!H', 7)) + b'\0'))
    handshake = b'\x01' + len(body).to_bytes(3, 'big') + struct.pack('!H', sequence) + bytes(3) + len(body).to_bytes(3, 'big') + body
    return b'\x16\xfe\xff' + struct.pack('!HIH', 0, 0, sequence) + vector(2, handshake)


def dtls_second_flight(seed='dtls'):
    """ClientKeyExchange, ChangeCipherSpec and an encrypted Finished: what a client says to a server that answered."""
    body = vector(1, b'\x04' + random_bytes(seed + 'kex', 64))
    exchange = b'\x10' + len(body).to_bytes(3, 'big') + struct.pack('!H', 2) + bytes(3) + len(body).to_bytes(3, 'big') + body
    return b'\x16\xfe\xfd' + struct.pack('!HIH', 0, 0, 2) + vector(2, exchange) \
        + b'\x14\xfe\xfd' + struct.pack('!HIH', 0, 0, 3) + vector(2, b'\x01') \
        + b'\x16\xfe\xfd' + struct.pack('!HIH', 1, 0, 0) + vector(2, random_bytes(seed + 'finished', 48))


def dtls_server_hello(seed='dtls-server'):
    body = struct.pack('!H', 0xfefd) + random_bytes(seed, 32) + b'\0' + struct.pack('!HB', 0xc02b, 0) + vector(2, b'')
    handshake = b'\x02' + len(body).to_bytes(3, 'big') + struct.pack('!H', 0) + bytes(3) + len(body).to_bytes(3, 'big') + body
    return b'\x16\xfe\xfd' + struct.pack('!HIH', 0, 0, 0) + vector(2, handshake)


def dtls_record(kind, epoch, sequence, body):
    """A record of DTLS 1.2 (RFC 6347 4.1)."""
    return bytes([kind]) + b'\xfe\xfd' + struct.pack('!HIH', epoch, 0, sequence) + vector(2, body)


def http_connect(name, port=443, fields=''):
    """A question to a proxy, RFC 9110 9.3.6; `fields`: lines besides Host."""
    return f'CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n{fields}\r\n'.encode()


def zoom_audio(number, out, ssrc=0x01000801):
    """A media packet between client and server: outer header, audio header, RTP (the layout that measurements describe)."""
    outer = b'\x05' + number.to_bytes(2, 'big') + bytes(4) + (b'\0' if out else b'\x04')
    return outer + b'\x0f' + bytes(18) + rtp(ssrc, number, number * 640, 112, 90)
