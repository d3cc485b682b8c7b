# SPDX-License-Identifier: Apache-2.0
"""A network folder evaluated with NumPy, from docs/formats/network.md alone: every layer's integers."""
import json
import struct
from pathlib import Path

import numpy

TYPES = {"I8": numpy.int8, "U8": numpy.uint8, "I16": numpy.int16, "I32": numpy.int32, "I64": numpy.int64}


def read(folder):
    """(network.json, {name: array})"""
    data = Path(folder, "weights.safetensors").read_bytes()
    size, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + size])
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(data[8 + size + begin:8 + size + end], TYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"]).astype(numpy.int64)
    return json.loads(Path(folder, "network.json").read_text()), tensors


def weights_of(layer, tensors, rows):
    """[outputs, rows], packed or not; groups of zeros must not be left out."""
    name, outputs = layer["name"], layer["shape"][0]
    if name + ".weight_packed" not in tensors:
        return tensors[name + ".weight"].reshape(outputs, rows)
    assert name + ".kept_groups" not in tensors
    bits = layer["dec3"]["hb"] + layer["dec3"]["lb"]
    number = int.from_bytes(tensors[name + ".weight_packed"].astype(numpy.uint8).tobytes(), "little")
    codes = numpy.array([number >> at * bits & (1 << bits) - 1 for at in range(outputs * rows)]).reshape(outputs, rows)
    return 2 * codes - 1 if bits == 1 else codes - (codes >> (bits - 1) << bits)


def two(value):
    return value if isinstance(value, list) else [value, value]


def padded(x, layer, value):
    """x [channels, rows, columns] with the layer's border; `value` per channel."""
    border = layer.get("padding", 0)
    top, left, bottom, right = border if isinstance(border, list) else [border] * 4
    channels, rows, columns = x.shape
    result = numpy.empty((channels, top + rows + bottom, left + columns + right), numpy.int64)
    result[:] = numpy.asarray(value)[:, None, None]
    result[:, top:top + rows, left:left + columns] = x
    return result


def windows(x, kernel, layer):
    """[channels, kernel rows, kernel columns, rows, columns] of a padded x."""
    (high, wide), (down, across) = kernel, two(layer.get("stride", 1))
    (dy, dx), (_, out_rows, out_columns) = two(layer.get("dilation", 1)), layer["shape"]
    return numpy.stack([numpy.stack([
        x[:, ky * dy:ky * dy + (out_rows - 1) * down + 1:down, kx * dx:kx * dx + (out_columns - 1) * across + 1:across]
        for kx in range(wide)], 1) for ky in range(high)], 1)


def requantize(z, layer):
    n = layer["digital"]["n"]
    if n > 0:
        z = numpy.where(z < 0, -((-z + 2**(n - 1)) >> n), (z + 2**(n - 1)) >> n)
    bits = layer["bits"]["output"]
    low, high = (0, 2**bits - 1) if layer["output"] == "unsigned" else (-2**(bits - 1), 2**(bits - 1) - 1)
    return numpy.clip(z, low, high)


def accumulate(layer, x, tensors, pad):
    kind = layer["kind"]
    if kind == "linear":
        return (weights_of(layer, tensors, x.size) @ x.reshape(-1))[:, None, None]
    if kind == "concat":
        return x
    kernel = list(x.shape[1:]) if layer["kernel"] == "global" else layer["kernel"]
    if kind == "max_pool":
        return windows(padded(x, layer, [-1] * len(x)), kernel, layer).max(axis=(1, 2))
    seen = windows(padded(x, layer, pad), kernel, layer)
    if kind == "average_pool":
        return seen.sum(axis=(1, 2))
    groups = layer.get("groups", 1)
    weights = weights_of(layer, tensors, seen[..., 0, 0].size // groups).reshape(groups, layer["shape"][0] // groups, -1)
    rows = seen.reshape(groups, weights.shape[2], -1)
    return numpy.matmul(weights, rows).reshape(layer["shape"])


def multipliers(layer, m, x):
    """m per channel, or per channel and position for a mean that does not count padding."""
    m = m[:, None, None]
    if layer.get("count_padding", True):
        return m
    kernel = list(x.shape[1:]) if layer["kernel"] == "global" else layer["kernel"]
    elements = windows(padded(numpy.ones_like(x), layer, [0] * len(x)), kernel, layer).sum(axis=(1, 2))
    product = numpy.abs(m) * kernel[0] * kernel[1]
    return numpy.sign(m) * ((2 * product + elements) // (2 * elements))


def residual_values(layer, values):
    residual = layer["residual"]
    source = values[residual["source"]]
    if residual["kind"] != "option_a":
        return source
    picked = source[:, ::residual["stride"], ::residual["stride"]]
    return numpy.pad(picked, ((residual["pad_front"], residual["pad_back"]), (0, 0), (0, 0)))


def evaluate(folder, image):
    """{layer name: integers [channels, rows, columns]} of one image, uint8 [channels, rows, columns]."""
    network, tensors = read(folder)
    codes = image.astype(numpy.int64)
    if "image.codes" in tensors:
        codes = numpy.stack([tensors["image.codes"][c][codes[c]] for c in range(len(codes))])
    values = {"image": codes}
    for layer in network["layers"]:
        x = numpy.concatenate([values[name] for name in layer.get("inputs", [layer.get("input")])])
        reads_image = layer.get("input") == "image" and layer["kind"] == "conv"
        pad = network["pad_value"] if reads_image else [layer.get("pad_value", 0)] * len(x)
        z = accumulate(layer, x, tensors, pad)
        if layer["kind"] != "max_pool" and layer["output"] != "accumulator":
            name = layer["name"]
            z = z * multipliers(layer, tensors[name + ".m"], x) + tensors[name + ".c"][:, None, None]
            if "residual" in layer:
                r = numpy.broadcast_to(tensors[name + ".r"], len(z))
                z = z + r[:, None, None] * residual_values(layer, values)
            if layer["output"] != "logits":
                z = requantize(z, layer)
        values[layer["name"]] = z
    return values
