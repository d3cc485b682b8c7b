# SPDX-License-Identifier: Apache-2.0
"""Runs the built program as a user would. CTest sets CIMCYCLE_PROGRAM and CIMCYCLE_SOURCE_DIR."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import tiny_network

PROGRAM = os.environ["CIMCYCLE_PROGRAM"]
SOURCE = Path(os.environ["CIMCYCLE_SOURCE_DIR"])
FLASH = str(SOURCE / "tech/chips/ou16-adc5-22nm.json")
SAR = str(SOURCE / "tech/chips/ou16-sar5-22nm.json")


def run(*arguments, **options):
    """The finished process, its output as text; standard input is closed."""
    options.setdefault("timeout", 300)
    return subprocess.run([PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, **options)


class ProgramTest(unittest.TestCase):
    """Has a folder of its own, with the tiny network in it."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="cimcycle-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.network = tiny_network.write(self.folder / "tiny")

    def good(self, *arguments, **options):
        process = run(*arguments, **options)
        self.assertEqual(process.returncode, 0, process.stderr)
        return process.stdout

    def bad(self, code, *arguments, says=()):
        """The program refuses: this exit code, nothing on standard output, one line that holds each of `says`."""
        process = run(*arguments)
        self.assertEqual(process.returncode, code, f"{arguments}: {process.stdout}{process.stderr}")
        self.assertEqual(process.stdout, "")
        self.assertRegex(process.stderr, r"\Acimcycle: [^\n]+\n\Z")
        self.assertTrue(process.stderr.isascii(), process.stderr)
        for part in [says] if isinstance(says, str) else says:
            self.assertIn(part, process.stderr)
        return process.stderr

    def names(self):
        """What lies in the test's folder."""
        return sorted(path.name for path in self.folder.iterdir())
