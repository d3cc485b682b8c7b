#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a checkpoint of train_dec3.py into a network folder of integers: network.json and weights.safetensors.

    python3 models/train/export_trained.py CHECKPOINT.pt --data cifar10:DIR --out FOLDER [--images N]

Nothing is chosen here: weights, steps and thresholds are those that training found, a threshold the next whole number
above theta, so that the same activations give the same masks. What rounds is the digital part alone: m, c and r are
integers, and values halfway between two codes may fall to the other side. Both networks are evaluated on the first
--images test images, and what differs is printed.
"""
import argparse
import os

import numpy
import torch

import data
import network_file
import process
from checkpoint import load
from integer_checks import check_bounds
from integer_layers import Activations, pool_layer, weight_layer
from integer_network import IMAGE, Dec3, Network, run, top1
from quantized_network import IMAGE_STEP, from_checkpoint
from train_dec3 import predict


def annotation(layer, unit):
    """Dec3 of a trained layer. unit: of its partial sums, weight step x input step."""
    dec3 = Dec3(hb=layer.hb, lb=layer.lb)
    if layer.is_gated:
        dec3.gate = layer.gate.kind
        dec3.threshold = numpy.array([layer.threshold()], dtype=numpy.int64)
    if layer.rival is not None:
        layer.rival.annotate(dec3, unit)
    return dec3


def integer_layers(network, image_shape):
    """The layers of a trained network (quantized_network.QuantizedNetwork) as integers."""
    activations = Activations(IMAGE, IMAGE_STEP)
    shapes = {IMAGE: image_shape}
    result = []
    for spec in network.specs:
        quantizer = network.quantizer(spec.name)
        if quantizer is not None:
            activations.set(spec.name, float(quantizer.used_step()), quantizer.bits)
        if spec.has_weights():
            layer = network.layer(spec.name)
            codes, step = layer.codes()
            dec3 = annotation(layer, step * activations.scales[spec.input])
            integer = weight_layer(spec, shapes[spec.input], codes.numpy(), layer.bias, dec3,
                                   numpy.full(len(codes), step), activations)
        else:
            integer = pool_layer(spec, shapes[spec.input], activations)
        check_bounds(integer)
        shapes[spec.name] = integer.out_shape
        result.append(integer)
    return result


def training_command(saved):
    """The command of the last stage, without this machine's folders."""
    words = ["python3 models/train/train_dec3.py"]
    for key, value in saved["arguments"].items():
        flag = "--" + key.replace("_", "-")
        if value is True:
            words.append(flag)
        elif value is not None and value is not False:  # a zero is a value
            words += [flag, str(value)]
    return " ".join(words)


def trained_network(saved, name, image_shape, dataset):
    """The integers of a checkpoint."""
    provenance = {"training": training_command(saved), "epochs": saved["epoch"]}
    if any("," in pair for pair in saved["pairs"].values()):
        # The simulator warns where thresholds meet another geometry.
        hardware = {"ou.rows": saved["gate"]["ou_rows"], "ou.cols": saved["gate"]["ou_cols"]}
        provenance["calibration"] = {"by": "training", "hardware": hardware}
    with torch.no_grad():
        layers = integer_layers(from_checkpoint(saved), image_shape)
    return Network(name=name, image_shape=image_shape, pad_value=[0] * image_shape[0], layers=layers, dataset=dataset,
                   float_top1=saved.get("float_top1"), provenance=provenance)


def share(holds):
    return float(holds.double().mean())


def compare(saved, network, images, labels):
    """(top-1 of the trained network, of its integers, share of images of one class for both, closed shares of both)."""
    classes, open_shares = predict(from_checkpoint(saved), images)
    counts = {}
    with torch.no_grad():
        logits = run(network, images, counts=counts, ou_rows=saved["gate"]["ou_rows"], ou_cols=saved["gate"]["ou_cols"])
    closed = {name: (1 - open_shares[name], count.unread / count.reads) for name, count in counts.items()}
    return share(classes == labels), top1(logits, labels), share(logits.argmax(1) == classes), closed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint")
    parser.add_argument("--data", required=True, help="cifar10:DIR or npz:DIR; gives the test images")
    parser.add_argument("--dataset", help="name that network.json gives the simulator (default: cifar10 or synthetic)")
    parser.add_argument("--out", required=True, help="folder to write; its last part is the network's name")
    parser.add_argument("--images", type=int, default=1000, help="test images of the comparison; 0 for none")
    options = parser.parse_args()
    saved = load(options.checkpoint)
    if "pairs" not in saved:
        raise SystemExit(f"{options.checkpoint}: no checkpoint of train_dec3.py; float ones go through "
                         "export_integer.py")
    _, (images, labels) = data.load(options.data)
    dataset = options.dataset or data.simulator_name(options.data)
    network = trained_network(saved, os.path.basename(os.path.normpath(options.out)), tuple(images.shape[1:]), dataset)
    if options.images > 0:
        images, labels = images[:options.images], labels[:options.images]
        trained, integer, agree, closed = compare(saved, network, images, labels)
        for name, (before, after) in closed.items():
            print(f"{name}: closed {100 * before:.2f} % in training, {100 * after:.2f} % as integers")
        print(f"{options.out}: top-1 {100 * trained:.2f} % in training, {100 * integer:.2f} % as integers; the same "
              f"class for {100 * agree:.2f} % of {len(images)} test images")
    network_file.save(network, options.out)


if __name__ == "__main__":
    process.run(main)
