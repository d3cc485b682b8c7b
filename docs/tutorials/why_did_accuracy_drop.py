# SPDX-License-Identifier: Apache-2.0
"""A 3-bit ADC costs accuracy: where, and what the way of storing weights does about it.

    ./dev python docs/tutorials/why_did_accuracy_drop.py

Three ways to store signed weights in cells without a sign: an offset that is taken off again (most bitline sums are
large), the same with columns that are stored inverted where that makes their sums small (flip), and two columns for
positive and negative parts (differential). The first layers show what the ADC sees.
"""
import matplotlib.pyplot as plt
import numpy

import cimcycle
from tutorial import save

network = cimcycle.Network.load("models/resnet20-synthetic-static8")
chip = cimcycle.Hardware.load("ou16-adc5-22nm").set("adc.bits", 3)  # 16 rows of 1-bit cells reach 16; 3 bits end at 7
CHIPS = {
    "offset": chip,
    "flip": chip.set("mapping.flip", True),
    "differential": chip.set("mapping.cells", "differential"),
}
LAYER, VECTORS = "block1.conv2", (512, 32)  # a row of the picture

figure, (clipped, seen) = plt.subplots(2, 1, figsize=(8, 5.5))
sums, places = {}, numpy.arange(len([row for row in network.layers if row["hb"]]))
for shift, (name, hardware) in zip((-0.27, 0, 0.27), CHIPS.items()):
    # 1. Is it the ADC? The ideal one has the same network and gates.
    report = cimcycle.run(network, hardware, count=64, timed_images=1)
    print(f"{name:<13} {report.top1:.0%} of 64 images; with an ideal ADC {report.ideal_adc_top1:.0%}")
    # 2. In which layers does it clip?
    rows = [row for row in report.layers if row["hb"]]
    shares = [100 * row["clipped_conversions"] / row["conversions"] for row in rows]
    clipped.bar(places + shift, shares, 0.27, label=f"{name}: {report.top1:.0%} right")
    # 3. What do the ADCs of one layer see, and how far are its partial sums off?
    layer = cimcycle.layer_partial_sums(network, hardware, LAYER, vectors=VECTORS)
    sums[name] = layer.msb.sum.ravel()
    error = (layer.msb.partial_sum - layer.msb.ideal_partial_sum).ravel()
    print(f"{'':<13} {LAYER}: {layer.msb.clipped.mean():.2%} of the conversions clip; partial sums are off by "
          f"{numpy.abs(error).mean():.1f} on average, {numpy.abs(error).max()} at most "
          f"(their own size: {numpy.abs(layer.msb.ideal_partial_sum).mean():.0f})")

clipped.set_xticks(places, [row["name"] for row in rows], rotation=90, fontsize=8)
clipped.set_ylabel("clipped\nconversions (%)")
clipped.legend()
for name, values in sums.items():
    counts = numpy.bincount(values)
    found = numpy.flatnonzero(counts)
    seen.plot(found, 100 * counts[found] / values.size, marker="o", label=name)
seen.axvline(7.5, color="grey", linestyle=":")
seen.set_yscale("log")
seen.set_xlabel(f"bitline sum in {LAYER}; right of the line 3 bits clip")
seen.set_ylabel("share of the\nconversions (%)")
seen.legend()
save(figure, "accuracy")
