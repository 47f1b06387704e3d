"""Channel shuffles: static, dynamic, and the static-dynamic stand-in for a pointwise convolution.

Row = output slot, column = input slot in every permutation. While soft, a
module mixes channels by row-softmaxed matrices at a temperature; while hard, it
permutes them, and the gradient passes straight through to the soft matrices.
`set_mode` moves a whole network from one to the other; evaluation is hard, but within `evaluated_soft`.
"""

import contextlib

import torch
import torch.nn.functional as F
from torch import nn

from .generator import Generator
from .permute import across, cross_group, kronecker, mix

KINDS = ("static", "dynamic")
POINTWISE = ("dense", "grouped", "kronecker")


class StaticShuffle(nn.Module):
    """The plain channel shuffle."""

    def __init__(self, channels, groups):
        super().__init__()
        if groups < 1 or channels % groups:
            raise ValueError(f"{channels} channels do not make {groups} groups")
        self.groups, self.n = groups, channels // groups

    def forward(self, x):
        if self.training and not exporting():
            eye = torch.eye(self.n, device=x.device).expand(self.groups, -1, -1)
            return F.conv2d(x, across(eye)[:, :, None, None].to(x.dtype))
        return cross_group(x, self.groups, self.n)


class Node(torch.autograd.Function):
    """A node of domain riffle in an ONNX file; PyTorch's own value while it is traced."""

    @staticmethod
    def forward(ctx, value, kind, attributes, x, *tensors):
        return value.clone()

    @staticmethod
    def symbolic(g, value, kind, attributes, x, *tensors):
        return g.op(f"riffle::{kind}", x, *tensors, **attributes)


class DynamicShuffle(nn.Module):
    """y[j*g+i] = x[i*n + sigma_i(j/b)*b + tau_i(j mod b)], sigma and tau chosen by x itself."""

    def __init__(self, channels, groups, pairs=1, factors=None):
        super().__init__()
        self.generator = Generator(channels, groups, pairs, factors)

    def forward(self, x):
        return self.node(x) if exporting() else self.generator.shuffle(x)

    def node(self, x):
        g = self.generator
        return Node.apply(x, "DynamicShuffle", g.attributes(), x, *g.exported())


class StaticDynamicShuffle(nn.Module):
    """A light stand-in for a square pointwise convolution and the batch norm behind it.

    form "grouped": batch norm of (grouped pointwise convolution, cross-group
    shuffle) + dynamic shuffle. form "kronecker": batch norm of the cross-group
    shuffle of (As + P_sigma) X (Bs + P_tau)^T. gated, for form "grouped": what
    the dynamic shuffle gives is scaled by a number for each channel that is
    learned and starts at 0, so that the network starts without it.
    """

    def __init__(self, channels, groups, form="grouped", pairs=1, factors=None, gated=False):
        super().__init__()
        self.form = form
        if gated and form != "grouped":
            raise ValueError(f"got a gate for form {form!r}: only grouped has one")
        self.gate = nn.Parameter(torch.zeros(channels)) if gated else None
        self.dynamic = DynamicShuffle(channels, groups, pairs, factors)
        g = self.dynamic.generator
        if form == "grouped":
            self.static = nn.Conv2d(channels, channels, 1, groups=groups, bias=False)
        elif form == "kronecker":
            self.first = nn.Parameter(torch.randn(pairs, g.a, g.a) * (g.a * 2) ** -0.5)
            self.second = nn.Parameter(torch.randn(pairs, g.b, g.b) * (g.b * 2) ** -0.5)
        else:
            raise ValueError(f"got form {form!r}: want grouped or kronecker")
        self.bn = nn.BatchNorm2d(channels)
        self.frozen = None  # the operator's tensors, while exporting; see freeze

    def forward(self, x):
        if exporting():
            return self.node(x)
        g = self.dynamic.generator
        if self.form == "grouped":
            n = g.a * g.b
            static = across(self.static.weight.view(g.groups, n, n))
            moved = g.shuffle(x)
            if self.gate is not None:
                moved = moved * self.gate[:, None, None].to(moved.dtype)
            return self.bn(F.conv2d(x, static[:, :, None, None]) + moved)
        first, second = g.mixing(x)
        return self.bn(mix(x, kronecker(self.first.to(x.dtype) + first, self.second.to(x.dtype) + second, g.groups)))

    def folded(self):
        """The operator's tensors by role, batch norm folded in (float64 arithmetic)."""
        bn, g = self.bn, self.dynamic.generator
        scale = bn.weight.double() / torch.sqrt(bn.running_var.double() + bn.eps)
        shift = bn.bias.double() - bn.running_mean.double() * scale
        if self.form == "kronecker":
            tensors = {"wa": self.first, "wb": self.second, "scale": scale, "shift": shift}
        else:
            channels, n = self.static.weight.shape[:2]
            weight = self.static.weight.view(g.groups, n, n).transpose(0, 1).reshape(channels, n)
            gate = scale if self.gate is None else scale * self.gate.double()
            tensors = {"weight": weight.double() * scale[:, None], "gate": gate, "shift": shift}
        return {k: v.detach().float() for k, v in tensors.items()}

    def freeze(self, on=True):
        """Keeps the folded tensors as parameters, so that an ONNX file holds them as they are."""
        self.frozen = nn.ParameterList(self.folded().values()) if on else None

    def node(self, x):
        g = self.dynamic.generator
        attributes = {**g.attributes(), "form_i": POINTWISE.index(self.form) - 1}
        return Node.apply(x, "StaticDynamicShuffle", attributes, x, *g.exported(), *self.frozen)


def exporting():
    return torch.onnx.is_in_onnx_export()


def make_shuffle(kind, channels, groups, pairs=None):
    """The shuffle module called kind. pairs: "g" for one pair of matrices a group, else one for all."""
    if kind == "static":
        return StaticShuffle(channels, groups)
    if kind == "dynamic":
        return DynamicShuffle(channels, groups, groups if pairs == "g" else 1)
    raise ValueError(f"unknown shuffle {kind!r}: want one of {', '.join(KINDS)}")


def fold(model):
    """Folds the generators' batch norms, so that the network is the one that is exported."""
    for g in generators(model):
        g.fold()
    return model


def generators(model):
    return [m for m in model.modules() if isinstance(m, Generator)]


def set_mode(model, hard, temperature=1.0):
    """Training passes of every generator in model: hard, or soft at a temperature."""
    for g in generators(model):
        g.hard, g.temperature = hard, temperature


@contextlib.contextmanager
def evaluated_soft(model):
    """Makes evaluation passes mix channels by the soft matrices, at the temperature of the last training pass."""
    for g in generators(model):
        g.evaluate_soft = True
    try:
        yield
    finally:
        for g in generators(model):
            g.evaluate_soft = False
