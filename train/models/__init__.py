"""The networks, by name."""

from .shufflenet_v2 import ShuffleNetV2

MODELS = {
    "shufflenet_v2": ShuffleNetV2,
}

# The settings of a network that the command line sets and a checkpoint keeps.
SETTINGS = ("width", "groups", "form", "shuffle")


def build(name, **settings):
    """A network by its name; settings that are None are left to the network."""
    if name not in MODELS:
        raise ValueError(f"unknown model {name!r}: want one of {', '.join(MODELS)}")
    return MODELS[name](**{k: v for k, v in settings.items() if v is not None})
