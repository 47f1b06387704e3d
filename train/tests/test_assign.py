"""Exact assignment, and the golden files of it."""

import itertools
import unittest
from pathlib import Path

import numpy as np
import torch

from .. import assign, safetensors

TESTDATA = Path(__file__).parents[2] / "testdata"


class Assign(unittest.TestCase):
    def test_best_sum(self):
        random = np.random.RandomState(1)
        for n in (1, 2, 3, 5, 6):
            for x in (random.randn(30, n, n), random.randint(0, 3, (30, n, n))):
                x = x.astype(np.float32)
                best = [max(sum(m[r, p[r]] for r in range(n)) for p in itertools.permutations(range(n))) for m in x]
                for perm in (assign.solve(x), assign.solve_any(torch.from_numpy(x)).numpy()):
                    self.assertTrue((np.sort(perm, 1) == np.arange(n)).all())
                    sums = np.take_along_axis(x, perm[:, :, None], 2).sum((1, 2))
                    np.testing.assert_allclose(sums, best, rtol=1e-5)

    def test_large(self):
        x = torch.randn(20, 29, 29)
        x.scatter_(2, torch.stack([torch.randperm(29) for _ in range(20)])[:, :, None], 20.0)
        self.assertTrue(torch.equal(assign.solve_any(x), x.argmax(2)))

    def test_margin(self):
        x = np.random.RandomState(2).randn(20, 4, 4).astype(np.float32)
        for m, margin in zip(x, assign.margins(x, assign.solve(x))):
            sums = sorted(sum(float(m[r, p[r]]) for r in range(4)) for p in itertools.permutations(range(4)))
            self.assertAlmostEqual(margin, sums[-1] - sums[-2], places=5)

    def test_goldens(self):
        for path in sorted((TESTDATA / "ops").glob("assign-*.safetensors")):
            tensors, _ = safetensors.read(path)
            np.testing.assert_array_equal(assign.solve(tensors["x"]), tensors["perm"], err_msg=str(path))
