"""A network with its weights, from wherever the command line says."""

import shlex

import torch

from . import data, models, rfl_net, safetensors, shuffle


class Network:
    """A model in evaluation mode and what is known about it."""

    def __init__(self, model, name, form, classes, dataset=None, provenance=None):
        self.model = model.eval()
        self.name, self.form, self.classes = name, form, classes
        self.dataset = dataset  # name of a data set in data.DATASETS, or None
        self.provenance = provenance or {}

    @property
    def size(self):
        """The picture's side in pixels that the form is made for."""
        return 32 if self.form == "cifar" else 224


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


def origin(checkpoint):
    """A checkpoint's provenance, and in its notes that of the checkpoint that it began with."""
    provenance, chosen = dict(checkpoint["provenance"]), checkpoint["settings"]
    names = (("data", "DIR"), ("out", "OUT"), ("init", "BEGINNING"))
    for key, name in names:  # where files lay on one machine says nothing on another
        if chosen.get(key):
            given = f"--{key} {shlex.quote(chosen[key])}"
            provenance["source"] = provenance["source"].replace(given, f"--{key} {name}")
    if chosen.get("init"):
        first = origin(torch.load(chosen["init"], map_location="cpu"))
        notes = f"BEGINNING is last.pt of: {first['source']} ({first['data']}; {first['accuracy']})"
        provenance["notes"] = " ".join(filter(None, (notes, first.get("notes"))))
    return provenance


def from_checkpoint(path):
    """The network that `fit` saved."""
    checkpoint = torch.load(path, map_location="cpu")
    settings = checkpoint["network"]
    model = models.build(checkpoint["model"], **settings)
    model.load_state_dict(checkpoint["state"])
    shuffle.fold(model)
    form, dataset = settings.get("form", "imagenet"), checkpoint["dataset"]
    provenance = origin(checkpoint)
    return Network(model, checkpoint["model"], form, settings["classes"], dataset, provenance)


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
    return network


def load(settings):
    """The network that --rfl, --checkpoint, --safetensors or --random names."""
    given = models.given(settings)
    if settings.get("rfl"):
        return from_rfl(settings["rfl"], settings["dataset"])
    if settings["checkpoint"]:
        return from_checkpoint(settings["checkpoint"])
    if settings["classes"]:
        given["classes"] = settings["classes"]
    if settings["safetensors"]:
        return from_safetensors(settings["safetensors"], settings["model"], settings["dataset"], **given)
    network = random_network(settings["model"], settings["seed"], settings["size"], **given)
    network.dataset = settings["dataset"]
    return network


def statistics(network, settings):
    """(mean, deviation) of the input: --mean and --std, else the data set's."""
    if getattr(network, "preprocess", None):
        return network.preprocess["mean"], network.preprocess["std"]
    if settings["mean"] or settings["std"]:
        if not (settings["mean"] and settings["std"]):
            raise ValueError("--mean and --std go together")
        return settings["mean"], settings["std"]
    if network.dataset is None:
        raise ValueError("the weights name no data set: give --dataset, or --mean and --std")
    dataset = data.DATASETS[network.dataset]
    return dataset.mean, dataset.std
