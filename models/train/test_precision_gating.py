# SPDX-License-Identifier: Apache-2.0
"""Precision Gating by hand, and its way through the trainer."""
import os
import unittest

import torch

import train_dec3
from dec3_layers import QuantConv2d
from energy import EnergyTable
from export_trained import trained_network
from precision_gating import PENALTY, SLOPE, PrecisionGate
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

    def test_energy_and_export(self):
        training = self.training("pg.pt", "8", more=self.OPTIONS)
        training.run_epoch(self.images, self.labels)
        training.save()
        _, shares = train_dec3.predict(training.network, self.images)
        self.assertEqual(len(shares), 18)
        summary = EnergyTable(self.table).summary(training.network, shares)
        for name, share in shares.items():
            self.assertTrue(0 < share <= 1)
            self.assertAlmostEqual(summary["layers_pj"][name], 8e5 * (0.25 + 0.75 * share), delta=1)
        with self.assertRaisesRegex(SystemExit, "cannot be exported"):
            trained_network(torch.load(os.path.join(self.folder, "pg.pt")), "test", (3, 32, 32), "synthetic")


if __name__ == "__main__":
    unittest.main()
