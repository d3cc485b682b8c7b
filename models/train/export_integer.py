#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a float checkpoint into a network folder of integers: network.json and weights.safetensors.

    python3 models/train/export_integer.py CHECKPOINT.pt --data cifar10:DIR --out FOLDER
                                           [--pair HB,LB --gate] [--weights per-layer|per-channel]

Post-training quantization. Scales and corrections come from training images alone; test images only measure. Batch
norm becomes the integer constants m and c of a layer, never a part of its weights. Each layer sees the integer outputs
of its predecessors, so its correction of c takes up the mean error that they left. With a pair HB,LB (LB > 0) the
weights are rounded so that their high parts alone, too, come close to the layer's outputs: see
quantize.split_aware_weights.
"""
import argparse
import os

import numpy
import torch

import data
import network_file
import quantize
from integer_network import (IMAGE, Dec3, Layer, Network, Residual, accumulate, check_bounds, combine, requantize,
                             residual_values, run, top1)
from resnet import ResNet20
from train_float import accuracy

# Size of the common unit of the logits: the largest multiplier of the classifier is 2^20, so that rounding the bias
# and the ratios of the scales costs less than a millionth of a weight step.
LOGIT_BITS = 20


def folded(bn):
    """Batch norm as factor and offset per channel."""
    factor = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    return factor.detach(), (bn.bias - bn.running_mean * factor).detach()


def float_layers(model):
    """The layers in execution order: dicts of name, module, factor, offset, input and shortcut."""
    factor, offset = folded(model.bn)
    layers = [dict(name="conv", module=model.conv, factor=factor, offset=offset, input=IMAGE)]
    for index, block in enumerate(model.blocks):
        source = layers[-1]["name"]
        for number in (1, 2):
            factor, offset = folded(getattr(block, f"bn{number}"))
            layers.append(dict(name=f"block{index + 1}.conv{number}", module=getattr(block, f"conv{number}"),
                               factor=factor, offset=offset, input=layers[-1]["name"]))
        layers[-1].update(source=source, shortcut=block.shortcut)
    layers.append(dict(name="pool", module=None, input=layers[-1]["name"]))
    layers.append(dict(name="fc", module=model.fc, input="pool"))
    return layers


def float_step(layer, values):
    """(input, value before ReLU) of one float layer; `values` are the outputs so far."""
    x = values[layer["input"]]
    if layer["name"] == "pool":
        return x, x.mean(dim=(2, 3), keepdim=True)
    if layer["name"] == "fc":
        return x, layer["module"](x.flatten(1))
    y = layer["module"](x) * layer["factor"][:, None, None] + layer["offset"][:, None, None]
    if "shortcut" in layer:
        y = y + layer["shortcut"](values[layer["source"]])
    return x, y


def sample_vectors(x, module, generator, count=4000):
    """A sample of the layer's input vectors, (count, rows)."""
    if isinstance(module, torch.nn.Linear):
        return x.flatten(1)
    images = torch.randperm(len(x), generator=generator)[:128]
    vectors = torch.nn.functional.unfold(x[images], module.kernel_size, padding=module.padding, stride=module.stride)
    vectors = vectors.transpose(1, 2).reshape(-1, vectors.shape[1])
    return vectors[torch.randperm(len(vectors), generator=generator)[:count]]


