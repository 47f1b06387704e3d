"""ShuffleNet V2 (Ma et al., 2018), for ImageNet and CIFAR.

The ImageNet form is torchvision's, name for name: a state dict of
torchvision.models.shufflenet_v2_x* loads into it and the outputs are the same
bits. The CIFAR form differs in its stem alone: stride 1 and no max pooling, so
that a 32 x 32 picture meets the stages at 32, 16, 8 and leaves them at 4.
"""

import torch
from torch import nn

from ..depthwise import Depthwise
from ..permute import dense_gradient
from ..shuffle import StaticDynamicShuffle, make_shuffle

# Channels of stem, three stages and the last convolution, by width.
CHANNELS = {
    0.5: (24, 48, 96, 192, 1024),
    1.0: (24, 116, 232, 464, 1024),
    1.5: (24, 176, 352, 704, 1024),
    2.0: (24, 244, 488, 976, 2048),
}
REPEATS = (4, 8, 4)


def channels_for(width):
    """The paper's channels where it has this width, else 1.0x scaled.

    Other widths scale the 116 of stage 2 to an even number and double it from
    stage to stage; the last convolution has 1024 channels, 2048 from 2.0 on.
    """
    if width in CHANNELS:
        return CHANNELS[width]
    first = max(8, 2 * round(116 * width / 2))
    return (24, first, 2 * first, 4 * first, 2048 if width >= 2 else 1024)


def _bn_relu(channels):
    return [nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]


def _pointwise(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 1, bias=False)


class Unit(nn.Module):
    """One V2 unit. Stride 1: half the channels pass by; stride 2: both halves work."""

    def __init__(self, inputs, outputs, stride, shuffle, pointwise, pairs, gated):
        super().__init__()
        half = outputs // 2
        self.stride, self.half = stride, half
        if stride == 1:
            if inputs != outputs:
                raise ValueError(f"a unit of stride 1 keeps its channels: got {inputs} in, {outputs} out")
            self.branch1 = nn.Sequential()
            inputs = half
        else:
            self.branch1 = nn.Sequential(
                Depthwise(inputs, stride), nn.BatchNorm2d(inputs), _pointwise(inputs, half), *_bn_relu(half)
            )
        self.branch2 = nn.Sequential(
            _pointwise(inputs, half),
            *_bn_relu(half),
            Depthwise(half, stride),
            nn.BatchNorm2d(half),
            *self.last(half, pointwise, pairs, gated),
            nn.ReLU(inplace=True),
        )
        self.shuffle = make_shuffle(shuffle, outputs, 2, pairs)

    @staticmethod
    def last(channels, pointwise, pairs, gated):
        """The square pointwise convolution and batch norm that end a branch, or what stands in for them."""
        if pointwise == "dense":
            return [_pointwise(channels, channels), nn.BatchNorm2d(channels)]
        return [StaticDynamicShuffle(channels, 2, pointwise, 2 if pairs == "g" else 1, gated=gated)]

    def forward(self, x):
        if self.stride == 1:
            passed, worked = x.split(self.half, dim=1)
        else:
            passed, worked = self.branch1(x), x
        return self.shuffle(torch.cat((dense_gradient(passed), dense_gradient(self.branch2(worked))), dim=1))


class ShuffleNetV2(nn.Module):
    """form is "imagenet" or "cifar"; shuffle as make_shuffle takes it, or
    "static-dynamic", short for pointwise="grouped"; pointwise is "dense", or the
    form of a static-dynamic shuffle that ends every branch2 in its place. Stages
    before from_stage (2, 3, 4) keep static shuffles and dense convolutions.
    gated: see StaticDynamicShuffle.
    """

    def __init__(
        self, width=1.0, classes=1000, form="imagenet", shuffle="static", pointwise="dense", pairs=None,
        from_stage=2, gated=False, channels=None, repeats=REPEATS,
    ):  # fmt: skip
        super().__init__()
        if shuffle == "static-dynamic":
            shuffle, pointwise = "static", "grouped" if pointwise == "dense" else pointwise
        stem, *stages, last = channels or channels_for(width)
        imagenet = form == "imagenet"
        self.conv1 = nn.Sequential(nn.Conv2d(3, stem, 3, 2 if imagenet else 1, 1, bias=False), *_bn_relu(stem))
        self.maxpool = nn.MaxPool2d(3, 2, 1) if imagenet else nn.Identity()
        inputs = stem
        for k, (outputs, count) in enumerate(zip(stages, repeats), start=2):
            kinds = (shuffle, pointwise) if k >= from_stage else ("static", "dense")
            units = [Unit(inputs, outputs, 2, *kinds, pairs, gated)]
            units += [Unit(outputs, outputs, 1, *kinds, pairs, gated) for _ in range(count - 1)]
            setattr(self, f"stage{k}", nn.Sequential(*units))
            inputs = outputs
        self.conv5 = nn.Sequential(_pointwise(inputs, last), *_bn_relu(last))
        self.fc = nn.Linear(last, classes)

    def forward(self, x):
        x = self.maxpool(self.conv1(x))
        x = self.stage4(self.stage3(self.stage2(x)))
        return self.fc(self.conv5(x).mean([2, 3]))
