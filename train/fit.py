"""The training loop: steps, epochs, checkpoints that resume."""

import csv
import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from . import checkpoint, data, memory, models, shuffle
from .calm import steady
from .data import names as datasets
from .networks import NetworkSettings
from .optimize import Optimizers, harden, learning_rate, update
from .precision import checked
from .predict import accuracy
from .progress import Progress
from .settings import count, flag, natural, numbers, option, pair, positive, refuse, share, weight
from .whiten import whiten


def small(text):
    """"24,0.5": a side in pixels, and a share of the epochs."""
    side, part = numbers(text, 2)
    if side < 1 or side != int(side) or not 0 <= part <= 1:
        refuse(text, "a side in pixels, and a share from 0 to 1")
    return int(side), part


@dataclass
class Settings(NetworkSettings):
    form: str = option("cifar", "stem: for 224 or for 32 pixels", choices=["imagenet", "cifar"])
    data: str = option(None, "directory of the data set", required=True)
    dataset: str = option("cifar10", "which data set; folder: pictures in a directory for each class, see train/folder.py", choices=datasets())
    side: int = option(64, "height and width that pictures of a folder are scaled and cut to", natural)
    out: str = option(None, "directory for last.pt and log.csv", required=True)
    epochs: int = option(30, "passes over the training pictures", natural)
    batch: int = option(128, "pictures a step", natural)
    lr: float = option(0.1, "peak learning rate of SGD", weight)
    muon: float = option(0.0, "peak learning rate of Muon, which then trains convolutions in place of SGD", weight)
    schedule: str = option("cosine", "how rates fall to 0 after the warm-up", choices=["cosine", "linear"])
    warmup: float = option(2.0, "epochs of linear warm-up", weight)
    momentum: float = option(0.9, "Nesterov momentum", share)
    weight_decay: float = option(5e-4, "of matrices and convolutions that SGD trains", weight)
    label_smoothing: float = option(0.0, "share of the target that goes to all classes alike", share)
    seed: int = option(0, "of weights, batches and augmentation", int)
    soft: float = option(0.0, "share of the steps before permutations turn hard; 1: never", share)
    temperature: tuple = option((1.0, 1.0), "FROM,TO of the softmax over the soft steps; TO while hard", pair)
    start: tuple = option((2.0, 0.5), "IDENTITY,SPREAD: a generator's logits at the start", pair)
    slow: float = option(1.0, "share of the learning rate that generators get; may be above 1", weight)
    orthogonal: float = option(0.0, "weight of the sum of ||A A' - I||^2", weight)
    diversity: float = option(0.0, "weight of what permutations tell about the picture", weight)
    by_class: float = option(0.0, "weight of what permutations tell about the picture's class", weight)
    init: str = option(None, "a checkpoint to begin with, such as the static twin's")
    calm: float = option(1.0, "with --init: share of their logits' differences between pictures that generators keep", weight)
    cutout: int = option(0, "side in pixels of a square that is blanked in every training picture", count)
    flip: str = option("random", "mirror pictures at random, or every other epoch each", choices=["random", "alternate"])
    whiten: bool = flag("start the first convolution as whitening filters")
    small: tuple = option((32, 0.0), "SIDE,SHARE: that share of the epochs on pictures of so few pixels", small)
    bf16: bool = flag("autocast to bfloat16, where the processor has instructions for it")
    validate: int = option(0, "training pictures that are held out, and tested on in place of the test split", count)
    test_every: int = option(1, "epochs from test to test; the last is always tested", natural)
    resume: bool = flag("go on from OUT/last.pt where it exists")
    max_steps: int = option(0, "steps of an epoch, which ends before all pictures have been seen; 0: all", count)
    minutes: float = option(None, "stop after the epoch in which so many minutes have passed; --resume goes on", positive)
    device: str = option("cpu", "PyTorch's name of the device")
    command: str = ""  # the command line, for provenance


def prepare(settings, dataset, pictures, device):
    """The network before its first step."""
    normalized = lambda count: data.normalize(data.some(pictures, settings.dataset, count).to(device), dataset.mean, dataset.std)  # noqa: E731
    shuffle.Generator.identity, shuffle.Generator.spread = settings.start
    model = models.build(settings.model, **settings.network(dataset.classes))
    model = model.to(device, memory_format=torch.channels_last)
    if settings.init:
        checkpoint.begin_with(model, settings.init)
        if settings.calm != 1:
            steady(model, normalized(2000), settings.calm)
    elif settings.whiten:
        whiten(next(m for m in model.modules() if isinstance(m, nn.Conv2d)), normalized(5000))
    return model


