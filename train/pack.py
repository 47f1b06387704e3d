"""`train pack`: a directory of pictures as arrays that every later training maps into memory.

Decoding 100,000 JPEG files takes longer than many an epoch. The command can also do what a copy of doubtful origin needs:
keep the official classes and pictures, and leave out of the training split what the test split has too.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from . import folder, listing, packed
from .progress import Progress
from .settings import Settings as Base
from .settings import natural, option


@dataclass
class Settings(Base):
    pictures: str = option(None, "directory with train/CLASS/, and test/CLASS/ or val/CLASS/ unless --test is given", required=True)
    out: str = option(None, "directory to write", required=True)
    side: int = option(64, "height and width that pictures are scaled and cut to", natural)
    classes: str = option(None, "file of the classes to keep, in their order: DIRECTORY, tab, NAME a line; NUMBER, tab before them is allowed")
    most: int = option(None, "training pictures to keep of each class, by the numbers in their names", natural)
    test: str = option(None, "directory or tar archive of the test pictures")
    test_classes: str = option(None, "with --test: lines that begin with a picture's file name, a tab, its class's DIRECTORY")


def content(pixels):
    return hashlib.sha256(pixels.tobytes()).digest()


def pack_test(settings, classes):
    """Writes the test split: {content: name} of its pictures, and how many there are."""
    if settings.test:
        wanted = listing.labelled(settings.test_classes, classes)
        count = len(wanted)
        found = ((name, file, wanted.pop(name)) for name, file in listing.pictures(settings.test) if name in wanted)
    else:
        wanted, rows = {}, folder.listed(settings.pictures, "test", classes)
        count = len(rows)
        found = ((path.name, path, label) for path, label in rows)
    seen, progress = {}, Progress(count, "test pictures")
    with packed.Writer(settings.out, "test", settings.side, count) as writer:
        for name, file, label in found:
            pixels = folder.picture(file, settings.side, name)
            seen.setdefault(content(pixels), name)
            writer.add(pixels, label)
            progress.update(len(writer.labels))
        if wanted:
            raise ValueError(f"{settings.test}: {len(wanted)} pictures of {settings.test_classes} are not there, such as {next(iter(wanted))}")
    return seen, count


def pack_training(settings, found, seen):
    """Writes the training split of (path, class number): (how many pictures, a line for each that was left out)."""
    doubles, progress = [], Progress(len(found), "training pictures")
    with packed.Writer(settings.out, "train", settings.side, len(found)) as writer:
        for k, (path, label) in enumerate(found):
            pixels = folder.picture(path, settings.side)
            twin = seen.get(content(pixels))
            if twin:
                doubles.append(f"{path}: left out, the same picture as {twin} of the test split")
            else:
                writer.add(pixels, label)
            progress.update(k + 1)
    return len(writer.labels), doubles


def pack(settings):
    """Reads, scales and writes both splits; prints how many pictures each has, and what was left out."""
    root, out = Path(settings.pictures), Path(settings.out)
    if bool(settings.test) != bool(settings.test_classes):
        raise ValueError("--test and --test-classes go together")
    if out.resolve() == root.resolve():
        raise ValueError(f"--out {out}: want another directory than that of the pictures")
    classes = listing.table(settings.classes) if settings.classes else folder.classes(root)
    found = folder.listed(root, "train", classes, whole=bool(settings.test))
    if settings.most:
        found = listing.most(found, settings.most)
    out.mkdir(parents=True, exist_ok=True)
    seen, tests = pack_test(settings, classes)
    count, doubles = pack_training(settings, found, seen)
    (out / "classes.tsv").write_text("".join(f"{name}\t{text}\n" for name, text in classes))
    for line in [*doubles[:10], *[f"and {len(doubles) - 10} more"][: len(doubles) > 10]]:
        print(line)
    print(f"{out}: {len(classes)} classes, {count} training pictures ({len(doubles)} left out), {tests} test pictures")
    print(f"to train on them: --dataset folder --side {settings.side} --data {out}")
