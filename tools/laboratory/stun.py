"""STUN and TURN messages as the laboratory's clients send them (RFC 8489, 8445, 8656)."""

import hashlib
import hmac
import os
import socket
import struct
import zlib

COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH, SEND, DATA, CREATE_PERMISSION, CHANNEL_BIND = 1, 3, 4, 6, 7, 8, 9
REQUEST, INDICATION, SUCCESS, ERROR = 0x000, 0x010, 0x100, 0x110
MAPPED_ADDRESS, USERNAME, MESSAGE_INTEGRITY, ERROR_CODE = 0x0001, 0x0006, 0x0008, 0x0009
CHANNEL_NUMBER, LIFETIME, XOR_PEER_ADDRESS, DATA_VALUE = 0x000C, 0x000D, 0x0012, 0x0013
REALM, NONCE, XOR_RELAYED_ADDRESS, REQUESTED_FAMILY = 0x0014, 0x0015, 0x0016, 0x0017
REQUESTED_TRANSPORT, XOR_MAPPED_ADDRESS, PRIORITY, USE_CANDIDATE = 0x0019, 0x0020, 0x0024, 0x0025
SOFTWARE, FINGERPRINT, ICE_CONTROLLING = 0x8022, 0x8028, 0x802A


def transaction():
    return os.urandom(12)


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + b"\0" * (-len(value) % 4)


def xor_address(kind, address, port, identifier):
    """An address attribute hidden from address-rewriting middleboxes (RFC 8489 section 14.2)."""
    family, raw = (1, socket.inet_aton(address)) if ":" not in address else (
        2, socket.inet_pton(socket.AF_INET6, address))
    mask = struct.pack("!I", COOKIE) + identifier
    hidden = bytes(a ^ b for a, b in zip(raw, mask))
    return attribute(kind, struct.pack("!BBH", 0, family, port ^ (COOKIE >> 16)) + hidden)


def message(method, kind, identifier, attributes=b"", key=None, fingerprint=True):
    """A whole message, with MESSAGE-INTEGRITY under `key` and a FINGERPRINT."""
    word = ((method & 0xF80) << 2) | ((method & 0x70) << 1) | (method & 0xF) | kind

    def header(extra):
        return struct.pack("!HHI", word, len(attributes) + extra, COOKIE) + identifier

    if key is not None:
        digest = hmac.new(key, header(24) + attributes, hashlib.sha1).digest()
        attributes += attribute(MESSAGE_INTEGRITY, digest)
    if fingerprint:
        crc = zlib.crc32(header(8) + attributes) ^ 0x5354554E  # RFC 8489 section 14.7
        attributes += attribute(FINGERPRINT, struct.pack("!I", crc))
    return header(0) + attributes


def is_message(data):
    return len(data) >= 20 and data[0] < 4 and struct.unpack_from("!I", data, 4)[0] == COOKIE


def decode(data):
    """(method, class, transaction, {attribute: value}) of a message."""
    word, length = struct.unpack_from("!HH", data)
    method = (word & 0x3E00) >> 2 | (word & 0xE0) >> 1 | (word & 0xF)
    attributes, at = {}, 20
    while at + 4 <= 20 + length:
        kind, size = struct.unpack_from("!HH", data, at)
        attributes.setdefault(kind, data[at + 4:at + 4 + size])
        at += 4 + size + (-size % 4)
    return method, word & 0x110, data[8:20], attributes


def error_code(attributes):
    value = attributes.get(ERROR_CODE)
    return value[2] * 100 + value[3] if value else None


def error_value(code, reason):
    return struct.pack("!HBB", 0, code // 100, code % 100) + reason.encode()


def address_of(value, identifier):
    """(address, port) of an XOR-ed address attribute."""
    family, port = struct.unpack_from("!xBH", value)
    mask = struct.pack("!I", COOKIE) + identifier
    raw = bytes(a ^ b for a, b in zip(value[4:], mask))
    kind = socket.AF_INET if family == 1 else socket.AF_INET6
    return socket.inet_ntop(kind, raw), port ^ (COOKIE >> 16)


def long_term_key(user, realm, password):
    """RFC 8489 section 9.2.2."""
    return hashlib.md5(f"{user}:{realm}:{password}".encode()).digest()


def channel_data(channel, payload, pad=False):
    """A ChannelData message; over TCP it is padded to four bytes (RFC 8656 section 12.5)."""
    data = struct.pack("!HH", channel, len(payload)) + payload
    return data + b"\0" * (-len(data) % 4) if pad else data
