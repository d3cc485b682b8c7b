# SPDX-License-Identifier: Apache-2.0
"""Training and test images as uint8 tensors, and the augmentation that the recipes share.

Two sources, told apart by their prefix as on cimcycle's command line:
  cifar10:DIR   CIFAR-10 in its binary format (data_batch_1..5.bin, test_batch.bin)
  npz:DIR       DIR/train.npz and DIR/test.npz with arrays images (N, C, H, W) uint8 and labels (N,) uint8,
                as `cimcycle dataset` writes them
"""
import os
import zipfile

import numpy
import torch

CIFAR_RECORD_BYTES = 1 + 3 * 32 * 32


def _cifar10_split(folder, names):
    records = []
    for name in names:
        path = os.path.join(folder, name)
        raw = numpy.fromfile(path, dtype=numpy.uint8)
        if raw.size == 0 or raw.size % CIFAR_RECORD_BYTES:
            raise SystemExit(f"{path}: {raw.size} bytes; expected a multiple of {CIFAR_RECORD_BYTES}")
        records.append(raw.reshape(-1, CIFAR_RECORD_BYTES))
    rows = numpy.concatenate(records)
    return torch.from_numpy(rows[:, 1:].reshape(-1, 3, 32, 32).copy()), torch.from_numpy(rows[:, 0].astype(numpy.int64))


def _npz_split(path):
    try:
        with numpy.load(path) as arrays:
            return torch.from_numpy(arrays["images"]), torch.from_numpy(arrays["labels"].astype(numpy.int64))
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise SystemExit(f"{path}: {str(error.args[0])}; expected an npz file with arrays images and labels") from None


def simulator_name(source):
    """The dataset's name in network.json for images from `source`."""
    return "cifar10" if source.startswith("cifar10:") else "synthetic"


def load(source):
    """Returns ((train images, train labels), (test images, test labels)); images uint8 (N, 3, 32, 32)."""
    kind, _, folder = source.partition(":")
    if kind == "cifar10":
        train = _cifar10_split(folder, [f"data_batch_{i}.bin" for i in range(1, 6)])
        return train, _cifar10_split(folder, ["test_batch.bin"])
    if kind == "npz":
        return _npz_split(os.path.join(folder, "train.npz")), _npz_split(os.path.join(folder, "test.npz"))
    raise SystemExit(f"{source}: unknown dataset; known: cifar10:DIR, npz:DIR")


def to_float(images):
    """uint8 pixels as the network sees them: pixel / 255, no mean subtracted (so that padding is an exact 0)."""
    return images.float().div_(255.0)


def augment(images, generator, flip, pad=4):
    """Random crop from a zero-padded image and, if `flip`, a mirror image with probability 1/2; one draw per image.

    The generator is the processor's, so that all devices see the same crops.
    """
    count, _, height, width = images.shape
    padded = torch.nn.functional.pad(images, (pad, pad, pad, pad))
    rows = torch.randint(0, 2 * pad + 1, (count,), generator=generator)
    columns = torch.randint(0, 2 * pad + 1, (count,), generator=generator)
    mirrored = torch.rand(count, generator=generator) < 0.5 if flip else torch.zeros(count, dtype=torch.bool)
    row_index = rows[:, None] + torch.arange(height)
    forward = torch.arange(width).expand(count, width)
    column_index = columns[:, None] + torch.where(mirrored[:, None], width - 1 - forward, forward)
    places = [torch.arange(count)[:, None, None], row_index[:, :, None], column_index[:, None, :]]
    places = [place.to(images.device) for place in places]
    return padded.permute(0, 2, 3, 1)[places[0], places[1], places[2]].permute(0, 3, 1, 2)
