# SPDX-License-Identifier: Apache-2.0
"""A run from start to end: the files it leaves, what it prints, and that it leaves nothing when it is interrupted."""
import csv
import json
import os
import pty
import signal
import struct
import subprocess
import time
import unittest

import schema
from program import FLASH, PROGRAM, SAR, SOURCE, ProgramTest


class Run(ProgramTest):
    def report(self, *options, out="out", hardware=FLASH):
        self.good("run", self.network, "--hardware", hardware, "--images", 4, "--out", self.folder / out, *options)
        return json.loads((self.folder / out / "report.json").read_text())

    def test_files(self):
        report = self.report()
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()), ["layers.csv", "report.html", "report.json"])
        self.assertEqual(self.names(), ["out", "tiny"])
        self.assertEqual([layer["name"] for layer in report["layers"]],
                         ["conv1", "conv2", "conv3", "conv4", "pool", "fc"])
        with open(self.folder / "out" / "layers.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        documented = (SOURCE / "docs/formats/report.md").read_text()
        for column in rows[0]:
            self.assertIn("..._energy_pj" if column.endswith("_energy_pj") else f"`{column}`", documented)
        for row, layer in zip(rows, report["layers"], strict=True):
            self.assertEqual(row["name"], layer["name"])
            self.assertEqual(float(row["total_energy_pj"]), layer["energy_pj"]["total"])
            self.assertEqual(float(row["cycles"]), layer["cycles"])

    def test_report_follows_its_schema(self):
        rules = json.loads((SOURCE / "docs/formats/report.schema.json").read_text())
        for options in [[], ["--timed-images", "2", "--reference-images", "0"],
                        ["--set", "schedule.row_policy=skip_zero_groups"]]:
            self.assertEqual(schema.problems(self.report(*options), rules), [])
        self.assertEqual(schema.problems(self.report(hardware=SAR), rules), [])

    def test_counts_close(self):
        for options in [[], ["--set", "schedule.row_policy=skip_zero_groups"]]:
            report = self.report(*options)
            for layer in report["layers"]:
                reads = layer["ou_reads"]
                self.assertLessEqual(reads["lsb"], reads["lsb_possible"])
                self.assertLessEqual(layer["gates_closed"], layer["gate_decisions"])
                self.assertLessEqual(layer["clipped_conversions"], layer["conversions"])
                self.assertEqual(layer["conversions"], layer["actions"]["conversion"])
                cycles = layer["component_cycles"]["crossbars"]
                elapsed = cycles["busy"] + cycles["idle"] + sum(cycles["stalled"].values())
                self.assertAlmostEqual(elapsed, layer["cycles"] * 4 * layer["crossbars"], delta=1e-6)
                parts = sum(value for name, value in layer["energy_pj"].items() if name != "total")
                self.assertAlmostEqual(parts / layer["energy_pj"]["total"], 1, delta=1e-12)
            total = sum(layer["energy_pj"]["total"] for layer in report["layers"])
            self.assertAlmostEqual(total / report["totals"]["energy_pj"]["total"], 1, delta=1e-12)
            self.assertGreater(report["layers"][1]["skip_ratio"], 0)
            self.assertLess(report["layers"][1]["skip_ratio"], 1)
            self.assertIsNone(report["layers"][0]["skip_ratio"])

    def test_threads_do_not_change_a_digit(self):
        reports = [self.report("--threads", threads, "--logits", self.folder / f"logits{threads}.npy", out=f"out{threads}")
                   for threads in (1, 3)]
        for report in reports:
            del report["simulation"], report["command"]
        self.assertEqual(json.dumps(reports[0]), json.dumps(reports[1]))
        self.assertEqual((self.folder / "logits1.npy").read_bytes(), (self.folder / "logits3.npy").read_bytes())

    def test_logits(self):
        self.report("--logits", self.folder / "logits.npy")
        content = (self.folder / "logits.npy").read_bytes()
        self.assertEqual(content[:8], b"\x93NUMPY\x01\x00")
        size, = struct.unpack("<H", content[8:10])
        self.assertIn(b"'shape': (4, 10)", content[10:10 + size])
        self.assertEqual(len(content), 10 + size + 4 * 10 * 8)

    def test_ideal_adc_agrees_with_the_integer_network(self):
        report = self.report("--set", "adc.transfer=ideal")
        self.assertEqual(report["accuracy"]["agreement"], 1)
        self.assertEqual(report["accuracy"]["top1"], report["accuracy"]["ideal_adc_top1"])
        self.assertTrue(all(layer["lossless"] in (True, None) for layer in report["layers"]))

    def test_an_earlier_result_is_replaced(self):
        first = self.report()
        (self.folder / "out" / "report.json").write_text("{}")
        second = self.report()
        self.assertEqual(first["totals"], second["totals"])
        self.assertEqual(self.names(), ["out", "tiny"])

    def test_command_can_be_typed_again(self):
        odd = self.folder / "it's $HOME"
        report = self.report(out=odd)
        words = subprocess.run(["sh", "-c", "printf '%s\\n' " + report["command"]], capture_output=True, text=True, check=True)
        self.assertEqual(words.stdout.splitlines()[-1], str(odd))

    def test_quiet(self):
        self.assertEqual(self.good("run", self.network, "--hardware", FLASH, "--images", 1, "--quiet"), "")


class Text(ProgramTest):
    def arguments(self, images):
        return [PROGRAM, "run", str(self.network), "--hardware", FLASH, "--images", str(images)]

    def on_terminal(self, **environment):
        """What the program writes when standard output and error are a terminal."""
        main, terminal = pty.openpty()
        process = subprocess.Popen(self.arguments(4), stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal,
                                   env={**os.environ, "TERM": "xterm", **environment})
        os.close(terminal)
        content = b""
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:  # Linux: the other end is closed
                part = b""
            if not part:
                break
            content += part
        os.close(main)
        self.assertEqual(process.wait(), 0)
        return content.decode()

    def test_plain_text_for_pipes(self):
        for locale, ascii_only in [("C", True), ("C.UTF-8", False)]:
            process = subprocess.run(self.arguments(2), capture_output=True, check=True, stdin=subprocess.DEVNULL,
                                     env={**os.environ, "LC_ALL": locale, "TERM": "xterm"})
            self.assertEqual(process.stderr, b"")
            self.assertNotIn(b"\x1b", process.stdout)
            self.assertEqual(process.stdout.isascii(), ascii_only)
            self.assertLessEqual(max(map(len, process.stdout.decode().splitlines())), 120)
            for word in [b"conv1", b"accuracy", b"energy", b"latency", b"skipping", b"paper"]:
                self.assertIn(word, process.stdout)

    def test_colour_and_progress_on_a_terminal(self):
        text = self.on_terminal(NO_COLOR="")
        self.assertIn("\x1b[1m", text)
        self.assertRegex(text, r"/4 images")
        plain = self.on_terminal(NO_COLOR="1")
        self.assertNotRegex(plain, r"\x1b\[\d*m")
        self.assertNotRegex(self.on_terminal(NO_COLOR="", TERM="dumb"), r"\x1b\[\d*m")


class Interrupt(ProgramTest):
    def start(self):
        process = subprocess.Popen([PROGRAM, "run", self.network, "--hardware", FLASH, "--out", self.folder / "out"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        return process

    def test_nothing_is_left(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start()
            time.sleep(1)
            self.assertIsNone(process.poll(), "all images of the data set take longer than this")
            process.send_signal(number)
            output, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130, errors)
            self.assertEqual(output, "")
            self.assertRegex(errors, r"\Acimcycle: interrupted[^\n]*\n\Z")
            self.assertEqual(self.names(), ["tiny"])


if __name__ == "__main__":
    unittest.main()
