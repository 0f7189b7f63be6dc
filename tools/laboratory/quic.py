"""A QUIC version 1 client's Initial packet with a readable ClientHello (RFC 9000, 9001)."""

import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")  # RFC 9001 section 5.2
VERSION = 1


def expand_label(secret, label, length):
    """HKDF-Expand-Label with an empty context (RFC 8446 section 7.1)."""
    name = b"tls13 " + label
    info = struct.pack("!HB", length, len(name)) + name + b"\0"
    return hmac.new(secret, info + b"\x01", hashlib.sha256).digest()[:length]


def initial(name, destination, source, number):
    """An Initial of 1200 octets whose CRYPTO frame holds a ClientHello for `name`."""
    secret = hmac.new(SALT, destination, hashlib.sha256).digest()
    secret = expand_label(secret, b"client in", 32)
    key, iv = expand_label(secret, b"quic key", 16), expand_label(secret, b"quic iv", 12)
    mask_key = expand_label(secret, b"quic hp", 16)
    hello = client_hello(name, source)
    frames = b"\x06" + varint(0) + varint(len(hello)) + hello
    head = (b"\xc3" + struct.pack("!I", VERSION) + bytes([len(destination)]) + destination
            + bytes([len(source)]) + source + b"\0")
    packet_number = struct.pack("!I", number)
    plain = frames.ljust(1200 - len(head) - 2 - 4 - 16, b"\0")
    head += struct.pack("!H", 0x4000 | (len(plain) + 4 + 16)) + packet_number
    nonce = bytes(a ^ b for a, b in zip(iv, packet_number.rjust(12, b"\0")))
    body = AESGCM(key).encrypt(nonce, plain, head)
    encryptor = Cipher(algorithms.AES(mask_key), modes.ECB()).encryptor()
    mask = encryptor.update(body[:16])
    hidden = bytes([head[0] ^ (mask[0] & 0x0F)]) + head[1:-4] + bytes(
        a ^ b for a, b in zip(head[-4:], mask[1:5]))
    return hidden + body


def varint(value):
    return struct.pack("!H", 0x4000 | value) if value >= 64 else bytes([value])


def client_hello(name, source):
    host = name.encode()
    parameters = (b"\x0f" + bytes([len(source)]) + source  # initial_source_connection_id
                  + b"\x01\x02" + struct.pack("!H", 0x4000 | 3000))
    extensions = (
        (0, struct.pack("!HBH", len(host) + 3, 0, len(host)) + host),
        (16, b"\x00\x03\x02h3"), (43, b"\x02\x03\x04"), (10, b"\x00\x02\x00\x1d"),
        (13, b"\x00\x04\x04\x03\x08\x04"), (51, b"\x00\x24\x00\x1d\x00\x20" + os.urandom(32)),
        (57, parameters))
    block = b"".join(struct.pack("!HH", kind, len(value)) + value for kind, value in extensions)
    body = (b"\x03\x03" + os.urandom(32) + b"\0" + b"\x00\x04\x13\x01\x13\x03" + b"\x01\0"
            + struct.pack("!H", len(block)) + block)
    return b"\x01" + len(body).to_bytes(3, "big") + body
