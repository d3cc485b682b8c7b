# SPDX-License-Identifier: Apache-2.0
"""What a run measured."""
from __future__ import annotations

import json
import os
from typing import Any

import numpy

from . import _cimcycle
from .types import Path


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            row.update(_flat(value, f"{prefix}{key}."))
        else:
            row[prefix + key] = value
    return row


class Report:
    """The result of a run. Energies are pJ, times ns and cycles clock cycles, all per image; shares are 0 to 1. What was
    not measured is None. print(report) shows what the program prints."""

    def __init__(self, handle: "_cimcycle.Result") -> None:
        self._handle = handle
        self._content: dict[str, Any] = json.loads(handle.json())

    def to_dict(self) -> dict[str, Any]:
        """The content of report.json (docs/formats/report.md)."""
        return json.loads(self._handle.json())

    def save(self, folder: Path) -> None:
        """Writes report.json, report.html and layers.csv into a folder."""
        self._handle.save(os.fspath(folder))

    @property
    def top1(self) -> float | None:
        """Share of images whose top class is their label."""
        return self._content["accuracy"]["top1"]

    @property
    def ideal_adc_top1(self) -> float | None:
        """The same with an ideal ADC and the same gates."""
        return self._content["accuracy"]["ideal_adc_top1"]

    @property
    def ungated_top1(self) -> float | None:
        """The same with an ideal ADC and everything read: the integer network."""
        return self._content["accuracy"]["ungated_top1"]

    @property
    def agreement(self) -> float | None:
        """Share of images whose logits all equal those with an ideal ADC."""
        return self._content["accuracy"]["agreement"]

    @property
    def energy_pj(self) -> float:
        """Energy of an image, leakage included."""
        return self._content["totals"]["energy_pj"]["total"]

    @property
    def energy_parts_pj(self) -> dict[str, float]:
        """The same by component: {"adc": ..., "leakage": ...}."""
        return {name: value for name, value in self._content["totals"]["energy_pj"].items() if name != "total"}

    @property
    def latency_ns(self) -> float | None:
        """Mean over the timed images."""
        spread = self._content["totals"]["latency_ns"]
        return spread["mean"] if spread else None

    @property
    def cycles(self) -> float | None:
        """Mean over the timed images."""
        spread = self._content["totals"]["cycles"]
        return spread["mean"] if spread else None

    @property
    def skip_ratio(self) -> float | None:
        """LSB reads that were not issued because of a gate / LSB reads possible; None without gates."""
        return self._content["totals"]["skip_ratio"]

    @property
    def layers(self) -> list[dict[str, Any]]:
        """One row per layer, in order, for pandas.DataFrame: the keys of report.json, inner ones joined by a dot
        ("energy_pj.adc", "ou_reads.lsb")."""
        return [_flat(layer) for layer in self._content["layers"]]

    @property
    def logits(self) -> "numpy.ndarray | None":
        """int64 (images, classes); None for recorded layer inputs."""
        return self._handle.logits()

    @property
    def warnings(self) -> list[str]:
        return list(self._content["warnings"])

    def __str__(self) -> str:
        return self._handle.text()

    def __repr__(self) -> str:
        network, dataset = self._content["network"]["name"], self._content["dataset"]
        return f"<Report of {network}: {dataset['images']} images of {dataset['name']}>"
