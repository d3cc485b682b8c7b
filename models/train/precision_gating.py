# SPDX-License-Identifier: Apache-2.0
"""Precision Gating (Zhang et al., ICLR 2020, arXiv 2002.07136): the low digits of activations, gated per output.

Activations x of a bits are x_h + x_l, x_h their high bits (truncated). With O_h = x_h W, O_l = x_l W,

    y = O_h + m O_l,   m = [O_h > Delta],   Delta: one threshold per output channel, from 0

a signed comparison in front of batch norm: it predicts which outputs survive the ReLU. Backward m is s(5 (O_h -
Delta)); truncation passes the gradient on, so that x_l has none. The loss gets 0.001 x sum of ||Delta - target||. All
numbers are those of the authors' code (github.com/cornell-zhang/dnn-gating).

Energy: reads go with digits, so E(b) x high bits / a is spent always. A chip reads OUs, not outputs: the low digits of
a block of `ou_cols` outputs are read if one of them asks, and `open_share` counts blocks; only those that asked add the
low part, in training as on the chip. With integers, sums above floor(Delta / (weight step x input step)) ask.
"""
import numpy
import torch
from torch import nn

from hard_step import HardStep
from rival import Rival

SLOPE = 5.0
PENALTY = 0.001


def logistic_slope(u):
    soft = torch.sigmoid(SLOPE * u)
    return SLOPE * soft * (1 - soft)


class PrecisionGate(Rival):
    def __init__(self, weight, settings):
        super().__init__()
        self.high_bits = settings.high_bits
        self.low_codes = 2 ** (settings.activation_bits - settings.high_bits)
        self.closed_part = settings.high_bits / settings.activation_bits
        self.target, self.ou_cols = settings.target, settings.ou_cols
        self.threshold = nn.Parameter(torch.zeros(len(weight)))

    def split(self, values, step):
        """(high, low) parts of values = step x codes; their sum is values."""
        unit = (step * self.low_codes).detach()
        # Codes are whole numbers: half of one keeps a rounding error from reaching the code below.
        high = ((values.detach() + step.detach() / 2) / unit).floor() * unit
        high = values + (high - values).detach()
        return high, values - high

    def multiply(self, product, values, step):
        high, low = (product(part) for part in self.split(values, step))
        threshold = self.threshold.reshape(-1, *[1] * (high.dim() - 2))
        mask = HardStep.apply(high - threshold, logistic_slope)
        with torch.no_grad():
            blocks = mask.split(self.ou_cols, dim=1)
            self.open_share = torch.stack([block.amax(1).mean() for block in blocks]).mean()
        return high + mask * low

    def annotate(self, dec3, unit):
        limits = numpy.iinfo(numpy.int32)
        wholes = numpy.floor(self.threshold.detach().double().numpy() / unit)
        dec3.gate, dec3.high_digit_bits = "digits", self.high_bits
        dec3.digit_threshold = wholes.clip(limits.min, limits.max).astype(numpy.int64)

    def penalty(self):
        return PENALTY * (self.threshold - self.target).norm()
