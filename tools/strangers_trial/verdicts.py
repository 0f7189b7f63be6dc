"""Runs `turnpike analyze` and reads what it says of flows and requirements."""

import os
import sqlite3
import subprocess
from datetime import datetime, timezone
from typing import NamedTuple

GRADES = {None: 0, "C": 1, "B": 2, "A": 3}  # how strongly a block blames the path


class Flow(NamedTuple):
    transport: str
    client: tuple
    server: tuple
    first: int            # nanoseconds since 1970
    last: int
    protocol: str
    server_name: str
    outcome: str
    reason: str           # of a block, or why it is inconclusive
    stage: str
    grade: str
    control: str          # "client > server" of the control, or ""
    notes: str
    evidence: str
    rule: str

    def key(self):
        return self.transport, frozenset((self.client, self.server))

    def text(self):
        return f"{end(self.client)} > {end(self.server)}"

    def verdict(self):
        return " ".join(filter(None, (self.outcome, self.reason, self.grade)))

    def row(self):
        """Vendor, product and rule, as `Row.of_rule` says them."""
        return self.rule.rpartition(" (")[0]


class Row(NamedTuple):
    """A requirement that is not unmatched."""
    name: str             # vendor/product@revision rule transport ports
    status: str
    reason: str
    stage: str
    grade: str
    blocked: int          # flows
    passed: int

    def of_rule(self):
        product, rule = self.name.split()[:2]
        return f"{product.partition('@')[0]} {rule}"


class Result(NamedTuple):
    status: int
    flows: list
    rows: list
    error: str


def end(address):
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def nanoseconds(text):
    if not text:
        return 0
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
    return int(seconds) * 10**9 + int((fraction or "0").ljust(9, "0"))


def analyze(turnpike, files, database, catalog=None):
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(database + suffix):
            os.unlink(database + suffix)
    command = [turnpike, "analyze", "--quiet", "--output", database]
    if catalog:
        command += ["--catalog", catalog]
    try:
        done = subprocess.run(command + [str(f) for f in files], capture_output=True, text=True, timeout=60,
                              errors="replace")
    except subprocess.TimeoutExpired:
        return Result(-1, [], [], "no end within 60 s")
    if not os.path.exists(database):
        return Result(done.returncode, [], [], done.stderr.strip())
    flows, rows = load(database)
    return Result(done.returncode, flows, rows, done.stderr.strip())


def load(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        stored = database.execute("SELECT * FROM flows").fetchall()
        named = {r["flow_id"]: f"{end((r['client_ip'], r['client_port']))} > {end((r['server_ip'], r['server_port']))}"
                 for r in stored}
        flows = [flow(r, named) for r in stored if r["outcome"]]
        rows = [Row(f"{r['vendor']}/{r['product']}@{r['revision']} {r['rule_id']} {r['transport']} {r['ports']}",
                    r["status"], r["block_reason"] or "", r["stage"] or "", r["grade"], r["flows_blocked"] or 0,
                    r["flows_passed"] or 0)
                for r in database.execute("SELECT * FROM requirements WHERE status <> 'unmatched'")]
        return flows, rows
    finally:
        database.close()


def flow(r, named):
    # The column is missing in databases of turnpike 0.1.
    control = r["control_flow_id"] if "control_flow_id" in r.keys() else None
    rule = f"{r['vendor']}/{r['product']} {r['rule_id']} ({r['confidence']})" if r["rule_id"] else ""
    return Flow(r["transport"], (r["client_ip"], r["client_port"]), (r["server_ip"], r["server_port"]),
                nanoseconds(r["first_seen"]), nanoseconds(r["last_seen"]), r["protocol"] or "",
                r["server_name"] or "", r["outcome"], r["block_reason"] or r["inconclusive_reason"] or "",
                r["stage"] or "", r["grade"], named.get(control, "") if control is not None else "",
                r["notes"] or "", r["evidence"] or "", rule)
