"""The quantized operators, each in three ways.

real(net, x, ...) is float32, for calibration. whole(net, x, ...) follows weights/FORMAT.md to the letter: an activation
is q - zero, a whole number in a float32; sums of products are exact; all else is one float32 operation after another.
written(net, x, ...) makes the nodes of an ONNX file, between QuantizeLinear and DequantizeLinear. net: a QuantizedNet.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from .. import shuffle
from ..permute import across
from ..rfl_net import RflNet
from .rounding import Requantize, Round

EXACT = 2**24  # float32 has all whole numbers up to here
MOST_BIAS = 2**22  # in steps of a row's sums: as float32 it is then a whole number of steps again


class Unit(nn.Module):
    """One operator of a plan. spec: what plan.Unit.values gives."""

    def __init__(self, spec):
        super().__init__()
        self.spec, self.attrs = spec, spec["attrs"]
        for role, shape in spec["tensors"].items():
            if role not in ("w1", "b1", "w2", "b2"):
                self.register_parameter(role, nn.Parameter(torch.zeros(shape)))

    def load(self, tensors):
        """Takes over the values of a plan's tensors."""
        with torch.no_grad():
            for role, value in tensors.items():
                self.tensor(role).copy_(value)

    def tensor(self, role):
        return getattr(self, role)

    def forward(self, net, *inputs):
        outputs = getattr(self, net.mode)(net, *inputs)
        if net.mode != "written" or self.spec["grid"] is None:
            return outputs
        encoded = lambda y: Encode.apply(y, *net.constants[self.spec["grid"]])  # noqa: E731
        return tuple(map(encoded, outputs)) if isinstance(outputs, tuple) else encoded(outputs)

    def limited(self, y):
        """A float32 result between the unit's limits."""
        low, high = self.spec["low"], self.spec["high"]
        if low == 0 and high == math.inf:
            return torch.relu(y)
        limits = {k: v for k, v in (("min", low), ("max", high)) if math.isfinite(v)}
        return torch.clamp(y, **limits) if limits else y

    def requantized(self, net, v):
        """The result's integers of what they are before rounding."""
        return Requantize.apply(v, *net.grid(self).limits(self.spec["low"], self.spec["high"]))

    def written(self, net, *inputs):
        return self.real(net, *inputs)


class Moves(Unit):
    """What moves elements moves integers in the same way."""

    def whole(self, net, *inputs):
        return self.real(net, *inputs)


class Concat(Moves):
    def real(self, net, *inputs):
        return torch.cat(inputs, 1)


class Split(Moves):
    def real(self, net, x):
        return torch.split(x, self.attrs["sizes"], 1)


class Slice(Moves):
    def real(self, net, x):
        start, stop, step = self.attrs["range"]
        return x[:, start:stop:step]


class Shuffle(Moves):
    def __init__(self, spec):
        super().__init__(spec)
        self.register_buffer("perm", torch.tensor(self.attrs["perm"]), persistent=False)

    def real(self, net, x):
        return x.index_select(1, self.perm)


class MaxPool(Moves):
    def real(self, net, x):
        return F.max_pool2d(*RflNet.pool(self.attrs, x, -math.inf))

    def written(self, net, x):
        top, left, bottom, right = self.attrs.get("pad", [0, 0, 0, 0])
        if self.attrs.get("ceil", [0])[0] or (top, left) != (bottom, right):
            return super().written(net, x)
        return F.max_pool2d(x, self.attrs["kernel"], self.attrs.get("stride", [1, 1]), (top, left))


class Flatten(Moves):
    def real(self, net, x):
        return x.flatten(1)


class GlobalMean(Unit):
    """Float32: the sum of whole numbers, times the scale over the pixels' number."""

    def real(self, net, x):
        return x.mean((2, 3), keepdim=True)

    def whole(self, net, x):
        (step,) = net.steps(self)
        return x.sum((2, 3), keepdim=True) * (step / (x.shape[2] * x.shape[3]))


class Quantize(Unit):
    def real(self, net, x):
        return x

    def whole(self, net, x):
        return self.requantized(net, x * (1 / net.step(self)))


class Add(Unit):
    def real(self, net, x, y):
        if x.shape != y.shape:
            raise ValueError(f"{self.spec['name']}: got a sum of shapes {list(x.shape[1:])} and {list(y.shape[1:])}, want equal ones")
        return self.limited(x + y)

    def whole(self, net, x, y):
        step, (one, two) = net.step(self), net.steps(self)
        return self.requantized(net, x * (one / step) + y * (two / step))


