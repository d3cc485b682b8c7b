#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What ADC bits, OU rows and cell bits do to four networks: tables and a picture of a finished sweep.

    cimcycle sweep docs/examples/resnet20-cifar10.sweep.json --out SWEEP
    cimcycle report SWEEP --out REPORT
    python3 bench/explore/adc_ou_cells.py REPORT/points.csv --out REPORT

Prints a table per network and writes REPORT/adc_ou_cells.svg. Needs Python 3 and matplotlib (Debian: python3-matplotlib).
"""
import argparse
import csv
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from replays import pyplot, save_svg  # noqa: E402

COLOURS = ("#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00")
MARKERS = ("v", "s", "o")


def load(file):
    """{(network, skip): {(ou rows, cell bits, adc bits): (top-1 in %, energy in uJ)}}"""
    networks = {}
    with open(file, newline="") as lines:
        for row in csv.DictReader(lines):
            if row["status"] != "done":
                continue
            point = tuple(int(row[key]) for key in ("ou.rows", "cell.bits", "adc.bits"))
            figures = 100 * float(row["top1"]), float(row["energy_pj"]) * 1e-6
            networks.setdefault((Path(row["network"]).name, float(row["network.skip"])), {})[point] = figures
    return networks


def title(network, skip):
    return network if skip == 0 else f"{network}, {100 * skip:.0f} % skipped"


def values(points, place):
    return sorted({point[place] for point in points})


def print_table(network, skip, points):
    columns = [(cell, adc) for cell in values(points, 1) for adc in values(points, 2)]
    print(f"\n{title(network, skip)}\n")
    print("| OU rows | " + " | ".join(f"{cell}-bit cells, {adc}-bit ADC" for cell, adc in columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for rows in values(points, 0):
        cells = [points.get((rows, *column)) for column in columns]
        print(f"| {rows} | " + " | ".join("-" if cell is None else f"{cell[0]:.1f} %, {cell[1]:.1f} uJ" for cell in cells) + " |")


def plot(networks, file):
    figure, axes = pyplot().subplots(2, 2, figsize=(9, 6), sharex=True, sharey=True)
    for panel, ((network, skip), points) in zip(axes.flat, sorted(networks.items(), reverse=True)):
        for point, (top1, energy_uj) in points.items():
            rows, cell, adc = (values(points, place).index(point[place]) for place in range(3))
            panel.plot(energy_uj, top1, MARKERS[adc], color=COLOURS[rows], fillstyle="none" if cell == 0 else "full", markersize=6)
        panel.set_title(title(network, skip), fontsize=9)
        panel.set_xscale("log")
        panel.grid(alpha=0.3, which="both")
    points = next(iter(networks.values()))
    handles = [axes[0][0].plot([], [], "o", color=COLOURS[i], label=f"{rows} OU rows")[0] for i, rows in enumerate(values(points, 0))]
    handles += [axes[0][0].plot([], [], MARKERS[i], color="gray", label=f"{adc}-bit ADC")[0] for i, adc in enumerate(values(points, 2))]
    handles += [axes[0][0].plot([], [], "o", color="gray", fillstyle=style, label=f"{cell}-bit cells")[0]
                for style, cell in zip(("none", "full"), values(points, 1))]
    axes[0][0].legend(handles=handles, fontsize=7, loc="lower right")
    for panel in axes[1]:
        panel.set_xlabel("energy per image (uJ)")
    for panel in axes[:, 0]:
        panel.set_ylabel("top-1 (%)")
    save_svg(figure, "ADC bits, OU rows and cell bits", file)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("points", type=Path, help="points.csv of cimcycle report")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    networks = load(arguments.points)
    if len(networks) != 4:
        sys.exit(f"{arguments.points}: found {len(networks)} networks, expected the four of docs/examples/resnet20-cifar10.sweep.json")
    for (network, skip), points in sorted(networks.items(), reverse=True):
        print_table(network, skip, points)
    plot(networks, arguments.out / "adc_ou_cells.svg")


if __name__ == "__main__":
    main()
