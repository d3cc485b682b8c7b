# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: whole or not at all, and readable without the device that wrote them."""
import os

import torch


def load(path):
    """A checkpoint with its tensors in main memory, whichever device they were on."""
    return torch.load(path, map_location="cpu")


def save_atomically(state, path):
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)
