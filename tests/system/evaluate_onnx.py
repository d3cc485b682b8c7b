# SPDX-License-Identifier: Apache-2.0
"""A small evaluator of quantized ONNX models in float64: the codes of every QuantizeLinear for one image."""
import numpy
import onnx
import onnx.numpy_helper


def attributes(node):
    return {entry.name: onnx.helper.get_attribute_value(entry) for entry in node.attribute}


def conv(x, w, b, attr):
    top, left, bottom, right = attr.get("pads", [0] * 4)
    x = numpy.pad(x, ((0, 0), (top, bottom), (left, right)))
    (down, across), (dy, dx) = attr.get("strides", [1, 1]), attr.get("dilations", [1, 1])
    groups = attr.get("group", 1)
    outputs, channels, high, wide = w.shape
    rows = (x.shape[1] - (high - 1) * dy - 1) // down + 1
    columns = (x.shape[2] - (wide - 1) * dx - 1) // across + 1
    y = numpy.zeros((outputs, rows, columns))
    for o in range(outputs):
        first = o // (outputs // groups) * channels
        for ky in range(high):
            for kx in range(wide):
                part = x[first:first + channels, ky * dy:ky * dy + (rows - 1) * down + 1:down,
                         kx * dx:kx * dx + (columns - 1) * across + 1:across]
                y[o] += numpy.tensordot(w[o, :, ky, kx], part, 1)
    return y if b is None else y + b[:, None, None]


def max_pool(x, attr):
    (high, wide), (down, across) = attr["kernel_shape"], attr.get("strides", [1, 1])
    top, left, bottom, right = attr.get("pads", [0] * 4)
    x = numpy.pad(x, ((0, 0), (top, bottom), (left, right)), constant_values=-numpy.inf)
    rows, columns = (x.shape[1] - high) // down + 1, (x.shape[2] - wide) // across + 1
    return numpy.max([x[:, ky:ky + (rows - 1) * down + 1:down, kx:kx + (columns - 1) * across + 1:across]
                      for ky in range(high) for kx in range(wide)], axis=0)


def average_pool(x, attr):
    """Padding is no part of the mean (count_include_pad = 0)."""
    (high, wide), (down, across) = attr["kernel_shape"], attr.get("strides", [1, 1])
    top, left, bottom, right = attr.get("pads", [0] * 4)
    around = ((0, 0), (top, bottom), (left, right))
    x, ones = numpy.pad(x, around), numpy.pad(numpy.ones_like(x), around)
    rows, columns = (x.shape[1] - high) // down + 1, (x.shape[2] - wide) // across + 1

    def sums(values):
        return sum(values[:, ky:ky + (rows - 1) * down + 1:down, kx:kx + (columns - 1) * across + 1:across]
                   for ky in range(high) for kx in range(wide))

    return sums(x) / sums(ones)


def pad(x, pads):
    """Zeros around x [channels, rows, columns]; pads are those of ONNX, the batch's among them."""
    return numpy.pad(x, [(pads[i], pads[i + 4]) for i in (1, 2, 3)])


def slice_of(x, starts, ends, axes, steps):
    for start, end, axis, step in zip(starts, ends, axes, steps):
        x = numpy.moveaxis(numpy.moveaxis(x, axis - 1, 0)[start:end:step], 0, axis - 1)
    return x


def scaled(x, scale, zero, axis):
    """Scale and zero point of shape [n] along `axis` of x, or as they are."""
    shape = [1] * x.ndim
    if numpy.ndim(scale) == 1 and numpy.size(scale) > 1:
        shape[axis] = -1
        return scale.reshape(shape), zero.reshape(shape)
    return numpy.reshape(scale, ()), numpy.reshape(zero, ())


def quantize(x, scale, zero, axis=1):
    kind = numpy.iinfo(zero.dtype)
    scale, zero = scaled(x, scale.astype(float), zero.astype(float), axis)
    return numpy.clip(numpy.rint(x / scale) + zero, kind.min, kind.max)


def dequantize(q, scale, zero, axis=1):
    scale, zero = scaled(q, scale.astype(float), numpy.zeros_like(scale, float) if zero is None else zero.astype(float),
                         axis)
    return (q - zero) * scale


def evaluate(file, image):
    """{output name of a QuantizeLinear or QLinear node, and the model's output: array without the batch}"""
    model = onnx.load(file)
    values = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    constants = set(values)
    values[next(entry.name for entry in model.graph.input if entry.name not in constants)] = image
    kept = {}
    for node in model.graph.node:
        attr = attributes(node)
        given = [values[name] if name else None for name in node.input]
        axis = attr.get("axis", 1) - (0 if node.input[0] in constants else 1)  # activations have no batch here
        if node.op_type == "QuantizeLinear":
            result = kept[node.output[0]] = quantize(*given, axis=axis)
        elif node.op_type == "DequantizeLinear":
            result = dequantize(*given[:2], given[2] if len(given) > 2 else None, axis=axis)
        elif node.op_type == "Quant":
            x, scale, zero, bits = (numpy.asarray(value, float) for value in given)
            half, narrow = 2 ** (bits - 1), attr.get("narrow", 0)
            low, high = (-half + narrow, half - 1) if attr.get("signed", 1) else (0, 2 * half - 1 - narrow)
            codes = kept[node.output[0]] = numpy.clip(numpy.rint(x / scale) + zero, low, high)
            result = (codes - zero) * scale
        elif node.op_type == "Conv":
            result = conv(given[0], given[1].astype(float), given[2] if len(given) > 2 else None, attr)
        elif node.op_type == "QLinearConv":
            x, xs, xz, w, ws, wz, ys, yz = given[:8]
            bias = given[8] * (xs.astype(float) * ws.astype(float)) if len(given) > 8 else None
            result = conv(dequantize(x, xs, xz, 0), dequantize(w, ws, wz, 0), bias, attr)
            result = kept[node.output[0]] = quantize(result, ys, yz, 0)
        elif node.op_type == "Gemm":
            result = (given[1] if attr.get("transB") else given[1].T) @ given[0] + (given[2] if len(given) > 2 else 0)
        elif node.op_type == "Relu":
            result = numpy.maximum(given[0], 0)
        elif node.op_type == "Add":
            result = given[0] + given[1]
        elif node.op_type == "MaxPool":
            result = max_pool(given[0], attr)
        elif node.op_type == "AveragePool":
            result = average_pool(given[0], attr)
        elif node.op_type == "Pad":
            result = pad(given[0], given[1])
        elif node.op_type == "Slice":
            result = slice_of(*given)
        elif node.op_type == "GlobalAveragePool":
            result = given[0].mean(axis=(1, 2), keepdims=True)
        elif node.op_type == "Concat":
            result = numpy.concatenate(given)
        elif node.op_type == "Flatten":
            result = given[0].reshape(-1)
        else:
            raise NotImplementedError(node.op_type)
        values[node.output[0]] = result
    output = model.graph.output[0].name
    kept[output] = values[output]
    return kept
