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

from . import export, models, networks, safetensors


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


def whole(folder):
    """Narrow networks of each family, batch norms folded and kept."""
    v1, v2 = models.ShuffleNetV1, models.ShuffleNetV2
    cases = [
        ("v2", v2(classes=10, form="cifar", channels=(8, 12, 20, 32, 40), repeats=(2, 2, 1)), 32),
        ("v2-imagenet-stem", v2(classes=7, channels=(8, 12, 20, 28, 40), repeats=(2, 2, 1)), 64),
        ("v1-g1", v1(groups=1, classes=10, form="cifar", stem=8, channels=20, repeats=(2, 2, 1)), 32),
        ("v1-g2", v1(groups=2, classes=10, stem=8, channels=24, repeats=(2, 2, 1)), 64),
        ("v1-g3", v1(3, 3, 10, "cifar", pool=2, branch_first=True, stem=12, channels=24, repeats=(2, 2, 1)), 32),
        ("v1-g4", v1(groups=4, classes=10, form="cifar", stem=8, channels=16, repeats=(2, 1, 2)), 32),
        ("v1-g8", v1(groups=8, classes=10, form="cifar", stem=8, channels=32, repeats=(2, 2, 1)), 32),
    ]
    for name, model, size in cases:
        write_network(folder, name, model, size)


def write_network(folder, name, model, size, opset=13):
    g = generator(name)
    for p in model.parameters():
        if p.dim() > 1:
            p.data.normal_(0, (2 / p[0].numel()) ** 0.5, generator=g)
    networks.calibrated(model, size, g)
    x = torch.randn(2, 3, size, size, generator=g)
    with torch.no_grad():
        y = model.double()(x.double())
        model.float()
    for form, fold in (("folded", True), ("kept", False)):
        path = folder / f"{name}.{form}.onnx"
        export.onnx(model, path, size, opset, fold, batch=1 if fold else None)
        if path.stat().st_size > 100_000:
            raise ValueError(f"{path}: {path.stat().st_size} bytes, want at most 100,000")
    safetensors.write(folder / f"{name}.safetensors", {"x": x.numpy(), "y": y.numpy()})


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "testdata")
    torch.manual_seed(0)
    for name in ("ops", "nets"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for make in (convolutions, pools, moves, vectors):
        make(root / "ops")
    whole(root / "nets")
    files = sorted(p for name in ("ops", "nets") for p in (root / name).iterdir())
    print(f"{len(files)} files, {sum(p.stat().st_size for p in files)} bytes, PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
