# SPDX-License-Identifier: Apache-2.0
"""Network folders (network.json and weights.safetensors), written and read without the simulator.

The format is described in docs/formats/network.md. The safetensors part is small enough to be written here: an 8-byte
little-endian header length, a JSON header, and the tensors one after the other.
"""
import json
import math
import os

import numpy

from integer_checks import require_supported
from integer_network import Dec3, Layer, Network, Residual
from stored_weights import tensors_of, weights_of

FORMAT = "cimcycle-network-1"
DTYPES = {"I8": numpy.int8, "U8": numpy.uint8, "I16": numpy.int16, "I32": numpy.int32, "I64": numpy.int64}


def safetensors_bytes(tensors):
    """The file of named integer arrays: the widest types first, so that each tensor is aligned to its type."""
    header, blocks, offset = {}, [], 0
    type_names = {numpy.dtype(kind): name for name, kind in DTYPES.items()}
    for name in sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name)):
        array = numpy.ascontiguousarray(tensors[name])
        block = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {"dtype": type_names[array.dtype], "shape": list(array.shape),
                        "data_offsets": [offset, offset + len(block)]}
        blocks.append(block)
        offset += len(block)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(blocks)


def read_safetensors(path):
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        body = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        kind = numpy.dtype(DTYPES[entry["dtype"]]).newbyteorder("<")
        tensors[name] = numpy.frombuffer(body[begin:end], dtype=kind).reshape(entry["shape"])
    return tensors


