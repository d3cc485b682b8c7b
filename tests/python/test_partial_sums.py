# SPDX-License-Identifier: Apache-2.0
"""Partial sums against NumPy: from weights and inputs alone, by the equations of docs/models/numerics.md."""
import unittest

import cimcycle
import numpy
from program import FLASH, ProgramTest

# What a chip does to a 3-bit clipping ADC on 1-bit cells and digits, OU 16 x 16.
CHIPS = {
    "offset": {},
    "flip": {"mapping.flip": True},
    "twos_complement": {"mapping.cells": "twos_complement"},
    "differential": {"mapping.cells": "differential"},
    "analog": {"mapping.cells": "differential", "mapping.subtract": "analog"},
    "wide": {"cell.bits": 2, "input.digit_bits": 2, "adc.bits": 4},
    "ideal": {"adc.transfer": "ideal"},
    "steps": {"adc.transfer": "full_scale", "adc.bits": 3, "cell.bits": 2},
}


def parts(weights, hb, lb):
    """The high and low part of each weight (split `round`)."""
    if lb == 0:
        return weights, numpy.zeros_like(weights)
    high = (weights + 2 ** (lb - 1)) >> lb
    return high, weights - (high << lb)


def transfer(sums, chip, largest):
    adc = chip["adc"]
    top = 2 ** adc["bits"] - 1
    if adc["transfer"] == "ideal" or (adc["transfer"] == "full_scale" and top >= largest):
        return sums
    if adc["transfer"] == "clip":
        return numpy.sign(sums) * numpy.minimum(numpy.abs(sums), top)

    def rounded(a, b):  # halves away from zero, for numbers that are not negative
        return (2 * a + b) // (2 * b)
    return rounded(rounded(sums * top, largest) * largest, top)


def columns(part, bits, chip):
    """[slice]: levels of the stored columns, and the offset that was added; differential: pairs of columns."""
    cell, mapping = chip["cell"]["bits"], chip["mapping"]
    mask = 2 ** cell - 1
    shifts = range(0, bits, cell)

    def slices(number):
        return [(number >> shift) & min(mask, 2 ** (bits - shift) - 1) for shift in shifts]
    if mapping["cells"] == "differential":
        return list(zip(slices(numpy.maximum(part, 0)), slices(numpy.maximum(-part, 0)))), 0
    offset = 2 ** (bits - 1) if mapping["cells"] == "offset" else 0
    stored = part + offset if offset else part & (2 ** bits - 1)
    return [(levels,) for levels in slices(stored)], offset


