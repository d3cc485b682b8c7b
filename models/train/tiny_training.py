# SPDX-License-Identifier: Apache-2.0
"""Trainings of ResNet-20 on a few random images, for the tests of this folder."""
import json
import os
import tempfile
import unittest

import torch

import train_dec3
from topology import layers_of


class TinyTraining(unittest.TestCase):
    """Has a folder with a random float start and an energy table of 1e5 pJ per layer and bit."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.start = os.path.join(self.folder, "start.pt")
        torch.manual_seed(2)
        model = train_dec3.NETWORKS["resnet20"]()
        torch.save({"model": model.state_dict()}, self.start)
        names = [spec.name for spec in layers_of(model) if spec.has_weights()]
        self.table = os.path.join(self.folder, "table.json")
        with open(self.table, "w", encoding="utf-8") as file:
            json.dump({"format": "cimcycle-energy-table-1", "source": "simulated", "other_pj": 1.0,
                       "layers": [{"name": name, "energy_pj": [1e5 * bits for bits in range(9)]} for name in names],
                       "total_pj": [8e5 * len(names)] * 9}, file)
        self.images = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8)
        self.labels = torch.arange(8)

    def training(self, out, pair="2,2", start=None, more=()):
        return train_dec3.Training(train_dec3.arguments(
            ["--network", "resnet20", "--data", "npz:none", "--start", start or self.start,
             "--energy-table", self.table, "--out", os.path.join(self.folder, out), "--pair", pair,
             "--epochs", "2", "--batch", "4", *more]), self.images)

    def check_resume(self, *options):
        """Two epochs in one go and with a stop between them end at the same numbers."""
        torch.set_num_threads(1)
        whole = self.training("whole.pt", *options)
        for _ in range(2):
            whole.run_epoch(self.images, self.labels)
        first = self.training("parts.pt", *options)
        first.run_epoch(self.images, self.labels)
        first.save()
        second = self.training("parts.pt", *options)
        self.assertEqual(second.epoch, 1)
        second.run_epoch(self.images, self.labels)
        for (name, one), other in zip(whole.network.state_dict().items(), second.network.state_dict().values()):
            self.assertTrue(torch.equal(one, other), name)
        return second
