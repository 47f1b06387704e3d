"""Packed data sets."""

import contextlib
import io
import tarfile
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from .. import data, folder, listing, packed
from ..__main__ import main
from .test_command import outcome
from .test_folder import Image, draw


def noise(path, seed, side=8):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.RandomState(seed).randint(0, 256, (side, side, 3)).astype(np.uint8)).save(path)


@unittest.skipIf(Image is None, "needs Pillow")
class Pack(unittest.TestCase):
    def made(self, root):
        """A copy of a data set in which its owner has put more: a class, a picture too many, one of the test split."""
        root = Path(root)
        for k, name in enumerate(("n1", "n2", "mine")):
            for i in range(11):
                noise(root / "from" / "train" / name / "images" / f"{name}_{i}.png", 100 * k + i)
        noise(root / "from" / "train" / "n2" / "images" / "n2_3.png", 1000)
        for i in range(4):
            noise(root / "test" / "images" / f"val_{i}.png", 1000 + i)
        with tarfile.open(root / "test.tar.gz", "w:gz") as archive:
            archive.add(root / "test" / "images", "images")
        (root / "classes.txt").write_text("0\tn2\ttwo\n1\tn1\tone\n")
        (root / "labels.txt").write_text("val_0.png\tn1\t0\t8\nval_1.png\tn2\nval_2.png\tmine\nval_3.png\tn2\n")
        return ["pack", "--pictures", f"{root}/from", "--side", "8", "--classes", f"{root}/classes.txt", "--out", f"{root}/packed"]

    def test_the_official_pictures_alone(self):
        for test in ("test.tar.gz", "test"):
            with tempfile.TemporaryDirectory() as root:
                command = self.made(root) + ["--most", "10", "--test", f"{root}/{test}", "--test-classes", f"{root}/labels.txt"]
                with contextlib.redirect_stdout(io.StringIO()) as out:
                    main(command)
                self.assertIn("n2_3.png: left out, the same picture as val_0.png of the test split", out.getvalue())
                self.assertIn("2 classes, 19 training pictures (1 left out), 3 test pictures", out.getvalue())
                x, y = data.load(f"{root}/packed", "folder", "train", 8)
                self.assertEqual(y.tolist(), [0] * 9 + [1] * 10)
                want = [folder.picture(f"{root}/from/train/n2/images/n2_{i}.png", 8) for i in (0, 1, 2, 4, 5, 6, 7, 8, 9)]
                np.testing.assert_array_equal(x[:9].numpy(), np.stack(want))  # 10 is past the first ten numbers, not names
                x, y = data.load(f"{root}/packed", "folder", "test", 8)
                self.assertEqual(y.tolist(), [1, 0, 0])
                np.testing.assert_array_equal(x[2], folder.picture(f"{root}/test/images/val_3.png", 8))
                self.assertEqual(data.class_names(f"{root}/packed", "folder"), ["two", "one"])
                self.assertEqual(sorted(p.suffix for p in Path(root, "packed").iterdir()), [".npy"] * 4 + [".tsv"])

    def test_packed_or_not_trains_alike(self):
        """The same pictures, labels and batches, with a test split in the directory and with every tenth picture as one."""
        for test in (True, False):
            with tempfile.TemporaryDirectory() as root:
                for k, name in enumerate(("a", "b")):
                    for i in range(20):
                        draw(Path(root) / "in" / "train" / name / f"{i:02d}.png", (80 * k, i, 3), (10, 8))
                    for i in range(5 if test else 0):
                        draw(Path(root) / "in" / "val" / name / f"{i}.png", (80 * k, 100 + i, 3))
                with contextlib.redirect_stdout(io.StringIO()):
                    main(["pack", "--pictures", f"{root}/in", "--side", "8", "--out", f"{root}/out"])
                for split in ("train", "test"):
                    for one, two in zip(data.load(f"{root}/in", "folder", split, 8), data.load(f"{root}/out", "folder", split, 8)):
                        self.assertTrue(torch.equal(one, two))
                run = ["fit", "--dataset", "folder", "--side", "8", "--batch", "12", "--epochs", "1", "--model", "shufflenet_v2", "--width", "0.25"]
                weights = []
                for source in ("in", "out"):
                    with contextlib.redirect_stdout(io.StringIO()):
                        main([*run, "--data", f"{root}/{source}", "--out", f"{root}/run-{source}"])
                    weights.append(torch.load(f"{root}/run-{source}/last.pt")["state"])
                self.assertTrue(all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0]))

    def test_errors(self):
        with tempfile.TemporaryDirectory() as root:
            command = self.made(root)
            test = ["--test", f"{root}/test", "--test-classes", f"{root}/labels.txt"]
            self.assertIn("go together", outcome(*command, *test[:2])[0])
            self.assertIn("another directory", outcome(*command[:-1], f"{root}/from", *test)[0])
            (Path(root) / "test" / "images" / "val_1.png").unlink()
            self.assertIn("1 pictures of", outcome(*command, *test)[0])
            self.assertIn("such as val_1.png", outcome(*command, *test)[0])
            self.assertEqual(list(Path(root, "packed").iterdir()), [])  # nothing half done
            self.assertIn("no archive.tar", outcome(*command, "--test", f"{root}/no archive.tar", *test[2:])[0])
            self.assertIn("neither a directory nor a tar archive", outcome(*command, "--test", f"{root}/labels.txt", *test[2:])[0])
            for name, text, message in (
                ("classes.txt", "0\tn2\ttwo\n1\tn2\tone\n", "line 2: the directory n2 is there a second time"),
                ("classes.txt", "0\tn2\ttwo\n2\tn1\tone\n", "line 2: got"),
                ("classes.txt", "n1\tone\n", "1 classes, want 2 or more"),
                ("labels.txt", "val_0.png\tn9\n", "none of its pictures"),
                ("labels.txt", "val_0.png n1\n", "line 1: got 'val_0.png n1'"),
                ("labels.txt", "val_0.png\tn1\nval_0.png\tn2\n", "line 2: the picture val_0.png is there a second time"),
            ):
                kept = (Path(root) / name).read_text()
                (Path(root) / name).write_text(text)
                self.assertIn(message, outcome(*command, *test)[0])
                (Path(root) / name).write_text(kept)

    def test_numbers_not_names(self):
        found = listing.most([(Path(f"a_{i}.png"), 0) for i in (10, 9, 1)] + [(Path("b.png"), 1)], 2)
        self.assertEqual([path.name for path, _ in found], ["a_1.png", "a_9.png", "b.png"])


