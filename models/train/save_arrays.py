#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the weights of a checkpoint as arrays by name, so that later trainings can start from a small file.

    python3 models/train/save_arrays.py CHECKPOINT.pt --out FILE.npz

FILE.npz has one float32 array per parameter and batch norm statistic, and `accuracy`: top-1 on the test images, in percent.
"""
import argparse

import numpy

from checkpoint import load


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    saved = load(arguments.checkpoint)
    arrays = {name: value.float().numpy() for name, value in saved["model"].items() if "num_batches" not in name}
    numpy.savez_compressed(arguments.out, accuracy=numpy.float32(100 * saved["test_top1"]), **arrays)


if __name__ == "__main__":
    main()
