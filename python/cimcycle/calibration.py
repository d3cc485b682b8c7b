# SPDX-License-Identifier: Apache-2.0
"""Thresholds, ADC steps and static masks for a chip."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from . import _cimcycle
from .hardware import Hardware
from .network import Network
from .types import Images, Labels, Progress, as_images, as_labels


@dataclass
class Calibration:
    """What a calibration found."""

    network: Network
    """The network with its new thresholds, steps and masks."""
    masked_ratio: float | None = None
    """Closed / all gate decisions on the calibration images; None, as the next two, if no thresholds were chosen."""
    top1_gated: float | None = None
    top1_ungated: float | None = None
    layers: list[dict[str, Any]] = field(default_factory=list)
    """One row per gated layer: name, threshold, closed_share (measured with all gates working), damage (predicted mean
    squared change of the logits, relative to their variance)."""


def calibrate(network: Network, hardware: Hardware, images: Images = None, *, labels: Labels = None,
              count: int | None = None, skip: float | None = None, accuracy_loss_points: float | None = None,
              equal_shares: bool = False, gate: str | None = None, adc: bool = False, static_masks: bool = False,
              threads: int | None = None, progress: Progress | None = None) -> Calibration:
    """Chooses what a network needs for one chip, from training images (`cimcycle calibrate`, docs/models/calibration.md).

    images                pixels with labels, or a dataset, whose training images are used (default: the network's own)
    count                 use the first images (of pixels: all by default)
    skip                  close this share of the gate decisions, 0 to 1
    accuracy_loss_points  or: close as many as cost this accuracy, in percentage points
    equal_shares          the same share in every gated layer, not the cheapest ones: the choice by hand
    gate                  first add gates of this kind (max, mean, inputs) to layers that have none, but the first and last
    adc                   choose the steps of adc.transfer = calibrated
    static_masks          record the OU groups that never open (lb = 0), thresholds as they are
    """
    handle, outcome, layers = _cimcycle.calibrate(network._handle, hardware._handle, as_images(images),
                                                  as_labels(labels), count, skip, accuracy_loss_points, equal_shares,
                                                  gate, adc, static_masks, threads, progress)
    return Calibration(Network(handle, f"calibrate({network!r}).network"), layers=layers, **outcome)
