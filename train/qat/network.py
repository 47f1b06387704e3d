"""The network that is trained: quantized operators, and the grids that their values have."""

import contextlib

import torch
from torch import nn

from .plan import plan
from .rounding import Grid
from .units import KINDS, Layer


class QuantizedNet(nn.Module):
    """A network whose forward passes are the engine's: its results have the same bits, up to generators near a tie.

    An activation between two units is q - zero, a whole number in float32, so gradients are those of whole numbers.
    document: plain values, from which and a state dict the network can be made again. After `freeze` training
    passes the scales stay as they are. mode: "whole", "real" (float32, without rounding) or "written" (for ONNX).
    """

    def __init__(self, document):
        super().__init__()
        self.document = document
        self.grids = nn.ModuleList(Grid() for _ in range(document["grids"]))
        self.units = nn.ModuleDict()
        for spec in document["units"]:
            name = spec["name"].replace(".", "_")
            while name in self.units:
                name += "_"
            self.units[name] = KINDS[spec["kind"]](spec)
        self.register_buffer("passes", torch.tensor(0))
        self.freeze, self.mode = None, "whole"
        self.constants = None  # of the grids, while it is written

    def grid(self, unit):
        return self.grids[unit.spec["grid"]]

    def learning(self):
        return self.training and (self.freeze is None or int(self.passes) <= self.freeze)

    def step(self, unit):
        """The scale of a unit's result."""
        return self.grid(unit).step(self.learning())

    def steps(self, unit):
        """Those of its inputs."""
        return [self.grids[k].step(self.learning()) for k in unit.spec["in_grids"]]

    def forward(self, x, seen=None):
        """Logits of pictures x, normalized. seen(spec, output) is called with every value that is computed."""
        if self.training:
            self.passes += 1
        values, left = {self.document["input"]: x}, self.reads()
        for unit in self.units.values():
            spec = unit.spec
            inputs = [values[v] for v in spec["inputs"]]
            outputs = unit(self, *inputs)
            for v in spec["inputs"]:
                left[v] -= 1
                if not left[v]:
                    del values[v]
            for v, y in zip(spec["outputs"], outputs if isinstance(outputs, tuple) else (outputs,)):
                values[v] = y
                if seen is not None:
                    seen(spec, v, y)
        y, last = values[self.document["output"]], self.document["last"]
        return y if last is None or self.mode != "whole" else y * self.grids[last].step(False)

    def reads(self):
        """How often each value is read."""
        count = {self.document["output"]: 1}
        for spec in self.document["units"]:
            for v in spec["inputs"]:
                count[v] = count.get(v, 0) + 1
        return count

    @contextlib.contextmanager
    def writing(self):
        """Makes forward passes those that PyTorch's exporter shall see: QuantizeLinear and DequantizeLinear."""
        self.constants = [grid.constants() for grid in self.grids]
        layers = [unit for unit in self.units.values() if isinstance(unit, Layer)]
        for unit in layers:
            unit.freeze(self)
        self.mode = "written"
        try:
            yield
        finally:
            self.mode = "whole"
            for unit in layers:
                unit.frozen = None


def quantized(graph):
    """The QuantizedNet of a graph of float32 (trace.py); calibrate it before it is used."""
    units, count = plan(graph)
    last = next(u.grid for u in units if graph.output in u.outputs)
    document = {"input": graph.input, "output": graph.output, "last": last, "grids": count, "units": [u.values() for u in units]}
    net = QuantizedNet(document)
    for unit, module in zip(units, net.units.values()):
        module.load(unit.tensors)
    return net
