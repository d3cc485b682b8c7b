# SPDX-License-Identifier: Apache-2.0
"""A network small enough for tests: every kind of layer, a gate of each granularity, a residual, a pruning layer.

Its weights are pseudo-random, so its accuracy means nothing; its numbers are the same on every machine.
"""
import json
import struct
from pathlib import Path


PRUNED = "conv3"
WIDTHS = {"I64": 8, "I32": 4, "I8": 1, "U8": 1}


class Draws:
    """The 64-bit generator of Knuth's MMIX; only its upper bits are used."""

    def __init__(self, seed):
        self.state = seed

    def integer(self, low, high):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return low + (self.state >> 33) % (high - low + 1)


def layers():
    gate = {"split": "round", "threshold_per": "layer"}
    return [
        {"name": "conv1", "kind": "conv", "input": "image", "shape": [8, 16, 16], "kernel": [3, 3], "stride": 2,
         "padding": 1, "bits": {"input": 8, "output": 8}, "output": "unsigned", "digital": {"n": 7},
         "dec3": {"hb": 8, "lb": 0, "gate": "none"}},
        {"name": "conv2", "kind": "conv", "input": "conv1", "shape": [20, 8, 8], "kernel": [3, 3], "stride": 2,
         "padding": 1, "bits": {"input": 8, "output": 8}, "output": "unsigned", "digital": {"n": 8},
         "dec3": {"hb": 4, "lb": 4, "gate": "max", "granularity": "ou", "threshold": 1800, **gate}},
        {"name": "conv3", "kind": "conv", "input": "conv2", "shape": [20, 8, 8], "kernel": [3, 3], "stride": 1,
         "padding": 1, "bits": {"input": 8, "output": 8}, "output": "unsigned", "digital": {"n": 9},
         "residual": {"source": "conv2", "kind": "identity"},
         "dec3": {"hb": 4, "lb": 2, "gate": "mean", "granularity": "output_block", "threshold": 2500, **gate}},
        {"name": "conv4", "kind": "conv", "input": "conv3", "shape": [16, 8, 8], "kernel": [1, 1], "stride": 1,
         "padding": 0, "bits": {"input": 8, "output": 8}, "output": "unsigned", "digital": {"n": 4},
         "dec3": {"hb": 4, "lb": 0, "gate": "max", "granularity": "ou", "threshold": 800, **gate}},
        {"name": "pool", "kind": "average_pool", "input": "conv4", "shape": [16, 1, 1], "kernel": "global",
         "bits": {"input": 8, "output": 8}, "output": "unsigned", "digital": {"n": 6}},
        {"name": "fc", "kind": "linear", "input": "pool", "shape": [10, 1, 1], "bits": {"input": 8},
         "output": "logits", "digital": {"n": 0}, "dec3": {"hb": 8, "lb": 0, "gate": "none"}},
    ]


def weight_bounds(dec3):
    bits = dec3["hb"] + dec3["lb"]
    top = 2 ** (bits - 1) - 1
    return -(top + 1), top - (2 ** (dec3["lb"] - 1) if dec3["lb"] else 0)


def safetensors(tensors):
    """tensors: [(name, dtype, shape, bytes)], widest types first."""
    header, data = {}, b""
    for name, dtype, shape, content in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def packed(weights, bits):
    """Weights of `bits` bits one behind the other, the first one lowest."""
    number = sum((weight & (1 << bits) - 1) << index * bits for index, weight in enumerate(weights))
    return number.to_bytes((len(weights) * bits + 7) // 8, "little")


def weight_tensors(name, outputs, rows, weights, bits, is_packed):
    """One byte each; or packed, without the group of rows 16 to 31 and outputs 0 to 15."""
    if not is_packed:
        return [(name + ".weight", "I8", [outputs, rows], struct.pack(f"<{len(weights)}b", *weights))]
    stored = [weight for index, weight in enumerate(weights)
              if not (name == PRUNED and index // rows < 16 and 16 <= index % rows < 32)]
    content = packed(stored, bits)
    tensors = [(name + ".weight_packed", "U8", [len(content)], content)]
    if name == PRUNED:
        groups = -(-rows // 16) * -(-outputs // 16)
        kept = ((1 << groups) - 1 - (1 << -(-outputs // 16))).to_bytes(-(-groups // 8), "little")
        tensors += [(name + ".group_shape", "I32", [2], struct.pack("<2i", 16, 16)),
                    (name + ".kept_groups", "U8", [len(kept)], kept)]
    return tensors


def write(folder, name="tiny", is_packed=False, is_pruned=False):
    """Writes the network's folder and returns it.

    is_pruned: a group of 16 rows and outputs of the layer PRUNED holds zeros. is_packed: and is not stored, the other
    weights take their bits.
    """
    folder = Path(folder)
    folder.mkdir(parents=True)
    draws = Draws(20240501)
    channels = {"image": 3}
    sizes = {"image": 32 * 32}
    wide, middle, small = [], [], []
    for layer in layers():
        outputs, height, width = layer["shape"]
        rows = channels[layer["input"]]
        if layer["kind"] == "linear":
            rows *= sizes[layer["input"]]
        elif layer["kind"] == "conv":
            rows *= layer["kernel"][0] * layer["kernel"][1]
        channels[layer["name"]], sizes[layer["name"]] = outputs, height * width
        wide.append((layer["name"] + ".c", "I64", [outputs],
                     struct.pack(f"<{outputs}q", *[draws.integer(-500, 500) for _ in range(outputs)])))
        middle.append((layer["name"] + ".m", "I32", [outputs], struct.pack(f"<{outputs}i", *[1] * outputs)))
        if "residual" in layer:
            middle.append((layer["name"] + ".r", "I32", [1], struct.pack("<i", 600)))
        if "dec3" in layer:
            low, high = weight_bounds(layer["dec3"])
            weights = [draws.integer(low, high) for _ in range(outputs * rows)]
            if is_pruned and layer["name"] == PRUNED:
                for index in range(16 * rows):
                    weights[index] = 0 if 16 <= index % rows < 32 else weights[index]
            bits = layer["dec3"]["hb"] + layer["dec3"]["lb"]
            small += weight_tensors(layer["name"], outputs, rows, weights, bits, is_packed)
    network = {"format": "cimcycle-network-1", "name": name, "image": {"channels": 3, "height": 32, "width": 32},
               "pad_value": [0, 0, 0], "input_encoding": "unsigned", "dataset": "synthetic", "layers": layers()}
    (folder / "network.json").write_text(json.dumps(network, indent=1))
    (folder / "weights.safetensors").write_bytes(safetensors(sorted(wide + middle + small, key=lambda tensor: -WIDTHS[tensor[1]])))
    return folder
