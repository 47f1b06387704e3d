"""Writes the ONNX files of this folder and PyTorch's answers to them.

    python3 make.py [FOLDER]

NAME.onnx is what torch.onnx.export writes for one small network with random
weights; NAME.safetensors holds x (float32, a batch of 2 unless the file fixes
another) and y0, y1, ... (float64: the network's outputs, computed in float64
from the float32 weights and input). Made with PyTorch 1.13 and onnx 1.12
(Debian's python3-torch and python3-onnx); everything is seeded. OMP_NUM_THREADS=1
is advised: the same PyTorch writes the same bytes.
"""

import copy
import json
import struct
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")
HERE = Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
HERE = HERE if HERE.is_dir() else HERE.parent


def safetensors(path, arrays):
    header, data, at = {}, [], 0
    for name, a in arrays.items():
        raw = np.ascontiguousarray(a).tobytes()
        kind = {"float32": "F32", "float64": "F64"}[str(a.dtype)]
        header[name] = {"dtype": kind, "shape": list(a.shape), "data_offsets": [at, at + len(raw)]}
        at += len(raw)
        data.append(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))


def lively(model, g):
    """Random weights, and batch-norm statistics that are not trivial."""
    with torch.no_grad():
        for m in model.modules():
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
                m.running_mean.copy_(0.5 * torch.randn(m.num_features, generator=g))
                m.running_var.copy_(0.5 + torch.rand(m.num_features, generator=g))
                m.weight.copy_(0.5 + torch.rand(m.num_features, generator=g))
                m.bias.copy_(0.5 * torch.randn(m.num_features, generator=g))
            elif isinstance(m, (nn.Conv2d, nn.Linear)):
                fan = m.weight[0].numel()
                m.weight.copy_(torch.randn(m.weight.shape, generator=g) * (2 / fan) ** 0.5)
                if m.bias is not None:
                    m.bias.copy_(0.3 * torch.randn(m.bias.shape, generator=g))


def make(name, model, shape, opset=13, fold=True, batch=None, outputs=1):
    """batch: a number, or None for a symbolic one."""
    g = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    model = model() if isinstance(model, type) else model
    lively(model, g)
    model.eval()
    x = torch.randn(batch or 2, *shape, generator=g)
    names = [f"y{i}" for i in range(outputs)]
    options = {}
    if batch is None:
        options["dynamic_axes"] = {n: {0: "batch"} for n in ["x", *names]}
    path = HERE / f"{name}.onnx"
    torch.onnx.export(
        model, x, str(path), opset_version=opset, input_names=["x"], output_names=names, do_constant_folding=fold,
        training=torch.onnx.TrainingMode.EVAL if fold else torch.onnx.TrainingMode.PRESERVE, **options)
    with torch.no_grad():
        y = copy.deepcopy(model).double()(x.double())
    y = y if isinstance(y, tuple) else (y,)
    safetensors(path.with_suffix(".safetensors"), {"x": x.numpy(), **{n: v.numpy() for n, v in zip(names, y)}})
    print(f"{path.name}: {path.stat().st_size} bytes")


class Net(nn.Module):
    """A network whose forward is a function of self and x."""

    def __init__(self, forward, **modules):
        super().__init__()
        self.run = forward
        for k, m in modules.items():
            setattr(self, k, m)

    def forward(self, x):
        return self.run(self, x)


