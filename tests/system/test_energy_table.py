# SPDX-License-Identifier: Apache-2.0
"""The energy table as a user gets it: its file, its text, and what it refuses."""
import json
import unittest

import schema
from program import FLASH, SOURCE, ProgramTest


class EnergyTable(ProgramTest):
    def table(self, *options):
        out = self.folder / "table.json"
        text = self.good("energy-table", self.network, "--hardware", FLASH, "--images", 3, "--out", out, *options)
        return json.loads(out.read_text()), text

    def test_file_and_text(self):
        table, text = self.table()
        rules = json.loads((SOURCE / "docs/formats/energy-table.schema.json").read_text())
        self.assertEqual(schema.problems(table, rules), [])
        self.assertEqual([layer["name"] for layer in table["layers"]], ["conv1", "conv2", "conv3", "conv4", "fc"])
        self.assertEqual([layer["weight_bits"] for layer in table["layers"]], [8, 8, 6, 4, 8])
        for bits, total in enumerate(table["total_pj"]):
            parts = sum(layer["energy_pj"][bits] for layer in table["layers"]) + table["other_pj"]
            self.assertAlmostEqual(parts / total, 1, delta=1e-12)
        for row in table["pairs"]["all_layers"]:
            least = table["total_pj"][8] / table["total_pj"][row["hb"] + row["lb"]]
            self.assertAlmostEqual(row["least_gain"] / least, 1, delta=1e-12)
        for name in ["conv1", "fc", "4,4", "2,0"]:
            self.assertIn("\n" + name, text)
        self.assertLessEqual(max(map(len, text.splitlines())), 132)

    def test_threads_and_repetition_give_the_same_file(self):
        self.assertEqual(self.table("--threads", 1)[0], self.table("--threads", 3)[0])

    def test_run_accounts_with_it(self):
        path = self.folder / "table.json"
        table, _ = self.table()
        table["source"] = "neurosim-1.3"
        path.write_text(json.dumps(table))
        command = ["run", self.network, "--hardware", FLASH, "--images", 3, "--out", self.folder / "out"]
        self.good(*command, "--energy-table", path)
        report = json.loads((self.folder / "out" / "report.json").read_text())
        self.assertEqual(report["totals"]["paper_energy_source"], "neurosim-1.3")
        parts = sum(layer["paper_energy_pj"] for layer in report["layers"]) + table["other_pj"]
        self.assertAlmostEqual(report["totals"]["paper_energy_pj"] / parts, 1, delta=1e-12)
        table["layers"].pop()
        path.write_text(json.dumps(table))
        self.bad(2, *command, "--energy-table", path, says="has no layer fc")

    def test_composed(self):
        out = self.folder / "composed.json"
        command = ["energy-table", SOURCE / "models/resnet20-synthetic-static8", "--hardware", "neurosim-1.3-ou16",
                   "--images", 1, "--source", "neurosim", "--out", out]
        self.good(*command)
        table = json.loads(out.read_text())
        self.assertEqual((table["source"], table["other_pj"]), ("neurosim-1.3", 0))
        self.assertEqual(schema.problems(table, json.loads(
            (SOURCE / "docs/formats/energy-table.schema.json").read_text())), [])
        self.bad(2, "energy-table", self.network, "--hardware", FLASH, "--source", "neurosim", says="no section neurosim")

    def test_quiet(self):
        self.assertEqual(self.table("--quiet")[1], "")

    def test_refuses(self):
        def bad(*options, says):
            self.bad(2, "energy-table", self.network, "--hardware", FLASH, *options, says=says)
        bad("--source", "simulatd", says="did you mean simulated?")
        bad("--images", 0, says="1 or more")
        bad("--images", 10**9, says="training images")
        bad("--out", self.folder, says="not a regular file")
        self.bad(1, "energy-table", self.network, "--hardware", FLASH, "--out", self.folder / "no" / "t.json",
                 says="no such folder")
        self.assertEqual(self.names(), ["tiny"])


if __name__ == "__main__":
    unittest.main()
