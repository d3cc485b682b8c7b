# SPDX-License-Identifier: Apache-2.0
"""A network of PyTorch on a chip: export, import, calibration, replay.

    ./dev python docs/tutorials/own_network.py

A small residual network with random weights stands for yours: its accuracy means nothing, everything else is real.
"""
import sys

try:
    import onnx  # noqa: F401  torch.onnx uses it
    import torch
    from torch import nn
except ImportError as missing:
    sys.exit(f"own_network.py needs PyTorch and ONNX; on Debian: apt-get install python3-torch python3-onnx ({missing})")
import matplotlib.pyplot as plt

import cimcycle
from tutorial import save


class Block(nn.Module):
    """Two 3 x 3 convolutions and a shortcut, as in ResNet-18."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.shortcut(x))


class SmallResNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.blocks = nn.Sequential(Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, classes))

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)))


torch.manual_seed(0)
model = SmallResNet()

# Pixels and labels as arrays; yours would come from your own data.
images, labels = cimcycle.load_images("synthetic", "train", 32)

# Float weights become integers: 8 bits in the first and last layer, 4 + 4 with a gate in the others. The images choose
# the scales, and the import says what each layer loses.
network = cimcycle.Network.from_torch(model, torch.zeros(1, 3, 32, 32), images, labels=labels, pair=(4, 4))
for layer, snr_db in network.snr_db.items():
    print(f"{layer:<40} {'exact' if snr_db is None else f'{snr_db:.1f} dB'}")

# Thresholds for this chip that close 60 % of the gates with the least damage.
hardware = cimcycle.Hardware.load("ou16-adc5-22nm")
gated = cimcycle.calibrate(network, hardware, images, labels=labels, skip=0.6)
print(f"gates closed on the calibration images: {gated.masked_ratio:.1%}")
gated.network.save("small-resnet")  # the program reads it: cimcycle run small-resnet ...

tests, answers = cimcycle.load_images("synthetic", "test", 16)
before = cimcycle.run(network, hardware, tests, labels=answers, timed_images=4, reference_images=0)
after = cimcycle.run(gated.network, hardware, tests, labels=answers, timed_images=4, reference_images=0)
for name, report in (("everything read", before), ("gated", after)):
    print(f"{name:<16} {report.energy_pj / 1e6:.2f} uJ, {report.latency_ns / 1e6:.2f} ms per image")

figure, axes = plt.subplots(figsize=(8, 4))
for report, name, shift in ((before, "everything read", -0.2), (after, "60 % of the gates closed", 0.2)):
    rows = [row for row in report.layers if row["hb"]]
    axes.barh([place + shift for place in range(len(rows))], [row["energy_pj.total"] / 1000 for row in rows], 0.4,
              label=name)
axes.set_yticks(range(len(rows)), [row["name"].rpartition("/")[0] for row in rows])
axes.invert_yaxis()
axes.set_xlabel("energy per image (nJ)")
axes.legend()
save(figure, "own-network")
