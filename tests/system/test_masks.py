# SPDX-License-Identifier: Apache-2.0
"""cimcycle export masks: its arrays against the report of a run, static masks among them."""
import ast
import json
import math
import struct
import unittest
import zipfile

from program import FLASH, ProgramTest

# Images, rows, columns, row groups of 16, output blocks of 16 of the tiny network's layers with a gate.
SHAPES = {"conv2": (4, 8, 8, 5, 2), "conv3": (4, 8, 8, 12, 2), "conv4": (4, 8, 8, 2, 1)}


def read_npz(file):
    """{name: (shape, bytes)} of an archive of uint8 arrays."""
    arrays = {}
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            size, = struct.unpack("<H", content[8:10])
            header = ast.literal_eval(content[10:10 + size].decode())
            assert header["descr"] == "|u1" and not header["fortran_order"], header
            arrays[name.removesuffix(".npy")] = (header["shape"], content[10 + size:])
    return arrays


class Masks(ProgramTest):
    def masks(self, network, *options, images=4):
        self.good("export", "masks", network, "--hardware", FLASH, "--images", images, "--out", self.folder / "m.npz",
                  *options)
        return read_npz(self.folder / "m.npz")

    def layers(self, network, *options):
        self.good("run", network, "--hardware", FLASH, "--images", 4, "--timed-images", 1, "--reference-images", 0,
                  "--out", self.folder / "out", *options)
        report = json.loads((self.folder / "out/report.json").read_text())
        return {layer["name"]: layer for layer in report["layers"]}

    def test_masks_are_the_gate_decisions_of_a_run(self):
        masks = self.masks(self.network)
        self.assertEqual({name: shape for name, (shape, _) in masks.items()}, SHAPES)
        for name, layer in self.layers(self.network).items():
            if name not in masks:
                continue
            shape, opened = masks[name]
            self.assertEqual(len(opened), math.prod(shape))
            self.assertEqual(set(opened), {0, 1})
            # Granularity output_block decides once for the row groups of conv3.
            decisions = len(opened) // (12 if name == "conv3" else 1)
            self.assertEqual(layer["gate_decisions"], decisions)
            self.assertAlmostEqual(layer["gates_closed"] / decisions, opened.count(0) / len(opened), delta=1e-12)

    def test_threads_do_not_change_a_byte(self):
        one = self.masks(self.network, "--threads", 1)
        self.assertEqual(one, self.masks(self.network, "--threads", 3))
        first = self.masks(self.network, images=1)
        for name, (_, opened) in first.items():
            self.assertEqual(one[name][1][:len(opened)], opened)

    def test_static_masks_are_the_groups_that_never_open(self):
        static = self.folder / "static"
        self.good("calibrate", self.network, "--hardware", FLASH, "--images", 3, "--static-masks", "--out", static)
        # The thresholds are as they were.
        self.assertEqual(self.masks(self.network), self.masks(static))
        option = ("--set", "gate.mask_known=static")
        (_, opened) = self.masks(static, *option)["conv4"]
        groups = 2
        self.assertEqual(opened, opened[:groups] * (len(opened) // groups))  # the same for every image and position
        removed = opened[:groups].count(0)
        self.assertAlmostEqual(self.layers(static, *option)["conv4"]["masked_ratio"], removed / groups, delta=1e-12)

    def test_refusals(self):
        out = self.folder / "x.npz"
        self.bad(2, "export", "masks", self.network, "--hardware", FLASH, says="--out FILE.npz is missing")
        self.bad(2, "export", "masks", self.network, "--hardware", FLASH, "--images", 1000000, "--out", out,
                 says="has 10000")
        text = json.loads((self.network / "network.json").read_text())
        for layer in text["layers"]:
            if "dec3" in layer:
                layer["dec3"] = {key: layer["dec3"][key] for key in ("hb", "lb")}
        (self.network / "network.json").write_text(json.dumps(text))
        self.bad(2, "export", "masks", self.network, "--hardware", FLASH, "--out", out, says="no layer has a gate")
        self.bad(2, "calibrate", self.network, "--hardware", FLASH, "--images", 1, "--static-masks", "--out",
                 self.folder / "s", says="no layer with a gate max or mean and lb = 0")
        self.bad(2, "calibrate", self.network, "--hardware", FLASH, "--images", 1, "--static-masks", "--skip", "0.5",
                 "--out", self.folder / "s", says="leave one out")
        self.assertEqual(self.names(), ["tiny"])


if __name__ == "__main__":
    unittest.main()
