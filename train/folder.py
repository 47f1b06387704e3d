"""Pictures of one's own: a directory with a sub-directory for each class.

    DIR/train/CLASS/...png, .jpg, ...      also deeper, as in Tiny ImageNet's CLASS/images/
    DIR/test/CLASS/...                     or DIR/val/CLASS/...; without either, every tenth picture of train is for tests

A file DIR/classes.tsv, if there is one, says which sub-directories are classes and in which order: a line each,
the directory's name, a tab, and the class's name (default: all sub-directories of train, by name).

DIR may also be what `train pack` writes; see packed.py.
"""

from pathlib import Path

import numpy as np
import torch

from . import packed

ENDINGS = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff"}


def classes(root):
    """(directory, name) of each class."""
    root = Path(root)
    table = root / "classes.tsv"
    if table.is_file():
        rows = [line.split("\t") for line in table.read_text().splitlines() if line.strip()]
        for k, row in enumerate(rows):
            if len(row) < 2:
                raise ValueError(f"{table}, line {k + 1}: got {len(row)} columns, want a directory, a tab, a name")
        found = [(row[0].strip(), row[1].strip()) for row in rows]
    else:
        if not (root / "train").is_dir():
            raise FileNotFoundError(f"{root}: no directory train/ in it")
        found = [(path.name, path.name) for path in sorted((root / "train").iterdir()) if path.is_dir()]
    if len(found) < 2:
        raise ValueError(f"{root}: {len(found)} classes, want 2 or more")
    return found


def files(folder):
    """The pictures below a class's directory, by name."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such directory, but it is a class")
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)


def listed(root, split, kept=None, whole=False):
    """(path, class number) of each picture of split "train" or "test".

    In the order of the directories' names, which is also that of `infer eval DIRECTORY`, whatever the classes' numbers are.
    kept: the classes, in place of classes(root). whole: without a test split all pictures of train/ are for training.
    """
    root = Path(root)
    test = next((root / name for name in ("test", "val") if (root / name).is_dir()), None)
    base = root / "train" if split == "train" or test is None else test
    found = []
    for name, k in sorted((name, k) for k, (name, _) in enumerate(kept or classes(root))):
        some = files(base / name)
        if test is None and not whole:  # every tenth is for tests
            some = [path for i, path in enumerate(some) if (i % 10 == 9) == (split == "test")]
        if not some:
            raise ValueError(f"{base / name}: no pictures for {split}")
        found += [(path, k) for path in some]
    return found


def picture(file, side, name=None):
    """uint8 [3, side, side]: the shorter side scaled to side (Pillow's bilinear filter), the middle cut out.

    Sizes are rounded as torchvision's Resize and CenterCrop round them, which is what `infer convert -resize` makes of a picture.
    file: a path, or an open file, which errors call name.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as image:
            image = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{name or file}: not a picture that Pillow reads: {error}") from error
    shorter = min(image.size)
    image = image.resize([side * length // shorter for length in image.size], Image.BILINEAR)
    left, top = (round((length - side) / 2) for length in image.size)
    return np.asarray(image.crop((left, top, left + side, top + side))).transpose(2, 0, 1)


def load(root, split, side):
    """Pictures (uint8, N x 3 x side x side) and labels (int64, N)."""
    ready = packed.read(root, split, side)
    if ready:
        labels = torch.from_numpy(ready[1])
        count = len(classes(root))
        if labels.min() < 0 or labels.max() >= count:
            raise ValueError(f"{root}: labels of {split} from {labels.min()} to {labels.max()}, but classes.tsv has {count} classes")
        return torch.from_numpy(ready[0]), labels
    found = listed(root, split)
    pictures = np.empty((len(found), 3, side, side), np.uint8)
    for k, (path, _) in enumerate(found):
        pictures[k] = picture(path, side)
    return torch.from_numpy(pictures), torch.tensor([label for _, label in found])
