# SPDX-License-Identifier: Apache-2.0
"""Checkpoints and other results: whole or not at all; checkpoints readable without the device that wrote them."""
import contextlib
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


@contextlib.contextmanager
def written_whole(path, mode="w"):
    """A file open for writing that gets its name when everything is in it."""
    with open(path + ".part", mode, encoding=None if "b" in mode else "utf-8") as file:
        yield file
    os.replace(path + ".part", path)


def save_atomically(state, path):
    with written_whole(path, "wb") as file:
        torch.save(state, file)
