# SPDX-License-Identifier: Apache-2.0
"""T-EAP: trainable energy-aware pruning of OU groups (Chang et al., AICAS 2022, doi 10.1109/AICAS54282.2022.9869849).

The paper's abstract gives the idea, thresholds trained with the energy in the loss; the mechanism is that of Dynamic
Sparse Training (Liu et al., ICLR 2020, arXiv 2005.06870) with OU groups in place of single weights. Per layer one
threshold t:

    n_G = mean |W_G| / std(W),  group G stays where u = n_G - t > 0

Backward, the step has DST's slope with a long tail: 2 - 4 |u| up to 0.4, then 0.4 up to 1, else 0. It reaches t and,
through n_G (std held), the weights, so that a removed group can come back. The energy is E(b) x share of groups kept.
"""
import torch
from torch import nn

from hard_step import HardStep
from rival import Rival
from weight_groups import WeightGroups

# DST: a layer that would lose all but this share starts again with threshold 0.
LEAST_KEPT = 0.01


def long_tail(u):
    size = u.abs()
    return torch.where(size <= 0.4, 2 - 4 * size, torch.where(size <= 1, 0.4, 0.0))


class TrainedThreshold(Rival):
    least_bits = 2  # one bit has no zero

    def __init__(self, weight, settings):
        super().__init__()
        self.groups = WeightGroups(len(weight), weight[0].numel(), settings.ou_rows, settings.ou_cols)
        self.register_buffer("sizes", self.groups.sizes(), persistent=False)
        self.threshold = nn.Parameter(torch.zeros(1))

    def kept(self, weight):
        """1 or 0 for each group (row groups, blocks)."""
        score = self.groups.sums(weight.abs()) / self.sizes / weight.detach().std().clamp_min(1e-12)
        return HardStep.apply(score - self.threshold, long_tail)

    def prune(self, weight, quantized):
        kept = self.kept(weight.float())
        self.open_share = kept.mean()
        return quantized * self.groups.spread(kept).reshape(quantized.shape)

    def after_step(self, weight, rate):
        with torch.no_grad():
            if float(self.kept(weight).mean()) <= LEAST_KEPT:
                self.threshold.zero_()
