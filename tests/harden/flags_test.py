#!/usr/bin/python3
"""flags_test.py PROGRAM: the binary was built with what SECURITY.md says."""
import re
import subprocess
import sys
import unittest

PROGRAM = sys.argv.pop()


def readelf(*words):
    return subprocess.run(['readelf', '-W', *words, PROGRAM], capture_output=True, text=True, check=True).stdout


class Binary(unittest.TestCase):
    def test_every_address_is_bound_at_the_start_and_read_only(self):
        self.assertRegex(readelf('-d'), r'FLAGS.*BIND_NOW|BIND_NOW')
        self.assertIn('GNU_RELRO', readelf('-l'))

    def test_code_lies_anywhere_and_the_stack_holds_none(self):
        self.assertRegex(readelf('-h'), r'Type:\s+DYN')
        self.assertRegex(readelf('-l'), r'GNU_STACK\s.*\sRW\s')

    def test_stack_is_guarded(self):
        self.assertIn('__stack_chk_fail', readelf('--dyn-syms'))

    def test_library_calls_check_sizes(self):
        self.assertTrue(set(re.findall(r'__(\w+)_chk\b', readelf('--dyn-syms'))) - {'stack'})

    def test_library_asserts(self):
        self.assertIn('__glibcxx_assert_fail', readelf('--dyn-syms'))

    def test_jumps_land_on_marks_and_the_stack_is_probed(self):
        """The property of the whole file is missing: Debian's start files are not marked."""
        code = subprocess.run(['objdump', '-d', '--no-show-raw-insn', PROGRAM], capture_output=True, text=True,
                              check=True).stdout
        self.assertGreater(code.count('endbr64'), 1000)
        # Functions with more than a page on the stack touch every page of it on their way.
        self.assertRegex(code, r'sub +\$0x1000,%rsp\n[^\n]*or[lq] +\$0x0,')


if __name__ == '__main__':
    unittest.main()
