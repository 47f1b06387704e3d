"""Directories of pictures as data sets."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from .. import data, folder, models, networks, table
from ..__main__ import main

try:
    from PIL import Image
except ImportError:
    Image = None


def draw(path, colour, size=(12, 10)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


@unittest.skipIf(Image is None, "needs Pillow")
class Folder(unittest.TestCase):
    def made(self, root, test=True):
        for k, name in enumerate(("cat", "dog", "eel")):
            for i in range(20):
                draw(Path(root) / "train" / name / "images" / f"{i:02d}.png", (80 * k, i, 0))
            for i in range(4 if test else 0):
                draw(Path(root) / "val" / name / f"{i}.png", (80 * k, 100 + i, 0))

    def test_layout(self):
        with tempfile.TemporaryDirectory() as root:
            self.made(root)
            x, y = data.load(root, "folder", "train", 8)
            self.assertEqual((tuple(x.shape), y.tolist()), ((60, 3, 8, 8), [0] * 20 + [1] * 20 + [2] * 20))
            self.assertEqual(x[25, :, 0, 0].tolist(), [80, 5, 0])
            x, y = data.load(root, "folder", "test", 8)
            self.assertEqual(x[5, :, 0, 0].tolist(), [80, 101, 0])
            self.assertEqual(data.class_names(root, "folder"), ["cat", "dog", "eel"])

    def test_without_test_pictures_every_tenth_is_one(self):
        with tempfile.TemporaryDirectory() as root:
            self.made(root, test=False)
            (x, _), (kept, labels) = data.splits(root, "folder", 0, 8)
            self.assertEqual((len(x), len(kept)), (54, 6))
            self.assertEqual(kept[:2, 1, 0, 0].tolist(), [9, 19])
            self.assertEqual(labels.tolist(), [0, 0, 1, 1, 2, 2])

    def test_classes_of_a_table(self):
        with tempfile.TemporaryDirectory() as root:
            self.made(root)
            table = Path(root) / "classes.tsv"
            table.write_text("eel\tAn eel\ncat\tA cat\n")
            x, y = data.load(root, "folder", "test", 8)
            self.assertEqual([x[0, 0, 0, 0].item(), x[4, 0, 0, 0].item(), len(x)], [0, 160, 8])  # by the directories' names
            self.assertEqual(y.tolist(), [1] * 4 + [0] * 4)  # by the table
            self.assertEqual(data.class_names(root, "folder"), ["An eel", "A cat"])
            table.write_text("eel\tAn eel\ncat\n")
            with self.assertRaisesRegex(ValueError, "line 2: got 1 columns"):
                folder.classes(root)
            table.write_text("eel\tAn eel\nfox\tA fox\n")
            with self.assertRaisesRegex(FileNotFoundError, "train/fox: no such directory"):
                data.load(root, "folder", "train", 8)

    def test_the_middle_of_the_shorter_side(self):
        with tempfile.TemporaryDirectory() as root:
            path = Path(root) / "p.png"
            pixels = np.zeros((8, 16, 3), np.uint8)
            pixels[:, 4:12] = 255
            Image.fromarray(pixels).save(path)
            self.assertEqual(folder.picture(path, 8).min(), 255)
            self.assertEqual(folder.picture(path, 4).shape, (3, 4, 4))
            # As torchvision rounds: 11 x 5 becomes 8 x 4, whose middle begins at column 2; 13 x 5 becomes 10 x 4, at column 3.
            for width, scaled, left in ((11, 8, 2), (13, 10, 3)):
                image = Image.fromarray(np.random.RandomState(width).randint(0, 256, (5, width, 3), np.uint8))
                image.save(path)
                want = np.asarray(image.resize((scaled, 4), Image.BILINEAR))[:, left : left + 4].transpose(2, 0, 1)
                np.testing.assert_array_equal(folder.picture(path, 4), want)
            path.write_text("not a picture")
            with self.assertRaisesRegex(ValueError, "p.png: not a picture"):
                folder.picture(path, 8)

    def test_statistics(self):
        with tempfile.TemporaryDirectory() as root:
            self.made(root)
            x, _ = data.load(root, "folder", "train", 8)
            found = data.describe(root, "folder", x)
            want = x.double() / 255
            np.testing.assert_allclose(found.mean, want.mean((0, 2, 3)), atol=1e-4)
            np.testing.assert_allclose(found.std[:2], want.std((0, 2, 3))[:2], atol=1e-3)
            self.assertEqual(found.classes, 3)

    def test_some_are_of_all_classes(self):
        x = torch.arange(60)
        self.assertEqual(data.some(x, "cifar10", 6).tolist(), [0, 1, 2, 3, 4, 5])
        self.assertEqual(data.some(x, "folder", 6).tolist(), [0, 10, 20, 30, 40, 50])
        self.assertEqual(len(data.some(x, "folder", 50)), 50)
        self.assertEqual(len(data.some(x, "folder", 100)), 60)

    def test_study(self):
        """A study of a directory of pictures: its size is known where the directory is."""
        with tempfile.TemporaryDirectory() as root:
            self.made(root)
            plan = {"common": {"epochs": 1, "max_steps": 1, "batch": 20, "side": 16, "model": "shufflenet_v2", "width": 0.25}}
            plan.update(datasets=["folder"], seeds=[1], networks={"a": {"shuffle": "dynamic"}})
            path = Path(root) / "plan.json"
            path.write_text(json.dumps(plan))
            rows = []
            for more in (["--data", root], ["--report-only"]):
                with contextlib.redirect_stdout(io.StringIO()) as out:
                    main(["study", "--plan", str(path), "--out", f"{root}/runs", *more])
                rows.append([cell.strip() for cell in out.getvalue().split("| folder")[1].split("\n")[0].split("|")])
            self.assertEqual((rows[0][1], rows[1][2:4], rows[0][4:]), ("a", ["", ""], rows[1][4:]))
            model = models.build("shufflenet_v2", width=0.25, form="cifar", classes=3, shuffle="dynamic")
            self.assertEqual(rows[0][2:4], [f"{value:,}" for value in table.count(model, 16)])

    def test_fit_evaluate_export(self):
        with tempfile.TemporaryDirectory() as root:
            self.made(root)
            base = ["fit", "--data", root, "--dataset", "folder", "--side", "16", "--batch", "20", "--epochs", "1"]
            with contextlib.redirect_stdout(io.StringIO()):
                main([*base, "--model", "convnet_sds", "--width", "0.25", "--out", f"{root}/run"])
            network = networks.from_checkpoint(f"{root}/run/last.pt")
            self.assertEqual((network.size, network.classes, network.dataset), (16, 3, "folder"))
            with contextlib.redirect_stdout(io.StringIO()) as out:
                main(["evaluate", "--checkpoint", f"{root}/run/last.pt", "--data", root])
                main(["export", "--checkpoint", f"{root}/run/last.pt", "--data", root, "--onnx", f"{root}/net.onnx", "--name", "pets"])
            self.assertIn("of 12)", out.getvalue())
            self.assertIn("-mean 0.3137", out.getvalue())
            for part in ("-resize 16 -name pets ", "'pets, training split, 1 epochs, seed 0'", "on the pets test split", "--dataset folder"):
                self.assertIn(part, out.getvalue())
            self.assertEqual((Path(root) / "net.labels.txt").read_text(), "cat\ndog\neel\n")
