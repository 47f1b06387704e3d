"""Writes the golden files of testdata/: python3 -m train.golden [FOLDER].

ops/*.safetensors is one operator with PyTorch's answer in each; nets/* is a
small whole network as ONNX, with inputs and outputs. testdata/README.md says
how to read them. Everything is seeded: the same PyTorch writes the same bytes.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import assign, export, golden_more, models, networks, safetensors, shuffle
from .golden_case import Case, generator


def convolutions(folder):
    # name, channels in, out, groups, kernel, stride, pad (top left bottom right), dilation, height, width, bias
    cases = [
        ("conv-stem-s2", 3, 24, 1, (3, 3), (2, 2), (1, 1, 1, 1), (1, 1), 17, 19, True),
        ("conv-stem-s1", 3, 10, 1, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 9, 11, True),
        ("conv-dense-3x3", 5, 7, 1, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 8, 13, True),
        ("conv-dense-5x5-s2", 4, 6, 1, (5, 5), (2, 2), (2, 2, 2, 2), (1, 1), 11, 10, False),
        ("conv-dense-7x7-s2", 3, 4, 1, (7, 7), (2, 2), (3, 3, 3, 3), (1, 1), 15, 15, True),
        ("conv-dense-1x3", 3, 5, 1, (1, 3), (1, 2), (0, 1, 0, 1), (1, 1), 6, 9, True),
        ("conv-dense-asymmetric", 3, 4, 1, (3, 3), (2, 2), (0, 0, 1, 1), (1, 1), 12, 10, True),
        ("conv-dense-uneven", 3, 4, 1, (3, 2), (1, 1), (2, 0, 1, 1), (1, 1), 7, 6, True),
        ("conv-dense-dilated", 4, 5, 1, (3, 3), (1, 1), (2, 2, 2, 2), (2, 2), 9, 10, True),
        ("conv-dense-dilated-s2", 2, 3, 1, (3, 3), (2, 2), (2, 3, 2, 3), (2, 3), 11, 12, True),
        ("conv-grouped-3x3", 6, 9, 3, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 7, 9, True),
        ("conv-grouped-3x3-s2", 8, 4, 4, (3, 3), (2, 2), (1, 1, 1, 1), (1, 1), 10, 7, False),
        ("conv-multiplier", 4, 8, 4, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 6, 5, True),
        ("conv-pointwise", 29, 23, 1, (1, 1), (1, 1), (0, 0, 0, 0), (1, 1), 7, 7, True),
        ("conv-pointwise-1px", 33, 17, 1, (1, 1), (1, 1), (0, 0, 0, 0), (1, 1), 1, 1, True),
        ("conv-pointwise-odd", 5, 3, 1, (1, 1), (1, 1), (0, 0, 0, 0), (1, 1), 3, 5, False),
        ("conv-pointwise-s2", 6, 7, 1, (1, 1), (2, 2), (0, 0, 0, 0), (1, 1), 7, 8, True),
        ("conv-pointwise-g3", 24, 30, 3, (1, 1), (1, 1), (0, 0, 0, 0), (1, 1), 5, 7, True),
        ("conv-pointwise-g8", 32, 16, 8, (1, 1), (1, 1), (0, 0, 0, 0), (1, 1), 4, 4, True),
        ("conv-pointwise-pad", 4, 5, 1, (1, 1), (1, 1), (1, 0, 0, 2), (1, 1), 4, 3, True),
        ("conv-depthwise-1x1", 7, 7, 7, (1, 1), (1, 1), (0, 0, 0, 0), (1, 1), 5, 6, True),
        ("conv-depthwise-3x3", 10, 10, 10, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 7, 7, True),
        ("conv-depthwise-3x3-wide", 3, 3, 3, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 5, 37, False),
        ("conv-depthwise-3x3-1px", 9, 9, 9, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 1, 1, True),
        ("conv-depthwise-3x3-s2", 6, 6, 6, (3, 3), (2, 2), (1, 1, 1, 1), (1, 1), 14, 14, True),
        ("conv-depthwise-3x3-s2-odd", 5, 5, 5, (3, 3), (2, 2), (1, 1, 1, 1), (1, 1), 7, 9, True),
        ("conv-depthwise-3x3-s2-same", 5, 5, 5, (3, 3), (2, 2), (0, 0, 1, 1), (1, 1), 8, 10, True),
        ("conv-depthwise-3x3-nopad", 4, 4, 4, (3, 3), (1, 1), (0, 0, 0, 0), (1, 1), 6, 11, True),
        ("conv-depthwise-3x3-dilated", 4, 4, 4, (3, 3), (1, 1), (2, 2, 2, 2), (2, 2), 8, 9, True),
        ("conv-depthwise-5x5", 6, 6, 6, (5, 5), (1, 1), (2, 2, 2, 2), (1, 1), 9, 8, True),
        ("conv-depthwise-5x5-s2", 5, 5, 5, (5, 5), (2, 2), (2, 2, 2, 2), (1, 1), 13, 12, False),
        ("conv-depthwise-5x5-small", 4, 4, 4, (5, 5), (1, 1), (2, 2, 2, 2), (1, 1), 2, 3, True),
    ]
    for name, inputs, outputs, groups, kernel, stride, pad, dilation, height, width, bias in cases:
        case = Case(name, "conv", kernel=kernel, stride=stride, dilation=dilation, pad=pad, groups=groups)
        x = case.random("x", 2, inputs, height, width)
        fan = inputs // groups * kernel[0] * kernel[1]
        w = case.random("weight", outputs, inputs // groups, *kernel, scale=fan**-0.5)
        b = case.random("bias", outputs) if bias else None
        top, left, bottom, right = pad
        y = F.conv2d(F.pad(x, (left, right, top, bottom)), w, b, stride, 0, dilation, groups)
        case.write(folder, y)


def pools(folder):
    # name, kernel, stride, pad, ceil, countpad, height, width
    cases = [
        ("3x3-s2", 3, 2, 1, 0, 1, 14, 14),
        ("3x3-s2-odd", 3, 2, 1, 0, 0, 9, 7),
        ("3x3-s1", 3, 1, 1, 0, 1, 6, 9),
        ("2x2-s2", 2, 2, 0, 0, 0, 8, 6),
        ("2x2-s2-floor", 2, 2, 0, 0, 0, 7, 5),
        ("2x2-s2-ceil", 2, 2, 0, 1, 0, 7, 5),
        ("3x3-s2-ceil", 3, 2, 0, 1, 0, 8, 10),
        ("3x3-s2-pad-ceil", 3, 2, 1, 1, 0, 6, 7),
        ("3x2-s1x2", (3, 2), (1, 2), (1, 0), 0, 1, 5, 8),
        ("7x7", 7, 1, 0, 0, 0, 7, 7),
    ]
    pair = lambda v: v if isinstance(v, tuple) else (v, v)  # noqa: E731
    for name, kernel, stride, pad, ceil, countpad, height, width in cases:
        kernel, stride, pad = pair(kernel), pair(stride), pair(pad)
        shared = {"kernel": kernel, "stride": stride, "pad": (*pad, *pad), "ceil": ceil}
        case = Case(f"maxpool-{name}", "maxpool", **shared)
        x = case.random("x", 2, 3, height, width)
        case.write(folder, F.max_pool2d(x, kernel, stride, pad, ceil_mode=bool(ceil)))
        case = Case(f"avgpool-{name}", "avgpool", **shared, countpad=countpad)
        x = case.random("x", 2, 3, height, width)
        case.write(folder, F.avg_pool2d(x, kernel, stride, pad, bool(ceil), bool(countpad)))
    case = Case("maxpool-asymmetric", "maxpool", kernel=(3, 3), stride=(2, 2), pad=(0, 0, 1, 1))
    x = case.random("x", 1, 3, 8, 10)
    case.write(folder, F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=-float("inf")), 3, 2))


def moves(folder):
    for channels, groups in ((6, 2), (24, 3), (116, 2), (32, 8), (5, 1), (7, 7)):
        n = channels // groups
        perm = [i * n + j for j in range(n) for i in range(groups)]
        case = Case(f"shuffle-{channels}-g{groups}", "shuffle", perm=perm)
        x = case.random("x", 2, channels, 2, 3)
        case.write(folder, F.channel_shuffle(x, groups))
    case = Case("concat-3", "concat")
    case.write(folder, torch.cat([case.random(f"x{k}", 2, c, 3, 2) for k, c in enumerate((5, 1, 4))], 1))
    case = Case("split-3", "split", sizes=(4, 1, 6))
    case.write(folder, *torch.split(case.random("x", 2, 11, 2, 2), [4, 1, 6], 1))
    for start, stop, step in ((3, 8, 1), (1, 10, 3), (0, 9, 2)):
        case = Case(f"slice-{start}-{stop}-{step}", "slice", range=(start, stop, step))
        case.write(folder, case.random("x", 2, 10, 3, 3)[:, start:stop:step])


def vectors(folder):
    for height, width in ((7, 7), (4, 4), (1, 1), (3, 5), (8, 9)):
        case = Case(f"gap-{height}x{width}", "gap")
        case.write(folder, case.random("x", 2, 9, height, width).mean((2, 3), keepdim=True))
    for inputs, outputs, bias in ((37, 10, True), (64, 100, True), (5, 1, False), (480, 10, True)):
        case = Case(f"linear-{inputs}-{outputs}", "linear")
        x, w = case.random("x", 3, inputs), case.random("weight", outputs, inputs, scale=inputs**-0.5)
        case.write(folder, F.linear(x, w, case.random("bias", outputs) if bias else None))
    for count, scale in ((10, 3.0), (1000, 5.0), (1, 1.0), (7, 60.0)):
        case = Case(f"softmax-{count}", "softmax")
        case.write(folder, torch.softmax(case.random("x", 3, count, scale=scale), 1))
    case = Case("flatten", "flatten")
    case.write(folder, case.random("x", 2, 3, 2, 5).flatten(1))
    case = Case("affine", "affine")
    x, s, t = case.random("x", 2, 5, 3, 4), case.random("scale", 5), case.random("shift", 5)
    case.write(folder, x * s.view(-1, 1, 1) + t.view(-1, 1, 1))
    case = Case("add", "add")
    case.write(folder, case.random("x0", 2, 5, 3, 3) + case.random("x1", 2, 5, 3, 3))
    for op, function in (("relu", torch.relu), ("relu6", F.relu6)):
        case = Case(op, op)
        x = case.random("x", 1, 4, 5, 5, scale=5.0)
        for at, value in enumerate((float("nan"), float("inf"), -float("inf"), -0.0, 0.0, 6.0)):
            case.tensors["x"][0, 1, 2 + at // 3, at % 3] = x[0, 1, 2 + at // 3, at % 3] = value
        case.write(folder, function(x))


MARGIN = 1e-3  # of every permutation in a golden file over its runner-up


class Close(Exception):
    """A permutation is too close to its runner-up for a golden file."""


def until_clear(make):
    """make(0), make(1), ... until one is not Close."""
    for attempt in range(100):
        try:
            return make(attempt)
        except Close:
            continue
    raise ValueError("100 attempts, and always some permutation too close to its runner-up")


def permutations(generator, x):
    """sigma and tau (int32 [B, pairs, n]) of float64 input x, whose margins are all above MARGIN."""
    chosen = []
    for logits in generator.matrices(x):
        flat = logits.flatten(0, 1).numpy()
        perm = assign.solve(flat)
        margin = assign.margins(flat, perm).min()
        if margin < MARGIN:
            raise Close(f"margin {margin:.2g}")
        chosen.append(torch.from_numpy(perm.reshape(logits.shape[:3]).astype(np.int32)))
    return chosen


def dynamics(folder):
    """Both dynamic operators; the permutations are there as sigma and tau."""
    # channels, groups, pairs, factors
    cases = [
        (24, 2, 1, (3, 4)),
        (24, 2, 2, (3, 4)),
        (24, 2, 2, (1, 12)),  # 1 x n
        (24, 3, 3, (8, 1)),  # n x 1
        (10, 2, 1, (1, 5)),
        (30, 3, 1, (2, 5)),
        (32, 8, 8, (2, 2)),
        (36, 4, 4, (3, 3)),
        (16, 1, 1, (4, 4)),
        (48, 2, 2, (4, 6)),
        (6, 6, 1, (1, 1)),  # nothing to choose
    ]
    for channels, groups, pairs, (a, b) in cases:
        label = f"{channels}-g{groups}-{a}x{b}-pairs{pairs}"
        attrs = {"groups": groups, "factors": (a, b), "pairs": pairs}
        for op, form in (("dynamicshuffle", None), ("staticdynamicshuffle", 0), ("staticdynamicshuffle", 1)):
            name = label if form is None else f"{label}-{('grouped', 'kronecker')[form]}"
            attributes = {**attrs, **({} if form is None else {"form": form})}
            until_clear(lambda k: dynamic(folder, f"{op}-{name}", op, form, attributes, channels, k))


def dynamic(folder, name, op, form, attrs, channels, attempt):
    case = Case(name, op, **attrs)
    case.g = generator(f"{name}/{attempt}")
    groups, pairs, (a, b) = attrs["groups"], attrs["pairs"], attrs["factors"]
    hidden, logits = max(8, channels // 16), pairs * (a * a + b * b)
    x = case.random("x", 3, channels, 2, 3)
    case.random("w1", hidden, channels)
    case.random("b1", hidden)
    case.random("w2", logits, hidden)
    case.random("b2", logits, scale=0.1)
    module = shuffle.DynamicShuffle(channels, groups, pairs, (a, b)).double().eval()
    module.generator.fold()
    for p, role in zip(module.generator.exported(), ("w1", "b1", "w2", "b2")):
        p.data.copy_(case.tensors[role])
    sigma, tau = permutations(module.generator, x)
    if max(a, b) > 1 and (tau if b > 1 else sigma).flatten(1).unique(dim=0).shape[0] < 2:
        raise Close("every sample chose the same permutation")
    y = module(x) if form is None else static_dynamic(case, form, module.generator, x)
    case.tensors["sigma"], case.tensors["tau"] = sigma, tau
    case.write(folder, y)


def static_dynamic(case, form, g, x):
    """The definition, written out with dense matrices."""
    batch, channels, height, width = x.shape
    n = channels // g.groups
    sigma, tau = (F.one_hot(p.long(), p.shape[-1]).double() for p in permutations(g, x))
    groups = x.view(batch, g.groups, g.a, g.b, height, width)
    spread = lambda m: m.expand(m.shape[0], g.groups, *m.shape[2:])  # noqa: E731
    if form == 0:
        weight, gate = case.random("weight", channels, n, scale=n**-0.5), case.random("gate", channels)
        shift = case.random("shift", channels)
        moved = torch.einsum("zirk,ziql,ziklhw->zirqhw", spread(sigma), spread(tau), groups)
        moved = moved.reshape(batch, g.groups, n, height, width).transpose(1, 2).reshape(x.shape)
        fixed = torch.einsum("jic,zichw->zjihw", weight.view(n, g.groups, n), groups.flatten(2, 3)).reshape(x.shape)
        return fixed + gate.view(-1, 1, 1) * moved + shift.view(-1, 1, 1)
    wa = case.random("wa", g.pairs, g.a, g.a, scale=(2 * g.a) ** -0.5)
    wb = case.random("wb", g.pairs, g.b, g.b, scale=(2 * g.b) ** -0.5)
    scale, shift = case.random("scale", channels), case.random("shift", channels)
    y = torch.einsum("zirk,ziql,ziklhw->zirqhw", spread(wa + sigma), spread(wb + tau), groups)
    y = y.reshape(batch, g.groups, n, height, width).transpose(1, 2).reshape(x.shape)
    return y * scale.view(-1, 1, 1) + shift.view(-1, 1, 1)


def assignments(folder):
    """Logits [m, n, n] and the permutations that the rule of train/assign.py decodes, ties and all."""
    for n in (1, 2, 3, 4, 5, 7, 8, 12, 16, 29, 40, 64):
        random = np.random.RandomState(n)
        some = 8 if n <= 12 else 2
        real = random.randn(some, n, n)
        ties = random.randint(0, 3, (some, n, n))  # many equal sums
        odd = random.randn(some, n, n)
        for value in (np.nan, np.inf, -np.inf, 3e38):
            odd[random.rand(*odd.shape) < 0.08] = value
        flat = np.zeros((1, n, n))
        logits = np.concatenate([real, ties, odd, flat]).astype(np.float32)
        perm = assign.solve(logits).astype(np.int32)
        metadata = {"op": "assign", "attrs": "{}"}
        safetensors.write(folder / f"assign-{n}.safetensors", {"x": logits, "perm": perm}, metadata)


def whole(folder):
    """Narrow networks of each family, batch norms folded and kept."""
    small = {"classes": 10, "form": "cifar", "channels": (8, 16, 24, 32, 40), "repeats": (2, 2, 1)}
    v1, v2 = models.ShuffleNetV1, models.ShuffleNetV2
    cases = [
        ("v2", v2(classes=10, form="cifar", channels=(8, 12, 20, 32, 40), repeats=(2, 2, 1)), 32),
        ("v2-imagenet-stem", v2(classes=7, channels=(8, 12, 20, 28, 40), repeats=(2, 2, 1)), 64),
        ("v2-dynamic", v2(**small, shuffle="dynamic"), 32),
        ("v2-grouped", v2(**small, pointwise="grouped", pairs="g"), 32),
        ("v2-kronecker", v2(**small, shuffle="dynamic", pointwise="kronecker"), 32),
        ("v1-dynamic", v1(0.5, 2, 10, "cifar", "dynamic", "g", stem=8, channels=32, repeats=(2, 1, 2)), 32),
        ("v1-g1", v1(groups=1, classes=10, form="cifar", stem=8, channels=20, repeats=(2, 2, 1)), 32),
        ("v1-g2", v1(groups=2, classes=10, stem=8, channels=24, repeats=(2, 2, 1)), 64),
        ("v1-g3", v1(1, 3, 10, "cifar", pool=2, branch_first=True, stem=12, channels=24, repeats=(2, 2, 1)), 32),
        ("v1-g4", v1(groups=4, classes=10, form="cifar", stem=8, channels=16, repeats=(2, 1, 2)), 32),
        ("v1-g8", v1(groups=8, classes=10, form="cifar", stem=8, channels=32, repeats=(2, 2, 1)), 32),
    ]
    for name, model, size in cases:
        write_network(folder, name, model, size)


def record(model):
    """What the next pass fills: the permutations of each generator, as they come; and the hooks to remove."""
    chosen, hooks = [], []
    for path, module in model.named_modules():
        if isinstance(module, (shuffle.DynamicShuffle, shuffle.StaticDynamicShuffle)):
            if path.endswith(".dynamic"):
                continue  # inside a StaticDynamicShuffle, which is the one that becomes a node

            def hook(module, inputs):
                generator = module.generator if hasattr(module, "generator") else module.dynamic.generator
                chosen.append(permutations(generator, inputs[0]))

            hooks.append(module.register_forward_pre_hook(hook))
    return chosen, hooks


def run(model, size, g):
    """A random input x, the logits y in float64, and the permutations sigma.K and tau.K of dynamic node K."""
    x = torch.randn(2, 3, size, size, generator=g)
    chosen, hooks = record(model)
    try:
        tensors = {"x": x.numpy(), "y": model.double()(x.double()).numpy()}
    finally:
        model.float()
        for hook in hooks:
            hook.remove()
    for k, (sigma, tau) in enumerate(chosen):
        tensors[f"sigma.{k}"], tensors[f"tau.{k}"] = sigma.numpy(), tau.numpy()
    return tensors


def write_network(folder, name, model, size, opset=13):
    g = generator(name)
    for generator_module in shuffle.generators(shuffle.fold(model)):
        generator_module.logits.bias.data.zero_()
    for p in model.parameters():
        if p.dim() > 1:
            p.data.normal_(0, (2 / p[0].numel()) ** 0.5, generator=g)
    networks.calibrated(model, size, g)
    tensors = until_clear(lambda attempt: run(model, size, g))
    for form, fold in (("folded", True), ("kept", False)):
        path = folder / f"{name}.{form}.onnx"
        export.onnx(model, path, size, opset, fold, batch=1 if fold else None)
        if path.stat().st_size > 100_000:
            raise ValueError(f"{path}: {path.stat().st_size} bytes, want at most 100,000")
    safetensors.write(folder / f"{name}.safetensors", tensors)


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "testdata"
    torch.manual_seed(0)
    torch.set_grad_enabled(False)
    for name in ("ops", "nets"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for make in (convolutions, pools, moves, vectors, *golden_more.MAKERS, dynamics, assignments):
        make(root / "ops")
    whole(root / "nets")
    files = sorted(p for name in ("ops", "nets") for p in (root / name).iterdir())
    print(f"{len(files)} files, {sum(p.stat().st_size for p in files)} bytes, PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
