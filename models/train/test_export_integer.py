# SPDX-License-Identifier: Apache-2.0
"""Post-training quantization of a network with pooling and linear layers: the integers against the float network."""
import unittest
from types import SimpleNamespace
from unittest import mock

import torch

import data
from export_integer import quantize_network
from integer_network import Network, run
from topology import NETWORKS


IMAGES = torch.randint(0, 256, (12, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def random_model(name):
    torch.manual_seed(3)
    model = NETWORKS[name]()
    for module in model.modules():
        if isinstance(module, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):
            module.momentum = None  # the statistics of the one pass below
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.uniform_(-0.3, 0.3)
    model.train()
    with torch.no_grad():
        model(data.to_float(IMAGES))
    return model.eval()


class Quantization(unittest.TestCase):
    def test_vgg8_with_few_channels(self):
        with mock.patch("vgg.CHANNELS", (8, 8, 12, 12, 12, 12)):
            model = random_model("vgg8")
        options = SimpleNamespace(pair=(8, 0), gate=False, weights="per-channel", closed_share=0.7, seed=1)
        with torch.no_grad():
            network = Network("test", (3, 32, 32), [0, 0, 0], quantize_network(model, IMAGES, options), "synthetic")
            wanted = model(data.to_float(IMAGES))
            logits = run(network, IMAGES, path="full").double()
        # What differs from image to image, without the mean of each class.
        both = torch.corrcoef(torch.stack([(part - part.mean(0)).flatten().double() for part in (wanted, logits)]))
        self.assertGreater(float(both[0, 1]), 0.99)


if __name__ == "__main__":
    unittest.main()
