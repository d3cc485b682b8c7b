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
