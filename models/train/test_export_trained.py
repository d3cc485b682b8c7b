# SPDX-License-Identifier: Apache-2.0
"""Exported integers against the trained network, layer by layer, and against the simulator, mask by mask.

Run as test_dec3.py; the comparison with the simulator needs the built program (through ctest).
"""
import os
import subprocess
import tempfile
import unittest
from unittest import mock

import numpy
import torch

import network_file
from dec3_layers import GateSettings
from export_trained import trained_network, training_command
from integer_network import IMAGE, GateCount, accumulate, combine, masks_of, max_pool, requantize, residual_values, run
from quantized_network import IMAGE_STEP, QuantizedNetwork, from_checkpoint, parse_pair
from topology import NETWORKS, layers_of

# Every kind of layer: gated, with and without low bits, one high bit, static.
RESNET_PAIRS = {"block1.conv1": "4,4", "block1.conv2": "2,2", "block2.conv1": "1,1", "block2.conv2": "4,0",
                "block3.conv1": "1,0", "block3.conv2": "4", "block4.conv1": "1", "block4.conv2": "2,0",
                "block5.conv1": "6,2"}


VGG_PAIRS = {"fc1": "2,2", "conv3": "4"}


def small_vgg8():
    return mock.patch("vgg.CHANNELS", (8, 8, 20, 20, 24, 24))


def checkpoint(network, pairs, rest, gate, images, activation_bits=8):
    """What train_dec3.py would save of an untrained network: random weights and statistics of batch norm."""
    torch.manual_seed(7)
    model = NETWORKS[network]()
    for module in model.modules():
        if isinstance(module, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):
            for values, low, high in ((module.running_mean, -0.3, 0.3), (module.running_var, 0.5, 2.0),
                                      (module.weight.data, 0.5, 1.5), (module.bias.data, -0.3, 0.3)):
                values.uniform_(low, high)
    names = [spec.name for spec in layers_of(model) if spec.has_weights()][1:-1]
    pairs = {name: pairs.get(name, rest) for name in names}
    trained = QuantizedNetwork(model, pairs, gate, activation_bits)
    trained.start(images)
    # Training moves weights and biases away from those of the module that a network is built from.
    trained.layer(trained.specs[-1].name).bias.data += 0.5
    return {"network": network, "pairs": pairs, "activation_bits": activation_bits, "model": trained.state_dict(),
            "gate": {"kind": gate.kind, "ou_rows": gate.ou_rows, "ou_cols": gate.ou_cols, "reaches_sums": True},
            "epoch": 1, "arguments": {"network": network, "no_flip": True, "images": None}}


class Provenance(unittest.TestCase):
    def test_zeros_are_values_of_the_command(self):
        arguments = {"pair": "2,0", "warm_up": 0.0, "lasso": 0, "detached_gate": True, "no_flip": False, "images": None}
        self.assertEqual(training_command({"arguments": arguments}),
                         "python3 models/train/train_dec3.py --pair 2,0 --warm-up 0.0 --lasso 0 --detached-gate")


class Layers(unittest.TestCase):
    def compare(self, saved, images):
        trained, integers = from_checkpoint(saved), trained_network(saved, "test", tuple(images.shape[1:]), "synthetic")
        codes, steps, differing = {IMAGE: images}, {IMAGE: torch.tensor([IMAGE_STEP])}, 0
        for spec, layer in zip(trained.specs, integers.layers):
            with self.subTest(layer.name), torch.no_grad():
                # Both get the integers' codes, so that no difference is carried on.
                values = {name: (codes[name].float() * steps[name], steps[name]) for name in codes}
                wanted, steps[layer.name] = trained.results(spec, values), steps[spec.input]
                if layer.kind == "max_pool":
                    codes[layer.name] = max_pool(layer, codes[layer.input])
                    self.assertTrue(torch.equal(codes[layer.name] * steps[spec.input], wanted))
                    continue
                residual = residual_values(layer, codes[layer.residual.source]) if layer.residual else None
                z = combine(layer, accumulate(layer, codes[layer.input], [0, 0, 0]), residual)
                if layer.output == "logits":
                    z = z.reshape(wanted.shape).double()
                    self.assertLess(float((z * (wanted.abs().max() / z.abs().max()) - wanted).abs().max()),
                                    1e-5 * float(wanted.abs().max()))
                    continue
                quantized, steps[layer.name] = trained.quantizer(spec.name)(wanted)
                codes[layer.name] = requantize(layer, z)
                wanted = (quantized / steps[layer.name]).round().reshape(codes[layer.name].shape)
                change = (codes[layer.name] - wanted).abs()
                self.assertLessEqual(float(change.max()), 1)  # where a value lies halfway between two codes
                self.assertLess(float((change > 0).double().mean()), 1e-3)
                self.assertGreater(len(codes[layer.name].unique()), 2)
                differing += 1
        self.assertGreater(differing, 5)
        return integers

    def test_resnet20(self):
        images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
        integers = self.compare(checkpoint("resnet20", RESNET_PAIRS, "2,2", GateSettings(), images), images)
        found = {layer.name: (layer.dec3.hb, layer.dec3.lb, layer.gated()) for layer in integers.layers
                 if layer.weights is not None}
        for name, pair in RESNET_PAIRS.items():
            self.assertEqual(found[name], parse_pair(pair))
        self.assertEqual(found["conv"], (8, 0, False))

    def test_vgg8_with_few_channels_and_four_bit_activations(self):
        images = torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8)
        with small_vgg8():
            self.compare(checkpoint("vgg8", VGG_PAIRS, "4,2", GateSettings("mean"), images, 4), images)

    def test_pairs_that_the_format_lacks_are_refused_before_a_training(self):
        for text in ("3,3", "4,5", "4,3", "8,1", "9", "4,", "4,4,4"):
            with self.assertRaises(SystemExit, msg=text):
                parse_pair(text)
        with self.assertRaises(SystemExit, msg="partial sums of 3 bits decide nothing in the format"):
            checkpoint("vgg8", {"conv3": "3,0"}, "4", GateSettings(), torch.zeros(1, 3, 32, 32, dtype=torch.uint8))


