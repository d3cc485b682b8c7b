# SPDX-License-Identifier: Apache-2.0
"""A trained network on a chip: accuracy, energy and time from one replay, layer by layer.

    ./dev python docs/tutorials/first_run.py
"""
import matplotlib.pyplot as plt

import cimcycle
from tutorial import save

# A ResNet-20 with 4 + 4 bit weights: the low 4 bits of an operation unit are read only where its gate opens.
network = cimcycle.Network.load("models/resnet20-synthetic-dec3-4-4")
hardware = cimcycle.Hardware.load("ou16-adc5-22nm")
report = cimcycle.run(network, hardware, count=100, timed_images=8,
                      progress=lambda done, all, what: print(f"{what}: {done} of {all}", end="\r"))

print(f"accuracy {report.top1:.1%} of 100 images")
print(f"energy   {report.energy_pj / 1e6:.2f} uJ per image")
print(f"latency  {report.latency_ns / 1e6:.2f} ms per image, {report.cycles:,.0f} cycles")
print(f"skipped  {report.skip_ratio:.1%} of the reads of low bits")

# The same run with everything read: what the gate saves.
everything = report.to_dict()["baselines"]["no_skip"]
print(f"everything read: {everything['energy_pj'] / 1e6:.2f} uJ, {everything['latency_ns'] / 1e6:.2f} ms")

# One row per layer; pandas.DataFrame(report.layers) makes a table of them.
rows = [row for row in report.layers if row["hb"]]
figure, (skipped, cycles) = plt.subplots(2, 1, figsize=(8, 4.5), sharex=True)
names = [row["name"] for row in rows]
skipped.bar(names, [100 * (row["skip_ratio"] or 0) for row in rows], color="tab:blue")
skipped.set_ylabel("low reads\nskipped (%)")
cycles.bar(names, [row["cycles"] / 1000 for row in rows], color="tab:orange")
cycles.set_ylabel("cycles per\nimage (1000)")
cycles.tick_params(axis="x", rotation=90)
save(figure, "first-run")
