"""Which pictures a packed data set is made of: files of classes, files of labels, archives."""

import re
import tarfile
from pathlib import Path

from . import folder


def table(path):
    """(directory, name) of each class of a file: a line each, NUMBER, DIRECTORY, NAME with tabs between them, or without NUMBER."""
    rows = [line.split("\t") for line in Path(path).read_text().splitlines() if line.strip()]
    found = {}
    for k, row in enumerate(rows):
        cells = [cell.strip() for cell in row]
        if len(cells) == 3 and cells[0] == str(k):
            cells = cells[1:]
        if len(cells) != 2 or not all(cells):
            raise ValueError(f"{path}, line {k + 1}: got {row}, want {k}, a directory, a name, or the latter two, with tabs between them")
        if cells[0] in found:
            raise ValueError(f"{path}, line {k + 1}: the directory {cells[0]} is there a second time")
        found[cells[0]] = cells[1]
    if len(found) < 2:
        raise ValueError(f"{path}: {len(found)} classes, want 2 or more")
    return list(found.items())


def labelled(path, classes):
    """{file name: class number} of a file of test classes; a picture whose class is not among classes is left out."""
    numbers = {name: k for k, (name, _) in enumerate(classes)}
    found = {}
    for k, line in enumerate(Path(path).read_text().splitlines()):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) < 2:
            raise ValueError(f"{path}, line {k + 1}: got {line!r}, want a file's name, a tab, a class's directory")
        if cells[0] in found:
            raise ValueError(f"{path}, line {k + 1}: the picture {cells[0]} is there a second time")
        if cells[1] in numbers:
            found[cells[0]] = numbers[cells[1]]
    if not found:
        raise ValueError(f"{path}: none of its pictures is of a class that is kept")
    return found


def numbered(path):
    """A key to sort names by: picture_9 comes before picture_10."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", path.name)]


def most(found, count):
    """Of (path, class number) the first count of each class, by the numbers in their names."""
    kept, seen = [], {}
    for path, label in sorted(found, key=lambda row: (row[1], numbered(row[0]))):
        seen[label] = seen.get(label, 0) + 1
        if seen[label] <= count:
            kept.append((path, label))
    return kept


def pictures(path):
    """(file name, path or open file) of the pictures of a directory or a tar archive, in its order."""
    if Path(path).is_dir():
        for file in folder.files(Path(path)):
            yield file.name, file
        return
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = Path(member.name)
                if member.isfile() and name.suffix.lower() in folder.ENDINGS:
                    yield name.name, archive.extractfile(member)
    except tarfile.TarError as error:
        raise ValueError(f"{path}: neither a directory nor a tar archive: {error}") from error
