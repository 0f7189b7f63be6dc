"""Forged packets at 100,000 a second against `turnpike respond`, a real probe beside them.

    python -m rehearsal.flood --out FOLDER --turnpike PROGRAM --sender PROGRAM

A second link leads to the responder's host, and the flood comes over it: datagrams to the agreed
port (of the right size with a wrong code, and of other sizes), datagrams and SYNs to ports that the
probe tries, all from forged addresses that the host would answer over this link. Nothing may leave
over it, memory must stay, and the probe must be served. What the host's kernel itself says of
closed ports (resets, ICMP) is kept from the link: it is no work of the responder.
"""

import argparse
import os
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "captures"))

from kit import packets  # noqa: E402 (the path must be set first)
from laboratory import captures, sandbox  # noqa: E402
from laboratory.topology import inside, nft, run  # noqa: E402

from . import field, play  # noqa: E402

ENEMY, HOST, FORGED = "10.99.0.1", "10.99.0.2", "198.51.0.0/16"
AGREED = 47_800
SECONDS = 20
QUIET = """table inet quiet {
  chain output {
    type filter hook output priority 0;
    oifname "flood0" tcp flags & rst == rst drop
    oifname "flood0" meta l4proto icmp drop
  }
}
"""


def forged(hardware):
    """Ethernet frames of every kind."""
    frames = []
    payloads = (lambda: b"TPK1" + bytes([1]) + os.urandom(251), lambda: os.urandom(20),
                lambda: os.urandom(1200), lambda: b"TPK1" + os.urandom(60))
    for i in range(4000):
        source = f"198.51.{i % 250}.{1 + i % 200}"
        if i % 8 == 7:
            packet = packets.tcp(source, 1024 + i, HOST, 443, 7 * i, 0, packets.SYN)
        elif i % 8 == 6:
            packet = packets.udp(source, 1024 + i, HOST, 5349, os.urandom(60))
        else:
            packet = packets.udp(source, 1024 + i, HOST, AGREED, payloads[i % 4]())
        frames.append(packets.ethernet(packet, b"\x02\0\0\0\0\x99", hardware))
    return frames


def build(ground):
    ground.build()
    run("ip", "netns", "add", "enemy")
    ground.link("enemy", "flood0", "out", "flood0")
    run("ip", "-n", "enemy", "address", "add", ENEMY + "/24", "dev", "flood0")
    run("ip", "-n", "out", "address", "add", HOST + "/24", "dev", "flood0")
    hardware = link_of("enemy")
    run("ip", "-n", "out", "neighbor", "replace", ENEMY, "lladdr", hardware, "dev", "flood0")
    run("ip", "-n", "out", "route", "add", FORGED, "via", ENEMY)
    with inside("out"):
        Path("/proc/sys/net/ipv6/conf/flood0/disable_ipv6").write_text("1")
        nft(QUIET)


def link_of(namespace):
    said = subprocess.run(["ip", "-n", namespace, "link", "show", "flood0"], capture_output=True,
                          text=True, check=True).stdout
    return re.search(r"link/ether (\S+)", said)[1]


def counters(interface):
    """(packets in, octets in, packets out, octets out) of an interface of the responder's host."""
    with inside("out"):
        line = next(line for line in Path("/proc/net/dev").read_text().splitlines()
                    if line.strip().startswith(interface + ":"))
    numbers = [int(word) for word in line.split(":")[1].split()]
    return numbers[1], numbers[0], numbers[9], numbers[8]


def memory_of(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def flood(sender, folder):
    capture = folder / "forged.pcap"
    hardware = bytes.fromhex(link_of("out").replace(":", ""))
    captures.write(capture, [captures.Frame(i, data, len(data))
                             for i, data in enumerate(forged(hardware))])
    with inside("enemy"):
        return subprocess.Popen([sender, "-i", "flood0", "--rate", "100000", "--seconds",
                                 str(SECONDS), str(capture)], stdout=subprocess.PIPE, text=True)


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--turnpike", required=True)
    parser.add_argument("--sender", required=True)
    options = parser.parse_args(arguments)
    sandbox.prepare_mounts()
    build(field.Field())
    play.serve_names(True, False)
    responder, key = play.start_responder(options.turnpike, options.out)
    before, link_before = memory_of(responder), counters("flood0")
    own_before = [counters(name) for name in ("eth0", "side0")]
    enemy = flood(options.sender, options.out)
    time.sleep(2)
    status = play.probe(options.turnpike, options.out, key, ["--require", "sendbird"])
    sent, _ = enemy.communicate()
    after, link_after = memory_of(responder), counters("flood0")
    own_after = [counters(name) for name in ("eth0", "side0")]
    responder.terminate()
    responder.wait()
    return judge(options.out, status, sent, (before, after), (link_before, link_after),
                 (own_before, own_after))


def judge(folder, status, sent, memory, link, own):
    got, back = link[1][0] - link[0][0], link[1][2] - link[0][2]
    heard = sum(after[1] - before[1] for before, after in zip(*own))
    said = sum(after[3] - before[3] for before, after in zip(*own))
    rows = [row for row, in sqlite3.connect(folder / "rehearsal.db").execute(
        "SELECT status FROM requirements")] if status == 0 else []
    print(f"{got} forged packets in {SECONDS} s ({got / SECONDS:.0f} a second; {sent.strip()}); "
          f"sent back over that link: {back}")
    print(f"memory of the responder: {memory[0]} kB before, {memory[1]} kB after")
    print(f"to the probe: {said} octets for {heard}, factor {said / max(heard, 1):.2f}; "
          f"its rows: {', '.join(rows)}")
    good = (back == 0 and memory[1] < memory[0] + 4096 and said <= heard
            and set(rows) == {"observed"})
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
