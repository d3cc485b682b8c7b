# SPDX-License-Identifier: Apache-2.0
"""Quantized layers of training: static ones, and gated ones whose masks are the chip's.

A layer takes activations with their step (values = step * codes) and gives float results. Static layers may run in
bf16. A gated layer splits its weight codes into high and low parts, computes the partial sums of every OU group in
integers and adds the low ones where the gate opens (lb = 0: the high ones). Backward, the mask is a logistic function
of (I - theta) / scale with slope `SLOPE`; the straight-through gradient of the weights is that of the ungated layer
for lb > 0.
"""
import math

import torch
from torch import nn

import gated_cuda
import gated_kernel
import input_gates
from lsq import WeightQuantizer
from quantize import high_shift, split_weights

SLOPE = 5.0
# Share of the gates that are closed at the start; at threshold 0 none is closed and few importances lie near it.
START_SHARE = 0.3


class GateSettings:
    """What a gate is: kind, OU, and whether its gradient also reaches what it looks at: partial sums or activations."""

    def __init__(self, kind="max", ou_rows=16, ou_cols=16, reaches_sums=True):
        self.kind, self.ou_rows, self.ou_cols, self.reaches_sums = kind, ou_rows, ou_cols, reaches_sums

    def is_that_of(self, saved):
        """Whether thresholds of a checkpoint mean the same here."""
        gate = saved["gate"]
        return (gate["kind"], gate["ou_rows"], gate["ou_cols"]) == (self.kind, self.ou_rows, self.ou_cols)


def kernel_for(tensor, geometry):
    """The module that gates so where the tensor is."""
    if not tensor.is_cuda:
        return gated_kernel
    return input_gates if geometry.gate == "inputs" else gated_cuda


def split_codes(codes, hb, lb):
    """int8 (outputs, rows) high and low parts of integer codes; low is None if lb = 0."""
    high, low = split_weights(codes.to(torch.int32), hb, lb)
    return high.to(torch.int8).contiguous(), None if lb == 0 else low.to(torch.int8).contiguous()


class _GatedConvolution(torch.autograd.Function):
    """(results, share of open gates, mean square of I) of values, weights (both step * codes) and a threshold."""

    @staticmethod
    def forward(context, values, weights, theta, value_step, weight_step, layer):
        codes = (values / value_step).round().to(torch.uint8).contiguous()
        high, low = split_codes((weights / weight_step).round().flatten(1), layer.hb, layer.lb)
        kernel = kernel_for(codes, layer.geometry)
        y, (opened, decisions, squares), _ = kernel.forward(layer.geometry, codes, high, low, theta.ceil())
        context.save_for_backward(codes, high, low, theta, layer.scale.clone(), value_step, weight_step)
        context.layer, context.weight_shape, context.decisions = layer, weights.shape, decisions
        shares = [torch.as_tensor(total / decisions, dtype=y.dtype, device=y.device) for total in (opened, squares)]
        return y.mul_(value_step * weight_step), *shares

    @staticmethod
    def backward(context, dy, dopen, _):
        codes, high, low, theta, scale, value_step, weight_step = context.saved_tensors
        layer = context.layer
        dy = (dy * (value_step * weight_step)).contiguous()  # gradient of the accumulators
        dx, dhigh, dtheta = kernel_for(codes, layer.geometry).backward(
            layer.geometry, codes, high, low, theta.ceil(), theta, scale, SLOPE, dopen / context.decisions,
            layer.gate.reaches_sums, dy)
        if low is not None:
            shift = 2.0**layer.geometry.shift
            dweights = dhigh / shift  # dWh / dW = 2^-shift
            high_kernel = high.to(dy.dtype).mul_(shift).reshape(context.weight_shape)
            plain_dx, plain_dw = _convolution_gradients(dy, codes, high_kernel, layer.geometry)
            dx += plain_dx
            dweights = dweights.reshape(context.weight_shape) + plain_dw
        else:
            dweights = dhigh.reshape(context.weight_shape)
        dtheta = torch.as_tensor(dtheta, dtype=theta.dtype, device=theta.device).reshape(theta.shape)
        return dx / value_step, dweights / weight_step, dtheta, None, None, None


def _convolution_gradients(dy, codes, weights, geometry):
    """Gradients of codes and weights of a plain convolution. bf16 holds codes and high parts exactly."""
    kinds = [tensor.to(torch.bfloat16).contiguous(memory_format=torch.channels_last) for tensor in (dy, codes, weights)]
    dx, dw, _ = torch.ops.aten.convolution_backward(
        *kinds, None, [geometry.stride] * 2, [geometry.padding] * 2, [1, 1], False, [0, 0], 1, [True, True, False])
    return dx.float().contiguous(), dw.float().contiguous()


