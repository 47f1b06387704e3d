"""The command line: python3 -m train fit|evaluate|export|table."""

import argparse
import shlex
import sys

from . import models
from .data import DATASETS


def network_arguments(parser):
    parser.add_argument("--model", default="shufflenet_v2", choices=sorted(models.MODELS))
    parser.add_argument("--width", type=float, help="width multiplier")
    parser.add_argument("--groups", type=int, help="groups of ShuffleNet V1")
    parser.add_argument("--form", choices=["imagenet", "cifar"], help="stem: for 224 or for 32 pixels")
    parser.add_argument("--shuffle", help="static")


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
    fit.add_argument("--device", default="cpu")
    fit.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
    fit.add_argument("--resume", action="store_true", help="go on from OUT/last.pt where it exists")
    fit.add_argument("--max-steps", type=int, default=0, help="stop each epoch after so many steps (0: never)")

    settings = vars(parser.parse_args(arguments))
    command = settings["command"]
    settings["command"] = "python3 -m train " + shlex.join(arguments)
    if command == "fit":
        from .fit import fit as run
    run(settings)


if __name__ == "__main__":
    try:
        main()
    except (ValueError, FileNotFoundError, FileExistsError, FloatingPointError) as error:
        sys.exit(f"train: {error}")
