"""ShuffleNet V1 (Zhang et al., 2017), for ImageNet and CIFAR.

One class serves two code bases that differ in what the paper leaves open:

- shufflenet_v1: the paper's. A stride-2 unit is (shortcut, branch) in this
  order, the shortcut a 3x3 mean of stride 2, padding counted.
- shufflenet_v1_cifar: the network of chenhang98/shuffleNet-cifar10, whose state
  dicts load into it. A unit that widens is (branch, shortcut), the shortcut a
  2x2 mean of stride 2.

In the CIFAR form of both, the stem has stride 1, there is no max pooling, and
stage 2 keeps the picture's size: the stages run at 32, 16 and 8.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from ..depthwise import Depthwise
from ..permute import dense_gradient
from ..shuffle import StaticDynamicShuffle, make_shuffle

# Channels of stage 2 at width 1, by groups; later stages double them.
CHANNELS = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}
REPEATS = (4, 8, 4)


def channels_for(width, groups):
    """Channels of stage 2: the paper's times width, rounded to a multiple of 4 x groups."""
    if groups not in CHANNELS:
        raise ValueError(f"ShuffleNet V1 with {groups} groups: want one of {sorted(CHANNELS)}")
    unit = 4 * groups
    return unit * max(1, math.floor(CHANNELS[groups] * width / unit + 0.5))


class Pointwise(nn.Conv2d):
    """A grouped pointwise convolution; while it trains a dense one with zeros, which with channels last is faster."""

    def __init__(self, inputs, outputs, groups):
        super().__init__(inputs, outputs, 1, groups=groups, bias=False)

    def forward(self, x):
        if not self.training or self.groups == 1:
            return super().forward(x)
        return F.conv2d(x, torch.block_diag(*self.weight.flatten(1).chunk(self.groups))[:, :, None, None])


class Unit(nn.Module):
    """1x1 grouped, shuffle, 3x3 depthwise, 1x1 grouped; added to the input, or beside it where it widens."""

    def __init__(self, inputs, outputs, stride, groups, first_groups, shuffle, pointwise, pairs, pool, branch_first):
        super().__init__()
        middle = outputs // 4
        self.widens = inputs != outputs
        self.branch_first = branch_first
        branch = outputs - inputs if self.widens else outputs
        self.gconv1 = Pointwise(inputs, middle, first_groups)
        self.bn1 = nn.BatchNorm2d(middle)
        if shuffle == "static-dynamic":
            self.shuffle = StaticDynamicShuffle(middle, groups, pointwise, groups if pairs == "g" else 1)
        elif groups > 1 or shuffle != "static":
            self.shuffle = make_shuffle(shuffle, middle, groups, pairs)
        else:
            self.shuffle = nn.Identity()
        self.dwconv = Depthwise(middle, stride)
        self.bn = nn.BatchNorm2d(middle)
        self.gconv2 = Pointwise(middle, branch, groups)
        self.bn2 = nn.BatchNorm2d(branch)
        self.shortcut = nn.Identity()
        if stride == 2:
            self.shortcut = nn.AvgPool2d(2, 2) if pool == 2 else nn.AvgPool2d(3, 2, 1)

    def forward(self, x):
        y = torch.relu(self.bn1(self.gconv1(x)))
        y = self.bn(self.dwconv(self.shuffle(y)))
        y = self.bn2(self.gconv2(y))
        if not self.widens:
            return torch.relu(y + x)
        y = dense_gradient(y)
        both = (y, self.shortcut(x)) if self.branch_first else (self.shortcut(x), y)
        return torch.relu(torch.cat(both, dim=1))


class ShuffleNetV1(nn.Module):
    """form is "imagenet" or "cifar"; pool (3 or 2) and branch_first as the module's text has them.

    shuffle is as make_shuffle takes it, or "static-dynamic": the shuffle then has
    weights too, of form pointwise, "kronecker" unless given. Stages before
    from_stage (2, 3, 4) keep static shuffles.
    """

    def __init__(
        self, width=1.0, groups=3, classes=1000, form="imagenet", shuffle="static", pairs=None,
        pool=3, branch_first=False, stem=24, channels=None, repeats=REPEATS, pointwise="kronecker", from_stage=2,
    ):  # fmt: skip
        super().__init__()
        imagenet = form == "imagenet"
        self.conv1 = nn.Conv2d(3, stem, 3, 2 if imagenet else 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(stem)
        self.maxpool = nn.MaxPool2d(3, 2, 1) if imagenet else nn.Identity()
        inputs, outputs = stem, channels or channels_for(width, groups)
        for k, count in enumerate(repeats, start=2):
            first = 1 if k == 2 else groups  # the stem's channels are too few to group
            stride = 1 if k == 2 and not imagenet else 2
            rest = (shuffle if k >= from_stage else "static", pointwise, pairs, pool, branch_first)
            units = [Unit(inputs, outputs, stride, groups, first, *rest)]
            units += [Unit(outputs, outputs, 1, groups, groups, *rest) for _ in range(count - 1)]
            setattr(self, f"stage{k}", nn.Sequential(*units))
            inputs, outputs = outputs, 2 * outputs
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        x = self.stage4(self.stage3(self.stage2(x)))
        return self.fc(x.mean([2, 3]))


def shufflenet_v1_cifar(
    width=0.5, groups=3, classes=10, form="cifar", shuffle="static", pairs=None, pointwise="kronecker"
):
    """chenhang98's CIFAR form; see the module's text."""
    return ShuffleNetV1(width, groups, classes, form, shuffle, pairs, pool=2, branch_first=True, pointwise=pointwise)
