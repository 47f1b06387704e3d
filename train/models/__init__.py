"""The networks, by name."""

import inspect

from .convnet_sds import ConvNetSDS
from .mobilenet_v1 import MobileNetV1
from .resnet_sds import ResNetSDS
from .shufflenet_v1 import ShuffleNetV1, shufflenet_v1_cifar
from .shufflenet_v2 import ShuffleNetV2
from .torchvision import mobilenet_v2, resnet18

MODELS = {
    "convnet_sds": ConvNetSDS,
    "mobilenet_v1": MobileNetV1,
    "mobilenet_v2": mobilenet_v2,
    "resnet18": resnet18,
    "resnet_sds": ResNetSDS,
    "shufflenet_v1": ShuffleNetV1,
    "shufflenet_v1_cifar": shufflenet_v1_cifar,
    "shufflenet_v2": ShuffleNetV2,
}

# The settings of a network that the command line sets and a checkpoint keeps.
SETTINGS = ("width", "groups", "form", "shuffle", "pointwise", "pairs", "from_stage", "deep", "wide", "gated")


def build(name, **settings):
    """A network by its name; settings that are None are left to the network."""
    if name not in MODELS:
        raise ValueError(f"unknown model {name!r}: want one of {', '.join(MODELS)}")
    settings = {k: v for k, v in settings.items() if v is not None}
    known = inspect.signature(MODELS[name]).parameters
    for key in settings:
        if key not in known:
            raise ValueError(f"{name} has no setting {key!r} (got {settings[key]!r})")
    return MODELS[name](**settings)
