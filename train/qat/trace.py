"""Networks as graphs of the operators of weights/FORMAT.md, their batch norms folded."""

import copy
import math
import operator
from dataclasses import dataclass, field

import torch
import torch.fx
import torch.nn.functional as F
from torch import nn
from torch.fx.passes.shape_prop import ShapeProp

from .. import shuffle
from ..permute import dense_gradient


@dataclass
class Node:
    """One operator. inputs and outputs name values, attrs are FORMAT.md's, tensors are by role."""

    name: str
    op: str
    inputs: list
    outputs: list
    attrs: dict = field(default_factory=dict)
    tensors: dict = field(default_factory=dict)


@dataclass
class Graph:
    """Nodes in topological order, from one value to one value."""

    input: str
    output: str
    nodes: list


def both(value):
    """PyTorch's sizes of windows: one number for both sides, or two."""
    return list(value) if isinstance(value, (tuple, list)) else [value, value]


def norm(node, m):
    """A batch norm as scale and shift, in float64."""
    scale = m.running_var.double().add(m.eps).rsqrt()
    scale = scale if m.weight is None else scale * m.weight.double()
    shift = -m.running_mean.double() * scale
    shift = shift if m.bias is None else shift + m.bias.double()
    node.op, node.tensors = "affine", {"scale": scale, "shift": shift}


def convolution(node, m):
    if m.padding_mode != "zeros" or isinstance(m.padding, str):
        raise ValueError(f"{node.name}: got padding {m.padding!r} of {m.padding_mode}, want numbers of zeros")
    h, w = m.padding
    node.op, node.tensors = "conv", {"weight": m.weight, "bias": m.bias}
    node.attrs = {
        "kernel": list(m.kernel_size), "stride": list(m.stride), "dilation": list(m.dilation), "pad": [h, w, h, w], "groups": [m.groups],
    }  # fmt: skip


def linear(node, m):
    node.op, node.tensors = "linear", {"weight": m.weight, "bias": m.bias}


def pool(node, m):
    if both(getattr(m, "dilation", 1)) != [1, 1] or getattr(m, "divisor_override", None):
        raise ValueError(f"{node.name}: got {m}, want a pooling without dilation and divisor")
    h, w = both(m.padding)
    node.op = "maxpool" if isinstance(m, nn.MaxPool2d) else "avgpool"
    node.attrs = {"kernel": both(m.kernel_size), "stride": both(m.stride), "pad": [h, w, h, w], "ceil": [int(m.ceil_mode)]}
    if node.op == "avgpool":
        node.attrs["countpad"] = [int(m.count_include_pad)]


def mean(node, m):
    if both(m.output_size) != [1, 1]:
        raise ValueError(f"{node.name}: got means over windows to {m.output_size}, want the mean over all pixels")
    node.op = "gap"


def static(node, m):
    node.op, node.attrs = "shuffle", {"perm": [i * m.n + j for j in range(m.n) for i in range(m.groups)]}


def generator(node, g):
    node.attrs = {"groups": [g.groups], "factors": [g.a, g.b], "pairs": [g.pairs]}
    node.tensors = dict(zip(("w1", "b1", "w2", "b2"), g.exported()))


def dynamic(node, m):
    node.op = "dynamicshuffle"
    generator(node, m.generator)


def static_dynamic(node, m):
    if m.form != "grouped":
        raise ValueError(f"{node.name}: got a static-dynamic shuffle of form {m.form}, want grouped: others have no quantized form")
    node.op = "staticdynamicshuffle"
    generator(node, m.dynamic.generator)
    node.tensors.update(m.folded())


def same(node, m):
    node.op = "same"


def limit(low, high):
    def made(node, m=None):
        node.op, node.attrs = "limit", {"range": [low, high]}

    return made


def flatten(node, m=None):
    node.op = "flatten"


MODULES = {
    nn.Conv2d: convolution, nn.Linear: linear, nn.BatchNorm2d: norm, nn.ReLU: limit(0.0, math.inf), nn.ReLU6: limit(0.0, 6.0),
    nn.MaxPool2d: pool, nn.AvgPool2d: pool, nn.AdaptiveAvgPool2d: mean, nn.Identity: same, nn.Dropout: same, nn.Flatten: flatten,
    shuffle.StaticShuffle: static, shuffle.DynamicShuffle: dynamic, shuffle.StaticDynamicShuffle: static_dynamic,
}  # fmt: skip
RELU = {torch.relu, F.relu}
ADD = {operator.add, operator.iadd, torch.add}


class Tracer(torch.fx.Tracer):
    """Stops at the modules that have an operator, and at what has a gradient of its own."""

    def __init__(self):
        super().__init__(autowrap_functions=(dense_gradient,))

    def is_leaf_module(self, m, name):
        return isinstance(m, tuple(MODULES)) or super().is_leaf_module(m, name)


