"""Muon: SGD with momentum whose step for a matrix of weights is made orthogonal (Jordan et al., 2024).

For convolutions that a batch norm follows: their scale means nothing there, so each step first
brings a matrix's rows to length 1 on average. What is turned is a share of that, the learning rate.
"""

import torch
from torch import nn

# Coefficients of the quintic Newton-Schulz iteration of Jordan's Muon: five rounds bring singular values to 0.7 to 1.2.
A, B, C = 3.4445, -4.7750, 2.0315


def orthogonal(matrices, rounds=5):
    """The nearest matrices with equal singular values, about: matrices [n, rows, columns], of any floating type."""
    x = matrices / (matrices.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if tall else x
    for _ in range(rounds):
        square = x @ x.transpose(1, 2)
        x = A * x + (B * square + C * square @ square) @ x
    return x.transpose(1, 2) if tall else x


def turned(model):
    """(weight, groups) of every convolution that Muon is for: those without a bias that read more than one channel."""
    found = [m for m in model.modules() if isinstance(m, nn.Conv2d) and m.bias is None]
    return [(m.weight, m.groups) for m in found if m.weight.shape[1] > 1]


class Muon(torch.optim.Optimizer):
    """weights: (parameter, groups) pairs; each group's filters are a matrix of their own. bf16: iterate in bfloat16."""

    def __init__(self, weights, lr=0.0, momentum=0.9, bf16=False):
        groups = [{"params": [w], "groups": g} for w, g in weights]
        super().__init__(groups, {"lr": lr, "momentum": momentum, "bf16": bf16})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state, momentum = self.state[p], group["momentum"]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(p)
                mean = state["momentum"].mul_(momentum).add_(p.grad)
                ahead = p.grad.add(mean, alpha=momentum)  # Nesterov's
                matrices = ahead.reshape(group["groups"], p.shape[0] // group["groups"], -1)
                matrices = orthogonal(matrices.bfloat16() if group["bf16"] else matrices)
                p.mul_(p.shape[0] ** 0.5 / p.norm())
                p.add_(matrices.reshape(p.shape).to(p.dtype), alpha=-group["lr"])
