"""Studies: plans, runs, tables."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import torch

from ..__main__ import main
from .made import synthetic


class Study(unittest.TestCase):
    def test_a_study_goes_on_where_it_was(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            plan = {
                "common": {"epochs": 2, "max-steps": 1, "batch": 20, "width": 0.25, "model": "shufflenet_v1"},
                "datasets": ["cifar10"],
                "seeds": [1, 2],
                "networks": {"a": {"shuffle": "static"}, "b": {"shuffle": "dynamic", "temperature": [1, 0.5]}},
            }
            path = Path(folder) / "plan.json"
            path.write_text(json.dumps(plan))
            base = ["study", "--plan", str(path), "--data", folder, "--out", f"{folder}/runs", "--jobs", "2"]
            with contextlib.redirect_stdout(io.StringIO()) as first:
                main([*base, "--only", "s1"])
            self.assertEqual(first.getvalue().count("start "), 2)
            with contextlib.redirect_stdout(io.StringIO()) as second:
                main(base)
            self.assertEqual(second.getvalue().count("start "), 2)
            rows = [line.split(" | ") for line in second.getvalue().splitlines() if line.startswith("| cifar10")]
            self.assertEqual([row[1] for row in rows], ["a", "b"])
            self.assertEqual([row[9] for row in rows], ["1 2", "1 2"])
            self.assertEqual([[bool(cell) for cell in row[5:9]] for row in rows], [[False] * 4, [True] * 4])
            with contextlib.redirect_stdout(io.StringIO()) as third:  # from the logs alone
                main(["study", "--plan", str(path), "--out", f"{folder}/runs", "--report-only"])
            self.assertTrue(second.getvalue().endswith(third.getvalue()))
            self.assertEqual(third.getvalue().count("| cifar10"), 2)
            with self.assertRaisesRegex(ValueError, "no --data"):
                main(["study", "--plan", str(path), "--out", f"{folder}/runs"])
            plan["networks"]["a"].pop("shuffle")
            plan["more"] = 1
            path.write_text(json.dumps(plan))
            with self.assertRaisesRegex(ValueError, "more"):
                main(base)

    def test_begins_with_the_static_twin(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            base = ["fit", "--data", folder, "--batch", "20", "--epochs", "1", "--max-steps", "1", "--warmup", "0"]
            base += ["--model", "shufflenet_v1", "--width", "0.25"]
            main([*base, "--shuffle", "static", "--out", f"{folder}/static"])
            twin = f"{folder}/static/last.pt"
            slow = ["--shuffle", "dynamic", "--lr", "0", "--out", f"{folder}/dynamic"]
            main([*base, *slow, "--init", twin])
            one, two = (torch.load(f"{folder}/{k}/last.pt")["state"] for k in ("static", "dynamic"))
            self.assertTrue(torch.equal(one["conv1.weight"], two["conv1.weight"]))
            with self.assertRaisesRegex(ValueError, "has no place"):
                main([*base, "--out", f"{folder}/other", "--init", f"{folder}/dynamic/last.pt"])
