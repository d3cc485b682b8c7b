#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs trainings one after the other, best first; a run that was interrupted goes on where it stopped.

    nice -n 19 python3 models/train/queue_runs.py RUNS.json --data cifar10:DIR --folder RUNS

RUNS.json is a list of {"name": NAME, "arguments": [...]}: arguments of train_dec3.py without --data, --out and
--result. "{folder}" in an argument stands for --folder, so that a run can start from the checkpoint of an earlier
one. NAME.pt, NAME.log and NAME.json (the result, one line) lie in the folder; a run whose result is there is not
repeated. A run that fails is named and does not stop the others.
"""
import argparse
import json
import os
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs")
    parser.add_argument("--data", required=True, help="cifar10:DIR or npz:DIR")
    parser.add_argument("--folder", required=True, help="folder of checkpoints, logs and results")
    arguments = parser.parse_args()
    with open(arguments.runs, encoding="utf-8") as file:
        runs = json.load(file)
    names = [run["name"] for run in runs]
    if len(set(names)) < len(names):
        raise SystemExit(f"{arguments.runs}: two runs have one name")
    os.makedirs(arguments.folder, exist_ok=True)
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "train_dec3.py")
    failed = []
    for run in runs:
        stem = os.path.join(arguments.folder, run["name"])
        if os.path.exists(stem + ".json"):
            continue
        words = [word.replace("{folder}", arguments.folder) for word in run["arguments"]]
        with open(stem + ".log", "a", encoding="utf-8") as log:
            code = subprocess.run([sys.executable, program, "--data", arguments.data, *words, "--out", stem + ".pt",
                                   "--result", stem + ".json"], stdout=log, stderr=log, check=False).returncode
        print(f"{run['name']}: " + ("done" if code == 0 else f"failed, see {stem}.log"), flush=True)
        failed += [run["name"]] if code else []
    for name in names:
        path = os.path.join(arguments.folder, name + ".json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                print(file.read(), end="")
    if failed:
        raise SystemExit("failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
