#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy and logits of a network folder, computed without the simulator.

    python3 models/train/evaluate_integer.py FOLDER --data cifar10:DIR [--images N] [--logits FILE.npy]
                                             [--path gated|full|msb|static] [--masks FILE.npz]
                                             [--ou-rows 16] [--ou-cols 16]

The gate works per OU group: row groups of --ou-rows consecutive rows (in the order channel, ky, kx, as mapping.rows =
even maps them) and blocks of --ou-cols outputs. Cells and ADC are ideal.
"""
import argparse

import numpy
import torch

import data
import network_file
import process
from integer_network import GateCount, masks_of, run, top1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--data", required=True, help="cifar10:DIR or npz:DIR")
    parser.add_argument("--images", type=int, help="the first N test images (default: all)")
    parser.add_argument("--logits", help="file for the logits, int64 (images, classes)")
    parser.add_argument("--path", choices=("gated", "full", "msb", "static"), default="gated",
                        help="gated: as the file says; full: all weight bits; msb: the high bits alone; static: "
                             "removed groups instead of gates in layers that have some")
    parser.add_argument("--masks", help="file for the masks, laid out as `cimcycle export masks` does")
    parser.add_argument("--ou-rows", type=int, default=16)
    parser.add_argument("--ou-cols", type=int, default=16)
    arguments = parser.parse_args()

    network = network_file.load(arguments.folder)
    _, (images, labels) = data.load(arguments.data)
    images, labels = images[:arguments.images], labels[:arguments.images]
    counts = {layer.name: GateCount(masks=[] if arguments.masks else None) for layer in network.layers if layer.gated()}
    with torch.no_grad():
        logits = run(network, images, path=arguments.path, ou_rows=arguments.ou_rows, ou_cols=arguments.ou_cols,
                     counts=counts)
    print(f"top-1 {100 * top1(logits, labels):.2f} % of {len(images)} images")
    for name, count in counts.items():
        if count.decisions:
            print(f"{name}: {count.closed} of {count.decisions} gate decisions closed "
                  f"({count.closed / count.decisions:.3f})")
    closed, decisions = (sum(getattr(count, key) for count in counts.values()) for key in ("closed", "decisions"))
    if decisions:
        print(f"masked ratio {closed / decisions:.4f}")
    if arguments.masks:
        numpy.savez(arguments.masks, **masks_of(network, counts))
    if arguments.logits:
        numpy.save(arguments.logits, logits.numpy())


if __name__ == "__main__":
    process.run(main)
