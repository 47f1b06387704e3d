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


def across(blocks):
    """Matrices of g groups, [..., g, n, n], as one of all channels, [..., g * n, g * n], the cross-group shuffle behind it.

    Row j*g+i is row j of group i, column i*n+k its column k; other entries are 0.
    """
    *lead, groups, n, m = blocks.shape
    whole = blocks.new_zeros(*lead, n, groups, groups, m)
    whole.diagonal(dim1=-3, dim2=-2).copy_(blocks.movedim(-3, -1))
    return whole.view(*lead, n * groups, groups * m)


def mix(x, matrix):
    """x's channels times each sample's matrix [B, outputs, inputs], channels last: training passes permute so.

    A product with a permutation matrix is exact, and with channels last it is
    faster than moving them, which would be by single elements.
    """
    batch, c, h, w = x.shape
    pixels = F.pad(x.permute(0, 2, 3, 1).reshape(batch, h * w, c), (0, 0, 0, -h * w % 16))  # 9 are slower than 16
    y = (pixels @ matrix.transpose(1, 2))[:, : h * w]
    return y.reshape(batch, h, w, -1).permute(0, 3, 1, 2)


class DenseGradient(torch.autograd.Function):
    """The identity; backwards it gives a gradient that is a part of another (a split's, a concat's) memory of its own.

    What comes next, a ReLU's gradient, is an order of magnitude slower on every other run of a few channels.
    """

    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient.contiguous(memory_format=torch.channels_last)


def dense_gradient(x):
    return DenseGradient.apply(x) if x.requires_grad else x


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


def inputs_of(sigma, tau):
    """pi [B, g * a * b] of permutations sigma [B, g, a] and tau [B, g, b], the cross-group shuffle behind them."""
    (batch, groups, a), b = sigma.shape, tau.shape[-1]
    start = torch.arange(groups, device=sigma.device)[:, None, None] * (a * b)
    return (start + sigma[:, :, :, None] * b + tau[:, :, None, :]).movedim(1, -1).reshape(batch, -1)


class HardMatrix(torch.autograd.Function):
    """What `kronecker` makes of permutations sigma [B, g, a] and tau [B, g, b], in type dtype.

    Gradients pass straight through to the soft matrices, [B, g, a, a] and [B, g, b, b]: those that the
    product of the permutations' matrices has, but only the entries that are not multiplied by 0 are read.
    """

    @staticmethod
    def forward(ctx, first, second, sigma, tau, dtype):
        ctx.save_for_backward(sigma, tau)
        inputs = inputs_of(sigma, tau)[..., None]
        batch, c, _ = inputs.shape
        return torch.zeros(batch, c, c, dtype=dtype, device=sigma.device).scatter_(2, inputs, 1.0)

    @staticmethod
    def backward(ctx, gradient):
        sigma, tau = ctx.saved_tensors
        (batch, groups, a), b = sigma.shape, tau.shape[-1]
        gradient = gradient.view(batch, a, b, groups, -1)
        start = torch.arange(groups, device=sigma.device)[:, None] * (a * b)
        rows, columns = torch.arange(a, device=sigma.device) * b, torch.arange(b, device=sigma.device)
        at = (tau.transpose(1, 2)[..., None] + start + rows)[:, None]  # [B, 1, b, g, a]: what row r's column s met
        first = gradient.gather(-1, at.expand(-1, a, -1, -1, -1)).sum(2, dtype=torch.float32)
        at = (sigma.transpose(1, 2)[..., None] * b + start + columns)[:, :, None]  # [B, a, 1, g, b]
        second = gradient.gather(-1, at.expand(-1, -1, b, -1, -1)).sum(1, dtype=torch.float32)
        return first.transpose(1, 2), second.transpose(1, 2), None, None, None


class HardShuffle(torch.autograd.Function):
    """mix(x, HardMatrix(...)) with the same gradients, by gathers: faster where there are more channels than pixels."""

    @staticmethod
    def forward(ctx, x, first, second, sigma, tau):
        batch, c, h, w = x.shape
        pixels, inputs = x.permute(0, 2, 3, 1).reshape(batch, h * w, c), inputs_of(sigma, tau)
        ctx.save_for_backward(pixels, inputs, sigma, tau)
        ctx.sides = h, w
        return gather(pixels, inputs).view(batch, h, w, c).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx, gradient):
        pixels, inputs, sigma, tau = ctx.saved_tensors
        (batch, groups, a), b, (_, count, c) = sigma.shape, tau.shape[-1], pixels.shape
        gradient = gradient.permute(0, 2, 3, 1).reshape(batch, count, c)
        inverse = torch.empty_like(inputs).scatter_(1, inputs, torch.arange(c, device=inputs.device).expand(batch, -1))
        dx = gather(gradient, inverse).view(batch, *ctx.sides, c).permute(0, 3, 1, 2)
        # Y = A X1 with X1's columns moved by tau; Y = X2 B' with X2's rows moved by sigma.
        start = torch.arange(groups, device=inputs.device)[:, None, None] * (a * b)
        rows, columns = torch.arange(a, device=inputs.device)[:, None], torch.arange(b, device=inputs.device)
        one = gather(pixels, (start + rows * b + tau[:, :, None]).flatten(1)).view(batch, count, groups, a, b)
        two = gather(pixels, (start + sigma[..., None] * b + columns).flatten(1)).view(batch, count, groups, a, b)
        dy = gradient.view(batch, count, a, b, groups).movedim(-1, 2)
        first = contract(dy, one)
        second = contract(dy.transpose(-1, -2), two.transpose(-1, -2))
        return dx, first, second, None, None