class PartialSumsTest(ProgramTest):
    def chip(self, name):
        return cimcycle.Hardware.load(FLASH).set({"adc.bits": 3, **CHIPS[name]})

    def check_path(self, name, found, layer, weights_part, bits):
        chip = self.chip(name).to_dict()
        digit_bits, rows = chip["input"]["digit_bits"], chip["ou"]["rows"]
        stored, offset = columns(weights_part, bits, chip)
        largest = rows * (2 ** chip["cell"]["bits"] - 1) * (2 ** digit_bits - 1)
        for group, (first, count) in enumerate(layer.row_groups):
            x = layer.inputs[:, first:first + count].astype(int)
            partial = -offset * x.sum(axis=1)[:, None] + numpy.zeros(found.partial_sum[group].shape, int)
            for slice_index, pair in enumerate(stored):
                cells = [levels[:, first:first + count] for levels in pair]
                full = 2 ** min(chip["cell"]["bits"], bits - slice_index * chip["cell"]["bits"]) - 1
                flipped = (2 * cells[0].sum(axis=1) > count * full) & chip["mapping"]["flip"]
                weight = 2 ** (slice_index * chip["cell"]["bits"])
                if chip["mapping"]["cells"] == "twos_complement" and slice_index == len(stored) - 1:
                    weight = -weight
                for digit in range(8 // digit_bits):
                    d = (x >> (digit * digit_bits)) & (2 ** digit_bits - 1)
                    sums = [d @ numpy.where(flipped[:, None], full - levels, levels).T for levels in cells]
                    if chip["mapping"]["cells"] == "differential" and chip["mapping"]["subtract"] == "analog":
                        sums = [sums[0] - sums[1]]
                    values = [transfer(s, chip, largest) for s in sums]
                    at = (digit, slice_index, group)
                    numpy.testing.assert_array_equal(found.sum[at], numpy.stack(sums, -1).reshape(x.shape[0], -1))
                    numpy.testing.assert_array_equal(found.value[at], numpy.stack(values, -1).reshape(x.shape[0], -1))
                    if chip["adc"]["transfer"] == "clip":
                        numpy.testing.assert_array_equal(found.clipped[at],
                                                         numpy.abs(found.sum[at]) > 2 ** chip["adc"]["bits"] - 1)
                    value = values[0] - values[1] if len(values) == 2 else values[0]
                    value = numpy.where(flipped, full * d.sum(axis=1)[:, None] - value, value)
                    partial += 2 ** (digit * digit_bits) * weight * value
            numpy.testing.assert_array_equal(found.partial_sum[group], partial)
            numpy.testing.assert_array_equal(found.ideal_partial_sum[group],
                                             x @ weights_part[:, first:first + count].T)

    def check(self, name):
        network, chip = cimcycle.Network.load(self.network), self.chip(name)
        report = cimcycle.run(network, chip, count=1, reference_images=0)
        rows = {row["name"]: row for row in report.layers}
        for layer_name in ("conv1", "conv2", "conv3", "conv4", "fc"):
            row = rows[layer_name]
            layer = cimcycle.layer_partial_sums(network, chip, layer_name)
            weights = network.weights(layer_name).astype(int)
            high, low = parts(weights, row["hb"], row["lb"])
            self.check_path(name, layer.msb, layer, high, row["hb"])
            total = (layer.msb.partial_sum << row["lb"]).sum(axis=0)
            if row["lb"]:
                self.check_path(name, layer.lsb, layer, low, row["lb"])
                total = total + (layer.lsb.partial_sum * layer.lsb.read).sum(axis=0)
                self.assertEqual(layer.lsb.read.all(), row["skip_ratio"] == 0)
            else:
                self.assertIsNone(layer.lsb)
            if layer_name != "conv4":  # there the gate closes high parts behind their reads
                numpy.testing.assert_array_equal(total, layer.accumulators)
            self.assertEqual(layer.clipped_conversions, row["clipped_conversions"], layer_name)

    def test_what_is_stored(self):
        for name in CHIPS:
            with self.subTest(name):
                self.check(name)

    def test_something_is_clipped(self):
        report = cimcycle.run(cimcycle.Network.load(self.network), self.chip("offset"), count=1, reference_images=0)
        self.assertGreater(sum(row["clipped_conversions"] for row in report.layers), 1000)

    def test_some_vectors_of_an_array(self):
        network, chip = cimcycle.Network.load(self.network), self.chip("offset")
        images, _ = cimcycle.load_images("synthetic", count=3)
        whole = cimcycle.layer_partial_sums(network, chip, "conv2", 2)
        some = cimcycle.layer_partial_sums(network, chip, "conv2", images[2], vectors=(3, 5))
        numpy.testing.assert_array_equal(some.msb.value, whole.msb.value[:, :, :, 3:8])
        numpy.testing.assert_array_equal(some.accumulators, whole.accumulators[3:8])

    def test_errors(self):
        network, chip = cimcycle.Network.load(self.network), self.chip("offset")
        for options, text in (({"layer": "conv22"}, "did you mean"), ({"layer": "pool"}, "no layer of this name with"),
                              ({"layer": "conv2", "image": 10000}, "has 10000 images"),
                              ({"layer": "conv2", "vectors": (60, 5)}, "vectors 60 to 64; it has 64")):
            with self.assertRaisesRegex(cimcycle.InputError, text):
                cimcycle.layer_partial_sums(network, chip, **options)


if __name__ == "__main__":
    unittest.main()
