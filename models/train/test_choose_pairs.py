# SPDX-License-Identifier: Apache-2.0
"""The choice of pairs: its greedy search against all combinations, its measurement against whole passes."""
import contextlib
import io
import itertools
import json
import os
import random
import sys
import unittest
from types import SimpleNamespace
from unittest import mock

import numpy
import torch

import choose_pairs
from choose_pairs import Choice, Measurement, greedy
from quantized_network import QuantizedNetwork
from tiny_training import TinyTraining
from topology import load_float


def convex_choices(draws):
    """Eight bits, then three pairs of falling energy, each pJ dearer in damage than the one before."""
    result, energy, damage, price = [Choice("8", 1000.0, 0.0)], 1000.0, 0.0, 0.0
    for pair in ("6", "4", "2"):
        saved, price = draws.uniform(100, 300), price + draws.uniform(0.001, 0.01)
        energy, damage = energy - saved, damage + saved * price
        result.append(Choice(pair, energy, damage))
    return result


class Greedy(unittest.TestCase):
    def test_no_combination_of_as_little_energy_does_less_damage(self):
        draws = random.Random(3)
        for _ in range(50):
            choices = {name: convex_choices(draws) for name in "abcd"}
            moves = greedy(choices, draws.uniform(50, 1500))
            final = {name: options[0] for name, options in choices.items()} | dict(moves)
            energy, damage = (sum(getattr(choice, key) for choice in final.values()) for key in ("energy_pj", "damage"))
            for combination in itertools.product(*choices.values()):
                if sum(choice.energy_pj for choice in combination) <= energy:
                    self.assertGreaterEqual(sum(choice.damage for choice in combination), damage - 1e-9)

    def test_stops_as_soon_as_enough_is_saved(self):
        choices = {"a": [Choice("8", 100, 0), Choice("4", 60, 1)], "b": [Choice("8", 100, 0), Choice("4", 50, 5)],
                   "c": [Choice("8", 10, 0), Choice("4", 9, -0.5)]}
        self.assertEqual([move[0] for move in greedy(choices, 41)], ["c", "a"])
        self.assertEqual([move[0] for move in greedy(choices, 42)], ["c", "a", "b"])
        self.assertEqual(len(greedy(choices, 1000)), 3)

    def test_damage_may_count_per_weight(self):
        choices = {"few": [Choice("8", 100, 0, 10), Choice("4", 50, 5, 10)],
                   "many": [Choice("8", 100, 0, 1000), Choice("4", 50, 50, 1000)]}
        self.assertEqual([move[0] for move in greedy(choices, 60)], ["many", "few"])
        for options in choices.values():
            options[:] = [Choice(choice.pair, choice.energy_pj, choice.damage) for choice in options]
        self.assertEqual([move[0] for move in greedy(choices, 60)], ["few", "many"])


class Choosing(TinyTraining):
    def options(self):
        return SimpleNamespace(network="resnet20", start=self.start, closed_share=0.5, activation_bits=8,
                               gate_kind="max")

    def test_one_exchanged_layer_is_measured_as_in_a_whole_pass(self):
        measurement = Measurement(self.options(), self.images, self.labels)
        for name, pair in (("block2.conv1", "2,2"), ("block9.conv2", "2,0"), ("block1.conv1", "1")):
            network = QuantizedNetwork(load_float("resnet20", self.start), {name: pair})
            network.use_batch_statistics()
            network.eval()
            with torch.no_grad():
                for own, quantizer in measurement.network.quantizers.items():
                    network.quantizers[own].step.copy_(quantizer.step)
                whole = network.run({"image": measurement.values["image"]}, started_gates={name}, closed_share=0.5)
            found = measurement.with_pairs({name: pair})
            self.assertTrue(torch.equal(found, whole))
            # By hand: changes of the logits without their mean.
            change, start = ((part - part.mean(1, keepdim=True)).square().sum()
                             for part in (whole - measurement.start, measurement.start))
            self.assertAlmostEqual(measurement.damage(found), float(change / start), places=6)
            self.assertGreater(float(change), 0)
        # Everything has 8 bits again.
        self.assertTrue(torch.equal(measurement.logits({"image": measurement.values["image"]}), measurement.start))

    def test_the_file_is_what_a_training_takes(self):
        out = os.path.join(self.folder, "pairs.json")
        numpy.savez(os.path.join(self.folder, "train.npz"), images=self.images.numpy(),
                    labels=self.labels.numpy().astype(numpy.uint8))
        numpy.savez(os.path.join(self.folder, "test.npz"), images=self.images.numpy(),
                    labels=self.labels.numpy().astype(numpy.uint8))
        words = ["choose_pairs.py", "--network", "resnet20", "--start", self.start, "--data", "npz:" + self.folder,
                 "--energy-table", self.table, "--out", out, "--candidates", "4 2,2", "--images", "8"]
        with mock.patch.object(sys, "argv", words + ["--saving", "1.5"]), contextlib.redirect_stdout(io.StringIO()):
            choose_pairs.main()
        with open(out, encoding="utf-8") as file:
            pairs = json.load(file)
        training = self.training("chosen.pt", "8", more=["--pairs", out])
        self.assertEqual(training.network.pairs, pairs)
        # By default 60 % of the gates are taken to be closed.
        shares = {name: 1 - 0.6 for name, _ in training.network.gated()}
        self.assertGreaterEqual(training.table.summary(training.network, shares)["vs_static8"], 1.5)
        self.assertIn("8", pairs.values())
        with mock.patch.object(sys, "argv", words + ["--saving", "9"]):
            with self.assertRaisesRegex(SystemExit, "is the most"):
                choose_pairs.main()


if __name__ == "__main__":
    unittest.main()
