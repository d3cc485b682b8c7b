# SPDX-License-Identifier: Apache-2.0
"""Gated layers against a slow twin in plain PyTorch, their gradients against finite differences, resume.

    CIMCYCLE_TRAINING_LIBRARY=build/release/libcimcycle_training.so python3 -m unittest discover -s models/train
"""
import io
import math
import os
import subprocess
import tempfile
import unittest
from unittest import mock

import torch

import data
import gated_kernel
import input_gates
import network_file
import save_arrays
import train_dec3
from dec3_layers import SLOPE, DEC3Conv2d, DEC3Linear, GateSettings, QuantConv2d, QuantLinear, split_codes
from lsq import _Quantize, _QuantizeActivations
from quantize import weight_range
from restore_float import restored
from tiny_training import TinyTraining
from topology import layers_of
from vgg import VGG8

# (images, channels, height, width, outputs, kernel, stride, padding, OU rows, OU columns): whole tiles, cut tiles, runs
# of 16, 8 and 4 positions, strides, groups and blocks that are cut.
SHAPES = [(2, 3, 5, 7, 5, (3, 3), 1, 1, 16, 16), (1, 4, 8, 8, 20, (3, 3), 2, 1, 16, 16),
          (1, 5, 4, 32, 33, (1, 1), 1, 0, 16, 16), (1, 37, 1, 11, 18, (1, 1), 1, 0, 16, 16),
          (2, 2, 8, 8, 7, (3, 3), 1, 1, 5, 4), (1, 6, 4, 4, 16, (3, 3), 1, 1, 24, 40),
          (1, 3, 7, 16, 6, (5, 3), 1, 2, 8, 16), (1, 2, 32, 32, 3, (3, 3), 2, 1, 16, 16)]
PAIRS = [(4, 4), (2, 2), (1, 2), (6, 2), (4, 0), (1, 0)]


def random_case(shape, hb, lb, gate, seed):
    """(geometry, codes, high, low) with importances on both sides of their middle."""
    images, channels, height, width, outputs, kernel, stride, padding, ou_rows, ou_cols = shape
    generator = torch.Generator().manual_seed(seed)
    codes = torch.randint(0, 256, (images, channels, height, width), generator=generator).to(torch.uint8)
    codes *= torch.randint(0, 2, codes.shape, generator=generator).to(torch.uint8)
    low_limit, high_limit = weight_range(hb, lb)
    weights = torch.randint(low_limit, high_limit + 1, (outputs, channels * kernel[0] * kernel[1]), generator=generator)
    if (hb, lb) == (1, 0):
        weights[weights == 0] = 1
    high, low = split_codes(weights, hb, lb)
    shift = 0 if lb == 0 else lb - 1 if hb == 1 else lb
    return gated_kernel.Geometry(kernel, stride, padding, shift, gate, ou_rows, ou_cols), codes, high, low


def group_sums(geometry, codes, weights):
    """Partial sums (N, groups, outputs, positions) of float64 codes (N, C, H, W) and weights (outputs, rows)."""
    vectors = torch.nn.functional.unfold(codes, geometry.kernel, padding=geometry.padding, stride=geometry.stride)
    return torch.stack([torch.einsum("nrp,or->nop", vectors[:, first:first + geometry.ou_rows],
                                     weights[:, first:first + geometry.ou_rows])
                        for first in range(0, weights.shape[1], geometry.ou_rows)], dim=1)


def importances(geometry, codes, sums):
    """(N, groups, blocks, positions) of codes and their partial sums."""
    blocks = sums.abs().split(geometry.ou_cols, dim=2)
    if geometry.gate == "inputs":
        one_row = torch.ones(1, codes.shape[1] * geometry.kernel[0] * geometry.kernel[1], dtype=codes.dtype)
        return group_sums(geometry, codes, one_row).expand(-1, -1, len(blocks), -1)
    return torch.stack([block.max(2).values if geometry.gate == "max" else block.mean(2) for block in blocks], dim=2)


