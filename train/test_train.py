"""python3 -m unittest train.test_train: needs PyTorch, no data."""

import contextlib
import io
import itertools
import json
import math
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import assign, calm, data, evaluate, fit, models, networks, rfl, routes, safetensors, shuffle, step
from .__main__ import main
from .models.shufflenet_v1 import Pointwise
from .table import count

TESTDATA = Path(__file__).parent.parent / "testdata"


def synthetic(folder, name="cifar10", records=40):
    """A data set of random records in the set's own layout."""
    random = np.random.RandomState(3)
    dataset = data.DATASETS[name]
    for file in dataset.train + dataset.test:
        rows = random.randint(0, 256, (records, dataset.labels + 3072)).astype(np.uint8)
        rows[:, : dataset.labels] = random.randint(0, 10, (records, dataset.labels))
        rows.tofile(Path(folder) / file)
    (Path(folder) / dataset.names).write_text("".join(f"class{k}\n" for k in range(dataset.classes)))


class Data(unittest.TestCase):
    def test_layout(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("cifar10", "cifar100"):
                synthetic(folder, name)
                x, y = data.load(folder, name, "test")
                raw = (Path(folder) / data.DATASETS[name].test[0]).read_bytes()
                record = len(raw) // 40
                self.assertEqual(y[1].item(), raw[record + data.DATASETS[name].labels - 1])
                start = record + data.DATASETS[name].labels
                self.assertEqual(x[1, 1, 2, 3].item(), raw[start + 1024 + 2 * 32 + 3])

    def test_halved(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            (x, labels), (y, same) = (data.load(folder, name, "test") for name in ("cifar10", "cifar10-16"))
            self.assertTrue(torch.equal(labels, same))
            means = torch.nn.functional.avg_pool2d(x.double(), 2)
            self.assertEqual(y.shape, means.shape)
            self.assertLessEqual((y - means).abs().max().item(), 0.5)

    def test_truncated(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            path = Path(folder) / "test_batch.bin"
            path.write_bytes(path.read_bytes()[:-1])
            with self.assertRaisesRegex(ValueError, "records"):
                data.load(folder, "cifar10", "test")

    def test_augmentation_is_crop_and_flip(self):
        pictures = torch.arange(2 * 3 * 16 * 16).view(2, 3, 16, 16).to(torch.uint8)
        batches = data.Augmented(pictures, torch.tensor([0, 1]), (0.0,) * 3, (1 / 255,) * 3, 2, seed=5)
        padded = torch.nn.functional.pad(pictures, (2,) * 4).float()
        flips = set()
        for epoch in range(6):
            (x, y), = batches.epoch(epoch)
            for picture, label in zip(x.round(), y):
                found = [
                    (dy, dx, flip)
                    for dy, dx, flip in itertools.product(range(5), range(5), (False, True))
                    if torch.equal(picture, self.crop(padded[label], dy, dx, flip))
                ]
                self.assertTrue(found)
                flips.update(f[2] for f in found)
        self.assertEqual(flips, {False, True})

    def test_cutout_blanks_a_square(self):
        pictures = torch.full((40, 3, 16, 16), 255, dtype=torch.uint8)
        (x, _), = data.Augmented(pictures, torch.zeros(40), (0.0,) * 3, (1.0,) * 3, 40, 5, cutout=4).epoch(1)
        (whole, _), = data.Augmented(pictures, torch.zeros(40), (0.0,) * 3, (1.0,) * 3, 40, 5).epoch(1)
        hole = data.Augmented(pictures, torch.zeros(40), (0.0,) * 3, (1.0,) * 3, 40, 5, cutout=4).hole(40, torch.Generator())
        self.assertEqual(hole.shape, (40, 1, 16, 16))
        sizes = set()
        for one in hole[:, 0]:
            rows, columns = one.any(1), one.any(0)
            self.assertTrue(torch.equal(one, rows[:, None] & columns))  # a rectangle
            sizes.add((int(rows.sum()), int(columns.sum())))
        self.assertTrue(all(2 <= side <= 4 for size in sizes for side in size) and (4, 4) in sizes)
        changed = (x != whole).any(1)
        self.assertTrue((x[changed[:, None].expand_as(x)] == 0).all())
        self.assertGreater(changed.sum().item(), 40 * 4)

    @staticmethod
    def crop(picture, dy, dx, flip):
        cut = picture[:, dy : dy + 16, dx : dx + 16]
        return cut.flip(2) if flip else cut


class Fit(unittest.TestCase):
    def test_schedule(self):
        rates = [fit.learning_rate(k, 100, 10, 0.2) for k in range(100)]
        self.assertAlmostEqual(rates[0], 0.02)
        self.assertAlmostEqual(max(rates), 0.2)
        self.assertLess(rates[-1], 1e-3)
        self.assertTrue(all(a >= b for a, b in zip(rates[10:], rates[11:])))

    def test_resumed_run_is_the_same_run(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            base = ["fit", "--data", folder, "--batch", "20", "--epochs", "2", "--warmup", "0.5"]
            base += ["--model", "shufflenet_v1", "--width", "0.25", "--shuffle", "dynamic", "--soft", "0.4"]
            steps = ["--max-steps", "4"]
            main([*base, *steps, "--out", f"{folder}/whole"])
            # The schedule goes by --epochs, so the first part stops by a failure, not by a smaller number.
            saved, calls = fit.save, []

            def stop(path, content):
                saved(path, content)
                calls.append(path)
                raise KeyboardInterrupt

            fit.save = stop
            try:
                with self.assertRaises(KeyboardInterrupt):
                    main([*base, *steps, "--out", f"{folder}/parts"])
            finally:
                fit.save = saved
            main([*base, *steps, "--out", f"{folder}/parts", "--resume"])
            one, two = (torch.load(f"{folder}/{k}/last.pt") for k in ("whole", "parts"))
            for key, value in one["state"].items():
                self.assertTrue(torch.equal(value, two["state"][key]), key)
            with self.assertRaisesRegex(FileExistsError, "resume"):
                main([*base, "--out", f"{folder}/parts"])


    def test_whitened(self):
        """A first layer's outputs on the pictures it was made from: deviation 1, no two alike but for the sign."""
        torch.manual_seed(3)
        x = torch.randn(50, 3, 12, 12)
        x = x + 2 * x.roll(1, 3) + x.mean(1, keepdim=True)  # neighbours and colours that depend on each other
        layer = torch.nn.Conv2d(3, 30, 3, padding=1, bias=False)
        before = layer.weight.detach().clone()
        fit.whiten(layer, x)
        self.assertTrue(torch.equal(layer.weight[24:], before[24:]))
        with torch.no_grad():
            y = layer(x)[:, :24, 1:, 1:].transpose(0, 1).flatten(1)  # no patch with padding in it
        self.assertTrue(torch.allclose(y[0::2], -y[1::2]))
        products = y[0::2] @ y[0::2].T / y.shape[1]
        self.assertLess((products - torch.eye(12)).abs().max(), 0.01)
        with self.assertRaisesRegex(ValueError, r"3x3 pixels, got \(1, 1\)"):
            fit.whiten(torch.nn.Conv2d(3, 8, 1), x)

    def test_calm_keeps_the_mean(self):
        torch.manual_seed(1)
        model, x = models.build("convnet_sds", width=0.1), torch.randn(64, 3, 8, 8)
        before, after = [], []
        for kept in (before, after):
            hooks = [g.logits.register_forward_hook(lambda m, i, out: kept.append(out.detach())) for g in shuffle.generators(model)]
            with torch.no_grad():
                model.eval()(x)
            for hook in hooks:
                hook.remove()
            calm.steady(model, x, 0.25)
        one, two = before[0], after[0]  # the first generator's input does not depend on the others
        torch.testing.assert_close(two, one.mean(0) + 0.25 * (one - one.mean(0)), rtol=1e-4, atol=1e-5)

    def test_bfloat16_is_asked_for_by_bf16_alone(self):
        model = models.build("shufflenet_v2", width=0.5, form="cifar", classes=10, shuffle="static")
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        settings = {"orthogonal": 0, "diversity": 0, "by_class": 0}
        x, y = torch.randn(4, 3, 8, 8), torch.arange(4)
        for bf16, want in ((False, None), (True, torch.bfloat16)):
            with unittest.mock.patch("torch.autocast", side_effect=torch.autocast) as autocast:
                fit.update(model, optimizer, F.cross_entropy, x, y, {**settings, "bf16": bf16})
            self.assertEqual(autocast.call_args_list[0][1], {"dtype": want, "enabled": bf16})

    def test_time_of_a_step(self):
        """The assignment is a part of the step where there is one, and is put back as it was."""
        plain = assign.solve_any
        for shuffled, some in (("static", False), ("dynamic", True)):
            model = models.build("shufflenet_v2", width=0.5, form="cifar", classes=10, shuffle=shuffled)
            whole, assigning = step.measure(model, side=8, batch=4, steps=2)
            self.assertEqual(len(whole), 2)
            for a, w in zip(assigning, whole):
                self.assertEqual(a > 0, some)
                self.assertLess(a, w)
        self.assertIs(assign.solve_any, plain)

    def test_small_pictures_first(self):
        sides = []
        seen = models.build

        def watched(*args, **settings):
            model = seen(*args, **settings)
            model.register_forward_pre_hook(lambda m, x: sides.append((m.training, x[0].shape[-1])))
            return model

        models.build = watched
        try:
            with tempfile.TemporaryDirectory() as folder:
                synthetic(folder)
                base = ["fit", "--data", folder, "--out", f"{folder}/run", "--batch", "20", "--epochs", "3", "--max-steps", "1"]
                main([*base, "--model", "resnet_sds", "--width", "0.25", "--small", "24,0.5", "--whiten"])
        finally:
            models.build = seen
        self.assertEqual([side for training, side in sides if training], [24, 24, 32])
        self.assertEqual({side for training, side in sides if not training}, {32})


class Provenance(unittest.TestCase):
    def test_names_of_folders_are_left_out_and_nothing_else(self):
        command = "python3 -m train fit --data data --dataset cifar10 --out 'my runs' --notes data"
        settings = {"command": command, "data": "data", "out": "my runs", "init": None}
        got = networks.origin({"provenance": {"source": command}, "settings": settings})["source"]
        self.assertEqual(got, "python3 -m train fit --data DIR --dataset cifar10 --out OUT --notes data")


class Study(unittest.TestCase):
    def test_a_study_goes_on_where_it_was(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            plan = {
                "common": {"epochs": 2, "max-steps": 1, "batch": 20, "width": 0.25, "model": "shufflenet_v1"},
                "datasets": ["cifar10"],
                "seeds": [1, 2],
                "networks": {"a": {"shuffle": "static"}, "b": {"shuffle": "dynamic", "temperature": [1, 0.5]}},
            }
            path = Path(folder) / "plan.json"
            path.write_text(json.dumps(plan))
            base = ["study", "--plan", str(path), "--data", folder, "--out", f"{folder}/runs", "--jobs", "2"]
            with contextlib.redirect_stdout(io.StringIO()) as first:
                main([*base, "--only", "s1"])
            self.assertEqual(first.getvalue().count("start "), 2)
            with contextlib.redirect_stdout(io.StringIO()) as second:
                main(base)
            self.assertEqual(second.getvalue().count("start "), 2)
            rows = [line.split(" | ") for line in second.getvalue().splitlines() if line.startswith("| cifar10")]
            self.assertEqual([row[1] for row in rows], ["a", "b"])
            self.assertEqual([row[9] for row in rows], ["1 2", "1 2"])
            self.assertEqual([[bool(cell) for cell in row[5:9]] for row in rows], [[False] * 4, [True] * 4])
            with contextlib.redirect_stdout(io.StringIO()) as third:  # from the logs alone
                main(["study", "--plan", str(path), "--out", f"{folder}/runs", "--report-only"])
            self.assertTrue(second.getvalue().endswith(third.getvalue()))
            self.assertEqual(third.getvalue().count("| cifar10"), 2)
            with self.assertRaisesRegex(ValueError, "no --data"):
                main(["study", "--plan", str(path), "--out", f"{folder}/runs"])
            plan["networks"]["a"].pop("shuffle")
            plan["more"] = 1
            path.write_text(json.dumps(plan))
            with self.assertRaisesRegex(ValueError, "more"):
                main(base)

    def test_begins_with_the_static_twin(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            base = ["fit", "--data", folder, "--batch", "20", "--epochs", "1", "--max-steps", "1", "--warmup", "0"]
            base += ["--model", "shufflenet_v1", "--width", "0.25"]
            main([*base, "--shuffle", "static", "--out", f"{folder}/static"])
            twin = f"{folder}/static/last.pt"
            slow = ["--shuffle", "dynamic", "--lr", "0", "--out", f"{folder}/dynamic"]
            main([*base, *slow, "--init", twin])
            one, two = (torch.load(f"{folder}/{k}/last.pt")["state"] for k in ("static", "dynamic"))
            self.assertTrue(torch.equal(one["conv1.weight"], two["conv1.weight"]))
            with self.assertRaisesRegex(ValueError, "has no place"):
                main([*base, "--out", f"{folder}/other", "--init", f"{folder}/dynamic/last.pt"])


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
            for path in (g.shuffle, lambda x: shuffle.mix(x, shuffle.kronecker(*g.mixing(x), 3))):
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
        y = shuffle.mix(x, shuffle.kronecker(first, second, g))
        grouped = x.view(5, g, a, b, 6)
        want = torch.einsum("zrs,ziskh,zqk->zirqh", first[:, 0], grouped, second[:, 0])
        want = shuffle.cross_group(want.reshape(5, g * a * b, 2, 3), g, a * b)
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
            got = float(shuffle.information(module, labels))
            self.assertLess(got, want + 0.01)
            self.assertGreater(got, want - 0.2)

    def test_penalty_is_zero_for_permutations(self):
        module = shuffle.DynamicShuffle(24, 2)
        with torch.no_grad():
            module.generator.logits.weight.zero_()
            g = module.generator
            g.logits.bias.copy_(1e4 * torch.cat([torch.eye(g.a).flatten(), torch.eye(g.b).flatten()]))
        module(torch.randn(2, 24, 1, 1))
        self.assertEqual(float(shuffle.penalty(module)), 0)


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
        plain = evaluate.logits(self.model, self.pictures, *self.statistics)
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
            frozen = evaluate.logits(self.model, self.pictures, *self.statistics)
        torch.testing.assert_close(frozen[2], plain[2])
        self.assertFalse(torch.allclose(frozen, plain))
        self.assertTrue(torch.equal(plain, evaluate.logits(self.model, self.pictures, *self.statistics)))

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


class ModelFile(unittest.TestCase):
    def test_model_that_ships(self):
        network = networks.from_rfl(TESTDATA.parent / "weights" / "zoo" / "cifar10.rfl")
        golden, _ = safetensors.read(TESTDATA / "models" / "cifar10.safetensors")
        mean, std = network.preprocess["mean"], network.preprocess["std"]
        outputs = evaluate.logits(network.model, torch.from_numpy(golden["pixels"].copy()), mean, std)
        torch.testing.assert_close(outputs.numpy(), golden["logits"].copy(), rtol=1e-4, atol=1e-4)


    def test_calm_file(self):
        """Written again as it was; and with steadier generators, which nothing else of the file shows."""
        path = TESTDATA.parent / "weights" / "zoo" / "cifar10-sds.rfl"
        content = path.read_bytes()
        doc, before = rfl.read(content)
        self.assertEqual(rfl.write(doc, bytes(rfl.body(content))), content)
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                main(["calm", "--rfl", str(path), "--data", folder, "--out", f"{folder}/calm.rfl", "--share", "0.25"])
            self.assertRegex(printed.getvalue(), r"top-1 [0-9.]+ %, with 0.25 of the differences")
            calmed, after = rfl.read(Path(f"{folder}/calm.rfl").read_bytes())
        self.assertIn("calm --share 0.25", calmed["provenance"]["notes"])
        roles = {t: r for node in doc["graph"]["nodes"] for r, t in node.get("tensors", {}).items()}
        for name, value in before.items():
            if roles[name] == "w2":
                self.assertTrue(np.array_equal(after[name], np.float32(0.25) * value), name)
            else:
                self.assertEqual(np.array_equal(after[name], value), roles[name] != "b2", name)


class Files(unittest.TestCase):
    def test_safetensors_round_trip(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "t.safetensors"
            tensors = {"a": np.arange(6, dtype="<f4").reshape(2, 3), "b": np.full((), 1.5), "c": np.zeros((0, 2), "<i4")}
            safetensors.write(path, tensors, {"k": "v"})
            back, metadata = safetensors.read(path)
            self.assertEqual(metadata, {"k": "v"})
            for name, array in tensors.items():
                np.testing.assert_array_equal(back[name], array)
                self.assertEqual(back[name].dtype, array.dtype)
            path.write_bytes(path.read_bytes()[:-1])
            with self.assertRaises(ValueError):
                safetensors.read(path)

    def test_wrong_network(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "t.safetensors"
            safetensors.write(path, {"conv1.weight": np.zeros((1,), "<f4")})
            with self.assertRaisesRegex(ValueError, "want \\[24, 3, 3, 3\\]"):
                networks.from_safetensors(path, "shufflenet_v1_cifar")
            safetensors.write(path, {"conv1.weight": np.zeros((24, 3, 3, 3), "<f4")})
            with self.assertRaisesRegex(ValueError, "missing"):
                networks.from_safetensors(path, "shufflenet_v1_cifar")

    def test_topk(self):
        outputs = torch.tensor([[0.0, 1, 2], [5, 1, 2]])
        self.assertEqual(evaluate.topk(outputs, torch.tensor([1, 0]), 1), 0.5)
        self.assertEqual(evaluate.topk(outputs, torch.tensor([1, 0]), 2), 1.0)


if __name__ == "__main__":
    unittest.main()
