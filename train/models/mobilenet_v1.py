"""MobileNet V1 (Howard et al., 2017)."""

from torch import nn

from ..depthwise import Depthwise
from ..shuffle import StaticDynamicShuffle

# Output channels at width 1, and stride, of the depthwise-separable layers.
LAYERS = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]


def _conv(inputs, outputs, kernel, stride=1):
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), *_bn_relu(outputs)]


def _bn_relu(channels):
    return [nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]


class MobileNetV1(nn.Module):
    """In the CIFAR form the stem and the first stride-2 layer keep the picture's size.

    pointwise is "dense", or the form of a static-dynamic shuffle that stands in
    for every pointwise convolution whose inputs are as many as its outputs.
    """

    def __init__(self, width=1.0, classes=1000, form="imagenet", pointwise="dense", groups=2, pairs=None):
        super().__init__()
        scaled = lambda channels: max(8, int(channels * width + 4) // 8 * 8)  # noqa: E731
        cifar = form == "cifar"
        inputs = scaled(32)
        layers = _conv(3, inputs, 3, 1 if cifar else 2)
        for k, (outputs, stride) in enumerate(LAYERS):
            outputs = scaled(outputs)
            layers += [Depthwise(inputs, 1 if cifar and k == 1 else stride), *_bn_relu(inputs)]
            if pointwise == "dense" or inputs != outputs:
                layers += _conv(inputs, outputs, 1)
            else:
                mix = StaticDynamicShuffle(outputs, groups, pointwise, groups if pairs == "g" else 1)
                layers += [mix, nn.ReLU(inplace=True)]
            inputs = outputs
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        return self.fc(self.features(x).mean([2, 3]))