def conv(i, o, k=1, s=1, groups=1, bias=False, **kw):
    kw.setdefault("padding", 0 if isinstance(k, tuple) else k // 2)
    return nn.Conv2d(i, o, k, s, groups=groups, bias=bias, **kw)


def shuffle(x, g):
    """torchvision's."""
    b, c, h, w = x.size()
    x = x.view(b, g, c // g, h, w)
    x = torch.transpose(x, 1, 2).contiguous()
    return x.view(b, -1, h, w)


class Unit(nn.Module):
    """ShuffleNet V2's unit, as torchvision has it."""

    def __init__(self, c, stride):
        super().__init__()
        h = c // 2
        i = c if stride == 2 else h
        self.stride = stride
        if stride == 2:
            self.left = nn.Sequential(conv(i, i, 3, 2, i), nn.BatchNorm2d(i), conv(i, h), nn.BatchNorm2d(h), nn.ReLU())
        self.right = nn.Sequential(
            conv(i, h), nn.BatchNorm2d(h), nn.ReLU(), conv(h, h, 3, stride, h), nn.BatchNorm2d(h), conv(h, h), nn.BatchNorm2d(h), nn.ReLU())

    def forward(self, x):
        if self.stride == 1:
            a, b = x.chunk(2, dim=1)
            return shuffle(torch.cat((a, self.right(b)), dim=1), 2)
        return shuffle(torch.cat((self.left(x), self.right(x)), dim=1), 2)


class V2(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 8, 3, 2), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.units = nn.Sequential(Unit(8, 2), Unit(8, 1), Unit(8, 1))
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        return self.fc(self.units(self.pool(self.stem(x))).mean([2, 3]))


class V1(nn.Module):
    """A unit of ShuffleNet V1 of each stride, 3 groups."""

    def __init__(self):
        super().__init__()
        self.a = nn.Sequential(conv(6, 6, 1, groups=3), nn.BatchNorm2d(6), nn.ReLU())
        self.b = nn.Sequential(conv(6, 6, 3, 2, 6), nn.BatchNorm2d(6), conv(6, 6, groups=3), nn.BatchNorm2d(6))
        self.c = nn.Sequential(conv(12, 12, 1, groups=3), nn.BatchNorm2d(12), nn.ReLU())
        self.d = nn.Sequential(conv(12, 12, 3, 1, 12), nn.BatchNorm2d(12), conv(12, 12, groups=3), nn.BatchNorm2d(12))
        self.fc = nn.Linear(12, 4)

    def forward(self, x):
        y = F.relu(torch.cat([F.avg_pool2d(x, 3, 2, 1), self.b(shuffle(self.a(x), 3))], 1))
        y = F.relu(y + self.d(shuffle(self.c(y), 3)))
        return self.fc(F.avg_pool2d(y, (5, 4)).flatten(1))


def folds_batch(x, g):
    """A channel shuffle that folds the batch into the groups."""
    n, c, h, w = x.shape
    return x.reshape(n * g, c // g, h * w).reshape(n, g, c // g, h * w).permute(0, 2, 1, 3).reshape(n, c, h, w)


def main():
    bn = lambda c: nn.BatchNorm2d(c)  # noqa: E731
    k = lambda *v: torch.tensor(v).view(1, -1, 1, 1)  # noqa: E731
    block = lambda: nn.Sequential(conv(3, 4, 3), bn(4), nn.ReLU(), conv(4, 4, 3, groups=4, bias=True), bn(4))  # noqa: E731
    image = (3, 8, 10)

    # Batch norms.
    make("bn-folded", block(), image)
    make("bn-kept", block(), image, fold=False)
    make("bn-kept-11", block(), image, 11, fold=False)
    make("bn-kept-17", block(), image, 17, fold=False, batch=1)
    make("bn-first", nn.Sequential(bn(3), nn.ReLU(), conv(3, 4)), image, fold=False)
    make("bn-pooled", nn.Sequential(conv(3, 4), nn.MaxPool2d(3, 2, 1), bn(4), nn.ReLU()), image, fold=False)
    negative = nn.Sequential(conv(3, 4), nn.MaxPool2d(2), Net(lambda m, x: m.bn(x) * k(1.0, -1.0, 0.5, 2.0), bn=bn(4)))
    make("bn-pooled-negative", negative, image, fold=False)
    make("bn-shared", Net(lambda m, x: (lambda y: m.bn(y) + y)(m.conv(x)), conv=conv(3, 4), bn=bn(4)), image, fold=False)
    make("bn-twice", nn.Sequential(conv(3, 4), bn(4), bn(4), nn.ReLU()), image, fold=False)
    make("bn-linear", nn.Sequential(nn.Flatten(), nn.Linear(240, 6, bias=False), nn.BatchNorm1d(6)), image, fold=False)

    # Whole networks, of every opset and form of batch.
    for opset in (11, 12, 13, 14, 15, 16, 17):
        make(f"v2-{opset}", V2(), (3, 16, 16), opset, fold=opset % 2 == 1)
    make("v2-batch1", V2(), (3, 16, 16), batch=1)
    make("v2-batch3", V2(), (3, 16, 16), batch=3, fold=False)
    make("v1-13", V1(), (6, 9, 8))
    make("v1-11", V1(), (6, 9, 8), 11, fold=False)
    make("v1-batch3", V1(), (6, 9, 8), batch=3)

    # Shuffles in other words.
    stem = lambda c=12: conv(3, c)  # noqa: E731
    net = lambda f, c=12, **kw: Net(lambda m, x: f(m.stem(x)), stem=stem(c), **kw)  # noqa: E731
    make("shuffle-permute", net(lambda x: x.reshape(-1, 3, 4, 8, 10).permute(0, 2, 1, 3, 4).flatten(1, 2)), image)
    make("shuffle-folds-batch", net(lambda x: folds_batch(x, 3)), image)
    make("shuffle-folds-batch3", net(lambda x: folds_batch(x, 4)), image, batch=3)
    make("shuffle-gather", net(lambda x: x[:, torch.tensor([5, 0, 7, 2, 11, 9, 1, 3, 4, 10, 8, 6])]), image)
    make("shuffle-index-select", net(lambda x: x.index_select(1, torch.tensor([3, 4, 11, 2]))), image)
    make("shuffle-stack", Net(lambda m, x: torch.stack((m.a(x), m.b(x)), 2).flatten(1, 2), a=stem(5), b=stem(5)), image)
    make("shuffle-twice", net(lambda x: shuffle(shuffle(x, 3), 2)), image)
    make("shuffle-back", net(lambda x: shuffle(shuffle(x, 3), 4)), image)
    make("shuffle-nhwc", net(lambda x: x.permute(0, 2, 3, 1).reshape(-1, 8, 10, 2, 6).transpose(3, 4).flatten(3).permute(0, 3, 1, 2)), image)
    make("shuffle-split", net(lambda x: torch.cat([x.view(-1, 6, 2, 8, 10)[:, :, 1], x.view(-1, 6, 2, 8, 10)[:, :, 0]], 1)), image)

    # Splits and slices.
    make("split-sizes", net(lambda x: torch.cat([v.relu() for v in x.split([3, 4, 5], 1)][::-1], 1)), image)
    make("split-chunk-11", net(lambda x: torch.cat([v.relu() for v in x.chunk(5, 1)][::-1], 1)), image, 11)
    make("split-slices", net(lambda x: torch.cat([x[:, 8:], x[:, :8].relu()], 1)), image)
    make("split-steps", net(lambda x: torch.cat([x[:, 1::2], x[:, ::2].relu(), x[:, -3:-1]], 1)), image)
    make("split-outputs", net(lambda x: (x[:, :4], shuffle(x, 2), F.softmax(x.mean((2, 3)), 1))), image, outputs=3)

    # Activations.
    make("relu6-11", nn.Sequential(stem(), nn.ReLU6()), image, 11)
    make("relu6-17", nn.Sequential(stem(), nn.ReLU6(), conv(12, 3), nn.Hardtanh(0, 6)), image, 17)
    make("clamp", Net(lambda m, x: (m.a(x).clamp(min=0), m.a(x).clamp(0, 6), m.a(x).relu().clamp(max=6)), a=stem(3)), image, outputs=3)

    # Pools.
    make("pool-max", nn.Sequential(nn.MaxPool2d(3, 2, 1), nn.MaxPool2d(2, 2, ceil_mode=True), nn.MaxPool2d((2, 1), 1)), (3, 15, 17))
    make("pool-avg", nn.Sequential(nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.AvgPool2d(2, 2, ceil_mode=True)), (3, 14, 17))
    make("pool-avg-count", nn.Sequential(nn.AvgPool2d(3, 2, 1), nn.AvgPool2d((3, 2), 1, (1, 0))), (3, 14, 17))
    make("pool-global", nn.Sequential(stem(4), nn.AdaptiveAvgPool2d(1), nn.Flatten()), image)
    make("mean-keepdim", Net(lambda m, x: m.b(m.a(x).mean((2, 3), keepdim=True)), a=stem(4), b=conv(4, 5, bias=True)), image)
    make("mean-negative", net(lambda x: x.mean((-1, -2)), 4), image, 11)
    make("mean-flat", net(lambda x: x.flatten(2).mean(-1), 4), image)

    # Vectors.
    make("gemm", nn.Sequential(nn.Flatten(), nn.Linear(240, 7), nn.ReLU(), nn.Dropout(), nn.Linear(7, 5, bias=False), nn.Softmax(1)), image)
    make("matmul", Net(lambda m, x: torch.matmul(m.a(x).flatten(1), m.w) + m.b, a=stem(2), w=nn.Parameter(torch.linspace(-1, 1, 160 * 4).view(160, 4)), b=nn.Parameter(torch.tensor([1.0, 2, 3, 4]))), image)
    make("reshape-vector", Net(lambda m, x: m.fc(m.a(x).view(x.size(0), -1)), a=stem(2), fc=nn.Linear(160, 4)), image)
    make("vector", nn.Sequential(nn.Linear(9, 6), nn.ReLU(), nn.Linear(6, 4)), (9,), 12)

    # Padding, windows.
    make("pad-conv", nn.Sequential(nn.ZeroPad2d((1, 2, 0, 3)), conv(3, 4, 3, 2, padding=0), nn.ConstantPad2d(1, 0), conv(4, 4, 3, groups=4)), image)
    make("pad-conv-11", nn.Sequential(nn.ZeroPad2d((1, 2, 0, 3)), conv(3, 4, 3, 2, padding=0)), image, 11, fold=False)
    make("pad-max", nn.Sequential(stem(4), nn.ReLU(), nn.ZeroPad2d((0, 1, 0, 1)), nn.MaxPool2d(3, 2)), image)
    make("pad-max-lowest", nn.Sequential(stem(4), nn.ConstantPad2d((0, 1, 0, 1), float("-inf")), nn.MaxPool2d(3, 2)), image)
    make("conv-forms", nn.Sequential(conv(3, 4, 3, dilation=2, padding=2), nn.ReLU(), conv(4, 6, 5, 2, groups=2, bias=True), conv(6, 6, (1, 3), (2, 1), groups=6, padding=(0, 1))), (3, 17, 16))

    # Arithmetic with constants.
    make("affine-input", Net(lambda m, x: m.a((x - k(0.4, 0.5, 0.6)) / k(0.2, 0.3, 0.25)), a=stem(4)), image)
    make("affine-after", net(lambda x: torch.relu(1 - x * k(2.0, 0.5, -1.0) + 0.25).div(2), 3), image)
    make("affine-chain", Net(lambda m, x: ((x + 1) * 3 - 2).relu() + m.a(x), a=stem(3)), image)
    make("residual", Net(lambda m, x: F.relu(m.b(F.relu(m.a(x))) + m.c(x)), a=nn.Sequential(conv(3, 4, 3), bn(4)), b=nn.Sequential(conv(4, 4, 3), bn(4)), c=nn.Sequential(conv(3, 4), bn(4))), image)
    make("double", Net(lambda m, x: m.a(x.double()).float(), a=conv(3, 4).double()), image)
    make("dead", Net(lambda m, x: (m.a(x), m.b(x))[0], a=stem(4), b=stem(5)), image)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
