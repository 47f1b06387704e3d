"""Data sets: CIFAR-10 and CIFAR-100 in their own binary version, and directories of pictures (folder.py).

A record of CIFAR-10 is 1 label byte, of CIFAR-100 a coarse and a fine label
byte; then 1024 red, 1024 green, 1024 blue bytes, row by row.
"""

from pathlib import Path

import numpy as np
import torch

from . import folder as directory

FOLDER = "folder"  # the name of a data set that is a directory of pictures


class Dataset:
    """What a data set looks like on disk, and its pixels' statistics (units of a pixel scaled to 0..1)."""

    def __init__(self, folder, train, test, labels, classes, names, mean, std, box=1):
        self.folder, self.train, self.test = folder, train, test
        self.labels, self.classes, self.names = labels, classes, names
        self.mean, self.std = mean, std
        self.box = box  # pictures are read as means over so many pixels squared

    def halved(self):
        """The same pictures at 16 x 16 pixels, for networks that a CPU is too slow for at 32."""
        return Dataset(**{**vars(self), "box": 2})


DATASETS = {
    "cifar10": Dataset(
        folder="cifar-10-batches-bin",
        train=[f"data_batch_{i}.bin" for i in range(1, 6)],
        test=["test_batch.bin"],
        labels=1,
        classes=10,
        names="batches.meta.txt",
        mean=(0.4914, 0.4822, 0.4465),
        std=(0.2470, 0.2435, 0.2616),
    ),
    "cifar100": Dataset(
        folder="cifar-100-binary",
        train=["train.bin"],
        test=["test.bin"],
        labels=2,
        classes=100,
        names="fine_label_names.txt",
        mean=(0.5071, 0.4865, 0.4409),
        std=(0.2673, 0.2564, 0.2762),
    ),
}

DATASETS.update({f"{name}-16": dataset.halved() for name, dataset in DATASETS.items()})


def find(root, name):
    """The folder of data set name: root itself, or the sub-folder that the set's archive unpacks to."""
    dataset = DATASETS[name]
    for folder in (Path(root), Path(root) / dataset.folder):
        if (folder / dataset.test[0]).is_file():
            return folder
    raise FileNotFoundError(f"{root}: no {dataset.test[0]} there, nor in {dataset.folder}/ below it")


def names():
    """Of all data sets."""
    return [*sorted(DATASETS), FOLDER]


def describe(root, name, pictures):
    """The Dataset of a name; of a directory with the statistics of its training pictures."""
    if name != FOLDER:
        return DATASETS[name]
    histogram = torch.zeros(3, 256, dtype=torch.float64)
    for part in pictures.split(1000):
        for c in range(3):
            histogram[c] += torch.bincount(part[:, c].flatten(), minlength=256)
    share, values = histogram / histogram.sum(1, keepdim=True), torch.arange(256, dtype=torch.float64) / 255
    mean = share @ values
    std = (share @ values**2 - mean**2).clamp_min(1e-6).sqrt()
    rounded = [tuple(round(v, 4) for v in t.tolist()) for t in (mean, std)]
    return Dataset(None, None, None, None, len(directory.classes(root)), None, *rounded)


