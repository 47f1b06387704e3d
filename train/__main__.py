"""Defines, trains and exports the networks that riffle runs."""

import argparse
import shlex
import sys

from . import calm, evaluate, existence, export, fit, pack, routes, step, study, table
from .qat import command as qat

COMMANDS = {
    "fit": (fit.Settings, fit.fit, "train a network on CIFAR-10, CIFAR-100 or a directory of pictures"),
    "qat": (qat.Settings, qat.qat, "go on training a network, in the engine's 8-bit arithmetic"),
    "evaluate": (evaluate.Settings, evaluate.evaluate, "accuracy on a test split"),
    "export": (export.Settings, export.export, "write an ONNX file"),
    "pack": (pack.Settings, pack.pack, "a directory of pictures as arrays, which train faster"),
    "table": (table.Settings, table.table, "parameters and multiply-accumulates of the networks"),
    "step": (step.Settings, step.step, "how long a training step takes"),
    "routes": (routes.Settings, routes.routes, "what the dynamic shuffles of a network do"),
    "calm": (calm.Settings, calm.calm, "steady the generators of a model file"),
    "existence": (existence.Settings, existence.existence, "a task on which a dynamic shuffle pays, and what it learns there"),
    "study": (study.Settings, study.study, "many trainings from one plan, and their table"),
}


def main(arguments=None):
    """Runs a command. What it cannot do it says by an exception: ValueError, OSError and others of `run`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python3 -m train", description=__doc__)
    commands = parser.add_subparsers(dest="chosen", required=True, metavar="COMMAND")
    for name, (settings, _, text) in COMMANDS.items():
        settings.declare(commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + "."))
    found = parser.parse_args(arguments)
    settings, run, _ = COMMANDS[found.chosen]
    command = {"command": "python3 -m train " + shlex.join(arguments)} if hasattr(settings, "command") else {}
    run(settings.parsed(found, **command))


def run():
    """main for a terminal: what went wrong in one line, with exit status 1; 130 where it was interrupted."""
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except ModuleNotFoundError as error:
        sys.exit(f"train: this needs the Python package {error.name}, which is not installed")
    except MemoryError:
        sys.exit("train: out of memory: try a smaller --batch")
    except (ValueError, OSError, ArithmeticError, RuntimeError) as error:
        sys.exit(f"train: {' '.join(str(error).split()) or type(error).__name__}")


if __name__ == "__main__":
    run()
