# SPDX-License-Identifier: Apache-2.0
"""The integer network in PyTorch: the same integers as the simulator, by other means.

Per output value z = acc * m + res * r + c in int64. With ReLU y = clamp(round_half_away(z / 2^n), 0, 2^a - 1); the last
layer's logits are z. Accumulators are exact: the convolution is a direct one, so that its products and sums are
whole numbers below 2^24 in float32; layers that could exceed this are computed in float64.

With a gate, row groups of `ou_rows` consecutive rows and output blocks of `ou_cols` outputs decide one by one:
acc = sum over row groups of 2^shift * Ph + (gate open) * Pl; without low bits (pruning) of (gate open) * Ph. The gate
`inputs` decides per row group, by the sum of its activations. The gate `digits` (Precision Gating) decides per output:
acc = sum of W x_high, and of W x_low where that is above a threshold.
"""
from dataclasses import dataclass, field
from typing import Dict, List, Optional

import numpy
import torch

from quantize import high_shift, split_weights

IMAGE = "image"


@dataclass
class Residual:
    source: str
    kind: str  # identity or option_a
    multiplier: numpy.ndarray  # int64, one entry or one per output channel
    stride: int = 1
    pad_front: int = 0
    pad_back: int = 0


@dataclass
class Dec3:
    hb: int = 8
    lb: int = 0
    split: str = "round"
    gate: str = "none"
    granularity: str = "ou"
    threshold_per: str = "layer"  # or output_block
    threshold: Optional[numpy.ndarray] = None  # int64: one entry, or one per output block; -1 never opens
    # Gate digits: bits of the activations that are always read; int64 per output, above which the others are read.
    high_digit_bits: int = 0
    digit_threshold: Optional[numpy.ndarray] = None
    # lb = 0: uint8 per OU group (row group by row group, then output block), 1 = removed from the hardware
    removed_groups: Optional[numpy.ndarray] = None


@dataclass
class Layer:
    name: str
    kind: str  # conv, linear, max_pool or average_pool
    input: str
    in_shape: tuple
    out_shape: tuple
    m: Optional[numpy.ndarray] = None  # int64 per output, as c; neither for max_pool
    c: Optional[numpy.ndarray] = None
    n: int = 0
    kernel: tuple = (1, 1)
    stride: int = 1
    padding: int = 0
    input_bits: int = 8
    output_bits: int = 8
    output: str = "unsigned"  # or logits
    weights: Optional[numpy.ndarray] = None  # int16 (outputs, rows)
    residual: Optional[Residual] = None
    dec3: Dec3 = field(default_factory=Dec3)

    def gated(self):
        return self.weights is not None and self.dec3.gate != "none"


@dataclass
class Network:
    name: str
    image_shape: tuple
    pad_value: List[int]
    layers: List[Layer]
    dataset: str
    float_top1: Optional[float] = None
    provenance: dict = field(default_factory=dict)


@dataclass
class GateCount:
    """Decisions of one layer: closed of all (OU group, input vector) pairs; gate digits: of all outputs of all vectors.

    unread, reads: (OU group, input vector) pairs of which what lies behind the gate is not read, and all of them.
    """
    closed: int = 0
    decisions: int = 0
    unread: int = 0
    reads: int = 0
    masks: Optional[list] = None  # if a list: bool (N, positions, row groups, blocks) of each batch, true = open


def _exact_type(layer):
    """float32 if no sum of products, in whatever order, can leave the whole numbers that it holds exactly."""
    high, low = split_weights(layer.weights.astype(numpy.int64), layer.dec3.hb, layer.dec3.lb)
    parts = abs(high) * 2 ** high_shift(layer.dec3.hb, layer.dec3.lb) + abs(low)
    return torch.float32 if int(parts.sum(1).max()) * (2**layer.input_bits - 1) < 2**24 else torch.float64


