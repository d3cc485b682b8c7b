# SPDX-License-Identifier: Apache-2.0
"""What a network must be for integer_network.py and for the format: known words, values that fit their widths."""
import numpy

from quantize import high_shift, split_weights

SUPPORTED = {
    "kind": ("conv", "linear", "max_pool", "average_pool"), "output": ("unsigned", "logits"),
    "dec3.split": ("round",), "dec3.gate": ("none", "max", "mean", "digits", "inputs"), "dec3.granularity": ("ou",),
    "dec3.threshold_per": ("layer", "output_block"), "residual.kind": ("identity", "option_a")}


def require_supported(network):
    """Ends the program if a layer uses a word of the format that is not computed here."""
    for layer in network.layers:
        for path, words in SUPPORTED.items():
            value = layer
            for key in path.split("."):
                value = getattr(value, key) if value is not None else None
            if value is not None and value not in words:
                raise SystemExit(f"{layer.name}: {path} {value} is not supported here; known: {', '.join(words)}")
        if layer.weights is None and layer.padding:
            raise SystemExit(f"{layer.name}: pooling with padding is not supported here")


def accumulator_bound(layer):
    """Largest magnitude of the accumulator, from its weights and the range of its inputs."""
    top = 2**layer.input_bits - 1
    if layer.kind == "average_pool":
        return top * layer.kernel[0] * layer.kernel[1]
    weights = layer.weights.astype(numpy.int64)
    high, _ = split_weights(weights, layer.dec3.hb, layer.dec3.lb)
    return int(numpy.maximum(abs(weights), abs(high) << high_shift(layer.dec3.hb, layer.dec3.lb)).sum(1).max()) * top


def check_bounds(layer):
    """Ends the program if a value of this layer could leave the widths of the format."""
    def require(holds, text):
        if not holds:
            raise SystemExit(f"{layer.name}: {text}")

    if layer.kind == "max_pool":
        return
    bound = accumulator_bound(layer)
    require(bound < 2**31, f"the accumulator may reach {bound}, more than 32 bits")
    require(0 <= layer.n <= 62, f"n = {layer.n}; allowed are 0 to 62")
    require(abs(layer.m).max() < 2**31, "a multiplier m does not fit 32 bits")
    # An ADC may add to the sums of a layer with weights, so the whole int32 range counts there.
    z = (bound if layer.weights is None else 2**31 - 1) * int(abs(layer.m).max())
    z += max(abs(int(value)) for value in layer.c) + ((1 << layer.n) >> 1)
    if layer.residual is not None:
        require(abs(layer.residual.multiplier).max() < 2**31, "a residual multiplier does not fit 32 bits")
        z += 255 * int(abs(layer.residual.multiplier).max())
    require(z < 2**63, "z may leave 64 bits")
