"""What dynamic shuffles chose."""

import unittest

import numpy as np
import torch

from .. import models, predict, routes, shuffle


class Routes(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(5)
        self.model = models.build("shufflenet_v1", width=0.25, groups=2, classes=10, form="cifar", shuffle="dynamic", pairs="g")
        for g in shuffle.generators(shuffle.fold(self.model)):
            g.logits.weight.data.normal_()
            g.logits.bias.data.zero_()
        bright = torch.linspace(0.05, 1, 6).view(6, 1, 1, 1) * torch.rand(6, 3, 1, 1)
        self.pictures = (255 * bright * torch.rand(6, 3, 16, 16)).to(torch.uint8)
        self.statistics = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)

    def test_record_and_freeze(self):
        plain = predict.logits(self.model, self.pictures, *self.statistics)
        outputs, recorder = routes.record(self.model, self.pictures, *self.statistics, margins=True)
        self.assertTrue(torch.equal(plain, outputs))
        found = routes.layers(self.model)
        self.assertEqual(found[0][0], "stage2.0.shuffle")
        self.assertEqual(len(recorder.rows), len(found))
        distinct = 0
        for (_, g), rows, valid, margin in zip(found, recorder.rows, recorder.valid, recorder.margin):
            self.assertEqual(rows.shape, (6, g.pairs * (g.a + g.b)))
            self.assertEqual((valid.shape, margin.shape), ((6,), (6,)))
            self.assertTrue((margin >= 0).all())
            distinct += len(np.unique(rows, axis=0)) > 1
            for row in rows:
                self.assertEqual(sorted(routes.channels(row, g)), list(range(g.groups * g.a * g.b)))
        self.assertGreater(distinct, 0)
        # Frozen to what picture 2 chose, picture 2 gives what it gave.
        with routes.Frozen([(g, rows[2]) for (_, g), rows in zip(found, recorder.rows)]):
            frozen = predict.logits(self.model, self.pictures, *self.statistics)
        torch.testing.assert_close(frozen[2], plain[2])
        self.assertFalse(torch.allclose(frozen, plain))
        self.assertTrue(torch.equal(plain, predict.logits(self.model, self.pictures, *self.statistics)))

    def test_channels_are_the_shuffle(self):
        g = shuffle.DynamicShuffle(24, 2, 2).eval()
        x = torch.arange(24.0).view(1, 24, 1, 1)
        chosen = []
        g.generator.permutations = lambda x, f=g.generator.permutations: chosen.append(f(x)) or chosen[0]
        y = g(x).flatten().long()
        row = torch.cat(chosen[0], -1).flatten()
        self.assertEqual(y.tolist(), routes.channels(row, g.generator).tolist())

    def test_most_frequent(self):
        row, count = routes.most_frequent(np.array([[1, 0], [0, 1], [1, 0], [0, 1]]))
        self.assertEqual((row.tolist(), count), ([0, 1], 2))
