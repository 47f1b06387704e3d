"""Channel shuffles."""

from torch import nn


class StaticShuffle(nn.Module):
    """The plain channel shuffle: y[j*g+i] = x[i*n+j], n = channels / g."""

    def __init__(self, channels, groups):
        super().__init__()
        if groups < 1 or channels % groups:
            raise ValueError(f"{channels} channels do not make {groups} groups")
        self.groups = groups

    def forward(self, x):
        b, c, h, w = x.shape
        return x.view(b, self.groups, c // self.groups, h, w).transpose(1, 2).contiguous().view(b, c, h, w)


def make_shuffle(kind, channels, groups):
    """The shuffle module called kind for this many channels and groups."""
    if kind == "static":
        return StaticShuffle(channels, groups)
    raise ValueError(f"unknown shuffle {kind!r}: want static")
