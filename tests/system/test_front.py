# SPDX-License-Identifier: Apache-2.0
"""bench/dec3: the front of accuracy against energy from a folder of small networks; its ratios against cases by hand."""
import csv
import importlib.util
import json
import subprocess
import sys
import unittest

import tiny_network
from program import PROGRAM, SOURCE, ProgramTest

sys.path[:0] = [str(SOURCE / "bench"), str(SOURCE / "bench/dec3")]
import front  # noqa: E402


class Ratios(unittest.TestCase):
    def rows(self):
        """Accuracies and energies; every other measure is twice the energy."""
        points = [("n-d-static8", "static", "read", 0.92, 8.0), ("n-d-static8", "static", "skip", 0.92, 7.5),
                  ("n-d-static4", "static", "read", 0.90, 4.0), ("n-d-teap4", "teap", "read", 0.91, 5.0),
                  ("n-d-teap4", "teap", "skip", 0.91, 3.5), ("n-d-dec3-a", "dec3", "read", 0.91, 3.0),
                  ("n-d-dec3-b", "dec3", "read", 0.905, 2.5), ("n-d-dec3-c", "dec3", "read", 0.93, 6.0),
                  ("n-d-pg8", "pg", "read", 0.94, 1.0)]
        rows = []
        for name, method, zero_weights, top1, energy in points:
            row = {measure: 2 * energy for measure in front.MEASURES}
            rows.append({**row, "topology": "n", "network": name, "method": method, "zero_weights": zero_weights,
                         "row_policy": "all", "top1": top1, "energy_uj": energy})
        other = [{**row, "row_policy": "skip_zero_groups", "energy_uj": 0.1, "top1": 1.0} for row in rows[:1]]
        return rows + other

    def test_against_static_8_bits_and_the_best_static(self):
        rows = self.rows()
        front.add_ratios(rows)
        found = {row["network"]: row for row in rows if row["row_policy"] == "all"}
        self.assertEqual(found["n-d-dec3-a"]["vs_static8_energy_uj"], 8 / 3)
        self.assertEqual(found["n-d-dec3-a"]["vs_best_static_energy_uj"], 3.5 / 3)
        self.assertEqual(found["n-d-dec3-a"]["vs_best_static_paper_uj"], 7 / 6)
        self.assertEqual(found["n-d-dec3-a"]["best_static"], "n-d-teap4")
        self.assertEqual(found["n-d-dec3-b"]["vs_best_static_energy_uj"], 3.5 / 2.5)
        self.assertEqual(found["n-d-pg8"]["vs_static8_energy_uj"], 8)
        # Nothing static is as good.
        for name in ("n-d-dec3-c", "n-d-pg8"):
            self.assertIsNone(found[name]["vs_best_static_energy_uj"])
            self.assertIsNone(found[name]["best_static"])

    def test_measures_that_are_missing(self):
        rows = [{**row, "composed_uj": None} for row in self.rows()]
        front.add_ratios(rows)
        self.assertTrue(all(row["vs_static8_composed_uj"] is None and row["vs_best_static_composed_uj"] is None
                            for row in rows))
        self.assertEqual(front.front_of(rows, "composed_uj"), [])

    def test_without_an_8_bit_network_there_is_no_ratio_to_it(self):
        rows = [row for row in self.rows() if row["network"] != "n-d-static8"]
        front.add_ratios(rows)
        self.assertTrue(all(row["vs_static8_energy_uj"] is None for row in rows))

    def test_front(self):
        names = [row["network"] for row in front.front_of(self.rows()[:-2], "energy_uj")]
        self.assertEqual(names, ["n-d-dec3-b", "n-d-dec3-a", "n-d-dec3-c"])


