#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the weights of a checkpoint as arrays by name, so that later trainings can start from a small file.

    python3 models/train/save_arrays.py CHECKPOINT.pt --out FILE.npz

FILE.npz has one float32 array per parameter and batch norm statistic, and `accuracy`: top-1 on the test images, in percent.
"""
import argparse

import numpy

import process
from checkpoint import load, written_whole


def save(state, top1_percent, path):
    """Writes a float model's state_dict and its accuracy; nothing half-written."""
    arrays = {name: value.float().numpy() for name, value in state.items() if "num_batches" not in name}
    with written_whole(path, "wb") as file:
        numpy.savez_compressed(file, accuracy=numpy.float32(top1_percent), **arrays)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    saved = load(arguments.checkpoint)
    if saved.get("test_top1") is None:
        raise SystemExit(f"{arguments.checkpoint}: not yet tested on the test images; train it to its last epoch")
    save(saved["model"], 100 * saved["test_top1"], arguments.out)


if __name__ == "__main__":
    process.run(main)
