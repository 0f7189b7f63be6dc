"""The server of an isle: a process of its own, so that it can end in the middle of a call.

    python -m laboratory.isle ADDRESS PORT tcp|udp CERTIFICATE

It answers TLS, a protocol of a vendor's own and datagrams, says "ready" once it listens, and knows
nothing of how it will end.
"""

import os
import socket
import ssl
import sys
import threading


def serve_stream(connection, context):
    """Echo with a changed tail; over TLS if the client speaks it, a web page first."""
    try:
        if connection.recv(1, socket.MSG_PEEK) == b"\x16":  # a TLS handshake (RFC 8446 section 5.1)
            connection = context.wrap_socket(connection, server_side=True)
        while data := connection.recv(4096):
            connection.sendall(data[:1] + bytes(b ^ 0x5A for b in data[1:]))
    except OSError:
        pass
    finally:
        connection.close()


def answer(data, source):
    """A datagram back: the same kind of bytes, from a source of its own where RTP names one."""
    return data[:8] + source + data[12:] if len(data) > 12 else data


def main(address, port, transport, certificate):
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, int(port)))
    if transport == "tcp":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        sock.listen(16)
    print("ready", flush=True)
    source = os.urandom(4)
    while True:
        if transport == "tcp":
            connection, _ = sock.accept()
            threading.Thread(target=serve_stream, args=(connection, context), daemon=True).start()
        else:
            data, peer = sock.recvfrom(4096)
            sock.sendto(answer(data, source), peer)


if __name__ == "__main__":
    main(*sys.argv[1:5])