def spread(geometry, masks, outputs):
    """Masks of blocks (N, groups, blocks, positions) for every output (N, groups, outputs, positions)."""
    return masks.repeat_interleave(geometry.ou_cols, dim=2)[:, :, :outputs]


def slow(geometry, codes, high, low, mask_of):
    """(what the masks let through, what is always read, importances, masks) by plain PyTorch; mask_of(importances)."""
    high_sums = group_sums(geometry, codes, high)
    behind = high_sums if low is None else group_sums(geometry, codes, low)
    importance = importances(geometry, codes, high_sums)
    masks = mask_of(importance)
    through = (spread(geometry, masks, len(high)) * behind).sum(1)
    always = 0 * through if low is None else high_sums.sum(1) * 2**geometry.shift
    return through, always, importance, masks


class Twin:
    """One backward pass of the slow twin with a threshold near the middle of the importances, and all that it needs."""

    def __init__(self, geometry, codes, high, low):
        wide = [codes.double().requires_grad_(), high.double().requires_grad_(), None if low is None else low.double()]
        self.importance = slow(geometry, *wide, torch.ones_like)[2].detach()
        theta = torch.tensor(float(self.importance.median()) - 0.3, dtype=torch.float64, requires_grad=True)
        self.theta, self.threshold, self.open_cost = float(theta), math.ceil(float(theta)), 17.0
        self.scale = float((self.importance**2).mean().sqrt())

        def mask_of(i):
            soft = torch.sigmoid(SLOPE * (i - theta) / self.scale)
            return (i >= self.threshold).double() + soft - soft.detach()

        through, always, _, self.masks = slow(geometry, *wide, mask_of)
        self.y = (through + always).detach().round()  # soft - soft leaves a rounding error
        self.dy = torch.randn(through.shape, generator=torch.Generator().manual_seed(3)).double()
        loss = (self.dy * through).sum() + self.open_cost * self.masks.sum()
        # Of codes, high parts (that a gate on inputs does not look at), theta.
        found = torch.autograd.grad(loss, [wide[0], wide[1], theta], allow_unused=True)
        self.gradients = [torch.zeros_like(wide[1]) if gradient is None else gradient for gradient in found]


def cases():
    for seed, shape in enumerate(SHAPES):
        for gate in gated_kernel.GATES:
            hb, lb = PAIRS[(seed + len(gate)) % len(PAIRS)]
            yield random_case(shape, hb, lb, gate, seed), f"{shape} {hb},{lb} {gate}"