class _Quantized(nn.Module):
    """Weights of any layer with their quantizer; `rival` (rival.py) changes weights or products of static layers."""

    is_gated = False

    def __init__(self, weight, hb, lb, bias=None, rival=None):
        super().__init__()
        self.hb, self.lb = hb, lb
        self.weight = nn.Parameter(weight.detach().clone().float())
        self.bias = None if bias is None else nn.Parameter(bias.detach().clone().float())
        self.quantizer = WeightQuantizer(hb, lb)
        self.quantizer.start(self.weight)
        self.rival = rival
        self.open_share = None  # of the gates or groups in the last pass

    @property
    def is_masked(self):
        """Part of the layer may stay unread: by gates, or as a rival of them says."""
        return self.is_gated or self.rival is not None

    @property
    def closed_part(self):
        """Share of E(hb + lb) that a rival's layer costs with everything closed."""
        return 0.0 if self.rival is None else self.rival.closed_part

    def weights(self):
        """(weights as the chip has them, step)."""
        values, step = self.quantizer(self.weight)
        return values if self.rival is None else self.rival.prune(self.weight, values), step

    def multiplied(self, product, values, step):
        """product(values), or what a rival makes of it."""
        if self.rival is None:
            return product(values)
        y = self.rival.multiply(product, values, step)
        self.open_share = self.rival.open_share
        return y

    def codes(self):
        """Integer weights (outputs, rows) int16 and their step."""
        with torch.no_grad():
            values, step = self.weights()
            return (values / step).round().to(torch.int16).flatten(1), float(step)

    def with_bias(self, y):
        return y if self.bias is None else y + self.bias


class QuantConv2d(_Quantized):
    """A static convolution of hb + lb bits."""

    def __init__(self, weight, hb, lb, stride, padding, rival=None):
        super().__init__(weight, hb, lb, rival=rival)
        self.stride, self.padding = stride, padding

    def forward(self, values, value_step):
        weights, _ = self.weights()

        def product(x):
            return nn.functional.conv2d(x, weights, stride=self.stride, padding=self.padding).float()

        return self.multiplied(product, values, value_step)


class QuantLinear(_Quantized):
    """A static linear layer of hb + lb bits."""

    def forward(self, values, value_step):
        weights, _ = self.weights()
        return self.with_bias(self.multiplied(lambda x: nn.functional.linear(x.flatten(1), weights).float(), values,
                                              value_step))


class _Gated(_Quantized):
    is_gated = True

    def __init__(self, weight, hb, lb, kernel, stride, padding, gate, bias=None):
        super().__init__(weight, hb, lb, bias)
        self.gate = gate
        self.geometry = gated_kernel.Geometry(kernel, stride, padding, high_shift(hb, lb), gate.kind, gate.ou_rows,
                                              gate.ou_cols)
        self.position = nn.Parameter(torch.zeros(1))  # theta = scale * softplus(position)
        self.register_buffer("scale", torch.ones(1))  # running root mean square of I, in integers
        self.scale_follows = True

    def theta(self):
        return self.scale.clone() * nn.functional.softplus(self.position)

    def threshold(self):
        """The whole number at which the chip opens."""
        return math.ceil(float(self.theta().detach()))

    def start_gate(self, codes, share=START_SHARE):
        """Sets scale and threshold so that `share` of the gates are closed on these codes (N, C, H, W)."""
        weights, _ = self.codes()
        high, low = split_codes(weights, self.hb, self.lb)
        kernel = kernel_for(codes, self.geometry)
        _, (_, decisions, squares), importance = kernel.forward(self.geometry, codes, high, low, 0, True)
        with torch.no_grad():
            self.scale.fill_(max(1.0, math.sqrt(float(squares) / decisions)))
            values = importance.flatten()
            wanted = float(values[::max(1, len(values) // 1_000_000)].quantile(share)) / float(self.scale)
            self.position.fill_(math.log(math.expm1(max(wanted, 1e-3))))

    def _run(self, values, value_step):
        weights, weight_step = self.weights()
        y, self.open_share, square = _GatedConvolution.apply(values, weights, self.theta(), value_step.detach(),
                                                             weight_step.detach(), self)
        if self.training and self.scale_follows:
            with torch.no_grad():
                self.scale.lerp_(square.sqrt().clamp_min(1.0).reshape(1), 0.02)
        return y


class DEC3Conv2d(_Gated):
    """A convolution with a high and a low path and a gate per OU group; lb = 0: the mask multiplies the high path."""

    def __init__(self, weight, hb, lb, stride, padding, gate):
        super().__init__(weight, hb, lb, tuple(weight.shape[2:]), stride, padding, gate)

    def gate_codes(self, values, value_step):
        return (values / value_step).round().to(torch.uint8).contiguous()

    def forward(self, values, value_step):
        return self._run(values, value_step)


class DEC3Linear(_Gated):
    """The same for a linear layer: images are the positions of a 1 x 1 convolution, so that they run side by side."""

    def __init__(self, weight, hb, lb, gate, bias=None):
        super().__init__(weight[:, :, None, None], hb, lb, (1, 1), 1, 0, gate, bias)

    @staticmethod
    def _as_positions(values):
        return values.flatten(1).t()[None, :, None, :]

    def gate_codes(self, values, value_step):
        return (self._as_positions(values) / value_step).round().to(torch.uint8).contiguous()

    def forward(self, values, value_step):
        y = self._run(self._as_positions(values), value_step)
        return self.with_bias(y[0, :, 0, :].t())
