# SPDX-License-Identifier: Apache-2.0
"""MARS-style pruning: group lasso on OU groups, then a fine-tuning with the zeros frozen.

After Sie et al., TCAD 2022 (doi 10.1109/TCAD.2021.3082107, arXiv 2010.12861): sparsity in the shape of the lines that
are on at once, only what is not zero is stored and computed. The loss gets lambda x sum of sqrt(|G|) ||W_G|| over all
groups, as a proximal step after each step of the optimizer,

    W_G <- W_G max(0, 1 - rate lambda sqrt(|G|) / ||W_G||)

which makes exact zeros. After `SHAPING` of the training, groups whose quantized weights are all zero, or whose root mean
square lies below `cut` times that of the layer, are removed for good, and the lasso ends. Few bits make groups zero by
themselves; at 8 bits hardly a code is 0, and only the cut removes what the lasso has made small. The energy takes no
part. Batch norm is folded into the digital constants, as for every method here, not into the weights.
"""
import torch

from rival import Rival
from weight_groups import WeightGroups

SHAPING = 0.5


class GroupLasso(Rival):
    least_bits = 2  # one bit has no zero

    def __init__(self, weight, settings):
        super().__init__()
        self.groups = WeightGroups(len(weight), weight[0].numel(), settings.ou_rows, settings.ou_cols)
        self.strength, self.cut = settings.lasso, settings.cut
        self.register_buffer("sizes", self.groups.sizes(), persistent=False)
        self.register_buffer("kept", torch.ones(self.groups.row_groups, self.groups.blocks))
        self.register_buffer("is_frozen", torch.zeros(1))

    def prune(self, weight, quantized):
        kept = self.kept if bool(self.is_frozen) else self._not_zero(quantized)
        self.open_share = kept.mean()
        return quantized * self.groups.spread(kept).reshape(quantized.shape)

    def _not_zero(self, quantized):
        return (self.groups.sums(quantized.detach().float().abs()) > 0).float()

    def after_step(self, weight, rate):
        if bool(self.is_frozen):
            return
        with torch.no_grad():
            norms = self.groups.sums(weight**2).sqrt()
            factors = (1 - rate * self.strength * self.sizes.sqrt() / norms.clamp_min(1e-12)).clamp_min(0)
            weight.mul_(self.groups.spread(factors).reshape(weight.shape))

    def taken_over(self):
        if bool(self.is_frozen) and (self.strength > 0 or self.cut > 0):
            raise SystemExit(f"--lasso {self.strength} --cut {self.cut}: the start's groups are removed for good, what "
                             "is left is fine-tuning; expected --lasso 0 --cut 0")

    def begin_step(self, progress, quantized):
        if progress >= SHAPING and not bool(self.is_frozen):
            with torch.no_grad():
                values = quantized()[0].float()
                self.kept.copy_(self._not_zero(values) * self._above_cut(values))
                self.is_frozen.fill_(1)

    def _above_cut(self, quantized):
        squares = self.groups.sums(quantized**2) / self.sizes
        return (squares >= self.cut**2 * (quantized**2).mean()).float()
