"""One rehearsal: runs inside the sandbox, writes a result database and what probe said.

    python -m rehearsal.play --ruleset FILE --out FOLDER --turnpike PROGRAM -- PROBE ARGUMENTS
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from laboratory import dns, sandbox
from laboratory.topology import inside

from . import field

FAILED_TO_LOAD = 65


class Names(dns.Server):
    """Answers every name with its address; what `broken` names differently, as it says."""

    def __init__(self, ipv4, ipv6, broken=None):
        super().__init__({}, {})
        self.ipv4, self.ipv6, self.broken = ipv4, ipv6, broken or {}

    def datagram_received(self, message, peer):
        _, name, _, _ = dns.question(message)
        answer = self.broken.get(name.lower()) or dns.Answer(
            v4=field.address_of(name, 4) if self.ipv4 else "",
            v6=field.address_of(name, 6) if self.ipv6 else "")
        if not answer.silent:
            self.transport.sendto(dns.response(message, answer), peer)


def serve_names(ipv4, ipv6, broken=None):
    """Answers DNS on the side link, on a thread that ends with the process."""
    with inside("out"):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((field.SIDE_OUT, 53))
        sock.setblocking(False)

    async def serve():
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Names(ipv4, ipv6, broken), sock=sock)
        await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()


def start_responder(turnpike, folder):
    """`turnpike respond` outside; returns its process once it is ready."""
    key = folder / "key"
    key.touch(mode=0o600)
    key.write_text(os.urandom(32).hex())
    with inside("out"):
        process = subprocess.Popen([turnpike, "respond", "--key-file", str(key)],
                                   stdout=subprocess.PIPE, text=True,
                                   stderr=(folder / "respond.log").open("w"))
    if not process.stdout.readline().startswith("ready"):
        raise RuntimeError((folder / "respond.log").read_text().strip() or "respond did not start")
    return process, key


def probe(turnpike, folder, key, arguments, anywhere=field.ANYWHERE4):
    """`turnpike probe` inside, every destination the responder's; returns its exit status."""
    words = [turnpike, "probe", "--rehearsal", "--responder", anywhere,
             "--channel", field.SIDE_OUT, "--key-file", str(key), "--resolver", field.SIDE_OUT,
             "--output", str(folder / "rehearsal.db"), *arguments]
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with inside("in"), (folder / "probe.out").open("w") as out, \
            (folder / "probe.err").open("w") as err:
        return subprocess.run(words, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=clean,
                              check=False).returncode


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--ruleset", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--turnpike", required=True)
    parser.add_argument("--inside", default="lan0")
    parser.add_argument("--outside", default="wan0")
    parser.add_argument("--client", default=field.CLIENT4)
    parser.add_argument("--ipv6", action="store_true")
    parser.add_argument("probe", nargs="*")
    options = parser.parse_args(arguments)
    sandbox.prepare_mounts()
    ground = field.Field(options.inside, options.outside, options.client, ipv6=options.ipv6)
    ground.build()
    try:
        ground.load(options.ruleset.read_text())
    except ValueError as refused:
        print(refused)
        return FAILED_TO_LOAD
    serve_names(True, options.ipv6)
    responder, key = start_responder(options.turnpike, options.out)
    started = time.monotonic()
    status = probe(options.turnpike, options.out, key, options.probe)
    (options.out / "seconds").write_text(f"{time.monotonic() - started:.1f}\n")
    responder.terminate()
    responder.wait()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