class Kernel(unittest.TestCase):
    def test_forward_equals_the_twin(self):
        for (geometry, codes, high, low), name in cases():
            with self.subTest(name):
                wide = None if low is None else low.double()
                importance = slow(geometry, codes.double(), high.double(), wide, torch.ones_like)[2]
                threshold = math.ceil(float(importance.median()))
                through, always, importance, masks = slow(geometry, codes.double(), high.double(), wide,
                                                          lambda i, t=threshold: (i >= t).double())
                y, sums, found = gated_kernel.forward(geometry, codes, high, low, threshold, True)
                opened, decisions, squares = sums
                self.assertTrue(torch.equal(y.flatten(2).double(), through + always))
                self.assertTrue(torch.allclose(found.double(), importance, rtol=1e-6, atol=0))
                self.assertEqual((opened, decisions), (int(masks.sum()), masks.numel()))
                self.assertTrue(0 < opened < decisions)
                self.assertAlmostEqual(squares / float((importance**2).sum()), 1, delta=1e-5)

    def test_backward_equals_the_twin(self):
        for (geometry, codes, high, low), name in cases():
            with self.subTest(name):
                twin = Twin(geometry, codes, high, low)
                y_shape = gated_kernel.forward(geometry, codes, high, low, twin.threshold)[0].shape
                found = gated_kernel.backward(geometry, codes, high, low, twin.threshold, twin.theta, twin.scale, SLOPE,
                                              twin.open_cost, True, twin.dy.float().reshape(y_shape))
                for one, other in zip(found, twin.gradients):
                    one = torch.as_tensor(one, dtype=torch.float64)
                    self.assertLess(float((one - other).abs().max()), 1e-3 * float(other.abs().max()) + 1e-3)

    def test_gates_on_inputs_with_tensor_operations_equal_the_kernel(self):
        for (geometry, codes, high, low), name in cases():
            if geometry.gate != "inputs":
                continue
            with self.subTest(name):
                twin = Twin(geometry, codes, high, low)
                expected = gated_kernel.forward(geometry, codes, high, low, twin.threshold, True)
                y, sums, importance = input_gates.forward(geometry, codes, high, low, twin.threshold, True)
                self.assertTrue(torch.equal(y, expected[0]))
                self.assertTrue(torch.equal(importance.flatten(), expected[2].flatten()))
                self.assertEqual((int(sums[0]), sums[1]), expected[1][:2])
                self.assertAlmostEqual(float(sums[2]) / expected[1][2], 1, delta=1e-5)
                for reaches_sums in (True, False):
                    numbers = (twin.threshold, twin.theta, twin.scale, SLOPE, twin.open_cost, reaches_sums,
                               twin.dy.float().reshape(y.shape))
                    for one, other in zip(input_gates.backward(geometry, codes, high, low, *numbers),
                                          gated_kernel.backward(geometry, codes, high, low, *numbers)):
                        other = torch.as_tensor(other)
                        self.assertLess(float((one - other).abs().max()), 1e-3 * float(other.abs().max()) + 1e-3)

    def test_threshold_gradient_is_the_slope_of_the_soft_loss(self):
        geometry, codes, high, low = random_case(SHAPES[0], 4, 4, "max", 1)
        wide = [codes.double(), high.double(), low.double()]
        dy = torch.randn(slow(geometry, *wide, torch.ones_like)[0].shape, dtype=torch.float64)

        def soft_loss(theta):
            return float((dy * slow(geometry, *wide, lambda i: torch.sigmoid(SLOPE * (i - theta) / 900))[0]).sum())

        slope = (soft_loss(1000 + 0.1) - soft_loss(1000 - 0.1)) / 0.2
        y_shape = gated_kernel.forward(geometry, codes, high, low, 1000)[0].shape
        found = gated_kernel.backward(geometry, codes, high, low, 1000, 1000.0, 900.0, SLOPE, 0.0, False,
                                      dy.float().reshape(y_shape))[2]
        self.assertAlmostEqual(found / slope, 1, delta=1e-3)

    def test_a_detached_gate_leaves_the_sums_alone(self):
        geometry, codes, high, low = random_case(SHAPES[0], 4, 4, "max", 1)
        dy = torch.ones_like(gated_kernel.forward(geometry, codes, high, low, 1000)[0])
        _, dhigh, dtheta = gated_kernel.backward(geometry, codes, high, low, 1000, 1000.0, 900.0, SLOPE, 1.0, False, dy)
        self.assertEqual(float(dhigh.abs().max()), 0)
        self.assertNotEqual(dtheta, 0)


