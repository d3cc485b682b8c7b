#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Float weights from a network folder of static layers: a start of trainings where the float network is not at hand.

    python3 models/train/restore_float.py FOLDER --network vgg8 --data cifar10:DIR --out FILE.npz [--images N]

Integers fix the function of a float network but not its scales, which batch norm cancels. Chosen here, from the first
N training images, cropped and mirrored as in training: weights so large that outputs before batch norm have variance 1
(mean over channels), activations so that batch norm's factors have mean 1, logits so that their cross entropy is least
(images as they are would not do: a trained network makes no mistakes on them). Activations are not clipped, so that
the accuracy is near the folder's, not equal to it; it is measured on the test images. FILE.npz is as save_arrays.py
writes it.
"""
import argparse

import numpy
import torch

import data
import network_file
import process
import save_arrays
from integer_network import IMAGE
from quantized_network import IMAGE_STEP
from topology import NETWORKS, layers_of
from train_float import accuracy

# Factors of the logits that are tried, relative to a standard deviation of 1.
LOGIT_FACTORS = 2.0 ** torch.arange(-2, 4.25, 0.25)


def require_match(folder, specs, layers):
    """Ends the program unless the folder's layers are static ones of this topology."""
    names = [spec.name for spec in specs], [layer.name for layer in layers]
    if names[0] != names[1]:
        raise SystemExit(f"{folder}: layers {', '.join(names[1])}; expected {', '.join(names[0])}")
    for spec, layer in zip(specs, layers):
        if layer.weights is None:
            continue
        if layer.gated():
            raise SystemExit(f"{folder}: layer {layer.name} has a gate; only static layers are float ones rounded")
        if layer.weights.size != spec.module.weight.numel():
            raise SystemExit(f"{folder}: layer {layer.name} has {layer.weights.size} weights; expected "
                             f"{spec.module.weight.numel()}")


def normed(spec, layer, product, input_scale, source_scale):
    """Sets weights and batch norm of a layer; returns the scale of its activations.

    product: the layer's accumulators, (N, outputs, ...), of float codes, that is, activations / input_scale.
    """
    axes = [axis for axis in range(product.dim()) if axis != 1]
    variance, mean = torch.var_mean(product.double(), dim=axes, unbiased=False)
    if variance.max() == 0 or not layer.m.any():
        raise SystemExit(f"layer {spec.name} gives the same results for all images; nothing can be trained from it")
    unit = 1 / variance.mean().sqrt()  # of an accumulator
    variance, mean = variance * unit**2, mean * unit
    spread = torch.sqrt(variance + spec.norm.eps)
    factor, offset = (torch.from_numpy(constants / 2.0**layer.n) for constants in (layer.m, layer.c))
    if spec.source is None:
        scale = 1 / (factor * spread / unit).abs().mean()
    else:
        scale = source_scale * 2.0**layer.n / layer.residual.multiplier.max()  # the float shortcut has no factor
    factor = factor * scale / unit
    norm = spec.norm
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_(factor * spread)
    norm.bias.copy_(offset * scale + mean * factor)
    weights = torch.from_numpy(layer.weights.astype(numpy.float64))
    spec.module.weight.copy_((weights * unit / input_scale).reshape(spec.module.weight.shape))
    return float(scale)


def classify(spec, layer, codes, input_scale, labels):
    """Sets the classifier. codes: (N, rows), activations / input_scale."""
    weights = torch.from_numpy(layer.weights * layer.m[:, None].astype(numpy.float64))
    bias = torch.from_numpy(layer.c.astype(numpy.float64))
    logits = codes.double() @ weights.T + bias
    factors = LOGIT_FACTORS / logits.std()
    losses = [float(torch.nn.functional.cross_entropy(logits * factor, labels)) for factor in factors]
    factor = factors[losses.index(min(losses))]
    spec.module.weight.copy_(weights * factor / input_scale)
    spec.module.bias.copy_(bias * factor)


def restored(topology, network, images, labels, folder="network"):
    """The float model (topology.NETWORKS) of a folder's integers (integer_network.Network).

    images: float, 0 to 1; scales are chosen on them.
    """
    model = NETWORKS[topology]().eval()
    specs = layers_of(model)
    require_match(folder, specs, network.layers)
    values, scales = {IMAGE: images}, {IMAGE: IMAGE_STEP}
    with torch.no_grad():
        for spec, layer in zip(specs, network.layers):
            x = values[spec.input]
            if spec.kind == "max_pool":
                values[spec.name] = torch.nn.functional.max_pool2d(x, spec.window)
                scales[spec.name] = scales[spec.input]
                continue
            if spec.kind == "average_pool":
                values[spec.name] = x.mean(dim=(2, 3), keepdim=True)
                scales[spec.name] = scales[spec.input] * 2.0**layer.n / int(layer.m[0]) / (x[0, 0].numel())
                continue
            if spec.kind == "linear":
                x = x.flatten(1)
            if spec.norm is None:
                classify(spec, layer, x / scales[spec.input], scales[spec.input], labels)
                continue
            spec.module.weight.copy_(torch.from_numpy(layer.weights.astype(numpy.float32))
                                     .reshape(spec.module.weight.shape))
            product = spec.module(x / scales[spec.input])
            scales[spec.name] = normed(spec, layer, product, scales[spec.input], scales.get(spec.source))
            y = spec.norm(spec.module(x))
            if spec.source is not None:
                y = y + spec.shortcut(values[spec.source])
            values[spec.name] = torch.relu(y)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--network", choices=sorted(NETWORKS), required=True)
    parser.add_argument("--data", required=True, help="cifar10:DIR or npz:DIR")
    parser.add_argument("--out", required=True, help="arrays by name (.npz)")
    parser.add_argument("--images", type=int, default=1000, help="training images that scales are chosen on")
    parser.add_argument("--no-flip", action="store_true", help="no mirrored images (digits)")
    options = parser.parse_args()
    (images, labels), (test_images, test_labels) = data.load(options.data)
    seen = data.augment(images[:options.images], torch.Generator().manual_seed(1), flip=not options.no_flip)
    model = restored(options.network, network_file.load(options.folder), data.to_float(seen),
                     labels[:options.images], options.folder)
    top1 = 100 * accuracy(model.to(memory_format=torch.channels_last), test_images, test_labels)
    save_arrays.save(model.state_dict(), top1, options.out)
    print(f"{options.out}: float top-1 {top1:.2f} %")


if __name__ == "__main__":
    process.run(main)
