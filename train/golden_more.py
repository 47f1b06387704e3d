"""Golden files of activations, arithmetic, moves, norms and resizes: see golden.py."""

import torch
import torch.nn.functional as F

from .golden_case import Case, generator

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


def matrices(folder):
    """Products of matrices whose rows, or columns, are planes; sums of planes; rows of scores."""
    # name, groups, channels of both, height, width, which of both has its planes as columns
    cases = [
        ("rows-rows", 1, 5, 12, 3, 4, 0, 0),
        ("columns-rows", 2, 6, 6, 3, 5, 1, 0),
        ("rows-columns", 3, 12, 21, 5, 9, 0, 1),
        ("columns-columns", 2, 24, 10, 3, 4, 1, 1),
        ("outer", 1, 1, 1, 5, 7, 1, 0),
        ("wide", 1, 70, 90, 9, 10, 0, 0),
    ]
    for name, groups, first, second, height, width, columns_a, columns_b in cases:
        attrs = {"groups": groups, "columnsa": columns_a, "columnsb": columns_b}
        case = Case(f"matmul-{name}", "matmul", **attrs)
        a, b = case.random("x0", 2, first, height, width), case.random("x1", 2, second, height, width)
        a, b = a.view(2, groups, -1, height * width), b.view(2, groups, -1, height * width)
        a, b = a.mT if columns_a else a, b.mT if columns_b else b
        size = (1, b.shape[3]) if columns_b else (height, width)
        case.write(folder, (a @ b).reshape(2, -1, *size))
    for height, width in ((7, 7), (1, 1), (13, 21)):
        case = Case(f"gsum-{height}x{width}", "gsum")
        case.write(folder, case.random("x", 2, 9, height, width).sum((2, 3), keepdim=True))
    for op, function in (("softmax", torch.softmax), ("logsoftmax", torch.log_softmax)):
        case = Case(f"{op}-planes", op)
        case.write(folder, function(case.random("x", 2, 5, 3, 7, scale=5.0).view(2, 5, 21), 2).view(2, 5, 3, 7))


MAKERS = (activations, arithmetic, moved, norms, resizes, matrices)
