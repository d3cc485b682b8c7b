# SPDX-License-Identifier: Apache-2.0
"""Float networks restored from integers compute what the integers compute. Run as test_dec3.py."""
import unittest

import torch

import data
from dec3_layers import GateSettings
from export_trained import trained_network
from integer_network import run
from restore_float import restored
from test_export_trained import checkpoint, small_vgg8
from topology import layers_of


class RestoredNetworks(unittest.TestCase):
    def setUp(self):
        generator = torch.Generator().manual_seed(3)
        self.images = torch.randint(0, 256, (12, 3, 32, 32), dtype=torch.uint8, generator=generator)
        self.labels = torch.arange(12) % 10

    def integers(self, topology, rest="8"):
        saved = checkpoint(topology, {}, rest, GateSettings("inputs"), self.images)
        return trained_network(saved, "test", tuple(self.images.shape[1:]), "synthetic")

    def restored(self, topology, network):
        return restored(topology, network, data.to_float(self.images), self.labels, "folder")

    def check(self, topology):
        network = self.integers(topology)
        model = self.restored(topology, network)
        with torch.no_grad():
            found, wanted = model(data.to_float(self.images)).double(), run(network, self.images).double()
        # Logits have no unit. What is left are the roundings of activations to 8 bits.
        difference = found / found.std() - wanted / wanted.std()
        self.assertLess(float(difference.abs().max()), 0.1)
        for spec in layers_of(model):
            if spec.norm is not None and spec.source is None:
                self.assertAlmostEqual(float(spec.norm.weight.abs().mean()), 1.0, places=4)
                self.assertAlmostEqual(float(spec.norm.running_var.mean()), 1.0, places=4)

    def test_vgg8(self):
        with small_vgg8():
            self.check("vgg8")

    def test_resnet20_with_its_shortcuts(self):
        self.check("resnet20")

    def test_gates_and_other_topologies_are_refused(self):
        network = self.integers("resnet20", "2,0")
        with self.assertRaisesRegex(SystemExit, "folder: layer block1.conv1 has a gate"):
            self.restored("resnet20", network)
        with self.assertRaisesRegex(SystemExit, "folder: layers conv, block1.conv1, .*; expected conv1, conv2, pool1"):
            self.restored("vgg8", network)
        with small_vgg8():
            network = self.integers("vgg8")
        with self.assertRaisesRegex(SystemExit, "folder: layer conv1 has 216 weights; expected 3456"):
            self.restored("vgg8", network)

    def test_a_layer_without_any_signal_is_named(self):
        network = self.integers("resnet20")
        network.layers[2].weights[:] = 0
        with self.assertRaisesRegex(SystemExit, "layer block1.conv2 gives the same results for all images"):
            self.restored("resnet20", network)


if __name__ == "__main__":
    unittest.main()
