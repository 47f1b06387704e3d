"""Quantization-aware training: rounding, plans, and networks against the engine."""

import contextlib
import io
import math
import shutil
import subprocess
import tempfile
import unittest
import warnings
from pathlib import Path

import torch
from torch import nn

from .. import checkpoint, data, models, networks, shuffle
from ..__main__ import main
from ..models.shufflenet_v2 import ShuffleNetV2
from ..qat import agree, calibrate, network, plan, spread, trace
from ..qat.rounding import Grid, Requantize
from ..rfl_net import RflNet
from .made import synthetic

ROOT = Path(__file__).parents[2]
HALF = (0.5, 0.5, 0.5)


def pictures(count, size, seed=1):
    return torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))


def small(name, size=16, **settings):
    """A network with random weights, and its quantized form, calibrated on noise."""
    found = networks.random_network(name, 1, size, **settings)
    net = network.quantized(trace.from_module(found.model, size))
    calibrate.calibrate(net, pictures(8, size), HALF, HALF)
    return found.model, net


def v2(**settings):
    """A ShuffleNet V2 of a few channels."""
    torch.manual_seed(1)
    model = shuffle.fold(ShuffleNetV2(classes=5, form="cifar", channels=(8, 16, 24, 32, 40), repeats=(2, 2, 2), **settings))
    return networks.calibrated(model, 16, torch.Generator().manual_seed(1))


class Rounding(unittest.TestCase):
    def test_halves_go_to_the_even_and_gradients_pass_inside_alone(self):
        v = torch.tensor([-3.5, -0.5, 0.5, 1.5, 2.5, 2.4999, 300.0], requires_grad=True)
        y = Requantize.apply(v, -2.0, 200.0)
        self.assertEqual(y.tolist(), [-2, 0, 0, 2, 2, 2, 200])
        y.sum().backward()
        self.assertEqual(v.grad.tolist(), [0, 1, 1, 1, 1, 1, 0])

    def test_grid(self):
        grid = Grid()
        grid.set(-1.0, 4.0)
        self.assertAlmostEqual(float(grid.scale), 5 / 255, places=7)
        self.assertEqual(float(grid.zero), 51)
        self.assertEqual(grid.limits(), (-51, 204))
        self.assertEqual(grid.limits(0.0, 2.0), (0, 102))  # a ReLU and a limit
        self.assertEqual(grid.limits(-9.0, math.inf), (-51, 204))
        grid.set(0.25, 0.5)  # 0 is always there
        self.assertEqual((float(grid.zero), grid.limits()), (0, (0, 255)))

    def test_the_scale_has_the_gradient_of_learned_steps(self):
        """dq*s/ds is round(v/s) - v/s inside, the limit outside (LSQ)."""
        for value, want in ((0.33, round(0.33 / 0.1) - 0.33 / 0.1), (40.0, 255.0)):
            grid = Grid()
            with torch.no_grad():
                grid.scale.fill_(0.1)
            s = grid.step(True)
            (Requantize.apply(torch.tensor(value) * (1 / s), *grid.limits()) * s).backward()
            self.assertAlmostEqual(float(grid.scale.grad), want, places=4)


