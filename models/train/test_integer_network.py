# SPDX-License-Identifier: Apache-2.0
"""The integer network against plain loops, and a network folder there and back.

    python3 -m unittest discover -s models/train
"""
import tempfile
import unittest

import numpy
import torch

import network_file
import quantize
from integer_network import IMAGE, Dec3, GateCount, Layer, Network, Residual, accumulate, run
from stored_weights import tensors_of, weights_of


def small_network(seed=3):
    """conv (padded image) -> gated conv, blocks of 16 and 4 outputs, option A -> gated conv, identity -> pool -> fc."""
    random = numpy.random.default_rng(seed)

    def weights(outputs, rows, hb, lb):
        low, high = quantize.weight_range(hb, lb)
        return random.integers(low, high + 1, (outputs, rows)).astype(numpy.int16)

    def constants(outputs):
        return dict(m=random.integers(-2000, 9000, outputs), c=random.integers(-(2**26), 2**26, outputs), n=20)

    gate = dict(hb=4, lb=4, gate="max", threshold=numpy.array([2500]))
    mean_gate = dict(hb=2, lb=2, gate="mean", threshold_per="output_block", threshold=numpy.array([300, -1]))
    layers = [
        Layer("a", "conv", IMAGE, (2, 6, 6), (5, 6, 6), kernel=(3, 3), padding=1, weights=weights(5, 18, 8, 0),
              **constants(5)),
        Layer("b", "conv", "a", (5, 6, 6), (20, 3, 3), kernel=(3, 3), stride=2, padding=1,
              weights=weights(20, 45, 4, 4), dec3=Dec3(**gate),
              residual=Residual("a", "option_a", numpy.array([70000]), 2, 7, 8), **constants(20)),
        Layer("c", "conv", "b", (20, 3, 3), (20, 3, 3), kernel=(3, 3), padding=1,
              weights=weights(20, 180, 2, 2), dec3=Dec3(**mean_gate),
              residual=Residual("b", "identity", random.integers(0, 2**20, 20)), **constants(20)),
        Layer("p", "average_pool", "c", (20, 3, 3), (20, 1, 1), kernel=(3, 3), m=numpy.full(20, 2**20 // 9),
              c=numpy.arange(20), n=20),
        Layer("fc", "linear", "p", (20, 1, 1), (4, 1, 1), output="logits", weights=weights(4, 20, 8, 0),
              m=random.integers(1, 2**20, 4), c=random.integers(-(2**24), 2**24, 4))]
    return Network("small", (2, 6, 6), [7, 250], layers, "synthetic")


def naive_split(weight, hb, lb):
    high = (weight + 2**lb // 2) // 2**lb
    return high, weight - high * 2**lb


def naive_vector(layer, x, pad_value, row, column):
    if layer.kind == "linear":
        return [int(value) for value in x.flatten()]
    values = []
    for channel in range(x.shape[0]):
        for ky in range(layer.kernel[0]):
            for kx in range(layer.kernel[1]):
                i, j = row * layer.stride + ky - layer.padding, column * layer.stride + kx - layer.padding
                inside = 0 <= i < x.shape[1] and 0 <= j < x.shape[2]
                outside = pad_value[channel] if layer.input == IMAGE else 0
                values.append(int(x[channel, i, j]) if inside else outside)
    return values


def naive_accumulators(layer, vector, path, counts):
    weights = [[int(weight) for weight in row] for row in layer.weights]
    dec3, outputs = layer.dec3, len(layer.weights)
    if dec3.lb == 0 or path == "full":
        return [sum(x * w for x, w in zip(vector, row)) for row in weights]
    parts = [[naive_split(weight, dec3.hb, dec3.lb) for weight in row] for row in weights]
    sums = [0] * outputs
    for first in range(0, len(vector), 16):
        rows = range(first, min(first + 16, len(vector)))
        for block in range(0, outputs, 16):
            members = range(block, min(block + 16, outputs))
            high = {o: sum(vector[i] * parts[o][i][0] for i in rows) for o in members}
            low = {o: sum(vector[i] * parts[o][i][1] for i in rows) for o in members}
            threshold = int(dec3.threshold[block // 16 if dec3.threshold_per == "output_block" else 0])
            if dec3.gate == "max":
                opens = max(abs(value) for value in high.values()) >= threshold
            else:
                opens = sum(abs(value) for value in high.values()) >= threshold * len(members)
            opens = opens and threshold >= 0 and path == "gated"
            counts[layer.name] = counts.get(layer.name, 0) + (not opens)
            for o in members:
                sums[o] += 2**dec3.lb * high[o] + (low[o] if opens else 0)
    return sums


def naive_residual(residual, source, output, row, column):
    if residual.kind == "identity":
        return int(source[output, row, column])
    channel = output - residual.pad_front
    if not 0 <= channel < source.shape[0]:
        return 0
    return int(source[channel, row * residual.stride, column * residual.stride])


def naive_logits(network, image, path, counts):
    values = {IMAGE: image}
    for layer in network.layers:
        x, (channels, height, width) = values[layer.input], layer.out_shape
        result = numpy.zeros(layer.out_shape, dtype=object)
        for row in range(height):
            for column in range(width):
                if layer.kind == "average_pool":
                    sums = [int(x[channel].astype(int).sum()) for channel in range(channels)]
                else:
                    vector = naive_vector(layer, x, network.pad_value, row, column)
                    sums = naive_accumulators(layer, vector, path, counts)
                for o in range(channels):
                    z = sums[o] * int(layer.m[o]) + int(layer.c[o])
                    if layer.residual is not None:
                        multiplier = layer.residual.multiplier
                        z += (naive_residual(layer.residual, values[layer.residual.source], o, row, column)
                              * int(multiplier[o if len(multiplier) > 1 else 0]))
                    if layer.output != "logits":
                        z = min(255, max(0, (2 * z + 2**layer.n) // 2 ** (layer.n + 1)))
                    result[o, row, column] = z
        values[layer.name] = result if layer.output == "logits" else result.astype(numpy.uint8)
    return [int(value) for value in values[network.layers[-1].name].flatten()]


class IntegerNetwork(unittest.TestCase):
    def setUp(self):
        self.network = small_network()
        images = numpy.random.default_rng(5).integers(0, 256, (3, 2, 6, 6))
        self.images = torch.from_numpy(images.astype(numpy.uint8))

    def test_logits_and_masks_equal_plain_loops(self):
        seen = set()
        for path in ("gated", "full", "msb"):
            counts, naive_counts = {}, {}
            logits = run(self.network, self.images, path=path, counts=counts)
            expected = [naive_logits(self.network, image.numpy(), path, naive_counts) for image in self.images]
            self.assertEqual(logits.tolist(), expected, path)
            seen.add(str(expected))
            if path == "gated":
                self.assertEqual({name: count.closed for name, count in counts.items()}, naive_counts)
                for count in counts.values():
                    self.assertTrue(0 < count.closed < count.decisions)
        self.assertEqual(len(seen), 3, "the three paths must differ for the comparison to mean something")

    def test_digit_gates_by_hand(self):
        random = numpy.random.default_rng(8)
        layer = Layer("d", "conv", "x", (3, 4, 4), (20, 4, 4), kernel=(3, 3), padding=1, input_bits=6,
                      weights=random.integers(-8, 8, (20, 27)).astype(numpy.int16),
                      dec3=Dec3(hb=4, gate="digits", high_digit_bits=2, digit_threshold=random.integers(-90, 90, 20)))
        x = torch.from_numpy(random.integers(0, 64, (1, 3, 4, 4)).astype(numpy.uint8))
        count = GateCount(masks=[])
        sums, masks = accumulate(layer, x, [0, 0, 0], count=count), []
        closed = 0
        for position in range(16):
            vector = naive_vector(layer, x[0].numpy(), [0, 0, 0], position // 4, position % 4)
            asks = []
            for o, row in enumerate(layer.weights.tolist()):
                high = sum(value // 16 * 16 * weight for value, weight in zip(vector, row))
                asks.append(high > layer.dec3.digit_threshold[o])
                whole = sum(value * weight for value, weight in zip(vector, row))
                self.assertEqual(int(sums[0, o, position]), whole if asks[-1] else high)
            closed += 20 - sum(asks)
            masks.append([[any(asks[:16]), any(asks[16:])]] * 2)  # 27 rows are two row groups
        self.assertEqual((count.closed, count.decisions), (closed, 320))
        self.assertTrue(50 < closed < 270)
        self.assertEqual(count.masks[0][0].tolist(), masks)
        self.assertEqual((count.unread, count.reads), (64 - int(numpy.sum(masks)), 64))
        high = accumulate(layer, x, [0, 0, 0], path="msb")
        self.assertTrue(torch.equal(high, accumulate(layer, x // 16 * 16, [0, 0, 0], path="full")))

    def test_folder_there_and_back(self):
        with tempfile.TemporaryDirectory() as folder:
            network_file.save(self.network, folder)
            loaded = network_file.load(folder)
        self.assertEqual(run(loaded, self.images).tolist(), run(self.network, self.images).tolist())

    def test_weights_take_their_bits_and_groups_of_zeros_none(self):
        random = numpy.random.default_rng(5)
        for hb, lb in ((8, 0), (7, 0), (4, 2), (2, 2), (1, 2), (1, 0), (3, 0)):
            low, high = quantize.weight_range(hb, lb)
            weights, dec3 = random.integers(low, high + 1, (40, 50)).astype(numpy.int16), Dec3(hb=hb, lb=lb)
            if (hb, lb) == (1, 0):
                weights[weights == 0] = 1
            pruned = weights.copy()
            if (hb, lb) != (1, 0):
                pruned[16:32, :16] = pruned[32:, 48:] = 0
            for values in (weights, pruned):
                tensors = tensors_of(values, dec3)
                stored = 2000 if values is weights or hb + lb == 1 else 2000 - 256 - 16
                size = tensors["weight"].size if "weight" in tensors else len(tensors["weight_packed"])
                self.assertEqual(size, (stored * (hb + lb) + 7) // 8)
                self.assertEqual("kept_groups" in tensors, stored < 2000)
                if stored < 2000:  # group 1 is (row group 0, block 1), group 11 (row group 3, block 2)
                    self.assertEqual(tensors["kept_groups"].tolist(), [0xfd, 0x07])
                named = {f"a.{key}": tensor for key, tensor in tensors.items()}
                self.assertTrue(numpy.array_equal(weights_of(named, "a", dec3, 40, 50), values))
        with self.assertRaisesRegex(SystemExit, "a.weight_packed: 3 bytes; expected those of 4 weights of 8 bits"):
            weights_of({"a.weight_packed": numpy.zeros(3, numpy.uint8)}, "a", Dec3(), 2, 2)

    def test_split_reassembles_every_weight(self):
        for hb, lb in ((8, 0), (4, 4), (6, 2), (2, 2), (2, 6), (1, 4)):
            low, high = quantize.weight_range(hb, lb)
            weights = torch.arange(low, high + 1)
            top, bottom = quantize.split_weights(weights, hb, lb)
            self.assertTrue(torch.equal(top * 2 ** quantize.high_shift(hb, lb) + bottom, weights))
            if hb > 1:
                self.assertGreaterEqual(int(top.min()), -(2 ** (hb - 1)))
                self.assertLessEqual(int(top.max()), 2 ** (hb - 1) - 1)

    def test_split_aware_rounding_helps_the_high_parts_and_keeps_the_range(self):
        generator = torch.Generator().manual_seed(1)
        rows = torch.randn(8, 40, generator=generator)
        vectors = torch.rand(500, 40, generator=generator)
        metric = quantize.second_moment(vectors)
        scales = rows.abs().amax(1) / 128  # the most negative weights meet the lower end of the range

        def errors(weights):
            weights = torch.from_numpy(weights).to(torch.int32)
            high, _ = quantize.split_weights(weights, 4, 4)
            wanted = vectors @ (rows / scales[:, None]).T
            return [float(((vectors @ part.float().T - wanted) ** 2).mean()) for part in (high * 16, weights)]

        plain = errors(quantize.quantize_weights(rows, scales, 4, 4))
        weights = quantize.split_aware_weights(rows, scales, 4, 4, metric, 0.7)
        aware = errors(weights)
        self.assertLess(aware[0], 0.3 * plain[0])
        self.assertLess(aware[1], 0.1 * plain[0])
        self.assertGreaterEqual(weights.min(), -128)
        self.assertLessEqual(weights.max(), 119)


if __name__ == "__main__":
    unittest.main()
