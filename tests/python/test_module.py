# SPDX-License-Identifier: Apache-2.0
"""Networks and chips in Python: loading, changing, errors, import."""
import json
import unittest

import cimcycle
import numpy
from program import FLASH, ProgramTest, run


class HardwareTest(ProgramTest):
    def test_a_shipped_chip_by_name_and_by_file(self):
        named, filed = cimcycle.Hardware.load("ou16-adc5-22nm"), cimcycle.Hardware.load(FLASH)
        self.assertEqual(named.to_dict(), filed.to_dict())
        self.assertEqual(named.to_dict()["adc"]["bits"], 5)

    def test_set_gives_a_new_chip(self):
        chip = cimcycle.Hardware.load("ou16-adc5-22nm")
        changed = chip.set("adc.bits", 4).set({"ou.rows": numpy.int64(32), "mapping.flip": True})
        self.assertEqual(chip.to_dict()["adc"]["bits"], 5)
        self.assertEqual(changed.to_dict()["adc"]["bits"], 4)
        self.assertEqual(changed.to_dict()["ou"]["rows"], 32)
        self.assertTrue(changed.to_dict()["mapping"]["flip"])
        self.assertEqual(eval(repr(changed), {"Hardware": cimcycle.Hardware}).to_dict(), changed.to_dict())

    def test_keys_that_only_go_together(self):
        chip = cimcycle.Hardware.load("ou16-adc5-22nm")
        levels = {"adc.transfer": "levels", "adc.levels": [1, 2, 4, 8]}
        self.assertEqual(chip.set(levels).to_dict()["adc"]["levels"], [1, 2, 4, 8])

    def test_errors_are_those_of_the_program(self):
        for key, value, text in (("adc.bit", 4, "adc.bit=4"), ("adc.bits", 13, "adc.bits=13"),
                                 ("adc.bits", "x", "adc.bits=x"), ("ou.rows", 256, "ou.rows=256")):
            process = run("describe", "--hardware", "ou16-adc5-22nm", "--set", text)
            with self.assertRaises(cimcycle.InputError) as caught:
                cimcycle.Hardware.load("ou16-adc5-22nm").set(key, value)
            self.assertEqual(f"cimcycle: {caught.exception}\n", process.stderr)
        self.assertTrue(issubclass(cimcycle.InputError, ValueError))
        with self.assertRaisesRegex(cimcycle.InputError, "no such file.*did you mean ou16-adc5-22nm"):
            cimcycle.Hardware.load("ou16-adc5-22")


class NetworkTest(ProgramTest):
    def test_what_a_network_says(self):
        network = cimcycle.Network.load(self.network)
        content = json.loads((self.network / "network.json").read_text())
        self.assertEqual((network.name, network.dataset, network.image), ("tiny", "synthetic", (3, 32, 32)))
        self.assertEqual([row["name"] for row in network.layers], [row["name"] for row in content["layers"]])
        rows = {row["name"]: row for row in network.layers}
        self.assertEqual(rows["conv2"]["output_shape"], (20, 8, 8))
        self.assertEqual((rows["conv2"]["hb"], rows["conv2"]["lb"], rows["conv2"]["rows"]), (4, 4, 72))
        self.assertIsNone(rows["pool"]["hb"])
        self.assertEqual(network.weights("conv2").shape, (20, 72))
        self.assertEqual(network.to_dict()["layers"][1]["dec3"]["threshold"], 1800)

    def test_saved_and_loaded_it_is_the_same(self):
        network = cimcycle.Network.load(self.network)
        network.save(self.folder / "copy")
        copy = cimcycle.Network.load(self.folder / "copy")
        self.assertEqual(copy.to_dict(), network.to_dict())
        numpy.testing.assert_array_equal(copy.weights("fc"), network.weights("fc"))

    def test_errors(self):
        with self.assertRaisesRegex(cimcycle.InputError, "no folder with a network"):
            cimcycle.Network.load(self.folder / "nothing")
        network = cimcycle.Network.load(self.network)
        with self.assertRaisesRegex(cimcycle.InputError, 'layer "conv5".*did you mean'):
            network.weights("conv5")
        with self.assertRaisesRegex(cimcycle.InputError, "exists and is not a folder"):
            network.save(FLASH)

    def test_from_onnx_is_the_program_s_import(self):
        try:
            import onnx  # noqa: F401
            import onnx_models
        except ImportError as missing:
            self.skipTest(f"needs Debian's python3-onnx: {missing}")
        onnx_models.qdq(self.folder / "qdq.onnx")
        self.good("import", "onnx", self.folder / "qdq.onnx", "--out", self.folder / "program", "--mean", "0.5")
        imported = cimcycle.Network.from_onnx(self.folder / "qdq.onnx", mean=[0.5])
        imported.save(self.folder / "python")
        for file in ("network.json", "weights.safetensors"):
            self.assertEqual((self.folder / "program" / file).read_bytes(),
                             (self.folder / "python" / file).read_bytes())
        self.assertEqual(imported.hash, cimcycle.Network.load(self.folder / "program").hash)
        with self.assertRaisesRegex(cimcycle.InputError, "states its own quantization"):
            cimcycle.Network.from_onnx(self.folder / "qdq.onnx", "synthetic")

    def test_from_torch_calibrates_on_an_array(self):
        try:
            import onnx  # noqa: F401
            import torch
        except ImportError as missing:
            self.skipTest(f"needs Debian's python3-torch and python3-onnx: {missing}")
        torch.manual_seed(1)
        module = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, stride=2, padding=1), torch.nn.BatchNorm2d(8),
                                     torch.nn.ReLU(), torch.nn.Conv2d(8, 8, 3, padding=1), torch.nn.ReLU(),
                                     torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(8, 4))
        module.train()
        images = numpy.random.default_rng(3).integers(0, 256, (8, 3, 12, 12), dtype=numpy.uint8)
        network = cimcycle.Network.from_torch(module, torch.zeros(1, 3, 12, 12), images, pair=(4, 4))
        self.assertTrue(module.training)
        self.assertEqual([(row["hb"], row["lb"]) for row in network.layers if row["hb"]], [(8, 0), (4, 4), (8, 0)])
        self.assertIsNone(network.float_top1)  # nobody gave labels
        self.assertTrue(all(snr is None or snr > 20 for snr in network.snr_db.values()), network.snr_db)
        with torch.no_grad():
            wanted = module.eval()(torch.from_numpy(images / 255).float()).numpy()
        hardware = cimcycle.Hardware.load("ou16-adc5-22nm").set("adc.transfer", "ideal")
        logits = cimcycle.run(network, hardware, images, reference_images=0).logits.astype(float)
        unit = (wanted * logits).sum() / (logits * logits).sum()
        self.assertLess(numpy.abs(logits * unit - wanted).max(), 0.1 * numpy.abs(wanted).max())


if __name__ == "__main__":
    unittest.main()