class Front(ProgramTest):
    def setUp(self):
        super().setUp()
        self.models = self.folder / "models"
        tiny_network.write(self.models / "tiny-synthetic-dec3-a")
        for name, is_pruned in (("static8", False), ("teap8", True)):
            network = tiny_network.write(self.models / f"tiny-synthetic-{name}", is_pruned=is_pruned)
            text = json.loads((network / "network.json").read_text())
            for layer in text["layers"]:
                if "dec3" in layer:
                    layer["dec3"] = {"hb": 8, "lb": 0}
            (network / "network.json").write_text(json.dumps(text))
        tiny_network.write(self.models / "tiny-synthetic-unnamed")

    def call(self, *options):
        return subprocess.run([sys.executable, "-B", SOURCE / "bench/dec3/dec3.py", "--dataset", "synthetic", "--models",
                               self.models, "--out", self.folder / "out", "--hardware",
                               SOURCE / "tech/chips/ou16-adc5-22nm.json", "--program", PROGRAM, "--images", "5",
                               "--policy-images", "2", "--mask-images", "2", "--no-composer", *options], capture_output=True, text=True)

    def good(self, *options):
        process = self.call(*options)
        self.assertEqual(process.returncode, 0, process.stderr)
        return process.stdout, json.loads((self.folder / "out/front.json").read_text())["rows"]

    def test_rows_are_those_of_the_reports(self):
        text, rows = self.good("--no-plots")
        self.assertIn("vs_best_static", text)
        names = ["tiny-synthetic-dec3-a", "tiny-synthetic-static8", "tiny-synthetic-teap8"]
        self.assertEqual(sorted({row["network"] for row in rows}), names)
        # The DE-C3 network has a layer without low bits, whose mask is known after the read or beforehand.
        self.assertEqual(len(rows), 4 * (2 + 1 + 1))
        reports = [json.loads(file.read_text()) for file in (self.folder / "out/runs").glob("*/*/report.json")]
        for row in rows:
            self.assertEqual((row["images"], row["policy_images"]), (5, 2))
            own = [report for report in reports if report["dataset"]["images"] == 2
                   and report["hardware"]["schedule"]["row_policy"] == row["row_policy"]
                   and report["hardware"]["schedule"]["zero_weights"] == row["zero_weights"]
                   and report["totals"]["energy_pj"]["total"] * 1e-6 == row["energy_uj"]]
            self.assertGreaterEqual(len(own), 1)
            self.assertEqual(row["paper_uj"], own[0]["totals"]["paper_energy_pj"] * 1e-6)
            oracle = own[0]["baselines"]["oracle"]["energy_pj"]
            if row["method"] == "dec3":
                self.assertLess(row["oracle_uj"], row["energy_uj"])
            self.assertEqual(row["oracle_uj"], row["energy_uj"] if oracle is None else oracle * 1e-6)
        cost = {(row["network"][15:], row["row_policy"], row["zero_weights"]): row["energy_uj"] for row in rows}
        self.assertLess(cost["teap8", "all", "skip"], cost["teap8", "all", "read"])
        self.assertLess(cost["static8", "skip_zero_groups", "read"], cost["static8", "all", "read"])
        with open(self.folder / "out/front.csv", newline="", encoding="utf-8") as file:
            listed = list(csv.DictReader(file))
        self.assertEqual([float(row["energy_uj"]) for row in listed], [row["energy_uj"] for row in rows])

    def test_gates_on_inputs_get_a_chip_that_sums_them(self):
        file = self.models / "tiny-synthetic-dec3-a/network.json"
        text = json.loads(file.read_text())
        for layer in text["layers"]:
            if layer.get("dec3", {}).get("gate", "none") != "none":
                layer["dec3"] = {"hb": layer["dec3"]["hb"], "lb": layer["dec3"]["lb"], "gate": "inputs", "threshold": 40}
        file.write_text(json.dumps(text))
        _, rows = self.good("--no-plots")
        own = [row for row in rows if row["method"] == "dec3"]
        # What they save does not depend on when a mask is known.
        self.assertEqual([row["mask_known"] for row in own], [""] * 4)
        self.assertTrue(all(0 < row["masked_ratio"] < 1 for row in own))

    def test_what_was_replayed_is_kept_until_an_input_changes(self):
        for name in ("tiny-synthetic-dec3-a", "tiny-synthetic-teap8"):
            (self.models / name).rename(self.folder / name)
        self.good("--no-plots")
        dates = {file: file.stat().st_mtime_ns for file in (self.folder / "out/runs").glob("*/*/report.json")}
        self.assertEqual(len(dates), 5)
        self.good("--no-plots")
        self.assertEqual(dates, {file: file.stat().st_mtime_ns for file in dates})
        file = self.models / "tiny-synthetic-static8/network.json"
        file.write_text(file.read_text() + "\n")
        self.good("--no-plots")
        self.assertEqual(len(list((self.folder / "out/runs").glob("*/*/report.json"))), 10)
        # Other images of the masks, and a chip whose own file stays the same while that it is based on changes.
        self.good("--no-plots", "--mask-images", "3")
        self.assertEqual(len(list((self.folder / "out/runs").glob("*/*/report.json"))), 15)
        base, chip = self.folder / "base.json", self.folder / "chip.json"
        text = json.loads((SOURCE / "tech/chips/ou16-adc5-22nm.json").read_text())
        chip.write_text(json.dumps({"base": str(base), "name": "derived"}))
        for adc_bits, count in ((5, 20), (6, 25)):
            text["adc"]["bits"] = adc_bits
            base.write_text(json.dumps(text))
            self.good("--no-plots", "--hardware", str(chip))
            self.assertEqual(len(list((self.folder / "out/runs").glob("*/*/report.json"))), count)

    def test_a_missing_program_or_chip_is_one_line(self):
        for option, line in (("--program", r"[^\n]*none: no such program; [^\n]*\n"), ("--hardware", r"cimcycle: [^\n]*none[^\n]*\n")):
            process = self.call(option, str(self.folder / "none"))
            self.assertNotEqual(process.returncode, 0)
            self.assertRegex(process.stderr.partition("...\n")[2], rf"\A{line}\Z")

    def test_a_folder_without_such_networks_is_refused(self):
        process = self.call("--models", str(self.folder / "out"))
        self.assertEqual(process.returncode, 1)
        self.assertRegex(process.stderr, r"no network is named TOPOLOGY-synthetic-METHOD[^\n]*\n\Z")

    @unittest.skipUnless(importlib.util.find_spec("matplotlib"), "needs Debian's python3-matplotlib")
    def test_picture(self):
        for name in ("tiny-synthetic-dec3-a", "tiny-synthetic-teap8"):
            (self.models / name).rename(self.folder / name)
        self.good()
        first = (self.folder / "out/tiny.svg").read_bytes()
        self.assertIn(b"<svg", first)
        self.good()
        self.assertEqual(first, (self.folder / "out/tiny.svg").read_bytes())


