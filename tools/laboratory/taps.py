"""Where packets are written down: inside, mirror port, doubled, wrapped in VXLAN, outside,
right behind the firewall.

The copies are made by nftables in the netdev family (`dup to`), as a switch makes them.
"""

import re
import signal
import subprocess
import time

from .topology import inside, nft

#: tap -> (namespace, interface)
PLACES = {
    "inside": ("core", "lan0"),
    "mirror": ("tap", "mirror"),
    "doubled": ("tap", "doubled"),
    "vxlan": ("tap", "wrapped"),
    "outside": ("net", "net0"),
    "outer": ("r1", "net0"),  # the wire behind the firewall
}


def make_mirrors(clients):
    """Copy every packet of the switch once to `span` and once wrapped; of the core twice."""
    ports = ", ".join([f"p{i}" for i in range(1, clients + 1)] + ["uplink"])
    with inside("lan"):
        nft("table netdev mirror {\n"
            f"  chain seen {{ type filter hook ingress devices = {{ {ports} }} priority 0;\n"
            '    dup to "span"; dup to "vx0"; }\n}\n')
    with inside("core"):
        # Before and after the router: other MAC addresses, one hop less.
        nft("table netdev mirror {\n"
            "  chain before { type filter hook ingress devices = { lan0, wan0 } priority 0;\n"
            '    dup to "span"; }\n'
            '  chain after_lan { type filter hook egress device "lan0" priority 0;\n'
            '    dup to "span"; }\n'
            '  chain after_wan { type filter hook egress device "wan0" priority 0;\n'
            '    dup to "span"; }\n}\n')


class Tap:
    """One tcpdump writing one file. Packets the kernel dropped are an error, not a detail."""

    def __init__(self, place, path):
        namespace, interface = PLACES[place]
        self.place, self.path = place, path
        with inside(namespace):
            self.process = subprocess.Popen(
                ["tcpdump", "-n", "-i", interface, "-s", "0", "-B", "65536", "-Z", "root", "-U",
                 "--immediate-mode", "--time-stamp-precision=micro", "-w", str(path)],
                stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.wait_until_listening()

    def wait_until_listening(self):
        for line in self.process.stderr:
            if "listening on" in line:
                return
        raise RuntimeError(f"tcpdump on {self.place} did not start")

    def stop(self):
        """End the capture; returns how many packets the kernel dropped."""
        time.sleep(0.05)
        self.process.send_signal(signal.SIGINT)
        _, text = self.process.communicate(timeout=10)
        dropped = re.search(r"(\d+) packets dropped by kernel", text)
        return int(dropped.group(1)) if dropped else 0
