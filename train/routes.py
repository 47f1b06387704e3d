"""What the dynamic shuffles of a trained network do: how they differ between pictures, and what that is worth."""

import csv
from dataclasses import dataclass

import numpy as np
import torch

from . import assign, data, networks, shuffle
from .predict import logits, topk
from .settings import flag, natural, option


@dataclass
class Settings(networks.WeightsSettings):
    data: str = option(None, "directory of the data set", required=True)
    pictures: int = option(10000, "training pictures for the usual permutations", natural)
    each: bool = flag("freeze each layer alone too")
    csv: str = option(None, "file for the table")


def layers(model):
    """(name, generator) of every dynamic shuffle, in the network's order of definition."""
    found = []
    for name, module in model.named_modules():
        if isinstance(module, shuffle.Generator):
            found.append((name.replace(".dynamic.generator", "").replace(".generator", ""), module))
    return found


class Recorder:
    """Keeps the logits and permutations of every generator while it is entered."""

    def __init__(self, model):
        self.generators = [g for _, g in layers(model)]

    def __enter__(self):
        self.rows = [[] for _ in self.generators]
        self.valid = [[] for _ in self.generators]
        self.margin = [[] for _ in self.generators]
        self.margins = False
        for k, g in enumerate(self.generators):
            g.permutations = self.watching(k, g)
        return self

    def watching(self, k, g):
        def permutations(x):
            matrices = [m.detach().cpu().numpy() for m in g.matrices(x)]
            chosen = [assign.solve(m) for m in matrices]
            count = len(x)
            # sigma, tau of each pair: one row a picture.
            row = np.concatenate(chosen, -1).reshape(count, -1)
            self.rows[k].append(row.astype(np.int32))
            valid = np.ones(count, bool)
            margin = np.full(count, np.inf)
            for m, p in zip(matrices, chosen):
                greedy = np.sort(m.argmax(-1), -1)
                valid &= (greedy == np.arange(m.shape[-1])).all(-1).reshape(count, -1).all(1)
                if self.margins:
                    some = assign.margins(m.reshape(-1, *m.shape[2:]), p.reshape(-1, p.shape[-1]))
                    margin = np.minimum(margin, some.reshape(count, -1).min(1))
            self.valid[k].append(valid)
            self.margin[k].append(margin)
            return tuple(torch.from_numpy(p).to(x.device) for p in chosen)

        return permutations

    def __exit__(self, *_):
        for g in self.generators:
            del g.permutations
        self.rows = [np.concatenate(r) for r in self.rows]
        self.valid = [np.concatenate(v) for v in self.valid]
        self.margin = [np.concatenate(m) for m in self.margin]


def record(model, pictures, mean, std, margins=False):
    """(outputs, Recorder) of the pictures."""
    with Recorder(model) as recorder:
        recorder.margins = margins
        outputs = logits(model, pictures, mean, std)
    return outputs, recorder


def tensors(outputs, recorder):
    """What `infer eval -against` reads, by name, for N pictures.

    logits [N, classes]; for the dynamic layer K, in the order of the graph,
    routes.K [N, pairs * (a + b)], sigma and tau of each pair; margin [N], by how
    much the best other assignment falls short in the layer where it is nearest.
    """
    found = {"logits": outputs.numpy().astype("<f4")}
    if recorder.rows:
        found["margin"] = np.min(recorder.margin, 0).astype("<f4")
    for k, rows in enumerate(recorder.rows):
        found[f"routes.{k}"] = rows.astype("<i4")
    return found


def most_frequent(rows):
    """The row that occurs most often (the first in lexicographic order of equals), and how often."""
    unique, counts = np.unique(rows, axis=0, return_counts=True)
    k = counts.argmax()
    return unique[k], int(counts[k])


def usual(model, pictures, mean, std):
    """Each generator's most frequent permutations on the pictures, sigma and tau of each pair."""
    _, recorder = record(model, pictures, mean, std)
    return [most_frequent(rows)[0] for rows in recorder.rows]


def unpack(row, g):
    """(sigma [pairs, a], tau [pairs, b]) of what a Recorder keeps of a picture."""
    row = torch.as_tensor(row, dtype=torch.int64).view(g.pairs, g.a + g.b)
    return row[:, : g.a], row[:, g.a :]


