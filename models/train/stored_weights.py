# SPDX-License-Identifier: Apache-2.0
"""A layer's weights as tensors: one byte each, or packed in hb + lb bits, without groups that hold zeros alone.

The format is described in docs/formats/network.md.
"""
import numpy

from weight_groups import WeightGroups

# Groups that are formed here: those of the shipped chips' operation units.
GROUP_SHAPE = 16, 16


def pack(weights, bits):
    """uint8 codes of `bits` bits of integer weights, one behind the other from the lowest bit on."""
    codes = weights.astype(numpy.int64) > 0 if bits == 1 else weights.astype(numpy.int64)
    split = (codes.reshape(-1, 1).astype(numpy.int64) >> numpy.arange(bits)) & 1
    return numpy.packbits(split.astype(numpy.uint8).reshape(-1), bitorder="little")


def unpack(codes, bits, count):
    """int16 weights of their codes."""
    split = numpy.unpackbits(codes, bitorder="little")[:count * bits].reshape(count, bits)
    values = split.astype(numpy.int64) @ (1 << numpy.arange(bits))
    if bits == 1:
        return (2 * values - 1).astype(numpy.int16)
    return numpy.where(values >= 1 << (bits - 1), values - (1 << bits), values).astype(numpy.int16)


def _spread(kept, outputs, rows, shape):
    """bool (outputs, rows) of a bit for each group."""
    groups = WeightGroups(outputs, rows, *shape)
    bits = numpy.unpackbits(kept, bitorder="little")[:groups.row_groups * groups.blocks]
    whole = bits.reshape(groups.row_groups, groups.blocks).T.astype(bool)
    return whole.repeat(groups.ou_cols, 0).repeat(groups.ou_rows, 1)[:outputs, :rows]


def tensors_of(weights, dec3):
    """{key: array} of the smallest form of integer weights (outputs, rows)."""
    bits = dec3.hb + dec3.lb
    starts = [numpy.arange(0, size, step) for size, step in zip(weights.shape, GROUP_SHAPE[::-1])]
    holds = numpy.add.reduceat(numpy.add.reduceat(weights != 0, starts[0], 0, dtype=int), starts[1], 1) > 0
    kept = numpy.packbits(holds.T.reshape(-1), bitorder="little")
    codes = pack(weights[_spread(kept, *weights.shape, GROUP_SHAPE)], bits)
    if len(codes) + len(kept) < (weights.size * bits + 7) // 8:
        return {"weight_packed": codes, "kept_groups": kept, "group_shape": numpy.array(GROUP_SHAPE, numpy.int32)}
    return {"weight": weights.astype(numpy.int8)} if bits == 8 else {"weight_packed": pack(weights, bits)}


def weights_of(tensors, name, dec3, outputs, rows):
    """int16 (outputs, rows) of a layer's tensors in a file; ends the program if they do not fit it."""
    if f"{name}.weight_packed" not in tensors:
        return tensors[f"{name}.weight"].astype(numpy.int16)
    bits, stored = dec3.hb + dec3.lb, numpy.ones((outputs, rows), bool)
    if f"{name}.kept_groups" in tensors:
        stored = _spread(tensors[f"{name}.kept_groups"], outputs, rows, tensors[f"{name}.group_shape"].tolist())
    codes, count = tensors[f"{name}.weight_packed"], int(stored.sum())
    if len(codes) != (count * bits + 7) // 8:
        raise SystemExit(f"{name}.weight_packed: {len(codes)} bytes; expected those of {count} weights of {bits} bits")
    weights = numpy.zeros((outputs, rows), numpy.int16)
    weights[stored] = unpack(codes, bits, count)
    return weights
