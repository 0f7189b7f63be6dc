"""report --annotate and --anonymize from the outside: what tshark shows, and what octets are left."""

import ipaddress
import json
import shutil
import struct
import subprocess
import unittest

import program
from program import CAPTURES, captures

CALLS = [CAPTURES / "lab" / name for name in (
    "udp-timeout.pcap", "noise.pcap", "dns-nxdomain.pcap", "icmp-prohibited-ipv6.pcap")]


def comments(path):
    """{packet number: comment} as tshark shows them, and the time of each packet."""
    done = subprocess.run(["tshark", "-r", str(path), "-T", "fields", "-e", "frame.number",
                           "-e", "frame.comment"], capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {int(row[0]): row[1] for row in rows if len(row) > 1 and row[1]}, len(rows)


class Annotate(program.ProgramTest):
    def evidence(self):
        found = set()
        for row in self.rows("SELECT evidence FROM flows WHERE evidence IS NOT NULL"):
            found.update(int(number) for number in row["evidence"].split(","))
        return found | {row["packet"] for row in self.rows("SELECT packet FROM dns_evidence")}

    def annotate(self, call, *words):
        self.run_program("analyze", call, "--quiet")
        self.run_program("report", "turnpike.db", "--annotate", call, "--output", "marked.pcapng",
                         *words)
        return self.folder / "marked.pcapng"

    @unittest.skipUnless(shutil.which("tshark"), "tshark is not there")
    def test_exactly_the_evidence_is_commented(self):
        for call in CALLS:
            with self.subTest(call=call.name):
                self.setUp()
                found, packets = comments(self.annotate(call))
                self.assertEqual(set(found), self.evidence())
                self.assertEqual(packets, len(captures.read(call)))

    def test_the_packets_are_those_of_the_capture(self):
        call = CALLS[0]
        content = self.annotate(call).read_bytes()
        for frame in captures.read(call):
            self.assertIn(frame.data, content)
        # The section says what the report says first.
        report = json.loads(self.run_program("report", "turnpike.db", "--format", "json").stdout)
        self.assertRegex(report["headline"][0], "^[A-Z]{4}")
        self.assertIn(report["headline"][0].encode(), content)

    @unittest.skipUnless(shutil.which("tshark"), "tshark is not there")
    def test_a_clock_that_was_set_back_is_the_capture_all_the_same(self):
        content = bytearray(CALLS[0].read_bytes())
        second, = struct.unpack_from("<I", content, 24)  # of the first packet
        struct.pack_into("<I", content, 24, second + 1)
        back = self.folder / "back.pcap"
        back.write_bytes(content)
        self.assertTrue(self.annotate(back).exists())

    def test_evidence_alone_is_less_and_has_the_comments(self):
        call = CAPTURES / "lab/noise.pcap"
        self.run_program("analyze", call, "--quiet")
        self.run_program("report", "turnpike.db", "--annotate", call, "--output", "all.pcapng")
        self.run_program("report", "turnpike.db", "--annotate", call, "--output", "less.pcapng",
                         "--evidence-only")
        whole, packets = comments(self.folder / "all.pcapng")
        less, fewer = comments(self.folder / "less.pcapng")
        self.assertLess(fewer, packets)
        self.assertEqual(sorted(less.values()), sorted(whole.values()))

    def secrets(self, call):
        """Octets and texts that an anonymous output must not hold."""
        texts, octets = set(), set()
        for frame in captures.read(call):
            layer = frame.ip()
            if layer:
                for address in layer[2:4]:
                    if int(ipaddress.ip_address(address)) == 0:
                        continue  # the unspecified address is nobody's
                    texts.add(address)
                    octets.add(ipaddress.ip_address(address).packed)
        names = {row["name"] for row in self.rows(
            "SELECT qname AS name FROM dns_queries UNION SELECT server_name FROM flows "
            "UNION SELECT sni FROM tls_hellos") if row["name"]}
        vendors = {row["pattern"].lstrip("*.") for row in self.rows("SELECT pattern FROM domains")}
        own = {name for name in names
               if not any(name == v or name.endswith("." + v) for v in vendors)}
        return texts, octets, own

    def assert_clean(self, content, secrets):
        texts, octets, names = secrets
        for text in texts | names:
            # Longer numbers may begin or end like an address.
            self.assertNotRegex(content, rb"(?<![0-9a-f.:])" + text.encode().replace(b".", rb"\.")
                                + rb"(?![0-9a-f.:])", text)
        for address in octets:
            self.assertNotIn(address, content)
        for name in names:
            wire = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
            self.assertNotIn(wire, content)

    def test_nothing_of_anybody_is_left(self):
        for call in CALLS:
            with self.subTest(call=call.name):
                self.setUp()
                self.run_program("analyze", call, "--quiet")
                secrets = self.secrets(call)
                self.run_program("report", "turnpike.db", "--annotate", call, "--output",
                                 "clean.pcapng", "--anonymize", "--key", "key")
                content = (self.folder / "clean.pcapng").read_bytes()
                self.assert_clean(content, secrets)
                for form in ("text", "json", "html"):
                    report = self.run_program("report", "turnpike.db", "--anonymize", "--key",
                                              "key", "--format", form).stdout
                    self.assert_clean(report.encode(), (secrets[0], set(), secrets[2]))

    def test_the_same_key_gives_the_same_addresses(self):
        call = CALLS[0]
        self.run_program("analyze", call, "--quiet")
        first, second = (self.run_program("report", "turnpike.db", "--anonymize", "--key", "key",
                                          "--format", "json").stdout for _ in range(2))
        self.assertEqual(first, second)
        self.assertEqual((self.folder / "key").stat().st_mode & 0o777, 0o600)
        other = self.run_program("report", "turnpike.db", "--anonymize", "--format", "json").stdout
        self.assertNotEqual(first, other)

    def test_bad_input(self):
        call = CALLS[0]
        self.run_program("analyze", call, "--quiet")
        annotate = ("report", "turnpike.db", "--annotate")
        self.assertIn("give the same captures", self.refused(
            65, *annotate, CALLS[3], "--output", "x.pcapng"))
        self.assertFalse((self.folder / "x.pcapng").exists())
        self.assertIn("--output", self.refused(64, *annotate, call))
        self.assertIn("not overwritten", self.refused(
            73, *annotate, call, "--output", "turnpike.db"))
        self.assertIn("there is no such run", self.refused(
            64, *annotate, call, "--output", "x.pcapng", "--run", "9"))
        self.refused(66, *annotate, "none.pcap", "--output", "x.pcapng")
        self.refused(65, *annotate, "turnpike.db", "--output", "x.pcapng")
        (self.folder / "short").write_bytes(b"x")
        self.assertIn("holds no key", self.refused(
            65, *annotate, call, "--output", "x.pcapng", "--anonymize", "--key", "short"))
        self.refused(66, "report", "none.db", "--anonymize")
        self.refused(65, "report", call, "--anonymize")


if __name__ == "__main__":
    program.main()
