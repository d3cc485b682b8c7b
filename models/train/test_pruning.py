# SPDX-License-Identifier: Apache-2.0
"""Static pruning of OU groups: both methods by hand, their trainings, and what the simulator skips of the results."""
import os
import subprocess
import unittest

import numpy
import torch

import network_file
import train_dec3
from checkpoint import load
from export_trained import trained_network
from integer_network import run
from mars import GroupLasso
from rivals import RivalSettings
from teap import LEAST_KEPT, TrainedThreshold
from tiny_training import TinyTraining
from weight_groups import WeightGroups


def groups_by_hand(weight, ou_rows, ou_cols):
    """{(row group, block): (first row, last row, first output, last output)} of a layer's weights."""
    outputs, rows = len(weight), weight[0].numel()
    return {(r // ou_rows, o // ou_cols): (r, min(r + ou_rows, rows), o, min(o + ou_cols, outputs))
            for r in range(0, rows, ou_rows) for o in range(0, outputs, ou_cols)}


def part(values, place):
    return values.flatten(1)[place[2]:place[3], place[0]:place[1]]


class Methods(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(4)
        self.weight = torch.randn(20, 5, 3, 3) * torch.rand(20, 5, 1, 1) * 0.3
        self.places = groups_by_hand(self.weight, 16, 16)

    def test_groups(self):
        groups = WeightGroups(20, 45)
        sums, sizes = groups.sums(self.weight), groups.sizes()
        self.assertEqual(tuple(sums.shape), (3, 2))
        marks = torch.arange(6.0).reshape(3, 2)
        spread = groups.spread(marks)
        for place, corner in self.places.items():
            own = part(self.weight, corner)
            self.assertAlmostEqual(float(sums[place]), float(own.sum()), places=4)
            self.assertEqual(float(sizes[place]), own.numel())
            self.assertTrue((part(spread, corner) == marks[place]).all())

    def test_teap_by_hand(self):
        pruner = TrainedThreshold(self.weight, RivalSettings("teap"))
        std = float(self.weight.std())
        scores = {place: float(part(self.weight, corner).abs().mean()) / std for place, corner in self.places.items()}
        with torch.no_grad():
            pruner.threshold.fill_(sorted(scores.values())[2] + 1e-4)  # three of six go
        t = float(pruner.threshold)
        weight = self.weight.clone().requires_grad_()
        quantized = (self.weight * 8).round().detach() / 8
        result = pruner.prune(weight, quantized)
        share = pruner.open_share
        self.assertEqual(float(share), 0.5)
        direction = torch.randn(result.shape)
        (result * direction).sum().add(7 * share).backward()
        expected_t, expected_w = 0.0, torch.zeros(20, 45)
        for place, corner in self.places.items():
            u = scores[place] - t
            self.assertTrue(torch.equal(part(result, corner), part(quantized, corner) * (u > 0)))
            slope = 2 - 4 * abs(u) if abs(u) <= 0.4 else 0.4 if abs(u) <= 1 else 0
            dmask = float((part(direction, corner) * part(quantized, corner)).sum()) + 7 / 6
            expected_t -= slope * dmask
            own = part(self.weight, corner)
            part(expected_w, corner).copy_(slope * dmask * own.sign() / own.numel() / std)
        self.assertAlmostEqual(float(pruner.threshold.grad) / expected_t, 1, places=4)
        self.assertTrue(torch.allclose(weight.grad.flatten(1), expected_w, atol=1e-5))

    def test_teap_never_loses_a_layer(self):
        pruner = TrainedThreshold(self.weight, RivalSettings("teap"))
        with torch.no_grad():
            pruner.threshold.fill_(9.0)
        self.assertLessEqual(float(pruner.kept(self.weight).mean()), LEAST_KEPT)
        pruner.after_step(self.weight, 0.1)
        self.assertEqual(float(pruner.kept(self.weight).mean()), 1)

    def test_mars_by_hand(self):
        rms = sorted(float(part(self.weight, corner).square().mean().sqrt()) for corner in self.places.values())
        rate = 0.1
        strength = (rms[2] + 1e-4) / rate  # three of six go
        pruner = GroupLasso(self.weight, RivalSettings("mars", lasso=strength))
        shrunk = self.weight.clone()
        pruner.after_step(shrunk, rate)
        gone = 0
        for corner in self.places.values():
            own = part(self.weight, corner)
            factor = max(0.0, 1 - rate * strength * own.numel() ** 0.5 / float(own.norm()))
            self.assertTrue(torch.allclose(part(shrunk, corner), own * factor, atol=1e-6))
            gone += factor == 0
        self.assertEqual(gone, 3)
        pruner.begin_step(0.2, lambda: (shrunk, 1.0))
        self.assertEqual(float(pruner.kept.mean()), 1)  # still shaping
        pruner.begin_step(0.5, lambda: (shrunk, 1.0))
        self.assertEqual(int((1 - pruner.kept).sum()), gone)
        settled = shrunk + 1
        result = pruner.prune(settled, settled)
        self.assertAlmostEqual(float(pruner.open_share), 1 - gone / 6, places=6)
        self.assertTrue(torch.equal(result == 0, shrunk == 0))
        before = settled.clone()
        pruner.after_step(settled, rate)
        self.assertTrue(torch.equal(before, settled))
        with self.assertRaisesRegex(SystemExit, "expected --lasso 0 --cut 0"):
            pruner.taken_over()  # a stage that would shape again

    def test_mars_removes_what_is_below_the_cut(self):
        size = float(self.weight.square().mean().sqrt())
        rms = {place: float(part(self.weight, corner).square().mean().sqrt()) for place, corner in self.places.items()}
        cut = (sorted(rms.values())[1] + 1e-4) / size  # two of six go
        pruner = GroupLasso(self.weight, RivalSettings("mars", cut=cut))
        pruner.begin_step(0.5, lambda: (self.weight, 1.0))
        for place, size_of_group in rms.items():
            self.assertEqual(float(pruner.kept[place]), float(size_of_group >= cut * size), place)
        self.assertEqual(int(pruner.kept.sum()), 4)


# Strong enough for two epochs of two steps to remove some groups.
STRONG = {"teap": ["--method", "teap", "--alpha", "2e-5"], "mars": ["--method", "mars", "--lasso", "0.2"]}


class Trainings(TinyTraining):
    def setUp(self):
        super().setUp()
        # Some groups of the start are larger than others.
        saved = load(self.start)
        for name, weight in saved["model"].items():
            if weight.dim() == 4:
                weight *= torch.rand(1, weight.shape[1], 1, 1)
        torch.save(saved, self.start)

    def trained(self, method, pair):
        training = self.training(f"{method}-{pair}.pt", pair, more=[*STRONG[method], "--lr", "0.1"])
        for _ in range(2):
            training.run_epoch(self.images, self.labels)
        training.save()
        return load(training.options.out), training

    def test_removed_groups_reach_the_network_folder(self):
        for method in STRONG:
            for pair in ("8", "4"):
                with self.subTest(f"{method} {pair}"):
                    saved, training = self.trained(method, pair)
                    _, shares = train_dec3.predict(training.network, self.images)
                    self.assertEqual(len(shares), 18)
                    network = trained_network(saved, "test", (3, 32, 32), "synthetic")
                    removed = 0
                    for layer in network.layers:
                        if layer.name not in shares:
                            continue
                        groups = WeightGroups(*layer.weights.shape)
                        kept = groups.sums(torch.from_numpy(layer.weights).abs().float()) > 0
                        self.assertAlmostEqual(float(kept.float().mean()), shares[layer.name], places=5)
                        removed += int((~kept).sum())
                    self.assertGreater(removed, 0)

    def test_resumed_training_is_the_same(self):
        for method, options in STRONG.items():
            with self.subTest(method):
                for name in ("whole.pt", "parts.pt"):
                    if os.path.exists(os.path.join(self.folder, name)):
                        os.remove(os.path.join(self.folder, name))
                self.check_resume("4", None, options)

    def test_other_methods_and_pairs_do_not_mix(self):
        self.trained("mars", "4")
        with self.assertRaisesRegex(SystemExit, "mars-4.pt: trained with --.*; name another --out"):
            self.training("mars-4.pt", "4", more=STRONG["teap"])
        for pair in ("2,2", "1"):
            with self.assertRaisesRegex(SystemExit, "static layers of 2 to 8 bits"):
                self.training("new.pt", pair, more=STRONG["teap"])

    def test_the_simulator_skips_what_was_removed(self):
        program, source = os.environ.get("CIMCYCLE_PROGRAM"), os.environ.get("CIMCYCLE_SOURCE_DIR")
        if not program or not source:
            self.skipTest("needs the built program: run it through ctest")
        saved, training = self.trained("mars", "4")
        folder = os.path.join(self.folder, "network")
        network_file.save(trained_network(saved, "test", (3, 32, 32), "synthetic"), folder)

        def call(*words):
            subprocess.run([program, *words, "--quiet"], check=True, capture_output=True)

        def path(name):
            return os.path.join(self.folder, name)

        subprocess.run([program, "dataset", "synthetic", "--images", "3", "--out", path("test.npz")], check=True,
                       capture_output=True)
        with numpy.load(path("test.npz")) as arrays:
            logits = run(network_file.load(folder), torch.from_numpy(arrays["images"]))
        chip = (folder, "--hardware", os.path.join(source, "tech/chips/ou16-adc5-22nm.json"), "--images", "3", "--set",
                "schedule.zero_weights=skip")
        call("run", *chip, "--timed-images", "1", "--reference-images", "0", "--logits", path("logits.npy"))
        self.assertTrue(numpy.array_equal(numpy.load(path("logits.npy")), logits.numpy()))
        call("export", "masks", *chip, "--out", path("masks.npz"))
        with numpy.load(path("masks.npz")) as masks:
            for name, layer in training.network.masked():
                kept = layer.rival.kept.bool().numpy()
                self.assertTrue((masks[name].astype(bool) == kept).all(), name)


if __name__ == "__main__":
    unittest.main()
