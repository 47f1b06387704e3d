"""Packed pictures: a directory whose data set is a few arrays, so that no picture is decoded twice.

    DIR/classes.tsv              a line a class: the directory's name, a tab, the class's name
    DIR/train-64.npy             uint8, pictures x 3 x 64 x 64
    DIR/train-64-labels.npy      int64, class numbers
    DIR/test-64.npy, DIR/test-64-labels.npy

The pictures are mapped into memory: what a batch does not touch is not read.
"""

import os
from pathlib import Path

import numpy as np


class Writer:
    """Arrays of a split, filled picture by picture in a `with` block.

    They get their names at its end, so that half a file never has one; an exception removes them.
    """

    def __init__(self, root, split, side, count):
        self.root, self.split, self.side, self.labels = Path(root), split, side, []
        self.temporary = self.root / f"{split}-{side}.tmp"
        shape = (count, 3, side, side)  # at most; finish cuts
        self.pictures = np.lib.format.open_memmap(self.temporary, "w+", np.uint8, shape)

    def add(self, pixels, label):
        self.pictures[len(self.labels)] = pixels
        self.labels.append(label)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.finish()
        else:
            self.temporary.unlink()

    def finish(self):
        """Writes the labels; leaves out the places that were not filled."""
        path, labels = names(self.root, self.split, self.side)
        if len(self.labels) < len(self.pictures):
            whole, self.temporary = self.temporary, self.temporary.with_suffix(".cut")
            cut = np.lib.format.open_memmap(self.temporary, "w+", np.uint8, (len(self.labels), *self.pictures.shape[1:]))
            for k in range(0, len(cut), 1000):
                cut[k : k + 1000] = self.pictures[k : min(k + 1000, len(cut))]
            self.pictures = cut
            whole.unlink()
        self.pictures.flush()
        del self.pictures
        with open(labels, "wb") as file:
            np.save(file, np.array(self.labels, np.int64))
        os.replace(self.temporary, path)


def names(root, split, side):
    """The files of a split: pictures and labels."""
    return Path(root) / f"{split}-{side}.npy", Path(root) / f"{split}-{side}-labels.npy"


def array(path, kind, dimensions):
    try:
        found = np.load(path, mmap_mode="c", allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(f"{path}: not an array that `train pack` wrote: {error}") from error
    if found.dtype != kind or found.ndim != dimensions:
        raise ValueError(f"{path}: got {found.dtype} with {found.ndim} dimensions, want {np.dtype(kind)} with {dimensions}")
    return found


def read(root, split, side):
    """(pictures, labels) of a split as arrays; None where the directory is not packed."""
    path, labels = names(root, split, side)
    if not path.is_file():
        others = sorted(p.stem.rpartition("-")[2] for p in Path(root).glob(f"{split}-*.npy") if not p.stem.endswith("-labels"))
        if others:
            raise ValueError(f"{root}: packed with --side {' and '.join(others)}, but {side} is asked for")
        return None
    pictures, numbers = array(path, np.uint8, 4), np.array(array(labels, np.int64, 1))
    if pictures.shape[1:] != (3, side, side) or len(pictures) != len(numbers) or not len(numbers):
        raise ValueError(f"{path}: got shape {list(pictures.shape)} and {len(numbers)} labels, want N x 3 x {side} x {side} and N of them")
    return pictures, numbers