class AvgPool(Unit):
    def windows(self, x):
        """(sums over windows, their pixels as AveragePool counts them)."""
        attrs, ones = self.attrs, torch.ones_like(x[:1, :1])
        sums = lambda a, v: F.avg_pool2d(*RflNet.pool(a, v, 0.0), divisor_override=1)  # noqa: E731
        if not attrs.get("countpad", [0])[0]:
            return sums(attrs, x), sums(attrs, ones)
        top, left, bottom, right = attrs.get("pad", [0, 0, 0, 0])
        padded = {k: v for k, v in attrs.items() if k != "pad"}
        return sums(attrs, x), sums(padded, F.pad(ones, (left, right, top, bottom), value=1.0))

    def real(self, net, x):
        sums, count = self.windows(x)
        return self.limited(sums / count)

    def whole(self, net, x):
        (own,) = net.steps(self)
        sums, count = self.windows(x)
        return self.requantized(net, sums * ((own / net.step(self)) / count))

    def written(self, net, x):
        top, left, bottom, right = self.attrs.get("pad", [0, 0, 0, 0])
        if (top, left) != (bottom, right):
            pad = [top, left, bottom, right]
            raise ValueError(f"{self.spec['name']}: got a mean over windows with padding {pad}, want the same on opposite sides for an ONNX file")
        ceil, count = (bool(self.attrs.get(k, [0])[0]) for k in ("ceil", "countpad"))
        return self.limited(F.avg_pool2d(x, self.attrs["kernel"], self.attrs.get("stride", [1, 1]), (top, left), ceil, count))


class Layer(Unit):
    """What multiplies by weights: these have a scale for each output channel, the largest magnitude of a row over 127."""

    bias_role = "bias"
    frozen = None  # while it is written

    def integers(self, step):
        """(weights, their scales, those of sums, bias): weights and bias are whole numbers; step: the input's scale."""
        weight, bias = self.weight, getattr(self, self.bias_role, None)
        with torch.no_grad():
            scale = weight.abs().flatten(1).amax(1) / 127
            if bias is not None:
                scale = torch.maximum(scale, bias.abs() / (step * MOST_BIAS))
            scale = scale.clamp_min(1e-8)
        codes = Round.apply(weight / scale.view(-1, *[1] * (weight.dim() - 1))).clamp(-127, 127)
        sums = scale * step
        if bias is not None:
            bias = Round.apply(bias.double() / sums.double()).float()
        return codes, scale, sums, bias

    def exact(self, codes):
        """Whether no sum of products is too large for a float32; training passes take it for granted."""
        return self.training or float(codes.detach().abs().flatten(1).sum(1).max()) * 255 <= EXACT

    def sums(self, x, codes, bias):
        """What the engine converts to float32: exact sums, the bias among them."""
        if not self.exact(codes):
            x, codes, bias = (None if t is None else t.double() for t in (x, codes, bias))
        sums = self.product(x, codes)
        return (sums if bias is None else sums + bias.view(-1, *[1] * (sums.dim() - 2))).float()

    def freeze(self, net):
        """Keeps weights and bias as integers with their scales, which an ONNX file then has as constants."""
        with torch.no_grad():
            step = net.steps(self)[0]
            codes, rows, sums, bias = self.integers(step)
            self.frozen = {"weight": (codes.to(torch.int8), rows)}
            if bias is not None:
                self.frozen["bias"] = (bias.to(torch.int32), sums)


class Conv(Layer):
    def product(self, x, weight, bias=None):
        attrs = self.attrs
        top, left, bottom, right = attrs.get("pad", [0, 0, 0, 0])
        if (top, left) != (bottom, right):
            x, top, left = F.pad(x, (left, right, top, bottom)), 0, 0
        return F.conv2d(
            x, weight, bias, attrs.get("stride", [1, 1]), (top, left), attrs.get("dilation", [1, 1]), attrs.get("groups", [1])[0]
        )

    def real(self, net, x, added=None, weight=None, bias=None):
        y = self.product(x, self.weight if weight is None else weight, getattr(self, "bias", None) if bias is None else bias)
        return self.limited(y if added is None else y + added)

    def whole(self, net, x, added=None):
        own, *more = net.steps(self)
        codes, _, scale, bias = self.integers(own)
        sums = self.sums(x, codes, bias)
        shape = (-1, *[1] * (sums.dim() - 2))
        if self.spec["grid"] is None:
            return sums * scale.view(shape)
        step = net.step(self)
        v = sums * (scale / step).view(shape)
        return self.requantized(net, v if added is None else v + added * (more[0] / step))

    def written(self, net, x, added=None):
        return self.real(net, x, added, **{role: Integers.apply(*some) for role, some in self.frozen.items()})


