"""Writes the golden files of testdata/: python3 -m train.golden [FOLDER].

ops/*.safetensors is one operator with PyTorch's answer in each; nets/* is a
small whole network as ONNX, with inputs and outputs. testdata/README.md says
how to read them. Everything is seeded: the same PyTorch writes the same bytes.
"""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import assign, export, models, networks, safetensors, shuffle


def generator(name):
    return torch.Generator().manual_seed(zlib.crc32(name.encode()))


class Case:
    """One operator: attributes as a model file has them, inputs, tensors, outputs."""

    def __init__(self, name, op, **attrs):
        self.name, self.op = name, op
        self.attrs = {k: list(v) if isinstance(v, (list, tuple)) else [int(v)] for k, v in attrs.items()}
        self.tensors = {}
        self.g = generator(name)

    def random(self, role, *shape, scale=1.0):
        """A seeded normal tensor, kept in float32, returned in float64."""
        value = (scale * torch.randn(*shape, generator=self.g)).float()
        self.tensors[role] = value
        return value.double()

    def write(self, folder, *outputs):
        for k, y in enumerate(outputs):
            self.tensors["y" if len(outputs) == 1 else f"y{k}"] = y
        arrays = {k: v.detach().contiguous().numpy() for k, v in self.tensors.items()}
        metadata = {"op": self.op, "attrs": json.dumps(self.attrs, separators=(",", ":"))}
        safetensors.write(folder / f"{self.name}.safetensors", arrays, metadata)


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


SPECIAL = (float("nan"), float("inf"), -float("inf"), -0.0, 0.0, 6.0, -3.0, 3.0, 0.625, -20.0, 20.0, -89.0, 89.0, -104.0, 1e-30, -1e-30)


def activations(folder):
    """Each function on a spread of values, and on those where it bends or ends."""
    cases = [
        ("sigmoid", {}, {}, lambda x, t: torch.sigmoid(x)),
        ("silu", {}, {}, lambda x, t: F.silu(x)),
        ("hardswish", {}, {}, lambda x, t: F.hardswish(x)),
        ("mish", {}, {}, lambda x, t: F.mish(x)),
        ("tanh", {}, {}, lambda x, t: torch.tanh(x)),
        ("gelu", {}, {}, lambda x, t: F.gelu(x)),
        ("gelu-tanh", {"tanh": 1}, {}, lambda x, t: F.gelu(x, approximate="tanh")),
        ("hardsigmoid", {}, {"alpha": 0.2, "beta": 0.5}, lambda x, t: (t["alpha"] * x + t["beta"]).clamp(0, 1)),
        ("leakyrelu", {}, {"slope": 0.1}, lambda x, t: torch.where(x < 0, t["slope"] * x, x)),
        ("elu", {}, {"alpha": 0.7}, lambda x, t: torch.where(x < 0, t["alpha"] * torch.expm1(x), x)),
        ("erf", {}, {}, lambda x, t: torch.erf(x)),
        ("softplus", {}, {}, lambda x, t: F.softplus(x, threshold=1000)),
        ("exp", {}, {}, lambda x, t: torch.exp(x)),
        ("sqrt", {}, {}, lambda x, t: torch.sqrt(x)),
        ("abs", {}, {}, lambda x, t: torch.abs(x)),
        ("reciprocal", {}, {}, lambda x, t: 1 / x),
        ("clip", {}, {"min": -0.3, "max": 1.7}, lambda x, t: x.clamp(t["min"], t["max"])),
        ("clip-min", {}, {"min": -0.3}, lambda x, t: x.clamp(min=t["min"])),
        ("clip-max", {}, {"max": 0.4}, lambda x, t: x.clamp(max=t["max"])),
        ("clip-none", {}, {}, lambda x, t: x),
    ]
    for name, attrs, numbers, function in cases:
        case = Case(name, name.split("-")[0], **attrs)
        case.random("x", 1, 4, 6, 7, scale=4.0)
        for at, value in enumerate(SPECIAL):
            case.tensors["x"].view(-1)[10 * at] = value
        x = case.tensors["x"].double()
        for role, value in numbers.items():
            case.tensors[role] = torch.tensor([value], dtype=torch.float32)
        case.write(folder, function(x, {r: case.tensors[r].double() for r in numbers}))
    case = Case("prelu", "prelu")
    x, slope = case.random("x", 2, 5, 3, 7), case.random("slope", 5)
    case.write(folder, F.prelu(x, slope))
    for count, scale in ((10, 3.0), (1000, 30.0), (1, 1.0)):
        case = Case(f"logsoftmax-{count}", "logsoftmax")
        case.write(folder, torch.log_softmax(case.random("x", 3, count, scale=scale), 1))


def arithmetic(folder):
    """Two inputs of one shape, two of which one has one channel, and one with constants of every shape."""
    functions = {"add": torch.add, "mul": torch.mul, "sub": torch.sub, "div": torch.div, "min": torch.minimum, "max": torch.maximum}
    for op, function in functions.items():
        if op != "add":
            case = Case(op, op)
            case.write(folder, function(case.random("x0", 2, 5, 3, 5), case.random("x1", 2, 5, 3, 5)))
        for first, second in ((1, 6), (6, 1)):
            case = Case(f"{op}-{first}-{second}", op)
            case.write(folder, function(case.random("x0", 2, first, 3, 5), case.random("x1", 2, second, 3, 5)))
        for shape in ((4, 3, 5), (4, 1, 1), (1, 3, 5), (4, 3, 1), (1, 1, 5), (1, 1, 1)):
            case = Case(f"{op}-value-{'x'.join(map(str, shape))}", op)
            case.write(folder, function(case.random("x", 2, 4, 3, 5), case.random("value", *shape)))
        case = Case(f"{op}-vector", op)
        case.write(folder, function(case.random("x", 2, 9), case.random("value", 9)))
    for height, width in ((7, 7), (1, 1), (3, 5)):
        case = Case(f"gmp-{height}x{width}", "gmp")
        case.write(folder, case.random("x", 2, 9, height, width).amax((2, 3), keepdim=True))


