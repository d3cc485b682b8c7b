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
import process
import quantize
from checkpoint import load
from integer_checks import check_bounds
from integer_layers import Activations, folded, pool_layer, weight_layer
from integer_network import IMAGE, Dec3, Network, accumulate, combine, max_pool, requantize, residual_values, run, top1
from quantized_network import ODD_BITS, parse_pair
from topology import layers_of, load_float
from train_float import accuracy


def float_step(spec, values):
    """(input, value before ReLU) of one float layer; `values` are the outputs so far."""
    x = values[spec.input]
    if spec.kind == "max_pool":
        return x, torch.nn.functional.max_pool2d(x, spec.window)
    if spec.kind == "average_pool":
        return x, x.mean(dim=(2, 3), keepdim=True)
    y = spec.module(x.flatten(1) if spec.kind == "linear" else x)
    if spec.norm is None:
        return x, y
    factor, offset = (part.reshape(-1, *[1] * (y.dim() - 2)) for part in folded(spec.norm))
    y = y * factor + offset
    if spec.source is not None:
        y = y + spec.shortcut(values[spec.source])
    return x, y


def sample_vectors(x, module, generator, count=4000):
    """A sample of the layer's input vectors, (count, rows)."""
    if isinstance(module, torch.nn.Linear):
        return x.flatten(1)
    images = torch.randperm(len(x), generator=generator)[:128]
    vectors = torch.nn.functional.unfold(x[images], module.kernel_size, padding=module.padding, stride=module.stride)
    vectors = vectors.transpose(1, 2).reshape(-1, vectors.shape[1])
    return vectors[torch.randperm(len(vectors), generator=generator)[:count]]


def quantized_weights(spec, is_inner, float_input, options, generator):
    """(integer weights, annotation, float64 weight scale of each output) of one layer."""
    gated = options.gate and is_inner
    hb, lb = options.pair if is_inner else (8, 0)
    rows = spec.module.weight.detach().flatten(1)
    factor = torch.ones(len(rows)) if spec.norm is None else folded(spec.norm)[0]
    metric = quantize.second_moment(sample_vectors(float_input, spec.module, generator))
    per_channel = options.weights == "per-channel" and not gated
    scales = quantize.weight_scales(rows, factor, metric, hb, lb, per_channel)
    weights = quantize.split_aware_weights(rows, scales, hb, lb, metric, options.closed_share)
    dec3 = Dec3(hb=hb, lb=lb)
    if gated:
        dec3.gate, dec3.threshold = "max", numpy.zeros(1, dtype=numpy.int64)
    return weights, dec3, scales.double().numpy()


def correct_offsets(layer, z, float_output, scale):
    """Moves c so that the mean of z per channel is the float layer's; returns the change of z, (channels,)."""
    wanted = float_output.reshape(*z.shape).mean(dim=(0, 2), dtype=torch.float64) / scale * 2.0**layer.n
    change = (wanted - z.to(torch.float64).mean(dim=(0, 2))).round().to(torch.int64)
    layer.c = layer.c + change.numpy()
    return change


def quantize_network(model, images, options):
    """The integer layers of a float model. images: uint8 training images for scales and corrections."""
    generator = torch.Generator().manual_seed(options.seed)
    specs = layers_of(model)
    inner = [spec.name for spec in specs if spec.has_weights()][1:-1]
    values = {IMAGE: data.to_float(images)}
    codes = {IMAGE: images}
    activations = Activations(IMAGE, 1 / 255)
    result = []
    for spec in specs:
        float_input, float_output = float_step(spec, values)
        in_shape = tuple(codes[spec.input].shape[1:])
        if spec.has_weights():
            weights, dec3, scales = quantized_weights(spec, spec.name in inner, float_input, options, generator)
        if spec.norm is not None or spec.kind == "average_pool":
            activations.set(spec.name, quantize.activation_scale(torch.relu(float_output), 8))
        if spec.has_weights():
            integer = weight_layer(spec, in_shape, weights, spec.module.bias, dec3, scales, activations)
        else:
            integer = pool_layer(spec, in_shape, activations)
        result.append(integer)
        if spec.kind == "max_pool":
            codes[spec.name] = max_pool(integer, codes[spec.input])
        elif integer.output != "logits":
            residual = residual_values(integer, codes[spec.source]) if integer.residual else None
            z = combine(integer, accumulate(integer, codes[spec.input], [0, 0, 0], "full"), residual)
            if spec.norm is not None:
                z += correct_offsets(integer, z, float_output, activations.scales[spec.name])[:, None]
            codes[spec.name] = requantize(integer, z)
        check_bounds(integer)
        values[spec.name] = torch.relu(float_output)
    return result


def pair(text):
    hb, lb, has_two_parts = parse_pair(text)
    if not has_two_parts:
        raise argparse.ArgumentTypeError(f"{text}: expected HB,LB as in 4,4")
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
    if parsed.gate and parsed.pair[0] in ODD_BITS:
        parser.error("--pair {},{}: no gate max looks at partial sums of so many bits".format(*parsed.pair))
    if not 0 <= parsed.closed_share <= 1:
        parser.error(f"--closed-share {parsed.closed_share}: expected 0 to 1")
    parsed.dataset = parsed.dataset or data.simulator_name(parsed.data)
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
             "--network", trained["network"], "--out", os.path.basename(trained["out"])]
    if trained.get("init"):
        words += ["--init", os.path.basename(trained["init"])]
    for key in ("epochs", "batch", "lr", "weight_decay", "seed"):
        words += ["--" + key.replace("_", "-"), str(trained[key])]
    return " ".join(words + (["--no-flip"] if trained["no_flip"] else []))


def main():
    options = arguments()
    (train_images, _), (test_images, test_labels) = data.load(options.data)
    checkpoint = load(options.checkpoint)
    model = load_float(checkpoint["arguments"]["network"], options.checkpoint)
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
    process.run(main)
