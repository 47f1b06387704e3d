"""Scales to begin with, from what a float32 network computes on some pictures."""

import math

import torch

from ..data import normalize
from .plan import MOVES

METHODS = ("mse", "max")
KEPT = 1 << 16  # elements of a value and a batch that are looked at


def calibrate(net, pictures, mean, std, method="mse", batch=100):
    """Sets every grid by pictures (uint8, N x 3 x H x W).

    method: mse makes the mean square error of the observed elements least, max takes all of them in.
    """
    if method not in METHODS:
        raise ValueError(f"method: got {method!r}, want one of {', '.join(METHODS)}")
    kept = [[] for _ in net.grids]
    elements, ends = [0] * len(net.grids), [[0.0, 0.0] for _ in net.grids]

    def seen(spec, name, y):
        k = spec["grid"]
        if k is None or spec["kind"] in MOVES:
            return
        low, high = (float(v) for v in y.aminmax())
        if not (math.isfinite(low) and math.isfinite(high)):
            raise FloatingPointError(f"{spec['name']}: calibration: got elements from {low} to {high}, want finite ones")
        ends[k] = [min(ends[k][0], low), max(ends[k][1], high)]
        flat = y.reshape(-1)
        kept[k].append(flat[:: max(1, -(-flat.numel() // KEPT))].clone())
        elements[k] = max(elements[k], flat.numel() // len(y))

    net.eval()
    net.mode = "real"
    try:
        with torch.no_grad():
            for part in pictures.split(batch):
                net(normalize(part, mean, std), seen)
    finally:
        net.mode = "whole"
    for grid, some, (low, high), count in zip(net.grids, kept, ends, elements):
        grid.pull.fill_((max(count, 1) * 255) ** -0.5)
        grid.set(*(narrowed(torch.cat(some), low, high) if method == "mse" else (low, high)))


def narrowed(x, low, high):
    """The range inside low to high whose grid has the least mean square error on x: both ends at once, then each."""
    low, high = min(low, 0.0), max(high, 0.0)
    best, least = (low, high), float("inf")

    def attempt(a, b):
        nonlocal best, least
        scale = max((b - a) / 255, 1e-6)
        zero = min(max(round(-a / scale), 0), 255)
        error = float((torch.round(x / scale).clamp_(-zero, 255 - zero).mul_(scale) - x).square().mean())
        if error < least:
            best, least = (a, b), error

    for k in range(40):
        attempt(low * (1 - 0.02 * k), high * (1 - 0.02 * k))
    a, b = best
    for k in range(20):
        share = 1.1 - 0.03 * k
        attempt(a, min(high, b * share))
        attempt(max(low, a * share), b)
    return best
