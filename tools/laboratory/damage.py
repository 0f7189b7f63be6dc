"""Captures as they come from the field: rotated over files, cut short, one-sided, shortened, with
packets missing or out of order. Made from a whole capture of a world, whose truth is known.

A rotated capture still proves everything. A damaged one proves less: nothing that passed may become
blocked, no grade may rise, and what was blocked stays so or is withheld for a reason of the damage.
"""

import random
from dataclasses import dataclass, replace

from . import captures, topology

CUTS = (0.25, 0.5, 0.8)
SECOND = 1_000_000
GRADES = "ABC"
#: Blocks that rest on something seen: where that was lost, the rest may well look good.
SEEN = ("http_denied", "proxy_denied", "tls_alert", "tls_name_mismatch", "one_way")


@dataclass(frozen=True)
class File:
    """One file of a capture; with a count of lost packets it is written as pcapng."""

    frames: list
    dropped: int | None = None

    def write(self, stem):
        path = stem.with_suffix(".pcap" if self.dropped is None else ".pcapng")
        if self.dropped is None:
            captures.write(path, self.frames)
        else:
            captures.write_pcapng(path, self.frames, self.dropped)
        return path


@dataclass(frozen=True)
class Damage:
    """`make` turns frames into files; `reasons` are the inconclusive ones that it excuses."""

    make: object
    reasons: tuple
    withheld: bool = False  # no block by silence may be left
    ends_early: bool = False  # what is there is whole, and what came later may have failed
    frames: tuple = ()  # what is left, of one file

    def of(self, files):
        """The same for these files: fewer losses than one packet in a thousand withhold nothing."""
        counts = any((file.dropped or 0) * 1000 > len(file.frames) + (file.dropped or 0)
                     for file in files)
        return replace(self, withheld=self.withheld and counts,
                       frames=tuple(files[0].frames) if len(files) == 1 else ())

    @staticmethod
    def silent(row):
        return (row["block_reason"] or "").endswith("_timeout")

    def looks_unanswered(self, row):
        """All behind the question was lost, at most its acknowledgement was not, and no counter
        says so."""
        question = int((row["evidence"] or "0").split(",")[-1])
        if self.withheld or not self.silent(row) or not 0 < question <= len(self.frames):
            return False
        asked, behind = self.frames[question - 1], self.frames[question:]
        return asked.path() is not None and all(
            frame.answers(asked) and frame.only_acknowledges()
            for frame in behind if frame.ends() == asked.ends())

    def overclaims(self, expected, row):
        """Why a flow's row says more than the damaged capture can show; empty where it does not."""
        outcome, grade = row["outcome"], row["grade"]
        allowed = expected["inconclusive_reasons"] + list(self.reasons)
        if expected["outcome"] == "passed" and outcome == "blocked" and \
                not self.looks_unanswered(row):
            return f"passed, and is now blocked ({row['block_reason']}, {grade})"
        if expected["outcome"] != "blocked":
            return ""
        by_silence = expected["reasons"][0].endswith("_timeout")
        if outcome == "blocked" and GRADES.index(grade) < GRADES.index(min(expected["grades"])):
            return f"grade {grade}, was at most {min(expected['grades'])}"
        if outcome == "blocked" and self.withheld and by_silence and self.silent(row):
            return f"{row['block_reason']}, although the capture counts lost packets"
        if outcome == "passed" and expected["reasons"][0] not in SEEN and \
                not only_the_handshake_is_left(expected, row):
            return f"was blocked ({expected['reasons'][0]}), and now passes"
        if outcome == "inconclusive" and row["inconclusive_reason"] not in allowed:
            return f"inconclusive for {row['inconclusive_reason']}, should be one of {allowed}"
        return ""


def only_the_handshake_is_left(expected, row):
    """A connection that the client has not used yet when the capture ends has passed."""
    unused = expected["reasons"][0].startswith(("tls_", "proxy_", "payload_"))
    return unused and row["packets_out"] <= 2  # SYN and ACK


