#!/usr/bin/env python3
"""`turnpike catalog update` with releases that tools/catalog-release makes, and with forged ones."""
import argparse
import base64
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

try:
    import https_server as web
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

ROOT = Path(__file__).resolve().parents[3]
TOOL = ROOT / "tools/catalog-release"
ENTRY = """vendor: example
name: Example
products:
  - product: calls
    name: Calls
    revisions:
      - revision: 2026-11-20
        date: 2026-11-20
        source: {title: a page, location: https://example.com/, kind: vendor, read_on: 2026-11-20}
        rules:
          - {id: media, purpose: media, ports: {udp: [3478]}, names: "*.example.com"}
"""
turnpike = ""


class Update(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="turnpike-update-")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.installed = self.folder / "data/turnpike/catalog"
        self.catalog = self.folder / "catalog"
        self.catalog.mkdir()
        self.release("2199-01-01")
        (self.catalog / "example.yaml").write_text(ENTRY)
        self.secret, self.public = self.key("ours")
        self.archive = self.folder / "release.tar.gz"

    def key(self, name):
        secret, public = self.folder / f"{name}.pem", self.folder / f"{name}.pub"
        subprocess.run([sys.executable, TOOL, "key", secret, public], check=True)
        return secret, public

    def release(self, release, form=1):
        (self.catalog / "RELEASE").write_text(f"format: {form}\nrelease: {release}\n")

    def make(self):
        subprocess.run([sys.executable, TOOL, "make", self.secret, self.archive, "--catalog", self.catalog],
                       check=True, capture_output=True)

    def sign(self, content):
        """Any octets as a release that is signed in order."""
        self.archive.write_bytes(content)
        loader = ("import importlib.machinery, sys; from pathlib import Path;"
                  "tool = importlib.machinery.SourceFileLoader('tool', sys.argv[1]).load_module();"
                  "key = tool.serialization.load_pem_private_key(Path(sys.argv[2]).read_bytes(), None);"
                  "file = Path(sys.argv[3]);"
                  "Path(str(file) + '.minisig').write_text(tool.signature(key, file.read_bytes(), 'x'))")
        subprocess.run([sys.executable, "-W", "ignore", "-c", loader, TOOL, self.secret, self.archive], check=True,
                       env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})

    def tar(self, *entries):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, text, kind in entries:
                entry = tarfile.TarInfo(name)
                entry.type = kind
                entry.linkname = "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
                entry.size = len(text) if kind == tarfile.REGTYPE else 0
                tar.addfile(entry, io.BytesIO(text.encode()))
        return packed.getvalue()

    def turnpike(self, *words, status=0):
        environment = {"XDG_CONFIG_HOME": str(self.folder / "config"), "XDG_DATA_HOME": str(self.folder / "data"),
                       "HOME": str(self.folder), "PATH": os.environ["PATH"], "no_proxy": "*"}
        run = subprocess.run([turnpike, "catalog", *map(str, words)], env=environment, capture_output=True,
                             text=True, timeout=60)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        self.error = run.stderr
        return run.stdout

    def update(self, *words, **options):
        return self.turnpike("update", "--from", self.archive, *words, **options)

    def refused(self, *parts, status=65, words=None):
        """With one line, and nothing is installed."""
        before = self.contents()
        self.update(*(words if words is not None else ("--key", self.public)), status=status)
        self.assertEqual(self.error.count("\n"), 1, self.error)
        for part in parts:
            self.assertIn(part, self.error)
        self.assertEqual(self.contents(), before)
        parent = self.installed.parent
        self.assertIn(sorted(parent.iterdir()) if parent.exists() else [], ([], [self.installed]))

    def contents(self):
        return {file.name: file.read_bytes() for file in self.installed.glob("*")}

    def test_a_release_takes_the_place_of_the_built_in_catalog(self):
        self.assertIn("whereby", self.turnpike("list"))
        self.make()
        self.assertIn("2199-01-01 (turnpike catalog 2199-01-01) is installed: 1 revision, 1 new",
                      self.update("--key", self.public))
        shown = self.turnpike("list")
        self.assertIn("example/calls@2026-11-20", shown)
        self.assertNotIn("whereby", shown)
        shutil.rmtree(self.installed)
        self.assertIn("whereby", self.turnpike("list"))

    def test_the_key_may_be_text_or_installed(self):
        self.make()
        self.update("--key", self.public.read_text().splitlines()[1])
        self.release("2199-01-02")
        self.make()
        (self.folder / "config/turnpike").mkdir(parents=True)
        shutil.copy(self.public, self.folder / "config/turnpike/catalog.pub")
        self.update()

    def test_nobody_is_trusted_without_a_key(self):
        self.make()
        self.refused("no public key to trust", status=64, words=())

    def test_another_release_follows_and_nothing_of_the_first_stays(self):
        self.make()
        self.update("--key", self.public)
        (self.catalog / "example.yaml").rename(self.catalog / "other.yaml")
        self.release("2199-01-01.2")
        self.make()
        self.assertIn("0 new, 0 changed, 0 gone", self.update("--key", self.public))
        self.assertEqual(sorted(self.contents()), ["RELEASE", "other.yaml"])

    def test_older_and_equal_releases(self):
        self.make()
        self.update("--key", self.public)
        self.refused("is not newer than 2199-01-01")
        self.release("2198-12-31.9")
        self.make()
        self.refused("2198-12-31.9 is not newer than 2199-01-01")

    def test_older_than_the_built_in_catalog(self):
        self.release("2020-01-01")
        self.make()
        self.refused("is not newer than")

    def test_a_newer_format(self):
        self.release("2199-01-01", form=2)
        self.make()
        self.refused("format 2", "update turnpike")

    def test_a_changed_archive(self):
        self.make()
        content = bytearray(self.archive.read_bytes())
        content[len(content) // 2] ^= 1
        self.archive.write_bytes(content)
        self.refused("the signature does not hold")

    def test_another_key(self):
        self.make()
        _, other = self.key("theirs")
        self.refused("signed with another key", words=("--key", other))

    def test_a_forged_key_number(self):
        """The same eight octets of name do not make the same key."""
        self.make()
        ours = base64.b64decode(self.public.read_text().splitlines()[1])
        theirs = base64.b64decode(self.key("theirs")[1].read_text().splitlines()[1])
        forged = base64.b64encode(ours[:10] + theirs[10:]).decode()
        self.refused("the signature does not hold", words=("--key", forged))

    def test_a_changed_comment(self):
        self.make()
        signature = Path(f"{self.archive}.minisig")
        signature.write_text(signature.read_text().replace("catalog 2199", "catalog 3199"))
        self.refused("comment was changed")

    def test_broken_signatures(self):
        self.make()
        signature = Path(f"{self.archive}.minisig")
        good = signature.read_text()
        lines = good.splitlines()
        for bad in ("", "\n\n\n\n", "hello", good[:100], "\n".join(lines[:2]), "\n".join([lines[0], "AAAA", *lines[2:]]),
                    good.replace(lines[1], "!" * len(lines[1])), good.replace(lines[3], lines[3][:-4])):
            signature.write_text(bad)
            self.refused("not of minisign's form")
        signature.unlink()
        self.refused("cannot be opened", status=66)

    def test_a_key_that_is_none(self):
        self.make()
        self.refused("a public key is not of minisign's form", words=("--key", "hello"))

    def test_what_does_not_belong_into_a_catalog(self):
        note = ("RELEASE", "format: 1\nrelease: 2199-01-01\n", tarfile.REGTYPE)
        for name, kind in (("../evil.yaml", tarfile.REGTYPE), ("/etc/evil.yaml", tarfile.REGTYPE),
                           ("folder/x.yaml", tarfile.REGTYPE), ("run.sh", tarfile.REGTYPE), (".yaml", tarfile.REGTYPE),
                           ("link.yaml", tarfile.SYMTYPE), ("hard.yaml", tarfile.LNKTYPE), ("x.yaml", tarfile.DIRTYPE),
                           ("x.yaml", tarfile.FIFOTYPE)):
            self.sign(self.tar(note, (name, ENTRY, kind)))
            self.refused("does not belong into a catalog")
        self.sign(self.tar(note, note))
        self.refused("stands there twice")

    def test_archives_that_are_none(self):
        self.sign(b"hello")
        self.refused("archive")
        self.sign(self.tar(("example.yaml", ENTRY, tarfile.REGTYPE)))
        self.refused("holds no RELEASE")
        self.sign(self.tar(("RELEASE", "release: soon\n", tarfile.REGTYPE)))
        self.refused("holds no RELEASE")

    def test_a_bomb(self):
        import gzip
        self.sign(gzip.compress(self.tar(("big.yaml", "#" * (40 << 20), tarfile.REGTYPE))))
        self.refused("unpacks to more than")

    def test_a_signed_mistake(self):
        (self.catalog / "example.yaml").write_text(ENTRY.replace("udp", "ucp"))
        self.make()
        self.refused("ucp")
        (self.catalog / "example.yaml").write_text(ENTRY.replace("*.example.com", "*.com"))
        self.make()
        self.refused("*.com", "nothing is installed")

    def test_a_release_that_was_damaged_later_gives_way_to_the_built_in(self):
        self.make()
        self.update("--key", self.public)
        (self.installed / "example.yaml").write_text("vendor: [")
        self.assertIn("whereby", self.turnpike("list"))
        self.assertIn("the built-in catalog is used instead", self.error)

    def test_a_release_of_a_newer_format_gives_way_to_the_built_in(self):
        """After turnpike was put back to an older version."""
        self.make()
        self.update("--key", self.public)
        (self.installed / "RELEASE").write_text("format: 99\nrelease: 2199-01-01\n")
        self.assertIn("whereby", self.turnpike("list"))

    def test_over_https(self):
        certificate = web.make_certificate(self.folder, "good", "127.0.0.1")
        server = web.Server(certificate)
        self.addCleanup(server.close)
        self.make()
        server.pages["/release"] = lambda handler: handler.answer(self.archive.read_bytes())
        words = ("update", "--from", server.address("/release"), "--key", self.public, "--ca-file", certificate)
        self.turnpike(*words, status=66)
        self.assertIn("answers 404", self.error)
        server.pages["/release.minisig"] = Path(f"{self.archive}.minisig").read_text()
        self.assertIn("is installed", self.turnpike(*words))

    @unittest.skipUnless(shutil.which("minisign"), "minisign is not installed")
    def test_minisign_agrees(self):
        self.make()
        subprocess.run(["minisign", "-V", "-q", "-p", self.public, "-m", self.archive], check=True)
        subprocess.run(["minisign", "-G", "-W", "-p", self.folder / "m.pub", "-s", self.folder / "m.key"],
                       check=True, capture_output=True)
        for algorithm in ((), ("-l",)):
            self.release("2199-02-01" if algorithm else "2199-01-01")
            self.make()
            Path(f"{self.archive}.minisig").unlink()
            subprocess.run(["minisign", "-S", *algorithm, "-s", self.folder / "m.key", "-m", self.archive],
                           check=True, capture_output=True)
            self.assertIn("is installed", self.update("--key", self.folder / "m.pub"))

    def test_usage(self):
        self.turnpike("update", status=64)
        self.assertIn("--from", self.error)
        self.turnpike("update", "--from", "http://example.com/x", "--key", self.public, status=66)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--turnpike", required=True)
    options, rest = parser.parse_known_args()
    turnpike = options.turnpike
    unittest.main(argv=[sys.argv[0], *rest])
