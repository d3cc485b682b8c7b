#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs trainings one after the other, best first; a run that was interrupted goes on where it stopped.

    nice -n 19 python3 models/train/queue_runs.py RUNS.json --data cifar10:DIR --folder RUNS [--seeds "1 2 3"]

RUNS.json is a list of {"name": NAME, "arguments": [...]}: arguments of train_dec3.py without --data, --out and
--result. "{folder}" in an argument stands for --folder, so that a run can start from the checkpoint of an earlier
one; "{seed}" in a name or argument stands for each of --seeds, one after the other, and the means over them are
printed. NAME.pt, NAME.log and NAME.json (the result, one line) lie in the folder; a run whose result is there is not
repeated. A run that fails is named and does not stop the others.
"""
import argparse
import json
import os
import subprocess
import sys

import process


def runs_of(path):
    """The list of RUNS.json."""
    with open(path, encoding="utf-8") as file:
        try:
            runs = json.load(file)
        except ValueError as error:
            raise SystemExit(f"{path}: {error}") from None
    if not isinstance(runs, list) or not all(
            isinstance(run, dict) and isinstance(run.get("name"), str) and isinstance(run.get("arguments"), list)
            and all(isinstance(word, str) for word in run["arguments"]) for run in runs):
        raise SystemExit(f'{path}: expected a list of {{"name": text, "arguments": [texts]}}')
    return runs


def planned(runs, seeds, folder):
    """[(name with "{seed}", name, arguments)], all runs with the first seed, then with the next."""
    def fill(text, seed):
        return text.replace("{seed}", seed).replace("{folder}", folder)

    plan = [(run["name"], fill(run["name"], seed), [fill(word, seed) for word in run["arguments"]])
            for seed in seeds for run in runs]
    names = [name for _, name, _ in plan]
    if len(set(names)) < len(names):
        raise SystemExit("two runs have one name; with more than one seed every name needs {seed}")
    return plan


def over_seeds(plan, results):
    """A line per run of more than one seed. results: by name, as train_dec3.py writes them; runs may be missing."""
    lines = []
    for run in dict.fromkeys(run for run, _, _ in plan):
        own = [results[name] for of, name, _ in plan if of == run and name in results]
        if len(own) > 1:
            top1 = [100 * result["test_top1"] for result in own]
            gain = sum(result["vs_static8"] for result in own) / len(own)
            lines.append(f"{run}: {len(own)} seeds, top-1 {sum(top1) / len(top1):.2f} % ({min(top1):.2f} to "
                         f"{max(top1):.2f}), {gain:.2f}x less energy than static 8 bits in the paper's accounting")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs")
    parser.add_argument("--data", required=True, help="cifar10:DIR or npz:DIR")
    parser.add_argument("--folder", required=True, help="folder of checkpoints, logs and results")
    parser.add_argument("--seeds", default="1", help='what "{seed}" stands for, with spaces between')
    arguments = parser.parse_args()
    plan = planned(runs_of(arguments.runs), arguments.seeds.split(), arguments.folder)
    os.makedirs(arguments.folder, exist_ok=True)
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "train_dec3.py")
    failed = []
    for _, name, words in plan:
        stem = os.path.join(arguments.folder, name)
        if os.path.exists(stem + ".json"):
            continue
        with open(stem + ".log", "a", encoding="utf-8") as log:
            code = subprocess.run([sys.executable, program, "--data", arguments.data, *words, "--out", stem + ".pt",
                                   "--result", stem + ".json"], stdout=log, stderr=log, check=False).returncode
        print(f"{name}: " + ("done" if code == 0 else f"failed, see {stem}.log"), flush=True)
        failed += [name] if code else []
    results = {}
    for _, name, _ in plan:
        path = os.path.join(arguments.folder, name + ".json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            print(text, end="")
            results[name] = json.loads(text)
    print("".join(line + "\n" for line in over_seeds(plan, results)), end="")
    if failed:
        raise SystemExit("failed: " + ", ".join(failed))


if __name__ == "__main__":
    process.run(main)
