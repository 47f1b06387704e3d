"""Networks: their numbers, and torchvision's."""

import unittest

import torch

from .. import models, networks, shuffle
from ..table import count


class Models(unittest.TestCase):
    def test_torchvision_v2(self):
        try:
            import torchvision
        except ImportError:
            self.skipTest("needs torchvision")
        for width, name in ((0.5, "x0_5"), (1.0, "x1_0"), (1.5, "x1_5"), (2.0, "x2_0")):
            theirs = getattr(torchvision.models, f"shufflenet_v2_{name}")().eval()
            ours = models.build("shufflenet_v2", width=width).eval()
            ours.load_state_dict(theirs.state_dict())
            x = torch.randn(1, 3, 64, 64)
            with torch.no_grad():
                self.assertTrue(torch.equal(ours(x), theirs(x)))

    def test_counts(self):
        """Published: V2 1.0x has 2,278,604 parameters; V1 1x of 3 groups about 140 million multiply-adds."""
        parameters, macs = count(models.build("shufflenet_v2", width=1.0), 224)
        self.assertEqual(parameters, 2278604)
        self.assertEqual(macs, 144907992)
        _, macs = count(models.build("shufflenet_v1", groups=3), 224)
        self.assertAlmostEqual(macs / 1e6, 140, delta=5)
        # Channels x pixels x (12 inputs, or 3 + 4 of the factors), and a generator of 24 -> 8 -> 9 + 16.
        for form, inputs in (("grouped", 12), ("kronecker", 7)):
            net = torch.nn.Sequential(torch.nn.Conv2d(3, 24, 1), shuffle.StaticDynamicShuffle(24, 2, form))
            self.assertEqual(count(net, 5)[1], 24 * 25 * (3 + inputs) + 24 * 8 + 8 * 25)

    def test_unknown_setting(self):
        with self.assertRaisesRegex(ValueError, "groups"):
            models.build("shufflenet_v2", groups=3)
