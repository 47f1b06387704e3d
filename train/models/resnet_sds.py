"""A small residual network whose channel mixing is a static-dynamic shuffle.

A basic block of ResNet (He et al., 2015) has two 3x3 convolutions; here the
second is a pointwise one, and that is what a static-dynamic shuffle stands in
for: pointwise="dense" is the original that it is compared with.
"""

import torch.nn.functional as F
from torch import nn

from ..shuffle import StaticDynamicShuffle

# Channels of the stages at full, half and quarter resolution, and their blocks.
CHANNELS = (32, 96, 192)
REPEATS = (1, 2, 2)


class Block(nn.Module):
    """relu(mix(relu(conv(x))) + shortcut(x)); a strided shortcut takes 2x2 means first."""

    def __init__(self, inputs, outputs, stride, pointwise, groups, pairs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        if pointwise == "dense":
            self.mix = nn.Sequential(nn.Conv2d(outputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
        else:
            self.mix = StaticDynamicShuffle(outputs, groups, pointwise, groups if pairs == "g" else 1)
        self.shortcut = nn.Sequential()
        if inputs != outputs or stride > 1:
            pool = [nn.AvgPool2d(2)] if stride > 1 else [nn.Identity()]
            self.shortcut = nn.Sequential(*pool, nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def short(self, x):
        """The shortcut; while training the mean and the pointwise convolution are one 2x2 convolution, which is faster."""
        if not self.training or not len(self.shortcut) or not isinstance(self.shortcut[0], nn.AvgPool2d):
            return self.shortcut(x)
        _, conv, bn = self.shortcut
        return bn(F.conv2d(x, conv.weight.expand(-1, -1, 2, 2) / 4, stride=2))

    def forward(self, x):
        return F.relu(self.mix(F.relu(self.bn(self.conv(x)))) + self.short(x))


class ResNetSDS(nn.Module):
    """For 32 x 32 pictures. width scales every stage, to multiples of 8; pointwise as ShuffleNetV2's."""

    def __init__(
        self, width=1.0, classes=10, form="cifar", pointwise="grouped", groups=2, pairs=None,
        channels=CHANNELS, repeats=REPEATS,
    ):  # fmt: skip
        super().__init__()
        if form != "cifar":
            raise ValueError(f"got form {form!r}: this network is for cifar")
        channels = [max(8, 8 * round(c * width / 8)) for c in channels]
        self.stem = nn.Sequential(
            nn.Conv2d(3, channels[0], 3, 1, 1, bias=False), nn.BatchNorm2d(channels[0]), nn.ReLU(inplace=True)
        )
        inputs, stages = channels[0], []
        for k, (outputs, count) in enumerate(zip(channels, repeats)):
            for j in range(count):
                stages.append(Block(inputs, outputs, 2 if k > 0 and j == 0 else 1, pointwise, groups, pairs))
                inputs = outputs
        self.blocks = nn.Sequential(*stages)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        return self.fc(self.blocks(self.stem(x)).mean([2, 3]))
