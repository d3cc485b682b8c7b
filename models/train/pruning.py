# SPDX-License-Identifier: Apache-2.0
"""Static pruning of OU groups: the methods, and what each of them is to a layer.

A pruner belongs to one layer and is an nn.Module with

    forward(weight, quantized)  (quantized weights without the groups that are removed, share of the groups that is kept)
    after_step(weight, rate)    after a step of the optimizer at this learning rate
    begin_epoch(quantized, progress)  at the beginning of an epoch; progress: finished share of the training

The share carries the gradient of the energy, alpha x E(b) x share; groups that are removed have weights of 0, which a chip
with schedule.zero_weights = skip does not read.
"""
import mars
import teap

# A method is its file and its line here.
METHODS = {"teap": teap.TrainedThreshold, "mars": mars.GroupLasso}


class PruningSettings:
    """Which method, OU, and the weight of the group lasso (mars)."""

    def __init__(self, method, lasso=0.0, ou_rows=16, ou_cols=16):
        self.method, self.lasso, self.ou_rows, self.ou_cols = method, lasso, ou_rows, ou_cols

    def pruner(self, weight):
        return METHODS[self.method](weight, self)
