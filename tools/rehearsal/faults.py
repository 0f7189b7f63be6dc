"""What goes wrong around `turnpike probe`: runs one case inside the sandbox and leaves the result
database, the output and figures in the folder.

    python -m rehearsal.faults --case CASE --out FOLDER --turnpike PROGRAM [--preload LIBRARY]

portal        the firewall leads web connections to a login page of its own
liar          the resolver names the firewall's own address for everything
flood         what is tried answers with a stream of datagrams and octets that does not end
near          the responder is a host on the probe's own link
clock         the probe's clock is an hour ahead (the library shifts it)
interrupted   the probe is told to end half way
twins         two probes with one responder at the same time
sessions      the firewall forgets an idle UDP session after 7 s
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from laboratory import dns, sandbox, services, topology
from laboratory.topology import inside, nft

from . import field, play

PORTAL = """table ip portal {
  chain pre {
    type nat hook prerouting priority dstnat;
    iifname "lan0" tcp dport { 80, 443 } redirect
  }
}
"""
SESSIONS = """table inet filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established accept
    iifname "lan0" accept
  }
}
"""
SESSION_SECONDS = 7
REDIRECT = (b"HTTP/1.1 302 Found\r\nLocation: http://login.portal.example/\r\n"
            b"Content-Length: 0\r\nConnection: close\r\n\r\n")
GATE = field.first_of(field.CLIENT4).split("/")[0]
FLOOD_SECONDS = 20
IP_PKTINFO = 8  # linux/in.h, which the socket module does not have
RUN = Path("/run/laboratory")


def serve_in_threads(namespace, address, port, converse):
    """Take connections and let `converse` have each, on threads that end with the process."""
    with inside(namespace):
        listener = socket.create_server((address, port))

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=converse, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def start_portal():
    """A login page on the firewall, with a certificate of its own name."""
    context = services.Certificates(RUN, {"login.portal.example"}).mismatch

    def redirect(connection):
        with connection:
            connection.recv(4096)
            connection.sendall(REDIRECT)

    def redirect_inside_tls(connection):
        try:
            redirect(context.wrap_socket(connection, server_side=True))
        except OSError:
            connection.close()

    serve_in_threads("fw", "", 80, redirect)
    serve_in_threads("fw", "", 443, redirect_inside_tls)


def start_flooder():
    """Outside: whatever is asked on TCP 443 and UDP 5349 is answered without end."""
    def pour(connection):
        try:
            until = time.monotonic() + FLOOD_SECONDS
            while time.monotonic() < until:
                connection.sendall(bytes(65536))
        except OSError:
            pass

    serve_in_threads("out", "", 443, pour)
    with inside("out"):
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)  # to answer from where it was asked
        listener.bind(("", 5349))

    def flood(peer, own):
        until = time.monotonic() + FLOOD_SECONDS
        while time.monotonic() < until:
            listener.sendmsg([os.urandom(400)],
                             [(socket.IPPROTO_IP, IP_PKTINFO, pktinfo(own))], 0, peer)

    def listen():
        while True:
            _, control, _, peer = listener.recvmsg(2048, 64)
            own = socket.inet_ntoa(control[0][2][8:12])
            threading.Thread(target=flood, args=(peer, own), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()


def pktinfo(own):
    """struct in_pktinfo: any interface, this source, any destination."""
    return bytes(4) + socket.inet_aton(own) + bytes(4)


def words(folder, *more):
    return ["--output", str(folder / "rehearsal.db"), "--resolver", field.SIDE_OUT, *more]


def start_probe(turnpike, folder, arguments, environment=None, name="probe"):
    clean = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    with inside("in"), (folder / f"{name}.out").open("w") as out, \
            (folder / f"{name}.err").open("w") as err:
        return subprocess.Popen([turnpike, "probe", *arguments], stdout=out, stderr=err,
                                stdin=subprocess.DEVNULL, env=clean | (environment or {}))


def peak_memory(process):
    """Kilobytes at most so far; 0 once it has ended."""
    try:
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def watch(process):
    """Wait for the end; returns (seconds, peak memory)."""
    started, peak = time.monotonic(), 0
    while process.poll() is None:
        peak = max(peak, peak_memory(process))
        time.sleep(0.1)
    return time.monotonic() - started, peak


def portal(options):
    with inside("fw"):
        nft(PORTAL)
    start_portal()
    play.serve_names(True, False)
    _, key = play.start_responder(options.turnpike, options.out)
    return {"status": play.probe(options.turnpike, options.out, key,
                                 ["--require", "agora/rtc-web@2018-11-06", "--sample", "2"])}


def liar(options):
    start_portal()
    play.serve_names(True, False, Everything(dns.Answer(v4=GATE)))
    process = start_probe(options.turnpike, options.out, words(
        options.out, "--require", "sendbird", "--name", "a.calls.sendbird.com"))
    return {"status": process.wait()}


class Everything(dict):
    """The same answer for every name."""

    def __init__(self, answer):
        super().__init__(every=answer)

    def get(self, _, default=None):
        return self["every"]


def flood(options):
    start_flooder()
    play.serve_names(True, False)
    process = start_probe(options.turnpike, options.out, words(
        options.out, "--require", "sendbird", "--name", "a.calls.sendbird.com"))
    seconds, peak = watch(process)
    return {"status": process.returncode, "seconds": seconds, "peak": peak}


def near(options):
    with inside("fw"):
        process, key = start_responder_here(options)
    probe = start_probe(options.turnpike, options.out, words(
        options.out, "--require", "sendbird", "--responder", GATE, "--key-file", str(key)))
    status = probe.wait()
    process.terminate()
    return {"status": status}


def start_responder_here(options):
    key = options.out / "key"
    key.touch(mode=0o600)
    key.write_text(os.urandom(32).hex())
    process = subprocess.Popen([options.turnpike, "respond", "--key-file", str(key)],
                               stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)
    process.stdout.readline()
    return process, key


def clock(options):
    library = Path(options.preload).resolve()  # by name and folder: LD_PRELOAD ends a path at a space
    responder, key = play.start_responder(options.turnpike, options.out)
    probe = start_probe(options.turnpike, options.out, words(
        options.out, "--require", "sendbird", "--responder", field.ANYWHERE4, "--key-file",
        str(key)), {"LD_PRELOAD": library.name, "LD_LIBRARY_PATH": str(library.parent)})
    status = probe.wait()
    responder.terminate()
    responder.wait()
    return {"status": status}


def anywhere(options, key, *more):
    """The words of a probe that tries what leads anywhere."""
    return words(options.out, "--require", "sendbird", "--responder", field.ANYWHERE4,
                 "--channel", field.SIDE_OUT, "--key-file", str(key), *more)


def interrupted(options):
    _, key = play.start_responder(options.turnpike, options.out)
    probe = start_probe(options.turnpike, options.out,
                        anywhere(options, key, "--sample", "1000", "--rate", "10"))
    time.sleep(5)
    probe.send_signal(signal.SIGINT)
    started = time.monotonic()
    return {"status": probe.wait(), "seconds": time.monotonic() - started}


def twins(options):
    _, key = play.start_responder(options.turnpike, options.out)
    probes = [start_probe(options.turnpike, options.out, anywhere(options, key), name=name)
              for name in ("one", "other")]
    return {"status": max(probe.wait() for probe in probes)}


def sessions(options):
    """Answers need a session: nothing comes in unasked."""
    with inside("fw"):
        nft(SESSIONS)
        topology.sysctl("net.netfilter.nf_conntrack_udp_timeout", SESSION_SECONDS)
        topology.sysctl("net.netfilter.nf_conntrack_udp_timeout_stream", SESSION_SECONDS)
    _, key = play.start_responder(options.turnpike, options.out)
    return {"status": start_probe(options.turnpike, options.out, anywhere(
        options, key, "--sample", "2", "--session-timeouts")).wait()}


CASES = {case.__name__: case for case in (portal, liar, flood, near, clock, interrupted, twins,
                                      sessions)}


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--turnpike", required=True)
    parser.add_argument("--preload", default="")
    options = parser.parse_args(arguments)
    sandbox.prepare_mounts()
    field.Field().build()
    (options.out / "figures.json").write_text(json.dumps(CASES[options.case](options)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
