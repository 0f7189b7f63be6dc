#!/usr/bin/env python3
"""Puts hostile names into every text of a result database that comes from elsewhere: hostile.py DATABASE."""
import sqlite3
import sys

HOSTILE = [
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred",                       # a terminal's title, screen and colour
    "\u202egnp.exe\u2066hidden\u2069\u200f",                    # right-to-left marks and isolates
    "<img src=x onerror=hacked=1><b id=injected>bold</b>",
    "</script><script>hacked=1</script>",
    "<!--<script>",
    "\" onmouseover=\"hacked=1\" x='",
    "| a | b |\n| --- | --- |\n# heading\r\n[link](javascript:hacked=1)",
    "=HYPERLINK(\"http://example.invalid\")",
    "x" * 65536,
    "\x9b31m\x00\x85\u2028\u2029\ufeff",
]

# Words that the program itself writes and reads; everything else may come from a packet, a file name or a catalog.
COLUMNS = {
    "run": ["source", "version"],
    "product": ["vendor_name", "product_name", "source_title", "source_location", "use_instead"],
    "rule": ["purpose", "destination", "notes"],
    "requirement": ["condition"],
    "domain": ["pattern", "names_seen"],
    "flow_verdict": ["server_name", "notes"],
    "flow": ["protocol"],
    "dns_query": ["qname", "answers"],
    "tls_hello": ["sni", "alpn"],
    "stun_transaction": ["realm", "software", "error_reason"],
    "undocumented_flow": ["what", "detail"],
    "alternative": ["text"],
    "warning": ["text"],
    "decode_problem": ["protocol", "reason"],
    "headline": ["headline", "advice"],
}


def main():
    database = sqlite3.connect(sys.argv[1])
    turn = 0
    for table, columns in COLUMNS.items():
        for column in columns:
            rows = [row for (row,) in database.execute(f"SELECT rowid FROM {table}")]
            for row in rows:
                database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (HOSTILE[turn % len(HOSTILE)], row))
                turn += 1
    stories = database.execute("SELECT flow FROM flow_verdict WHERE story IS NOT NULL").fetchall()
    for (flow,) in stories:
        text = HOSTILE[turn % 6].replace("\\", "\\\\").replace('"', '\\"').replace("\x1b", "\\u001b").replace("\x07", "\\u0007")
        database.execute("UPDATE flow_verdict SET story = ? WHERE flow = ?", (f'["1 1790000000000000 {text}"]', flow))
        turn += 1
    database.execute("INSERT INTO warning SELECT max(id) + 1 + (SELECT coalesce(max(id), 0) FROM warning), 1, ? FROM run, "
                     "(SELECT 1 AS id)", (HOSTILE[2],))
    database.commit()


main()
