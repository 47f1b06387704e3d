"""PyTorch as a peer of shufflebench, by Debian's python3-torch and python3-onnx.

    apt install python3-torch python3-onnx
    shufflebench -peer '/usr/bin/python3 torch.py {model.onnx}'

PyTorch does not read ONNX: the file becomes a torch module here, operator by
operator, is traced, frozen and optimized for inference. ../README.md
describes the protocol.
"""

import sys

import protocol  # first: it keeps standard output for the answers

sys.path.pop(0)  # this folder: this file must not be found as the module torch

import platform

import numpy
import onnx
import onnx.numpy_helper
import torch
import torch.nn.functional as F


def both(pads):
    """Symmetric pads of ONNX as torch has them, or None."""
    half = len(pads) // 2
    return pads[:half] if pads[:half] == pads[half:] else None


class Network(torch.nn.Module):
    """Runs the nodes of an ONNX graph in order."""

    def __init__(self, graph):
        super().__init__()
        self.constants = {t.name: torch.from_numpy(onnx.numpy_helper.to_array(t).copy()) for t in graph.initializer}
        self.inputs = [i.name for i in graph.input if i.name not in self.constants]
        self.outputs = [o.name for o in graph.output]
        self.nodes = []
        for n in graph.node:
            operator = getattr(self, "op_" + n.op_type, None)
            if operator is None or n.domain not in ("", "ai.onnx"):
                raise NotImplementedError(f"node {n.name!r}: operator {n.domain}.{n.op_type}: not one that this peer has")
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in n.attribute}
            if n.op_type == "Constant":
                self.constants[n.output[0]] = torch.from_numpy(onnx.numpy_helper.to_array(attributes["value"]).copy())
                continue
            self.nodes.append((operator, list(n.input), list(n.output), attributes))
        for i, (name, t) in enumerate(list(self.constants.items())):
            if t.is_floating_point():
                # Parameters, so that freezing folds them.
                self.register_parameter(f"p{i}", torch.nn.Parameter(t, requires_grad=False))
                self.constants[name] = getattr(self, f"p{i}")

    def forward(self, x):
        values = dict(self.constants)
        values[self.inputs[0]] = x
        for operator, inputs, outputs, attributes in self.nodes:
            got = operator([values[i] if i else None for i in inputs], attributes, len(outputs))
            for name, v in zip(outputs, got if isinstance(got, (tuple, list)) else [got]):
                values[name] = v
        return tuple(values[o] for o in self.outputs)

    @staticmethod
    def op_Conv(x, a, _):
        pads = both(a.get("pads", [0, 0, 0, 0]))
        v = x[0]
        if pads is None:
            top, left, bottom, right = a["pads"]
            v, pads = F.pad(v, (left, right, top, bottom)), [0, 0]
        return F.conv2d(v, x[1], x[2] if len(x) > 2 else None, a.get("strides", [1, 1]), pads,
                        a.get("dilations", [1, 1]), a.get("group", 1))

    @staticmethod
    def op_Gemm(x, a, _):
        if a.get("alpha", 1) != 1 or a.get("beta", 1) != 1 or a.get("transA", 0):
            raise NotImplementedError("Gemm: alpha, beta, transA")
        w = x[1] if a.get("transB", 0) else x[1].t()
        return F.linear(x[0], w, x[2] if len(x) > 2 else None)

    @staticmethod
    def op_MaxPool(x, a, _):
        pads = both(a.get("pads", [0, 0, 0, 0]))
        if pads is None:
            raise NotImplementedError("MaxPool: pads that differ")
        return F.max_pool2d(x[0], a["kernel_shape"], a.get("strides", [1, 1]), pads, ceil_mode=bool(a.get("ceil_mode", 0)))

    @staticmethod
    def op_AveragePool(x, a, _):
        pads = both(a.get("pads", [0, 0, 0, 0]))
        if pads is None:
            raise NotImplementedError("AveragePool: pads that differ")
        return F.avg_pool2d(x[0], a["kernel_shape"], a.get("strides", [1, 1]), pads,
                            bool(a.get("ceil_mode", 0)), bool(a.get("count_include_pad", 0)))

    @staticmethod
    def op_Slice(x, a, _):
        v, starts, ends = x[0], x[1].tolist(), x[2].tolist()
        axes = x[3].tolist() if len(x) > 3 and x[3] is not None else range(len(starts))
        steps = x[4].tolist() if len(x) > 4 else [1] * len(starts)
        cut = [slice(None)] * v.dim()
        for axis, start, end, step in zip(axes, starts, ends, steps):
            cut[axis] = slice(start, min(end, v.shape[axis]), step)
        return v[tuple(cut)]

    @staticmethod
    def op_Split(x, a, count):
        sizes = x[1].tolist() if len(x) > 1 else a.get("split")
        axis = a.get("axis", 0)
        return torch.split(x[0], sizes or x[0].shape[axis] // count, axis)

    @staticmethod
    def op_Reshape(x, a, _):
        shape = [x[0].shape[i] if n == 0 else n for i, n in enumerate(x[1].tolist())]
        return x[0].reshape(shape)

    @staticmethod
    def op_Clip(x, a, _):
        lo = x[1].item() if len(x) > 1 and x[1] is not None else None
        hi = x[2].item() if len(x) > 2 and x[2] is not None else None
        return torch.clamp(x[0], lo, hi)

    @staticmethod
    def op_BatchNormalization(x, a, _):
        return F.batch_norm(x[0], x[3], x[4], x[1], x[2], False, 0, a.get("epsilon", 1e-5))

    @staticmethod
    def op_Gather(x, a, _):
        return torch.index_select(x[0], a.get("axis", 0), x[1].reshape(-1))

    op_Relu = staticmethod(lambda x, a, _: F.relu(x[0]))
    op_Add = staticmethod(lambda x, a, _: x[0] + x[1])
    op_Mul = staticmethod(lambda x, a, _: x[0] * x[1])
    op_Concat = staticmethod(lambda x, a, _: torch.cat(x, a["axis"]))
    op_Transpose = staticmethod(lambda x, a, _: x[0].permute(a["perm"]))
    op_GlobalAveragePool = staticmethod(lambda x, a, _: x[0].mean((2, 3), keepdim=True))
    op_Flatten = staticmethod(lambda x, a, _: x[0].flatten(a.get("axis", 1)))
    op_Softmax = staticmethod(lambda x, a, _: F.softmax(x[0], a.get("axis", -1)))
    op_Identity = staticmethod(lambda x, a, _: x[0])
    op_Constant = staticmethod(lambda x, a, _: None)  # handled when the graph is read


class Peer:
    def load(self, q):
        torch.set_num_threads(q["threads"])
        torch.set_num_interop_threads(1)
        network = Network(onnx.load(q["model"]).graph).eval()
        with torch.no_grad():
            traced = torch.jit.trace(network, torch.zeros(q["shape"]), check_trace=False)
            self.network = torch.jit.optimize_for_inference(torch.jit.freeze(traced))
        return {"name": "pytorch", "version": f"{torch.__version__} python {platform.python_version()}"}

    def feed(self, x):
        self.x = torch.from_numpy(x)

    def once(self):
        self.y = self.network(self.x)

    def outputs(self):
        return [y.numpy() for y in (self.y if isinstance(self.y, (tuple, list)) else [self.y])]


if __name__ == "__main__":
    with torch.inference_mode():
        protocol.serve(Peer())
