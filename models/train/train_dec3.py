#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a quantized network, gated layer by layer as its pairs say, with the energy of the chip in its loss.

    python3 models/train/train_dec3.py --network resnet20 --data cifar10:DIR --start FLOAT.pt --energy-table TABLE.json
        --pair 4,4 --alpha 1e-8 --recipe short --out FILE.pt [--pairs FILE.json] [--result FILE.json]

Loss: cross entropy + alpha x sum over layers with masks of E_l + (E_h - E_l)(1 - spar), in pJ per image. A pair "4,4"
is gated, "8" is static. --method names a rival of the gates for static layers (rivals.py). --start takes a float
network (.pt of train_float.py, .npz) or an earlier stage of this program. A checkpoint is written after every epoch,
and the same command goes on from it.
"""
import argparse
import functools
import json
import math
import os
import time

import numpy
import torch

import data
import gated_kernel
import process
import rivals
from checkpoint import load, save_atomically, written_whole
from dec3_layers import START_SHARE, GateSettings
from energy import EnergyTable
from quantized_network import QuantizedNetwork, take_over
from topology import NETWORKS, layers_of, load_float

# The paper's: SGD, 0.1, batch 128, 100 epochs, x 0.1 at 50 and 75. Short: from a float start or an earlier stage.
RECIPES = {"paper": {"epochs": 100, "lr": 0.1}, "short": {"epochs": 8, "lr": 0.02}}

# Least and largest values of the options; activations are stored in bytes.
RANGES = {"alpha": (0, math.inf), "lasso": (0, math.inf), "cut": (0, math.inf), "target": (-math.inf, math.inf),
          "epochs": (1, math.inf), "lr": (1e-12, math.inf), "warm_up": (0, 1), "batch": (1, math.inf),
          "weight_decay": (0, math.inf), "activation_bits": (1, 8), "closed_share": (0, 0.999),
          "threshold_rate": (0, math.inf), "images": (1, math.inf), "epoch_images": (1, math.inf)}

# Options that may differ when a training goes on from its checkpoint.
NOT_THE_TRAINING = {"device", "out", "result"}


def learning_rate(recipe, peak, progress):
    """progress: finished share of the training, 0 to 1."""
    if recipe == "paper":
        return peak * 0.1 ** ((progress >= 0.5) + (progress >= 0.75))
    return 0.5 * peak * (1 + math.cos(math.pi * progress))


def parameter_groups(network, weight_decay, threshold_rate):
    groups = {"weights": [], "thresholds": [], "others": []}
    for name, parameter in network.named_parameters():
        kind = "thresholds" if name.endswith(".position") else "weights" if parameter.dim() > 1 else "others"
        groups[kind].append(parameter)
    return [{"params": groups["weights"], "weight_decay": weight_decay, "rate": 1.0},
            {"params": groups["thresholds"], "weight_decay": 0.0, "rate": threshold_rate},
            {"params": groups["others"], "weight_decay": 0.0, "rate": 1.0}]


def predict(network, images, batch=250):
    """(class of every image, open share by masked layer)."""
    network.eval()
    device = next(network.parameters()).device
    classes, shares = [], {name: 0.0 for name, _ in network.masked()}
    with torch.no_grad():
        for start in range(0, len(images), batch):
            chosen = images[start:start + batch].to(device)
            classes.append(network(chosen).argmax(1).cpu())
            for name, layer in network.masked():
                shares[name] += float(layer.open_share) * len(chosen) / len(images)
    return torch.cat(classes), shares


def evaluate(network, images, labels):
    """(top-1, open share by masked layer)."""
    classes, shares = predict(network, images)
    return float((classes == labels).double().mean()), shares


class Training:
    def __init__(self, options, images):
        self.options = options
        self.table = EnergyTable(options.energy_table)
        self.network = build(options, images)
        self.table.check(self.network)
        self.generator = torch.Generator().manual_seed(options.seed)
        self.optimizer = torch.optim.SGD(parameter_groups(self.network, options.weight_decay, options.threshold_rate),
                                         lr=options.lr, momentum=0.9, nesterov=True)
        self.epoch = 0
        self.float_top1 = float_top1(options.start)
        if os.path.exists(options.out):
            self.resume(load(options.out))

    def resume(self, saved):
        if "arguments" not in saved or "pairs" not in saved:
            raise SystemExit(f"{self.options.out}: no checkpoint of this program; name another --out")
        command = command_of(self.options)
        for key, value in saved["arguments"].items():
            if key not in NOT_THE_TRAINING and command.get(key, value) != value:
                raise SystemExit(f"{self.options.out}: trained with --{key.replace('_', '-')} {value}, not "
                                 f"{command[key]}; name another --out")
        if saved["pairs"] != self.network.pairs:
            raise SystemExit(f"{self.options.out}: trained with other pairs; name another --out")
        self.network.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.generator.set_state(saved["generator"])
        self.epoch = saved["epoch"]
        print(f"resumed {self.options.out} after epoch {self.epoch}", flush=True)

    def save(self):
        gate = self.options.gate
        save_atomically({"network": self.options.network, "pairs": self.network.pairs,
                         "gate": {"kind": gate.kind, "ou_rows": gate.ou_rows, "ou_cols": gate.ou_cols,
                                  "reaches_sums": gate.reaches_sums},
                         "rival": vars(self.options.rival) if self.options.rival else None,
                         "activation_bits": self.options.activation_bits, "model": self.network.state_dict(),
                         "optimizer": self.optimizer.state_dict(), "generator": self.generator.get_state(),
                         "epoch": self.epoch, "float_top1": self.float_top1,
                         "arguments": command_of(self.options)}, self.options.out)

    def run_epoch(self, images, labels):
        """One epoch; returns means of (cross entropy, energy in pJ of the masked layers)."""
        options, network = self.options, self.network
        network.train()
        contested = [layer for _, layer in network.masked() if layer.rival is not None]
        positions = [layer.position for _, layer in network.gated()]
        order = torch.randperm(len(images), generator=self.generator)[:options.epoch_images]
        steps = len(order) // options.batch
        if steps == 0:
            raise SystemExit(f"--batch {options.batch}: more than the {len(order)} images of an epoch")
        sums = torch.zeros(2, device=options.device)  # there, so that no step waits for the one before
        for step in range(steps):
            progress = (self.epoch + step / steps) / options.epochs
            is_warm = progress < options.warm_up
            for _, layer in network.gated():
                layer.scale_follows = is_warm
            for layer in contested:
                layer.rival.begin_step(progress, functools.partial(layer.quantizer, layer.weight))
            rate = learning_rate(options.recipe, options.lr, progress)
            for group in self.optimizer.param_groups:
                group["lr"] = group["rate"] * rate
            chosen = order[step * options.batch:(step + 1) * options.batch].to(options.device)
            x = data.augment(images[chosen], self.generator, flip=not options.no_flip)
            with torch.autocast(options.device, dtype=torch.bfloat16):
                logits = network(x)
            entropy = torch.nn.functional.cross_entropy(logits.float(), labels[chosen])
            energy = self.table.masked_pj(network)
            self.optimizer.zero_grad(set_to_none=True)
            penalty = sum(layer.rival.penalty() for layer in contested)
            (entropy if is_warm else entropy + options.alpha * energy + penalty).backward()
            if positions:
                torch.nn.utils.clip_grad_value_(positions, 1.0)
            self.optimizer.step()
            for layer in contested:
                layer.rival.after_step(layer.weight, rate)
            with torch.no_grad():
                sums[0] += entropy / steps
                sums[1] += energy / steps
        if not bool(torch.isfinite(sums).all()):
            raise SystemExit(f"epoch {self.epoch + 1}: cross entropy {float(sums[0])}, energy {float(sums[1])} pJ; "
                             "the training diverged, try a lower --lr")
        self.epoch += 1
        return sums.tolist()


def build(options, images):
    """The network at its start: float weights or an earlier stage, steps and thresholds from training images."""
    saved = load(options.start) if options.start.endswith(".pt") else None
    is_stage = saved is not None and "pairs" in saved
    model = NETWORKS[options.network]() if is_stage else load_float(options.network, options.start)
    network = QuantizedNetwork(model, pairs_of(options, model), options.gate, options.activation_bits, options.rival)
    network.to(options.device)
    if is_stage and saved["network"] != options.network:
        raise SystemExit(f"{options.start}: a {saved['network']}, not a {options.network}")
    chosen = torch.randperm(len(images), generator=torch.Generator().manual_seed(options.seed))[:64]
    first = images[chosen].to(options.device)
    share = START_SHARE if options.closed_share is None else options.closed_share
    if is_stage:
        anew = take_over(network, saved)
        gates = anew if options.closed_share is None else None
        network.start(first, saved["activation_bits"] != options.activation_bits, gates, share)
    else:
        network.start(first, closed_share=share)
    return network


def float_top1(start):
    """Accuracy of the float network at the beginning of it all, from the start's own record."""
    if start.endswith(".npz"):
        with numpy.load(start) as arrays:
            return float(arrays["accuracy"]) / 100 if "accuracy" in arrays.files else None
    saved = load(start)
    return saved.get("float_top1", saved.get("test_top1"))