def integer_layer(layer, values, float_input, float_output, scales, options, generator):
    """Quantizes one layer; enters its output scale into `scales`. Returns a Layer."""
    name, module = layer["name"], layer["module"]
    in_shape = tuple(values[layer["input"]].shape[1:])
    input_scale = scales[layer["input"]]
    common = dict(name=name, input=layer["input"], in_shape=in_shape)
    if name == "pool":
        scales[name] = quantize.activation_scale(float_output, 8)
        pixels = in_shape[1] * in_shape[2]
        factors = numpy.full(in_shape[0], input_scale / scales[name] / pixels)
        m, c, _, n = quantize.digital_constants(factors, numpy.zeros(in_shape[0]))
        return Layer(kind="average_pool", out_shape=(in_shape[0], 1, 1), kernel=in_shape[1:], stride=in_shape[1],
                     m=m, c=c, n=n, **common)

    linear = isinstance(module, torch.nn.Linear)
    gated = options.gate and name not in ("conv", "fc")
    hb, lb = options.pair if name not in ("conv", "fc") else (8, 0)
    rows = module.weight.detach().flatten(1)
    factor = torch.ones(len(rows)) if linear else layer["factor"]
    metric = quantize.second_moment(sample_vectors(float_input, module, generator))
    per_channel = options.weights == "per-channel" and not gated
    weight_scales = quantize.weight_scales(rows, factor, metric, hb, lb, per_channel)
    weights = quantize.split_aware_weights(rows, weight_scales, hb, lb, metric, options.closed_share)
    dec3 = Dec3(hb=hb, lb=lb)
    if gated:
        dec3.gate, dec3.threshold = "max", numpy.zeros(1, dtype=numpy.int64)

    accumulator_scales = weight_scales.double().numpy() * input_scale
    if linear:
        unit = accumulator_scales.max() / 2**LOGIT_BITS
        return Layer(kind="linear", out_shape=(len(rows), 1, 1), output="logits", weights=weights, dec3=dec3,
                     m=numpy.rint(accumulator_scales / unit).astype(numpy.int64),
                     c=numpy.rint(module.bias.detach().double().numpy() / unit).astype(numpy.int64), **common)

    scales[name] = quantize.activation_scale(torch.relu(float_output), 8)
    residual_multipliers = [scales[layer["source"]] / scales[name]] if "shortcut" in layer else []
    m, c, r, n = quantize.digital_constants(factor.double().numpy() * accumulator_scales / scales[name],
                                            layer["offset"].double().numpy() / scales[name], residual_multipliers)
    residual = None
    if "shortcut" in layer:
        shortcut = layer["shortcut"]
        plain = shortcut.stride == 1 and shortcut.pad_front + shortcut.pad_back == 0
        residual = Residual(source=layer["source"], kind="identity" if plain else "option_a", multiplier=r,
                            stride=shortcut.stride, pad_front=shortcut.pad_front, pad_back=shortcut.pad_back)
    return Layer(kind="conv", out_shape=tuple(float_output.shape[1:]), kernel=tuple(module.kernel_size),
                 stride=module.stride[0], padding=module.padding[0], weights=weights, dec3=dec3, m=m, c=c, n=n,
                 residual=residual, **common)


def correct_offsets(layer, z, float_output, scale):
    """Moves c so that the mean of z per channel is the float layer's; returns the change of z, (channels,)."""
    wanted = float_output.flatten(2).mean(dim=(0, 2), dtype=torch.float64) / scale * 2.0**layer.n
    change = (wanted - z.to(torch.float64).mean(dim=(0, 2))).round().to(torch.int64)
    layer.c = layer.c + change.numpy()
    return change


def quantize_network(model, images, options):
    """The integer layers of a float model. images: uint8 training images for scales and corrections."""
    generator = torch.Generator().manual_seed(options.seed)
    values = {IMAGE: data.to_float(images)}
    codes = {IMAGE: images}
    scales = {IMAGE: 1 / 255}
    result = []
    for layer in float_layers(model):
        float_input, float_output = float_step(layer, values)
        integer = integer_layer(layer, values, float_input, float_output, scales, options, generator)
        if integer.output != "logits":
            residual = residual_values(integer, codes[integer.residual.source]) if integer.residual else None
            z = combine(integer, accumulate(integer, codes[integer.input], [0, 0, 0], "full"), residual)
            if integer.kind == "conv":
                z += correct_offsets(integer, z, float_output, scales[integer.name])[:, None]
            codes[integer.name] = requantize(integer, z)
            values[integer.name] = torch.relu(float_output)
        check_bounds(integer)
        result.append(integer)
    return result


