# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: whole or not at all."""
import os

import torch


def save_atomically(state, path):
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)
