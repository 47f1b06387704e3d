"""`train qat`: goes on training a network, in the engine's 8-bit arithmetic."""

import time
from dataclasses import dataclass

import torch

from .. import data, networks
from ..fit import begin, train
from ..predict import accuracy
from ..rfl_net import RflNet
from ..settings import count, flag, natural, option, positive, share, weight
from ..shuffle import generators
from . import trace
from .calibrate import METHODS, calibrate
from .network import QuantizedNet, quantized


@dataclass
class Settings(networks.WeightsSettings):
    data: str = option(None, "directory of the data set", required=True)
    out: str = option(None, "directory for last.pt and log.csv", required=True)
    epochs: int = option(4, "passes over the training pictures", natural)
    batch: int = option(128, "pictures a step", natural)
    lr: float = option(0.005, "peak learning rate", weight)
    schedule: str = option("cosine", "how the rate falls to 0 after the warm-up", choices=["cosine", "linear"])
    warmup: float = option(0.1, "epochs of linear warm-up", weight)
    momentum: float = option(0.9, "Nesterov momentum", share)
    weight_decay: float = option(1e-4, "of matrices and convolutions", weight)
    label_smoothing: float = option(0.0, "share of the target that goes to all classes alike", share)
    slow: float = option(0.0, "share of the learning rate that generators get; 0: they stay as they are", weight)
    method: str = option("mse", "where the scales begin: least square error, or all that occurs", choices=METHODS)
    calibration: int = option(500, "training pictures that the scales begin with", natural)
    freeze: float = option(0.3, "share of the steps, at the end, in which the scales stay as they are", share)
    cutout: int = option(0, "side in pixels of a square that is blanked in every training picture", count)
    flip: str = option("random", "mirror pictures at random, or every other epoch each", choices=["random", "alternate"])
    validate: int = option(0, "training pictures that are held out, and tested on in place of the test split", count)
    test_every: int = option(1, "epochs from test to test; the last is always tested", natural)
    resume: bool = flag("go on from OUT/last.pt where it exists")
    max_steps: int = option(0, "steps of an epoch, which ends before all pictures have been seen; 0: all", count)
    minutes: float = option(None, "stop after the epoch in which so many minutes have passed; --resume goes on", positive)
    device: str = option("cpu", "PyTorch's name of the device")
    command: str = ""  # the command line, for provenance

    # What a training step of `fit` asks for, and this has no use for.
    muon, bf16, soft, temperature, small = 0.0, False, 0.0, (1.0, 1.0), (32, 0.0)
    orthogonal, diversity, by_class = 0.0, 0.0, 0.0


def prepare(network):
    """The quantized network of a networks.Network, not calibrated yet."""
    model = network.model
    if isinstance(model, QuantizedNet):
        raise ValueError("got a network that is quantized, want one of float32")
    return quantized(trace.from_rfl(model) if isinstance(model, RflNet) else trace.from_module(model, network.size))


def qat(settings):
    """`train qat`: the history, one dict an epoch. Writes last.pt and log.csv to settings.out after each."""
    begun = time.time()
    network = networks.load(settings)
    settings.dataset = networks.named(network, settings.dataset)
    mean, std = networks.statistics(network, settings.mean, settings.std)
    model = prepare(network)
    path, device = begin(settings)
    training, test = data.splits(settings.data, settings.dataset, settings.validate, network.size)
    dataset = data.describe(settings.data, settings.dataset, training[0])
    dataset = data.Dataset(**{**vars(dataset), "mean": mean, "std": std})
    model = model.to(device, memory_format=torch.channels_last)
    for g in generators(model):
        g.requires_grad_(settings.slow > 0)
    steps = settings.epochs * min(settings.max_steps or len(training[0]), len(training[0]) // settings.batch)
    model.freeze = int((1 - settings.freeze) * steps)
    content = {
        "model": network.name,
        "network": {"form": network.form, "classes": network.classes or dataset.classes},
        "quantized": model.document,
        "beginning": network.provenance,
    }
    if not path.exists():
        calibrate(model, data.some(training[0], settings.dataset, settings.calibration).to(device), mean, std, settings.method)
        top1, _ = accuracy(model, *(t.to(device) for t in test), mean, std)
        print(f"calibrated: top-1 {100 * top1:.2f} %", flush=True)
    return train(settings, path, model, training, test, dataset, content, begun)
