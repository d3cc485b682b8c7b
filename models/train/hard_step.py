# SPDX-License-Identifier: Apache-2.0
"""[u > 0] whose gradient is that of something smooth."""
import torch


class HardStep(torch.autograd.Function):
    """HardStep.apply(u, slope): 1 where u > 0, else 0; backward the gradient times slope(u)."""

    @staticmethod
    def forward(context, u, slope):
        context.save_for_backward(u)
        context.slope = slope
        return (u > 0).to(u.dtype)

    @staticmethod
    def backward(context, gradient):
        return gradient * context.slope(context.saved_tensors[0]), None
