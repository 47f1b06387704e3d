"""Optimizers, and what makes steps cheap."""

import tempfile
import unittest

import torch
import torch.nn.functional as F

from .. import data, fit, models, muon, optimize, shuffle
from ..depthwise import Depthwise
from .made import synthetic


class Muon(unittest.TestCase):
    def test_orthogonal(self):
        """Singular values of any matrix come near 1, its singular vectors stay."""
        torch.manual_seed(1)
        for rows, columns in ((8, 20), (20, 8)):
            x = torch.randn(3, rows, columns) * torch.tensor([0.01, 1, 50])[:, None, None]
            y = muon.orthogonal(x)
            values = torch.linalg.svdvals(y)
            self.assertGreater(values.min().item(), 0.3)
            self.assertLess(values.max().item(), 1.3)
            u, _, v = torch.linalg.svd(x, full_matrices=False)
            inner = u.transpose(1, 2) @ y @ v.transpose(1, 2)
            off = inner - torch.diag_embed(inner.diagonal(dim1=1, dim2=2))
            self.assertLess(off.abs().max().item(), 1e-3)

    def test_groups_are_matrices_of_their_own(self):
        """A step of a grouped convolution is that of each group's convolution alone."""
        torch.manual_seed(1)
        weight, gradient = torch.randn(6, 4, 1, 1), torch.randn(6, 4, 1, 1)
        whole = weight.clone().requires_grad_()
        whole.grad = gradient.clone()
        muon.Muon([(whole, 2)], lr=0.5).step()
        normal = weight * (6**0.5 / weight.norm())
        for k in (slice(0, 3), slice(3, 6)):
            want = normal[k].flatten(1) - 0.5 * muon.orthogonal(1.9 * gradient[None, k].flatten(2))[0]
            torch.testing.assert_close(whole.detach()[k].flatten(1), want)

    def test_every_parameter_has_one_optimizer(self):
        model = models.build("convnet_sds", width=0.25, gated=True)
        for rate in (0.0, 0.1):
            optimizers = optimize.Optimizers(model, fit.Settings(muon=rate))
            found = [id(p) for o in optimizers.all for group in o.param_groups for p in group["params"]]
            self.assertEqual(sorted(found), sorted(id(p) for p in model.parameters()))
            self.assertEqual(len(optimizers.all), 2 if rate else 1)

    def test_rates(self):
        model = models.build("convnet_sds", width=0.25)
        optimizers = optimize.Optimizers(model, fit.Settings(lr=0.2, muon=0.04, slow=3.0))
        optimizers.rate(0.5)
        rates = [[group["lr"] for group in o.param_groups] for o in optimizers.all]
        self.assertEqual([round(v, 6) for v in rates[0]], [0.1, 0.1, 0.3])
        self.assertEqual(set(rates[1]), {0.02})

    def test_linear_schedule(self):
        rates = [optimize.learning_rate(k, 110, 10, 1.0, linear=True) for k in range(110)]
        self.assertAlmostEqual(rates[60], 0.5)
        self.assertAlmostEqual(rates[35], 0.75)


class Gate(unittest.TestCase):
    def test_starts_without_the_dynamic_part_and_learns_it(self):
        torch.manual_seed(1)
        module = shuffle.StaticDynamicShuffle(24, 2, gated=True)
        shuffle.set_mode(module, True)
        x = torch.randn(4, 24, 3, 3)
        alone = module.bn(F.conv2d(x, module.static.weight, groups=2).view(4, 2, 12, 3, 3).transpose(1, 2).flatten(1, 2))
        y = module(x)
        torch.testing.assert_close(y, alone)
        (y**3).sum().backward()
        self.assertGreater(module.gate.grad.abs().sum().item(), 0)
        module.gate.data.uniform_(-1, 1)
        shuffle.fold(module.eval())
        tensors, g = module.folded(), module.dynamic.generator
        moved = g.shuffle(x)
        static = F.conv2d(x, tensors["weight"].view(12, 2, 12).transpose(0, 1).reshape(24, 12, 1, 1), groups=2)
        static = static.view(4, 2, 12, 3, 3).transpose(1, 2).flatten(1, 2)
        want = static + tensors["gate"][:, None, None] * moved + tensors["shift"][:, None, None]
        torch.testing.assert_close(module(x), want, rtol=1e-4, atol=1e-5)

    def test_only_grouped(self):
        with self.assertRaisesRegex(ValueError, "only grouped"):
            shuffle.StaticDynamicShuffle(24, 2, "kronecker", gated=True)


