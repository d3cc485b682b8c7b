# SPDX-License-Identifier: Apache-2.0
"""The gated convolution on a GPU against the slow twin, and one step of every method there. Skipped without a GPU."""
import math
import os
import unittest

import torch

import gated_cuda
from dec3_layers import SLOPE
from test_dec3 import cases, slow
from tiny_training import TinyTraining

WHY = "needs a GPU and the library that gated_cuda.py names"
IS_THERE = torch.cuda.is_available() and os.path.exists(gated_cuda.library_path())


@unittest.skipUnless(IS_THERE, WHY)
class Kernel(unittest.TestCase):
    def test_passes_equal_the_twin(self):
        for (geometry, codes, high, low), name in cases():
            if (geometry.ou_rows, geometry.ou_cols) != (gated_cuda.TILE, gated_cuda.TILE):
                continue
            with self.subTest(name):
                self.compare(geometry, codes, high, low)

    def compare(self, geometry, codes, high, low):
        wide = [codes.double().requires_grad_(), high.double().requires_grad_(), None if low is None else low.double()]
        importance = slow(geometry, *wide, torch.ones_like)[2].detach()
        theta = torch.tensor(float(importance.median()) - 0.3, dtype=torch.float64, requires_grad=True)
        threshold, scale, open_cost = math.ceil(float(theta)), float((importance**2).mean().sqrt()), 17.0

        def mask_of(i):
            soft = torch.sigmoid(SLOPE * (i - theta) / scale)
            return (i >= threshold).double() + soft - soft.detach()

        through, always, _, masks = slow(geometry, *wide, mask_of)
        dy = torch.randn(through.shape, generator=torch.Generator().manual_seed(3)).double()
        expected = torch.autograd.grad((dy * through).sum() + open_cost * masks.sum(), [wide[0], wide[1], theta])

        parts = [None if tensor is None else tensor.cuda() for tensor in (codes, high, low)]
        y, (opened, decisions, squares), found = gated_cuda.forward(geometry, *parts, threshold, True)
        whole = (through + always).detach().round()  # soft - soft leaves a rounding error
        self.assertTrue(torch.equal(y.flatten(2).double().cpu(), whole))
        self.assertTrue(torch.allclose(found.double().cpu(), importance, rtol=1e-6, atol=0))
        self.assertEqual((int(opened), decisions), (int(masks.sum()), masks.numel()))
        self.assertAlmostEqual(float(squares) / float((importance**2).sum()), 1, delta=1e-5)
        gradients = gated_cuda.backward(geometry, *parts, threshold, float(theta), scale, SLOPE, open_cost, True,
                                        dy.float().reshape(y.shape).cuda())
        for one, other in zip(gradients, expected):
            # bf16 keeps 8 bits of every gradient.
            self.assertLess(float((one.double().cpu() - other).norm()), 1e-2 * float(other.norm()) + 1e-2)


@unittest.skipUnless(IS_THERE, WHY)
class Steps(TinyTraining):
    def test_every_method_takes_a_step(self):
        for words in (["--pair", "2,1"], ["--pair", "4,0"], ["--pair", "2", "--method", "teap"],
                      ["--pair", "4", "--method", "mars"], ["--pair", "8", "--method", "pg"]):
            with self.subTest(" ".join(words)):
                training = self.training(words[-1] + ".pt", words[1], more=[*words[2:], "--device", "cuda"])
                training.run_epoch(self.images.cuda(), self.labels.cuda())
                for name, tensor in training.network.state_dict().items():
                    self.assertTrue(tensor.is_cuda and bool(torch.isfinite(tensor).all()), name)


if __name__ == "__main__":
    unittest.main()
