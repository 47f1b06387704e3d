"""Classifiers of torchvision and timm, riffle beside PyTorch and other engines.

    python3 -m train.classifiers --infer ./infer                            converts or not, and how far from float64
    python3 -m train.classifiers --infer ./infer --json FILE --bench ./shufflebench --peer COMMAND ...
                                                                            times, too, of riffle and of shufflebench's peers
    python3 -m train.classifiers --json FILE --table                        the table of README.md, of what FILE holds

Each network gets seeded random weights and batch-norm statistics of its own activations, is exported to ONNX by
torch.onnx.export, converted by `infer convert` and run by `infer run` on a random tensor. The error is that of the logits against
PyTorch's in float64, relative to the largest; beside it that of PyTorch's own float32, and of ONNX Runtime where that can be
imported. timm (PyPI) is needed for its networks alone. What --json FILE holds already is not measured again, so that a run
that was interrupted goes on. With --keep DIR the errors can be measured first, and the times later, when the machine is quiet. Exit status 1 if a network that should convert does not, or is above --limit.
"""

import argparse
import inspect
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from . import contest

TORCHVISION = """alexnet vgg11 vgg16_bn squeezenet1_0 squeezenet1_1 googlenet inception_v3 resnet18 resnet50 resnext50_32x4d
wide_resnet50_2 densenet121 shufflenet_v2_x0_5 shufflenet_v2_x1_0 mobilenet_v2 mobilenet_v3_small mobilenet_v3_large mnasnet1_0
efficientnet_b0 efficientnet_v2_s regnet_x_400mf regnet_y_400mf convnext_tiny vit_b_16 swin_t""".split()

TIMM = """ghostnet_100 tf_efficientnet_lite0 mobilenetv4_conv_small repvgg_a0 hardcorenas_a mixnet_s mobileone_s0 repghostnet_050
fbnetc_100 tinynet_e edgenext_xx_small starnet_s1 lcnet_050 semnasnet_075 rexnet_100 efficientvit_b0 fasternet_t0 hgnetv2_b0
cspresnet50 resnet26d dla34 selecsls42b vovnet39a darknet53 seresnet18 ecaresnet26t skresnet18 resnest14d convmixer_768_32
dm_nfnet_f0 mobilenetv3_small_050 efficientnet_es spnasnet_100 res2net50_26w_4s xception41 inception_v4 nasnetalarge dpn48b
hrnet_w18_small tresnet_m gernet_s pit_ti_224 convnextv2_atto""".split()

REFUSED = {"vit_b_16", "swin_t", "pit_ti_224"}  # attention: no convolutional classifiers


def build(name):
    """The network and the size of its pictures."""
    import torchvision

    if name in TORCHVISION:
        extra = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        model = getattr(torchvision.models, name)(weights=None, **extra)
        if hasattr(model, "aux_logits"):
            model.aux_logits = False
        return model, 299 if name == "inception_v3" else 224
    import timm

    model = timm.create_model(name, pretrained=False, exportable=True)
    return model, model.pretrained_cfg.get("input_size", (3, 224, 224))[-1]


def calibrate(model, size, g):
    """Seeded weights, and batch norms with the statistics of two random pictures."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    model.eval()
    for m in norms:
        m.train()
        m.momentum = None
        m.reset_running_stats()
        if m.affine:
            m.weight.data.uniform_(0.5, 1.5, generator=g)
            m.bias.data.normal_(0, 0.2, generator=g)
    with torch.no_grad():
        model(torch.randn(4, 3, size, size, generator=g))
    for m in norms:
        m.eval()
        m.momentum = 0.1
    return model


def export(model, path, size, dynamo):
    options = {"opset_version": 18 if dynamo else 17, "input_names": ["input"], "output_names": ["logits"]}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = dynamo
        if dynamo:
            options["external_data"] = False
    torch.onnx.export(model, (torch.zeros(1, 3, size, size),), str(path), **options)


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise ValueError(done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"exit status {done.returncode}")


def onnxruntime_error(path, x, y64, top):
    """What ONNX Runtime's float32 is off by; None where it is not installed, or does not run the file."""
    try:
        import onnxruntime

        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        return float(np.abs(session.run(None, {"input": x})[0] - y64).max() / top)
    except Exception:  # its errors have no common class
        return None


