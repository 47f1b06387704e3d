"""Networks taken from torchvision as they are, imported when asked for."""

from torch import nn


def mobilenet_v2(width=1.0, classes=1000, form="imagenet"):
    """torchvision's; in the CIFAR form the stem and the first stride-2 block have stride 1."""
    from torchvision.models import MobileNetV2

    settings = None
    if form == "cifar":
        settings = [
            [1, 16, 1, 1], [6, 24, 2, 1], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1],
        ]  # fmt: skip
    model = MobileNetV2(num_classes=classes, width_mult=width, inverted_residual_setting=settings)
    if form == "cifar":
        model.features[0][0].stride = (1, 1)
    return model


def resnet18(classes=1000, form="imagenet"):
    """torchvision's; in the CIFAR form the stem is 3x3 of stride 1 without pooling."""
    from torchvision.models import resnet18 as build

    model = build(weights=None, num_classes=classes)
    if form == "cifar":
        model.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        model.maxpool = nn.Identity()
    return model
