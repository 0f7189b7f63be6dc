#!/usr/bin/python3
"""The live page: who gets it, what it says while packets flow, and what slow browsers cost."""

import http.client
import json
import os
import re
import socket
import ssl
import stat
import subprocess
import time
from pathlib import Path

import rig
from rig import TURNPIKE, wait_for


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ask(port, path="/", secure=None, **fields):
    """Status, fields and body of an answer."""
    client = (http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=secure) if secure
              else http.client.HTTPConnection("127.0.0.1", port, timeout=10))
    client.request("GET", path, headers={name.replace("_", "-"): value for name, value in fields.items()})
    answer = client.getresponse()
    body = answer.read().decode()
    client.close()
    return answer.status, answer.headers, body


class Events:
    """A browser that listens."""

    def __init__(self, port):
        self.client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.client.request("GET", "/events")
        self.answer = self.client.getresponse()

    def next(self):
        while True:
            line = self.answer.readline().decode()
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))
            if not line:
                raise AssertionError("the stream has ended")

    def until(self, wanted, within=15):
        end = time.monotonic() + within * rig.PATIENCE
        while time.monotonic() < end:
            update = self.next()
            if wanted(update):
                return update
        raise AssertionError("no event tells it")

    def close(self):
        self.client.close()


def flows_of(update):
    return len(update["data"]["flows"].get("id", []))


