# SPDX-License-Identifier: Apache-2.0
"""Learned step size quantization (LSQ, Esser et al., ICLR 2020, arXiv 1902.08153).

A value v becomes step * code with code = clip(round(v / step), low, high). Gradients: of v the identity inside the
range and 0 outside; of the step (code - v / step) inside and the clipped code outside, times 1 / sqrt(count * high).
"""
import math

import torch
from torch import nn

import gated_kernel
from quantize import weight_range

LEAST_STEP = 1e-8


class _Quantize(torch.autograd.Function):
    @staticmethod
    def forward(context, values, step, low, high, count, is_sign):
        scaled = values / step
        codes = torch.where(scaled >= 0, 1.0, -1.0) if is_sign else scaled.round().clamp_(low, high)
        context.save_for_backward(scaled, codes, step)
        context.limits = low, high, 1 / math.sqrt(count * max(1, high))
        context.is_sign = is_sign
        return codes * step

    @staticmethod
    def backward(context, gradient):
        scaled, codes, step = context.saved_tensors
        low, high, factor = context.limits
        inside = (scaled >= low) & (scaled <= high)
        # The step of a sign is its size alone: the error inside the range says nothing about it.
        slope = codes if context.is_sign else torch.where(inside, codes - scaled, codes)
        return gradient * inside, ((gradient * slope).sum() * factor).reshape(step.shape), None, None, None, None


class _QuantizeActivations(torch.autograd.Function):
    """The same for unsigned codes, each direction in one pass over memory; on the processor."""

    @staticmethod
    def forward(context, values, step, high):
        context.save_for_backward(values, step)
        context.high = high
        return gated_kernel.quantize(values, float(step), high)

    @staticmethod
    def backward(context, gradient):
        values, step = context.saved_tensors
        dvalues, dstep = gated_kernel.quantize_backward(gradient, values, float(step), context.high)
        return dvalues, step.new_tensor([dstep / math.sqrt(values[0].numel() * context.high)]), None


class _Quantizer(nn.Module):
    def __init__(self):
        super().__init__()
        self.step = nn.Parameter(torch.ones(1))

    def used_step(self):
        """The step, kept above 0."""
        return self.step.clamp_min(LEAST_STEP)


class WeightQuantizer(_Quantizer):
    """Weights of hb + lb bits in the range that splits without clipping; one step per layer."""

    def __init__(self, hb, lb):
        super().__init__()
        self.hb, self.lb = hb, lb
        self.low, self.high = weight_range(hb, lb)

    def start(self, weights):
        """LSQ's start, 2 mean|w| / sqrt(high)."""
        with torch.no_grad():
            step = 2 * weights.abs().mean() / math.sqrt(max(1, self.high))
            self.step.copy_(step.clamp_min(LEAST_STEP))

    def forward(self, weights):
        step = self.used_step()
        is_sign = self.hb == 1 and self.lb == 0
        return _Quantize.apply(weights, step, self.low, self.high, weights.numel(), is_sign), step


class ActivationQuantizer(_Quantizer):
    """Unsigned codes of `bits` bits; one step per tensor.

    Values below 0 become 0 without a gradient: this is the ReLU.
    """

    def __init__(self, bits):
        super().__init__()
        self.bits, self.high = bits, 2**bits - 1

    def start(self, values):
        with torch.no_grad():
            values = values.clamp_min(0)
            step = 2 * values.mean() / math.sqrt(self.high)
            # LSQ's start spends the codes on small values; at 8 bits the largest value is known to serve better.
            if self.bits >= 6:
                step = torch.maximum(step, values.max() / self.high)
            self.step.copy_(step.clamp_min(LEAST_STEP))

    def forward(self, values):
        step = self.used_step()
        if values.is_cuda:
            return _Quantize.apply(values, step, 0, self.high, values[0].numel(), False), step
        return _QuantizeActivations.apply(values, step, self.high), step
