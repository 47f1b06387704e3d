"""A small network for pictures of 32 x 32 or 64 x 64 pixels: convolutions that end in pooling, and static-dynamic shuffles.

Few passes over large planes, after the networks that are quick to train on CIFAR (Page, 2018;
Jordan, 2024): a convolution of 3x3 pixels, a maximum over 2x2, batch norm, ReLU. Between them
channels are mixed by pointwise convolutions with a shortcut around, which is what a static-dynamic
shuffle stands in for: pointwise="dense" is the original that it is compared with.
"""

import torch
import torch.nn.functional as F
from torch import nn

from ..shuffle import StaticDynamicShuffle

# Channels of the stem at 32 x 32, and of what follows at 16 x 16, 8 x 8, 4 x 4; of the deep and the wide form likewise.
CHANNELS = (32, 64, 160, 256)
DEEP = (32, 64, 128, 208)
WIDE = (32, 64, 224, 256)


class Mix(nn.Module):
    """relu(x + mix(x)), mix a pointwise convolution with batch norm, or what stands in for them."""

    def __init__(self, channels, pointwise, groups, pairs, gated):
        super().__init__()
        if pointwise == "dense":
            self.mix = nn.Sequential(nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels))
        else:
            self.mix = StaticDynamicShuffle(channels, groups, pointwise, groups if pairs == "g" else 1, gated=gated)

    def forward(self, x):
        return F.relu(x + self.mix(x))


def convolution(inputs, outputs, pool=False, stride=1):
    layers = [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)]
    layers += [nn.MaxPool2d(2)] if pool else []
    return nn.Sequential(*layers, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class ConvNetSDS(nn.Module):
    """width scales every stage but the stem, to multiples of 16; pointwise as ShuffleNetV2's.

    form: "cifar" for 32 x 32 pixels; "imagenet" for 64 x 64, whose stem has stride 2, so that the rest works on planes of the same sizes.
    deep: the last two mixes have a 3x3 convolution between them, and there are fewer channels.
    wide: each stage is two 3x3 convolutions and one mix, and there are more channels in the middle. In 8 bits its file is as large as the deep one's in float16.
    gated: see StaticDynamicShuffle.
    """

    def __init__(
        self, width=1.0, classes=10, form="cifar", pointwise="grouped", groups=2, pairs=None, deep=False,
        gated=False, channels=None, wide=False,
    ):  # fmt: skip
        super().__init__()
        if form not in ("cifar", "imagenet"):
            raise ValueError(f"got form {form!r}, want cifar or imagenet")
        if deep and wide:
            raise ValueError("got both deep and wide: want one of them")
        channels = channels or (DEEP if deep else WIDE if wide else CHANNELS)
        stem, first, second, third = (channels[0], *(max(16, 16 * round(c * width / 16)) for c in channels[1:]))
        mix = lambda channels: Mix(channels, pointwise, groups, pairs, gated)  # noqa: E731
        self.stem = convolution(3, stem, stride=2 if form == "imagenet" else 1)
        if wide:
            stage = lambda inputs, outputs: nn.Sequential(convolution(inputs, outputs, pool=True), convolution(outputs, outputs), mix(outputs))  # noqa: E731
            self.stage1, self.stage2, self.stage3 = stage(stem, first), stage(first, second), stage(second, third)
        else:
            self.stage1 = nn.Sequential(convolution(stem, first, pool=True), mix(first))
            self.stage2 = nn.Sequential(convolution(first, second, pool=True), mix(second), convolution(second, second), mix(second))
            self.stage3 = nn.Sequential(convolution(second, third, pool=True), mix(third), *([convolution(third, third)] if deep else []), mix(third))
        self.fc = nn.Linear(third, classes)

    def forward(self, x):
        x = self.stage3(self.stage2(self.stage1(self.stem(x))))
        return self.fc(x.mean([2, 3]))