def moved(folder):
    """Elements in another order, and margins."""
    cases = {
        "space-to-depth": ((4, 6, 8), lambda x: F.pixel_unshuffle(x, 2), (16, 3, 4), (4, 2, 2, 3, 4), (48, 8, 1, 16, 2), 0),
        "depth-to-space": ((8, 3, 4), lambda x: F.pixel_shuffle(x, 2), (2, 6, 8), (2, 3, 2, 4, 2), (48, 4, 24, 1, 12), 0),
        "every-second": ((3, 5, 7), lambda x: x[:, :, ::2, 1::2], (3, 3, 3), (3, 3, 3), (35, 14, 2), 1),
        "flipped": ((3, 4, 5), lambda x: x.flip(3), (3, 4, 5), (12, 5), (5, -1), 4),
        "transposed": ((3, 4, 5), lambda x: x.permute(0, 3, 1, 2), (5, 3, 4), (5, 12), (1, 5), 0),
        "vector-to-planes": ((24,), lambda x: x.view(-1, 2, 3, 4), (2, 3, 4), (24,), (1,), 0),
        "planes-to-pixels": ((6, 1, 1), lambda x: x.view(-1, 1, 2, 3), (1, 2, 3), (6,), (1,), 0),
        "vector-to-pixels": ((6,), lambda x: x.view(-1, 6, 1, 1), (6, 1, 1), (6,), (1,), 0),
        "channels-twice": ((3, 2, 2), lambda x: x.repeat(1, 2, 1, 1), (6, 2, 2), (2, 12), (0, 1), 0),
    }
    for name, (given, function, shape, dims, strides, offset) in cases.items():
        case = Case(f"rearrange-{name}", "rearrange", shape=shape, dims=dims, strides=strides, offset=offset)
        case.write(folder, function(case.random("x", 2, *given)))
    index = [int(k) for k in torch.randperm(9, generator=generator("rearrange-index"))]
    case = Case("rearrange-index", "rearrange", shape=(3, 3, 4), index=[4 * k for k in index], run=4)
    case.write(folder, case.random("x", 2, 9, 2, 2).view(2, 9, 4)[:, index].view(2, 3, 3, 4))
    for name, mode in (("constant", 0), ("reflect", 1), ("replicate", 2)):
        case = Case(f"pad-{name}", "pad", pad=(1, 2, 3, 0), mode=mode)
        case.write(folder, F.pad(case.random("x", 2, 3, 5, 6), (2, 0, 1, 3), mode=name))
    case = Case("pad-value", "pad", pad=(0, 1, 1, 2))
    x, value = case.random("x", 2, 3, 5, 6), case.random("value", 1)
    case.write(folder, F.pad(x, (1, 2, 0, 1), value=value.item()))
    case = Case("pad-channels", "pad", channels=(2, 3))
    case.write(folder, F.pad(case.random("x", 2, 3, 5, 6), (0, 0, 0, 0, 2, 3)))


def norms(folder):
    """Layer and group norms. The first channels are far from 0 in some, so that a variance cancels."""
    for name, shape in (("layernorm-planes", (37, 5, 7)), ("layernorm-row", (8, 1, 3)), ("layernorm-vector", (24,)), ("layernorm-pixel", (12, 1, 1))):
        case = Case(name, "layernorm")
        x, s, t = case.random("x", 2, *shape, scale=3.0), case.random("scale", shape[0]), case.random("shift", shape[0])
        case.tensors["epsilon"] = torch.tensor([1e-5])
        last = x.movedim(1, -1)
        case.write(folder, F.layer_norm(last, shape[:1], s, t, 1e-5).movedim(-1, 1))
    for groups, shape in ((1, (6, 4, 5)), (3, (12, 3, 7)), (6, (6, 8, 9)), (2, (8, 1, 1))):
        case = Case(f"groupnorm-{groups}-of-{shape[0]}", "groupnorm", groups=groups)
        x, s, t = case.random("x", 2, *shape, scale=3.0), case.random("scale", shape[0]), case.random("shift", shape[0])
        case.tensors["epsilon"] = torch.tensor([1e-5])
        case.write(folder, F.group_norm(x, groups, s, t, 1e-5))


def resizes(folder):
    """Planes of other sizes, by PyTorch's three ways."""
    for height, width, rows, columns in ((4, 5, 8, 10), (7, 9, 3, 4), (3, 4, 5, 11), (6, 6, 1, 6), (1, 2, 4, 3)):
        size = f"{height}x{width}-{rows}x{columns}"
        for name, mode, attrs, options in (
            ("nearest", "nearest", {"coordinates": 1}, {}),
            ("nearest-exact", "nearest-exact", {"round": 3}, {}),
            ("linear", "bilinear", {"mode": 1}, {"align_corners": False}),
            ("linear-corners", "bilinear", {"mode": 1, "coordinates": 2}, {"align_corners": True}),
        ):
            case = Case(f"resize-{name}-{size}", "resize", size=(rows, columns), **attrs)
            case.write(folder, F.interpolate(case.random("x", 2, 3, height, width), (rows, columns), mode=mode, **options))


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
    for make in (convolutions, pools, moves, vectors, activations, arithmetic, moved, norms, resizes, dynamics, assignments):
        make(root / "ops")
    whole(root / "nets")
    files = sorted(p for name in ("ops", "nets") for p in (root / name).iterdir())
    print(f"{len(files)} files, {sum(p.stat().st_size for p in files)} bytes, PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