def measure(infer, name, folder, dynamo, flags):
    """The errors of a network: riffle's, PyTorch's own, and ONNX Runtime's."""
    g = torch.Generator().manual_seed(1)
    torch.manual_seed(1)
    model, size = build(name)
    calibrate(model, size, g)
    onnx = folder / "net.onnx"
    export(model, onnx, size, dynamo)
    x = torch.randn(1, 3, size, size, generator=g)
    with torch.no_grad():
        y32 = model(x).double().numpy()
        y64 = model.double()(x.double()).numpy()
    x.numpy().astype("<f4").tofile(folder / "x.f32")
    run(infer, "convert", onnx, "-o", folder / "net.rfl", "-q")
    run(infer, "run", "-m", folder / "net.rfl", "-in", folder / "x.f32", "-out", folder / "y.f32", *flags)
    y = np.fromfile(folder / "y.f32", "<f4").reshape(y64.shape)
    top = np.abs(y64).max()
    error = lambda y: float(np.abs(y - y64).max() / top)  # noqa: E731
    return {"size": size, "error": error(y), "torch": error(y32), "onnxruntime": onnxruntime_error(onnx, x.numpy(), y64, top)}


def row(args, name, found):
    """All that is asked of one network; found: its row of an earlier run, whose errors are kept where --keep has its file."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            folder = (args.keep / name) if args.keep else Path(folder)
            folder.mkdir(parents=True, exist_ok=True)
            if not found or not (folder / "net.onnx").exists():
                found = measure(args.infer, name, folder, args.dynamo, args.flags.split())
            if args.bench:
                found["times"] = contest.times(args.bench, folder / "net.onnx", args.peer, args.rounds, args.benchtime, args.isa)
    except Exception as e:  # one network's failure is a line of the table
        return {"refused": str(e).splitlines()[0][:300] if str(e) else type(e).__name__}
    return found


def above(found, limit):
    """Whether a network is further off than it may be."""
    return "error" in found and not found["error"] <= max(limit, 2 * max(found["torch"], found["onnxruntime"] or 0))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--infer", help="the command")
    p.add_argument(
        "--limit", type=float, default=1e-5, help="largest error of a network, or twice PyTorch's or ONNX Runtime's where that is more"
    )
    p.add_argument("--dynamo", action="store_true", help="PyTorch's new exporter")
    p.add_argument("--keep", type=Path, help="directory for the ONNX files and inputs")
    p.add_argument("--flags", default="", help="for infer run")
    p.add_argument("--json", type=Path, help="file for all rows; those that are there are kept")
    p.add_argument("--table", action="store_true", help="print the table of --json, and measure nothing")
    p.add_argument("--bench", help="the command shufflebench: also times, on one thread")
    p.add_argument("--peer", action="append", default=[], help="a peer for shufflebench; each is measured by itself")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--benchtime", default="400ms", help="of each engine and network, over all rounds")
    p.add_argument("--isa", default="", help="riffle's instruction set")
    p.add_argument("networks", nargs="*", help="default: all")
    args = p.parse_args()
    rows = json.loads(args.json.read_text()) if args.json and args.json.exists() else {}
    names = args.networks or TORCHVISION + TIMM
    if args.table:
        print(contest.table({n: rows[n] for n in names if n in rows}))
        return 0
    if not args.infer:
        p.error("--infer: want the command")
    print("| network | error | PyTorch's | ONNX Runtime's |\n|---|---:|---:|---:|", flush=True)
    bad = 0
    for name in names:
        found = rows.get(name)
        if not found or args.bench and "times" not in found and "refused" not in found:
            found = rows[name] = row(args, name, found)
            if args.json:
                args.json.write_text(json.dumps(rows, indent=1) + "\n")
        if "refused" in found:
            bad += name not in REFUSED
            print(f"| {name} | {found['refused']} | | |", flush=True)
            continue
        over = above(found, args.limit)
        bad += over
        again = "" if found["onnxruntime"] is None else f"{found['onnxruntime']:.1e}"
        print(f"| {name} | {found['error']:.1e}{' **above**' if over else ''} | {found['torch']:.1e} | {again} |", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