class Simulator(unittest.TestCase):
    """Logits and masks of the built program."""

    def setUp(self):
        self.program, self.source = os.environ.get("CIMCYCLE_PROGRAM"), os.environ.get("CIMCYCLE_SOURCE_DIR")
        if not self.program or not self.source:
            self.skipTest("needs the built program: run it through ctest")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def call(self, *words):
        subprocess.run([self.program, *map(str, words), "--quiet"], check=True, capture_output=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def images(self, count):
        subprocess.run([self.program, "dataset", "synthetic", "--images", str(count), "--out", self.path("test.npz")],
                       check=True, capture_output=True)
        with numpy.load(self.path("test.npz")) as arrays:
            return torch.from_numpy(arrays["images"])

    def compare(self, folder, images, path, *options):
        """Simulator and integer network on the images; returns the masks."""
        chip = ("--hardware", os.path.join(self.source, "tech/chips/ou16-adc5-22nm.json"), "--images", len(images),
                *options)
        self.call("run", folder, *chip, "--timed-images", 1, "--reference-images", 0, "--logits",
                  self.path("logits.npy"))
        self.call("export", "masks", folder, *chip, "--out", self.path("masks.npz"))
        network = network_file.load(folder)
        counts = {layer.name: GateCount(masks=[]) for layer in network.layers if layer.gated()}
        with torch.no_grad():
            logits = run(network, images, path=path, counts=counts)
        self.assertTrue(numpy.array_equal(numpy.load(self.path("logits.npy")), logits.numpy()))
        expected = masks_of(network, counts)
        with numpy.load(self.path("masks.npz")) as found:
            self.assertEqual(sorted(found.files), sorted(expected))
            for name, mask in expected.items():
                self.assertTrue(numpy.array_equal(found[name], mask), name)
                self.assertTrue(0 < mask.mean() < 1 or "static" in path, name)
        return expected

    def test_pooling_linear_layers_and_mean_gates(self):
        images = self.images(3)
        with small_vgg8():
            saved = checkpoint("vgg8", VGG_PAIRS, "4,2", GateSettings("mean"), images, 4)
            network_file.save(trained_network(saved, "test", tuple(images.shape[1:]), "synthetic"), self.path("vgg8"))
        masks = self.compare(self.path("vgg8"), images, "gated")
        self.assertEqual(masks["fc1"].shape, (3, 1, 1, 24, 64))

    def test_gates_on_inputs(self):
        images = self.images(3)
        pairs = {"block1.conv1": "3,0", "block1.conv2": "2,0", "block2.conv1": "4"}
        saved = checkpoint("resnet20", pairs, "2,1", GateSettings("inputs"), images)
        network_file.save(trained_network(saved, "test", tuple(images.shape[1:]), "synthetic"), self.path("inputs"))
        masks = self.compare(self.path("inputs"), images, "gated", "--set", "gate.input_sums=true")
        for mask in masks.values():
            self.assertTrue((mask == mask[..., :1]).all(), "all blocks of a row group are alike")

    def test_logits_and_masks(self):
        images = self.images(3)
        saved = checkpoint("resnet20", RESNET_PAIRS, "2,2", GateSettings(), images)
        # A high threshold, so that some groups of a layer without low bits never open.
        name = "block4.conv2"
        network = trained_network(saved, "test", tuple(images.shape[1:]), "synthetic")
        layer = next(layer for layer in network.layers if layer.name == name)
        layer.dec3.threshold *= 3
        network_file.save(network, self.path("gated"))
        gated = self.compare(self.path("gated"), images, "gated")
        self.assertEqual(len(gated), 16)
        oracle = self.compare(self.path("gated"), images, "gated", "--set", "gate.mask_known=oracle")
        self.assertTrue(all(numpy.array_equal(mask, oracle[name]) for name, mask in gated.items()))
        chip = ("--hardware", os.path.join(self.source, "tech/chips/ou16-adc5-22nm.json"))
        self.call("calibrate", self.path("gated"), *chip, "--images", 2, "--static-masks", "--out", self.path("static"))
        static = self.compare(self.path("static"), images, "static", "--set", "gate.mask_known=static")
        self.assertTrue((static[name] == static[name][:1, :1, :1]).all())
        self.assertTrue(0 < static[name].mean() < 1)


if __name__ == "__main__":
    unittest.main()
