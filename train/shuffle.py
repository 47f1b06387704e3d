"""Channel shuffles: static, dynamic, and the static-dynamic stand-in for a pointwise convolution.

Row = output slot, column = input slot in every permutation. While soft, a
module mixes channels by row-softmaxed matrices at a temperature; while hard, it
permutes them, and the gradient passes straight through to the soft matrices.
`set_mode` moves a whole network from one to the other; evaluation is always hard.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from . import assign

KINDS = ("static", "dynamic")
POINTWISE = ("dense", "grouped", "kronecker")


def cross_group(x, groups, n):
    """y[j*g+i] = x[i*n+j], for x of g * n channels. The sizes are given, so that no graph computes them."""
    b, _, h, w = x.shape
    return x.reshape(b, groups, n, h, w).transpose(1, 2).contiguous().view(b, groups * n, h, w)


class StaticShuffle(nn.Module):
    """The plain channel shuffle."""

    def __init__(self, channels, groups):
        super().__init__()
        if groups < 1 or channels % groups:
            raise ValueError(f"{channels} channels do not make {groups} groups")
        self.groups, self.n = groups, channels // groups

    def forward(self, x):
        return cross_group(x, self.groups, self.n)


def factor(n):
    """n = a * b with a <= b, as square as it goes. A prime n gives 1 x n."""
    a = next(a for a in range(math.isqrt(n), 0, -1) if n % a == 0)
    return a, n // a


class StraightThrough(torch.autograd.Function):
    """Forward: the hard matrix. Backward: its gradient, to the soft matrix as it is."""

    @staticmethod
    def forward(ctx, soft, hard):
        return hard

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None


class HardShuffle(torch.autograd.Function):
    """x's planes moved by sigma and tau; gradients to x, and straight through to the soft matrices.

    The same values and gradients as multiplying by the permutations' matrices,
    by gathers forwards and for x, so that only the matrices' gradients are
    products. sigma [B, g, a], tau [B, g, b]; soft matrices [B, g, a, a], [B, g, b, b].
    """

    @staticmethod
    def forward(ctx, x, first, second, sigma, tau):
        batch, c, h, w = x.shape
        x = x.contiguous()
        ctx.save_for_backward(x, sigma, tau)
        rows = plane_rows(sigma, tau)
        return x.view(batch * c, h * w).index_select(0, rows).view(batch, c, h, w)

    @staticmethod
    def backward(ctx, gradient):
        x, sigma, tau = ctx.saved_tensors
        batch, c, h, w = x.shape
        a, b = sigma.shape[-1], tau.shape[-1]
        planes, moved = x.view(batch * c, h * w), gradient.contiguous().view(batch * c, h * w)
        dx = torch.empty_like(planes)
        dx[plane_rows(sigma, tau)] = moved
        # Y = A X1 with X1's columns moved by tau; Y = X2 B' with X2's rows moved by sigma.
        same_rows = torch.arange(a, device=x.device).expand_as(sigma)
        same_columns = torch.arange(b, device=x.device).expand_as(tau)
        one = planes.index_select(0, plane_rows(same_rows, tau)).view(-1, a, b * h * w)
        dy = moved.view(-1, a, b * h * w)
        first = (dy @ one.transpose(1, 2)).view(*sigma.shape, a)
        two = planes.index_select(0, plane_rows(sigma, same_columns)).view(-1, b, h * w)
        second = (moved.view(-1, b, h * w) @ two.transpose(1, 2)).view(-1, a, b, b).sum(1).view(*tau.shape, b)
        return dx.view_as(x), first, second, None, None


def plane_rows(sigma, tau):
    """Row numbers in a [B * C, H * W] view: slot (sample, i, r, q) reads plane sigma_i(r) * b + tau_i(q) of group i."""
    batch, groups, a = sigma.shape
    b = tau.shape[-1]
    within = sigma[:, :, :, None] * b + tau[:, :, None, :]
    start = torch.arange(batch * groups, device=sigma.device).view(batch, groups, 1, 1) * (a * b)
    return (within + start).flatten()


class Generator(nn.Module):
    """From the mean over pixels to the small matrices, sigma's a x a and tau's b x b, for each pair.

    While it trains, a batch norm stands between the first layer and its ReLU:
    means over pixels differ little between pictures, and without it all
    pictures soon get the same matrices. `fold` puts it into the first layer.

    identity is what the diagonal logits start with above the others, spread how
    far pictures differ from each other at the start: at 0 and 1 the soft
    matrices start as averages of all channels and a network learns slowly; with
    a large identity and a small spread it starts as the static shuffle, which
    the identities amount to.
    """

    identity, spread = 3.0, 0.3

    def __init__(self, channels, groups, pairs=1, factors=None):
        super().__init__()
        if groups < 1 or channels % groups:
            raise ValueError(f"{channels} channels do not make {groups} groups")
        if pairs not in (1, groups):
            raise ValueError(f"got {pairs} pairs of matrices for {groups} groups: want 1 or {groups}")
        self.groups, self.pairs = groups, pairs
        self.a, self.b = factors or factor(channels // groups)
        if self.a * self.b * groups != channels:
            raise ValueError(f"factors {self.a} x {self.b} in {groups} groups do not make {channels} channels")
        hidden = max(8, channels // 16)
        self.hidden = nn.Linear(channels, hidden)
        self.norm = nn.BatchNorm1d(hidden)
        self.logits = nn.Linear(hidden, pairs * (self.a**2 + self.b**2))
        nn.init.kaiming_normal_(self.hidden.weight, nonlinearity="relu")
        nn.init.zeros_(self.hidden.bias)
        nn.init.normal_(self.logits.weight, std=self.spread * hidden**-0.5)
        diagonals = torch.cat((torch.eye(self.a).flatten(), torch.eye(self.b).flatten()))
        with torch.no_grad():
            self.logits.bias.copy_(self.identity * diagonals.repeat(pairs))
        self.hard, self.temperature = False, 1.0
        self.usual = None  # what is chosen most often, sigma and tau of each pair, for exported files; see routes.py
        self.penalty = self.information = None  # of the last training pass; see penalty() and information()

    def fold(self):
        """Puts the batch norm into the first layer (float64 arithmetic), for good: the generator that is exported."""
        bn, layer = self.norm, self.hidden
        if isinstance(bn, nn.Identity):
            return
        with torch.no_grad():
            scale = bn.weight.double() / torch.sqrt(bn.running_var.double() + bn.eps)
            bias = bn.bias.double() + (layer.bias.double() - bn.running_mean.double()) * scale
            layer.weight.copy_(layer.weight.double() * scale[:, None])
            layer.bias.copy_(bias)
        self.norm = nn.Identity()

    def matrices(self, x):
        """Logits [B, pairs, a, a] and [B, pairs, b, b] of input x, in the weights' type whatever autocast says."""
        with torch.autocast(x.device.type, enabled=False):
            d = x.to(self.hidden.weight.dtype).mean((2, 3))
            out = self.logits(torch.relu(self.norm(self.hidden(d))))
        out = out.view(-1, self.pairs, self.a**2 + self.b**2)
        a, b = out.split((self.a**2, self.b**2), 2)
        return a.reshape(-1, self.pairs, self.a, self.a), b.reshape(-1, self.pairs, self.b, self.b)

    def permutations(self, x):
        """sigma [B, pairs, a] and tau [B, pairs, b] by the engine's rule, on a CPU ties included."""
        if x.is_cuda:
            return tuple(assign.solve_any(m) for m in self.matrices(x))
        return tuple(torch.from_numpy(assign.solve(m.detach().numpy())) for m in self.matrices(x))

    def mixing(self, x):
        """The matrices to mix with: soft, or permutations with a straight-through gradient."""
        if not self.training:
            return [F.one_hot(p, p.shape[-1]).to(x.dtype) for p in self.permutations(x)]
        mixed = []
        for logits, soft in zip(*self.soften(x)):
            if self.hard:
                hard = F.one_hot(assign.solve_any(logits), logits.shape[-1]).to(soft.dtype)
                soft = StraightThrough.apply(soft, hard)
            mixed.append(soft.to(x.dtype))
        return mixed

    def soften(self, x):
        """Logits, and their row softmax at the temperature; what penalty() and information() want is kept."""
        logits = self.matrices(x)
        soft = [torch.softmax(m / self.temperature, -1) for m in logits]
        self.penalty = self.information = 0.0
        for m in soft:
            self.information = self.information + (entropy(m.mean(0)) - entropy(m).mean(0)).mean()
            off = m @ m.transpose(-1, -2) - torch.eye(m.shape[-1], device=x.device)
            self.penalty = self.penalty + off.pow(2).sum((-1, -2)).mean()
        return logits, soft

    def shuffle(self, x):
        """x's planes permuted within their groups, without the cross-group shuffle; soft while soft."""
        every = lambda m: m.expand(m.shape[0], self.groups, *m.shape[2:])  # noqa: E731
        if not self.training:
            batch, c, h, w = x.shape
            rows = plane_rows(*(every(p) for p in self.permutations(x)))
            return x.reshape(batch * c, h * w).index_select(0, rows).view(batch, c, h, w)
        if not self.hard:
            return kronecker(x, *self.mixing(x), self.groups)
        logits, soft = self.soften(x)
        hard = (every(assign.solve_any(m)) for m in logits)
        return HardShuffle.apply(x, *(every(m).to(x.dtype) for m in soft), *hard)

    def attributes(self):
        """Of its node in an ONNX file."""
        found = {"groups_i": self.groups, "factors_i": [self.a, self.b], "pairs_i": self.pairs}
        return found if self.usual is None else {**found, "usual_i": [int(v) for v in self.usual]}

    def exported(self):
        return [self.hidden.weight, self.hidden.bias, self.logits.weight, self.logits.bias]