class Composed(ProgramTest):
    def test_energies_as_neurosim_composes_them(self):
        models = self.folder / "models"
        for name in ("static8", "dec3-4-4"):
            (models / f"r-synthetic-{name}").mkdir(parents=True)
            for file in (SOURCE / f"models/resnet20-synthetic-{name}").iterdir():
                (models / f"r-synthetic-{name}" / file.name).symlink_to(file)
        subprocess.run([sys.executable, "-B", SOURCE / "bench/dec3/dec3.py", "--dataset", "synthetic", "--models", models,
                        "--out", self.folder / "out", "--hardware", SOURCE / "tech/chips/ou16-adc5-22nm.json", "--composer",
                        SOURCE / "tech/chips/neurosim-1.3-ou16.json", "--composer-images", "1", "--program", PROGRAM,
                        "--images", "4", "--policy-images", "4", "--no-plots"], check=True, capture_output=True)
        rows = json.loads((self.folder / "out/front.json").read_text())["rows"]
        tables = list((self.folder / "out/runs").glob("*composed*.json"))
        self.assertEqual(len(tables), 1)
        table = json.loads(tables[0].read_text())
        found = {row["network"]: row for row in rows}
        self.assertAlmostEqual(found["r-synthetic-static8"]["composed_uj"] * 1e6 / table["total_pj"][8], 1, delta=1e-12)
        gated = found["r-synthetic-dec3-4-4"]
        self.assertGreater(gated["vs_static8_composed_uj"], 1)
        self.assertLess(gated["vs_static8_composed_uj"], table["total_pj"][8] / table["total_pj"][4])


if __name__ == "__main__":
    unittest.main()
