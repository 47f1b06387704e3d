"""Terms of the loss that look at the generators' soft matrices."""

import torch

from .shuffle import generators


def entropy(p):
    """Of the distributions in p's last dimension, in nats."""
    return -(p * (p + 1e-9).log()).sum(-1)


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