def from_module(model, size):
    """The graph of a network in evaluation mode, for pictures of size x size."""
    model = shuffle.fold(copy.deepcopy(model).cpu().eval())
    traced = torch.fx.GraphModule(model, Tracer().trace(model))
    ShapeProp(traced).propagate(torch.zeros(1, 3, size, size))
    shapes = {n.name: list(n.meta["tensor_meta"].shape) for n in traced.graph.nodes if hasattr(n.meta.get("tensor_meta"), "shape")}
    names, pieces, nodes = {}, {}, []  # names of values; of a split's parts
    first = last = None
    for n in traced.graph.nodes:
        if n.op == "placeholder":
            first = names[n.name] = n.name
            continue
        if n.op == "output":
            last = names[n.args[0].name]
            continue
        if n.target is operator.getitem and n.args[0].name in pieces:
            names[n.name] = pieces[n.args[0].name][n.args[1]]
            continue
        inputs = n.args[0] if n.target is torch.cat else n.args
        inputs = [names[a.name] for a in inputs if isinstance(a, torch.fx.Node)]
        node = Node(str(n.target) if n.op == "call_module" else n.name, None, inputs, [n.name])
        names[n.name] = n.name
        if n.op == "call_module":
            module = model.get_submodule(n.target)
            made = next((f for kind, f in MODULES.items() if isinstance(module, kind)), None)
            if made is None:
                raise ValueError(f"{node.name}: got a {type(module).__name__}, which quantization-aware training does not know")
            made(node, module)
        else:
            called(node, n, shapes)
        if node.op == "same":
            names[n.name] = inputs[0]
            continue
        if node.op == "split":
            node.outputs = pieces[n.name] = [f"{n.name}.{k}" for k in range(len(node.attrs["sizes"]))]
        if node.op == "mean":  # as the engine's gap, which keeps planes of one pixel
            node.op, node.outputs = "gap", [n.name + ".planes"]
            nodes.append(node)
            node = Node(node.name + ".flat", "flatten", node.outputs, [n.name])
        nodes.append(node)
    return folded(Graph(first, last, nodes))


def called(node, n, shapes):
    """A function or a method that the network calls."""
    what, more = n.target, list(n.args[1:])
    if what in RELU or what == "relu":
        limit(0.0, math.inf)(node)
    elif what in ADD and len(node.inputs) == 2 and shapes[n.args[0].name] == shapes[n.args[1].name]:
        node.op = "add"
    elif what is torch.cat and (more or [n.kwargs.get("dim", 0)])[0] == 1:
        node.op = "concat"
    elif what in (torch.flatten, "flatten") and (more or [n.kwargs.get("start_dim", 0)])[0] == 1:
        flatten(node)
    elif what is F.adaptive_avg_pool2d and both((more or [n.kwargs.get("output_size")])[0]) == [1, 1]:
        node.op = "gap"
    elif what in ("mean", torch.mean) and list((more or [n.kwargs.get("dim", ())])[0]) == [2, 3] and not n.kwargs.get("keepdim"):
        node.op = "mean"
    elif what == "split" and n.kwargs.get("dim", (more[1:] or [0])[0]) == 1 and isinstance(more[0], int):
        whole = shapes[n.args[0].name][1]
        node.op, node.attrs = "split", {"sizes": [min(more[0], whole - at) for at in range(0, whole, more[0])]}
    elif what is dense_gradient:
        node.op = "same"
    else:
        what = what if isinstance(what, str) else getattr(what, "__name__", str(what))
        raise ValueError(f"{node.name}: got a call of {what} {tuple(more)}, which quantization-aware training does not know")


def from_rfl(net):
    """The graph of a model file of float32 (an rfl_net.RflNet)."""
    nodes = []
    for n in net.graph["nodes"]:
        if "quant" in n:
            raise ValueError(f"{n['name']}: got a network that is quantized, want one of float32")
        tensors = {role: net.tensors[name] for role, name in n.get("tensors", {}).items()}
        node = Node(n["name"], n["op"], list(n["in"]), list(n["out"]), dict(n.get("attrs", {})), tensors)
        if node.op in ("relu", "relu6", "clip"):
            low, high = {"relu": (0.0, math.inf), "relu6": (0.0, 6.0)}.get(node.op, (-math.inf, math.inf))
            low, high = (float(tensors.pop(role, torch.tensor(value))) for role, value in (("min", low), ("max", high)))
            limit(low, high)(node)
        nodes.append(node)
    if len(net.graph["outputs"]) != 1:
        raise ValueError(f"got a network of {len(net.graph['outputs'])} outputs, want one")
    return folded(Graph(net.graph["inputs"][0]["name"], net.graph["outputs"][0], nodes))


def folded(graph):
    """Folds every batch norm: into the convolution before it, across a maximum too where no scale is negative.

    Where that cannot be, it becomes a convolution of one pixel and one channel a group.
    """
    maker = {v: n for n in graph.nodes for v in n.outputs}
    reads = [v for n in graph.nodes for v in n.inputs] + [graph.output]
    alias, nodes = {}, []
    for n in graph.nodes:
        n.inputs = [alias.get(v, v) for v in n.inputs]
        n.tensors = {k: t.detach().clone() for k, t in n.tensors.items() if t is not None}
        if n.op == "affine":
            before, alone = maker.get(n.inputs[0]), reads.count(n.inputs[0]) == 1
            if alone and before is not None and before.op == "maxpool" and (n.tensors["scale"] > 0).all():
                before, alone = maker.get(before.inputs[0]), reads.count(before.inputs[0]) == 1
            if alone and before is not None and before.op == "conv":
                scale, shift = n.tensors["scale"].double(), n.tensors["shift"].double()
                bias = before.tensors.get("bias", torch.zeros(len(scale))).double()
                before.tensors["weight"] = (before.tensors["weight"].double() * scale[:, None, None, None]).float()
                before.tensors["bias"] = (bias * scale + shift).float()
                alias[n.outputs[0]] = n.inputs[0]
                maker[n.outputs[0]] = maker.get(n.inputs[0])
                reads += [n.inputs[0]] * (reads.count(n.outputs[0]) - 1)
                continue
            scale = n.tensors["scale"].float()
            n.op, n.attrs = "conv", {"kernel": [1, 1], "groups": [len(scale)]}
            n.tensors = {"weight": scale[:, None, None, None], "bias": n.tensors["shift"].float()}
        nodes.append(n)
    return Graph(graph.input, alias.get(graph.output, graph.output), nodes)
