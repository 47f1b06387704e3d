"""Steadies the generators of a trained network: logits that differ less between pictures.

Pictures near a boundary between two permutations cross it by accident, while training as while classifying,
and what reads through the permutation takes that as noise. Drawn towards their mean over pictures, the logits
of such pictures decode to the usual permutation; those that are far from it keep theirs.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import torch

from . import data, networks, rfl, rfl_net, routes, shuffle
from .data import names as datasets
from .predict import logits, topk
from .settings import Settings as Base
from .settings import natural, option, weight


@dataclass
class Settings(Base):
    rfl: str = option(None, "the model file", required=True)
    out: str = option(None, "the file to write", required=True)
    share: float = option(0.5, "share of their logits' differences between pictures that generators keep", weight)
    data: str = option(None, "directory of the data set", required=True)
    dataset: str = option(None, "whose test split; by the number of classes where none is named", choices=datasets())
    pictures: int = option(10000, "training pictures for the usual permutations", natural)


@torch.no_grad()
def steady(model, x, share):
    """Makes logits differ from their means over pictures x, which stay, by share of what they do."""
    found, seen = shuffle.generators(model), {}

    def keep(layer, inputs, _):
        seen[layer] = inputs[0].mean(0)

    handles = [g.logits.register_forward_hook(keep) for g in found]
    model.eval()(x)
    for handle in handles:
        handle.remove()
    for g in found:
        g.logits.bias += (1 - share) * (g.logits.weight @ seen[g.logits])
        g.logits.weight *= share


def calm(settings):
    """`train calm`: a model file with steadier generators, and what that did to its accuracy."""
    network = networks.from_rfl(settings.rfl, settings.dataset)
    model, share = network.model, settings.share
    if not shuffle.generators(model):
        raise ValueError(f"{settings.rfl}: no dynamic shuffle in it")
    mean, std = networks.statistics(network)
    some = data.some(data.load(settings.data, network.dataset, "train", network.size)[0], network.dataset, settings.pictures)
    test, labels = data.load(settings.data, network.dataset, "test", network.size)
    before = 100 * topk(logits(model, test, mean, std), labels, 1)
    steady(model, data.normalize(data.some(some, network.dataset, 2000), mean, std), share)
    after = 100 * topk(logits(model, test, mean, std), labels, 1)
    print(f"top-1 {before:.2f} %, with {share:g} of the differences {after:.2f} %")

    content = Path(settings.rfl).read_bytes()
    doc, _ = rfl.read(content)
    body, places = rfl.body(content), {t["name"]: t for t in doc["tensors"]}
    usual = iter(routes.usual(model, some, mean, std))
    for node in doc["graph"]["nodes"]:
        if node["op"] not in rfl_net.SHUFFLES:
            continue
        g = model.generators[node["name"].replace(".", "_")]
        for role, value in (("w2", g.logits.weight), ("b2", g.logits.bias)):
            at = places[node["tensors"][role]]
            if at["dtype"] != "f32":
                raise ValueError(f"{settings.rfl}: tensor {at['name']!r} is {at['dtype']}, want f32")
            body[at["offset"] : at["offset"] + at["bytes"]] = value.detach().numpy().astype("<f4").tobytes()
        row = next(usual)
        if "usual" in node["attrs"]:
            node["attrs"]["usual"] = [int(v) for v in row]
    provenance = doc["provenance"]
    step = f"then python3 -m train calm --share {share:g}: top-1 {before:.2f} to {after:.2f} %"
    provenance["notes"] = "; ".join(filter(None, (step, provenance.get("notes"))))
    provenance["accuracy"] = f"{after:.2f} % top-1 on the {network.dataset} test split (PyTorch {torch.__version__})"
    temporary = Path(settings.out + ".tmp")
    temporary.write_bytes(rfl.write(doc, bytes(body)))
    os.replace(temporary, settings.out)