def pair(text):
    try:
        hb, lb = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: expected HB,LB as in 4,4") from None
    if not (1 <= hb <= 8 and 0 <= lb and hb + lb <= 8):
        raise argparse.ArgumentTypeError(f"{text}: HB must be 1 to 8 and HB + LB at most 8")
    return hb, lb


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint")
    parser.add_argument("--data", required=True, help="cifar10:DIR or npz:DIR")
    parser.add_argument("--dataset", help="name that network.json gives the simulator (default: cifar10 or synthetic)")
    parser.add_argument("--out", required=True, help="folder to write; its last part is the network's name")
    parser.add_argument("--pair", type=pair, default=(8, 0), help="HB,LB of all layers but the first and the last")
    parser.add_argument("--gate", action="store_true", help="gate max per OU group, threshold 0 (opens all)")
    parser.add_argument("--weights", choices=("per-layer", "per-channel"), default="per-channel",
                        help="weight scales; gated layers always have one per layer")
    parser.add_argument("--closed-share", type=float, default=0.7,
                        help="with LB > 0: weight of the high parts' own error when weights are rounded, 0 to 1")
    parser.add_argument("--images", type=int, default=1024, help="training images for scales and corrections")
    parser.add_argument("--seed", type=int, default=1)
    parsed = parser.parse_args()
    if not 0 <= parsed.closed_share <= 1:
        parser.error(f"--closed-share {parsed.closed_share}: expected 0 to 1")
    parsed.dataset = parsed.dataset or ("cifar10" if parsed.data.startswith("cifar10:") else "synthetic")
    return parsed


def export_command(options):
    """The command that made the network, without this machine's folders."""
    words = ["python3 models/train/export_integer.py", os.path.basename(options.checkpoint),
             "--data", options.data.partition(":")[0] + ":DIR",
             "--out", "models/" + os.path.basename(os.path.normpath(options.out)),
             "--pair", "{},{}".format(*options.pair)]
    words += ["--gate"] if options.gate else ["--weights", options.weights]
    words += ["--closed-share", str(options.closed_share)] if options.pair[1] else []
    return " ".join(words + ["--images", str(options.images), "--seed", str(options.seed)])


def train_command(trained):
    """The training command of a checkpoint's arguments, without this machine's folders."""
    words = ["python3 models/train/train_float.py", "--data", trained["data"].partition(":")[0] + ":DIR",
             "--out", os.path.basename(trained["out"])]
    if trained.get("init"):
        words += ["--init", os.path.basename(trained["init"])]
    for key in ("epochs", "batch", "lr", "weight_decay", "seed"):
        words += ["--" + key.replace("_", "-"), str(trained[key])]
    return " ".join(words + (["--no-flip"] if trained["no_flip"] else []))


def main():
    options = arguments()
    (train_images, _), (test_images, test_labels) = data.load(options.data)
    checkpoint = torch.load(options.checkpoint)
    model = ResNet20()
    model.load_state_dict(checkpoint["model"])
    model.eval()
    float_top1 = accuracy(model, test_images, test_labels)
    chosen = torch.randperm(len(train_images), generator=torch.Generator().manual_seed(options.seed))[:options.images]
    with torch.no_grad():
        layers = quantize_network(model, train_images[chosen], options)
    name = os.path.basename(os.path.normpath(options.out))
    network = Network(name=name, image_shape=tuple(train_images.shape[1:]), pad_value=[0] * train_images.shape[1],
                      layers=layers, dataset=options.dataset, float_top1=round(float_top1, 6))
    integer_top1 = top1(run(network, test_images, path="full"), test_labels)  # threshold 0 opens every gate
    network.provenance = {"training": train_command(checkpoint["arguments"]), "epochs": checkpoint["epoch"],
                          "seed": checkpoint["arguments"]["seed"], "export": export_command(options),
                          "torch": torch.__version__, "integer_top1": round(integer_top1, 6)}
    network_file.save(network, options.out)
    print(f"{options.out}: float top-1 {100 * float_top1:.2f} %, integer {100 * integer_top1:.2f} % "
          f"({len(test_images)} test images)")


if __name__ == "__main__":
    main()
