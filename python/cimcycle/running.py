# SPDX-License-Identifier: Apache-2.0
"""Replays, and energies of static layers."""
from __future__ import annotations

import json
import os
from typing import Any

from . import _cimcycle
from .hardware import Hardware
from .network import Network
from .report import Report
from .types import Images, Labels, Path, Progress, as_images, as_labels


def _call(network: Network, hardware: Hardware, **options: Any) -> str:
    """The call as text, for report.json."""
    texts = [f"{name}={value!r}" for name, value in options.items() if value is not None]
    return f"cimcycle.run({', '.join([repr(network), repr(hardware), *texts])})"


def run(network: Network, hardware: Hardware, images: Images = None, *, labels: Labels = None,
        count: int | None = None, timed_images: int | None = None, reference_images: int | None = None,
        threads: int | None = None, seed: int = 0, out: Path | None = None,
        progress: Progress | None = None) -> Report:
    """Replays a network over images: accuracy, cycles and energy in one pass (`cimcycle run`).

    images            pixels, or a dataset, whose test images are run (default: the dataset that the network names)
    labels            of pixels; without them there is no accuracy
    count             run the first images (default: all)
    timed_images      images that are timed; latency and leakage come from them (default: all)
    reference_images  images of the accuracy passes with ideal ADCs; 0 for none (default: all)
    threads           default: one per core
    out               write report.json, report.html and layers.csv into this folder
    """
    named = images if images is None or isinstance(images, str) else "array"
    out = None if out is None else os.fspath(out)
    command = _call(network, hardware, images=named, count=count, timed_images=timed_images,
                    reference_images=reference_images, threads=threads, seed=seed or None, out=out)
    return Report(_cimcycle.run(network._handle, hardware._handle, as_images(images), as_labels(labels), count,
                                timed_images, reference_images, threads, seed, out, command, progress))


def energy_table(network: Network, hardware: Hardware, images: Images = None, *, count: int | None = None,
                 source: str = "simulated", threads: int | None = None,
                 progress: Progress | None = None) -> dict[str, Any]:
    """E(b): what every layer costs as a static layer of 1 to 8 bits, and what bit-width pairs can save, as
    `cimcycle energy-table` writes it (docs/formats/energy-table.md).

    images  pixels, or a dataset, whose training images are used (default: the dataset that the network names)
    count   use the first images (default: 32)
    source  who computes the energies: "simulated" or "neurosim"
    """
    return json.loads(_cimcycle.energy_table(network._handle, hardware._handle, as_images(images), count, threads,
                                             source, progress))
