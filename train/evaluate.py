"""`train evaluate`: accuracy of a network on a data set's test split."""

from dataclasses import dataclass

import torch

from . import data, networks, routes, safetensors
from .predict import logits, topk
from .settings import option


@dataclass
class Settings(networks.WeightsSettings):
    data: str = option(None, "directory of the data set", required=True)
    device: str = option("cpu", "PyTorch's name of the device")
    predictions: str = option(None, "file for the predicted classes, one a line")
    logits: str = option(None, "file for the outputs, raw little-endian float32")
    routes: str = option(None, "safetensors file for the outputs and every permutation; infer eval -against compares with it")


def evaluate(settings):
    """Prints top-1 and top-5; writes predictions, outputs and permutations to files."""
    network = networks.load(settings)
    name = networks.named(network, settings.dataset)
    mean, std = networks.statistics(network, settings.mean, settings.std)
    device = torch.device(settings.device)
    pictures, labels = data.load(settings.data, name, "test", network.size)
    model = network.model.to(device, memory_format=torch.channels_last)
    if settings.routes:
        outputs, recorder = routes.record(model, pictures.to(device), mean, std, margins=True)
        safetensors.write(settings.routes, routes.tensors(outputs, recorder))
    else:
        outputs = logits(model, pictures.to(device), mean, std)
    for k in (1, 5):
        share = topk(outputs, labels, k)
        print(f"top-{k} {100 * share:.2f} % ({round(share * len(labels))} of {len(labels)})")
    if settings.predictions:
        with open(settings.predictions, "w") as file:
            file.writelines(f"{c}\n" for c in outputs.argmax(1).tolist())
    if settings.logits:
        outputs.numpy().astype("<f4").tofile(settings.logits)
