# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: whole or not at all, and readable without the device that wrote them."""
import os
import pickle

import torch


def load(path):
    """A checkpoint with its tensors in main memory, whichever device they were on."""
    try:
        saved = torch.load(path, map_location="cpu")
    except (pickle.UnpicklingError, EOFError, RuntimeError, ValueError, KeyError) as error:
        raise SystemExit(f"{path}: no checkpoint that can be read ({str(error).splitlines()[0]})") from None
    if not isinstance(saved, dict) or "model" not in saved:
        raise SystemExit(f"{path}: no checkpoint of these programs: it holds no model")
    return saved


def save_atomically(state, path):
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)
