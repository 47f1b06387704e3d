"""Model files, safetensors, weights from files."""

import contextlib
import io
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import numpy as np
import torch

from .. import networks, predict, rfl, safetensors
from ..__main__ import main
from .made import synthetic

TESTDATA = Path(__file__).parents[2] / "testdata"


class ModelFile(unittest.TestCase):
    def test_models_that_ship(self):
        """One of float16, and one of 8 bits, whose outputs are exact."""
        for name, rtol in (("cifar10", 1e-4), ("cifar10-sds", 0)):
            network = networks.from_rfl(TESTDATA.parent / "weights" / "zoo" / f"{name}.rfl")
            golden, _ = safetensors.read(TESTDATA / "models" / f"{name}.safetensors")
            mean, std = network.preprocess["mean"], network.preprocess["std"]
            outputs = predict.logits(network.model, torch.from_numpy(golden["pixels"].copy()), mean, std)
            torch.testing.assert_close(outputs.numpy(), golden["logits"].copy(), rtol=rtol, atol=rtol)

    def test_calm_file(self):
        """Written again as it was; and with steadier generators, which nothing else of the file shows."""
        path = TESTDATA.parent / "weights" / "zoo" / "cifar10-sds.rfl"
        content = path.read_bytes()
        doc, before = rfl.read(content)
        self.assertEqual(rfl.write(doc, bytes(rfl.body(content))), content)
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                main(["calm", "--rfl", str(path), "--data", folder, "--out", f"{folder}/calm.rfl", "--share", "0.25"])
            self.assertRegex(printed.getvalue(), r"top-1 [0-9.]+ %, with 0.25 of the differences")
            calmed, after = rfl.read(Path(f"{folder}/calm.rfl").read_bytes())
        self.assertIn("calm --share 0.25", calmed["provenance"]["notes"])
        roles = {t: r for node in doc["graph"]["nodes"] for r, t in node.get("tensors", {}).items()}
        for name, value in before.items():
            if roles[name] == "w2":
                self.assertTrue(np.array_equal(after[name], np.float32(0.25) * value), name)
            else:
                self.assertEqual(np.array_equal(after[name], value), roles[name] != "b2", name)


    def test_nothing_to_calm(self):
        """A model without a dynamic shuffle is refused, by its file's name."""
        path = TESTDATA.parent / "weights" / "zoo" / "cifar10-sds.rfl"
        with tempfile.TemporaryDirectory() as folder, unittest.mock.patch("train.shuffle.generators", return_value=[]):
            with self.assertRaisesRegex(ValueError, "cifar10-sds.rfl: no dynamic shuffle in it"):
                main(["calm", "--rfl", str(path), "--data", folder, "--out", f"{folder}/calm.rfl"])


class Files(unittest.TestCase):
    def test_safetensors_round_trip(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "t.safetensors"
            tensors = {"a": np.arange(6, dtype="<f4").reshape(2, 3), "b": np.full((), 1.5), "c": np.zeros((0, 2), "<i4")}
            safetensors.write(path, tensors, {"k": "v"})
            back, metadata = safetensors.read(path)
            self.assertEqual(metadata, {"k": "v"})
            for name, array in tensors.items():
                np.testing.assert_array_equal(back[name], array)
                self.assertEqual(back[name].dtype, array.dtype)
            path.write_bytes(path.read_bytes()[:-1])
            with self.assertRaises(ValueError):
                safetensors.read(path)

    def test_wrong_network(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "t.safetensors"
            safetensors.write(path, {"conv1.weight": np.zeros((1,), "<f4")})
            with self.assertRaisesRegex(ValueError, "want \\[24, 3, 3, 3\\]"):
                networks.from_safetensors(path, "shufflenet_v1_cifar")
            safetensors.write(path, {"conv1.weight": np.zeros((24, 3, 3, 3), "<f4")})
            with self.assertRaisesRegex(ValueError, "missing"):
                networks.from_safetensors(path, "shufflenet_v1_cifar")

    def test_topk(self):
        outputs = torch.tensor([[0.0, 1, 2], [5, 1, 2]])
        self.assertEqual(predict.topk(outputs, torch.tensor([1, 0]), 1), 0.5)
        self.assertEqual(predict.topk(outputs, torch.tensor([1, 0]), 2), 1.0)
