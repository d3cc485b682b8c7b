# SPDX-License-Identifier: Apache-2.0
"""Packed weights: a network gives the same report in either form, and calibrate writes the small one."""
import json
import unittest

import tiny_network
from program import FLASH, ProgramTest


class Packed(ProgramTest):
    def report(self, network):
        self.good("run", network, "--hardware", FLASH, "--images", 2, "--out", self.folder / "out")
        report = json.loads((self.folder / "out/report.json").read_text())
        for key in ("simulation", "command"):
            del report[key]
        return report, report["network"].pop("hash")

    def test_both_forms_give_one_report(self):
        plain, plain_hash = self.report(tiny_network.write(self.folder / "plain", is_pruned=True))
        packed, packed_hash = self.report(tiny_network.write(self.folder / "packed", is_pruned=True, is_packed=True))
        self.assertEqual(plain, packed)
        self.assertNotEqual(plain_hash, packed_hash)
        self.assertNotEqual(plain, self.report(self.network)[0])

    def test_what_calibrate_writes_is_packed_and_the_same(self):
        plain = tiny_network.write(self.folder / "plain", is_pruned=True)
        packed = tiny_network.write(self.folder / "packed", is_pruned=True, is_packed=True)
        for network in (plain, packed):
            self.good("calibrate", network, "--hardware", FLASH, "--images", 2, "--skip", "0.5", "--out",
                      self.folder / f"{network.name}-calibrated")
        written = [(self.folder / f"{name}-calibrated/weights.safetensors").read_bytes() for name in ("plain", "packed")]
        self.assertEqual(written[0], written[1])
        for name in (b"conv2.weight\"", b"conv3.weight_packed", b"conv3.kept_groups", b"conv4.weight_packed"):
            self.assertIn(name, written[0])
        # conv3 has 6 bits, conv4 has 4.
        saved = 20 * 180 - (20 * 180 - 256) * 6 // 8 + 16 * 20 // 2
        sizes = [(network / "weights.safetensors").stat().st_size for network in (plain, self.folder / "plain-calibrated")]
        self.assertAlmostEqual(sizes[0] - sizes[1], saved, delta=250)  # names and shapes

    def test_a_wrong_size_is_one_line(self):
        packed = tiny_network.write(self.folder / "packed", is_pruned=True, is_packed=True)
        text = (packed / "network.json").read_text()
        (packed / "network.json").write_text(text.replace('"lb": 2', '"lb": 4'))
        self.bad(2, "run", packed, "--hardware", FLASH, says="tensor conv3.weight_packed: shape [2508], expected [3344]")


if __name__ == "__main__":
    unittest.main()