def gather(pixels, inputs):
    """Channels of [B, pixels, C] by [B, C]."""
    return pixels.gather(2, inputs[:, None].expand(-1, pixels.shape[1], -1))


def contract(y, x):
    """The sum over pixels and k of y[..., r, k] x[..., s, k] for [B, pixels, g, n, k]: [B, g, n, n], in float32 at least."""
    batch, count, groups, n, k = y.shape
    flat = [v.permute(0, 2, 3, 1, 4).reshape(batch * groups, n, count * k) for v in (y, x)]
    flat = [v if v.dtype == torch.float64 else v.float() for v in flat]
    return (flat[0] @ flat[1].transpose(1, 2)).view(batch, groups, n, n)


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
        self.soft = None  # the matrices of the last training pass; see penalty() and information()

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
                perm = assign.solve_any(logits)
                soft = StraightThrough.apply(soft, torch.zeros_like(soft).scatter_(-1, perm[..., None], 1.0))
            mixed.append(soft.to(x.dtype))
        return mixed

    def soften(self, x):
        """Logits, and their row softmax at the temperature, which penalty() and information() go by."""
        logits = self.matrices(x)
        self.soft = [torch.softmax(m / self.temperature, -1) for m in logits]
        return logits, self.soft

    def shuffle(self, x):
        """x's planes permuted within their groups and then across them; while training by matrices, soft while soft."""
        every = lambda m: m.expand(m.shape[0], self.groups, *m.shape[2:])  # noqa: E731
        if self.training and self.hard:
            logits, soft = self.soften(x)
            soft, hard = [every(m) for m in soft], [every(assign.solve_any(m)) for m in logits]
            if x.shape[1] > x.shape[2] * x.shape[3]:
                return HardShuffle.apply(x, *soft, *hard)
            return mix(x, HardMatrix.apply(*soft, *hard, x.dtype))
        if self.training:
            return mix(x, kronecker(*self.mixing(x), self.groups))
        batch, c, h, w = x.shape
        rows = plane_rows(*(every(p) for p in self.permutations(x)))
        y = x.reshape(batch * c, h * w).index_select(0, rows).view(batch, c, h, w)
        return cross_group(y, self.groups, self.a * self.b)

    def attributes(self):
        """Of its node in an ONNX file."""
        found = {"groups_i": self.groups, "factors_i": [self.a, self.b], "pairs_i": self.pairs}
        return found if self.usual is None else {**found, "usual_i": [int(v) for v in self.usual]}

    def exported(self):
        return [self.hidden.weight, self.hidden.bias, self.logits.weight, self.logits.bias]


def entropy(p):
    """Of the distributions in p's last dimension, in nats."""
    return -(p * (p + 1e-9).log()).sum(-1)


def kronecker(first, second, groups):
    """Y = first X second^T in every group, with its channels as an a x b matrix X, and the cross-group shuffle behind it.

    As matrices of all channels [B, C, C], of [B, pairs, a, a] and [B, pairs, b, b].
    """
    batch, pairs, a, _ = first.shape
    n = a * second.shape[-1]
    product = first[:, :, :, None, :, None] * second[:, :, None, :, None, :]
    return across(product.reshape(batch, pairs, n, n).expand(-1, groups, -1, -1))


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
            n = g.a * g.b
            static = across(self.static.weight.view(g.groups, n, n))
            return self.bn(F.conv2d(x, static[:, :, None, None]) + g.shuffle(x))
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
    total = 0.0
    for m in _soft(model):
        off = m @ m.transpose(-1, -2) - torch.eye(m.shape[-1], device=m.device)
        total = total + off.pow(2).sum((-1, -2)).mean()
    return total


def information(model, labels=None):
    """The sum over generators of the mutual information, in nats a row, between picture and slot; 0.0 without any.

    The entropy of a row's mean over the batch, less the mean of its entropy: 0
    where all pictures get the same matrices, large where each picture's are
    sure and pictures differ. With labels, int64 [B], between class and slot:
    pictures of a class are to get the same. Then it is a lower bound (Barber and
    Agakov, 2003): a class's distribution is that of the batch's other pictures
    of the class, so that a class seen once counts for nothing.
    """
    total = 0.0
    if labels is not None:
        mates = (labels[:, None] == labels).float()
        mates.fill_diagonal_(0)
        count = mates.sum(1)
        mates, some = mates[count > 0] / count[count > 0, None], count > 0
    for m in _soft(model):
        mean = m.mean(0)
        if labels is None:
            total = total + (entropy(mean) - entropy(m).mean(0)).mean()
            continue
        flat = m.flatten(1)
        others = (mates @ flat).clamp_min(1e-6)
        total = total + entropy(mean).mean() + (flat[some] * others.log()).sum() / max(1, len(others)) / mean[..., 0].numel()
    return total


def _soft(model):
    """The soft matrices of the last training pass, [B, pairs, n, n] in float32."""
    return [m for g in generators(model) for m in g.soft or []]
