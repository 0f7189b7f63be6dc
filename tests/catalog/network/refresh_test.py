#!/usr/bin/env python3
"""`turnpike catalog refresh` against a web server on loopback: good, changed, truncated, huge and hostile feeds."""
import argparse
import datetime
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import https_server as web
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

ROOT = Path(__file__).resolve().parents[3]
TODAY = datetime.date.today().isoformat()
LIST = "203.0.113.0/24\n198.51.100.0/24\n2001:db8:1::/48\n192.0.2.0/24\n"
turnpike = ""


class Refresh(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="turnpike-refresh-")
        self.folder = Path(self.scratch.name)
        self.own = self.folder / "config/turnpike/catalog"
        self.own.mkdir(parents=True)
        self.certificate = web.make_certificate(self.folder, "good", "127.0.0.1")
        self.server = web.Server(self.certificate)
        self.addCleanup(self.scratch.cleanup)
        self.addCleanup(self.server.close)
        self.feed("zoom/feed-meetings", "cidrs")

    def feed(self, selector, kind, path="/list", extra=""):
        """Adds a feed of the server's to the user's own catalog; it replaces the built-in one."""
        file = self.own / "feeds.yaml"
        text = file.read_text() if file.exists() else "feeds:\n"
        text += (f"  - feed: {selector}\n    name: a list\n    kind: {kind}\n"
                 f"    location: {self.server.address(path)}\n{extra}")
        file.write_text(text)

    def environment(self):
        return {"XDG_CONFIG_HOME": str(self.folder / "config"), "HOME": str(self.folder),
                "XDG_DATA_HOME": str(self.folder / "data"), "PATH": os.environ["PATH"], "no_proxy": "*"}

    def run_turnpike(self, *words, answer="", trust=True, status=0, verb=("catalog",)):
        if words[0] == "refresh":
            words += ("--timeout", "10") + (("--ca-file", str(self.certificate)) if trust else ())
        run = subprocess.run([turnpike, *verb, *words], env=self.environment(), input=answer,
                             capture_output=True, text=True, timeout=60)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        # A kernel without Landlock is said; that is another test's.
        self.error = "".join(line for line in run.stderr.splitlines(True) if "not confined in full" not in line)
        return run.stdout

    def one_line(self, *parts):
        self.assertEqual(self.error.count("\n"), 1, self.error)
        for part in parts:
            self.assertIn(part, self.error)

    def written(self):
        return sorted(file.name for file in self.own.iterdir() if file.name != "feeds.yaml")

    def nothing_is_written(self):
        self.assertEqual(self.written(), [])

    # -- what good servers do --

    def test_a_list_becomes_a_revision_and_fills_the_rows_that_refer_to_it(self):
        self.server.pages["/list"] = LIST
        before = self.run_turnpike("export", "--format", "csv", "--require", "zoom/meetings", "-q")
        self.assertNotIn("203.0.113.0/24", before)
        out = self.run_turnpike("refresh", "zoom/feed-meetings", answer="y\n")
        self.assertIn(f"zoom/feed-meetings@{TODAY}: new, 1 row, 4 networks", out)
        self.assertEqual(self.written(), [f"zoom-feed-meetings-{TODAY}.yaml"])
        after = self.run_turnpike("export", "--format", "csv", "--require", "zoom/meetings", "-q")
        self.assertIn("203.0.113.0/24", after)
        self.assertIn("feed:zoom/feed-meetings", after)

    def test_a_list_is_judged_by_no_name_but_its_own(self):
        self.server.pages["/list"] = LIST
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        shown = self.run_turnpike("show", "zoom")
        self.assertNotIn("feed-meetings@", shown)
        self.assertIn("203.0.113.0/24", self.run_turnpike("show", "zoom/feed-meetings"))

    def test_nobody_says_yes(self):
        self.server.pages["/list"] = LIST
        for answer in ("n\n", "", "\n", "maybe\n"):
            self.assertIn("not written", self.run_turnpike("refresh", "zoom/feed-meetings", answer=answer))
        self.nothing_is_written()

    def test_what_servers_send_is_read_by_a_confined_process(self):
        """While the program asks, it has read the list: without a network, new rights or other folders."""
        self.server.pages["/list"] = LIST
        (self.folder / "ZoomMeetings.txt").write_text(LIST)
        for words in ((), ("--from", str(self.folder / "ZoomMeetings.txt"))):
            with self.subTest(words=words):
                process = subprocess.Popen(
                    [turnpike, "catalog", "refresh", "zoom/feed-meetings", "--ca-file", str(self.certificate), *words],
                    env=self.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                asked = ""
                while "[y/N]" not in asked:
                    letter = process.stdout.read(1)
                    self.assertTrue(letter, asked)
                    asked += letter
                state = dict(line.split(":\t", 1) for line in
                             Path(f"/proc/{process.pid}/status").read_text().splitlines() if ":\t" in line)
                process.communicate("n\n", timeout=60)
                self.assertEqual(process.returncode, 0)
                self.assertEqual((state["Seccomp"], state["NoNewPrivs"]), ("2", "1"))
                self.assertEqual(int(state["CapEff"], 16), 0)

    def test_an_entity_tag_saves_the_way(self):
        self.server.pages["/list"] = web.tagged(LIST, '"one"')
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        self.assertIn("nothing new", self.run_turnpike("refresh", "zoom/feed-meetings", "--yes"))
        self.assertEqual(self.server.requests[-1][1].get("If-None-Match"), '"one"')

    def test_the_same_list_without_a_tag_is_nothing_new(self):
        self.server.pages["/list"] = LIST
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        self.assertIn("nothing new", self.run_turnpike("refresh", "zoom/feed-meetings"))

    def test_a_tag_of_another_address_does_not_count(self):
        self.server.pages["/list"] = web.tagged(LIST, '"one"')
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        self.feed("zoom/feed-meetings", "cidrs", "/moved")
        self.server.pages["/moved"] = web.tagged("203.0.113.0/24\n198.51.100.0/24\n", '"one"')
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        self.assertNotIn("If-None-Match", self.server.requests[-1][1])

    def test_a_changed_list_shows_what_to_open_and_to_close(self):
        self.server.pages["/list"] = LIST
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        self.server.pages["/list"] = LIST.replace("192.0.2.0/24", "9.9.9.0/24")
        out = self.run_turnpike("refresh", "zoom/feed-meetings", answer="yes\n")
        opened, closed = out.split("may be closed")
        self.assertIn("9.9.9.0/24", opened)
        self.assertIn("192.0.2.0/24", closed)

    def test_the_last_two_states_are_kept(self):
        for day, network in (("01", "9.9.1.0/24"), ("02", "9.9.2.0/24"), ("03", "9.9.3.0/24")):
            changed = f"Sat, {day} Aug 2026 10:00:00 GMT"
            self.server.pages["/list"] = (
                lambda handler, n=network, c=changed: handler.answer((LIST + n).encode(), Last_Modified=c))
            self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        self.assertEqual(self.written(),
                         ["zoom-feed-meetings-2026-08-02.yaml", "zoom-feed-meetings-2026-08-03.yaml"])
        out = self.run_turnpike("diff", "zoom/feed-meetings@2026-08-02", "zoom/feed-meetings@2026-08-03")
        self.assertIn("9.9.3.0/24", out)

    def test_microsofts_service_revises_teams(self):
        sets = [{"id": 11, "serviceArea": "Skype", "serviceAreaDisplayName": "Microsoft Teams",
                 "ips": ["52.112.0.0/14", "52.122.0.0/15", "2603:1063::/38", "20.20.0.0/16"],
                 "udpPorts": "3478,3479,3480,3481", "category": "Optimize", "required": True},
                {"id": 1, "serviceArea": "Exchange", "urls": ["outlook.office.com"], "tcpPorts": "443",
                 "category": "Optimize", "required": True}]
        self.feed("microsoft/teams", "microsoft365", "/endpoints?id={guid}", "    services: [Skype]\n")
        self.server.pages["/endpoints"] = json.dumps(sets)
        out = self.run_turnpike("refresh", "microsoft", answer="y\n")
        self.assertIn("20.20.0.0/16", out)
        self.assertRegex(self.server.requests[-1][0], r"id=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-")
        shown = self.run_turnpike("show", "teams")
        self.assertIn(f"microsoft/teams@{TODAY}", shown)
        self.assertIn("stun", shown)  # what the service does not say stays
        self.assertNotIn("outlook", shown)

    def test_services_and_regions_of_amazon(self):
        prefixes = [{"ip_prefix": "15.193.1.0/24", "region": "us-east-1", "service": "AMAZON_CONNECT"},
                    {"ip_prefix": "15.193.2.0/24", "region": "eu-west-2", "service": "AMAZON_CONNECT"},
                    {"ip_prefix": "15.193.0.0/24", "region": "GLOBAL", "service": "AMAZON_CONNECT"},
                    {"ip_prefix": "3.5.140.0/22", "region": "us-east-1", "service": "EC2"},
                    {"ip_prefix": "3.5.144.0/22", "region": "us-east-1", "service": "S3"}]
        self.feed("amazon/feed-ip-ranges", "aws", "/aws",
                  "    services: [AMAZON_CONNECT, EC2]\n    shared: EC2\n")
        self.server.pages["/aws"] = json.dumps(
            {"syncToken": "1", "createDate": "2026-11-01-10-00-00", "prefixes": prefixes})
        self.run_turnpike("refresh", "amazon", "--yes")
        self.assertEqual(self.written(), ["amazon-feed-ip-ranges-2026-11-01.yaml"])
        self.assertNotIn("3.5.144.0", (self.own / self.written()[0]).read_text())
        csv = self.run_turnpike("export", "--format", "csv", "--require", "amazon/connect", "-q",
                                "--set", "region=us-east-1")
        media = next(line for line in csv.splitlines() if ",media," in line)
        self.assertIn("15.193.1.0/24", media)
        self.assertIn("15.193.0.0/24", media)
        self.assertNotIn("15.193.2.0/24", media)
        service = next(line for line in csv.splitlines() if ",service," in line)
        self.assertEqual(service.count("3.5.140.0/22"), 2)  # among the destinations and the shared

    def test_what_the_vendors_other_entries_call_shared_stays_so(self):
        self.server.pages["/list"] = LIST + "52.84.151.0/24\n"
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        text = (self.own / self.written()[0]).read_text()
        self.assertIn('{network: "52.84.151.0/24", shared: true, note: "Amazon CloudFront"}', text)

    def test_from_a_file_without_a_network(self):
        file = self.folder / "ZoomMeetings.txt"
        file.write_text(LIST)
        self.run_turnpike("refresh", "zoom/feed-meetings", "--from", str(file), "--yes")
        self.assertEqual(self.server.requests, [])
        self.assertEqual(self.written(), [f"zoom-feed-meetings-{TODAY}.yaml"])

    def test_a_row_whose_feed_was_never_loaded_says_so(self):
        out = self.run_turnpike("show", "zoom/meetings")
        self.assertIn("never loaded", " ".join(out.split()))
        self.assertIn("turnpike catalog refresh zoom/feed-meetings", " ".join(out.split()))

    def test_a_report_says_which_rows_lacked_their_feed(self):
        capture = ROOT / "captures/attribution/zoom-media-elsewhere.pcap"
        database = self.folder / "result.db"
        words = (str(capture), "--require", "zoom/meetings", "--output", str(database))

        def rows():
            with sqlite3.connect(database) as connection:
                return dict(connection.execute(
                    "SELECT ports, status || ' ' || destination FROM requirements WHERE product = 'meetings' "
                    "AND rule_id = 'meetings-udp' AND run_id = (SELECT max(run_id) FROM runs)"))

        report = " ".join(self.run_turnpike(*words, verb=("analyze",)).split())
        self.assertIn("the addresses of the vendor's feed are not loaded", report)
        self.assertIn("'turnpike catalog refresh zoom' loads them", report)
        self.assertTrue(rows()["8801-8810"].startswith("unmatched feed:zoom/feed-meetings (never loaded"))
        self.server.pages["/list"] = LIST
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        report = " ".join(self.run_turnpike(*words, verb=("analyze",)).split())
        self.assertNotIn("the addresses of the vendor's feed are not loaded", report)
        self.assertEqual(rows()["8801-8810"], "observed feed:zoom/feed-meetings (4 networks)")

    # -- what bad ones do --

    def refused(self, *parts, status=66, **options):
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes", status=status, **options)
        self.one_line(*parts)
        self.nothing_is_written()

    def test_truncated(self):
        self.server.pages["/list"] = web.truncated(LIST)
        self.refused("/list: ", status=74)

    def test_truncated_json(self):
        self.feed("zoom/feed-meetings", "json")
        self.server.pages["/list"] = '{"sfu": ["203.0.113.0/24", '
        self.refused("is no JSON", status=65)

    def test_endless(self):
        self.server.pages["/list"] = web.endless
        self.refused("is larger than", status=65)

    def test_a_bomb(self):
        self.server.pages["/list"] = web.bomb
        self.refused("is larger than", status=65)

    def test_says_that_it_is_huge(self):
        def huge(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", str(1 << 40))
            handler.end_headers()
        self.server.pages["/list"] = huge
        self.refused("is larger than", status=65)

    def test_slow(self):
        self.server.pages["/list"] = web.slow
        self.refused("timed out", status=74)

    def test_silent(self):
        with web.silent_port() as listener:
            self.server.port = listener.getsockname()[1]
            (self.own / "feeds.yaml").unlink()
            self.feed("zoom/feed-meetings", "cidrs")
            self.refused("timed out", status=74)

    def test_nobody_there(self):
        with web.silent_port() as listener:
            self.server.port = listener.getsockname()[1]
        (self.own / "feeds.yaml").unlink()
        self.feed("zoom/feed-meetings", "cidrs")
        self.refused("connect")

    def test_a_certificate_that_nobody_trusts(self):
        self.server.pages["/list"] = LIST
        self.refused("certificate", trust=False)

    def test_a_certificate_for_somebody_else(self):
        self.certificate = web.make_certificate(self.folder, "other", "elsewhere.example")
        self.server.close()
        self.server = web.Server(self.certificate)
        self.addCleanup(self.server.close)
        (self.own / "feeds.yaml").unlink()
        self.feed("zoom/feed-meetings", "cidrs")
        self.server.pages["/list"] = LIST
        self.refused("SSL")

    def test_redirects(self):
        self.server.pages["/elsewhere"] = LIST
        for target in ("http://127.0.0.1/list", "file:///etc/hosts", "ftp://127.0.0.1/list"):
            self.server.pages["/list"] = web.redirect(target)
            self.refused("/list: ")
        self.server.pages["/list"] = web.redirect(self.server.address("/list"))
        self.refused("redirects")
        self.server.pages["/list"] = web.redirect(self.server.address("/elsewhere"))
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")

    def test_errors_of_the_server(self):
        self.refused("answers 404")
        self.server.pages["/list"] = lambda handler: handler.answer(LIST.encode(), status=500)
        self.refused("answers 500")

    def test_a_page_instead_of_a_list(self):
        self.server.pages["/list"] = "<html><body>Please sign in</body></html>"
        self.refused("/list:1: ", status=65)

    def test_hostile_networks(self):
        for network in ("0.0.0.0/0", "0.0.0.0/1", "::/0", "10.0.0.0/8", "127.0.0.0/8", "192.168.1.0/24",
                        "224.0.0.0/4", "fe80::/10", "::1", "9.0.0.0/7"):
            self.server.pages["/list"] = LIST + network + "\n"
            self.refused(network.split("/")[0], status=65)

    def test_hostile_names(self):
        self.feed("zoom/feed-meetings", "json")
        self.server.pages["/list"] = json.dumps({"hosts": ["*.com"]})
        self.refused("*.com", status=65)

    def test_hostile_text(self):
        self.feed("zoom/feed-meetings", "microsoft365")
        self.server.pages["/list"] = json.dumps(
            [{"id": 'a"\n- x: \u009b31m', "serviceArea": "Skype", "serviceAreaDisplayName": "\u001b[31m\u009b",
              "ips": ["203.0.113.0/24"], "category": "\"}\n{", "notes": "\n        rules: []", "required": True}])
        out = self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        self.assertNotIn("\u001b", out + self.error)
        self.run_turnpike("check")

    def test_an_older_state(self):
        self.feed("zoom/feed-meetings", "google")
        feed = {"creationTime": "2026-11-01T00:00:00", "prefixes": [{"ipv4Prefix": "8.8.4.0/24"}]}
        self.server.pages["/list"] = json.dumps(feed)
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        feed["creationTime"] = "2026-10-01T00:00:00"
        feed["prefixes"].append({"ipv4Prefix": "8.8.8.0/24"})
        self.server.pages["/list"] = json.dumps(feed)
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes", status=65)
        self.one_line("is of 2026-10-01, older than zoom/feed-meetings@2026-11-01")
        self.assertEqual(self.written(), ["zoom-feed-meetings-2026-11-01.yaml"])

    def test_a_day_in_the_future(self):
        self.feed("zoom/feed-meetings", "google")
        self.server.pages["/list"] = json.dumps(
            {"creationTime": "2099-01-01T00:00:00", "prefixes": [{"ipv4Prefix": "8.8.4.0/24"}]})
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes", status=65)
        self.assertIn("the date lies in the future", self.error)
        self.nothing_is_written()

    def test_a_list_that_shrank_is_not_taken_unseen(self):
        self.server.pages["/list"] = LIST
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes")
        self.server.pages["/list"] = "192.0.2.0/24\n"
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes", status=65)
        self.one_line("more than half of it is gone")
        out = self.run_turnpike("refresh", "zoom/feed-meetings", answer="y\n")
        self.assertIn("CAREFUL", out)

    def test_files_of_the_users_are_left_alone(self):
        self.server.pages["/list"] = LIST
        mine = self.own / f"zoom-feed-meetings-{TODAY}.yaml"
        mine.write_text("vendor: mine\nname: mine\nproducts:\n  - {product: a, name: a, revisions: [{revision: '1', source: "
                        "{title: t, location: l, kind: vendor}, rules: [{id: a, purpose: a, ports: {tcp: [1]}, "
                        "destination: any}]}]}\n")
        self.run_turnpike("refresh", "zoom/feed-meetings", "--yes", status=73)
        self.one_line("not of turnpike's making")
        self.assertTrue(mine.read_text().startswith("vendor: mine"))

    def test_one_bad_feed_does_not_keep_the_others(self):
        self.feed("zoom/feed-phone", "cidrs", "/phone")
        for other in ("all", "crc", "cdn"):
            self.feed(f"zoom/feed-{other}", "cidrs", "/nothing")
        self.server.pages["/phone"] = LIST
        self.run_turnpike("refresh", "zoom", "--yes", status=66)
        self.assertEqual(self.written(), [f"zoom-feed-phone-{TODAY}.yaml"])

    # -- the command line --

    def test_usage(self):
        self.run_turnpike("refresh", "nobody", status=64)
        self.one_line("nobody", "zoom/feed-meetings")
        self.run_turnpike("refresh", "zoom", "--from", "/dev/null", status=64)
        self.one_line("--from")

    def test_feeds_that_are_no_https_are_refused(self):
        (self.own / "feeds.yaml").write_text(
            "feeds:\n  - {feed: zoom/x, name: x, kind: cidrs, location: 'http://127.0.0.1/'}\n")
        self.run_turnpike("refresh", "zoom", status=65)
        self.one_line("must begin with https://")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--turnpike", required=True)
    options, rest = parser.parse_known_args()
    turnpike = options.turnpike
    unittest.main(argv=[sys.argv[0], *rest])
