"""Quantized values and operators of an .rfl file in PyTorch, by weights/FORMAT.md: see rfl_net.py."""

import torch
import torch.nn.functional as F

MOVES = ("concat", "split", "slice", "shuffle", "maxpool", "flatten")  # they keep scales and zero points


class Whole:
    """A quantized value: whole numbers from 0 to 255 in a float32 tensor; scale and zero: of its channels, [1, C, 1, 1] or [1, N]."""

    def __init__(self, q, scale, zero):
        self.q, self.scale, self.zero = q, scale, zero

    def centred(self):
        return self.q - self.zero

    def real(self):
        return self.centred() * self.scale


def unit(node):
    """The scale of what a node writes."""
    return torch.tensor(node["quant"][0]["scale"], dtype=torch.float32)


def of_node(node, y, a):
    """What a node writes of the numbers y before rounding."""
    grid, (low, high) = node["quant"][0], a.get("clamp", (0, 255))
    q = (torch.round(y) + grid["zero"]).clamp(low, high)
    q = torch.where(torch.isnan(y), torch.full_like(q, low), q)
    full = lambda v: torch.full((1, q.shape[1]) + (1,) * (q.dim() - 2), v, dtype=torch.float32, device=q.device)  # noqa: E731
    return Whole(q, full(grid["scale"]), full(float(grid["zero"])))


def moved(operator, node, a, *inputs):
    """An operator of MOVES on quantized values."""
    if node["op"] == "maxpool":
        x = inputs[0]
        return Whole(operator(node, a, x.q), x.scale, x.zero)
    if node["op"] == "flatten":  # a scale for each element
        inputs = [Whole(x.q, x.scale.expand_as(x.q[:1]), x.zero.expand_as(x.q[:1])) for x in inputs]
    parts = [operator(node, a, *(getattr(x, k) for x in inputs)) for k in ("q", "scale", "zero")]
    return tuple(Whole(*p) for p in zip(*parts)) if isinstance(parts[0], tuple) else Whole(*parts)


class WholeOperators:
    """The operators of version 1.1, for RflNet, but those of networks that it does not run: qmul and qlookup.

    Sums are exact in float64; all else is one float32 operation after another.
    """

    def op_quantize(self, node, a, x):
        return of_node(node, x * (1 / unit(node)), a)

    def op_dequantize(self, node, a, x):
        return x.real()

    def finished(self, node, a, sums, bias, r=None, moved=None):
        """Of the sums of a product: what is added to them, and what the node writes. moved: float32 numbers to add before rounding."""
        shape = (-1,) + (1,) * (sums.dim() - 2)
        scale, bias = self.role(node, "scale"), self.role(node, bias)
        if bias is not None:
            sums = sums + torch.round(bias.double() / scale.double()).view(shape)
        quantized = "quant" in node
        factor = lambda s: s / unit(node) if quantized else s  # noqa: E731
        y = sums.float() * factor(scale).view(shape)
        if r is not None:
            y = y + r.centred() * factor(r.scale)
        if moved is not None:
            y = y + moved
        return of_node(node, y, a) if quantized else y

    def op_qconv(self, node, a, x, r=None):
        top, left, bottom, right = a.get("pad", [0, 0, 0, 0])
        x = F.pad(x.centred().double(), (left, right, top, bottom))
        stride, dilation = a.get("stride", [1, 1]), a.get("dilation", [1, 1])
        sums = F.conv2d(x, self.role(node, "weight").double(), None, stride, 0, dilation, a.get("groups", [1])[0])
        return self.finished(node, a, sums, "bias", r)

    def op_qlinear(self, node, a, x):
        return self.finished(node, a, F.linear(x.centred().double(), self.role(node, "weight").double()), "bias")

    def op_qadd(self, node, a, x, y):
        return of_node(node, x.centred() * (x.scale / unit(node)) + y.centred() * (y.scale / unit(node)), a)

    def op_qavgpool(self, node, a, x):
        inside = torch.ones_like(x.q[:1, :1])
        padded = a.get("pad", [0] * 4)
        if a.get("countpad", [0])[0]:
            inside = F.pad(inside, [padded[k] for k in (1, 3, 0, 2)], value=1.0)
        counted, kernel, stride = self.pool(a if inside.shape == x.q[:1, :1].shape else {**a, "pad": [0] * 4}, inside.double(), 0.0)
        area = kernel[0] * kernel[1]
        count = torch.round(F.avg_pool2d(counted, kernel, stride) * area)
        sums = torch.round(F.avg_pool2d(*self.pool(a, x.centred().double(), 0.0)) * area)
        return of_node(node, sums.float() * ((x.scale / unit(node)) / count.float()), a)

    def op_qstaticdynamicshuffle(self, node, a, x):
        g = self.generators[node["name"].replace(".", "_")]
        sums = self.grouped(g, x.centred().double(), self.role(node, "weight").double())
        factor = (x.scale.flatten()[0] / unit(node)) * self.role(node, "gate")
        return self.finished(node, a, sums, "shift", moved=self.routed(g, x) * factor[:, None, None])

    def routed(self, g, x):
        """What generator g chooses for quantized x, in whole numbers less the zero point."""
        g.step = float(x.scale.flatten()[0])
        return g.shuffle(x.centred())
