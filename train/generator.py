"""The generator of a dynamic shuffle: from the means of channels to small matrices, and to permutations."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from . import assign
from .permute import HardMatrix, HardShuffle, StraightThrough, cross_group, kronecker, mix, plane_rows


def factor(n):
    """n = a * b with a <= b, as square as it goes. A prime n gives 1 x n."""
    a = next(a for a in range(math.isqrt(n), 0, -1) if n % a == 0)
    return a, n // a


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
        self.evaluate_soft = False  # see shuffle.evaluated_soft
        self.usual = None  # what is chosen most often, sigma and tau of each pair, for exported files; see routes.py
        self.soft = None  # the matrices of the last training pass; see terms.py
        self.step = None  # what 1 means, where x is whole numbers of a quantized network; see qat

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
            d = self.means(x.to(self.hidden.weight.dtype))
            out = self.logits(torch.relu(self.norm(self.hidden(d))))
        out = out.view(-1, self.pairs, self.a**2 + self.b**2)
        a, b = out.split((self.a**2, self.b**2), 2)
        return a.reshape(-1, self.pairs, self.a, self.a), b.reshape(-1, self.pairs, self.b, self.b)

    def means(self, x):
        """Of each channel over the pixels; where x is quantized the exact sum of its integers, times one number."""
        return x.mean((2, 3)) if self.step is None else x.sum((2, 3)) * (self.step / (x.shape[2] * x.shape[3]))

    def permutations(self, x):
        """sigma [B, pairs, a] and tau [B, pairs, b] by the engine's rule, on a CPU ties included."""
        if x.is_cuda:
            return tuple(assign.solve_any(m) for m in self.matrices(x))
        return tuple(torch.from_numpy(assign.solve(m.detach().numpy())) for m in self.matrices(x))

    def mixing(self, x):
        """The matrices to mix with: soft, or permutations with a straight-through gradient."""
        if not self.training and not self.evaluate_soft:
            return [F.one_hot(p, p.shape[-1]).to(x.dtype) for p in self.permutations(x)]
        mixed = []
        for logits, soft in zip(*self.soften(x)):
            if self.hard and self.training:
                perm = assign.solve_any(logits)
                soft = StraightThrough.apply(soft, torch.zeros_like(soft).scatter_(-1, perm[..., None], 1.0))
            mixed.append(soft.to(x.dtype))
        return mixed

    def soften(self, x):
        """Logits, and their row softmax at the temperature, which the terms of terms.py go by."""
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
        if self.training or self.evaluate_soft:
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
