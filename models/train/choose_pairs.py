#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Chooses a pair for every layer, greedy on damage per pJ saved, and writes the file that train_dec3.py --pairs takes.

    python3 models/train/choose_pairs.py --network resnet20 --start FLOAT.pt --data cifar10:DIR
        --energy-table TABLE.json --saving 2.3 --out PAIRS.json [--candidates "6 4 4,4 2,2 2,0"]
        [--closed-share 0.6] [--images 256] [--per-weight]

Damage stands for accuracy lost, as in docs/models/calibration.md: mean squared change of the centred logits on
training images, over their mean square, when this layer alone has the pair and all others 8 bits, with
`--closed-share` of its gates closed. Unlike an accuracy it is smooth and never negative, and small damages of several
layers add up. No weights are trained; batch norm takes the statistics of these images, because training would repair
them first. Energy: the paper's accounting. From 8 bits everywhere, the cheapest move (least damage per pJ) is made
until the whole network costs 1 / `--saving` of static 8 bits. With `--per-weight` damage counts per weight of the
layer, as HAWQ divides a layer's curvature (Dong et al., ICCV 2019, arXiv 1905.03696): training repairs a layer of many
weights better.
"""
import argparse
import json
import os
from dataclasses import dataclass

import torch

import data
import gated_kernel
import process
from checkpoint import written_whole
from dec3_layers import GateSettings
from energy import EnergyTable
from quantized_network import QuantizedNetwork, image_values, parse_pair
from topology import NETWORKS, load_float

START = "8"


@dataclass(frozen=True)
class Choice:
    pair: str
    energy_pj: float
    damage: float
    weights: int = 1  # that the damage is divided by

    @property
    def cost(self):
        return self.damage / self.weights


def greedy(choices, spare_pj):
    """Moves [(layer, choice)] from the first choice of each layer that save at least spare_pj, cheapest first.

    choices: by layer. A layer may move more than once, and only to choices of less energy. Fewer moves come back if all
    layers are at their end.
    """
    current = {layer: options[0] for layer, options in choices.items()}
    moves, saved = [], 0.0
    while saved < spare_pj:
        possible = []
        for layer, options in choices.items():
            for option in options:
                saving = current[layer].energy_pj - option.energy_pj
                if saving > 0:
                    possible.append(((option.cost - current[layer].cost) / saving, layer, option))
        if not possible:
            break
        _, layer, option = min(possible, key=lambda move: (move[0], move[1], move[2].pair))
        saved += current[layer].energy_pj - option.energy_pj
        current[layer] = option
        moves.append((layer, option))
    return moves


def centred(logits):
    return logits - logits.mean(1, keepdim=True)


class Measurement:
    """Logits of a network of 8 bits in which some layers have other pairs."""

    def __init__(self, options, images, labels):
        self.labels, self.closed_share = labels, options.closed_share
        gate = GateSettings(options.gate_kind)
        self.network = QuantizedNetwork(load_float(options.network, options.start), {}, gate, options.activation_bits)
        self.network.use_batch_statistics()
        self.network.start(images)
        self.values = image_values(images)
        self.start = self.logits(self.values)  # leaves what every layer gives

    def logits(self, values, first=None, gates=()):
        with torch.no_grad():
            return self.network.run(values, first, started_gates=gates, closed_share=self.closed_share)

    def with_pairs(self, pairs):
        """Logits when these layers have these pairs."""
        for name, pair in pairs.items():
            self.network.set_pair(name, pair)
        first = next(name for name in self.network.inner() if name in pairs)
        result = self.logits(dict(self.values), first, set(pairs))
        for name in pairs:
            self.network.set_pair(name, START)
        return result

    def damage(self, logits):
        return float((centred(logits - self.start) ** 2).sum() / (centred(self.start) ** 2).sum())

    def top1(self, logits):
        return float((logits.argmax(1) == self.labels).double().mean())


def energies(network, table, candidates, open_share):
    """{layer: {pair: pJ}}, 8 bits first."""
    return {name: {pair: table.pair_pj(name, *parse_pair(pair), open_share) for pair in (START, *candidates)}
            for name in network.inner()}


def measure(measurement, energies_pj, per_weight):
    """Choices by layer, 8 bits first."""
    choices = {}
    for name, row in energies_pj.items():
        weights = measurement.network.layer(name).weight.numel() if per_weight else 1
        choices[name] = [Choice(pair, energy, 0.0 if pair == START
                                else measurement.damage(measurement.with_pairs({name: pair})), weights)
                         for pair, energy in row.items()]
        print(f"{name}: " + "  ".join(f"{choice.pair} {choice.energy_pj / 1e6:.3f} uJ {choice.damage:.1e}"
                                      for choice in choices[name]), flush=True)
    return choices


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=sorted(NETWORKS), required=True)
    parser.add_argument("--start", required=True, help="float network (.pt, .npz)")
    parser.add_argument("--data", required=True, help="cifar10:DIR or npz:DIR; gives the training images")
    parser.add_argument("--energy-table", required=True, help="written by cimcycle energy-table --out")
    parser.add_argument("--saving", type=float, required=True, help="how many times less energy than static 8 bits")
    parser.add_argument("--out", required=True, help="file to write: pair by layer name")
    parser.add_argument("--candidates", default="6 4 3 4,4 4,2 2,4 2,2 2,1 4,0 2,0", help="pairs, with spaces between")
    parser.add_argument("--closed-share", type=float, default=0.6,
                        help="gates that training is expected to close, 0 to 1")
    parser.add_argument("--per-weight", action="store_true", help="divide a layer's damage by its number of weights")
    parser.add_argument("--gate-kind", choices=gated_kernel.GATES, default="max")
    parser.add_argument("--activation-bits", type=int, default=8)
    parser.add_argument("--images", type=int, default=256, help="training images to measure with")
    parser.add_argument("--seed", type=int, default=1, help="which training images")
    options = parser.parse_args()
    if not 0 <= options.closed_share < 1:
        parser.error(f"--closed-share {options.closed_share}: expected 0 to less than 1")
    if options.saving <= 1:
        parser.error(f"--saving {options.saving}: expected more than 1")
    candidates = [pair for pair in options.candidates.split() if parse_pair(pair)]
    process.keep_freed_memory()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    (images, labels), _ = data.load(options.data)
    chosen = torch.randperm(len(images), generator=torch.Generator().manual_seed(options.seed))[:options.images]
    measurement = Measurement(options, images[chosen], labels[chosen])
    table = EnergyTable(options.energy_table)
    table.check(measurement.network)
    energies_pj = energies(measurement.network, table, candidates, 1 - options.closed_share)
    spare = table.static8_pj - table.static8_pj / options.saving
    most = sum(row[START] - min(row.values()) for row in energies_pj.values())
    if most < spare:
        raise SystemExit(f"--saving {options.saving}: with these candidates and closed gates "
                         f"{table.static8_pj / (table.static8_pj - most):.2f} is the most")
    choices = measure(measurement, energies_pj, options.per_weight)
    moves = greedy(choices, spare)
    pairs = {name: START for name in choices}
    pairs.update((name, choice.pair) for name, choice in moves)
    saved = sum(choices[name][0].energy_pj - choice.energy_pj for name, choice in dict(moves).items())
    predicted = sum(choice.damage for choice in dict(moves).values())
    logits = measurement.with_pairs(pairs)
    print(f"{table.static8_pj / (table.static8_pj - saved):.2f}x less energy than static 8 bits; before any training: "
          f"damage {predicted:.1e} by the sum of the layers, {measurement.damage(logits):.1e} measured; top-1 "
          f"{100 * measurement.top1(measurement.start):.1f} % with 8 bits, {100 * measurement.top1(logits):.1f} % with "
          "these pairs")
    with written_whole(options.out) as file:
        file.write(json.dumps(pairs, indent=2) + "\n")


if __name__ == "__main__":
    process.run(main)
