#!/usr/bin/env python3
"""The comparison of the golden tests finds what disagrees: each expectation below is wrong in one way."""
import sqlite3
import sys
import unittest

sys.dont_write_bytecode = True
import check  # noqa: E402


def database():
    made = sqlite3.connect(':memory:')
    made.row_factory = sqlite3.Row
    made.executescript("""
        CREATE TABLE flows(flow_id, server_ip, outcome, notes, control_flow_id);
        INSERT INTO flows VALUES (1, '203.0.113.1', 'passed', 'late_reset; mtu', NULL), (2, '203.0.113.2', 'blocked', NULL, 1);
        CREATE TABLE requirements(rule_id, transport, ports, revision, status, block_reason);
        INSERT INTO requirements VALUES ('media', 'udp', '443', 'r', 'blocked', 'udp_timeout');""")
    return made


def problems(rows=(), none=(), others='blocked'):
    expected = {'rows': [{'view': v, 'where': w, 'expect': e} for v, w, e in rows],
                'none': [{'view': v, 'where': w} for v, w in none], 'others': others}
    return list(check.Checker(database()).compare(expected))


FIRST, SECOND = {'flow_id': 1}, {'flow_id': 2}


class Comparison(unittest.TestCase):
    """Right and wrong expectations of one database."""

    def test_right(self):
        self.assertEqual(problems([
            ('flows', FIRST, {'outcome': 'passed', 'notes~': ['mtu', 'late_reset'], 'notes!~': 'capture_loss', 'outcome!': 'blocked'}),
            ('flows', SECOND, {'outcome': ['inconclusive', 'blocked'], 'notes!~': 'mtu', 'control_flow_id@': {'server_ip': '203.0.113.1'}}),
        ], [('flows', {'outcome': 'inconclusive'})]), [])

    def test_wrong(self):
        for where, expect in ((FIRST, {'outcome': 'blocked'}), (FIRST, {'outcome': ['blocked', 'inconclusive']}), (FIRST, {'outcome!': 'passed'}),
                              (FIRST, {'notes~': ['mtu', 'interrupted']}), (FIRST, {'notes!~': 'mtu'}), (FIRST, {'control_flow_id@': SECOND}),
                              (SECOND, {'control_flow_id@': {'server_ip': '203.0.113.2'}}), (SECOND, {'control_flow_id': None}),
                              (FIRST, {'no_such_column': 1}), ({'flow_id': 3}, {}), ({}, {})):
            with self.subTest(where=where, expect=expect):
                self.assertEqual(len(problems([('flows', where, expect)])), 1)

    def test_rows_that_should_not_be_there(self):
        self.assertEqual(len(problems(none=[('flows', {'outcome': 'blocked'})])), 1)
        self.assertEqual(len(problems(none=[('flows', {})])), 2)
        self.assertEqual(len(problems(none=[('no_such_view', {})])), 1)

    def test_other_requirements(self):
        self.assertEqual(len(problems(others='unmatched')), 1)
        self.assertEqual(problems(others=['unmatched', 'blocked']), [])
        self.assertEqual(problems([('requirements', {'rule_id': 'media'}, {'status': 'blocked'})], others='unmatched'), [])

    def test_text(self):
        text = 'both directions\n   visible'
        self.assertEqual(list(check.compare_text(text, {'says': ['both directions visible'], 'never_says': ['one direction']})), [])
        self.assertEqual(len(list(check.compare_text(text, {'never_says': ['directions visible'], 'says': ['dropped']}))), 2)


if __name__ == '__main__':
    unittest.main()
