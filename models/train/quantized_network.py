# SPDX-License-Identifier: Apache-2.0
"""A network of topology.py with quantized weights and activations, some of its layers gated or a rival's."""
import re

import torch
from torch import nn

from dec3_layers import START_SHARE, DEC3Conv2d, DEC3Linear, GateSettings, QuantConv2d, QuantLinear
from integer_network import IMAGE
from lsq import ActivationQuantizer
from rivals import METHODS, RivalSettings
from topology import NETWORKS, layers_of

IMAGE_STEP = 1 / 255
ODD_BITS = (3, 5, 7)  # high bits that no pair with low bits has, and no gate on partial sums
END_BITS = 8  # of the first layer and the classifier, which are never gated


def parse_pair(text):
    """(hb, lb, gated) of "4,4", or of "8" for a static layer. Gated ones are those of the network format."""
    match = re.fullmatch(r"([1-8])(?:,([01246]))?", text)
    hb, lb = (int(match[1]), int(match[2] or 0)) if match else (0, 0)
    if not match or hb + lb > 8 or (lb > 0 and hb in ODD_BITS):
        raise SystemExit(f"{text}: expected HB,LB (gated; HB 8, 6, 4, 2 or 1, LB 6, 4, 2, 1 or 0, at most 8 bits "
                         "together; gates on inputs also HB 7, 5 or 3 with LB 0) or B as in 8 (static)")
    return hb, lb, match[2] is not None


class QuantizedNetwork(nn.Module):
    """Logits of uint8 images.

    model: float network, whose weights and batch norms it takes. pairs: text of parse_pair by layer name. Layers that
    are not named, and the first and the last one, are static with END_BITS. rival: RivalSettings of the named layers,
    which then have no gates.
    """

    def __init__(self, model, pairs, gate=None, activation_bits=8, rival=None):
        super().__init__()
        self.gate, self.rival = gate or GateSettings(), rival
        self.pairs = dict(pairs)
        self.specs = layers_of(model)
        self.layers, self.norms, self.quantizers = nn.ModuleDict(), nn.ModuleDict(), nn.ModuleDict()
        unknown = set(pairs) - set(self.inner())
        if unknown:
            raise SystemExit(f"{sorted(unknown)[0]}: no inner layer; known: {', '.join(self.inner())}")
        for spec in self.specs:
            if spec.has_weights():
                pair = parse_pair(pairs.get(spec.name, str(END_BITS)))
                self.layers[_key(spec.name)] = _layer(spec, *pair, self.gate, rival if spec.name in pairs else None)
            if spec.norm is not None:
                self.norms[_key(spec.name)] = spec.norm
            if spec.kind == "average_pool" or spec.norm is not None:
                bits = END_BITS if spec.kind == "average_pool" else activation_bits
                self.quantizers[_key(spec.name)] = ActivationQuantizer(bits)

    def layer(self, name):
        return self.layers[_key(name)]

    def quantizer(self, name):
        """Of the layer's results; None for the classifier and max pooling, which hands on what it reads."""
        return self.quantizers[_key(name)] if _key(name) in self.quantizers else None

    def gated(self):
        """(name, layer) of the gated layers in order."""
        for spec in self.specs:
            if spec.has_weights() and self.layer(spec.name).is_gated:
                yield spec.name, self.layer(spec.name)

    def masked(self):
        """The same for those of which part may stay unread: gated, or of a rival."""
        for spec in self.specs:
            if spec.has_weights() and self.layer(spec.name).is_masked:
                yield spec.name, self.layer(spec.name)

    def inner(self):
        """Names of the layers that may have pairs: all with weights but the first and the last."""
        return [spec.name for spec in self.specs if spec.has_weights()][1:-1]

    def set_pair(self, name, pair):
        """A new layer from the weights of the float network that this one was made of; its gate is not started."""
        spec = next(spec for spec in self.specs if spec.name == name)
        self.layers[_key(name)] = _layer(spec, *parse_pair(pair), self.gate, None)
        self.pairs[name] = pair

    def use_batch_statistics(self):
        """Batch norm normalizes by the images at hand from now on."""
        for norm in self.norms.values():
            norm.running_mean = norm.running_var = None

    def start(self, images, activations=True, gates=None, closed_share=START_SHARE):
        """Sets, from a batch of images, steps of the activations and thresholds of the layers in `gates` (or all)."""
        self.eval()
        names = {name for name, _ in self.gated()} if gates is None else gates
        with torch.no_grad():
            self.run(image_values(images), starts_activations=activations, started_gates=names,
                     closed_share=closed_share)

    def forward(self, images):
        return self.run(image_values(images))

    def results(self, spec, values):
        """What one layer makes of the (values, step) of the layers before it, by name; not yet quantized."""
        x, step = values[spec.input]
        if spec.kind == "max_pool":
            return nn.functional.max_pool2d(x, spec.window)
        if spec.kind == "average_pool":
            return x.mean(dim=(2, 3), keepdim=True)
        y = self.layer(spec.name)(x, step)
        if spec.norm is not None:
            y = self.norms[_key(spec.name)](y)
        if spec.source is not None:
            y = y + spec.shortcut(values[spec.source][0])
        return y

    def run(self, values, first=None, starts_activations=False, started_gates=(), closed_share=START_SHARE):
        """Logits.

        values: (values, step) by name of the image and of all layers before the layer `first`; those of later ones are
        added. On the way, activations get new steps (`starts_activations`), and the gates of the layers named in
        `started_gates` thresholds that close `closed_share` of them.
        """
        names = [spec.name for spec in self.specs]
        for spec in self.specs[0 if first is None else names.index(first):]:
            if spec.name in started_gates and self.layer(spec.name).is_gated:
                layer = self.layer(spec.name)
                layer.start_gate(layer.gate_codes(*values[spec.input]), closed_share)
            y = self.results(spec, values)
            if spec is self.specs[-1]:
                return y
            quantizer = self.quantizer(spec.name)
            if quantizer is None:
                values[spec.name] = y, values[spec.input][1]
                continue
            if starts_activations:
                quantizer.start(y)
            values[spec.name] = quantizer(y)
        raise AssertionError("the last layer gives the logits")


