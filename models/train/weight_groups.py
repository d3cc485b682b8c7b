# SPDX-License-Identifier: Apache-2.0
"""OU footprints of a layer's weights: what static pruning removes and the chip can leave unread.

A group is `ou_rows` consecutive rows (in the order channel, ky, kx) of `ou_cols` consecutive outputs; the last ones of
a layer may be smaller.
"""
import torch


class WeightGroups:
    def __init__(self, outputs, rows, ou_rows=16, ou_cols=16):
        self.outputs, self.rows, self.ou_rows, self.ou_cols = outputs, rows, ou_rows, ou_cols
        self.row_groups, self.blocks = -(-rows // ou_rows), -(-outputs // ou_cols)

    def sizes(self):
        """Weights of each group."""
        return self.sums(torch.ones(self.outputs, self.rows))

    def sums(self, values):
        """(row groups, blocks) of values with a first dimension of outputs."""
        padded = torch.nn.functional.pad(values.flatten(1), (0, self.row_groups * self.ou_rows - self.rows,
                                                             0, self.blocks * self.ou_cols - self.outputs))
        return padded.reshape(self.blocks, self.ou_cols, self.row_groups, self.ou_rows).sum(dim=(1, 3)).t()

    def spread(self, groups):
        """(outputs, rows): the value of its group at each weight."""
        whole = groups.t().repeat_interleave(self.ou_cols, 0).repeat_interleave(self.ou_rows, 1)
        return whole[:self.outputs, :self.rows]
