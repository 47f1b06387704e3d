"""Parameters and multiply-accumulates of networks."""

from dataclasses import dataclass

import torch
from torch import nn

from . import models
from .settings import Settings as Base
from .settings import natural, option
from .shuffle import StaticDynamicShuffle


@dataclass
class Settings(Base):
    form: str = option("imagenet", "stem: for 224 or for 32 pixels", choices=["imagenet", "cifar"])
    size: int = option(None, "height and width of the input; the form's where none is given", natural)
    classes: int = option(None, "10 for cifar, 1000 for imagenet where none is given", natural)


def count(model, size):
    """(parameters, multiply-accumulates of one picture of size x size).

    A permutation costs none, a Kronecker product of a x a and b x b matrices a + b a value.
    """
    macs = 0

    def hook(module, inputs, output):
        nonlocal macs
        macs += output.numel() * module.weight[0].numel()

    def mixed(module, inputs, output):
        nonlocal macs
        g = module.dynamic.generator
        macs += output.numel() * (g.a + g.b if module.form == "kronecker" else g.a * g.b)

    handles = [m.register_forward_hook(hook) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    handles += [m.register_forward_hook(mixed) for m in model.modules() if isinstance(m, StaticDynamicShuffle)]
    with torch.no_grad():
        model.eval()(torch.zeros(1, 3, size, size))
    for handle in handles:
        handle.remove()
    return sum(p.numel() for p in model.parameters()), macs


def rows(form):
    """(name, settings) of every network that the table shows."""
    for width in (0.5, 1.0, 1.5, 2.0):
        yield "shufflenet_v2", {"width": width}
    for groups in (1, 2, 3, 4, 8):
        yield "shufflenet_v1", {"width": 1.0, "groups": groups}
    for width in (0.25, 0.5, 2.0):
        yield "shufflenet_v1", {"width": width, "groups": 3}
    yield "shufflenet_v2", {"width": 0.5, "shuffle": "dynamic"}
    yield "shufflenet_v1", {"width": 0.5, "groups": 3, "shuffle": "dynamic"}
    for pointwise in ("grouped", "kronecker"):
        yield "shufflenet_v2", {"width": 0.5, "pointwise": pointwise}
    if form == "cifar":
        yield "shufflenet_v1_cifar", {"width": 0.5, "groups": 3}
        for name in ("resnet_sds", "convnet_sds"):
            for pointwise in ("dense", "grouped", "kronecker"):
                yield name, {"pointwise": pointwise}
    yield "mobilenet_v1", {"width": 1.0}
    yield "mobilenet_v2", {"width": 1.0}
    yield "resnet18", {}


def table(settings):
    form = settings.form
    size = settings.size or (32 if form == "cifar" else 224)
    classes = settings.classes or (10 if form == "cifar" else 1000)
    print(f"form {form}, {size} x {size}, {classes} classes\n")
    print("| network | settings | parameters | MACs |\n| --- | --- | ---: | ---: |")
    for name, chosen in rows(form):
        try:
            model = models.build(name, form=form, classes=classes, **chosen)
        except ModuleNotFoundError as error:
            print(f"| {name} | | needs {error.name} | |")
            continue
        parameters, macs = count(model, size)
        text = " ".join(f"{k} {v}" if isinstance(v, str) else f"{k} {v:g}" for k, v in chosen.items())
        print(f"| {name} | {text} | {parameters:,} | {macs:,} |")
