"""One operator of the golden files: see golden.py."""

import json
import zlib

import torch

from . import safetensors


def generator(name):
    return torch.Generator().manual_seed(zlib.crc32(name.encode()))


class Case:
    """One operator: attributes as a model file has them, inputs, tensors, outputs."""

    def __init__(self, name, op, **attrs):
        self.name, self.op = name, op
        self.attrs = {k: list(v) if isinstance(v, (list, tuple)) else [int(v)] for k, v in attrs.items()}
        self.tensors = {}
        self.g = generator(name)

    def random(self, role, *shape, scale=1.0):
        """A seeded normal tensor, kept in float32, returned in float64."""
        value = (scale * torch.randn(*shape, generator=self.g)).float()
        self.tensors[role] = value
        return value.double()

    def write(self, folder, *outputs):
        for k, y in enumerate(outputs):
            self.tensors["y" if len(outputs) == 1 else f"y{k}"] = y
        arrays = {k: v.detach().contiguous().numpy() for k, v in self.tensors.items()}
        metadata = {"op": self.op, "attrs": json.dumps(self.attrs, separators=(",", ":"))}
        safetensors.write(folder / f"{self.name}.safetensors", arrays, metadata)
