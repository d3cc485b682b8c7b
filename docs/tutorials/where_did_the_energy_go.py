# SPDX-License-Identifier: Apache-2.0
"""Energy by layer and component, with a gate and without.

    ./dev python docs/tutorials/where_did_the_energy_go.py
"""
import matplotlib.pyplot as plt

import cimcycle
from tutorial import save

hardware = cimcycle.Hardware.load("ou16-adc5-22nm")
reports = {name: cimcycle.run(cimcycle.Network.load(folder), hardware, count=16, timed_images=4, reference_images=0)
           for name, folder in (("static, 8 bits", "models/resnet20-synthetic-static8"),
                                ("4 + 4 bits with a gate", "models/resnet20-synthetic-dec3-4-4"))}

# The components of docs/models/circuits.md, put together so that a picture can show them.
GROUPS = {
    "array": ("wordline", "bitline", "array"),
    "ADC": ("adc",),
    "sums": ("offset", "shift_add", "accumulate"),
    "gate": ("gate",),
    "data": ("buffer", "interconnect", "digital"),
    "leakage": ("leakage",),
}
for name, report in reports.items():
    parts = report.energy_parts_pj
    assert set(parts) == {component for group in GROUPS.values() for component in group}
    print(f"{name}: {report.energy_pj / 1e6:.2f} uJ per image, of it "
          + ", ".join(f"{group} {sum(parts[c] for c in components) / report.energy_pj:.0%}"
                      for group, components in GROUPS.items()))

figure, both = plt.subplots(2, 1, figsize=(8, 5.5), sharex=True, sharey=True)
for axes, (name, report) in zip(both, reports.items()):
    layers = [row for row in report.layers if row["hb"]]
    bottom = [0.0] * len(layers)
    for group, components in GROUPS.items():
        heights = [sum(row[f"energy_pj.{c}"] for c in components) / 1000 for row in layers]
        axes.bar([row["name"] for row in layers], heights, bottom=bottom, label=group)
        bottom = [low + height for low, height in zip(bottom, heights)]
    axes.set_title(f"{name}: {report.energy_pj / 1e6:.1f} uJ", fontsize=10)
    axes.set_ylabel("nJ per image")
both[1].legend(ncol=6, fontsize=8)
both[1].tick_params(axis="x", rotation=90)
save(figure, "energy")
