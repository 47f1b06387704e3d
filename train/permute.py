"""Channels mixed by matrices and moved by permutations, with the gradients that training wants.

Row = output slot, column = input slot in every permutation and matrix.
"""

import torch
import torch.nn.functional as F


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


def kronecker(first, second, groups):
    """Y = first X second^T in every group, with its channels as an a x b matrix X, and the cross-group shuffle behind it.

    As matrices of all channels [B, C, C], of [B, pairs, a, a] and [B, pairs, b, b].
    """
    batch, pairs, a, _ = first.shape
    n = a * second.shape[-1]
    product = first[:, :, :, None, :, None] * second[:, :, None, :, None, :]
    return across(product.reshape(batch, pairs, n, n).expand(-1, groups, -1, -1))


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
