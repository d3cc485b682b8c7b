# SPDX-License-Identifier: Apache-2.0
"""Precision Gating by hand, and its way through the trainer."""
import json
import os
import subprocess
import unittest

import numpy
import torch

import network_file
import train_dec3
from checkpoint import load
from dec3_layers import QuantConv2d
from energy import EnergyTable
from export_trained import trained_network
from integer_network import GateCount, accumulate, masks_of, run, run_batch
from precision_gating import PENALTY, SLOPE, PrecisionGate
from quantized_network import from_checkpoint
from rivals import RivalSettings
from tiny_training import TinyTraining


class Gate(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(6)
        self.step = torch.tensor([0.037])
        self.codes = torch.randint(0, 256, (2, 3, 5, 5)).float()

    def test_every_code_is_split_without_a_rest(self):
        gate = PrecisionGate(torch.zeros(1, 1), RivalSettings("pg", high_bits=3))
        for step in (1 / 255, 0.037, 1e-6, 3.7):
            codes = torch.arange(256.0)
            high, low = gate.split(codes * step, torch.tensor([step]))
            self.assertTrue(torch.equal((high / step).round(), (codes // 32) * 32))
            self.assertTrue(torch.equal((low / step).round(), codes % 32))

    def test_results_and_gradients(self):
        settings = RivalSettings("pg", high_bits=4, target=0.5, ou_cols=4)
        weight = torch.randn(6, 3, 3, 3)
        layer = QuantConv2d(weight, 8, 0, 1, 1, settings.of(weight))
        gate = layer.rival
        with torch.no_grad():
            gate.threshold.copy_(torch.randn(6))
        values = (self.codes * self.step).requires_grad_()
        y = layer(values, self.step)
        weights = layer.quantizer(layer.weight)[0].detach()
        high_values = (self.codes // 16) * 16 * self.step
        convolve = torch.nn.functional.conv2d
        high, low = (convolve(part, weights, padding=1) for part in (high_values, self.codes * self.step - high_values))
        u = high - gate.threshold.detach()[:, None, None]
        mask = (u > 0).float()
        self.assertTrue(0.1 < float(mask.mean()) < 0.9)
        self.assertTrue(torch.allclose(y, high + mask * low, atol=1e-4))
        # Blocks of four outputs and of the other two are read if one output asks.
        asked = [mask[:, :4].amax(1).mean(), mask[:, 4:].amax(1).mean()]
        self.assertAlmostEqual(float(gate.open_share), float(sum(asked)) / 2, places=6)
        dy = torch.randn(y.shape)
        y.backward(dy)
        soft = torch.sigmoid(SLOPE * u)
        slope = SLOPE * soft * (1 - soft)
        self.assertTrue(torch.allclose(gate.threshold.grad, -(dy * low * slope).sum((0, 2, 3)), rtol=1e-3, atol=1e-2))
        # The low part has no gradient of its own: 1 - 1.
        through = dy * (1 + low * slope)
        expected = torch.nn.grad.conv2d_input(values.shape, weights, through, padding=1)
        self.assertTrue(torch.allclose(values.grad, expected, rtol=1e-3, atol=1e-2))
        self.assertAlmostEqual(float(gate.penalty()), PENALTY * float((gate.threshold - 0.5).norm()), places=7)

    def test_high_bits_are_checked(self):
        for bits in (0, 8):
            with self.assertRaisesRegex(SystemExit, "--high-bits"):
                RivalSettings("pg", high_bits=bits)


class Training(TinyTraining):
    OPTIONS = ["--method", "pg", "--high-bits", "2"]

    def test_resumed_training_is_the_same(self):
        self.check_resume("8", None, self.OPTIONS)

    def test_energy(self):
        training = self.training("pg.pt", "8", more=self.OPTIONS)
        training.run_epoch(self.images, self.labels)
        training.save()
        _, shares = train_dec3.predict(training.network, self.images)
        self.assertEqual(len(shares), 18)
        summary = EnergyTable(self.table).summary(training.network, shares)
        for name, share in shares.items():
            self.assertTrue(0 < share <= 1)
            self.assertAlmostEqual(summary["layers_pj"][name], 8e5 * (0.25 + 0.75 * share), delta=1)

    def test_exported_integers_decide_as_training(self):
        training = self.training("pg.pt", "8", more=self.OPTIONS)
        training.run_epoch(self.images, self.labels)
        # Thresholds apart from 0 and each other, so that a sign or a unit that is wrong shows.
        with torch.no_grad():
            for _, layer in training.network.masked():
                layer.rival.threshold.copy_(torch.randn(len(layer.rival.threshold)) * 0.3)
        training.save()
        saved = load(os.path.join(self.folder, "pg.pt"))
        network = trained_network(saved, "test", (3, 32, 32), "synthetic")
        first = next(layer for layer in network.layers if layer.name == "block1.conv1")
        self.assertEqual((first.dec3.gate, first.dec3.high_digit_bits), ("digits", 2))
        trained = from_checkpoint(saved)
        with torch.no_grad():
            # The first gated layer reads the same codes in both: the same outputs ask, and the sums are the same.
            codes = {}
            run_batch(network, self.images, observe=lambda layer, x: codes.setdefault(layer.name, x))
            layer, step = trained.layer("block1.conv1"), float(trained.quantizer("conv").used_step())
            y = layer(codes["block1.conv1"].float() * step, torch.tensor([step]))
            count = GateCount()
            sums = accumulate(first, codes["block1.conv1"], [0, 0, 0], count=count)
            unit = layer.codes()[1] * step
            same = ((y.flatten(2) / unit).round().long() == sums).double().mean()
            self.assertGreater(float(same), 0.9999)  # a sum at a threshold may fall to either side
            self.assertAlmostEqual(1 - count.unread / count.reads, float(layer.rival.open_share), places=3)
            self.assertTrue(0.05 < count.closed / count.decisions < 0.95)

    def test_the_simulator_computes_the_same(self):
        program, source = os.environ.get("CIMCYCLE_PROGRAM"), os.environ.get("CIMCYCLE_SOURCE_DIR")
        if not program or not source:
            self.skipTest("needs the built program: run it through ctest")
        training = self.training("pg.pt", "8", more=self.OPTIONS)
        training.run_epoch(self.images, self.labels)
        with torch.no_grad():
            for index, (_, layer) in enumerate(training.network.masked()):
                threshold = layer.rival.threshold
                threshold.copy_(torch.randn(len(threshold)) * 0.3)
                if index % 2 == 1:  # of each block one output alone may ask, so that blocks stay unread, too
                    threshold[torch.arange(len(threshold)) % 16 > 0] = 1e6
        training.save()
        folder, path = os.path.join(self.folder, "network"), lambda name: os.path.join(self.folder, name)
        saved = load(path("pg.pt"))
        network_file.save(trained_network(saved, "test", (3, 32, 32), "synthetic"), folder)
        network, counts = network_file.load(folder), {}
        subprocess.run([program, "dataset", "synthetic", "--images", "3", "--out", path("test.npz")], check=True,
                       capture_output=True)
        counts = {layer.name: GateCount(masks=[]) for layer in network.layers if layer.gated()}
        with numpy.load(path("test.npz")) as arrays, torch.no_grad():
            logits = run(network, torch.from_numpy(arrays["images"]), counts=counts)
        chip = (folder, "--hardware", os.path.join(source, "tech/chips/ou16-adc5-22nm.json"), "--images", "3", "--quiet")
        subprocess.run([program, "run", *chip, "--timed-images", "1", "--reference-images", "0", "--logits",
                        path("logits.npy"), "--out", path("out")], check=True, capture_output=True)
        self.assertTrue(numpy.array_equal(numpy.load(path("logits.npy")), logits.numpy()))
        with open(path("out/report.json"), encoding="utf-8") as file:
            layers = {layer["name"]: layer for layer in json.load(file)["layers"]}
        subprocess.run([program, "export", "masks", *chip, "--out", path("masks.npz")], check=True, capture_output=True)
        with numpy.load(path("masks.npz")) as found:
            for name, mask in masks_of(network, counts).items():
                self.assertTrue(numpy.array_equal(found[name], mask), name)
                self.assertEqual(layers[name]["gates_closed"], counts[name].closed)
                self.assertAlmostEqual(layers[name]["skip_ratio"], counts[name].unread / counts[name].reads, places=12)
        self.assertTrue(0 < sum(c.unread for c in counts.values()) < sum(c.reads for c in counts.values()))


if __name__ == "__main__":
    unittest.main()
