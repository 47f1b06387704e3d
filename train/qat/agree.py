"""A quantized network in PyTorch against the engine, integer by integer.

    python3 -m train.qat.agree --infer ./infer --checkpoint runs/NAME/last.pt --data DIR

Converts the network, and compares the logits of test pictures, their classes, and every activation of the first
--activations of them. Exit status 1 if a class differs. A dynamic shuffle's generator is float32, whose sums the
engine adds up in another order: where two permutations are nearly alike it may choose the other one, and what
follows differs. Nothing else has a reason to differ.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from .. import data, export, networks, rfl
from .network import QuantizedNet


def call(*words):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{Path(words[0]).name} {words[1]}: {done.stderr.strip()}")


def engine(infer, model, x, output=None, *flags):
    """What the engine computes of normalized pictures x: a row a picture, of the output or of a value's name."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.f32", Path(folder) / "out.f32"
        x.contiguous().numpy().astype("<f4").tofile(source)
        call(infer, "run", "-m", model, "-in", source, "-out", target, *([] if output is None else ["-output", output]), *flags)
        return torch.from_numpy(np.fromfile(target, "<f4").reshape(len(x), -1))


def convert(infer, net, size, path, *flags):
    """Writes net as a model file of 8 bits, with infer convert's flags; its JSON section."""
    export.onnx(net, path.with_suffix(".onnx"), size)
    call(infer, "convert", path.with_suffix(".onnx"), "-o", path, *flags)
    document, _ = rfl.read(path.read_bytes())
    return document


def names(document, net):
    """For each value of net the engine's name of it. Nodes have the names of the units that they were made of."""
    found = {}
    for node in document["graph"]["nodes"]:
        match = re.match(r"/([^/]+)/", node["name"])
        key = match[1] if match else None
        if key in net.units:
            found.update(zip(net.units[key].spec["outputs"], node["out"]))
    return found


@torch.no_grad()
def activations(infer, model, document, net, x):
    """For each value that the engine has too, (its name, elements, those that differ) on normalized pictures x."""
    own, engines, counts = {}, names(document, net), []
    net.eval()(x, lambda spec, name, y: own.__setitem__(name, (spec["grid"], y)))
    for name, there in engines.items():
        grid, y = own[name]
        got, y = engine(infer, model, x, there), y.reshape(len(x), -1)
        if grid is not None:
            got = torch.round(got / net.grids[grid].step(False))
        counts.append((name, y.numel(), int((got != y).sum())))
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--infer", required=True, help="the infer program")
    parser.add_argument("--checkpoint", required=True, help="last.pt of `train qat`")
    parser.add_argument("--data", required=True, help="directory of the data set")
    parser.add_argument("--pictures", type=int, default=1000, help="test pictures (default: 1000)")
    parser.add_argument("--activations", type=int, default=20, help="those whose activations are compared (default: 20)")
    parser.add_argument("--keep", help="where the model file goes; left out, it is not kept")
    options = parser.parse_args()
    network = networks.from_checkpoint(options.checkpoint)
    net = network.model
    if not isinstance(net, QuantizedNet):
        sys.exit(f"{options.checkpoint}: got a network of float32, want one of `train qat`")
    pictures = data.load(options.data, network.dataset, "test", network.size)[0]
    mean, std = networks.statistics(network)
    x = data.normalize(data.some(pictures, network.dataset, options.pictures), mean, std)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(options.keep or f"{folder}/model.rfl")
        flags = [f"{name}={','.join(f'{v:.9g}' for v in values)}" for name, values in (("-mean", mean), ("-std", std))]
        document = convert(options.infer, net, network.size, path, *flags)
        with torch.no_grad():
            want = torch.cat([net(part) for part in x.split(100)])
        got = engine(options.infer, path, x)
        same = int((want.argmax(1) == got.argmax(1)).sum())
        print(f"classes: {same} of {len(x)} the same; logits: {int((want == got).sum())} of {want.numel()} have the same bits")
        if options.activations:
            counts = activations(options.infer, path, document, net, x[: options.activations])
            total, off = sum(n for _, n, _ in counts), sum(n for _, _, n in counts)
            print(f"activations of {min(len(x), options.activations)} pictures: {total - off} of {total} the same, in {len(counts)} values")
            for name, n, differ in counts:
                if differ:
                    print(f"  {name}: {differ} of {n} differ")
    sys.exit(same != len(x))


if __name__ == "__main__":
    main()
