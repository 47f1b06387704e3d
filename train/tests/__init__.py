"""python3 -m unittest train.tests: needs PyTorch, no data."""

import unittest
from pathlib import Path


def load_tests(loader, tests, pattern):
    """All test_*.py of this directory."""
    here = Path(__file__).parent
    return loader.discover(str(here), pattern or "test_*.py", str(here.parents[1]))