class Web(rig.LiveCase):
    def page(self, *arguments, **options):
        port = free_port()
        live = self.live("--web", f"127.0.0.1:{port}", *arguments, **options)
        return live, port

    def test_rows_appear_while_packets_flow(self):
        live, port = self.page("--quiet")
        status, fields, body = ask(port)
        self.assertEqual(status, 200)
        self.assertIn("<!DOCTYPE html>", body)
        self.assertIn("connect-src 'self'", body)
        events = Events(port)
        self.addCleanup(events.close)
        self.assertEqual(flows_of(events.next()), 0)
        self.browse(3)
        update = events.until(lambda update: flows_of(update) == self.flows)
        self.assertIn("the call goes on", dict(update["parts"])["trust"].lower())
        self.browse(3)
        events.until(lambda update: flows_of(update) == self.flows)
        self.assertIn(f"{self.flows} flows", ask(port)[2])
        self.assertEqual(live.stop(), 0, live.said())
        self.assertEqual(live.one("SELECT count(*) FROM flows"), self.flows)

    def test_only_to_whom_it_may_concern(self):
        live, port = self.page("--quiet")
        self.assertEqual(ask(port, Host="evil.example")[0], 403)
        self.assertEqual(ask(port, Origin="http://evil.example")[0], 403)
        self.assertEqual(ask(port, "/events", Host="evil.example")[0], 403)
        self.assertEqual(ask(port, "/events", Origin="null")[0], 403)
        self.assertEqual(ask(port, "/nothing")[0], 404)
        self.assertEqual(ask(port)[0], 200)
        self.assertEqual(live.stop(), 0, live.said())

    def test_others_need_a_token(self):
        port = free_port()
        live = self.live("--web", f"0.0.0.0:{port}", "--web-insecure", "--quiet")
        token_file = self.folder / "live.db.web-token"
        token = token_file.read_text().strip()
        self.assertEqual(stat.S_IMODE(token_file.stat().st_mode), 0o600)
        self.assertEqual(live.errors().count(token), 1, live.errors())
        self.assertNotIn(token, live.output())
        self.assertEqual(ask(port)[0], 401)
        self.assertEqual(ask(port, "/events")[0], 401)
        self.assertEqual(ask(port, "/?token=" + "0" * 32)[0], 401)
        status, fields, _ = ask(port, f"/?token={token}")
        self.assertEqual((status, fields["Location"]), (303, "/"))
        cookie = fields["Set-Cookie"].split(";")[0]
        self.assertEqual(ask(port, Cookie=cookie)[0], 200)
        self.assertEqual(ask(port, Authorization=f"Bearer {token}")[0], 200)
        self.assertEqual(live.stop(), 0, live.said())
        again = self.live("--web", f"0.0.0.0:{port}", "--web-insecure", "--quiet")
        wait_for(lambda: again.alive() and listens(port), 15, "turnpike serves the page again")
        self.assertEqual(ask(port, Authorization=f"Bearer {token}")[0], 200)
        self.assertEqual(again.stop(), 0, again.said())
        self.assertNotIn(token, again.said())

    def test_by_tls(self):
        certificate, key = self.folder / "cert.pem", self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", "/CN=turnpike.test", "-addext",
                        "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        live, port = self.page("--web-certificate", certificate, "--web-key", key, "--quiet")
        trusting = ssl.create_default_context(cafile=certificate)
        self.assertEqual(ask(port, secure=trusting)[0], 200)
        self.assertEqual(ask(port, secure=trusting, Origin=f"http://127.0.0.1:{port}")[0], 403)
        self.browse(2)
        wait_for(lambda: live.alive() and f"{self.flows} flows" in ask(port, secure=trusting)[2], 10,
                 "the page shows all flows")
        self.assertEqual(live.stop(), 0, live.said())

    def test_with_metrics_and_rotation(self):
        port, metrics = free_port(), free_port()
        live = self.live("--web", f"127.0.0.1:{port}", "--metrics", f"127.0.0.1:{metrics}",
                         "--rotate", "2s", "--keep", "2", "--quiet")
        events = Events(port)
        self.addCleanup(events.close)
        end = time.monotonic() + 6
        while time.monotonic() < end:
            self.browse(3)
            events.next()
            self.assertEqual(ask(metrics, "/metrics")[0], 200)
        self.assertEqual(live.stop(), 0, live.said())
        databases = list(self.folder.glob("live*.db"))
        self.assertGreater(len(databases), 1)
        for database in databases:
            self.assertEqual(rig.ask(database, "PRAGMA integrity_check"), [("ok",)])

    def test_slow_browsers_cost_nothing_but_their_own_view(self):
        live, port = self.page("--quiet")
        slow = []
        for number in range(100):
            client = socket.create_connection(("127.0.0.1", port))
            self.addCleanup(client.close)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" if number % 2 else b"GET / HT")
            slow.append(client)
        for _ in range(4):
            self.browse(100)
            time.sleep(1)
        self.until_flows(live, self.flows, within=20)
        self.assertEqual(live.one("SELECT packets_dropped FROM runs"), 0)
        status = Path(f"/proc/{live.process.pid}/status").read_text()
        resident = int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1))
        self.assertLess(resident, 400_000)
        self.assertLess(len(os.listdir(f"/proc/{live.process.pid}/fd")), 100)
        wait_for(lambda: live.alive() and ask(port)[0] == 200, 10, "another browser gets the page")
        self.assertEqual(live.stop(), 0, live.said())
        self.assertEqual(live.one("SELECT packets FROM runs"), self.sent)

    WRONG = {
        ("--web", "8080"): (64, "--web 8080"),
        ("--web", "example.com:8080"): (64, "example.com"),
        ("--web", "192.0.2.1:8080"): (64, "--web-insecure"),
        ("--web", "0.0.0.0:8080"): (64, "--web-insecure"),
        ("--web", "192.0.2.1:8080", "--web-insecure"): (73, "192.0.2.1:8080"),
        ("--web-insecure",): (64, "--web"),
        ("--web", "127.0.0.1:0", "--web-key", "x"): (64, "--web-certificate"),
        ("--web", "127.0.0.1:0", "--web-key", "/nowhere/x", "--web-certificate", "/nowhere/y"): (66, "/nowhere/y"),
        ("--web", "127.0.0.1:0", "--web-key", "/etc/passwd", "--web-certificate", "/etc/passwd"): (65, "PEM"),
        ("--web", "127.0.0.1:0", "--web-token-file", "/etc/passwd"): (77, "/etc/passwd"),
    }

    def test_wrong_usage_is_one_line(self):
        for arguments, (status, named) in self.WRONG.items():
            with self.subTest(arguments=" ".join(arguments)):
                done = subprocess.run(
                    [TURNPIKE, "live", "-i", "r0", *arguments, "--output", self.folder / "x.db"],
                    capture_output=True, text=True, timeout=20)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(named, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertFalse((self.folder / "x.db").exists())


if __name__ == "__main__":
    rig.main()