class Soft(unittest.TestCase):
    def test_evaluation_by_soft_matrices(self):
        """Soft where asked for, hard otherwise; at a low temperature both are the same."""
        torch.manual_seed(1)
        module, x = shuffle.DynamicShuffle(24, 2), torch.randn(4, 24, 3, 3)
        shuffle.set_mode(shuffle.fold(module.eval()), False, 1.0)
        module.generator.logits.weight.data.normal_()
        hard = module(x)
        with shuffle.evaluated_soft(module):
            soft = module(x)
            shuffle.set_mode(module, False, 1e-4)
            cold = module(x)
        self.assertGreater((soft - hard).abs().max().item(), 0.1)
        valid = [m.argmax(-1).sort(-1).values.diff(dim=-1).min() > 0 for m in module.generator.matrices(x)]
        self.assertTrue(torch.equal(module(x), hard))
        if all(valid):
            torch.testing.assert_close(cold, hard)

    def test_never_hard(self):
        module = shuffle.DynamicShuffle(24, 2)
        for step in (0, 50, 99):
            optimize.harden(module, step, 100, 1.0, (1.0, 0.1))
            self.assertFalse(module.generator.hard)
        self.assertAlmostEqual(module.generator.temperature, 0.1, delta=0.01)


class Pictures(unittest.TestCase):
    def test_held_out(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder, records=10)
            (x, y), (kept, labels) = data.splits(folder, "cifar10", 15)
            self.assertEqual((len(x), len(y), len(kept), len(labels)), (35, 35, 15, 15))
            whole = data.load(folder, "cifar10", "train")[0]
            rows = lambda t: sorted(bytes(v.numpy().tobytes()) for v in t)  # noqa: E731
            self.assertEqual(rows(torch.cat((x, kept))), rows(whole))
            self.assertTrue(torch.equal(kept, data.splits(folder, "cifar10", 15)[1][0]))
            with self.assertRaisesRegex(ValueError, "50 held-out pictures of 50"):
                data.splits(folder, "cifar10", 50)

    def test_alternate_flips(self):
        """Each picture is mirrored in every other epoch, half of them in the first."""
        pictures = torch.zeros(64, 3, 8, 8, dtype=torch.uint8)
        pictures[..., :3] = 200  # the bright side survives a crop
        batches = data.Augmented(pictures, torch.arange(64), (0.0,) * 3, (1.0,) * 3, 64, 7, alternate=True)
        sides = []
        for epoch in range(3):
            ((x, y),) = batches.epoch(epoch)
            left = (x[..., :4].sum((1, 2, 3)) > x[..., 4:].sum((1, 2, 3)))[y.argsort()]
            sides.append(left)
        self.assertTrue(torch.equal(sides[0], ~sides[1]) and torch.equal(sides[0], sides[2]))
        self.assertTrue(16 < sides[0].sum() < 48)


class Depth(unittest.TestCase):
    def test_strided_in_float32(self):
        """Under autocast the strided convolution computes in float32 and gives the input's type; the other in bfloat16."""
        torch.manual_seed(1)
        x = torch.randn(2, 8, 9, 9).bfloat16()
        for stride in (1, 2):
            layer, seen = Depthwise(8, stride), []
            plain = torch.nn.Conv2d.forward
            torch.nn.Conv2d.forward = lambda self, x: seen.append((x.dtype, torch.is_autocast_enabled("cpu"))) or plain(self, x)
            try:
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    y = layer(x)
            finally:
                torch.nn.Conv2d.forward = plain
            self.assertEqual(seen, [(torch.bfloat16, True)] if stride == 1 else [(torch.float32, False)])
            self.assertEqual(y.dtype, torch.bfloat16)
            want = F.conv2d(x.float(), layer.weight, None, stride, 1, groups=8)
            torch.testing.assert_close(y.float(), want, rtol=0.02, atol=0.02)
