"""The training loop and what it is made of."""

import contextlib
import dataclasses
import io
import math
import tempfile
import unittest
import unittest.mock

import torch
import torch.nn.functional as F

from .. import assign, calm, checkpoint, fit, models, optimize, precision, shuffle, step, whiten
from ..__main__ import main
from .made import synthetic


class Fit(unittest.TestCase):
    def test_schedule(self):
        rates = [optimize.learning_rate(k, 100, 10, 0.2) for k in range(100)]
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
            saved, calls = checkpoint.save, []

            def stop(path, content):
                saved(path, content)
                calls.append(path)
                raise KeyboardInterrupt

            checkpoint.save = stop
            try:
                with self.assertRaises(KeyboardInterrupt):
                    main([*base, *steps, "--out", f"{folder}/parts"])
            finally:
                checkpoint.save = saved
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
        whiten.whiten(layer, x)
        self.assertTrue(torch.equal(layer.weight[24:], before[24:]))
        with torch.no_grad():
            y = layer(x)[:, :24, 1:, 1:].transpose(0, 1).flatten(1)  # no patch with padding in it
        self.assertTrue(torch.allclose(y[0::2], -y[1::2]))
        products = y[0::2] @ y[0::2].T / y.shape[1]
        self.assertLess((products - torch.eye(12)).abs().max(), 0.01)
        with self.assertRaisesRegex(ValueError, r"3x3 pixels, got \(1, 1\)"):
            whiten.whiten(torch.nn.Conv2d(3, 8, 1), x)

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
        recipe = fit.Settings()
        optimizer = optimize.Optimizers(model, recipe)
        x, y = torch.randn(4, 3, 8, 8), torch.arange(4)
        for bf16, want in ((False, None), (True, torch.bfloat16)):
            with unittest.mock.patch("torch.autocast", side_effect=torch.autocast) as autocast:
                optimize.update(model, optimizer, F.cross_entropy, x, y, dataclasses.replace(recipe, bf16=bf16))
            self.assertEqual(autocast.call_args_list[0][1], {"dtype": want, "enabled": bf16})

    def test_bfloat16_is_not_emulated(self):
        have = {"architecture": "x86_64", "avx2": True, "avx512_bf16": False, "amx_bf16": False}
        for change, device, want in (
            ({}, "cpu", False),
            ({"amx_bf16": True}, "cpu", True),
            ({"avx512_bf16": True}, "cpu", True),
            ({"architecture": "aarch64"}, "cpu", True),
            ({}, "cuda", True),
        ):
            with unittest.mock.patch("torch.cpu.get_capabilities", lambda change=change: have | change, create=True):
                self.assertEqual(precision.computes_bfloat16(device), want, (change, device))
                for asked in (False, True):
                    with contextlib.redirect_stdout(io.StringIO()) as said:
                        found = precision.checked(fit.Settings(bf16=asked, device=device))
                    self.assertEqual(found.bf16, asked and want)
                    self.assertEqual("float32" in said.getvalue(), asked and not want)

    def test_time_of_a_step(self):
        """The assignment is a part of the step where there is one, and is put back as it was."""
        plain = assign.solve_any
        for shuffled, some in (("static", False), ("dynamic", True)):
            model = models.build("shufflenet_v2", width=0.5, form="cifar", classes=10, shuffle=shuffled)
            whole, assigning = step.measure(model, step.Settings(side=8, batch=4, steps=2))
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
    def test_accuracy_is_that_of_the_last_test(self):
        rows = [{"epoch": k + 1, "top1": top1} for k, top1 in enumerate((math.nan, 81.5, math.nan, 90.25))]
        recipe = fit.Settings(epochs=4, seed=7, command="c")
        self.assertNotIn("accuracy", checkpoint.provenance(recipe, rows[:1]))
        part, whole = (checkpoint.provenance(recipe, rows[:k]) for k in (3, 4))
        self.assertEqual(part["data"], "cifar10, training split, 3 of 4 epochs, seed 7")
        self.assertIn("81.50 % top-1 on the cifar10 test split after epoch 2", part["accuracy"])
        self.assertEqual(whole["data"], "cifar10, training split, 4 epochs, seed 7")
        self.assertIn("90.25 % top-1 on the cifar10 test split (PyTorch", whole["accuracy"])

    def test_names_of_folders_are_left_out_and_nothing_else(self):
        command = "python3 -m train fit --data data --dataset cifar10 --out 'my runs' --notes data"
        settings = {"command": command, "data": "data", "out": "my runs", "init": None}
        got = checkpoint.origin({"provenance": {"source": command}, "settings": settings})["source"]
        self.assertEqual(got, "python3 -m train fit --data DIR --dataset cifar10 --out OUT --notes data")
