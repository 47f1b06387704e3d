"""A first convolution that starts as whitening filters."""

import torch


def whiten(layer, x):
    """Starts a network's first convolution, of 3x3 pixels, as filters that whiten 2x2 patches of x.

    Principal directions of the patches, each scaled to deviation 1, with both
    signs: what the first layer would have to learn first (after Coates and Ng,
    2011). Filters beyond them keep what they have.
    """
    channels, kernel = layer.weight.shape[1], layer.weight.shape[2:]
    if tuple(kernel) != (3, 3):
        raise ValueError(f"--whiten wants a first convolution of 3x3 pixels, got {tuple(kernel)}")
    patches = x.unfold(2, 2, 1).unfold(3, 2, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, 4 * channels).double()
    values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
    filters = (vectors / torch.sqrt(values + 5e-4)).T.flip(0).view(-1, channels, 2, 2)
    filters = torch.stack((filters, -filters), 1).flatten(0, 1)[: len(layer.weight)]
    with torch.no_grad():
        layer.weight[: len(filters)] = 0
        layer.weight[: len(filters), :, :2, :2] = filters.to(layer.weight)
