# SPDX-License-Identifier: Apache-2.0
"""Integer layers from integer weights, scales and batch norms: the rules that every export shares.

An activation is scale x code, an accumulator weight scale x input scale x acc. Batch norm becomes the multipliers m and
offsets c of a layer, never a part of its weights; a shortcut enters with the ratio of its scale to the layer's own.
"""
import numpy
import torch

import quantize
from integer_network import Layer, Residual

# Size of the common unit of the logits: the largest multiplier of the classifier is 2^20, so that rounding the bias
# and the ratios of the scales costs less than a millionth of a weight step.
LOGIT_BITS = 20


class Activations:
    """Scales and bits of the activations by layer name, as an export finds them one after the other."""

    def __init__(self, image, image_scale):
        self.scales, self.bits = {image: image_scale}, {image: 8}

    def set(self, name, scale, bits=8):
        self.scales[name], self.bits[name] = scale, bits


def folded(norm):
    """Batch norm as factor and offset per channel."""
    factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return factor.detach(), (norm.bias - norm.running_mean * factor).detach()


def _window_shape(channels, in_shape, kernel, stride, padding):
    return (channels, *((size + 2 * padding - window) // stride + 1 for size, window in zip(in_shape[1:], kernel)))


def _residual(spec, multiplier):
    shortcut = spec.shortcut
    is_plain = shortcut.stride == 1 and shortcut.pad_front + shortcut.pad_back == 0
    return Residual(source=spec.source, kind="identity" if is_plain else "option_a", multiplier=multiplier,
                    stride=shortcut.stride, pad_front=shortcut.pad_front, pad_back=shortcut.pad_back)


def _classifier(weights, bias, dec3, accumulator_scales, common):
    """m and c of all classes in one unit."""
    unit = accumulator_scales.max() / 2**LOGIT_BITS
    return Layer(kind="linear", out_shape=(len(weights), 1, 1), output="logits", weights=weights, dec3=dec3,
                 m=numpy.rint(accumulator_scales / unit).astype(numpy.int64),
                 c=numpy.rint(bias.detach().double().numpy() / unit).astype(numpy.int64), **common)


def weight_layer(spec, in_shape, weights, bias, dec3, weight_scales, activations):
    """The layer of a spec (topology.LayerSpec) with integer weights (outputs, rows) and, the classifier's, float bias.

    weight_scales: float64, one per output. activations: scales of the input, of the residual's source and, but for the
    classifier, of the layer itself.
    """
    scales, bits = activations.scales, activations.bits
    accumulator_scales = weight_scales * scales[spec.input]
    common = dict(name=spec.name, input=spec.input, in_shape=in_shape, input_bits=bits[spec.input])
    if spec.norm is None:
        return _classifier(weights, bias, dec3, accumulator_scales, common)
    factor, offset = folded(spec.norm)
    scale = scales[spec.name]
    m, c, r, n = quantize.digital_constants(factor.double().numpy() * accumulator_scales / scale,
                                            offset.double().numpy() / scale,
                                            [scales[spec.source] / scale] if spec.source is not None else [])
    if spec.source is not None:
        common["residual"] = _residual(spec, r)
    if spec.kind == "conv":
        where = dict(kernel=tuple(spec.module.kernel_size), stride=spec.module.stride[0],
                     padding=spec.module.padding[0])
        out_shape = _window_shape(len(weights), in_shape, **where)
        common.update(where)
    else:
        out_shape = (len(weights), 1, 1)
    return Layer(kind=spec.kind, out_shape=out_shape, output_bits=bits[spec.name], weights=weights, dec3=dec3,
                 m=m, c=c, n=n, **common)


def pool_layer(spec, in_shape, activations):
    """Max pooling, which hands its input's scale on, or average pooling of everything into the layer's own scale."""
    scales, bits = activations.scales, activations.bits
    common = dict(name=spec.name, kind=spec.kind, input=spec.input, in_shape=in_shape, input_bits=bits[spec.input])
    if spec.kind == "max_pool":
        activations.set(spec.name, scales[spec.input], bits[spec.input])
        window = dict(kernel=(spec.window, spec.window), stride=spec.window, padding=0)
        return Layer(out_shape=_window_shape(in_shape[0], in_shape, **window), output_bits=bits[spec.name], **window,
                     **common)
    pixels = in_shape[1] * in_shape[2]
    factors = numpy.full(in_shape[0], scales[spec.input] / scales[spec.name] / pixels)
    m, c, _, n = quantize.digital_constants(factors, numpy.zeros(in_shape[0]))
    return Layer(out_shape=(in_shape[0], 1, 1), kernel=in_shape[1:], stride=in_shape[1], output_bits=bits[spec.name],
                 m=m, c=c, n=n, **common)
