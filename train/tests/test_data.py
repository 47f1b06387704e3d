"""Data sets and augmentation."""

import itertools
import tempfile
import unittest
from pathlib import Path

import torch

from .. import data
from .made import synthetic


class Data(unittest.TestCase):
    def test_layout(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("cifar10", "cifar100"):
                synthetic(folder, name)
                x, y = data.load(folder, name, "test")
                raw = (Path(folder) / data.DATASETS[name].test[0]).read_bytes()
                record = len(raw) // 40
                self.assertEqual(y[1].item(), raw[record + data.DATASETS[name].labels - 1])
                start = record + data.DATASETS[name].labels
                self.assertEqual(x[1, 1, 2, 3].item(), raw[start + 1024 + 2 * 32 + 3])

    def test_halved(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            (x, labels), (y, same) = (data.load(folder, name, "test") for name in ("cifar10", "cifar10-16"))
            self.assertTrue(torch.equal(labels, same))
            means = torch.nn.functional.avg_pool2d(x.double(), 2)
            self.assertEqual(y.shape, means.shape)
            self.assertLessEqual((y - means).abs().max().item(), 0.5)

    def test_truncated(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            path = Path(folder) / "test_batch.bin"
            path.write_bytes(path.read_bytes()[:-1])
            with self.assertRaisesRegex(ValueError, "records"):
                data.load(folder, "cifar10", "test")

    def test_augmentation_is_crop_and_flip(self):
        pictures = torch.arange(2 * 3 * 16 * 16).view(2, 3, 16, 16).to(torch.uint8)
        batches = data.Augmented(pictures, torch.tensor([0, 1]), (0.0,) * 3, (1 / 255,) * 3, 2, seed=5)
        padded = torch.nn.functional.pad(pictures, (2,) * 4).float()
        flips = set()
        for epoch in range(6):
            (x, y), = batches.epoch(epoch)
            for picture, label in zip(x.round(), y):
                found = [
                    (dy, dx, flip)
                    for dy, dx, flip in itertools.product(range(5), range(5), (False, True))
                    if torch.equal(picture, self.crop(padded[label], dy, dx, flip))
                ]
                self.assertTrue(found)
                flips.update(f[2] for f in found)
        self.assertEqual(flips, {False, True})

    def test_cutout_blanks_a_square(self):
        pictures = torch.full((40, 3, 16, 16), 255, dtype=torch.uint8)
        (x, _), = data.Augmented(pictures, torch.zeros(40), (0.0,) * 3, (1.0,) * 3, 40, 5, cutout=4).epoch(1)
        (whole, _), = data.Augmented(pictures, torch.zeros(40), (0.0,) * 3, (1.0,) * 3, 40, 5).epoch(1)
        hole = data.Augmented(pictures, torch.zeros(40), (0.0,) * 3, (1.0,) * 3, 40, 5, cutout=4).hole(40, torch.Generator())
        self.assertEqual(hole.shape, (40, 1, 16, 16))
        sizes = set()
        for one in hole[:, 0]:
            rows, columns = one.any(1), one.any(0)
            self.assertTrue(torch.equal(one, rows[:, None] & columns))  # a rectangle
            sizes.add((int(rows.sum()), int(columns.sum())))
        self.assertTrue(all(2 <= side <= 4 for size in sizes for side in size) and (4, 4) in sizes)
        changed = (x != whole).any(1)
        self.assertTrue((x[changed[:, None].expand_as(x)] == 0).all())
        self.assertGreater(changed.sum().item(), 40 * 4)

    @staticmethod
    def crop(picture, dy, dx, flip):
        cut = picture[:, dy : dy + 16, dx : dx + 16]
        return cut.flip(2) if flip else cut