def image_values(images):
    """What QuantizedNetwork.run begins with, of uint8 images."""
    values = images.float() * IMAGE_STEP
    if images.is_cuda:  # bf16 convolutions run on it as it is
        values = values.contiguous(memory_format=torch.channels_last)
    return {IMAGE: (values, torch.tensor([IMAGE_STEP], device=images.device))}


def _key(name):
    return name.replace(".", "-")  # a ModuleDict takes no dots


def _layer(spec, hb, lb, is_gated, gate, rival):
    module = spec.module
    least_bits = 1 if rival is None else METHODS[rival.method].least_bits
    if rival is not None and (is_gated or hb + lb < least_bits):
        raise SystemExit(f"{spec.name}: {rival.method} takes static layers of {least_bits} to 8 bits; a pair like 8")
    if is_gated and hb in ODD_BITS and gate.kind != "inputs":
        raise SystemExit(f"{spec.name}: {hb},{lb} with a gate {gate.kind}; such pairs need --gate-kind inputs")
    own = None if rival is None else rival.of(module.weight)
    if spec.kind == "conv":
        where = module.stride[0], module.padding[0]
        if is_gated:
            return DEC3Conv2d(module.weight, hb, lb, *where, gate)
        return QuantConv2d(module.weight, hb, lb, *where, own)
    if is_gated:
        return DEC3Linear(module.weight, hb, lb, gate, module.bias)
    return QuantLinear(module.weight, hb, lb, module.bias, own)


def from_checkpoint(saved):
    """The network that a checkpoint of train_dec3.py holds."""
    rival = saved.get("rival")  # earlier checkpoints have no such entry
    network = QuantizedNetwork(NETWORKS[saved["network"]](), saved["pairs"], GateSettings(**saved["gate"]),
                               saved["activation_bits"], None if rival is None else RivalSettings(**rival))
    network.load_state_dict(saved["model"])
    return network.eval()


def take_over(network, saved):
    """Weights, batch norms and activation steps of an earlier stage; layers of another pair or gate start anew.

    A layer that has the bits it had keeps its weight step, too. Returns the names of the layers that start anew.
    """
    def pair(pairs, layer):
        return pairs.get(layer, str(END_BITS))

    def bits(text):
        hb, lb, _ = parse_pair(text)
        return hb + lb

    names = [spec.name for spec in network.specs if spec.has_weights()]
    is_other_gate = not network.gate.is_that_of(saved)
    anew = {name for name in names if pair(saved["pairs"], name) != pair(network.pairs, name)
            or (is_other_gate and network.layer(name).is_gated)}
    new_steps = {name for name in anew if bits(pair(saved["pairs"], name)) != bits(pair(network.pairs, name))}

    def is_kept(entry):
        if not entry.startswith("layers.") or entry.endswith((".weight", ".bias")):
            return True
        layer = entry.split(".")[1].replace("-", ".")
        return layer not in (new_steps if entry.endswith(".quantizer.step") else anew)

    method = (saved.get("rival") or {}).get("method")
    is_other_rival = network.rival is not None and network.rival.method != method
    state = network.state_dict()
    for entry, tensor in saved["model"].items():
        if entry in state and is_kept(entry) and not (is_other_rival and ".rival." in entry):
            state[entry] = tensor.reshape(state[entry].shape)
    network.load_state_dict(state)
    for name in new_steps:
        network.layer(name).quantizer.start(network.layer(name).weight)
    for _, layer in network.masked():
        if layer.rival is not None and not is_other_rival:
            layer.rival.taken_over()
    return anew
