"""A network with its weights, from wherever the command line says."""

from dataclasses import dataclass

import torch

from . import checkpoint, data, models, rfl_net, safetensors, shuffle
from .data import names as datasets
from .qat.network import QuantizedNet
from .settings import Settings, flag, natural, option, positive, triple
from .shuffle import POINTWISE


@dataclass
class NetworkSettings(Settings):
    """Which network; what is None or False is left to the network."""

    model: str = option("shufflenet_v2", "the network", choices=sorted(models.MODELS))
    width: float = option(None, "width multiplier", positive)
    groups: int = option(None, "groups of ShuffleNet V1", natural)
    form: str = option(None, "stem: for 224 or for 32 pixels", choices=["imagenet", "cifar"])
    shuffle: str = option(None, "static, dynamic, or static-dynamic (short for --pointwise grouped)")
    pointwise: str = option(None, "V2: what ends a branch; dense where none is named", choices=POINTWISE)
    from_stage: int = option(None, "V1, V2: the first stage that --shuffle and --pointwise are for", int, choices=[2, 3, 4])
    pairs: str = option(None, "pairs of matrices: one for all groups, or one a group", choices=["1", "g"])
    gated: bool = flag("scale what each static-dynamic shuffle permutes by learned numbers that start at 0")
    deep: bool = flag("convnet_sds: its deep form")
    wide: bool = flag("convnet_sds: its wide form")

    def network(self, classes=None):
        """What models.build wants beside the network's name."""
        found = {k: getattr(self, k) for k in models.SETTINGS}
        found = {k: v for k, v in found.items() if v is not None and v is not False}
        return found if classes is None else {**found, "classes": classes}


@dataclass
class WeightsSettings(NetworkSettings):
    """Where a network's weights come from; see load."""

    checkpoint: str = option(None, "last.pt of a fit; it knows its network", source=True)
    rfl: str = option(None, "a model file, weights as it has them", source=True)
    safetensors: str = option(None, "a state dict; the network by --model and its settings", source=True)
    random: bool = flag("random weights by --seed; the network likewise", source=True)
    classes: int = option(None, "classes of a network by --model", natural)
    seed: int = option(0, "of random weights", int)
    size: int = option(None, "height and width of the input", natural)
    dataset: str = option(None, "whose classes and statistics; a checkpoint knows its own", choices=datasets())
    mean: tuple = option(None, "R,G,B in units of a pixel scaled to 0..1; the data set's where none is given", triple)
    std: tuple = option(None, "likewise", triple)


class Network:
    """A model in evaluation mode and what is known about it."""

    def __init__(self, model, name, form, classes, dataset=None, provenance=None):
        self.model = model.eval()
        self.name, self.form, self.classes = name, form, classes
        self.dataset = dataset  # name of a data set, one of data.names(), or None
        self.provenance = provenance or {}
        self.preprocess = None  # mean and std, where a file has them
        self.size = 32 if form == "cifar" else 224  # of a picture's side in pixels



def calibrated(model, size, generator):
    """Gives a fresh model's batch norms statistics and scales that are not trivial.

    The statistics are those of random input, then disturbed a little, so that a
    forgotten or wrong folding shows, while activations neither die nor explode.
    """
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    uniform = lambda t, low, high: t.uniform_(low, high, generator=generator)  # noqa: E731
    with torch.no_grad():
        for norm in norms:
            uniform(norm.weight, 0.5, 1.5)
            norm.bias.normal_(0, 0.2, generator=generator)
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.momentum = 1.0
        model.train()
        shuffle.set_mode(model, hard=True)
        model(torch.randn(4, 3, size, size, generator=generator))
        model.eval()
        for norm, momentum in zip(norms, momenta):
            norm.momentum = momentum
            deviation = norm.running_var.sqrt()
            norm.running_mean += 0.2 * deviation * torch.randn(deviation.shape, generator=generator)
            norm.running_var *= uniform(torch.empty_like(deviation), 0.7, 1.4)
    return model


