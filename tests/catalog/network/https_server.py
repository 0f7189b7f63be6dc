"""A web server on loopback with a certificate of its own, which misbehaves on request."""
import datetime
import gzip
import ipaddress
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_certificate(folder: Path, name: str, host: str) -> Path:
    """A certificate that signs itself, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.utcnow()
    try:
        alternative = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                          serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM))
    return file


class Server:
    """Serves what `pages` says: path -> text, or a function that gets the handler."""

    def __init__(self, certificate: Path):
        self.pages = {}
        self.requests = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.split("?")[0]
                outer.requests.append((self.path, dict(self.headers)))
                page = outer.pages.get(path)
                if page is None:
                    self.answer(b"nothing here", status=404)
                elif callable(page):
                    page(self)
                else:
                    self.answer(page.encode())

            def answer(self, body, status=200, **headers):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # clients that give up are part of the tests

        self.server = Quiet(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def address(self, path: str) -> str:
        return f"https://127.0.0.1:{self.port}{path}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def tagged(text: str, tag: str):
    """A page that answers 304 to who has it already."""

    def page(handler):
        if handler.headers.get("If-None-Match") == tag:
            handler.answer(b"", status=304, ETag=tag)
        else:
            handler.answer(text.encode(), ETag=tag)

    return page


def truncated(text: str):
    """Says more than it sends."""

    def page(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(text) * 2))
        handler.end_headers()
        handler.wfile.write(text.encode())
        handler.close_connection = True

    return page


def endless(handler):
    """Never stops, and says no length."""
    handler.send_response(200)
    handler.end_headers()
    block = b"192.0.2.0/24\n" * 100000
    for _ in range(200):
        handler.wfile.write(block)
    handler.close_connection = True


def bomb(handler):
    """A megabyte or so that unpacks to a gigabyte."""
    body = gzip.compress(b"#" * (64 << 20), 9)
    handler.answer(body, Content_Encoding="gzip")


def slow(handler):
    """Sends its head and then nothing for long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.flush()
    time.sleep(20)


def redirect(target: str):
    return lambda handler: handler.answer(b"", status=302, Location=target)


def silent_port() -> socket.socket:
    """A port that accepts connections and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener
