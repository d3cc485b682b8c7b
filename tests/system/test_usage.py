# SPDX-License-Identifier: Apache-2.0
"""Bad usage and bad input end with exit code 2 and one line that says what would be right."""
import os
import stat
import subprocess
import unittest

from program import FLASH, PROGRAM, ProgramTest, run


class Help(ProgramTest):
    def test_overview_names_every_command(self):
        text = self.good("help")
        for command in ["run", "calibrate", "describe", "explain", "energy-table", "sweep", "report", "dataset", "version"]:
            self.assertRegex(text, rf"\n  {command} +\w")
        self.assertEqual(self.good("--help"), text)

    def test_each_command_has_a_help(self):
        for command in ["run", "calibrate", "describe", "explain", "energy-table", "sweep", "report", "dataset"]:
            text = self.good(command, "--help")
            self.assertTrue(text.startswith(f"usage: cimcycle {command}"), text)
            self.assertIn("--help", text)
            self.assertEqual(self.good("help", command), text)
            self.assertLessEqual(max(map(len, text.splitlines())), 120)

    def test_short_help_and_surplus_words(self):
        self.assertEqual(self.good("run", "-h"), self.good("run", "--help"))
        self.bad(2, "help", "run", "foo", says="one argument too many")
        self.bad(2, "version", "foo", says="one argument too many")

    def test_version(self):
        self.assertRegex(self.good("version"), r"\Acimcycle \d+\.\d+\.\d+\n\Z")
        self.assertEqual(self.good("--version"), self.good("version"))


class Usage(ProgramTest):
    def run_bad(self, *options, says):
        self.bad(2, "run", self.network, "--hardware", FLASH, *options, says=says)

    def test_commands(self):
        self.bad(2, says="cimcycle help")
        self.bad(2, "rum", says='"rum" is no command; did you mean run?')
        self.bad(2, "help", "descripe", says="did you mean describe?")
        self.bad(2, "x\n\x1b[31my", says="\\x1b")

    def test_missing_arguments(self):
        self.bad(2, "run", "--hardware", FLASH, says="NETWORK is missing")
        self.bad(2, "run", self.network, "surplus", "--hardware", FLASH, says='"surplus" is one argument too many')
        self.bad(2, "run", self.network, says=["--hardware FILE is missing", "tech/chips/ou16-adc5-22nm.json"])
        self.bad(2, "describe", says="tech/chips/ou16-adc5-22nm.json")
        self.bad(2, "explain", "--hardware", FLASH, says="COMPONENT is missing")

    def test_unknown_options(self):
        self.run_bad("--imags", "3", says="did you mean --images?")
        self.run_bad("--image", "3", says="did you mean --images?")  # no abbreviations
        self.run_bad("-n", "3", says="run: ")
        self.run_bad("--images", says="--images needs a value")
        self.run_bad("--quiet=yes", says="--quiet takes no value")
        self.run_bad("--seed", "1", "--seed", "2", says="--seed is given twice")
        self.run_bad("--out", "", says="--out")

    def test_counts_are_strict(self):
        for option in ["--images", "--timed-images", "--reference-images", "--threads", "--seed"]:
            for value in ["4abc", "abc", "-1", "+1", " 1", "1.5", "1e3", "0x10", "99999999999999999999"]:
                with self.subTest(option=option, value=value):
                    self.run_bad(f"{option}={value}", says=[f"run: {option} = ", "expected a whole number"])
        self.run_bad("--images", "-1", says="expected a whole number, 1 or more")
        self.run_bad("--images", "0", says="1 or more")
        self.run_bad("--threads", "0", says="1 to 1024")

    def test_hardware(self):
        self.bad(2, "run", self.network, "--hardware", "no-such-chip.json", says="no-such-chip.json")
        self.run_bad("--set", "adc.bit=4", says="did you mean adc.bits?")
        self.run_bad("--set", "adc.bits", says="adc.bits")
        self.run_bad("--set", "adc.bits=99", says="adc.bits")
        self.run_bad("--set", "ou.rows=256", says="ou.rows")
        self.bad(2, "explain", "clok", "--hardware", FLASH, says=["did you mean clock?", "known: "])

    def test_network_and_dataset(self):
        self.bad(2, "run", self.folder / "missing", "--hardware", FLASH, says="missing")
        self.bad(2, "run", self.folder / "no\nnetwork", "--hardware", FLASH, says="no\\x0anetwork")
        self.run_bad("--dataset", "sintetic", says="sintetic")
        (self.network / "weights.safetensors").write_bytes(b"\xff" * 100)
        self.run_bad(says="weights.safetensors")

    def test_every_message_of_a_broken_network_is_one_line(self):
        text = (self.network / "network.json").read_text()
        for cut in range(0, len(text), 97):
            (self.network / "network.json").write_text(text[:cut])
            self.run_bad(says="network.json")


