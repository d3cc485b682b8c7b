# SPDX-License-Identifier: Apache-2.0
"""The two networks as lists of layers, shared by training, energy and export, and their float starts.

Names of layers are those of network.json. Every convolution is followed by batch norm (`norm`) and, after a residual if
it has one, by ReLU; so is a linear layer with `norm`. The last layer gives the logits.
"""
import zipfile
from dataclasses import dataclass
from typing import Optional

import numpy
import torch

from checkpoint import load
from integer_network import IMAGE
from resnet import ResNet20, Shortcut
from vgg import VGG8

NETWORKS = {"resnet20": ResNet20, "vgg8": VGG8}


@dataclass
class LayerSpec:
    name: str
    kind: str  # conv, linear, max_pool, average_pool
    input: str
    module: Optional[torch.nn.Module] = None  # float layer that holds the weights
    norm: Optional[torch.nn.Module] = None
    source: Optional[str] = None  # of the residual
    shortcut: Optional[Shortcut] = None
    window: int = 0  # of max pooling; average pooling takes everything

    def has_weights(self):
        return self.module is not None


def layers_of(model):
    return _resnet_layers(model) if isinstance(model, ResNet20) else _vgg_layers(model)


def _resnet_layers(model):
    layers = [LayerSpec("conv", "conv", IMAGE, model.conv, model.bn)]
    for index, block in enumerate(model.blocks):
        source = layers[-1].name
        for number in (1, 2):
            layers.append(LayerSpec(f"block{index + 1}.conv{number}", "conv", layers[-1].name,
                                    getattr(block, f"conv{number}"), getattr(block, f"bn{number}")))
        layers[-1].source, layers[-1].shortcut = source, block.shortcut
    layers.append(LayerSpec("pool", "average_pool", layers[-1].name))
    return layers + [LayerSpec("fc", "linear", "pool", model.fc)]


def _vgg_layers(model):
    layers = []
    for index, (conv, norm) in enumerate(zip(model.conv, model.bn)):
        layers.append(LayerSpec(f"conv{index + 1}", "conv", layers[-1].name if layers else IMAGE, conv, norm))
        if index % 2 == 1:
            layers.append(LayerSpec(f"pool{index // 2 + 1}", "max_pool", layers[-1].name, window=2))
    layers.append(LayerSpec("fc1", "linear", layers[-1].name, model.fc1, model.bn7))
    return layers + [LayerSpec("fc2", "linear", "fc1", model.fc2)]


def load_float(network, path):
    """A float network from a checkpoint of train_float.py (.pt) or from arrays by name (.npz)."""
    model = NETWORKS[network]()
    if path.endswith(".npz"):
        try:
            with numpy.load(path) as arrays:
                state = {name: torch.from_numpy(arrays[name].astype(numpy.float32)) for name in arrays.files
                         if name != "accuracy"}
        except (ValueError, zipfile.BadZipFile) as error:
            raise SystemExit(f"{path}: no arrays by name ({error})") from None
        missing = [name for name in model.state_dict() if name not in state and "num_batches" not in name]
        if missing:
            raise SystemExit(f"{path}: no array {missing[0]}")
        model.load_state_dict(state, strict=False)
    else:
        saved = load(path)
        found = saved.get("arguments", {}).get("network", network)
        if found != network:
            raise SystemExit(f"{path}: a {found}, not a {network}")
        model.load_state_dict(saved["model"])
    return model.eval()