def by_size(frames, rng):
    """As `tcpdump -C` does, given in any order."""
    octets = sum(len(frame.data) for frame in frames) // rng.randint(3, 6)
    files, size = [[]], 0
    for frame in frames:
        if size >= octets:
            files.append([])
            size = 0
        files[-1].append(frame)
        size += len(frame.data)
    return in_any_order(files, rng)


def by_time(frames, rng):
    """As `tcpdump -G` does, given in any order."""
    step = rng.choice((2, 4, 7)) * SECOND
    files = {}
    for frame in frames:
        files.setdefault(frame.time // step, []).append(frame)
    return in_any_order(list(files.values()), rng)


def in_any_order(files, rng):
    rng.shuffle(files)
    return [File(frames) for frames in files]


def cut_short(frames, rng):
    """The capture stops; the next file is of another year and has nothing to do with it."""
    kept = frames[:int(len(frames) * rng.choice(CUTS))]
    return [File(kept), File(unrelated(frames))]


def unrelated(frames):
    """A year later, other hosts ask for the time."""
    asking = [frame for frame in frames if frame.ports() and 123 in frame.ports()][:40]
    return [replace(frame, time=frame.time + 365 * 86400 * SECOND) for frame in asking]


def from_clients(frame):
    layer = frame.ip()
    return layer is None or layer[2].startswith((topology.LAN4, topology.LAN6))


def outgoing(frames, _):
    return [File([frame for frame in frames if from_clients(frame)])]


def incoming(frames, _):
    return [File([frame for frame in frames if frame.ip() is None or not from_clients(frame)])]


def lossy(counted):
    """One packet of ten is lost."""
    def make(frames, rng):
        kept = [frame for frame in frames if rng.random() >= 0.1]
        return [File(kept, len(frames) - len(kept) if counted else None)]
    return make


def gaps(counted):
    """One second of ten is lost."""
    def make(frames, rng):
        first, phase = frames[0].time, rng.randrange(10)
        kept = [frame for frame in frames if (frame.time - first) // SECOND % 10 != phase]
        return [File(kept, len(frames) - len(kept) if counted else None)]
    return make


def shortened(frames, rng):
    return [File(captures.cut(frames, rng.choice((68, 96, 128))))]


def reordered(frames, rng):
    """Two links or queues are captured: every packet comes up to two milliseconds late."""
    late = [replace(frame, time=frame.time + rng.randrange(2 * SECOND // 1000)) for frame in frames]
    return [File(sorted(late, key=lambda frame: frame.time))]


ENDED = ("capture_ended", "no_answer")
ONE_SIDED = ("one_sided_capture", "midstream", *ENDED)
#: What shows that a refusal is not the server's own may be gone.
CUT_OFF = ("server_refused", *ENDED)
#: Without the payload before it, a reset or a FIN is the server's own refusal; without the reset, an
#: attempt beside the other address family's winner is a loser.
LOST = ("capture_loss", "losing_candidate", "midstream", "one_sided_capture", *CUT_OFF)
ROTATIONS = {"rotated by size": by_size, "rotated by time": by_time}
DAMAGES = {
    "cut short": Damage(cut_short, CUT_OFF, ends_early=True),
    "outgoing only": Damage(outgoing, ONE_SIDED),
    "incoming only": Damage(incoming, ONE_SIDED),
    "lossy": Damage(lossy(counted=False), LOST),
    "lossy, counted": Damage(lossy(counted=True), LOST, withheld=True),
    "with gaps": Damage(gaps(counted=False), LOST),
    "with gaps, counted": Damage(gaps(counted=True), LOST, withheld=True),
    "reordered": Damage(reordered, ("losing_candidate", "no_answer", "server_refused")),
    "shortened": Damage(shortened, ("truncated", "server_refused")),
}


def choose(seed, topology_, count=3):
    """The rotation and the damages that a seed's capture is put through."""
    rng = random.Random(f"damage {seed}/{topology_}")
    return rng.choice(sorted(ROTATIONS)), rng.sample(sorted(DAMAGES), count), rng
