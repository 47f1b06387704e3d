"""Outputs of a network on pictures, and their accuracy."""

import torch

from .data import normalize


@torch.no_grad()
def logits(model, pictures, mean, std, batch=None):
    """The network's outputs (float32, N x classes, on the CPU) for uint8 pictures."""
    model.eval()
    batch = batch or (1000 if pictures.is_cuda else 128)
    parts = []
    for k in range(0, len(pictures), batch):
        x = normalize(pictures[k : k + batch], mean, std).contiguous(memory_format=torch.channels_last)
        parts.append(model(x).float().cpu())
    return torch.cat(parts)


def topk(outputs, labels, k):
    """The share of rows whose label is among the k largest outputs."""
    best = outputs.topk(min(k, outputs.shape[1]), 1).indices
    return (best == labels.cpu()[:, None]).any(1).float().mean().item()


def accuracy(model, pictures, labels, mean, std):
    """Top-1 and top-5 as shares."""
    outputs = logits(model, pictures, mean, std)
    return topk(outputs, labels, 1), topk(outputs, labels, 5)