def pairs_of(options, model):
    names = [spec.name for spec in layers_of(model) if spec.has_weights()][1:-1]
    pairs = {name: options.pair for name in names}
    if options.pairs:
        with open(options.pairs, encoding="utf-8") as file:
            try:
                pairs.update(json.load(file))
            except (ValueError, TypeError) as error:
                raise SystemExit(f"{options.pairs}: expected pairs by layer name ({error})") from None
    return pairs


def command_of(options):
    """The arguments as numbers and words, without this machine's folders."""
    return {key: os.path.basename(value) if key in ("start", "out", "energy_table", "pairs", "result") and value
            else value.partition(":")[0] + ":DIR" if key == "data" else value
            for key, value in vars(options).items() if key not in ("gate", "rival")}


def arguments(words=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=sorted(NETWORKS), required=True)
    parser.add_argument("--data", required=True, help="cifar10:DIR or npz:DIR")
    parser.add_argument("--start", required=True, help="float network (.pt, .npz) or an earlier stage (.pt)")
    parser.add_argument("--energy-table", required=True, help="written by cimcycle energy-table --out")
    parser.add_argument("--out", required=True, help="checkpoint to write (and to resume from)")
    parser.add_argument("--result", help="file for one line of JSON when the training is finished")
    parser.add_argument("--pair", default="8", help="HB,LB (gated) or B (static) of all layers but the first and last")
    parser.add_argument("--pairs", help="JSON file: pair by layer name, where it differs from --pair")
    parser.add_argument("--alpha", type=float, default=1e-8, help="weight of the energy, per pJ")
    parser.add_argument("--method", choices=("dec3", *rivals.METHODS), default="dec3",
                        help="dec3: gates where the pair has two parts; others (rivals.py): all inner layers")
    parser.add_argument("--lasso", type=float, default=3e-3, help="mars: weight of the group lasso")
    parser.add_argument("--cut", type=float, default=0.0,
                        help="mars: groups below this size, by that of the layer, are removed")
    parser.add_argument("--high-bits", type=int, default=4, help="pg: bits of the activations that are always read")
    parser.add_argument("--target", type=float, default=0.0,
                        help="pg: where thresholds are drawn to; higher closes more")
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="short")
    parser.add_argument("--epochs", type=int, help="default: the recipe's")
    parser.add_argument("--lr", type=float, help="default: the recipe's")
    parser.add_argument("--warm-up", type=float, default=0.1,
                        help="share of the training without the energy, in which the scale of importances still follows")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--weight-decay", type=float, default=1e-4)
    parser.add_argument("--activation-bits", type=int, default=8)
    parser.add_argument("--gate-kind", choices=gated_kernel.GATES, default="max",
                        help="what opens a gate: the largest or mean partial sum, or the sum of the inputs")
    parser.add_argument("--closed-share", type=float,
                        help=f"of the gates at the start, 0 to 1 (default: as the earlier stage left them; new gates "
                             f"{START_SHARE}); given, all gates get new thresholds")
    parser.add_argument("--threshold-rate", type=float, default=5.0,
                        help="learning rate of the thresholds over that of the weights")
    parser.add_argument("--detached-gate", action="store_true", help="the gate's gradient goes to thresholds alone")
    parser.add_argument("--images", type=int, help="the first N training images (default: all)")
    parser.add_argument("--epoch-images", type=int, help="images of an epoch, drawn anew for each (default: all)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu",
                        help="cuda: gated_cuda.py says what it needs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-flip", action="store_true", help="no mirrored images (digits)")
    options = parser.parse_args(words)
    for key, value in RECIPES[options.recipe].items():
        if getattr(options, key) is None:
            setattr(options, key, value)
    for key, (least, largest) in RANGES.items():
        value = getattr(options, key)
        if value is not None and not least <= value <= largest:
            parser.error(f"--{key.replace('_', '-')} {value}: expected {least} to {largest}")
    options.gate = GateSettings(options.gate_kind, reaches_sums=not options.detached_gate)
    options.rival = None if options.method == "dec3" else rivals.RivalSettings(
        options.method, options.activation_bits, options.lasso, options.high_bits, options.target,
        cut=options.cut)
    return options


