"""Predictions and accuracy of a network on a data set's pictures."""

import torch

from . import data, networks
from .data import normalize


@torch.no_grad()
def logits(model, pictures, mean, std, batch=None):
    """The network's outputs (float32, N x classes, on the CPU) for uint8 pictures."""
    model.eval()
    batch = batch or (1000 if pictures.is_cuda else 128)
    parts = []
    for k in range(0, len(pictures), batch):
        x = normalize(pictures[k : k + batch], mean, std).contiguous(memory_format=torch.channels_last)
        parts.append(model(x).float().cpu())
    return torch.cat(parts)


def topk(outputs, labels, k):
    """The share of rows whose label is among the k largest outputs."""
    best = outputs.topk(min(k, outputs.shape[1]), 1).indices
    return (best == labels.cpu()[:, None]).any(1).float().mean().item()


def accuracy(model, pictures, labels, mean, std):
    """Top-1 and top-5 as shares."""
    outputs = logits(model, pictures, mean, std)
    return topk(outputs, labels, 1), topk(outputs, labels, 5)


def evaluate(settings):
    """`train evaluate`: accuracy on the test split; predictions and logits to files."""
    network = networks.load(settings)
    name = network.dataset or settings["dataset"]
    if name is None:
        raise ValueError("the weights name no data set: give --dataset")
    mean, std = networks.statistics(network, settings)
    device = torch.device(settings["device"])
    pictures, labels = data.load(settings["data"], name, "test")
    model = network.model.to(device, memory_format=torch.channels_last)
    if settings["routes"]:
        from . import routes, safetensors

        outputs, recorder = routes.record(model, pictures.to(device), mean, std, margins=True)
        safetensors.write(settings["routes"], routes.tensors(outputs, recorder))
    else:
        outputs = logits(model, pictures.to(device), mean, std)
    for k in (1, 5):
        share = topk(outputs, labels, k)
        print(f"top-{k} {100 * share:.2f} % ({round(share * len(labels))} of {len(labels)})")
    if settings["predictions"]:
        with open(settings["predictions"], "w") as file:
            file.writelines(f"{c}\n" for c in outputs.argmax(1).tolist())
    if settings["logits"]:
        outputs.numpy().astype("<f4").tofile(settings["logits"])
