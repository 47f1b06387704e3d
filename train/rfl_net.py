"""Runs the network of an .rfl file in PyTorch, from weights/FORMAT.md alone.

It shares nothing with the engine, and has the weights exactly as the file has
them (float16 ones included): what it computes is what the engine is held to.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from . import rfl, shuffle
from .rfl_whole import MOVES, Whole, WholeOperators, moved


SHUFFLES = ("dynamicshuffle", "staticdynamicshuffle", "qstaticdynamicshuffle")  # operators that have a generator


class RflNet(WholeOperators, nn.Module):
    """The network of a file; evaluation only. document is its JSON section."""

    def __init__(self, path):
        super().__init__()
        try:
            self.document, tensors = rfl.read(Path(path).read_bytes())
        except rfl.FormatError as error:
            raise rfl.FormatError(f"{path}: {error}") from error
        self.graph = self.document["graph"]
        self.tensors = {name: torch.from_numpy(value.copy()) for name, value in tensors.items()}
        self.generators = nn.ModuleDict()
        for node in self.graph["nodes"]:
            if node["op"] in SHUFFLES:
                self.generators[node["name"].replace(".", "_")] = self.generator(node)
        self.eval()

    def generator(self, node):
        (groups,), factors, (pairs,) = node["attrs"]["groups"], node["attrs"]["factors"], node["attrs"].get("pairs", [1])
        g = shuffle.Generator(groups * factors[0] * factors[1], groups, pairs, tuple(factors))
        g.fold()
        hidden = self.tensors[node["tensors"]["w1"]].shape[0]
        g.hidden, g.logits = nn.Linear(1, hidden), nn.Linear(hidden, 1)
        for parameter, role in zip(g.exported(), ("w1", "b1", "w2", "b2")):
            parameter.data = self.tensors[node["tensors"][role]]
        return g

    def forward(self, x):
        values = {self.graph["inputs"][0]["name"]: x}
        for node in self.graph["nodes"]:
            inputs = [values[name] for name in node["in"]]
            operator, attrs = getattr(self, "op_" + node["op"]), node.get("attrs", {})
            if node["op"] in MOVES and isinstance(inputs[0], Whole):
                outputs = moved(operator, node, attrs, *inputs)
            else:
                outputs = operator(node, attrs, *inputs)
            for name, value in zip(node["out"], outputs if isinstance(outputs, tuple) else (outputs,)):
                values[name] = value
        y = values[self.graph["outputs"][0]]
        return y.real() if isinstance(y, Whole) else y

    def role(self, node, name):
        key = node.get("tensors", {}).get(name)
        return None if key is None else self.tensors[key]

    def op_conv(self, node, a, x):
        top, left, bottom, right = a.get("pad", [0, 0, 0, 0])
        x = F.pad(x, (left, right, top, bottom))
        stride, dilation = a.get("stride", [1, 1]), a.get("dilation", [1, 1])
        return F.conv2d(
            x, self.role(node, "weight"), self.role(node, "bias"), stride, 0, dilation, a.get("groups", [1])[0]
        )

    def op_affine(self, node, a, x):
        return self.role(node, "scale")[:, None, None] * x + self.role(node, "shift")[:, None, None]

    def op_relu(self, node, a, x):
        return torch.relu(x)

    def op_relu6(self, node, a, x):
        return x.clamp(0, 6)

    def op_add(self, node, a, x, y):
        return x + y

    def op_concat(self, node, a, *inputs):
        return torch.cat(inputs, 1)

    def op_split(self, node, a, x):
        return torch.split(x, a["sizes"], 1)

    def op_slice(self, node, a, x):
        start, stop, step = a["range"]
        return x[:, start:stop:step]

    def op_shuffle(self, node, a, x):
        return x[:, a["perm"]]

    @staticmethod
    def pool(a, x, value):
        """x padded for a pool that then needs no padding, the last window of ceil included."""
        top, left, bottom, right = a.get("pad", [0, 0, 0, 0])
        (kh, kw), (sh, sw) = a["kernel"], a.get("stride", [1, 1])
        if a.get("ceil", [0])[0]:
            h, w = x.shape[2] + top, x.shape[3] + left
            more = lambda size, end, k, s: max(0, -(-(size + end - k) // s) * s + k - size - end)  # noqa: E731
            extra_h, extra_w = more(h, bottom, kh, sh), more(w, right, kw, sw)
            # No window starts in the padding at the end.
            bottom += extra_h if (h + bottom + extra_h - kh) // sh * sh < h else 0
            right += extra_w if (w + right + extra_w - kw) // sw * sw < w else 0
        return F.pad(x, (left, right, top, bottom), value=value), (kh, kw), (sh, sw)

    def op_maxpool(self, node, a, x):
        return F.max_pool2d(*self.pool(a, x, float("-inf")))

    def op_avgpool(self, node, a, x):
        y = F.avg_pool2d(*self.pool(a, x, 0.0))
        if a.get("countpad", [0])[0] and not a.get("ceil", [0])[0]:
            return y
        ones = torch.ones_like(x[:1, :1])
        if a.get("countpad", [0])[0]:
            ones = F.pad(ones, [a.get("pad", [0] * 4)[k] for k in (1, 3, 0, 2)], value=1.0)
            a = {k: v for k, v in a.items() if k != "pad"}
        return y / F.avg_pool2d(*self.pool(a, ones, 0.0))

    def op_gap(self, node, a, x):
        if isinstance(x, Whole):
            return x.centred().sum((2, 3), keepdim=True) * (x.scale / (x.q.shape[2] * x.q.shape[3]))
        return x.mean((2, 3), keepdim=True)

    def op_flatten(self, node, a, x):
        return x.flatten(1)

    def op_linear(self, node, a, x):
        return F.linear(x, self.role(node, "weight"), self.role(node, "bias"))

    def op_softmax(self, node, a, x):
        return torch.softmax(x, 1) if x.dim() == 2 else torch.softmax(x.flatten(2), 2).view_as(x)

    def op_dynamicshuffle(self, node, a, x):
        g = self.generators[node["name"].replace(".", "_")]
        if isinstance(x, Whole):
            return Whole(self.routed(g, x) + x.zero, x.scale, x.zero)
        return g.shuffle(x)

    def op_staticdynamicshuffle(self, node, a, x):
        g = self.generators[node["name"].replace(".", "_")]
        planes = lambda name: self.role(node, name)[:, None, None]  # noqa: E731
        if a.get("form", [0])[0] == 0:
            return self.grouped(g, x, self.role(node, "weight")) + planes("gate") * g.shuffle(x) + planes("shift")
        first, second = g.mixing(x)
        y = shuffle.mix(x, shuffle.kronecker(self.role(node, "wa") + first, self.role(node, "wb") + second, g.groups))
        return planes("scale") * y + planes("shift")

    @staticmethod
    def grouped(g, x, weight):
        """The grouped pointwise convolution of a static-dynamic shuffle, and the cross-group shuffle behind it."""
        n = g.a * g.b  # weight is by output slot j*g+i; a convolution wants group i's together
        weight = weight.view(n, g.groups, n).transpose(0, 1).reshape(-1, n, 1, 1)
        return shuffle.cross_group(F.conv2d(x, weight, groups=g.groups), g.groups, n)
