# SPDX-License-Identifier: Apache-2.0
"""What a rival of the gates is to one layer: a module that changes the layer's weights or its products.

`open_share` of the last pass enters the energy, E(b) x (closed_part + (1 - closed_part) x open_share), with its
gradient if it has one.
"""
from torch import nn


class Rival(nn.Module):
    least_bits = 1  # of the weights

    def __init__(self):
        super().__init__()
        self.open_share = None
        self.closed_part = 0.0

    def prune(self, weight, quantized):
        """The quantized weights that remain."""
        del weight
        return quantized

    def multiply(self, product, values, step):
        """The layer's results; product: those of plain weights for some input values, step: of the values."""
        del step
        return product(values)

    def annotate(self, dec3, unit):
        """Adds to the layer's annotation in the network file what the chip must know; unit: of its partial sums."""

    def penalty(self):
        """What the loss gets besides the energy."""
        return 0.0

    def taken_over(self):
        """After the layer got the state of an earlier stage of this method."""

    def begin_step(self, progress, quantized):
        """Before a step. progress: finished share of the training; quantized(): (quantized weights, their step)."""

    def after_step(self, weight, rate):
        """After a step of the optimizer at this learning rate."""