def load(root, name, split, side=None):
    """Pictures (uint8, N x 3 x 32 x 32, or 16 x 16 for the halved sets) and labels (int64, N) of split "train" or "test".

    side: height and width of the pictures of a directory.
    """
    if name == FOLDER:
        return directory.load(root, split, side)
    dataset, folder = DATASETS[name], find(root, name)
    record = dataset.labels + 3072
    parts = []
    for file in dataset.train if split == "train" else dataset.test:
        raw = np.fromfile(folder / file, dtype=np.uint8)
        if len(raw) == 0 or len(raw) % record:
            raise ValueError(f"{folder / file}: {len(raw)} bytes do not make records of {record}")
        parts.append(raw.reshape(-1, record))
    rows = np.concatenate(parts)
    labels = rows[:, dataset.labels - 1].astype(np.int64)
    if labels.max() >= dataset.classes:
        raise ValueError(f"{folder}: label {labels.max()}, but {name} has {dataset.classes} classes")
    pictures = rows[:, dataset.labels :].reshape(-1, 3, 32, 32).copy()
    if dataset.box > 1:
        side = 32 // dataset.box
        boxes = pictures.reshape(-1, 3, side, dataset.box, side, dataset.box)
        pictures = ((boxes.sum((3, 5), dtype=np.uint16) + dataset.box**2 // 2) // dataset.box**2).astype(np.uint8)
    return torch.from_numpy(pictures), torch.from_numpy(labels)


def splits(root, name, held=0, side=None):
    """((training pictures, labels), (test pictures, labels)); held: so many training pictures stand in for the test split.

    Which ones is the same for every training, so that what was chosen on them by one holds for another.
    """
    pictures, labels = load(root, name, "train", side)
    if not held:
        return (pictures, labels), load(root, name, "test", side)
    if held >= len(labels):
        raise ValueError(f"{held} held-out pictures of {len(labels)} leave none to train on")
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(20231002))
    rest, kept = order[held:], order[:held]
    return (pictures[rest], labels[rest]), (pictures[kept], labels[kept])


def some(pictures, name, count):
    """So many of a split's pictures, of all classes: the first; of a directory, whose classes lie one after the other, every n-th."""
    return pictures[:: max(1, len(pictures) // count) if name == FOLDER else 1][:count]


def class_names(root, name):
    """The set's class names, in label order."""
    if name == FOLDER:
        return [text for _, text in directory.classes(root)]
    text = (find(root, name) / DATASETS[name].names).read_text()
    names = [line.strip() for line in text.splitlines() if line.strip()]
    if len(names) != DATASETS[name].classes:
        raise ValueError(f"{name}: {len(names)} class names, want {DATASETS[name].classes}")
    return names


def normalize(pixels, mean, std):
    """(pixel/255 - mean) / std in float32, per channel, of a uint8 batch."""
    mean = torch.tensor(mean, device=pixels.device).view(1, -1, 1, 1)
    std = torch.tensor(std, device=pixels.device).view(1, -1, 1, 1)
    return (pixels.float() / 255 - mean) / std


class Augmented:
    """Training batches: zero-padded by an eighth (4 of 32 pixels), cropped at random, flipped with probability 1/2.

    alternate: each picture is flipped every other epoch instead, in half of them from the first on (Jordan, 2024).
    With cutout (DeVries and Taylor, 2017) a square of so many pixels' side is set to the mean.

    An epoch's order and crops depend on the seed and the epoch's number alone,
    so a resumed run sees the batches that it would have seen. Padding is made
    before normalisation, as usual: it is black, not the mean.
    """

    def __init__(self, pictures, labels, mean, std, batch, seed, device="cpu", cutout=0, alternate=False):
        self.pictures, self.labels = pictures.to(device), labels.to(device)
        self.mean, self.std, self.batch, self.seed, self.pad = mean, std, batch, seed, pictures.shape[-1] // 8
        self.size, self.cutout = pictures.shape[-1], cutout
        self.first = torch.randint(2, (len(labels), 1), generator=torch.Generator().manual_seed(seed)).bool() if alternate else None

    def __len__(self):
        return len(self.labels) // self.batch

    def epoch(self, number):
        """Yields (pictures, labels) of one epoch; the last short batch is left out."""
        device = self.pictures.device
        count, side = len(self.labels), 2 * self.pad + 1
        g = torch.Generator().manual_seed(self.seed * 1_000_003 + number)
        order = torch.randperm(count, generator=g).to(device)
        dy = torch.randint(side, (count, 1), generator=g).to(device)
        dx = torch.randint(side, (count, 1), generator=g).to(device)
        flip = torch.randint(2, (count, 1), generator=g).bool()
        flip = (flip if self.first is None else self.first[order.cpu()] ^ (number % 2 == 1)).to(device)
        steps = torch.arange(self.size, device=device)[None, :]
        channels = torch.arange(self.pictures.shape[1], device=device)[None, :, None, None]
        for k in range(len(self)):
            at = slice(k * self.batch, (k + 1) * self.batch)
            rows = dy[at] + steps
            columns = dx[at] + torch.where(flip[at], self.size - 1 - steps, steps)
            index = order[at]
            padded = torch.nn.functional.pad(self.pictures[index], (self.pad,) * 4)  # of the batch: all may not fit into memory
            numbers = torch.arange(len(index), device=device)[:, None, None, None]
            pixels = padded[numbers, channels, rows[:, None, :, None], columns[:, None, None, :]]
            x = normalize(pixels, self.mean, self.std)
            if self.cutout:
                x = x.masked_fill(self.hole(len(x), g).to(device), 0.0)
            yield x, self.labels[index]

    def hole(self, count, g):
        """For each picture a square around a pixel chosen at random, cut at the border: bool [count, 1, size, size]."""
        at = torch.randint(self.size, (2, count, 1), generator=g) - self.cutout // 2
        steps = torch.arange(self.size)
        rows, columns = ((steps >= first) & (steps < first + self.cutout) for first in at)
        return (rows[:, :, None] & columns[:, None, :])[:, None]
