# SPDX-License-Identifier: Apache-2.0
"""The energy of a run, computed a second time: action counts of report.json times the factors that explain states.

Nothing of the program's ledger is used: which component an action belongs to comes from describe, leakage from power
and time.
"""
import json
import unittest

from program import FLASH, SAR, SOURCE, ProgramTest

TOLERANCE = 1e-12


class Energy(ProgramTest):
    def near(self, value, expected, what):
        self.assertLessEqual(abs(value - expected), TOLERANCE * abs(expected), f"{what}: {value} and {expected}")

    def check(self, hardware, *changes):
        chip = ["--hardware", hardware]
        for change in changes:
            chip += ["--set", change]
        self.good("run", self.network, *chip, "--images", 5, "--timed-images", 3, "--out", self.folder / "out")
        report = json.loads((self.folder / "out" / "report.json").read_text())
        explained = json.loads(self.good("explain", "all", "--json", *chip, "--network", self.network))
        described = json.loads(self.good("describe", "--json", *chip, "--network", self.network))

        factors = explained["energy_factors_pj"]
        component = {row["action"]: row["component"] for row in described["actions"]}
        self.assertEqual(factors.keys(), component.keys(), "every action has a figure that explains its factor")
        self.assertEqual(report["energy_factors_pj"], factors)
        for figure in explained["figures"]:
            self.assertTrue(figure["formula"], figure["name"])
            self.assertTrue(figure["unit"], figure["name"])
            for given in figure["inputs"]:
                self.assertTrue(given["source"], f"{figure['name']}: {given['name']}")

        power_uw = sum(row["count"] * row["leakage_uw"] for row in described["components"])
        self.near(report["totals"]["leakage_power_uw"], power_uw, "leakage power")
        area = sum(row["count"] * row["area_um2"] for row in described["components"])
        self.near(report["totals"]["area_um2"]["total"], area, "area")

        images = report["dataset"]["images"]
        chip_total = 0
        for layer in report["layers"]:
            parts = dict.fromkeys(set(layer["energy_pj"]) - {"total"}, 0.0)
            for action, count in layer["actions"].items():
                parts[component[action]] += count * factors[action] / images
            parts["leakage"] = power_uw * layer["latency_ns"] * 1e-3  # uW x ns = 1e-3 pJ
            for name, value in parts.items():
                self.near(layer["energy_pj"][name], value, f"{layer['name']}.{name}")
            self.near(layer["energy_pj"]["total"], sum(parts.values()), layer["name"])
            chip_total += sum(parts.values())
        self.near(report["totals"]["energy_pj"]["total"], chip_total, "total")
        self.near(report["totals"]["energy_pj_spread"]["mean"], chip_total, "mean of the spread")

        operations = 2 * sum(layer["macs"] for layer in report["layers"])  # a multiplication and an addition
        self.near(report["totals"]["tops_per_watt"], operations / chip_total, "TOPS/W")
        self.near(report["totals"]["images_per_second"], 1e9 / report["totals"]["latency_ns"]["mean"], "images/s")

    def test_flash(self):
        self.check(FLASH)

    def test_sar(self):
        self.check(SAR, "schedule.row_policy=skip_zero_groups")

    def test_other_shapes(self):
        self.check(FLASH, "ou.rows=32", "ou.cols=8", "adc.bits=4", "mapping.lsb=separate_crossbars")
        self.check(FLASH, "cell.bits=2", "input.digit_bits=2", "mapping.cells=differential")

    def test_charge_decrement(self):
        neurram = SOURCE / "tech/chips/silicon/neurram-130nm.json"
        self.check(neurram, "ou.cols=16", "input.digit_bits=2")  # both slices of a weight on a core


if __name__ == "__main__":
    unittest.main()
