"""QUIC packets of a client (RFC 9000, 9001): Initials whose ClientHello can be read, and what follows them."""
import hashlib
import hmac

from . import messages as m

SALT_V1 = bytes.fromhex('38762cf7f55934b34d179ae6a4c80cadccbb7f0a')


def s_box():
    """The substitution table of AES (FIPS 197 5.1.1), from its definition."""
    table, p, q = [0] * 256, 1, 1
    while True:
        p = p ^ (p << 1 & 0xff) ^ (0x1b if p & 0x80 else 0)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xff
        q ^= 0x09 if q & 0x80 else 0
        rotated = [(q << i | q >> (8 - i)) & 0xff for i in range(5)]
        table[p] = rotated[0] ^ rotated[1] ^ rotated[2] ^ rotated[3] ^ rotated[4] ^ 0x63
        if p == 1:
            break
    table[0] = 0x63
    return table


S = s_box()


def double(octet):
    return (octet << 1 ^ (0x1b if octet & 0x80 else 0)) & 0xff


def aes_block(key, data):
    """AES-128 of one block."""
    words = [list(key[i:i + 4]) for i in range(0, 16, 4)]
    constant = 1
    for i in range(4, 44):
        word = words[i - 1][:]
        if i % 4 == 0:
            word = [S[b] for b in word[1:] + word[:1]]
            word[0] ^= constant
            constant = double(constant)
        words.append([a ^ b for a, b in zip(words[i - 4], word)])
    keys = [sum(words[i:i + 4], []) for i in range(0, 44, 4)]
    state = [a ^ b for a, b in zip(data, keys[0])]
    for turn in range(1, 11):
        state = [S[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if turn < 10:
            mixed = []
            for c in range(0, 16, 4):
                column = state[c:c + 4]
                mixed += [double(column[i]) ^ double(column[(i + 1) % 4]) ^ column[(i + 1) % 4] ^ column[(i + 2) % 4]
                          ^ column[(i + 3) % 4] for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[turn])]
    return bytes(state)


def gcm(key, nonce, plain, associated):
    """AES-128-GCM (NIST SP 800-38D): cipher text and tag."""
    def multiply(x, y):
        z = 0
        for i in range(127, -1, -1):
            if x >> i & 1:
                z ^= y
            y = y >> 1 ^ (0xe1 << 120 if y & 1 else 0)
        return z
    h = int.from_bytes(aes_block(key, bytes(16)), 'big')
    out = b''
    for i in range(0, len(plain), 16):
        stream = aes_block(key, nonce + (i // 16 + 2).to_bytes(4, 'big'))
        out += bytes(a ^ b for a, b in zip(plain[i:i + 16], stream))
    tag = 0
    lengths = (8 * len(associated)).to_bytes(8, 'big') + (8 * len(out)).to_bytes(8, 'big')
    for data in (associated, out, lengths):
        for i in range(0, len(data), 16):
            tag = multiply(tag ^ int.from_bytes(data[i:i + 16].ljust(16, b'\0'), 'big'), h)
    tag ^= int.from_bytes(aes_block(key, nonce + b'\0\0\0\1'), 'big')
    return out + tag.to_bytes(16, 'big')


def expand_label(secret, label, size):
    """HKDF-Expand-Label of TLS 1.3, one block long at most."""
    info = size.to_bytes(2, 'big') + m.vector(1, b'tls13 ' + label) + b'\0'
    return hmac.new(secret, info + b'\1', hashlib.sha256).digest()[:size]


def transport_parameters(source):
    """The extension that every QUIC hello has, with initial_source_connection_id only (RFC 9000 18.2)."""
    return m.extension(57, b'\x0f' + m.vector(1, source))


def initial(name, seed='quic', number=0, ech=False):
    """A client's Initial of version 1, 1200 octets, whose ClientHello names the server."""
    destination, source = m.random_bytes(seed + 'dcid', 8), m.random_bytes(seed + 'scid', 8)
    secret = hmac.new(SALT_V1, destination, hashlib.sha256).digest()
    secret = expand_label(secret, b'client in', 32)
    key, iv, mask_key = expand_label(secret, b'quic key', 16), expand_label(secret, b'quic iv', 12), expand_label(secret, b'quic hp', 16)
    hello = m.hello_message(name, seed, alpn=('h3',), ech=ech, more=transport_parameters(source))
    frames = b'\x06\0' + (0x4000 | len(hello)).to_bytes(2, 'big') + hello
    head = b'\xc0\0\0\0\1' + m.vector(1, destination) + m.vector(1, source) + b'\0'
    room = 1200 - len(head) - 2 - 1 - 16
    head += (0x4000 | (1 + room + 16)).to_bytes(2, 'big') + bytes([number])
    nonce = iv[:-1] + bytes([iv[-1] ^ number])
    cipher = gcm(key, nonce, frames.ljust(room, b'\0'), head)
    mask = aes_block(mask_key, cipher[3:19])
    return bytes([head[0] ^ mask[0] & 0x0f]) + head[1:-1] + bytes([head[-1] ^ mask[1]]) + cipher


def long_packet(kind, seed, version=1, size=1200, from_client=True):
    """A packet with a long header and random contents: kind 0 Initial, 2 Handshake (RFC 9000 17.2)."""
    destination, source = m.random_bytes(seed + 'dcid', 8), m.random_bytes(seed + 'scid', 8)
    ends = m.vector(1, destination) + m.vector(1, source) if from_client else m.vector(1, source) + m.vector(1, destination)
    head = bytes([0xc3 | kind << 4]) + version.to_bytes(4, 'big') + ends + (b'\0' if kind == 0 else b'')
    rest = size - len(head) - 2
    return head + (0x4000 | rest).to_bytes(2, 'big') + m.random_bytes(f'{seed}{kind}{from_client}', rest)


def short_packet(seed, number, size=90):
    """A packet with a short header: it can only follow a handshake."""
    return b'\x45' + m.random_bytes(seed + 'server-cid', 8) + m.random_bytes(f'{seed}/{number}', size)
