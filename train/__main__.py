"""The command line: python3 -m train fit|evaluate|export|routes|calm|study|step|table."""

import argparse
import shlex
import sys

from . import models
from .data import DATASETS
from .shuffle import POINTWISE


def network_arguments(parser):
    parser.add_argument("--model", default="shufflenet_v2", choices=sorted(models.MODELS))
    parser.add_argument("--width", type=float, help="width multiplier")
    parser.add_argument("--groups", type=int, help="groups of ShuffleNet V1")
    parser.add_argument("--form", choices=["imagenet", "cifar"], help="stem: for 224 or for 32 pixels")
    parser.add_argument("--shuffle", help="static, dynamic, or static-dynamic (short for --pointwise grouped)")
    parser.add_argument("--pointwise", choices=POINTWISE, help="V2: what ends a branch (default dense)")
    parser.add_argument("--from-stage", type=int, choices=[2, 3, 4], help="V1, V2: the first stage that --shuffle and --pointwise are for")
    parser.add_argument("--pairs", choices=["1", "g"], help="pairs of matrices: one for all groups, or one a group")


def weights_arguments(parser):
    """Where a network's weights come from: see networks.load."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--checkpoint", help="last.pt of a fit; it knows its network")
    source.add_argument("--rfl", help="a model file, weights as it has them")
    source.add_argument("--safetensors", help="a state dict; the network by --model and its settings")
    source.add_argument("--random", action="store_true", help="random weights by --seed; the network likewise")
    network_arguments(parser)
    parser.add_argument("--classes", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, help="height and width of the input")
    parser.add_argument("--dataset", choices=sorted(DATASETS), help="whose classes and statistics")
    parser.add_argument("--mean", type=triple, help="r,g,b in units of a pixel scaled to 0..1")
    parser.add_argument("--std", type=triple, help="likewise")


def small(text):
    """"24,0.5": side, and share of the epochs."""
    side, share = numbers(text, 2)
    if side < 1 or side != int(side) or not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"got {text!r}: want a side in pixels, and a share from 0 to 1")
    return int(side), share


def numbers(text, count):
    values = tuple(float(v) for v in text.split(","))
    if len(values) != count:
        raise argparse.ArgumentTypeError(f"got {len(values)} values, want {count}")
    return values


def pair(text):
    return numbers(text, 2)


def triple(text):
    return numbers(text, 3)


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python3 -m train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    fit = commands.add_parser("fit", help="train a network on CIFAR-10 or CIFAR-100")
    network_arguments(fit)
    fit.set_defaults(form="cifar")
    fit.add_argument("--data", required=True, help="folder of the set's binary version")
    fit.add_argument("--dataset", default="cifar10", choices=sorted(DATASETS))
    fit.add_argument("--out", required=True, help="folder for last.pt and log.csv")
    fit.add_argument("--epochs", type=int, default=30)
    fit.add_argument("--batch", type=int, default=128)
    fit.add_argument("--lr", type=float, default=0.1, help="peak learning rate")
    fit.add_argument("--warmup", type=float, default=2.0, help="epochs of linear warm-up")
    fit.add_argument("--momentum", type=float, default=0.9)
    fit.add_argument("--weight-decay", type=float, default=5e-4)
    fit.add_argument("--label-smoothing", type=float, default=0.0)
    fit.add_argument("--seed", type=int, default=0)
    fit.add_argument("--soft", type=float, default=0.0, help="share of the steps before permutations turn hard")
    fit.add_argument("--temperature", type=pair, default=(1.0, 1.0), help="from,to over the soft steps; to while hard")
    fit.add_argument(
        "--start", type=pair, default=(2.0, 0.5), help="identity,spread: a generator's logits at the start"
    )
    fit.add_argument("--slow", type=float, default=0.1, help="share of the learning rate that generators get")
    fit.add_argument("--orthogonal", type=float, default=1e-3, help="weight of the sum of ||A A' - I||^2")
    fit.add_argument("--diversity", type=float, default=0.03, help="weight of what permutations tell about the picture")
    fit.add_argument("--by-class", type=float, default=0.0, help="weight of what permutations tell about the picture's class")
    fit.add_argument("--init", help="a checkpoint to begin with, such as the static twin's")
    fit.add_argument("--calm", type=float, default=1.0, help="with --init: share of their logits' differences between pictures that generators keep")
    fit.add_argument("--cutout", type=int, default=0, help="side in pixels of a square that is blanked in every training picture")
    fit.add_argument("--device", default="cpu")
    fit.add_argument("--whiten", action="store_true", help="start the first convolution as whitening filters")
    fit.add_argument("--small", type=small, default=(32, 0.0), help="SIDE,SHARE: that share of the epochs on pictures of so few pixels")
    fit.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
    fit.add_argument("--test-every", type=int, default=1, help="epochs from test to test; the last is always tested")
    fit.add_argument("--resume", action="store_true", help="go on from OUT/last.pt where it exists")
    fit.add_argument("--max-steps", type=int, default=0, help="stop each epoch after so many steps (0: never)")

    evaluate = commands.add_parser("evaluate", help="accuracy on a test split")
    weights_arguments(evaluate)
    evaluate.add_argument("--data", required=True)
    evaluate.add_argument("--device", default="cpu")
    evaluate.add_argument("--predictions", help="file for the predicted classes, one a line")
    evaluate.add_argument("--logits", help="file for the outputs, raw little-endian float32")
    evaluate.add_argument(
        "--routes", help="safetensors file for the outputs and every permutation; infer eval -against compares with it"
    )

    export = commands.add_parser("export", help="write an ONNX file")
    weights_arguments(export)
    export.add_argument("--onnx", required=True, help="the file to write")
    export.add_argument("--opset", type=int, default=13)
    export.add_argument("--bn", choices=["fold", "keep"], default="fold", help="batch norms")
    export.add_argument("--batch", default="1", help='a number, or "dynamic"')
    export.add_argument(
        "--data", help="folder of the data set, for a file of labels, and for the usual permutations of dynamic shuffles"
    )
    export.add_argument("--pictures", type=int, default=10000, help="training pictures for the usual permutations")

    table = commands.add_parser("table", help="parameters and multiply-accumulates of the networks")
    table.add_argument("--form", choices=["imagenet", "cifar"], default="imagenet")
    table.add_argument("--size", type=int)
    table.add_argument("--classes", type=int)

    step = commands.add_parser("step", help="how long a training step takes, and the exact assignment in it")
    network_arguments(step)
    step.set_defaults(form="cifar")
    step.add_argument("--side", type=int, default=32, help="height and width of the pictures")
    step.add_argument("--batch", type=int, default=128)
    step.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
    step.add_argument("--device", default="cpu")
    step.add_argument("--steps", type=int, default=20, help="measured; three come before")

    routes = commands.add_parser("routes", help="what the dynamic shuffles of a network do")
    weights_arguments(routes)
    routes.add_argument("--data", required=True)
    routes.add_argument("--pictures", type=int, default=10000, help="training pictures for the usual permutations")
    routes.add_argument("--each", action="store_true", help="freeze each layer alone too")
    routes.add_argument("--csv", help="file for the table")

    calm = commands.add_parser("calm", help="steady the generators of a model file")
    calm.add_argument("--rfl", required=True, help="the model file")
    calm.add_argument("--out", required=True, help="the file to write")
    calm.add_argument("--share", type=float, default=0.5, help="of their logits' differences between pictures that generators keep")
    calm.add_argument("--data", required=True)
    calm.add_argument("--dataset", choices=sorted(DATASETS))
    calm.add_argument("--pictures", type=int, default=10000, help="training pictures for the usual permutations")

    study = commands.add_parser("study", help="many trainings from one plan, and their table")
    study.add_argument("--plan", required=True, help="a JSON file; see train/study.py")
    study.add_argument("--data", help="folder of the sets' binary version; not for --report-only")
    study.add_argument("--out", required=True, help="folder for a folder per run")
    study.add_argument("--jobs", type=int, default=1, help="trainings at a time")
    study.add_argument("--minutes", type=float, help="stop after so long; the same command goes on")
    study.add_argument("--only", help="only runs whose folder matches this regular expression")
    study.add_argument("--report-only", action="store_true", help="train nothing, print the table")
    study.add_argument("--infer", help="the program infer, for the table's file sizes")
    study.add_argument("--device", default="cpu")

    settings = vars(parser.parse_args(arguments))
    command = settings["command"]
    settings["command"] = "python3 -m train " + shlex.join(arguments)
    if command == "fit":
        from .fit import fit as run
    elif command == "evaluate":
        from .evaluate import evaluate as run
    elif command == "export":
        from .export import export as run
    elif command == "routes":
        from .routes import routes as run
    elif command == "calm":
        from .calm import calm as run
    elif command == "study":
        from .study import study as run
    elif command == "step":
        from .step import step as run
    else:
        from .table import table as run
    run(settings)


if __name__ == "__main__":
    try:
        main()
    except (ValueError, FileNotFoundError, FileExistsError, FloatingPointError) as error:
        sys.exit(f"train: {error}")