class Damaged(unittest.TestCase):
    def test_errors(self):
        with tempfile.TemporaryDirectory() as root:
            pictures, labels = packed.names(root, "train", 8)
            good, numbers = np.zeros((3, 3, 8, 8), np.uint8), np.array([0, 1, 1])
            np.save(pictures, good)
            np.save(labels, numbers)
            (Path(root) / "classes.tsv").write_text("a\ta\nb\tb\n")
            self.assertEqual(len(data.load(root, "folder", "train", 8)[0]), 3)
            with self.assertRaisesRegex(ValueError, "packed with --side 8, but 16 is asked for"):
                data.load(root, "folder", "train", 16)
            for file, value, message in (
                (labels, np.array([0, 1, 2]), "labels of train from 0 to 2, but classes.tsv has 2 classes"),
                (labels, np.array([0, 1]), r"2 labels, want N x 3 x 8 x 8 and N"),
                (labels, np.zeros(3), "got float64"),
                (pictures, good[:, :, :4], r"shape \[3, 3, 4, 8\]"),
                (pictures, np.array([{}]), "not an array that `train pack` wrote"),
            ):
                np.save(file, value)
                with self.assertRaisesRegex(ValueError, message):
                    data.load(root, "folder", "train", 8)
                np.save(pictures, good)
                np.save(labels, numbers)
            pictures.write_bytes(pictures.read_bytes()[:200])
            with self.assertRaisesRegex(ValueError, "not an array"):
                data.load(root, "folder", "train", 8)

    def test_an_exception_leaves_nothing(self):
        with tempfile.TemporaryDirectory() as root:
            with contextlib.suppress(KeyError), packed.Writer(root, "train", 8, 2) as writer:
                writer.add(np.zeros((3, 8, 8), np.uint8), 0)
                raise KeyError
            self.assertEqual(list(Path(root).iterdir()), [])
