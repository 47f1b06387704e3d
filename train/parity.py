"""Whole networks, PyTorch against riffle: python3 -m train.parity --infer ./infer.

Each network gets seeded random weights and batch-norm statistics that are not
trivial, is exported to ONNX, converted by `infer convert` and run by `infer
run` on a random tensor. The error is max |a - b| / max |b|, b being the logits
computed by PyTorch in float64. Exit status 1 if any network is above --limit.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from . import export, networks

NETWORKS = {
    **{f"shufflenet_v2-{w}x": ("shufflenet_v2", {"width": w}) for w in (0.5, 1.0, 1.5, 2.0)},
    **{f"shufflenet_v1-g{g}": ("shufflenet_v1", {"width": 1.0, "groups": g}) for g in (1, 2, 3, 4, 8)},
    "shufflenet_v1-0.25x-g3": ("shufflenet_v1", {"width": 0.25, "groups": 3}),
    "shufflenet_v1-2.0x-g3": ("shufflenet_v1", {"width": 2.0, "groups": 3}),
    "shufflenet_v1_cifar": ("shufflenet_v1_cifar", {}),
    "shufflenet_v2-0.5x-cifar": ("shufflenet_v2", {"width": 0.5, "form": "cifar", "classes": 10}),
    "mobilenet_v1": ("mobilenet_v1", {}),
    "mobilenet_v2": ("mobilenet_v2", {}),
    "resnet18": ("resnet18", {}),
}


def torchvision_twin(name, settings, model):
    """torchvision's own network with model's weights where it has one, else model.

    The exported graph is then the one that torchvision's users export.
    """
    widths = {0.5: "x0_5", 1.0: "x1_0", 1.5: "x1_5", 2.0: "x2_0"}
    if name != "shufflenet_v2" or settings.get("form") == "cifar":
        return model
    import torchvision

    twin = getattr(torchvision.models, f"shufflenet_v2_{widths[settings['width']]}")()
    twin.load_state_dict(model.state_dict())
    return twin.eval()


def prepare(folder, label, opset, batch, fold):
    """Writes LABEL.onnx, .in.f32, .torch32.f32 and .torch64.f64; returns (input, float32, float64 logits)."""
    name, settings = NETWORKS[label]
    network = networks.random_network(name, 1, **settings)
    model = torchvision_twin(name, settings, network.model)
    g = torch.Generator().manual_seed(2)
    x = torch.randn(batch, 3, network.size, network.size, generator=g)
    export.onnx(model, folder / f"{label}.onnx", network.size, opset, fold, batch=1 if fold else None)
    with torch.no_grad():
        y32 = model(x).numpy()
        y64 = model.double()(x.double()).numpy()
    x.numpy().astype("<f4").tofile(folder / f"{label}.in.f32")
    y32.astype("<f4").tofile(folder / f"{label}.torch32.f32")
    y64.astype("<f8").tofile(folder / f"{label}.torch64.f64")
    return y32, y64


def riffle(infer, folder, label, shape, flags):
    """riffle's logits for LABEL.in.f32."""
    model, out = folder / f"{label}.rfl", folder / f"{label}.out.f32"
    out.unlink(missing_ok=True)
    for command in (
        [infer, "convert", folder / f"{label}.onnx", "-o", model],
        [infer, "run", "-m", model, "-in", folder / f"{label}.in.f32", "-out", out, *flags],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise ValueError(f"{' '.join(map(str, command))}: exit status {done.returncode}: {done.stderr.strip()}")
    logits = np.fromfile(out, dtype="<f4")
    if logits.size != shape[0] * shape[1]:
        raise ValueError(f"{out}: {logits.size} values, want {shape[0]} x {shape[1]}")
    return logits.reshape(shape)


def error(a, b):
    """The largest difference as a share of the largest reference; infinite where a is not finite."""
    if not np.isfinite(a).all():
        return float("inf")
    return float(np.abs(a - b).max() / np.abs(b).max())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--infer", help="the infer command; without it, files are made and PyTorch's error printed")
    parser.add_argument("--folder", default="OUT/parity", help="where files go")
    parser.add_argument("--limit", type=float, default=1e-5)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--opset", type=int, default=13)
    parser.add_argument("--bn", choices=["fold", "keep"], default="fold")
    parser.add_argument("--only", default="", help="networks whose name contains this")
    parser.add_argument("--flags", default="", help="more flags for `infer run`: --flags=\"-isa generic\"")
    arguments = parser.parse_args()
    folder = Path(arguments.folder)
    folder.mkdir(parents=True, exist_ok=True)
    failed, chosen = [], [label for label in NETWORKS if arguments.only in label]
    if not chosen:
        sys.exit(f"parity: no network's name contains {arguments.only!r}")
    print(f"PyTorch {torch.__version__}, opset {arguments.opset}, batch norms {arguments.bn}, limit {arguments.limit:g}")
    print(f"{'network':26} {'riffle':>9} {'torch32':>9}  largest logit")
    for label in chosen:
        y32, y64 = prepare(folder, label, arguments.opset, arguments.batch, arguments.bn == "fold")
        text, ok = "-", True
        if arguments.infer:
            try:
                e = error(riffle(arguments.infer, folder, label, y64.shape, arguments.flags.split()), y64)
                text, ok = f"{e:.2e}", e <= arguments.limit
            except ValueError as problem:
                text, ok = "failed", False
                print(problem, file=sys.stderr)
        print(f"{label:26} {text:>9} {error(y32, y64):9.2e}  {np.abs(y64).max():.3g}{'' if ok else '  FAIL'}", flush=True)
        if not ok:
            failed.append(label)
    if failed:
        sys.exit(f"parity: {len(failed)} of {len(chosen)} failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
