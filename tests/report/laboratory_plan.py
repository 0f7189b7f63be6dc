"""What the report of a laboratory call must open with, from what the laboratory did and nothing else.

The laboratory wrote down, before turnpike saw a packet, who was called how and what the firewall did to it
(captures/lab/*.expected.json: attempts with their treatment, and the rows that follow from them). With the levels and
alternatives of the vendor's document (catalog/*.yaml) that says how a call goes:

- a required row that is blocked, and that no alternative replaces: FAILS; so does a conditional one, of which the attempt
  shows that its condition holds, if no media came through;
- media came through, but on a branch behind one that is blocked: WORKS OVER THE FALLBACK;
- media came through, and nothing that is needed is blocked: WORKS;
- otherwise nobody can say: CANNOT TELL.

The remedy follows from what the firewall did. The words are those of an administrator's to-do list; where a server could
have failed as well as a firewall (grades B and C are no proof), a look at the server comes first.
"""
import json
import pathlib
import re

import yaml

#: Attempts that carry media which can be seen to be media (what TLS hides cannot).
MEDIA = {"ice", "rtp", "udp", "turn-udp", "turn-tcp", "downstream"}

REMEDIES = {  # by reason, as a pattern
    "dns_nxdomain": r"Let the resolver answer for {name}\b",
    "dns_refused": r"Let the resolver answer for {name}\b",
    "dns_timeout": r"Let the resolver answer for {name}\b",
    "dns_sinkhole": r"Let the resolver answer for {name}\b",
    "proxy_denied": r"Let the proxy connect through: allow outbound {transport} ports? {ports}\b",
    "proxy_timeout": r"(?:Check first that the servers are up\. )?Let the proxy connect through: allow outbound {transport} "
                     r"ports? {ports}\b",
    "http_denied": r"Allow outbound {transport} ports? {ports}\b.*\bin the web filter",
    "one_way": r"(?:It may be the server itself: look there first\. )?For outbound {transport} ports? {ports}\b.*: Let the answers back in",
    "tls_alert": r"(?:It may be the server itself: look there first\. )?Open outbound {transport} ports? {ports}\b",
    "tls_name_mismatch": r"(?:It may be the server itself: look there first\. )?Exempt outbound {transport} ports? {ports}\b.*\bfrom TLS",
}
OPEN = r"(?:Check first that the servers are up\. )?Open outbound {transport} ports? {ports}\b"
#: What was wrong with the capture, by the name of the call.
STATES = {"no-answer": "Capture a longer call", "capture-ended": "Go on capturing", "one-sided": "Mirror both directions",
          "seen-midway": "Start capturing before the call"}
NOTES = {"mtu": "Let ICMP", "intercept_rejected": "TLS inspection is refused by the client: exempt",
         "interrupted": "Look for rate limits"}  # the laboratory's sessions die within 10 s


def rules(catalog, vendor, product, revision):
    """Level and alternative of each row of a revision, by its id."""
    document = yaml.safe_load((catalog / f"{vendor}.yaml").read_text())
    products = [entry for entry in document["products"] if entry["product"] == product]
    revisions = [entry for entry in products[0]["revisions"] if str(entry["revision"]) == revision]
    return {rule["id"]: rule for rule in revisions[0]["rules"]}


def media_came_through(plan):
    """The lanes (rule, transport, ports) on which the far end got and sent media."""
    if plan.get("streams"):
        sure = {tuple(flow["requirement"][3:]) for flow in plan["flows"]
                if flow["requirement"] and flow["expected"]["outcome"] == "passed"}
        return {lane for lane in sure if lane[0] != "signaling"}
    return {tuple(flow["requirement"][3:]) for flow in plan["flows"]
            if flow["requirement"] and flow["behaviour"] in MEDIA and flow["expected"]["outcome"] == "passed"
            and not flow["treatment"].startswith("turn-error")}


class Expected:
    """product, state and remedy (a pattern, or None: nothing is to be done) of one call."""

    def __init__(self, name, plan, catalog):
        rows = [row for row in plan["requirements"] if row["status"] != "unmatched"]
        vendor, product, revision = rows[0]["requirement"][:3]
        self.product, self.selector = f"{vendor}/{product}", rows[0]["selector"]
        document = rules(catalog, vendor, product, revision)
        level = lambda row: document[row["requirement"][3]].get("level") or (
            "conditional" if "condition" in document[row["requirement"][3]] else "required")
        branch = lambda row: document[row["requirement"][3]].get("alternative")
        media = media_came_through(plan)
        blocked = [row for row in rows if row["status"] == "blocked"]
        carried = [row for row in rows if tuple(row["requirement"][3:]) in media]
        needed = [row for row in blocked if not branch(row) and (
            level(row) == "required" or (level(row) == "conditional" and not carried))]
        preferred = [row for row in blocked if branch(row) and any(
            branch(other) and branch(row)["preference"] < branch(other)["preference"] for other in carried)]
        if needed or (any(branch(row) for row in blocked) and not carried):
            self.state = "FAILS"
        elif preferred:
            self.state = "WORKS OVER THE FALLBACK"
        elif carried:
            self.state = "WORKS"
        else:
            self.state = "CANNOT TELL"
        #: Whether somebody who does not know the product can tell it: all documents of this vendor name the same servers.
        self.proven = vendor != "agora"
        self.remedy = self.first_remedy(name, plan, needed or preferred or [
            row for row in blocked if level(row) != "optional" or row["reasons"][0] == "one_way"])  # then there was a call

    def first_remedy(self, name, plan, blocked):
        if blocked:
            row = blocked[0]
            flow = next((flow for flow in plan["flows"] if flow["requirement"] == row["requirement"]), {})
            return REMEDIES.get(row["reasons"][0], OPEN).format(
                name=re.escape(flow.get("name", "")) or r"[\w.-]+", transport=row["requirement"][4].upper(), ports=row["requirement"][5])
        for flow in plan["flows"]:
            for note in flow["expected"]["notes"]:
                for word, remedy in NOTES.items():
                    if note.startswith(word) and flow["requirement"]:
                        return remedy
        if self.state == "CANNOT TELL":
            return STATES.get(name, "Make a call with sound and picture")
        return None


def calls(repository):
    """Name, capture and expectation of every recorded call in which something of a vendor was tried."""
    for file in sorted((repository / "captures/lab").glob("*.expected.json")):
        name = file.name.removesuffix(".expected.json")
        plan = json.loads(file.read_text())
        if any(row["status"] != "unmatched" for row in plan["requirements"]):
            yield name, file.with_name(f"{name}.pcap"), Expected(name, plan, repository / "catalog")


if __name__ == "__main__":
    for name, _, call in calls(pathlib.Path(__file__).resolve().parent.parent.parent):
        print(name, call.product, call.state, call.remedy, sep="\t")