def entropy(p):
    """Of the distributions in p's last dimension, in nats."""
    return -(p * (p + 1e-9).log()).sum(-1)


def kronecker(x, first, second, groups):
    """Y = first X second^T, with each group's channels as an a x b matrix X of planes; [B, pairs, ...] matrices."""
    batch, c, h, w = x.shape
    a, b = first.shape[-1], second.shape[-1]
    first = first.expand(-1, groups, -1, -1).reshape(-1, a, a)
    second = second.expand(-1, groups, -1, -1).reshape(-1, 1, b, b)
    y = (first @ x.reshape(batch * groups, a, b * h * w)).view(batch * groups, a, b, h * w)
    return (second @ y).view(batch, c, h, w)


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
        g = self.generator
        return self.node(x) if exporting() else cross_group(g.shuffle(x), g.groups, g.a * g.b)

    def node(self, x):
        g = self.generator
        return Node.apply(x, "DynamicShuffle", g.attributes(), x, *g.exported())


class StaticDynamicShuffle(nn.Module):
    """A light stand-in for a square pointwise convolution and the batch norm behind it.

    form "grouped": batch norm of (grouped pointwise convolution, cross-group
    shuffle) + dynamic shuffle. form "kronecker": batch norm of the cross-group
    shuffle of (As + P_sigma) X (Bs + P_tau)^T.
    """

    def __init__(self, channels, groups, form="grouped", pairs=1, factors=None):
        super().__init__()
        self.form = form
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
            y = self.static(x) + g.shuffle(x)
        else:
            first, second = g.mixing(x)
            y = kronecker(x, self.first.to(first.dtype) + first, self.second.to(second.dtype) + second, g.groups)
        return self.bn(cross_group(y, g.groups, g.a * g.b))

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
            tensors = {"weight": weight.double() * scale[:, None], "gate": scale, "shift": shift}
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


def penalty(model):
    """The sum over generators of ||A A' - I||^2, as the last training pass left it; 0.0 without any."""
    return sum((g.penalty for g in generators(model)), 0.0)


def information(model):
    """The sum over generators of the mutual information, in nats a row, between picture and slot.

    The entropy of a row's mean over the batch, less the mean of its entropy: 0
    where all pictures get the same matrices, large where each picture's are
    sure and pictures differ.
    """
    return sum((g.information for g in generators(model)), 0.0)