def _padded(layer, x, pad_value):
    """uint8 activations with their padding, (N, channels, height, width); a linear layer's inputs are channels."""
    x = x.to(_exact_type(layer))
    if layer.kind == "linear":
        return x.reshape(len(x), -1, 1, 1)
    p = layer.padding
    if p == 0:
        return x
    padded = x.new_zeros(len(x), x.shape[1], x.shape[2] + 2 * p, x.shape[3] + 2 * p)
    if layer.input == IMAGE:
        padded += torch.tensor(pad_value, dtype=x.dtype)[:, None, None]
    padded[:, :, p:-p, p:-p] = x
    return padded


def _convolve(layer, x, weights):
    """Sums (N, outputs, positions) of padded inputs x with weights (outputs, channels * kernel)."""
    kernels = weights.to(x.dtype).reshape(len(weights), x.shape[1], *layer.kernel)
    return torch.nn.functional.conv2d(x, kernels, stride=layer.stride).flatten(2)


def row_group_sums(layer, x, high, low, ou_rows):
    """Yields (Ph, Pl), each (N, outputs, positions), of the row groups in row order. x: padded inputs."""
    taps = layer.kernel[0] * layer.kernel[1]
    parts = torch.cat([high, low])
    for first in range(0, parts.shape[1], ou_rows):
        last = min(first + ou_rows, parts.shape[1])
        # The channels that hold these rows; their other rows get weight 0.
        channels = slice(first // taps, (last + taps - 1) // taps)
        rows = torch.zeros_like(parts)
        rows[:, first:last] = parts[:, first:last]
        sums = _convolve(layer, x[:, channels], rows[:, channels.start * taps:channels.stop * taps])
        yield sums[:, :len(high)], sums[:, len(high):]


def _importance(gate, high_sums):
    return high_sums.abs().amax(1) if gate == "max" else high_sums.abs().sum(1)


def _opens(dec3, high_sums, block):
    """bool (N, positions): whether the gate of an output block opens. high_sums: (N, its outputs, positions)."""
    threshold = int(dec3.threshold[block if len(dec3.threshold) > 1 else 0])
    importance = _importance(dec3.gate, high_sums)
    if threshold < 0:
        return torch.zeros_like(importance, dtype=torch.bool)
    return importance >= (threshold * high_sums.shape[1] if dec3.gate == "mean" else threshold)


def _kept(dec3, high_sums, index):
    """The same for masks that are known before the run: group `index` is there or not."""
    return torch.full_like(high_sums[:, 0], not dec3.removed_groups[index], dtype=torch.bool)


def by_row_group(vectors, ou_rows):
    """Input vectors (N, rows, positions) as (N, row groups, ou_rows, positions), the last group filled up with zeros."""
    images, rows, positions = vectors.shape
    missing = -rows % ou_rows
    filled = torch.nn.functional.pad(vectors, (0, 0, 0, missing)) if missing else vectors
    return filled.reshape(images, -1, ou_rows, positions)


def from_row_groups(grouped, rows):
    """The vectors that by_row_group took."""
    return grouped.flatten(1, 2)[:, :rows]


def _input_gated_accumulator(layer, x, high, low, ou_rows, ou_cols, count):
    """The mask of a row group is the same for all outputs, so that it can act on the inputs."""
    vectors = torch.nn.functional.unfold(x, layer.kernel, stride=layer.stride)  # rows in the order of the weights
    grouped = by_row_group(vectors, ou_rows)
    threshold = int(layer.dec3.threshold[0])
    is_open = (grouped.sum(2) >= threshold) & (threshold >= 0)  # (N, row groups, positions)
    let_through = from_row_groups(grouped * is_open[:, :, None], vectors.shape[1])
    blocks = -(-len(high) // ou_cols)
    count.decisions += is_open.numel() * blocks
    count.closed += (is_open.numel() - int(is_open.sum())) * blocks
    count.reads, count.unread = count.decisions, count.closed
    if count.masks is not None:
        count.masks.append(is_open.transpose(1, 2)[..., None].expand(-1, -1, -1, blocks))
    if layer.dec3.lb == 0:
        return high.to(x.dtype) @ let_through
    shift = 2 ** high_shift(layer.dec3.hb, layer.dec3.lb)
    return shift * (high.to(x.dtype) @ vectors) + low.to(x.dtype) @ let_through


def _gated_accumulator(layer, x, high, low, is_static, ou_rows, ou_cols, count):
    dec3 = layer.dec3
    shift = 2 ** high_shift(dec3.hb, dec3.lb)
    firsts = range(0, len(high), ou_cols)
    accumulator, masks = 0, []
    for group, (high_sums, low_sums) in enumerate(row_group_sums(layer, x, high, low, ou_rows)):
        always, behind = (shift * high_sums, low_sums) if dec3.lb > 0 else (torch.zeros_like(high_sums), high_sums)
        accumulator = accumulator + always
        for block, first in enumerate(firsts):
            columns = slice(first, first + ou_cols)
            is_open = (_kept(dec3, high_sums[:, columns], group * len(firsts) + block) if is_static
                       else _opens(dec3, high_sums[:, columns], block))
            count.decisions += is_open.numel()
            count.closed += is_open.numel() - int(is_open.sum())
            count.reads, count.unread = count.decisions, count.closed
            masks.append(is_open)
            accumulator[:, columns] += behind[:, columns] * is_open[:, None]
    if count.masks is not None:
        stacked = torch.stack(masks, dim=-1)
        count.masks.append(stacked.reshape(*stacked.shape[:2], -1, len(firsts)))
    return accumulator


def _digit_gated_accumulator(layer, x, weights, ou_rows, ou_cols, count):
    """Each output adds the low digits if it asks; the chip reads them for a block if one of its outputs does."""
    low = torch.remainder(x, 2 ** (layer.input_bits - layer.dec3.high_digit_bits))
    high_sums = _convolve(layer, x - low, weights)
    asks = high_sums > torch.from_numpy(layer.dec3.digit_threshold)[:, None]
    count.decisions += asks.numel()
    count.closed += asks.numel() - int(asks.sum())
    row_groups = -(-layer.weights.shape[1] // ou_rows)
    is_read = torch.stack([block.any(1) for block in asks.split(ou_cols, dim=1)], dim=-1)
    count.reads += is_read.numel() * row_groups
    count.unread += (is_read.numel() - int(is_read.sum())) * row_groups
    if count.masks is not None:
        count.masks.append(is_read[:, :, None].expand(-1, -1, row_groups, -1))
    return high_sums + asks * _convolve(layer, low, weights)


def accumulate(layer, x, pad_value, path="gated", ou_rows=16, ou_cols=16, count=None):
    """Accumulators (N, outputs, positions) int64.

    path: gated (as the layer says), full (everything read), msb (high parts alone; without any the same as full)
    or static (as gated, but layers with removed groups lack just these). count: GateCount to add to.
    """
    if layer.kind == "average_pool":
        channels = x.shape[1]
        ones = torch.ones(channels, 1, *layer.kernel)
        sums = torch.nn.functional.conv2d(x.float(), ones, stride=layer.stride, groups=channels)
        return sums.flatten(2).to(torch.int64)
    x = _padded(layer, x, pad_value)
    weights = torch.from_numpy(layer.weights.astype(numpy.int32))
    hb, lb = layer.dec3.hb, layer.dec3.lb
    if layer.dec3.gate == "digits":
        if path == "msb":
            x = x - torch.remainder(x, 2 ** (layer.input_bits - layer.dec3.high_digit_bits))
        if path in ("gated", "static"):
            count = count or GateCount()
            return _digit_gated_accumulator(layer, x, weights, ou_rows, ou_cols, count).to(torch.int64)
        return _convolve(layer, x, weights).to(torch.int64)
    high, low = split_weights(weights, hb, lb)
    if layer.gated() and path in ("gated", "static"):
        if layer.dec3.gate == "inputs":
            sums = _input_gated_accumulator(layer, x, high, low, ou_rows, ou_cols, count or GateCount())
            return sums.to(torch.int64)
        is_static = path == "static" and layer.dec3.removed_groups is not None
        sums = _gated_accumulator(layer, x, high, low, is_static, ou_rows, ou_cols, count or GateCount())
        return sums.to(torch.int64)
    if path == "msb" and lb > 0:
        return _convolve(layer, x, high).to(torch.int64) * 2 ** high_shift(hb, lb)
    return _convolve(layer, x, weights).to(torch.int64)


def residual_values(layer, source):
    """The residual activations (N, outputs, positions) int64 of uint8 activations `source`."""
    residual = layer.residual
    if residual.kind == "option_a":
        source = source[:, :, ::residual.stride, ::residual.stride]
        source = torch.nn.functional.pad(source, (0, 0, 0, 0, residual.pad_front, residual.pad_back))
    return source.reshape(len(source), source.shape[1], -1).to(torch.int64)


def combine(layer, accumulator, residual):
    """z of accumulators and residual values (or None)."""
    z = accumulator * torch.from_numpy(layer.m.astype(numpy.int64))[:, None]
    z += torch.from_numpy(layer.c.astype(numpy.int64))[:, None]
    if residual is not None:
        z += residual * torch.from_numpy(layer.residual.multiplier.astype(numpy.int64))[:, None]
    return z


def requantize(layer, z):
    """uint8 activations (N, *out_shape) of z, with ReLU: halves of non-negative values round up, away from zero."""
    half = (1 << layer.n) >> 1
    y = (z.clamp_min(0) + half) >> layer.n
    return y.clamp_max(2**layer.output_bits - 1).to(torch.uint8).reshape(len(z), *layer.out_shape)


def max_pool(layer, x):
    """uint8 activations (N, *out_shape): the largest one of each window."""
    return torch.nn.functional.max_pool2d(x.float(), layer.kernel, layer.stride).to(torch.uint8)


def run_batch(network, images, path="gated", ou_rows=16, ou_cols=16, counts: Optional[Dict[str, GateCount]] = None,
              observe=None):
    """Logits (N, classes) int64 of uint8 images.

    counts: decisions are added to the GateCount of each gated layer; `observe`(layer, input activations) is called
    before each layer.
    """
    values = {IMAGE: images}
    for layer in network.layers:
        x = values[layer.input]
        if observe is not None:
            observe(layer, x)
        if layer.kind == "max_pool":
            values[layer.name] = max_pool(layer, x)
            continue
        count = counts.setdefault(layer.name, GateCount()) if counts is not None and layer.gated() else None
        accumulator = accumulate(layer, x, network.pad_value, path, ou_rows, ou_cols, count)
        residual = residual_values(layer, values[layer.residual.source]) if layer.residual is not None else None
        z = combine(layer, accumulator, residual)
        if layer.output == "logits":
            return z.reshape(len(z), -1)
        values[layer.name] = requantize(layer, z)
    raise SystemExit(f"{network.name}: no layer gives logits")


def run(network, images, batch=250, **options):
    """run_batch over all images."""
    return torch.cat([run_batch(network, images[start:start + batch], **options)
                      for start in range(0, len(images), batch)])


def masks_of(network, counts):
    """uint8 (images, rows, columns, row groups, output blocks) by layer name, 1 = open, of counts that kept masks."""
    shapes = {layer.name: layer.out_shape[1:] for layer in network.layers}
    masks = {name: torch.cat(count.masks).to(torch.uint8).numpy() for name, count in counts.items() if count.masks}
    return {name: mask.reshape(len(mask), *shapes[name], *mask.shape[2:]) for name, mask in masks.items()}


def top1(logits, labels):
    """Share of right images; ties go to the lowest class."""
    return float((torch.from_numpy(logits.numpy().argmax(1)) == labels).float().mean())