def tidy_json(value, indent=0, width=100):
    """JSON text that a person can read: what is short stands on one line, the rest one member per line."""
    line = json.dumps(value)
    nested = isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, (dict, list)) for v in value))
    if not nested or not value or len(line) + indent <= width:
        return line
    margin = "\n" + " " * (indent + 2)
    if isinstance(value, dict):
        members = [f"{json.dumps(key)}: {tidy_json(member, indent + 2)}" for key, member in value.items()]
    else:
        members = [tidy_json(member, indent + 2) for member in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return first + margin + ("," + margin).join(members) + "\n" + " " * indent + last


def _dec3_json(dec3):
    result = {"hb": dec3.hb, "lb": dec3.lb, "split": dec3.split, "gate": dec3.gate}
    if dec3.gate == "digits":
        result["digits"] = {"high": dec3.high_digit_bits, "thresholds": dec3.digit_threshold.tolist()}
    elif dec3.gate != "none":
        values = [None if value < 0 else int(value) for value in dec3.threshold]
        result.update(granularity=dec3.granularity, threshold_per=dec3.threshold_per,
                      threshold=values[0] if dec3.threshold_per == "layer" else values)
    return result


def _layer_json(layer):
    result = {"name": layer.name, "kind": layer.kind, "input": layer.input, "shape": list(layer.out_shape)}
    if layer.kind != "linear":
        result.update(kernel=list(layer.kernel), stride=layer.stride, padding=layer.padding)
    result["bits"] = {"input": layer.input_bits}
    if layer.output == "unsigned":
        result["bits"]["output"] = layer.output_bits
    result["output"] = layer.output
    if layer.m is not None:
        result["digital"] = {"n": layer.n}
    if layer.residual is not None:
        residual = {"source": layer.residual.source, "kind": layer.residual.kind}
        if layer.residual.kind == "option_a":
            residual.update(stride=layer.residual.stride, pad_front=layer.residual.pad_front,
                            pad_back=layer.residual.pad_back)
        result["residual"] = residual
    if layer.weights is not None:
        result["dec3"] = _dec3_json(layer.dec3)
    return result


def _layer_tensors(layer):
    tensors = {}
    if layer.m is not None:
        tensors.update(m=layer.m.astype(numpy.int32), c=layer.c.astype(numpy.int64))
    if layer.residual is not None:
        tensors["r"] = layer.residual.multiplier.astype(numpy.int32)
    if layer.weights is not None:
        tensors.update(tensors_of(layer.weights, layer.dec3))
        if layer.dec3.removed_groups is not None:
            tensors["removed_groups"] = layer.dec3.removed_groups.astype(numpy.uint8)
    return {f"{layer.name}.{key}": tensor for key, tensor in tensors.items()}


def save(network, folder):
    channels, height, width = network.image_shape
    text = {"format": FORMAT, "name": network.name, "image": {"channels": channels, "height": height, "width": width},
            "pad_value": network.pad_value, "input_encoding": "unsigned", "dataset": network.dataset,
            "float_top1": network.float_top1, "provenance": network.provenance,
            "layers": [_layer_json(layer) for layer in network.layers]}
    tensors = {}
    for layer in network.layers:
        tensors.update(_layer_tensors(layer))
    os.makedirs(folder, exist_ok=True)
    files = {"network.json": (tidy_json(text) + "\n").encode(), "weights.safetensors": safetensors_bytes(tensors)}
    for name, content in files.items():
        with open(os.path.join(folder, name + ".part"), "wb") as file:
            file.write(content)
    for name in files:
        os.replace(os.path.join(folder, name + ".part"), os.path.join(folder, name))


def _load_dec3(entry):
    dec3 = Dec3(hb=entry["hb"], lb=entry["lb"], split=entry.get("split", "round"), gate=entry.get("gate", "none"),
                granularity=entry.get("granularity", "ou"), threshold_per=entry.get("threshold_per", "layer"))
    if dec3.gate == "digits":
        dec3.high_digit_bits = entry["digits"]["high"]
        dec3.digit_threshold = numpy.array(entry["digits"]["thresholds"], dtype=numpy.int64)
    if "threshold" in entry:
        values = entry["threshold"] if isinstance(entry["threshold"], list) else [entry["threshold"]]
        dec3.threshold = numpy.array([-1 if value is None else value for value in values], dtype=numpy.int64)
    return dec3


def _load_layer(entry, shapes, tensors):
    name, in_shape = entry["name"], shapes[entry["input"]]
    layer = Layer(name=name, kind=entry["kind"], input=entry["input"], in_shape=in_shape,
                  out_shape=tuple(entry["shape"]), input_bits=entry["bits"]["input"],
                  output_bits=entry["bits"].get("output", 8), output=entry["output"])
    if "digital" in entry:
        layer.m, layer.c = tensors[f"{name}.m"].astype(numpy.int64), tensors[f"{name}.c"]
        layer.n = entry["digital"]["n"]
    if entry.get("kernel") == "global":
        layer.kernel, layer.stride = in_shape[1:], 1
    elif layer.kind != "linear":
        layer.kernel, layer.stride, layer.padding = tuple(entry["kernel"]), entry["stride"], entry["padding"]
    if "residual" in entry:
        layer.residual = Residual(multiplier=tensors[f"{name}.r"].astype(numpy.int64), **entry["residual"])
    if "dec3" in entry:
        layer.dec3 = _load_dec3(entry["dec3"])
        rows = in_shape[0] * layer.kernel[0] * layer.kernel[1] if layer.kind == "conv" else math.prod(in_shape)
        layer.weights = weights_of(tensors, name, layer.dec3, layer.out_shape[0], rows)
        layer.dec3.removed_groups = tensors.get(f"{name}.removed_groups")
    return layer


def load(folder):
    """A network of the kinds that integer_network computes; ends the program if the file asks for more."""
    try:
        return _load(folder)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise SystemExit(f"{folder}: no network that can be read ({error!r}); `cimcycle describe --network` says more") \
            from None


def _load(folder):
    with open(os.path.join(folder, "network.json"), encoding="utf-8") as file:
        text = json.load(file)
    if text["format"] != FORMAT:
        raise SystemExit(f"{folder}/network.json: format {text['format']}; expected {FORMAT}")
    tensors = read_safetensors(os.path.join(folder, "weights.safetensors"))
    image = text["image"]
    shapes, layers = {"image": (image["channels"], image["height"], image["width"])}, []
    for entry in text["layers"]:
        layers.append(_load_layer(entry, shapes, tensors))
        shapes[entry["name"]] = layers[-1].out_shape
    network = Network(name=text["name"], image_shape=shapes["image"], pad_value=text["pad_value"], layers=layers,
                      dataset=text.get("dataset", ""), float_top1=text.get("float_top1"),
                      provenance=text.get("provenance", {}))
    require_supported(network)
    return network
