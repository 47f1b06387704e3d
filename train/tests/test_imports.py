"""Imports run one way, and without an installation from any directory."""

import ast
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def imported(path):
    """The package's modules that a file imports anywhere in it, as names from the package: "data", "models.resnet_sds"."""
    inside = path.relative_to(PACKAGE).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = inside[: len(inside) - node.level]
        for name in [node.module] if node.module else [alias.name for alias in node.names]:
            parts = (*base, *name.split("."))
            if (PACKAGE.joinpath(*parts) / "__init__.py").exists():
                parts = (*parts, "__init__")
            if PACKAGE.joinpath(*parts).with_suffix(".py").exists():
                yield ".".join(parts)


class Imports(unittest.TestCase):
    def test_no_circle(self):
        files = [path for path in PACKAGE.rglob("*.py") if "tests" not in path.parts]
        graph = {".".join(p.relative_to(PACKAGE).with_suffix("").parts): set(imported(p)) for p in files}
        self.assertIn("predict", graph["routes"])
        self.assertIn("models.resnet_sds", graph["models.__init__"])
        while graph:
            leaves = {name for name, uses in graph.items() if not uses & graph.keys()}
            self.assertTrue(leaves, f"a circle among {sorted(graph)}")
            graph = {name: uses for name, uses in graph.items() if name not in leaves}

    def test_runs_from_any_directory(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
            words = [sys.executable, "-m", "train", "table", "--form", "cifar"]
            done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("| shufflenet_v2 | width 0.5 | 352,042 | 10,902,016 |", done.stdout)
