"""The command line: its options, its errors, its progress."""

import contextlib
import io
import re
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import torch

from .. import __main__ as command
from .. import existence, fit, settings, tasks
from ..progress import Progress
from .made import synthetic


def outcome(*arguments):
    """(exit status or message, standard error) of a command that fails."""
    with contextlib.redirect_stderr(io.StringIO()) as error, contextlib.redirect_stdout(io.StringIO()):
        with unittest.mock.patch("sys.argv", ["train", *arguments]):
            try:
                command.run()
            except SystemExit as stop:
                return stop.code, error.getvalue()
    return 0, error.getvalue()


class Help(unittest.TestCase):
    def test_defaults(self):
        """Every option that has a default other than no says it."""
        for name, (kind, _, _) in command.COMMANDS.items():
            with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
                command.main([name, "--help"])
            text = re.sub(r"\s+", " ", out.getvalue())
            for field in settings.dataclasses.fields(kind):
                if not field.metadata:
                    continue
                self.assertIn("--" + field.name.replace("_", "-"), text)
                if field.default not in (None, False):
                    self.assertIn(f"(default: {settings.shown(field.default)})", text, f"{name} {field.name}")

    def test_parsed(self):
        import argparse

        parser = argparse.ArgumentParser()
        fit.Settings.declare(parser)
        found = fit.Settings.parsed(parser.parse_args(["--data", "d", "--out", "o", "--small", "24,0.5", "--bf16"]), command="c")
        self.assertEqual((found.data, found.out, found.small, found.bf16, found.command), ("d", "o", (24, 0.5), True, "c"))
        self.assertEqual(found.network(10), {"form": "cifar", "classes": 10})


class Errors(unittest.TestCase):
    def test_one_line_that_says_what_was_got_and_wanted(self):
        with tempfile.TemporaryDirectory() as folder:
            text = f"{folder}/text"
            Path(text).write_text("not a model")
            synthetic(folder)
            fitting = ("fit", "--data", folder, "--out", f"{folder}/run", "--max-steps", "1", "--epochs", "1", "--batch", "20")
            cases = [
                (("fit", "--data", f"{folder}/none", "--out", f"{folder}/a"), f"{folder}/none: no test_batch.bin"),
                ((*fitting, "--model", "convnet_sds", "--groups", "7"), "64 channels do not make 7 groups"),
                ((*fitting, "--model", "resnet18", "--shuffle", "dynamic"), "resnet18 has no setting 'shuffle'"),
                ((*fitting, "--device", "nonsense"), "nonsense"),
                ((*fitting, "--init", text), "text: not a checkpoint of `train fit`"),
                (("evaluate", "--checkpoint", f"{folder}/missing.pt", "--data", folder), "missing.pt"),
                (("evaluate", "--checkpoint", text, "--data", folder), "text: not a checkpoint of `train fit`"),
                (("evaluate", "--rfl", text, "--data", folder), "text: not an .rfl file"),
                (("evaluate", "--random", "--data", folder), "give --dataset"),
                (("evaluate", "--safetensors", text, "--data", folder), "text: 11 bytes are no safetensors file"),
                (("study", "--plan", text, "--out", folder, "--report-only"), "text: not JSON"),
            ]
            for arguments, want in cases:
                message, _ = outcome(*arguments)
                self.assertIsInstance(message, str, arguments)
                self.assertIn(want, message)
                self.assertNotIn("\n", message)

    def test_usage(self):
        for arguments, want in (
            (["--epochs", "0"], "--epochs: got '0', want a whole number, 1 or more"),
            (["--soft", "2"], "--soft: got '2', want a share from 0 to 1"),
            (["--start", "1"], "--start: got '1', want 2 numbers"),
            (["--small", "0,1"], "--small: got '0,1', want a side in pixels"),
        ):
            code, text = outcome("fit", "--data", "d", "--out", "o", *arguments)
            self.assertEqual(code, 2)
            self.assertIn(want, text)

    def test_interrupted(self):
        with unittest.mock.patch.object(command, "main", side_effect=KeyboardInterrupt):
            self.assertEqual(outcome("fit")[0], 130)


