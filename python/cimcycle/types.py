# SPDX-License-Identifier: Apache-2.0
"""Types that several functions share."""
from __future__ import annotations

import os
from typing import Any, Callable, Union

Path = Union[str, "os.PathLike[str]"]

#: uint8 pixels (N, C, H, W) or (N, H, W, C), whichever fits the network (a contiguous NumPy array is read where it is,
#: others are copied once), or the name of a dataset as on the command line ("synthetic", "cifar10:DIR", "npz:FILE").
Images = Any

#: One integer per image.
Labels = Any

#: Called from the thread that called, about ten times a second and at the end: done, of how many, what is running
#: ("replay", "reference", "calibrate ..."). Whatever it raises ends the work and is raised.
Progress = Callable[[int, int, str], object]


def as_images(images: Images) -> Any:
    """What the extension takes: None, a text or something that NumPy can read."""
    if images is None or isinstance(images, str):
        return images
    if isinstance(images, os.PathLike):
        return os.fspath(images)
    if hasattr(images, "detach"):  # a tensor of PyTorch
        return images.detach().cpu().numpy()
    return images


def as_labels(labels: Labels) -> Any:
    return labels.detach().cpu().numpy() if hasattr(labels, "detach") else labels


def plain(value: Any) -> Any:
    """Numbers and arrays of NumPy as Python's own, for JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{value!r} has no place in JSON")
