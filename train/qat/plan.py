"""A graph as quantized operators: what each of them absorbs, and which values share a scale and a zero point.

As the engine's own quantizer (package quantize) has it: convolutions, linear layers, static-dynamic shuffles,
sums and means over windows compute from integers; a convolution absorbs the sum behind it, and all of them the
limits behind that. Means over all pixels are float32, and so are the network's outputs and the generators.
Operators that move elements keep them: their inputs and outputs share a grid, a scale with a zero point.
So planes that a dynamic shuffle may exchange have one scale, and a file in ONNX's form, which has one scale
for each value, says the same as the network.
"""

import math
from dataclasses import dataclass

MOVES = ("concat", "split", "slice", "shuffle", "maxpool", "flatten", "dynamicshuffle")
COMPUTES = ("conv", "linear", "staticdynamicshuffle", "add", "avgpool")
KNOWN = (*MOVES, *COMPUTES, "gap", "limit")


@dataclass
class Unit:
    """One quantized operator. low and high limit what it makes; infinite: no limit.

    in_grids and grid: numbers of the grids of its inputs and outputs; None: float32.
    """

    kind: str
    name: str
    inputs: list
    outputs: list
    attrs: dict
    tensors: dict
    low: float = -math.inf
    high: float = math.inf
    in_grids: list = None
    grid: int = None

    def values(self):
        """All of it but the tensors, of which the shapes, for a checkpoint."""
        return {**vars(self), "tensors": {role: list(t.shape) for role, t in self.tensors.items()}}


def plan(graph):
    """(units, count of grids) of a graph of float32. ValueError names a node that has no quantized form."""
    for n in graph.nodes:
        broadcast = n.op == "add" and len(n.inputs) != 2
        if n.op not in KNOWN or broadcast:
            what = "sum with a constant" if broadcast else n.op
            raise ValueError(f"{n.name}: got a {what}, which quantization-aware training does not know: it knows {', '.join(KNOWN)}")
        if n.op == "staticdynamicshuffle" and n.attrs.get("form", [0])[0]:
            raise ValueError(f"{n.name}: got a static-dynamic shuffle of form {n.attrs['form'][0]}, want 0: others have no quantized form")
    lift(graph)
    units = quantized(graph, fused(graph))
    return units, grids(units)


class Links:
    """Who makes and who reads each value of a graph."""

    def __init__(self, graph):
        self.maker, self.readers = {}, {}
        for k, n in enumerate(graph.nodes):
            for v in n.outputs:
                self.maker[v] = n
            for v in n.inputs:
                self.readers.setdefault(v, []).append(k)
        self.output = graph.output

    def alone(self, v):
        """The number of the one node that reads v, or None."""
        found = self.readers.get(v, [])
        return found[0] if len(found) == 1 and v != self.output else None

    def positive(self, v):
        """Whether no element of v is negative."""
        n = self.maker.get(v)
        if n is None:
            return False
        if n.op == "limit":
            return n.attrs["range"][0] >= 0
        return n.op in (*MOVES, "avgpool", "gap") and all(self.positive(x) for x in n.inputs)


def lift(graph):
    """Moves limits from behind what moves elements to before it, where a computing operator absorbs them.

    max(relu(x)) is relu(max(x)), and a concat's limit is that of each input. A ReLU of what is not negative is gone.
    """
    while True:
        links = Links(graph)
        for k, n in enumerate(graph.nodes):
            if n.op != "limit":
                continue
            (v,), (out,), before = n.inputs, n.outputs, links.maker.get(n.inputs[0])
            gone = n.attrs["range"] == [0.0, math.inf] and links.positive(v)
            if not gone:
                movable = before is not None and before.op in MOVES and before.op != "dynamicshuffle" and len(before.outputs) == 1
                needed = [x for x in before.inputs if not links.positive(x) or n.attrs["range"][1] < math.inf] if movable else []
                if not movable or links.alone(v) is None or any(links.alone(x) is None for x in needed):
                    continue
            del graph.nodes[k]
            if not gone:
                at = graph.nodes.index(before)
                for x in needed:
                    moved = type(n)(f"{n.name}.{x}", "limit", [x], [f"{x}.{n.name}"], n.attrs)
                    before.inputs = [moved.outputs[0] if y == x else y for y in before.inputs]
                    graph.nodes.insert(at, moved)
            for other in graph.nodes:
                other.inputs = [v if x == out else x for x in other.inputs]
            graph.output = v if graph.output == out else graph.output
            break
        else:
            return


def depthwise(n):
    """Each group of a convolution has one input channel: no kernel of that adds a second value."""
    return n.tensors["weight"].shape[1] == 1 and n.attrs.get("groups", [1])[0] > 1


def fused(graph):
    """The units of a graph, at the place of the last node that each absorbs."""
    links, gone, found = Links(graph), set(), []
    for k, n in enumerate(graph.nodes):
        if k in gone:
            continue
        if n.op == "limit":
            before = links.maker.get(n.inputs[0])
            raise ValueError(f"{n.name}: got a limit behind {before.name if before else 'the input'}, which cannot absorb it")
        u, at = Unit(n.op, n.name, list(n.inputs), list(n.outputs), n.attrs, n.tensors), k
        if n.op == "conv" and not depthwise(n):
            s = links.alone(u.outputs[0])
            if s is not None and graph.nodes[s].op == "add" and s not in gone:
                total = graph.nodes[s]
                u.inputs += [v for v in total.inputs if v != u.outputs[0]]
                u.outputs, at = list(total.outputs), s
                gone.add(s)
        while n.op in COMPUTES and (s := links.alone(u.outputs[0])) is not None and graph.nodes[s].op == "limit":
            low, high = graph.nodes[s].attrs["range"]
            u.low, u.high, u.outputs, at = max(u.low, low), min(u.high, high), list(graph.nodes[s].outputs), s
            gone.add(s)
        found.append((at, u))
    return [u for _, u in sorted(found, key=lambda pair: pair[0])]


def quantized(graph, units):
    """The units with what quantizes float32 values in between."""
    floats, done, twin = {graph.input}, [], {}
    reads = [v for u in units for v in u.inputs]
    for u in units:
        passes = u.kind == "flatten" and u.inputs[0] in floats
        for k, v in enumerate(u.inputs):
            if v in floats and not passes:
                if v not in twin:
                    twin[v] = v + ".u8"
                    done.append(Unit("quantize", twin[v], [v], [twin[v]], {}, {}))
                u.inputs[k] = twin[v]
        limited = u.low > -math.inf or u.high < math.inf
        last = u.outputs == [graph.output] and graph.output not in reads
        if u.kind == "gap" or passes or (last and u.kind in ("conv", "linear") and not limited and len(u.inputs) == 1):
            floats.update(u.outputs)
        done.append(u)
    for u in done:
        u.in_grids = [None if v in floats else -1 for v in u.inputs]
        u.grid = None if u.outputs[0] in floats else -1
    return done


def grids(units):
    """Numbers the grids of the units' values; their count."""
    parent = {}

    def find(v):
        while parent.setdefault(v, v) != v:
            v = parent[v]
        return v

    for u in units:
        if u.kind in MOVES and u.grid is not None:
            for v in (*u.inputs, *u.outputs):
                parent[find(v)] = find(u.inputs[0])
    number = {}
    for u in units:
        u.in_grids = [g if g is None else number.setdefault(find(v), len(number)) for g, v in zip(u.in_grids, u.inputs)]
        u.grid = u.grid if u.grid is None else number.setdefault(find(u.outputs[0]), len(number))
    return len(number)
