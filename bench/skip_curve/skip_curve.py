#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy, energy and latency over the skip ratio: calibrates a network for several ratios and replays each.

    python3 bench/skip_curve/skip_curve.py NETWORK --dataset cifar10:DIR --out DIR [--images N]

Writes DIR/skip_curve.csv and DIR/skip_curve.svg. Needs Python 3 and matplotlib (Debian: python3-matplotlib). What was run
before, with the same inputs and the same program, is not run again.
"""
import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from replays import fingerprint, pyplot, report_of, run, save_svg, write_csv

SKIPS = (0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.97)
COLUMNS = ("wanted", "skip_ratio", "masked_ratio", "top1", "energy_uj", "latency_ms")


def row_of(wanted, top1, skip, masked, energy_pj, latency_ns):
    return dict(zip(COLUMNS, (wanted, skip, masked, top1, energy_pj * 1e-6, latency_ns * 1e-6)))


def measure(arguments):
    rows = []
    digest = fingerprint(arguments, arguments.network, arguments.images, arguments.calibration_images)
    for skip in SKIPS:
        network = arguments.out / f"network-{skip:g}-{digest}"
        if not network.exists():
            run(arguments.program, "calibrate", arguments.network, "--hardware", arguments.hardware, "--dataset",
                arguments.dataset, "--images", arguments.calibration_images, "--skip", skip, "--out", network)
        totals = report_of(arguments, network, arguments.out / f"run-{skip:g}-{digest}", "--reference-images", 0)
        rows.append(row_of(skip, totals["accuracy"]["top1"], totals["totals"]["skip_ratio"],
                           totals["totals"]["masked_ratio"], totals["totals"]["energy_pj"]["total"],
                           totals["totals"]["latency_ns"]["mean"]))
    # The two ends are baselines of any of the runs; their accuracies need the reference passes.
    ends = report_of(arguments, arguments.out / f"network-{SKIPS[0]:g}-{digest}", arguments.out / f"run-ends-{digest}")
    for skip, name in ((0, "no_skip"), (1, "msb_only")):
        end = ends["baselines"][name]
        rows.append(row_of(skip, end["top1"], skip, skip, end["energy_pj"], end["latency_ns"]))
    return sorted(rows, key=lambda row: row["wanted"])


def plot(rows, title, file):
    figure, (accuracy, energy) = pyplot().subplots(1, 2, figsize=(9, 3.2))
    skipped = [100 * row["skip_ratio"] for row in rows]
    accuracy.plot(skipped, [100 * row["top1"] for row in rows], "o-", color="#0072b2")
    accuracy.set(xlabel="LSB reads skipped (%)", ylabel="top-1 (%)")
    energy.plot(skipped, [row["energy_uj"] for row in rows], "o-", color="#d55e00")
    energy.set(xlabel="LSB reads skipped (%)", ylabel="energy per image (uJ)")
    energy.yaxis.label.set_color("#d55e00")
    energy.set_ylim(bottom=0)
    latency = energy.twinx()
    latency.plot(skipped, [row["latency_ms"] for row in rows], "s--", color="#009e73")
    latency.set_ylabel("latency per image (ms)", color="#009e73")
    latency.set_ylim(bottom=0)
    accuracy.grid(alpha=0.3)
    energy.grid(alpha=0.3)
    save_svg(figure, title, file)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network")
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--hardware", default="tech/chips/ou16-adc5-22nm.json")
    parser.add_argument("--images", type=int, default=10000)
    parser.add_argument("--calibration-images", type=int, default=500)
    parser.add_argument("--program", default="build/release/cimcycle")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows = measure(arguments)
    write_csv(arguments.out / "skip_curve.csv", COLUMNS, rows)
    plot(rows, f"{Path(arguments.network).name}, {arguments.images} images", arguments.out / "skip_curve.svg")


if __name__ == "__main__":
    main()