class Output(ProgramTest):
    def test_full_disk_on_standard_output(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            process = subprocess.run([PROGRAM, "describe", "--hardware", FLASH], stdout=full, stderr=subprocess.PIPE,
                                     text=True, check=False)
        self.assertEqual(process.returncode, 1)
        self.assertIn("standard output", process.stderr)

    def test_a_folder_that_cannot_be_made(self):
        # Not by permissions: they do not bind root. Nothing may be run before this is found out.
        (self.folder / "file").write_text("x")
        for out in [self.folder / "file" / "out", "/proc/cimcycle-out", self.folder / "file"]:
            with self.subTest(out=out):
                process = run("run", self.network, "--hardware", FLASH, "--images", 1, "--out", out)
                self.assertIn(process.returncode, [1, 2])
                self.assertRegex(process.stderr, r"\Acimcycle: [^\n]+\n\Z")
                self.assertEqual(process.stdout, "")
        self.assertEqual((self.folder / "file").read_text(), "x")

    def test_logits_never_replace_a_device(self):
        self.bad(2, "run", self.network, "--hardware", FLASH, "--images", 1, "--logits", "/dev/full",
                 says="not a regular file")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/full").st_mode))
        self.bad(1, "run", self.network, "--hardware", FLASH, "--images", 1, "--logits",
                 self.folder / "missing" / "logits.npy", says="no such folder")

    def test_logits_lie_outside_the_folder_of_the_report(self):
        for name in ("logits.npy", "report.json"):
            out = self.folder / "out"
            self.bad(2, "run", self.network, "--hardware", FLASH, "--images", 1, "--out", f"{out}/", "--logits", out / name,
                     says="lies in the folder of --out")
            self.assertFalse(out.exists())
        self.good("run", self.network, "--hardware", FLASH, "--images", 1, "--quiet", "--out", self.folder / "out", "--logits",
                  self.folder / "out.npy")

    def test_what_a_killed_run_left_is_no_hindrance(self):
        out = self.folder / "out"
        (out / ".out.4711-0.tmp").mkdir(parents=True)
        self.good("run", self.network, "--hardware", FLASH, "--images", 1, "--quiet", "--out", out)
        (out / ".other.4711-0.tmp").mkdir()
        self.bad(2, "run", self.network, "--hardware", FLASH, "--images", 1, "--out", out, says=".other.4711-0.tmp")

    def test_a_network_is_not_calibrated_onto_itself(self):
        before = (self.network / "network.json").read_bytes()
        self.bad(2, "calibrate", self.network, "--hardware", FLASH, "--images", 4, "--skip", "0.5", "--out",
                 f"{self.network}/", says="is the network itself")
        self.assertEqual((self.network / "network.json").read_bytes(), before)

    def test_a_folder_of_somebody_else_is_left_alone(self):
        out = self.folder / "photos"
        out.mkdir()
        (out / "cat.jpg").write_text("miau")
        self.bad(2, "run", self.network, "--hardware", FLASH, "--images", 1, "--out", out, says="cat.jpg")
        self.assertEqual([path.name for path in out.iterdir()], ["cat.jpg"])


if __name__ == "__main__":
    unittest.main()
