# SPDX-License-Identifier: Apache-2.0
"""Datasets as arrays."""
from __future__ import annotations

import numpy

from . import _cimcycle
from .types import Path


def load_images(dataset: str, split: str = "test", count: int | None = None) -> "tuple[numpy.ndarray, numpy.ndarray]":
    """The first images of a dataset, by its name on the command line ("synthetic", "cifar10:DIR", ...).

    Returns pixels, uint8 (N, C, H, W), and labels, int64 (N,).
    """
    if split not in ("train", "test"):
        raise _cimcycle.InputError(f'split = "{split}": expected "train" or "test"')
    return _cimcycle.load_images(dataset, split == "test", count)
