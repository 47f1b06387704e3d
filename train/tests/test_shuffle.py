"""The shuffles: their definitions, gradients and terms."""

import itertools
import math
import unittest

import torch
import torch.nn.functional as F

from .. import permute, shuffle, terms
from ..models.shufflenet_v1 import Pointwise


class Shuffle(unittest.TestCase):
    def test_static_is_channel_shuffle(self):
        x = torch.arange(12.0).view(1, 12, 1, 1)
        y = shuffle.StaticShuffle(12, 3)(x).flatten()
        for i, j in itertools.product(range(3), range(4)):
            self.assertEqual(y[j * 3 + i].item(), x[0, i * 4 + j].item())

    def test_identity_matrices_make_the_static_shuffle(self):
        module = shuffle.DynamicShuffle(24, 2).eval()
        g, x = module.generator, torch.randn(3, 24, 2, 2)
        with torch.no_grad():
            g.logits.weight.zero_()
            g.logits.bias.copy_(torch.cat([torch.eye(g.a).flatten(), torch.eye(g.b).flatten()]))
        self.assertTrue(torch.equal(module(x), shuffle.StaticShuffle(24, 2)(x)))

    def test_hard_training_pass_is_the_evaluation(self):
        torch.manual_seed(1)
        for pairs in (1, 3):
            module = shuffle.DynamicShuffle(30, 3, pairs)
            x = torch.randn(4, 30, 3, 3)
            shuffle.set_mode(shuffle.fold(module), hard=True)
            self.assertTrue(torch.equal(module.train()(x), module.eval()(x)))

    def test_folding_keeps_the_logits(self):
        torch.manual_seed(1)
        g, x = shuffle.DynamicShuffle(24, 2).generator, torch.randn(64, 24, 2, 2) + 1
        for _ in range(20):
            g.matrices(x)
        before = g.eval().matrices(x)
        shuffle.fold(g)
        self.assertIsInstance(g.norm, torch.nn.Identity)
        for one, two in zip(before, g.matrices(x)):
            torch.testing.assert_close(one, two, rtol=1e-5, atol=1e-5)

    def test_gradients_reach_the_generator(self):
        torch.manual_seed(1)
        for form in ("grouped", "kronecker"):
            for hard in (False, True):
                module = shuffle.StaticDynamicShuffle(24, 2, form)
                shuffle.set_mode(module, hard)
                (module(torch.randn(4, 24, 3, 3)) ** 3).sum().backward()
                for name, p in module.named_parameters():
                    if not name.endswith("hidden.bias"):  # the batch norm behind it takes it out
                        self.assertGreater(p.grad.abs().sum().item(), 0, name)

    def test_hard_matrices_have_the_gradients_of_products(self):
        torch.manual_seed(1)
        for pairs, w in itertools.product((1, 3), (2, 20)):  # fewer and more pixels than channels
            g = shuffle.DynamicShuffle(30, 3, pairs).double().generator
            g.hard, weights, results = True, torch.randn(4, 30, 3, w).double(), []
            x = torch.randn(4, 30, 3, w).double().requires_grad_()
            for path in (g.shuffle, lambda x: permute.mix(x, permute.kronecker(*g.mixing(x), 3))):
                y = path(x)
                results.append((y, *torch.autograd.grad((y * weights).sum(), [x, *g.parameters()])))
            for one, two in zip(*results):
                torch.testing.assert_close(one, two, rtol=1e-5, atol=1e-6)  # the former sums in float32

    def test_training_passes_are_the_evaluation(self):
        """Whatever a training pass does as a product with matrices, in every network that has such modules."""
        torch.manual_seed(1)
        x = torch.randn(4, 24, 3, 3).contiguous(memory_format=torch.channels_last)
        modules = [shuffle.StaticShuffle(24, 3), Pointwise(24, 12, 3)]
        modules += [shuffle.StaticDynamicShuffle(24, 2, form, pairs) for form in ("grouped", "kronecker") for pairs in (1, 2)]
        for module in modules:
            shuffle.set_mode(shuffle.fold(module), hard=True)
            if isinstance(module, shuffle.StaticDynamicShuffle):
                module.bn.eval()
                module.bn.running_var.uniform_(0.5, 2)
                module.dynamic.generator.logits.weight.data.normal_()
            train = {"training": True}
            for part in module.modules():
                if not isinstance(part, torch.nn.BatchNorm2d):
                    part.__dict__.update(train)
            one = module(x)
            torch.testing.assert_close(one, module.eval()(x), rtol=1e-5, atol=1e-5)

    def test_kronecker_is_the_definition(self):
        """Y = A X B' in each group, then y[j*g+i] = Y_i[j]: by its formula, and by the static shuffle for identities."""
        torch.manual_seed(1)
        a, b, g = 3, 4, 2
        first, second, x = torch.randn(5, 1, a, a), torch.randn(5, 1, b, b), torch.randn(5, g * a * b, 2, 3)
        y = permute.mix(x, permute.kronecker(first, second, g))
        grouped = x.view(5, g, a, b, 6)
        want = torch.einsum("zrs,ziskh,zqk->zirqh", first[:, 0], grouped, second[:, 0])
        want = permute.cross_group(want.reshape(5, g * a * b, 2, 3), g, a * b)
        torch.testing.assert_close(y, want, rtol=1e-4, atol=1e-5)

    def test_information_about_the_class(self):
        """log(n) where the class decides the matrix, 0 where the picture alone or nothing does."""
        module = torch.nn.ModuleList([shuffle.Generator(4, 1)])
        labels = torch.tensor([0, 1] * 8 + [2])  # a class seen once counts for nothing
        sure = lambda p: F.one_hot(p, 2).float()[:, None]  # noqa: E731
        swap, keep = torch.tensor([1, 0]), torch.tensor([0, 1])
        by_class = torch.stack([swap if y else keep for y in labels])
        by_picture = torch.stack([swap if k % 4 < 2 else keep for k in range(len(labels))])
        for perms, want in ((by_class, math.log(2)), (by_picture, 0.0), (keep.expand(17, -1), 0.0)):
            module[0].soft = [sure(perms)]
            got = float(terms.information(module, labels))
            self.assertLess(got, want + 0.01)
            self.assertGreater(got, want - 0.2)

    def test_penalty_is_zero_for_permutations(self):
        module = shuffle.DynamicShuffle(24, 2)
        with torch.no_grad():
            module.generator.logits.weight.zero_()
            g = module.generator
            g.logits.bias.copy_(1e4 * torch.cat([torch.eye(g.a).flatten(), torch.eye(g.b).flatten()]))
        module(torch.randn(2, 24, 1, 1))
        self.assertEqual(float(terms.penalty(module)), 0)
