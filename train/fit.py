"""The training loop: SGD with Nesterov momentum, warm-up, cosine, checkpoints that resume."""

import csv
import math
import os
import sys
import time
from pathlib import Path

import torch
from torch import nn

from . import data, memory, models, shuffle
from .calm import steady
from .evaluate import accuracy


def learning_rate(step, steps, warmup, peak):
    """Linear from 0 to peak over warmup steps, then half a cosine down to 0 at steps."""
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


def parameter_groups(model, decay, slow=1.0):
    """Weight decay for matrices and convolutions; none for biases, batch norms and generators.

    slow is the share of the learning rate that generators get: permutations that
    change faster than what reads through them can follow teach it nothing.
    """
    generators = [p for g in shuffle.generators(model) for p in g.parameters()]
    chosen = {id(p) for p in generators}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    groups = [
        {"params": [p for p in rest if p.dim() > 1], "weight_decay": decay, "share": 1.0},
        {"params": [p for p in rest if p.dim() <= 1], "weight_decay": 0.0, "share": 1.0},
    ]
    return groups + ([{"params": generators, "weight_decay": 0.0, "share": slow}] if generators else [])


def save(path, content):
    """Writes a checkpoint whole or not at all."""
    temporary = path.with_suffix(".tmp")
    torch.save(content, temporary)
    os.replace(temporary, path)


def harden(model, step, steps, soft, temperature):
    """Sets the generators for this step: soft with a falling temperature, then hard.

    At the first hard step the batch norms start anew, so that their statistics
    come from hard passes alone.
    """
    if not shuffle.generators(model):
        return
    switch = int(soft * steps)
    first, last = temperature
    if step < switch:
        shuffle.set_mode(model, False, first * (last / first) ** (step / switch))
        return
    shuffle.set_mode(model, True, last)
    if step == switch:
        for module in model.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.reset_running_stats()


def whiten(layer, x):
    """Starts a network's first convolution, of 3x3 pixels, as filters that whiten 2x2 patches of x.

    Principal directions of the patches, each scaled to deviation 1, with both
    signs: what the first layer would have to learn first (after Coates and Ng,
    2011). Filters beyond them keep what they have.
    """
    channels, kernel = layer.weight.shape[1], layer.weight.shape[2:]
    if tuple(kernel) != (3, 3):
        raise ValueError(f"--whiten wants a first convolution of 3x3 pixels, got {tuple(kernel)}")
    patches = x.unfold(2, 2, 1).unfold(3, 2, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, 4 * channels).double()
    values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
    filters = (vectors / torch.sqrt(values + 5e-4)).T.flip(0).view(-1, channels, 2, 2)
    filters = torch.stack((filters, -filters), 1).flatten(0, 1)[: len(layer.weight)]
    with torch.no_grad():
        layer.weight[: len(filters)] = 0
        layer.weight[: len(filters), :, :2, :2] = filters.to(layer.weight)