class Frozen:
    """Makes generators choose the same permutations for all pictures while it is entered."""

    def __init__(self, chosen):
        self.chosen = chosen  # (generator, row) pairs

    def __enter__(self):
        for g, row in self.chosen:
            g.permutations = lambda x, some=unpack(row, g): tuple(p.to(x.device).expand(len(x), -1, -1) for p in some)

    def __exit__(self, *_):
        for g, _ in self.chosen:
            del g.permutations


def channels(row, g):
    """pi of one picture: output slot c takes input channel pi[c]."""
    sigma, tau = (p.numpy() for p in unpack(row, g))
    n, j = g.a * g.b, np.arange(g.a * g.b)
    pi = np.empty((n, g.groups), np.int64)
    for i in range(g.groups):
        s, t = sigma[i % g.pairs], tau[i % g.pairs]
        pi[:, i] = i * n + s[j // g.b] * g.b + t[j % g.b]
    return pi.ravel()


def distance(rows, g):
    """The share of channels that come from elsewhere than under the static shuffle, on average."""
    identity = np.tile(np.concatenate((np.arange(g.a), np.arange(g.b))), g.pairs)
    static = channels(identity, g)
    unique, counts = np.unique(rows, axis=0, return_counts=True)
    return sum(n * (channels(row, g) != static).mean() for row, n in zip(unique, counts)) / len(rows)


def measure(network, folder, name, pictures=10000, each=False):
    """What a network's dynamic layers do on data set name's test split, and its accuracy with them frozen.

    A dict: top1 and frozen in percent (every layer frozen to what it chooses most
    often on the first of the training pictures), test and train (how many
    pictures), and for each of layers its name, groups, factors, valid (percent
    of pictures whose row argmaxes are a permutation), distinct (permutations),
    usual (percent that choose the most frequent), moved (percent of channels
    that are not where the static shuffle puts them) and, with each, alone
    (top-1 with this layer frozen).
    """
    found = layers(network.model)
    mean, std = networks.statistics(network)
    test, labels = data.load(folder, name, "test", network.size)
    some = data.some(data.load(folder, name, "train", network.size)[0], name, pictures)
    frozen = usual(network.model, some, mean, std)
    outputs, recorder = record(network.model, test, mean, std)

    def accuracy(chosen):
        with Frozen(chosen):
            return round(100 * topk(logits(network.model, test, mean, std), labels, 1), 2)

    result = {
        "top1": round(100 * topk(outputs, labels, 1), 2),
        "frozen": accuracy([(g, row) for (_, g), row in zip(found, frozen)]),
        "test": len(test),
        "train": len(some),
        "layers": [],
    }
    for k, (path, g) in enumerate(found):
        rows = recorder.rows[k]
        layer = {
            "name": path,
            "groups": g.groups,
            "factors": f"{g.a} x {g.b}",
            "valid": round(100 * recorder.valid[k].mean(), 1),
            "distinct": len(np.unique(rows, axis=0)),
            "usual": round(100 * most_frequent(rows)[1] / len(rows), 1),
            "moved": round(100 * distance(rows, g), 1),
        }
        if each:
            layer["alone"] = accuracy([(g, frozen[k])])
        result["layers"].append(layer)
    return result


def routes(settings):
    """`train routes`: a table of a network's dynamic layers on the test split, and its accuracy with them frozen."""
    network = networks.load(settings)
    name = networks.named(network, settings.dataset)
    if not layers(network.model):
        raise ValueError("this network has no dynamic shuffle")
    if settings.mean or settings.std:
        mean, std = networks.statistics(network, settings.mean, settings.std)
        network.preprocess = {"mean": mean, "std": std}
    result = measure(network, settings.data, name, settings.pictures, settings.each)
    print(f"{result['test']} test pictures; usual permutations from {result['train']} training pictures")
    print(f"top-1 {result['top1']:.2f} %; every layer frozen to its usual permutation {result['frozen']:.2f} %\n")
    head = ["layer", "groups", "factors", "valid argmax %", "distinct", "most frequent %", "not as static %"]
    head += ["top-1 frozen alone %"] * settings.each
    table = [list(layer.values()) for layer in result["layers"]]
    print("| " + " | ".join(head) + " |\n| --- |" + " ---: |" * (len(head) - 1))
    for row in table:
        print("| " + " | ".join(map(str, row)) + " |")
    if settings.csv:
        with open(settings.csv, "w", newline="") as file:
            csv.writer(file).writerows([head, *table])