def main():
    options = arguments()
    process.keep_freed_memory()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(options.seed)
    (images, labels), (test_images, test_labels) = data.load(options.data)
    images, labels = images[:options.images].to(options.device), labels[:options.images].to(options.device)
    training = Training(options, images)
    while training.epoch < options.epochs:
        started = time.time()
        entropy, energy = training.run_epoch(images, labels)
        training.save()
        print(f"epoch {training.epoch}/{options.epochs}  cross entropy {entropy:.4f}  masked layers "
              f"{energy / 1e6:.3f} uJ  {time.time() - started:.0f} s", flush=True)
    top1, shares = evaluate(training.network, test_images, test_labels)
    summary = training.table.summary(training.network, shares)
    print(f"test top-1 {100 * top1:.2f} %; {summary['energy_pj'] / 1e6:.3f} uJ in the paper's accounting "
          f"({summary['source']}), {summary['vs_static8']:.3f}x less than static 8 bits; first and last layer: "
          f"{100 * summary['ends_share']:.1f} % of it")
    if options.result:
        line = {"run": command_of(options), "test_top1": top1, "closed": {k: 1 - v for k, v in shares.items()},
                **{key: summary[key] for key in ("energy_pj", "vs_static8", "ends_share", "source")}}
        with written_whole(options.result) as file:
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    process.run(main)
