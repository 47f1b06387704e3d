"""Rounding with a gradient, and the engine's quantization."""

import torch
from torch import nn


class Round(torch.autograd.Function):
    """To the nearest integer, halves to the even one; the gradient passes straight through."""

    @staticmethod
    def forward(ctx, v):
        return torch.round(v)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class Requantize(torch.autograd.Function):
    """min(max(round(v), low), high); the gradient passes straight through where v is between the limits."""

    @staticmethod
    def forward(ctx, v, low, high):
        if ctx.needs_input_grad[0]:
            ctx.save_for_backward((v >= low) & (v <= high))
        return torch.round(v).clamp_(low, high)

    @staticmethod
    def backward(ctx, gradient):
        (inside,) = ctx.saved_tensors
        return gradient * inside, None, None


class Slow(torch.autograd.Function):
    """The identity, whose gradient is multiplied by a number."""

    @staticmethod
    def forward(ctx, v, share):
        ctx.share = share
        return v.view_as(v)

    @staticmethod
    def backward(ctx, gradient):
        return gradient * ctx.share, None


class Grid(nn.Module):
    """The scale and the zero point of a value: an integer q from 0 to 255 stands for scale * (q - zero).

    The scale is learned by the gradient that passes straight through the rounding (LSQ, arXiv 1902.08153). All
    elements pull at it, which `pull` makes up for: 1 / sqrt(elements of a picture * 255).
    """

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.register_buffer("zero", torch.tensor(0.0))
        self.register_buffer("pull", torch.tensor(1.0))

    def step(self, learned):
        """The scale as a float32 scalar, above 0; with a gradient if learned."""
        s = self.scale.abs().clamp_min(1e-8)
        return Slow.apply(s, float(self.pull)) if learned else s.detach()

    def constants(self):
        """(scale, zero point) as an ONNX file has them."""
        return torch.tensor(float(self.step(False))), torch.tensor(int(self.zero), dtype=torch.uint8)

    def set(self, low, high):
        """Makes the elements 0 and 255 stand for low and high, as nearly as 0 is one of the grid's values."""
        low, high = min(float(low), 0.0), max(float(high), 0.0)
        with torch.no_grad():
            scale = max((high - low) / 255, 1e-6)
            self.scale.fill_(scale)
            self.zero.fill_(min(max(round(-low / scale), 0), 255))

    def limits(self, low=-float("inf"), high=float("inf")):
        """What is left of a value between low and high, in integers q - zero."""
        scale, zero = float(self.step(False)), float(self.zero)
        whole = lambda limit: float(torch.round(torch.tensor(limit) / torch.tensor(scale)))  # noqa: E731, in float32 as the engine
        return (min(max(whole(low), -zero), 255 - zero), max(min(whole(high), 255 - zero), -zero))
