# SPDX-License-Identifier: Apache-2.0
"""Sweeps over chips and networks."""
from __future__ import annotations

import json
import os
import tempfile
from typing import Any, Mapping

from . import _cimcycle
from .types import Path, Progress, plain

FORMAT = "cimcycle-sweep-1"


def _row(point: dict[str, Any]) -> dict[str, Any]:
    return {**point["parameters"], **(point["metrics"] or {}), "status": point["status"], "error": point["error"],
            "hash": point["hash"]}


def sweep(spec: Path | Mapping[str, Any], out: Path | None = None, *, resume: bool = False,
          threads: int | None = None, progress: Progress | None = None) -> list[dict[str, Any]]:
    """Runs every point of a sweep (`cimcycle sweep`, docs/formats/sweep.md); one row per point, in the order of
    the sweep (the first axis changes slowest), for pandas.

    spec  a sweep file, or its content as a dictionary: "format" may be left out, and names of files are relative to
          where Python runs
    out   folder of the results, which `cimcycle report` shows; with `resume`, points that are there are not run again
          (default: a temporary one)

    A row holds the keys of the axes ("adc.bits"), the figures ("top1", "energy_pj", "latency_ns", ...;
    missing unless the point is done), status ("done", "invalid", "stopped", "failed"), error and hash.
    """
    is_file = isinstance(spec, (str, os.PathLike))
    name = os.fspath(spec) if is_file else "sweep"
    content = "" if is_file else json.dumps({"format": FORMAT, **spec}, default=plain)
    with tempfile.TemporaryDirectory() as folder:
        place = folder if out is None else os.fspath(out)
        return [_row(point) for point in
                json.loads(_cimcycle.sweep(name, content, place, resume, threads, progress))]
