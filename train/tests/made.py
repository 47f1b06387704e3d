"""A data set of random pictures."""

from pathlib import Path

import numpy as np

from .. import data


def synthetic(folder, name="cifar10", records=40):
    """A data set of random records in the set's own layout."""
    random = np.random.RandomState(3)
    dataset = data.DATASETS[name]
    for file in dataset.train + dataset.test:
        rows = random.randint(0, 256, (records, dataset.labels + 3072)).astype(np.uint8)
        rows[:, : dataset.labels] = random.randint(0, 10, (records, dataset.labels))
        rows.tofile(Path(folder) / file)
    (Path(folder) / dataset.names).write_text("".join(f"class{k}\n" for k in range(dataset.classes)))
