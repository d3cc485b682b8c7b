# SPDX-License-Identifier: Apache-2.0
"""The gated convolution on a GPU against the slow twin, and one step of every method there. Skipped without a GPU."""
import os
import unittest

import torch

import gated_cuda
from dec3_layers import SLOPE, kernel_for
from test_dec3 import Twin, cases
from tiny_training import TinyTraining

WHY = "needs a GPU and the library that gated_cuda.py names"
IS_THERE = torch.cuda.is_available() and os.path.exists(gated_cuda.library_path())

KNOWN = [(gated_cuda.TILE, gated_cuda.TILE, gate) for gate in (*gated_cuda.GATES, "inputs")]


@unittest.skipUnless(IS_THERE, WHY)
class Kernel(unittest.TestCase):
    def test_passes_equal_the_twin(self):
        for (geometry, codes, high, low), name in cases():
            if (geometry.ou_rows, geometry.ou_cols, geometry.gate) not in KNOWN:
                continue
            with self.subTest(name):
                self.compare(geometry, codes, high, low)

    def compare(self, geometry, codes, high, low):
        twin = Twin(geometry, codes, high, low)
        parts = [None if tensor is None else tensor.cuda() for tensor in (codes, high, low)]
        kernel = kernel_for(parts[0], geometry)
        y, (opened, decisions, squares), found = kernel.forward(geometry, *parts, twin.threshold, True)
        self.assertTrue(torch.equal(y.flatten(2).double().cpu(), twin.y))
        self.assertTrue(torch.allclose(found.double().cpu(), twin.importance, rtol=1e-6, atol=0))
        self.assertEqual((int(opened), decisions), (int(twin.masks.sum().round()), twin.masks.numel()))
        self.assertAlmostEqual(float(squares) / float((twin.importance**2).sum()), 1, delta=1e-5)
        gradients = kernel.backward(geometry, *parts, twin.threshold, twin.theta, twin.scale, SLOPE, twin.open_cost,
                                    True, twin.dy.float().reshape(y.shape).cuda())
        for one, other in zip(gradients, twin.gradients):
            # bf16 keeps 8 bits of every gradient.
            self.assertLess(float((one.double().cpu() - other).norm()), 1e-2 * float(other.norm()) + 1e-2)


@unittest.skipUnless(IS_THERE, WHY)
class Steps(TinyTraining):
    def test_every_method_takes_a_step(self):
        for words in (["--pair", "2,1"], ["--pair", "4,0"], ["--pair", "2,0", "--gate-kind", "inputs"],
                      ["--pair", "2", "--method", "teap"], ["--pair", "4", "--method", "mars"],
                      ["--pair", "8", "--method", "pg"]):
            with self.subTest(" ".join(words)):
                training = self.training(words[-1] + ".pt", words[1], more=[*words[2:], "--device", "cuda"])
                training.run_epoch(self.images.cuda(), self.labels.cuda())
                for name, tensor in training.network.state_dict().items():
                    self.assertTrue(tensor.is_cuda and bool(torch.isfinite(tensor).all()), name)


if __name__ == "__main__":
    unittest.main()
