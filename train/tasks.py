"""Tasks made so that routing channels pays: pictures whose channels come in one of several orders.

A task has hidden states, each a permutation of the channels that a dynamic shuffle of one group can undo.
Every channel has an offset of its own, so that the state shows in the channels' means; it tells nothing
about the class. `Reader` is what classifies, behind a shuffle.
"""

import torch
from torch import nn

from . import data, permute, shuffle


class Task:
    """What both tasks share. states: how many hidden states; state 0 is the identity."""

    def __init__(self, seed, states, a, b, offset):
        self.a, self.b, self.channels = a, b, a * b
        self.random = torch.Generator().manual_seed(seed)
        order = lambda n: torch.randperm(n, generator=self.random)  # noqa: E731
        self.offsets = torch.linspace(-offset, offset, self.channels)[order(self.channels)]
        sigma = torch.stack([torch.arange(a)] + [order(a) for _ in range(states - 1)])
        tau = torch.stack([torch.arange(b)] + [order(b) for _ in range(states - 1)])
        self.states = permute.inputs_of(sigma[:, None], tau[:, None])  # [states, channels]

    def hide(self, x):
        """x [B, C, H, W] with offsets and a hidden state for each picture, and those states."""
        s = torch.randint(len(self.states), (len(x),), generator=self.random)
        return permuted(x + self.offsets[:, None, None], self.states[s]), s

    def undo(self, x, s):
        """What the oracle sees."""
        return permuted(x, self.states[s].argsort(1))

    def shuffle(self, dynamic):
        return shuffle.DynamicShuffle(self.channels, 1, factors=(self.a, self.b)) if dynamic else nn.Identity()


def permuted(x, inputs):
    """Channels [B, C, H, W] by [B, C]."""
    return x.gather(1, inputs[:, :, None, None].expand_as(x))


class Templates(Task):
    """16 channels of 6 x 6 pixels: the template of one of 10 classes, and noise of 4 times its deviation.

    A linear classifier reads them. Pictures are drawn anew for every step.
    """

    side, classes, noise = 6, 10, 4.0

    def __init__(self, seed, states, root=None):
        super().__init__(seed, states, 4, 4, 1.0)
        self.templates = torch.randn(self.classes, self.channels, self.side, self.side, generator=self.random)
        self.templates -= self.templates.mean((2, 3), keepdim=True)  # means tell the state alone

    def batches(self, steps, batch):
        """Yields (pictures, classes, states)."""
        for _ in range(steps):
            y = torch.randint(self.classes, (batch,), generator=self.random)
            x = self.templates[y] + self.noise * torch.randn(batch, *self.templates.shape[1:], generator=self.random)
            x, s = self.hide(x)
            yield x, y, s

    def test(self):
        """(pictures, classes, states) of 10,000 that no step has seen."""
        return next(self.batches(1, 10000))

    def reader(self, dynamic):
        return nn.Sequential(self.shuffle(dynamic), nn.Flatten(), nn.Linear(self.channels * self.side**2, self.classes))


class Pictures(Task):
    """CIFAR-10 as 12 planes of 16 x 16 pixels: the three colours, each as four bands.

    The bands are the Haar wavelet's: of every 2 x 2 pixels the sum, the horizontal, vertical and diagonal
    difference, each halved. The colours come in one of several orders, and so do the bands. A small network
    of 3x3 convolutions reads them.
    """

    def __init__(self, seed, states, root):
        super().__init__(seed, states, 3, 4, 1.0)
        self.dataset, self.seed = data.DATASETS["cifar10"], seed
        self.training, self.tested = data.splits(root, "cifar10")

    def planes(self, x):
        a, b, c, d = (x[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1))
        return torch.stack((a + b + c + d, a - b + c - d, a + b - c - d, a - b - c + d), 2).flatten(1, 2) / 2

    def batches(self, steps, batch):
        """As Templates has it, epoch after epoch."""
        source = data.Augmented(*self.training, self.dataset.mean, self.dataset.std, batch, self.seed)
        for step in range(steps):
            if step % len(source) == 0:
                epoch = source.epoch(step // len(source))
            x, y = next(epoch)
            x, s = self.hide(self.planes(x))
            yield x.contiguous(memory_format=torch.channels_last), y, s

    def test(self):
        pictures, labels = self.tested
        x, s = self.hide(self.planes(data.normalize(pictures, self.dataset.mean, self.dataset.std)))
        return x, labels, s

    def reader(self, dynamic):
        def block(inputs, outputs):
            return [nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False), nn.MaxPool2d(2), nn.BatchNorm2d(outputs), nn.ReLU()]

        model = nn.Sequential(
            self.shuffle(dynamic), *block(12, 32), *block(32, 64), *block(64, 64), nn.Flatten(), nn.Linear(64 * 4, 10)
        )
        return model.to(memory_format=torch.channels_last)


TASKS = {"templates": Templates, "pictures": Pictures}
