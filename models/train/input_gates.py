# SPDX-License-Identifier: Apache-2.0
"""Gates on inputs with PyTorch's own operations: what gated_kernel.py does for them, here for a GPU.

The mask of such a gate is the same for all blocks of outputs, so that one product of masked input vectors gives all
results; no partial sum is needed. Codes, weights and sums below 2^24 are exact in float32, and with them all masks.
"""
import torch

from integer_network import by_row_group, from_row_groups


class _Vectors:
    """Input vectors (N, rows, positions) of codes; by row group (N, groups, OU rows, positions), with sums and masks
    (N, groups, positions)."""

    def __init__(self, geometry, codes, outputs, threshold):
        self.plain = torch.nn.functional.unfold(codes.float(), geometry.kernel, padding=geometry.padding,
                                                stride=geometry.stride)
        self.rows = self.plain.shape[1]
        self.blocks = -(-outputs // geometry.ou_cols)
        self.grouped = by_row_group(self.plain, geometry.ou_rows)
        self.sums = self.grouped.sum(2)
        self.masks = (self.sums >= threshold).float()

    def masked(self):
        """(N, rows, positions)."""
        return from_row_groups(self.grouped * self.masks.unsqueeze(2), self.rows)


def forward(geometry, codes, high, low, threshold, with_importance=False):
    """Results of gated_kernel.forward; open gates and squares are tensors of one element."""
    with torch.autocast(codes.device.type, enabled=False):  # integers beyond 256 do not fit into bf16
        vectors = _Vectors(geometry, codes, len(high), threshold)
        y = (high if low is None else low).float() @ vectors.masked()
        if low is not None:
            y += high.float() @ vectors.plain * 2.0**geometry.shift
        shape = geometry.shape(codes, len(high))
        counts = vectors.masks.sum() * vectors.blocks, vectors.masks.numel() * vectors.blocks
        squares = (vectors.sums.double()**2).sum() * vectors.blocks
        importance = None
        if with_importance:
            importance = vectors.sums.unsqueeze(2).expand(-1, -1, vectors.blocks, -1)
        return y.reshape(len(codes), len(high), shape.out_height, shape.out_width), (*counts, squares), importance


def backward(geometry, codes, high, low, threshold, theta, scale, slope, open_cost, reaches_sums, dy):
    """(dx, dhigh, dtheta) of gated_kernel.backward."""
    vectors = _Vectors(geometry, codes, len(high), threshold)
    dy = dy.float().flatten(2)
    masked_part = high if low is None else low
    dvectors = by_row_group(masked_part.float().t() @ dy, geometry.ou_rows)  # if all masks were 1
    dmasks = (dvectors * vectors.grouped).sum(2) + open_cost * vectors.blocks
    soft = torch.sigmoid(slope * (vectors.sums - theta) / scale)
    dsums = dmasks * soft * (1 - soft) * (slope / scale)
    dvectors *= vectors.masks.unsqueeze(2)
    if reaches_sums:
        dvectors += dsums.unsqueeze(2)
    dx = torch.nn.functional.fold(from_row_groups(dvectors, vectors.rows), codes.shape[2:], geometry.kernel,
                                  padding=geometry.padding, stride=geometry.stride)
    if low is None:
        dhigh = torch.einsum("nop,nrp->or", dy, vectors.masked())
    else:
        dhigh = torch.zeros(high.shape, device=dy.device)  # the gate does not look at it
    return dx, dhigh, -dsums.sum()
