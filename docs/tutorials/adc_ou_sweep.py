# SPDX-License-Identifier: Apache-2.0
"""How many ADC bits does how high an operation unit need? A sweep over both, and what each point costs.

    ./dev python docs/tutorials/adc_ou_sweep.py
"""
import matplotlib.pyplot as plt

import cimcycle
from tutorial import save

# The content of a sweep file as a dictionary; with out="FOLDER" the results are kept and `cimcycle report` shows them.
rows = cimcycle.sweep({
    "hardware": "ou16-adc5-22nm",
    "network": "models/resnet20-synthetic-static8",
    "images": 60,
    "timed_images": 1,
    "axes": [{"adc.bits": [3, 4, 5, 6]}, {"ou.rows": [8, 16, 32]}],
})
for row in rows:
    print(f"{row['adc.bits']} bits, {row['ou.rows']:>2} rows: {row['top1']:.0%}, {row['energy_pj'] / 1e6:.1f} uJ, "
          f"{row['latency_ns'] / 1e6:.2f} ms")

figure, (accuracy, energy, latency) = plt.subplots(1, 3, figsize=(9, 3))
for ou_rows, marker in ((8, "o"), (16, "s"), (32, "^")):
    points = sorted((row for row in rows if row["ou.rows"] == ou_rows), key=lambda row: row["adc.bits"])
    bits = [row["adc.bits"] for row in points]
    for axes, key, factor in ((accuracy, "top1", 100), (energy, "energy_pj", 1e-6), (latency, "latency_ns", 1e-6)):
        axes.plot(bits, [row[key] * factor for row in points], marker=marker, label=f"{ou_rows} rows")
for axes, label in ((accuracy, "accuracy of 60 images (%)"), (energy, "energy per image (uJ)"),
                    (latency, "latency (ms)")):
    axes.set_xlabel("ADC bits")
    axes.set_xticks([3, 4, 5, 6])
    axes.set_ylabel(label)
    axes.set_ylim(bottom=0)
accuracy.legend(loc="lower right")
save(figure, "adc-ou-sweep")