class Layers(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(5)

    def test_quantizer_gradients(self):
        values = torch.tensor([-3.0, -0.6, 0.1, 0.62, 5.0], requires_grad=True)
        step = torch.tensor([0.5], requires_grad=True)
        result = _Quantize.apply(values, step, -2, 3, 4, False)
        self.assertEqual(result.tolist(), [-1.0, -0.5, 0.0, 0.5, 1.5])
        result.backward(torch.tensor([1.0, 10.0, 100.0, 1000.0, 10000.0]))
        self.assertEqual(values.grad.tolist(), [0.0, 10.0, 100.0, 1000.0, 0.0])
        # codes where clipped, code - value / step inside; 1 / sqrt(4 x 3)
        expected = (-2 + 10 * (-1 + 1.2) + 100 * (0 - 0.2) + 1000 * (1 - 1.24) + 10000 * 3) / math.sqrt(12)
        self.assertAlmostEqual(float(step.grad) / expected, 1, delta=1e-4)

    def test_activations_are_quantized_as_weights_are(self):
        values = torch.randn(3, 5, 7, 9)
        gradient = torch.randn(values.shape)
        results = []
        for high in (3, 255):
            for quantize in (lambda v, s, h=high: _Quantize.apply(v, s, 0, h, v[0].numel(), False),
                             lambda v, s, h=high: _QuantizeActivations.apply(v, s, h)):
                one, step = values.clone().requires_grad_(), torch.tensor([0.3]).requires_grad_()
                result = quantize(one, step)
                result.backward(gradient)
                results.append((result.detach(), one.grad, step.grad))
            (a, da, sa), (b, db, sb) = results[-2:]
            self.assertTrue(torch.equal(a, b))
            self.assertTrue(torch.equal(da, db))
            self.assertTrue(torch.allclose(sa, sb, rtol=1e-4))

    def test_what_is_not_a_number_does_not_become_a_code(self):
        values = torch.tensor([0.4, math.nan, math.inf, -math.inf])
        self.assertEqual(str(gated_kernel.quantize(values, 0.1, 3).tolist()), str((torch.tensor(
            [3.0, math.nan, 3.0, 0.0]) * 0.1).tolist()))

    def test_static_layers_follow_finite_differences(self):
        for layer, shape in ((QuantConv2d(torch.randn(4, 3, 3, 3), 8, 0, 1, 1), (2, 3, 5, 5)),
                             (QuantLinear(torch.randn(4, 6), 8, 0, torch.randn(4)), (2, 6))):
            step = torch.tensor([0.01])
            values = (torch.randint(0, 255, shape).float() * step).requires_grad_()
            weight = torch.randn(layer(values, step).shape)
            loss = (layer(values, step) * weight).sum()
            loss.backward()
            moved = values.detach().clone()
            moved[0, 0] += float(step)  # one code up
            difference = float((layer(moved, step) * weight).sum() - loss)
            expected = float((values.grad[0, 0] * step).sum())
            self.assertAlmostEqual(difference, expected, delta=2e-3 * abs(difference) + 1e-3)

    def gated(self, layer, shape):
        """Loss and gradients of a gated layer, and those of the same layer without a gate, all open."""
        step = torch.tensor([0.01])
        codes = torch.randint(0, 255, shape).float()
        layer.start_gate(layer.gate_codes(codes * step, step))
        values = (codes * step).requires_grad_()
        layer.gate.reaches_sums = False
        with torch.no_grad():
            layer.position.fill_(-50.0)  # threshold 1: nearly every gate opens
        y = layer(values, step)
        weight = torch.randn(y.shape)
        (y * weight).sum().backward()
        plain = values.detach().clone().requires_grad_()
        plain_weight = layer.weight.detach().clone().requires_grad_()
        weights, _ = layer.quantizer(plain_weight)
        expected = (torch.nn.functional.conv2d(plain, weights, stride=1, padding=1) if layer.weight.shape[-1] == 3
                    else torch.nn.functional.linear(plain, weights.flatten(1)))
        (expected * weight).sum().backward()
        self.assertTrue(torch.allclose(y, expected, rtol=1e-4, atol=1e-3))
        for found, wanted in ((values.grad, plain.grad), (layer.weight.grad, plain_weight.grad)):
            self.assertLess(float((found - wanted).norm() / wanted.norm()), 0.02)

    def test_open_gated_layers_equal_static_ones(self):
        gate = GateSettings()
        for pair in ((4, 4), (4, 0)):
            with self.subTest(pair):
                self.gated(DEC3Conv2d(torch.randn(20, 3, 3, 3), *pair, 1, 1, gate), (2, 3, 8, 8))
                self.gated(DEC3Linear(torch.randn(20, 40), *pair, gate), (6, 40))

    def test_energy_term_closes_gates(self):
        layer = DEC3Conv2d(torch.randn(16, 4, 3, 3), 4, 4, 1, 1, GateSettings())
        step = torch.tensor([0.01])
        values = torch.randint(0, 255, (2, 4, 8, 8)).float() * step
        layer.start_gate(layer.gate_codes(values, step))
        layer(values, step)
        layer.open_share.backward()
        self.assertLess(float(layer.position.grad), 0)  # a step against the gradient raises the threshold


class Vgg(unittest.TestCase):
    def test_layers(self):
        names = [spec.name for spec in layers_of(VGG8())]
        self.assertEqual(names, ["conv1", "conv2", "pool1", "conv3", "conv4", "pool2", "conv5", "conv6",
                                 "pool3", "fc1", "fc2"])


class Resume(TinyTraining):
    def test_a_stage_starts_from_the_one_before(self):
        first = self.training("first.pt", "4,4")
        first.run_epoch(self.images, self.labels)
        first.save()
        for pair in ("4,4", "6,2", "4,0"):
            second = self.training(f"second-{pair}.pt", pair, os.path.join(self.folder, "first.pt"))
            for name, tensor in first.network.state_dict().items():
                # Other bits need other steps, another gate other thresholds.
                anew = {"4,4": (), "6,2": (".position", ".scale"), "4,0": (".position", ".scale", "quantizer.step")}
                if not (name.startswith("layers.") and name.endswith(anew[pair])):
                    self.assertTrue(torch.equal(tensor, second.network.state_dict()[name]), f"{pair} {name}")

    def test_thresholds_of_another_gate_start_anew(self):
        first = self.training("first.pt", "4,0")
        first.save()
        path = os.path.join(self.folder, "first.pt")
        second = self.training("second.pt", "4,0", path, ["--gate-kind", "inputs"])
        for (name, one), other in zip(first.network.gated(), second.network.gated()):
            self.assertNotEqual(float(one.scale), float(other[1].scale), name)
            self.assertTrue(torch.equal(one.weight, other[1].weight), name)
        with self.assertRaises(SystemExit):
            self.training("first.pt", "4,0", None, ["--gate-kind", "inputs"])

    def test_resumed_training_is_the_same(self):
        self.check_resume()

    def test_another_training_is_not_resumed(self):
        self.training("out.pt").save()
        for flag, value in (("--alpha", "1e-07"), ("--lr", "0.5"), ("--activation-bits", "4"), ("--seed", "2"),
                            ("--threshold-rate", "0.1"), ("--gate-kind", "mean")):
            with self.assertRaisesRegex(SystemExit, f"out.pt: trained with {flag} .*, not {value}; name another"):
                self.training("out.pt", more=(flag, value))
        with self.assertRaisesRegex(SystemExit, "trained with --pair 2,2, not 4,4"):
            self.training("out.pt", "4,4")
        self.training("out.pt", more=("--result", os.path.join(self.folder, "other.json")))  # the same training


class Schedule(TinyTraining):
    def test_energy_counts_from_the_end_of_the_warm_up_on_within_an_epoch(self):
        """One epoch of two steps: with a warm-up of 0.4 the second one sees the energy."""
        thresholds = []
        for warm_up, alpha in (("0.4", "0"), ("0.4", "1e-3"), ("0.6", "1e-3")):
            training = self.training(f"{warm_up}-{alpha}.pt", more=("--epochs", "1", "--warm-up", warm_up,
                                                                    "--alpha", alpha))
            training.run_epoch(self.images, self.labels)
            thresholds.append([float(layer.position) for _, layer in training.network.gated()])
        self.assertTrue(all(one > other for one, other in zip(thresholds[1], thresholds[0])))
        self.assertEqual(thresholds[2], thresholds[0])

    def test_values_out_of_range_are_refused(self):
        for flag, value in (("--activation-bits", "9"), ("--epochs", "0"), ("--lr", "0"), ("--lr", "nan"),
                            ("--batch", "0"), ("--warm-up", "1.5"), ("--alpha", "-1"), ("--closed-share", "1")):
            with self.subTest(flag), mock.patch("sys.stderr", io.StringIO()) as lines:
                with self.assertRaises(SystemExit):
                    self.training("out.pt", more=(flag, value))
                self.assertRegex(lines.getvalue(), f"{flag} .*: expected ")
        with self.assertRaisesRegex(SystemExit, "--batch 9: more than the 8 images of an epoch"):
            self.training("out.pt", more=("--batch", "9")).run_epoch(self.images, self.labels)

    def test_a_training_that_diverges_ends(self):
        for pair, line in (("4", "epoch 1: cross entropy nan, .* pJ"), ("2,2", "a gate has the threshold nan")):
            training = self.training(f"{pair}.pt", pair)
            with torch.no_grad():
                training.network.layer("conv").weight[0] = math.nan
            with self.assertRaisesRegex(SystemExit, line + ".* the training diverged"):
                training.run_epoch(self.images, self.labels)


class Smoke(unittest.TestCase):
    """The whole way in small: drawn digits, an energy table of the simulator, one epoch of a gated network from the
    shipped static one."""

    def test_one_epoch_on_drawn_digits(self):
        program, source = os.environ.get("CIMCYCLE_PROGRAM"), os.environ.get("CIMCYCLE_SOURCE_DIR")
        if not program or not source:
            self.skipTest("needs the built program: run it through ctest")
        with tempfile.TemporaryDirectory() as folder:
            def path(name):
                return os.path.join(folder, name)

            for split, images in (("train", 2000), ("test", 200)):
                subprocess.run([program, "dataset", "synthetic", "--split", split, "--images", str(images), "--out",
                                path(split + ".npz")], check=True, capture_output=True)
            subprocess.run([program, "energy-table", os.path.join(source, "models/resnet20-synthetic-static8"),
                            "--hardware", os.path.join(source, "tech/chips/ou16-adc5-22nm.json"), "--images", "2",
                            "--out", path("table.json"), "--quiet"], check=True)
            (images, labels), (test_images, test_labels) = data.load("npz:" + folder)
            integers = network_file.load(os.path.join(source, "models/resnet20-synthetic-static8"))
            start = restored("resnet20", integers, data.to_float(images[:200]), labels[:200])
            save_arrays.save(start.state_dict(), 95.0, path("start.npz"))
            options = train_dec3.arguments(
                ["--network", "resnet20", "--data", "npz:" + folder, "--start", path("start.npz"), "--energy-table",
                 path("table.json"), "--out", path("out.pt"), "--pair", "4,4", "--epochs", "1", "--no-flip",
                 "--lr", "0.01", "--alpha", "1e-6"])
            training = train_dec3.Training(options, images)
            top1_before, open_before = train_dec3.evaluate(training.network, test_images, test_labels)
            training.run_epoch(images, labels)
            top1, shares = train_dec3.evaluate(training.network, test_images, test_labels)
            self.assertEqual(len(shares), 18)
            # Weights that go the wrong way lose what the start knew; the energy closes gates.
            self.assertGreater(top1, top1_before - 0.05)
            self.assertGreater(top1, 0.8)
            self.assertLess(sum(shares.values()) / 18, sum(open_before.values()) / 18 - 0.05)
            energy = [training.table.summary(training.network, by_layer)["energy_pj"] for by_layer in (open_before, shares)]
            self.assertLess(energy[1], energy[0])


if __name__ == "__main__":
    unittest.main()
