# SPDX-License-Identifier: Apache-2.0
"""ResNet-20 for 32 x 32 images (He et al., CVPR 2016, section 4.2), shortcuts of option A.

Option A: where a stage halves the image and doubles the channels, the shortcut takes every second row and column and
pads the new channels with zeros, half in front and half at the back. It has no weights, so it costs no crossbar.
"""
import torch
from torch import nn


class Shortcut(nn.Module):
    """Identity, or option A when stride is 2."""

    def __init__(self, channels_in, channels_out, stride):
        super().__init__()
        self.stride = stride
        self.pad_front = (channels_out - channels_in) // 2
        self.pad_back = channels_out - channels_in - self.pad_front

    def forward(self, x):
        if self.stride == 1 and self.pad_front == 0:
            return x
        x = x[:, :, :: self.stride, :: self.stride]
        return nn.functional.pad(x, (0, 0, 0, 0, self.pad_front, self.pad_back))


class BasicBlock(nn.Module):
    def __init__(self, channels_in, channels_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        self.shortcut = Shortcut(channels_in, channels_out, stride)

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ResNet20(nn.Module):
    """Logits of 3 x 32 x 32 images scaled to 0..1."""

    def __init__(self, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(16)
        blocks, channels_in = [], 16
        for channels, first_stride in ((16, 1), (32, 2), (64, 2)):
            for stride in (first_stride, 1, 1):
                blocks.append(BasicBlock(channels_in, channels, stride))
                channels_in = channels
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(64, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = torch.relu(self.bn(self.conv(x)))
        x = self.blocks(x)
        return self.fc(x.mean(dim=(2, 3)))
