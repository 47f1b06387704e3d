"""Checkpoints: what `fit` saves after every epoch, and what they say about where weights come from."""

import math
import os
import pickle
import shlex
import time

import torch

KEYS = {"model", "network", "dataset", "state", "optimizer", "history", "settings", "provenance"}


def save(path, content):
    """Writes a checkpoint whole or not at all."""
    temporary = path.with_suffix(".tmp")
    torch.save(content, temporary)
    os.replace(temporary, path)


def read(path, device="cpu"):
    """A checkpoint as a dict with KEYS. ValueError for a file that is none."""
    try:
        content = torch.load(path, map_location=device)
    except (RuntimeError, pickle.UnpicklingError, EOFError, KeyError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: not a checkpoint of `train fit`: PyTorch does not read it") from error
    if not isinstance(content, dict) or KEYS - content.keys():
        missing = sorted(KEYS - content.keys()) if isinstance(content, dict) else sorted(KEYS)
        raise ValueError(f"{path}: not a checkpoint of `train fit`: it lacks {', '.join(missing)}")
    return content


def begin_with(model, path):
    """Copies the weights of a checkpoint that model has too, such as those of its static twin."""
    state = read(path)["state"]
    own = model.state_dict()
    for key, value in state.items():
        if key not in own or own[key].shape != value.shape:
            raise ValueError(f"{path}: {key} of shape {list(value.shape)} has no place in this network")
    model.load_state_dict(state, strict=False)


def provenance(settings, history):
    """What a model file says about where its weights come from. settings: of fit."""
    done = len(history)
    epochs = f"{done}" if done == settings.epochs else f"{done} of {settings.epochs}"
    found = {
        "source": settings.command,
        "data": f"{settings.dataset}, training split, {epochs} epochs, seed {settings.seed}",
        "date": time.strftime("%Y-%m-%d"),
    }
    tested = [row for row in history if math.isfinite(row["top1"])]
    if tested:
        last, split = tested[-1], "held-out training pictures" if settings.validate else "test split"
        when = "" if last["epoch"] == done else f" after epoch {last['epoch']}"
        found["accuracy"] = f"{last['top1']:.2f} % top-1 on the {settings.dataset} {split}{when} (PyTorch {torch.__version__})"
    return found


def renamed(provenance, dataset, name):
    """A provenance whose texts call the data set by another name: what a directory of pictures holds, "folder" does not say."""
    found = dict(provenance)
    for key in ("data", "accuracy"):
        if key in found:
            found[key] = found[key].replace(f"{dataset}, training split", f"{name}, training split").replace(f"the {dataset} ", f"the {name} ")
    return found


def origin(checkpoint):
    """A checkpoint's provenance, and in its notes that of the checkpoint that it began with."""
    found, chosen = dict(checkpoint["provenance"]), checkpoint["settings"]
    names = (("data", "DIR"), ("out", "OUT"), ("init", "BEGINNING"))
    names += tuple((key, "BEGINNING") for key in ("checkpoint", "rfl", "safetensors"))
    for key, name in names:  # where files lay on one machine says nothing on another
        if chosen.get(key):
            given = f"--{key} {shlex.quote(chosen[key])}"
            found["source"] = found["source"].replace(given, f"--{key} {name}")
    if chosen.get("init") or "beginning" in checkpoint:
        first = checkpoint["beginning"] if "beginning" in checkpoint else origin(read(chosen["init"]))
        about = "; ".join(first[key] for key in ("data", "accuracy") if first.get(key))
        notes = f"BEGINNING is of: {first.get('source', 'an unknown training')}" if "beginning" in checkpoint else f"BEGINNING is last.pt of: {first['source']}"
        notes += f" ({about})" if about else ""
        found["notes"] = " ".join(filter(None, (notes, first.get("notes"))))
    return found
