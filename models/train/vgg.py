# SPDX-License-Identifier: Apache-2.0
"""VGG-8 for 32 x 32 images: convolutions 128-128-256-256-512-512 in pairs with max pooling, fc 1024, fc 10.

3 x 3 kernels without bias, batch norm and ReLU after each and after the first linear layer, which reads its input in
the order (channel, row, column). Names of parameters are those of the float start that npz files hold.
"""
import torch
from torch import nn

CHANNELS = (128, 128, 256, 256, 512, 512)


class VGG8(nn.Module):
    """Logits of 3 x 32 x 32 images scaled to 0..1. dropout: in front of the two linear layers, in training."""

    def __init__(self, classes=10, dropout=(0.2, 0.3)):
        super().__init__()
        self.conv = nn.ModuleList(nn.Conv2d(before, after, 3, 1, 1, bias=False)
                                  for before, after in zip((3, *CHANNELS), CHANNELS))
        self.bn = nn.ModuleList(nn.BatchNorm2d(channels) for channels in CHANNELS)
        self.fc1 = nn.Linear(CHANNELS[-1] * 4 * 4, 1024, bias=False)
        self.bn7 = nn.BatchNorm1d(1024)
        self.fc2 = nn.Linear(1024, classes)
        self.dropout = nn.ModuleList(nn.Dropout(share) for share in dropout)
        for conv in self.conv:
            nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        for index, (conv, norm) in enumerate(zip(self.conv, self.bn)):
            x = torch.relu(norm(conv(x)))
            if index % 2 == 1:
                x = nn.functional.max_pool2d(x, 2)
        # Channels-last memory must not leak into the order of the vector.
        x = torch.relu(self.bn7(self.fc1(self.dropout[0](x.contiguous().flatten(1)))))
        return self.fc2(self.dropout[1](x))
