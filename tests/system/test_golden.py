# SPDX-License-Identifier: Apache-2.0
"""Reports of the tiny network against tests/golden, key by key, without what belongs to the machine.

CIMCYCLE_REWRITE_GOLDEN=1 (./dev golden) writes them anew; the commit then says why each number moved.
"""
import json
import os
import unittest

from program import FLASH, SAR, SOURCE, ProgramTest

GOLDEN = SOURCE / "tests/golden"
TOLERANCE = 1e-12  # relative, for reals: mathematical libraries differ in the last bit


def differences(found, expected, path="report"):
    if isinstance(expected, dict) and isinstance(found, dict):
        lines = [f"{path}.{key} is missing" for key in expected.keys() - found.keys()]
        lines += [f"{path}.{key} is new" for key in found.keys() - expected.keys()]
        for key in expected.keys() & found.keys():
            lines += differences(found[key], expected[key], f"{path}.{key}")
        return sorted(lines)
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [line for index, pair in enumerate(zip(found, expected))
                for line in differences(*pair, f"{path}[{index}]")]
    if isinstance(expected, float) and isinstance(found, float):
        same = abs(found - expected) <= TOLERANCE * abs(expected)
    else:
        same = found == expected and type(found) is type(expected)
    return [] if same else [f"{path} is {found!r}, was {expected!r}"]


class Golden(ProgramTest):
    def check(self, name, *options):
        out = self.folder / "out"
        self.good("run", self.network, "--images", 6, "--out", out, *options)
        report = json.loads((out / "report.json").read_text())
        for key in ["simulation", "command", "version"]:
            del report[key]
        path = GOLDEN / f"{name}.json"
        if "CIMCYCLE_REWRITE_GOLDEN" in os.environ:
            path.write_text(json.dumps(report, indent=1) + "\n")
        moved = differences(report, json.loads(path.read_text()))
        self.assertEqual(moved, [], f"{len(moved)} numbers of {path.name} moved")

    def test_flash(self):
        self.check("tiny-flash", "--hardware", FLASH)

    def test_sar_separate_skip_zero(self):
        self.check("tiny-sar-separate", "--hardware", SAR, "--set", "mapping.lsb=separate_crossbars",
                   "--set", "schedule.row_policy=skip_zero_groups", "--timed-images", 2)

    def test_three_bits(self):
        self.check("tiny-flash-adc3", "--hardware", FLASH, "--set", "adc.bits=3")


if __name__ == "__main__":
    unittest.main()