class Lines(unittest.TestCase):
    def test_a_log_gets_a_line_now_and_then(self):
        stream, clock = io.StringIO(), iter([0, 10, 61, 61, 62, 130, 130])
        with unittest.mock.patch("time.time", lambda: next(clock)):
            progress = Progress(4, "epoch 1/2 step", stream=stream)
            progress.update(1, "early")
            progress.update(2, "loss 2.5")
            progress.update(3, "too soon")
            progress.update(4, "loss 2.0")
        self.assertEqual(stream.getvalue(), "epoch 1/2 step 2/4, 61 s left  loss 2.5\nepoch 1/2 step 4/4, 0 s left  loss 2.0\n")

    def test_minutes_stop_a_training_after_an_epoch(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            arguments = ["fit", "--data", folder, "--out", f"{folder}/run", "--batch", "20", "--epochs", "3", "--max-steps", "1"]
            arguments += ["--model", "shufflenet_v1", "--width", "0.25", "--minutes", "1e-6"]
            rows = lambda: len((Path(folder) / "run" / "log.csv").read_text().splitlines()) - 1  # noqa: E731
            with contextlib.redirect_stdout(io.StringIO()) as out:
                command.main(arguments)
            self.assertEqual(rows(), 1)
            self.assertIn("--resume goes on", out.getvalue())
            with contextlib.redirect_stdout(io.StringIO()):
                command.main([*arguments, "--resume"])
            self.assertEqual(rows(), 2)


class Existence(unittest.TestCase):
    def test_results_are_kept_and_gone_on_with(self):
        with tempfile.TemporaryDirectory() as folder:
            chosen = existence.Settings(out=folder, seeds=2, steps=3, batch=8, states=(1, 2), recipes=2)
            with unittest.mock.patch.object(existence, "plot") as plot, contextlib.redirect_stdout(io.StringIO()) as one:
                existence.existence(chosen)
            plot.assert_called_once()
            before = (Path(folder) / "existence-templates.csv").read_text()
            self.assertEqual(len(before.splitlines()), 1 + 2 * (2 * 3 + len(existence.ARMS) - 3))
            with unittest.mock.patch.object(existence, "plot"), contextlib.redirect_stdout(io.StringIO()) as two:
                existence.existence(chosen)
            self.assertEqual((Path(folder) / "existence-templates.csv").read_text(), before)
            self.assertEqual(one.getvalue(), two.getvalue())

    def test_the_oracle_undoes_the_state(self):
        with tempfile.TemporaryDirectory() as folder:
            synthetic(folder)
            for kind, noise in ((tasks.Templates, 0.5), (tasks.Pictures, 1.0)):
                task = kind(3, 4, folder)
                for x, y, s in (next(task.batches(1, 100)), task.test()):
                    offsets = task.undo(x, s).mean((0, 2, 3)) - task.offsets
                    self.assertLess((offsets - offsets.mean()).abs().max().item(), noise)
                    self.assertEqual(sorted(set(s.tolist())), [0, 1, 2, 3])

    def test_bands(self):
        """Bands are an orthogonal transform of each colour's 2 x 2 blocks; the mean is in the first alone."""
        x = torch.randn(2, 3, 8, 8)
        planes = tasks.Pictures.planes(None, x).view(2, 3, 4, 4, 4)
        blocks = lambda t: t.pow(2).sum((-1, -2))  # noqa: E731
        torch.testing.assert_close(blocks(planes).sum(2), blocks(x))
        flat = tasks.Pictures.planes(None, torch.ones(1, 3, 4, 4)).view(3, 4, 4)
        self.assertEqual(flat.unique(dim=0)[0, :, 0].tolist(), [2, 0, 0, 0])

    def test_a_dynamic_shuffle_can_undo_every_state(self):
        task = tasks.Templates(5, 6)
        x, _, s = next(task.batches(1, 60))
        module = task.shuffle(True).eval()
        inverse = task.states[s].argsort(1)
        sigma, tau = inverse[:, :: task.b] // task.b, inverse[:, : task.b] % task.b
        module.generator.permutations = lambda _: (sigma[:, None], tau[:, None])
        self.assertTrue(torch.equal(module(x), task.undo(x, s)))

    def test_table(self):
        found = {("static", 4): {1: 50.0, 2: 60.0}, ("dynamic", 4): {1: 55.0, 2: 67.0, 3: 99.0}, ("oracle", 4): {1: 90.0}}
        lines = existence.table(found).splitlines()
        self.assertEqual(lines[2], f"| static | 55.00 ± {12.706 * 5:.2f} |")
        self.assertEqual(lines[-1], f"| dynamic, less static | +6.00 ± {12.706:.2f} |")
        self.assertEqual(len(lines), 5)  # no interval of one seed