class Plans(unittest.TestCase):
    def test_float32_is_the_network(self):
        """Traced, folded and fused, a network computes what it did."""
        for name, settings in (
            ("shufflenet_v2", {"width": 0.25, "form": "cifar", "shuffle": "dynamic"}),
            ("shufflenet_v1", {"width": 0.25, "form": "cifar", "shuffle": "dynamic"}),
            ("convnet_sds", {"width": 0.1, "gated": True}),
            ("convnet_sds", {"width": 0.1, "gated": True, "wide": True}),
            ("resnet_sds", {"width": 0.25}),
            ("mobilenet_v1", {"width": 0.125, "form": "cifar"}),
        ):
            model, net = small(name, **settings)
            x, net.mode = torch.randn(2, 3, 16, 16), "real"
            with torch.no_grad():
                torch.testing.assert_close(net.eval()(x), model(x), rtol=1e-4, atol=1e-4)

    def test_a_batch_norm_with_negative_scales_behind_a_maximum(self):
        torch.manual_seed(1)
        last = [nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4)]
        model = nn.Sequential(nn.Conv2d(3, 6, 3, 1, 1), nn.MaxPool2d(2), nn.BatchNorm2d(6), *last)
        for sign in (1.0, -1.0):
            with torch.no_grad():
                model[2].weight.copy_(sign * torch.rand(6) + 0.1)
                model[2].running_mean.normal_()
            graph = trace.from_module(model.eval(), 8)
            self.assertEqual([n.op for n in graph.nodes].count("conv"), 1 if sign > 0 else 2)
            net, x = network.quantized(graph).eval(), torch.randn(2, 3, 8, 8)
            net.mode = "real"
            with torch.no_grad():
                torch.testing.assert_close(net(x), model(x), rtol=1e-4, atol=1e-5)

    def test_values_that_share_a_scale(self):
        """Of a stage of V2: what the units' branches end in, what passes by, what shuffles move."""
        units, _ = plan.plan(trace.from_module(v2(shuffle="dynamic"), 16))
        made = {v: u for u in units for v in u.outputs}
        for u in units:
            if u.kind in plan.MOVES and u.grid is not None:
                self.assertEqual({*u.in_grids, u.grid}, {u.grid}, u.name)
        ends = {u.grid for u in units if u.kind == "dynamicshuffle"}
        self.assertEqual(len(ends), 3)  # one a stage
        first = next(u for u in units if u.kind == "conv")
        self.assertNotIn(first.grid, ends)
        last = next(u for u in units if u.kind == "linear")
        self.assertIsNone(last.grid)
        self.assertEqual(made[last.inputs[0]].kind, "quantize")

    def test_sums_and_limits_are_absorbed(self):
        units, _ = plan.plan(trace.from_module(small("convnet_sds", width=0.1, pointwise="dense")[0], 16))
        self.assertNotIn("add", [u.kind for u in units])
        mixes = [u for u in units if len(u.inputs) == 2]
        self.assertEqual(len(mixes), 5)
        self.assertTrue(all((u.kind, u.low, u.high) == ("conv", 0, math.inf) for u in mixes))
        units, _ = plan.plan(trace.from_module(models.build("convnet_sds", width=0.1).eval(), 16))
        self.assertEqual([u.kind for u in units].count("add"), 5)

    def test_refused_by_name(self):
        for layer, want in ((nn.SiLU(), "1: got a SiLU"), (nn.Tanh(), "1: got a Tanh"), (nn.MaxPool2d(2, dilation=2), "1: got MaxPool2d")):
            model = nn.Sequential(nn.Conv2d(3, 4, 1), layer, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
            with self.assertRaisesRegex(ValueError, want):
                trace.from_module(model, 8)
        with self.assertRaisesRegex(ValueError, "mix: got a static-dynamic shuffle of form kronecker, want grouped"):
            trace.from_module(models.build("resnet_sds", width=0.25, pointwise="kronecker"), 16)
        graph = trace.Graph("x", "y", [trace.Node("gate", "mul", ["x", "x"], ["y"])])
        with self.assertRaisesRegex(ValueError, "gate: got a mul, which"):
            plan.plan(graph)
        graph = trace.Graph("x", "y", [trace.Node("a", "gap", ["x"], ["v"]), trace.Node("b", "limit", ["v"], ["y"], {"range": [0.0, 6.0]})])
        with self.assertRaisesRegex(ValueError, "b: got a limit behind a"):
            plan.plan(graph)


class Training(unittest.TestCase):
    def test_every_parameter_learns(self):
        net = network.quantized(trace.from_module(v2(pointwise="grouped", gated=True), 16))
        calibrate.calibrate(net, pictures(8, 16), HALF, HALF)
        with torch.no_grad():
            for unit in net.units.values():
                if hasattr(unit, "gate"):
                    unit.gate.fill_(0.5)
        shuffle.set_mode(net, hard=True)
        x = data.normalize(pictures(8, 16, 2), HALF, HALF)
        net.train()
        nn.functional.cross_entropy(net(x), torch.arange(8) % 5).backward()
        for name, p in net.named_parameters():
            self.assertGreater(float(p.grad.abs().sum()), 0, name)
        net.freeze = 1
        net.zero_grad(set_to_none=True)
        net(x).sum().backward()
        self.assertTrue(all(grid.scale.grad is None for grid in net.grids))
        self.assertTrue(all(u.weight.grad is not None for u in net.units.values() if hasattr(u, "weight")))

    def test_calibration_names_what_is_not_finite(self):
        model = v2()
        with torch.no_grad():
            model.stage3[0].branch2[3].weight[0] = math.inf
        net = network.quantized(trace.from_module(model, 16))
        with self.assertRaisesRegex(FloatingPointError, r"stage3.0.branch2.3: calibration: got elements from"):
            calibrate.calibrate(net, pictures(2, 16), HALF, HALF)
        with self.assertRaisesRegex(ValueError, "method: got 'kl', want one of mse, max"):
            calibrate.calibrate(net, pictures(2, 16), HALF, HALF, "kl")

    def test_command(self):
        """Fine-tuned, resumed, evaluated and exported; the checkpoint and the file say where it comes from."""
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as printed, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            synthetic(folder)
            steps = ["--data", folder, "--max-steps", "2", "--batch", "10"]
            main(["fit", *steps, "--model", "convnet_sds", "--width", "0.1", "--epochs", "1", "--out", f"{folder}/fit"])
            words = ["qat", *steps, "--checkpoint", f"{folder}/fit/last.pt", "--calibration", "40", "--out"]
            main([*words, f"{folder}/whole", "--epochs", "2"])
            main([*words, f"{folder}/parts", "--epochs", "2", "--minutes", "0.0001"])
            main([*words, f"{folder}/parts", "--epochs", "2", "--resume"])
            one, two = (torch.load(f"{folder}/{k}/last.pt") for k in ("whole", "parts"))
            for key, value in one["state"].items():
                self.assertTrue(torch.equal(value, two["state"][key]), key)
            main(["evaluate", "--checkpoint", f"{folder}/whole/last.pt", "--data", folder])
            main(["export", "--checkpoint", f"{folder}/whole/last.pt", "--onnx", f"{folder}/net.onnx"])
            self.assertIn("calibrated: top-1", printed.getvalue())
            self.assertIn(b"DequantizeLinear", Path(f"{folder}/net.onnx").read_bytes())
            found = checkpoint.origin(checkpoint.read(f"{folder}/whole/last.pt"))
            self.assertNotIn(folder, found["source"] + found["notes"])
            self.assertIn("--checkpoint BEGINNING", found["source"])
            self.assertRegex(found["notes"], "BEGINNING is of: python3 -m train fit .*convnet_sds")
            with self.assertRaisesRegex(ValueError, "--opset: got 12, want 13"):
                main(["export", "--checkpoint", f"{folder}/whole/last.pt", "--onnx", f"{folder}/net.onnx", "--opset", "12"])
            with self.assertRaisesRegex(ValueError, "got a network that is quantized, want one of float32"):
                main(["qat", "--data", folder, "--checkpoint", f"{folder}/whole/last.pt", "--out", f"{folder}/again"])


@unittest.skipUnless(shutil.which("go"), "Go is not installed")
class Engine(unittest.TestCase):
    """PyTorch's integers are the engine's."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.infer = f"{cls.folder.name}/infer"
        subprocess.run(["go", "build", "-o", cls.infer, "./cmd/infer"], cwd=ROOT, check=True)

    def check(self, model, size=16, **more):
        net = network.quantized(trace.from_module(model, size))
        calibrate.calibrate(net, pictures(8, size), HALF, HALF)
        path = Path(self.folder.name) / "model.rfl"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            document = agree.convert(self.infer, net.eval(), size, path)
        x = data.normalize(pictures(6, size, 3), HALF, HALF)
        with torch.no_grad():
            want = net(x)
        got = agree.engine(self.infer, path, x, None, "-isa", "generic")
        self.assertTrue(torch.equal(got, want), f"logits: {got - want}")
        with torch.no_grad():
            again = RflNet(path)(x)
        self.assertTrue(torch.equal(again, want), f"logits of the file in PyTorch: {again - want}")
        counts = agree.activations(self.infer, path, document, net, x)
        self.assertEqual([name for name, _, off in counts if off], [])
        ops = {n["op"] for n in document["graph"]["nodes"]}
        known = {"quantize", "qconv", "qlinear", "qadd", "qavgpool", "concat", "split", "shuffle", "maxpool", "gap", "flatten", *more}
        self.assertLessEqual(ops, known)
        return counts, document

    def test_dynamic_shuffles(self):
        counts, document = self.check(v2(shuffle="dynamic"), dynamicshuffle=True)
        self.assertEqual([n["op"] for n in document["graph"]["nodes"]].count("dynamicshuffle"), 6)
        self.assertGreater(len(counts), 30)

    def test_static_dynamic_shuffles(self):
        model = v2(pointwise="grouped", gated=True)
        with torch.no_grad():
            for m in model.modules():
                if isinstance(m, shuffle.StaticDynamicShuffle):
                    m.gate.uniform_(-1, 1)
        self.check(model, qstaticdynamicshuffle=True)

    def test_sums_and_means(self):
        """A residual, means over windows, a limit at 6, several paddings."""
        for name, settings in (("shufflenet_v1", {"width": 0.25, "form": "imagenet", "classes": 5}), ("resnet_sds", {"width": 0.25})):
            self.check(networks.random_network(name, 1, 32, **settings).model, 32, qstaticdynamicshuffle=True)

        class Capped(nn.Module):
            def __init__(self):
                super().__init__()
                self.one, self.two, self.fc = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 1, 2, 2), nn.Linear(8, 3)
                self.act, self.pool = nn.ReLU6(), nn.MaxPool2d(3, 2, 1)

            def forward(self, x):
                x = self.pool(self.act(self.one(x)))
                return self.fc((x + self.act(self.two(x))).mean([2, 3]))

        torch.manual_seed(2)
        self.check(Capped().eval())


    def test_sums_that_float32_does_not_hold(self):
        """PyTorch adds them up in float64, and rounds once."""
        torch.manual_seed(3)
        model = nn.Sequential(nn.Conv2d(3, 700, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(700, 40)).eval()
        with torch.no_grad():
            model[0].weight.mul_(0.05)
            model[0].bias.copy_(5 + 0.1 * torch.rand(700))
            model[4].weight.uniform_(0.9, 1.0)
        unit = network.quantized(trace.from_module(model, 4)).eval().units["4"]
        self.assertFalse(unit.exact(unit.integers(torch.tensor(0.1))[0]))
        self.check(model, 4)


class ModelFile(unittest.TestCase):
    def test_spread_is_the_same_function(self):
        path = ROOT / "weights/zoo/cifar10.rfl"
        content, pairs = spread.spread(path.read_bytes(), 3, 1)
        self.assertEqual(pairs, 16)
        with tempfile.TemporaryDirectory() as folder:
            Path(f"{folder}/spread.rfl").write_bytes(content)
            one, two = (networks.from_rfl(p).model for p in (path, f"{folder}/spread.rfl"))
        self.assertFalse(torch.equal(one.tensors["stage2.1.branch2.0.weight"], two.tensors["stage2.1.branch2.0.weight"]))
        x = torch.randn(2, 3, 32, 32)
        with torch.no_grad():
            torch.testing.assert_close(one(x), two(x), rtol=1e-3, atol=1e-2)

    def test_a_model_that_ships(self):
        found = networks.from_rfl(ROOT / "weights/zoo/cifar10.rfl")
        net = network.quantized(trace.from_rfl(found.model)).eval()
        x, net.mode = torch.randn(2, 3, 32, 32), "real"
        with torch.no_grad():
            torch.testing.assert_close(net(x), found.model(x), rtol=1e-4, atol=1e-3)