class Progress:
    """One line on standard error, where that is a terminal."""

    def __init__(self, total):
        self.total, self.shown = total, sys.stderr.isatty()
        self.start = self.last = time.time()

    def update(self, done, text):
        now = time.time()
        if not self.shown or (now - self.last < 0.2 and done < self.total):
            return
        self.last = now
        bar = "#" * (30 * done // self.total)
        left = (now - self.start) / done * (self.total - done)
        sys.stderr.write(f"\r[{bar:<30}] {done}/{self.total} {left:4.0f} s left  {text} ")
        if done == self.total:
            sys.stderr.write("\r\033[K")
        sys.stderr.flush()


def provenance(settings, history):
    """What a model file says about where its weights come from."""
    last = history[-1]
    return {
        "source": settings["command"],
        "data": f"{settings['dataset']}, training split, {settings['epochs']} epochs, seed {settings['seed']}",
        "date": time.strftime("%Y-%m-%d"),
        "accuracy": f"{last['top1']:.2f} % top-1 on the {settings['dataset']} test split (PyTorch {torch.__version__})",
    }


def begin_with(model, path):
    """Copies the weights of a checkpoint that model has too, such as those of its static twin."""
    state = torch.load(path, map_location="cpu")["state"]
    own = model.state_dict()
    for key, value in state.items():
        if key not in own or own[key].shape != value.shape:
            raise ValueError(f"{path}: {key} of shape {list(value.shape)} has no place in this network")
    model.load_state_dict(state, strict=False)


def update(model, optimizer, loss_function, x, y, settings):
    """One step on pictures x of classes y, at the rates that the optimizer has: (logits, loss)."""
    optimizer.zero_grad(set_to_none=True)
    x = x.contiguous(memory_format=torch.channels_last)
    # A GPU without bfloat16 refuses it even where autocast is not enabled.
    precision = torch.bfloat16 if settings["bf16"] else None
    with torch.autocast(x.device.type, dtype=precision, enabled=precision is not None):
        logits = model(x)
        loss = loss_function(logits, y)
    if settings["orthogonal"]:
        loss = loss + settings["orthogonal"] * shuffle.penalty(model)
    if settings["diversity"]:
        loss = loss - settings["diversity"] * shuffle.information(model)
    if settings["by_class"]:
        loss = loss - settings["by_class"] * shuffle.information(model, y)
    loss.backward()
    optimizer.step()
    return logits, loss


def fit(settings):
    """Trains a network. settings: the command line's values as a dict (see train/__main__.py)."""
    out = Path(settings["out"])
    out.mkdir(parents=True, exist_ok=True)
    path = out / "last.pt"
    if path.exists() and not settings["resume"]:
        raise FileExistsError(f"{path} exists: pass --resume to go on from it, or another --out")
    device = torch.device(settings["device"])
    memory.keep()
    torch.manual_seed(settings["seed"])
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True

    name = settings["dataset"]
    dataset = data.DATASETS[name]
    pictures, labels = data.load(settings["data"], name, "train")
    batches = data.Augmented(pictures, labels, dataset.mean, dataset.std, settings["batch"], settings["seed"], device, settings["cutout"])
    test = [t.to(device) for t in data.load(settings["data"], name, "test")]

    network = {**models.given(settings), "classes": dataset.classes}
    shuffle.Generator.identity, shuffle.Generator.spread = settings["start"]
    model = models.build(settings["model"], **network)
    model = model.to(device, memory_format=torch.channels_last)
    loss_function = nn.CrossEntropyLoss(label_smoothing=settings["label_smoothing"])
    optimizer = torch.optim.SGD(
        parameter_groups(model, settings["weight_decay"], settings["slow"]), lr=0.0, momentum=settings["momentum"], nesterov=True
    )

    if settings["init"] and not path.exists():
        begin_with(model, settings["init"])
        if settings["calm"] != 1:
            steady(model, data.normalize(pictures[:2000].to(device), dataset.mean, dataset.std), settings["calm"])
    elif settings["whiten"] and not path.exists():
        first = next(m for m in model.modules() if isinstance(m, nn.Conv2d))
        whiten(first, data.normalize(pictures[:5000].to(device), dataset.mean, dataset.std))
    small, share = settings["small"]
    history = []
    if path.exists():
        checkpoint = torch.load(path, map_location=device)
        model.load_state_dict(checkpoint["state"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        history = checkpoint["history"]
        print(f"resumed from {path} after epoch {len(history)}", flush=True)

    epochs = settings["epochs"]
    steps = epochs * len(batches)
    warmup = int(settings["warmup"] * len(batches))
    for epoch in range(len(history), epochs):
        model.train()
        start, total, correct, seen = time.time(), 0.0, 0, 0
        progress = Progress(len(batches))
        for k, (x, y) in enumerate(batches.epoch(epoch)):
            rate = learning_rate(epoch * len(batches) + k, steps, warmup, settings["lr"])
            for group in optimizer.param_groups:
                group["lr"] = rate * group["share"]
            harden(model, epoch * len(batches) + k, steps, settings["soft"], settings["temperature"])
            if epoch < share * epochs:
                x = nn.functional.interpolate(x, size=(small, small), mode="bilinear", align_corners=False)
            logits, loss = update(model, optimizer, loss_function, x, y, settings)
            seen += len(y)
            total += loss.detach() * len(y)
            correct += (logits.detach().argmax(1) == y).sum()
            if progress.shown:
                progress.update(k + 1, f"epoch {epoch + 1}/{epochs} loss {float(total) / seen:.3f}")
            if k + 1 == settings["max_steps"]:
                break
        if not math.isfinite(float(total)):
            raise FloatingPointError(f"epoch {epoch + 1}: the loss is {float(total) / seen}")
        tested = (epoch + 1) % settings["test_every"] == 0 or epoch + 1 == epochs
        top1, top5 = accuracy(model, *test, dataset.mean, dataset.std) if tested else (math.nan, math.nan)
        row = {
            "epoch": epoch + 1,
            "lr": round(rate, 6),
            "loss": round(float(total) / seen, 4),
            "train_top1": round(100 * int(correct) / seen, 2),
            "top1": round(100 * top1, 2),
            "top5": round(100 * top5, 2),
            "seconds": round(time.time() - start, 1),
        }
        history.append(row)
        checkpoint = {
            "model": settings["model"],
            "network": network,
            "dataset": name,
            "state": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "history": history,
            "settings": settings,
            "provenance": provenance(settings, history),
        }
        save(path, checkpoint)
        with open(out / "log.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, row)
            writer.writeheader()
            writer.writerows(history)
        print(" ".join(f"{k} {v}" for k, v in row.items()), flush=True)
    return history
