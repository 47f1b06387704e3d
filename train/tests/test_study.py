"""Studies: plans, runs, tables."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import torch

from .. import stats, study
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
            rows = [line.split(" | ") for line in second.getvalue().splitlines() if line.startswith("| cifar10") and "±" in line]
            self.assertEqual(rows.pop()[:3], ["| cifar10", "b", "a"])  # the difference of the two
            self.assertEqual([row[1] for row in rows], ["a", "b"])
            self.assertEqual([row[9] for row in rows], ["1 2", "1 2"])
            self.assertEqual([[bool(cell) for cell in row[5:9]] for row in rows], [[False] * 4, [True] * 4])
            with contextlib.redirect_stdout(io.StringIO()) as third:  # from the logs alone
                main(["study", "--plan", str(path), "--out", f"{folder}/runs", "--report-only"])
            self.assertTrue(second.getvalue().endswith(third.getvalue()))
            self.assertEqual(third.getvalue().count("| cifar10"), 3)
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


class Differences(unittest.TestCase):
    def run_of(self, folder, network, seed, top1, soft=None):
        run = study.Run(network, "cifar10", seed, {"epochs": 1, "soft": 0 if soft is None else 1}, folder)
        run.folder.mkdir(parents=True)
        (run.folder / "log.csv").write_text(f"epoch,top1,soft_top1\n1,{top1},{'' if soft is None else soft}\n")
        return run

    def test_interval(self):
        mean, half = stats.interval([1.0, 2.0, 3.0])
        self.assertAlmostEqual(mean, 2.0)
        self.assertAlmostEqual(half, 4.303 / 3**0.5)

    def test_differences_are_paired(self):
        """Seeds that differ much, twins that differ by nearly the same: a narrow interval. A seed without a twin is left out."""
        with tempfile.TemporaryDirectory() as folder:
            runs = [self.run_of(folder, "static", seed, top1) for seed, top1 in ((1, 70), (2, 80), (3, 90))]
            runs += [self.run_of(folder, "dynamic", seed, top1) for seed, top1 in ((1, 71), (2, 81.2), (4, 10))]
            runs += [self.run_of(folder, "soft", seed, top1, top1 + 5) for seed, top1 in ((1, 60), (2, 70))]
            lines = study.differences(runs).splitlines()
            half = 12.706 * (0.2 / 2**0.5) / 2**0.5
            self.assertEqual(lines[2], f"| cifar10 | dynamic | static | +1.10 ± {half:.2f} | 1 2 |")
            self.assertEqual(lines[3], "| cifar10 | soft | static | -10.00 ± 0.00 | 1 2 |")
            self.assertEqual(lines[4], "| cifar10 | soft, evaluated soft | static | -5.00 ± 0.00 | 1 2 |")
            self.assertEqual(study.differences(runs[:4]), "")