def train_epoch(model, optimizers, loss_function, batches, epoch, settings):
    """One epoch: (the last learning rate, mean loss, share of its pictures named right)."""
    model.train()
    each = min(settings.max_steps or len(batches), len(batches))
    steps, warmup = settings.epochs * each, int(settings.warmup * each)
    side, part = settings.small
    total, correct, seen = 0.0, 0, 0
    progress = Progress(each, f"epoch {epoch + 1}/{settings.epochs} step")
    for k, (x, y) in enumerate(batches.epoch(epoch)):
        at = epoch * each + k
        rate = learning_rate(at, steps, warmup, 1.0, settings.schedule == "linear")
        optimizers.rate(rate)
        harden(model, at, steps, settings.soft, settings.temperature)
        if epoch < part * settings.epochs:
            x = nn.functional.interpolate(x, size=(side, side), mode="bilinear", align_corners=False)
        logits, loss = update(model, optimizers, loss_function, x, y, settings)
        seen += len(y)
        total += loss.detach() * len(y)
        correct += (logits.detach().argmax(1) == y).sum()
        if progress.due(k + 1):
            progress.update(k + 1, f"loss {float(total) / seen:.3f}")
        if k + 1 == each:
            break
    if not math.isfinite(float(total)):
        raise FloatingPointError(f"epoch {epoch + 1}: the loss is {float(total) / seen}: try a smaller --lr")
    return rate * settings.lr, float(total) / seen, int(correct) / seen


def begin(settings):
    """(where the checkpoint goes, device) of a training that begins or goes on."""
    out = Path(settings.out)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "last.pt"
    if path.exists() and not settings.resume:
        raise FileExistsError(f"{path} exists: pass --resume to go on from it, or another --out")
    device = torch.device(settings.device)
    memory.keep()
    torch.manual_seed(settings.seed)
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True
    return path, device


def fit(settings):
    """Trains a network: the history, one dict an epoch. Writes last.pt and log.csv to settings.out after each."""
    begun = time.time()
    settings = checked(settings)
    path, device = begin(settings)
    training, test = data.splits(settings.data, settings.dataset, settings.validate, settings.side)
    dataset = data.describe(settings.data, settings.dataset, training[0])
    model = prepare(settings, dataset, training[0], device)
    content = {"model": settings.model, "network": settings.network(dataset.classes)}
    return train(settings, path, model, training, test, dataset, content, begun)


def train(settings, path, model, training, test, dataset, content, begun):
    """The epochs of a training: the history. content: what the checkpoint at path has beside them."""
    out, name, device = path.parent, settings.dataset, next(model.parameters()).device
    batches = data.Augmented(
        *training, dataset.mean, dataset.std, settings.batch, settings.seed, device, settings.cutout, settings.flip == "alternate"
    )
    test = [t.to(device) for t in test]
    loss_function = nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing)
    optimizers = Optimizers(model, settings)
    history = []
    if path.exists():
        saved = checkpoint.read(path, device)
        model.load_state_dict(saved["state"])
        optimizers.load_state_dict(saved["optimizer"])
        history = saved["history"]
        print(f"resumed from {path} after epoch {len(history)}", flush=True)

    for epoch in range(len(history), settings.epochs):
        start = time.time()
        rate, loss, right = train_epoch(model, optimizers, loss_function, batches, epoch, settings)
        row = {"epoch": epoch + 1, "lr": round(rate, 6), "loss": round(loss, 4), "train_top1": round(100 * right, 2)}
        tested = (epoch + 1) % settings.test_every == 0 or epoch + 1 == settings.epochs
        row.update(measured(model, test, dataset, settings.soft > 0, tested))
        row["seconds"] = round(time.time() - start, 1)
        history.append(row)
        saved = {
            **content,
            "dataset": name,
            "state": model.state_dict(),
            "optimizer": optimizers.state_dict(),
            "history": history,
            "settings": settings.values(),
            "preprocess": {"mean": dataset.mean, "std": dataset.std, "side": training[0].shape[-1]},
            "provenance": checkpoint.provenance(settings, history),
        }
        checkpoint.save(path, saved)
        with open(out / "log.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, row)
            writer.writeheader()
            writer.writerows(history)
        print(" ".join(f"{k} {v}" for k, v in row.items()), flush=True)
        if settings.minutes and time.time() - begun > 60 * settings.minutes and epoch + 1 < settings.epochs:
            print(f"out of time after epoch {epoch + 1}: the same command with --resume goes on", flush=True)
            break
    return history


def measured(model, test, dataset, soft, tested):
    """The test's columns of a log; soft_top1, where there is a soft phase, is that of soft matrices."""
    row = {"top1": math.nan, "top5": math.nan}
    if tested:
        row = {k: round(100 * v, 2) for k, v in zip(row, accuracy(model, *test, dataset.mean, dataset.std))}
    if soft and shuffle.generators(model):
        row["soft_top1"] = math.nan
        if tested:
            with shuffle.evaluated_soft(model):
                row["soft_top1"] = round(100 * accuracy(model, *test, dataset.mean, dataset.std)[0], 2)
    return row
