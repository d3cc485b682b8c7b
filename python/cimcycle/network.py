# SPDX-License-Identifier: Apache-2.0
"""Quantized networks."""
from __future__ import annotations

import json
import os
import tempfile
from typing import Any, Mapping, Sequence

import numpy

from . import _cimcycle
from .types import Images, Labels, Path, Progress, as_images, as_labels


class Network:
    """A quantized network: integer weights, integer digital constants, DE-C3 annotations."""

    def __init__(self, handle: Any, source: str) -> None:
        self._handle = handle
        self._source = source
        #: Import from a float ONNX model: signal-to-noise of each layer against float in dB, None where it is exact.
        self.snr_db: dict[str, float | None] = {}
        #: Import: what was left out of the model.
        self.notes: list[str] = []

    @classmethod
    def load(cls, folder: Path) -> "Network":
        """Reads a network folder (docs/formats/network.md), e.g. "models/resnet20-synthetic-dec3-4-4"."""
        return cls(_cimcycle.load_network(os.fspath(folder)), f"Network.load({os.fspath(folder)!r})")

    @classmethod
    def from_onnx(cls, path: Path, calibrate: Images = None, *, labels: Labels = None, images: int | None = None,
                  test_images: int | None = None, pair: tuple[int, int] | None = None,
                  pairs: Mapping[str, tuple[int, int]] | None = None, mean: Sequence[float] = (),
                  std: Sequence[float] = (), closed_share: float | None = None, percentile: float | None = None,
                  threads: int | None = None, progress: Progress | None = None) -> "Network":
        """Imports an ONNX model, as `cimcycle import onnx` does (docs/formats/onnx.md).

        calibrate    images that choose the scales of a float model: pixels, or a dataset, whose training images are
                     used; a model that states its quantization takes none
        labels       of an array, for the accuracy of float and integers (float_top1, provenance)
        images       use the first of them (default: an array's all, of a dataset 128)
        test_images  measure the loss on so many test images (default: as many); an array has no others than its own
        pair, pairs  (hb, lb) of the weights: of all layers but first, last and grouped ones, and of single layers
        mean, std    a model's input is (pixel / 255 - mean) / std, one number or one per channel
        closed_share of split weights: what the error of the high parts alone counts, 0 to 1 (default: 0.7)
        percentile   of activations that are not clipped, 90 to 100 (default: 99.99)
        """
        handle, snr_db, notes = _cimcycle.from_onnx(
            os.fspath(path), as_images(calibrate), as_labels(labels), images, test_images, pair, dict(pairs or {}),
            list(mean), list(std), closed_share, percentile, threads, progress)
        network = cls(handle, f"Network.from_onnx({os.fspath(path)!r})")
        network.snr_db, network.notes = snr_db, notes
        return network

    @classmethod
    def from_torch(cls, module: Any, example_input: Any, calibrate: Images = None, *, opset: int = 13,
                   **options: Any) -> "Network":
        """The same for a PyTorch module, through torch.onnx.export in evaluation mode.

        example_input  a float tensor (1, C, H, W); the options are those of from_onnx
        """
        import torch  # only here: everything else works without PyTorch

        training = module.training
        module.eval()
        try:
            with tempfile.TemporaryDirectory() as folder, torch.no_grad():
                file = os.path.join(folder, f"{type(module).__name__}.onnx")
                torch.onnx.export(module, example_input, file, opset_version=opset)
                network = cls.from_onnx(file, calibrate, **options)
        finally:
            module.train(training)
        network._source = f"Network.from_torch({type(module).__name__})"
        return network

    def save(self, folder: Path) -> None:
        """Writes the network's folder, whole or not at all; the program reads it."""
        self._handle.save(os.fspath(folder))

    @property
    def name(self) -> str:
        return self._handle.name

    @property
    def hash(self) -> str:
        """Of its content, as in reports."""
        return self._handle.hash

    @property
    def dataset(self) -> str:
        """The dataset that it names, empty if none."""
        return self._handle.dataset

    @property
    def image(self) -> tuple[int, int, int]:
        """Channels, height and width of the images that it reads."""
        return self._handle.image

    @property
    def float_top1(self) -> float | None:
        """Accuracy of the float network, where it is known."""
        return self._handle.float_top1

    @property
    def layers(self) -> list[dict[str, Any]]:
        """One row per layer, in order, for pandas: name, kind, inputs, input_shape and output_shape (channels, height,
        width), hb, lb and gate (None without weights), rows (that an output sums over), vectors (input vectors per
        image), macs (multiply-accumulates per image)."""
        return self._handle.layers()

    def weights(self, layer: str) -> "numpy.ndarray":
        """The weights of a layer, int16 (outputs, rows); rows in the order channel, ky, kx."""
        return self._handle.weights(layer)

    def to_dict(self) -> dict[str, Any]:
        """The content of its network.json."""
        return json.loads(self._handle.json())

    def __repr__(self) -> str:
        return self._source