def random_network(name, seed, size=None, **settings):
    """A network with seeded random weights; see calibrated."""
    torch.manual_seed(seed)
    model = shuffle.fold(models.build(name, **settings))
    form = settings.get("form") or ("cifar" if name.endswith("_cifar") else "imagenet")
    classes = settings.get("classes") or (10 if name.endswith("_cifar") else 1000)
    network = Network(model, name, form, classes, provenance={"source": f"random weights, seed {seed}"})
    calibrated(model, size or network.size, torch.Generator().manual_seed(seed))
    return network


def from_checkpoint(path):
    """The network that `fit` or `qat` saved."""
    saved = checkpoint.read(path)
    settings = saved["network"]
    if "quantized" in saved:
        model = QuantizedNet(saved["quantized"])
    else:
        model = models.build(saved["model"], **settings)
    model.load_state_dict(saved["state"])
    shuffle.fold(model)
    form = settings.get("form", "imagenet")
    network = Network(model, saved["model"], form, settings["classes"], saved["dataset"], checkpoint.origin(saved))
    if "preprocess" in saved:
        network.preprocess = saved["preprocess"]
        network.size = saved["preprocess"]["side"]
    return network


def from_safetensors(path, name, dataset=None, **settings):
    """A named model whose state dict a safetensors file holds."""
    tensors, metadata = safetensors.read(path)
    model = models.build(name, **settings)
    state = {k: torch.from_numpy(v.copy()) for k, v in tensors.items()}
    for key, value in model.state_dict().items():
        if key in state and state[key].shape != value.shape:
            got, want = list(state[key].shape), list(value.shape)
            raise ValueError(f"{path}: does not fit {name}: tensor {key} has shape {got}, want {want}")
    if not any("generator.norm." in key for key in state):  # as `fold` leaves it
        shuffle.fold(model)
    result = model.load_state_dict(state, strict=False)
    missing = [k for k in result.missing_keys if not k.endswith("num_batches_tracked")]
    if missing or result.unexpected_keys:
        raise ValueError(f"{path}: does not fit {name}: missing {missing}, unexpected {result.unexpected_keys}")
    shuffle.fold(model)
    form = settings.get("form") or ("cifar" if name.endswith("_cifar") else "imagenet")
    return Network(model, name, form, model.fc.out_features, dataset, metadata)


def from_rfl(path, dataset=None):
    """The network of a model file, weights as the file has them."""
    model = rfl_net.RflNet(path)
    shape = model.graph["inputs"][0]["shape"]
    classes = len(model.document.get("labels", [])) or None
    network = Network(model, model.document["name"], "cifar" if shape[-1] == 32 else "imagenet", classes, dataset)
    if dataset is None:
        network.dataset = next((k for k, v in data.DATASETS.items() if v.classes == classes and v.box == 1), None)
    network.preprocess = model.document.get("preprocess")
    network.provenance = model.document.get("provenance", {})
    network.size = shape[-1]
    return network


def load(settings):
    """The network that a WeightsSettings names: --rfl, --checkpoint, --safetensors or --random."""
    given = settings.network()
    if settings.rfl:
        return from_rfl(settings.rfl, settings.dataset)
    if settings.checkpoint:
        return from_checkpoint(settings.checkpoint)
    if settings.classes:
        given["classes"] = settings.classes
    if settings.safetensors:
        return from_safetensors(settings.safetensors, settings.model, settings.dataset, **given)
    network = random_network(settings.model, settings.seed, settings.size, **given)
    network.dataset = settings.dataset
    return network


def statistics(network, mean=None, std=None):
    """(mean, deviation) of the input: what the network's file says, else those given, else the data set's."""
    if network.preprocess:
        return network.preprocess["mean"], network.preprocess["std"]
    if mean or std:
        if not (mean and std):
            raise ValueError("--mean and --std go together")
        return mean, std
    if network.dataset is None:
        raise ValueError("the weights name no data set: give --dataset, or --mean and --std")
    if network.dataset not in data.DATASETS:
        raise ValueError(f"the data set {network.dataset} has no statistics of its own: give --mean and --std")
    dataset = data.DATASETS[network.dataset]
    return dataset.mean, dataset.std


def named(network, dataset):
    """The name of the data set: the network's own, or that given."""
    name = network.dataset or dataset
    if name is None:
        raise ValueError("the weights name no data set: give --dataset")
    return name