class Linear(Conv):
    def product(self, x, weight, bias=None):
        return F.linear(x, weight, bias)


class Generates:
    """A unit with the generator of a dynamic shuffle, which is float32 and reads exact means."""

    def make(self):
        tensors, attrs = self.spec["tensors"], self.attrs
        (groups,), factors, (pairs,) = attrs["groups"], tuple(attrs["factors"]), attrs.get("pairs", [1])
        self.generator = g = shuffle.Generator(groups * factors[0] * factors[1], groups, pairs, factors)
        g.fold()
        g.hidden, g.logits = (nn.Linear(*tensors[role][::-1]) for role in ("w1", "w2"))
        g.usual = attrs.get("usual")

    def tensor(self, role):
        roles = ("w1", "b1", "w2", "b2")
        return self.generator.exported()[roles.index(role)] if role in roles else getattr(self, role)

    def shuffled(self, net, x):
        """x's planes, whole numbers, as their means choose. Where the generator is not trained, nor need its gradients be."""
        g = self.generator
        training, g.step = g.training, net.steps(self)[0]
        g.training = training and g.hidden.weight.requires_grad
        try:
            return g.shuffle(x)
        finally:
            g.training, g.step = training, None


class DynamicShuffle(Generates, Unit):
    def __init__(self, spec):
        super().__init__(spec)
        self.make()

    def real(self, net, x):
        return self.generator.shuffle(x)

    def whole(self, net, x):
        return self.shuffled(net, x)

    def written(self, net, x):
        g = self.generator
        return shuffle.Node.apply(x, "DynamicShuffle", g.attributes(), x, *g.exported())


class StaticDynamicShuffle(Generates, Layer):
    bias_role = "shift"

    def __init__(self, spec):
        super().__init__(spec)
        self.make()

    def product(self, x, weight):
        """The grouped product with the cross-group shuffle behind it, as one dense convolution, which trains faster."""
        g = self.generator
        n = g.a * g.b
        return F.conv2d(x, across(weight.view(n, g.groups, n).transpose(0, 1))[:, :, None, None])

    def real(self, net, x):
        planes = lambda t: t[:, None, None]  # noqa: E731
        return self.limited(self.product(x, self.weight) + planes(self.gate) * self.generator.shuffle(x) + planes(self.shift))

    def whole(self, net, x):
        (own,), step = net.steps(self), net.step(self)
        codes, _, scale, bias = self.integers(own)
        sums = self.sums(x, codes, bias)
        moved = self.shuffled(net, x) * ((own / step) * self.gate)[:, None, None]
        return self.requantized(net, sums * (scale / step)[:, None, None] + moved)

    def written(self, net, x):
        g, (bias, scale) = self.generator, self.frozen["bias"]
        more = (*g.exported(), Integers.apply(*self.frozen["weight"]), self.gate, (bias.float() * scale).detach())
        return self.limited(shuffle.Node.apply(x, "StaticDynamicShuffle", {**g.attributes(), "form_i": 0}, x, *more))


class Integers(torch.autograd.Function):
    """Integers, each row with its scale, as float32: one node of an ONNX file."""

    @staticmethod
    def forward(ctx, codes, scale):
        return codes.float() * scale.view(-1, *[1] * (codes.dim() - 1))

    @staticmethod
    def symbolic(g, codes, scale):
        return g.op("DequantizeLinear", codes, scale, axis_i=0)


class Encode(torch.autograd.Function):
    """float32 on a grid: QuantizeLinear and DequantizeLinear in an ONNX file."""

    @staticmethod
    def forward(ctx, x, scale, zero):
        whole = torch.round(x / scale) + float(zero)
        return (whole.clamp(0, 255) - float(zero)) * scale

    @staticmethod
    def symbolic(g, x, scale, zero):
        codes = g.op("QuantizeLinear", x, scale, zero)
        return g.op("DequantizeLinear", codes, scale, zero)


KINDS = {
    "quantize": Quantize, "conv": Conv, "linear": Linear, "staticdynamicshuffle": StaticDynamicShuffle, "add": Add,
    "avgpool": AvgPool, "gap": GlobalMean, "concat": Concat, "split": Split, "slice": Slice, "shuffle": Shuffle,
    "maxpool": MaxPool, "flatten": Flatten, "dynamicshuffle": DynamicShuffle,
}  # fmt: skip
