"""ONNX files of networks."""

import contextlib
import inspect
import shlex
from dataclasses import dataclass
from pathlib import Path

import torch

from . import checkpoint, data, networks, routes
from .qat.network import QuantizedNet
from .settings import natural, number, option
from .shuffle import StaticDynamicShuffle, generators


def batch(text):
    """None for a symbolic dimension."""
    return None if text == "dynamic" else number(text, int, 'a number, 1 or more, or "dynamic"', 1)


@dataclass
class Settings(networks.WeightsSettings):
    onnx: str = option(None, "the file to write", required=True)
    opset: int = option(13, "version of ONNX's operators", natural)
    bn: str = option("fold", "batch norms: folded into convolutions, or nodes", choices=["fold", "keep"])
    batch: int = option(1, 'pictures in a batch: a number, or "dynamic"', batch)
    data: str = option(None, "directory of the data set, for a file of labels, and for the usual permutations of dynamic shuffles")
    name: str = option(None, "what the model file calls the model and its data set; the data set's own name where none is given")
    pictures: int = option(10000, "training pictures for the usual permutations", natural)


def onnx(model, path, size, opset=13, fold=True, batch=1):
    """Writes model (in evaluation mode) for pictures of size x size.

    fold: batch norms are folded into convolutions; else they stay nodes.
    batch: a number, or None for a symbolic batch dimension.
    A quantized network is written in the form of QuantizeLinear and DequantizeLinear.
    """
    model.eval()
    quantized = isinstance(model, QuantizedNet)
    if quantized and opset < 13:
        raise ValueError(f"--opset: got {opset}, want 13 or more for a quantized network, whose weights have a scale for each row")
    options = {
        "opset_version": opset,
        "input_names": ["input"],
        "output_names": ["logits"],
        "do_constant_folding": fold,
        "training": torch.onnx.TrainingMode.EVAL if fold else torch.onnx.TrainingMode.PRESERVE,
    }
    if batch is None:
        options["dynamic_axes"] = {"input": {0: "batch"}, "logits": {0: "batch"}}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False  # the exporter by tracing: the same graphs from 1.13 to 2.x
    options["custom_opsets"] = {"riffle": 1}
    frozen = [m for m in model.modules() if isinstance(m, StaticDynamicShuffle)]
    device = next(model.parameters()).device
    try:
        for module in frozen:
            module.freeze()
        with model.writing() if quantized else contextlib.nullcontext():
            torch.onnx.export(model, torch.zeros(batch or 2, 3, size, size, device=device), str(path), **options)
    finally:
        for module in frozen:
            module.freeze(False)


def export(settings):
    """`train export`: the file, and the command that turns it into a model file."""
    network = networks.load(settings)
    size = settings.size or network.size
    path = Path(settings.onnx)
    path.parent.mkdir(parents=True, exist_ok=True)
    if settings.data and network.dataset and generators(network.model):
        mean, std = networks.statistics(network, settings.mean, settings.std)
        some = data.some(data.load(settings.data, network.dataset, "train", network.size)[0], network.dataset, settings.pictures)
        for g, row in zip(generators(network.model), routes.usual(network.model, some, mean, std)):
            g.usual = row
    onnx(network.model, path, size, settings.opset, settings.bn == "fold", settings.batch)
    print(f"{path}: {path.stat().st_size} bytes")

    convert = ["infer", "convert", str(path), "-o", str(path.with_suffix(".rfl"))]
    if settings.data and network.dataset:
        labels = path.with_suffix(".labels.txt")
        labels.write_text("".join(name + "\n" for name in data.class_names(settings.data, network.dataset)))
        convert += ["-labels", str(labels)]
    if network.dataset or settings.mean:
        mean, std = networks.statistics(network, settings.mean, settings.std)
        join = lambda values: ",".join(f"{v:.9g}" for v in values)  # noqa: E731
        convert += ["-mean", join(mean), "-std", join(std)]
    provenance = network.provenance
    if network.dataset == data.FOLDER:  # whose pictures have any size: see folder.picture
        convert += ["-resize", str(size)]
    if network.dataset or settings.name:
        convert += ["-name", settings.name or network.dataset]
    if network.dataset and settings.name:
        provenance = checkpoint.renamed(provenance, network.dataset, settings.name)
    for key, value in provenance.items():
        key = {"licence": "license"}.get(key, key)
        if key in ("source", "data", "date", "accuracy", "license", "notes"):
            convert += [f"-{key}", value]
    print(shlex.join(convert))
