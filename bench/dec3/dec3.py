#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy against energy and latency of every network in a folder: DE-C3 beside static and other dynamic methods.

    python3 bench/dec3/dec3.py --dataset cifar10:DIR --out DIR2 [--models models] [--images N] [--no-plots]

Takes the networks TOPOLOGY-DATASET-METHOD...: METHOD one of static, dec3, teap, mars, pg, DATASET the word before the
colon of --dataset. Writes DIR2/front.csv, front.json and, with matplotlib (Debian: python3-matplotlib), one picture per
topology. What was replayed before, with the same inputs and the same program, is not replayed again. Meaning of the
figures: docs/dec3.md.
"""
import argparse
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from front import MEASURES, add_ratios, plot, table
from replays import fingerprint, report_of, run, write_csv, write_text

METHODS = ("static", "dec3", "teap", "mars", "pg")
ROW_POLICIES = ("all", "skip_zero_groups")
ZERO_WEIGHTS = ("read", "skip")
COLUMNS = ("topology", "network", "method", "mask_known", "row_policy", "zero_weights", "images", "policy_images", "top1",
           "skip_ratio", "masked_ratio", *MEASURES,
           *(f"{ratio}_{measure}" for ratio in ("vs_static8", "vs_best_static") for measure in MEASURES), "best_static")


def networks_in(folder, dataset):
    """(topology, method, folder) of the networks whose names are as expected, by name."""
    pattern = re.compile(rf"(.+)-{re.escape(dataset)}-({'|'.join(METHODS)})[^/]*")
    found = []
    for file in sorted(folder.glob("*/network.json")):
        match = pattern.fullmatch(file.parent.name)
        if match:
            found.append((match[1], match[2], file.parent))
    if not found:
        raise SystemExit(f"{folder}: no network is named TOPOLOGY-{dataset}-METHOD; methods: {', '.join(METHODS)}")
    return found


def gates_of(network):
    """(kind of gate, low bits) of the gated layers."""
    layers = [layer.get("dec3", {}) for layer in json.loads((network / "network.json").read_text())["layers"]]
    return {(dec3["gate"], dec3["lb"]) for dec3 in layers if dec3.get("gate", "none") != "none"}


def has_pruning_gates(network):
    """Gates on whole partial sums (no low bits, no low digits): what they save depends on when the mask is known."""
    return not gates_of(network).isdisjoint({("max", 0), ("mean", 0)})


def chip_changes(network):
    """What the chip needs for the network: adders where gates look at sums of inputs."""
    looks_at_inputs = any(kind == "inputs" for kind, _ in gates_of(network))
    return ("--set", "gate.input_sums=true") if looks_at_inputs else ()


def with_static_masks(arguments, network, folder):
    """The network with the groups that never open on training images removed."""
    if not folder.exists():
        run(arguments.program, "calibrate", network, "--hardware", arguments.hardware, "--dataset", arguments.dataset,
            "--images", arguments.mask_images, "--static-masks", "--quiet", "--out", folder, *chip_changes(network))
    return folder


def composed_table(arguments, topology, networks):
    """File of E(b) of a topology as NeuroSim composes them, from its static 8-bit network; None without one."""
    eight_bits = [network for name, method, network in networks
                  if (name, method) == (topology, "static") and network.name.endswith("-static8")]
    if arguments.no_composer or not eight_bits:
        return None
    digest = fingerprint(arguments, eight_bits[0], arguments.composer_images, hardware=arguments.composer)
    file = arguments.out / "runs" / f"{eight_bits[0].name}-composed-{digest}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        run(arguments.program, "energy-table", eight_bits[0], "--source", "neurosim", "--hardware", arguments.composer,
            "--dataset", arguments.dataset, "--images", arguments.composer_images, "--quiet", "--out", file)
    return file


def replays_of(arguments, network, energy_table):
    """(mask_known, row_policy, zero_weights, report, accuracy report, composed uJ) of every run of one network."""
    digest = fingerprint(arguments, network, arguments.images, arguments.policy_images, arguments.mask_images)
    folder = arguments.out / "runs" / f"{network.name}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    variants = [("", network)]
    if has_pruning_gates(network):
        variants = [("after_read", network), ("static", with_static_masks(arguments, network, folder / "static-masks"))]
    for mask_known, variant in variants:
        mask = ("--set", f"gate.mask_known={mask_known}") if mask_known else ()
        quiet = ("--reference-images", 0, "--quiet", *chip_changes(network), *mask)
        accuracy = report_of(arguments, variant, folder / f"accuracy{mask_known}", *quiet)
        # Which reads are left out changes no sum; a lossy converter, though, may give something for a sum of 0.
        lossless = all(layer["lossless"] in (True, None) for layer in accuracy["layers"])
        images = min(arguments.policy_images, arguments.images) if lossless else arguments.images
        composed_uj = {}
        for zero_weights in ZERO_WEIGHTS:
            composed_uj[zero_weights] = None if energy_table is None else paper_uj(report_of(
                arguments, variant, folder / f"{energy_table.stem}-{zero_weights}{mask_known}", *quiet,
                "--energy-table", energy_table, "--set", f"schedule.zero_weights={zero_weights}", images=images))
        for row_policy in ROW_POLICIES:
            for zero_weights in ZERO_WEIGHTS:
                report = report_of(arguments, variant, folder / f"{row_policy}-{zero_weights}{mask_known}", *quiet, "--set",
                                   f"schedule.row_policy={row_policy}", "--set", f"schedule.zero_weights={zero_weights}",
                                   images=images)
                yield (mask_known, row_policy, zero_weights, report, accuracy if lossless else report,
                       composed_uj[zero_weights])


def paper_uj(report):
    return report["totals"]["paper_energy_pj"] * 1e-6


def rows_of(arguments, topology, method, network, energy_table):
    for mask_known, row_policy, zero_weights, report, accuracy, composed_uj in replays_of(arguments, network, energy_table):
        totals = report["totals"]
        oracle_pj = report["baselines"]["oracle"]["energy_pj"]  # none without gates: there is nothing to know
        yield {"topology": topology, "network": network.name, "method": method, "mask_known": mask_known,
               "row_policy": row_policy, "zero_weights": zero_weights, "images": accuracy["dataset"]["images"],
               "policy_images": report["dataset"]["images"], "top1": accuracy["accuracy"]["top1"],
               "skip_ratio": totals["skip_ratio"], "masked_ratio": totals["masked_ratio"],
               "paper_uj": paper_uj(report), "composed_uj": composed_uj, "energy_uj": totals["energy_pj"]["total"] * 1e-6,
               "oracle_uj": (totals["energy_pj"]["total"] if oracle_pj is None else oracle_pj) * 1e-6,
               "latency_ms": totals["latency_ns"]["mean"] * 1e-6}


def arguments_of_command_line():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", required=True, help="as for cimcycle run, such as cifar10:DIR")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--models", type=Path, default=Path("models"), help="folder of network folders")
    parser.add_argument("--hardware", default="tech/chips/ou16-adc5-22nm.json")
    parser.add_argument("--images", type=int, default=10000, help="of the accuracy (default: 10000)")
    parser.add_argument("--policy-images", type=int, default=500, help="of energy and latency (default: 500)")
    parser.add_argument("--mask-images", type=int, default=2000, help="training images of static masks (default: 2000)")
    parser.add_argument("--composer", default="tech/chips/neurosim-1.3-ou16.json",
                        help="chip whose energies NeuroSim's composition gives to the paper's accounting")
    parser.add_argument("--composer-images", type=int, default=8, help="training images of those energies (default: 8)")
    parser.add_argument("--no-composer", action="store_true", help="leave those energies out")
    parser.add_argument("--no-plots", action="store_true")
    parser.add_argument("--program", default="build/release/cimcycle")
    return parser.parse_args()


def main():
    arguments = arguments_of_command_line()
    rows = []
    networks = networks_in(arguments.models, arguments.dataset.partition(":")[0])
    for topology, method, network in networks:
        print(f"{network.name} ...", file=sys.stderr)
        rows += rows_of(arguments, topology, method, network, composed_table(arguments, topology, networks))
    add_ratios(rows)
    write_csv(arguments.out / "front.csv", COLUMNS, rows)
    content = {"dataset": arguments.dataset.partition(":")[0], "hardware": Path(arguments.hardware).name, "rows": rows}
    write_text(arguments.out / "front.json", json.dumps(content, indent=1) + "\n")
    for topology in sorted({row["topology"] for row in rows}):
        own = [row for row in rows if row["topology"] == topology]
        print(f"\n{topology}\n{table(own)}")
        if not arguments.no_plots:
            plot(own, topology, arguments.out / f"{topology}.svg")


if __name__ == "__main__":
    main()
