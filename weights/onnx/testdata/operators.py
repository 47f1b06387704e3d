"""Writes the files op-*.onnx of the folder forms, and the answers to them, as forms.py does: activations, whole and in
parts, and arithmetic with broadcasting.

    python3 operators.py
"""

import numpy as np

from forms import IMAGE, Net


def whole():
    """Activations behind a convolution, before a head that shows where they differ."""
    cases = [
        ("Sigmoid", 13, {}), ("Tanh", 13, {}), ("HardSwish", 14, {}), ("Mish", 18, {}), ("Gelu", 20, {}), ("Gelu", 20, {"approximate": "tanh"}),
        ("HardSigmoid", 13, {}), ("HardSigmoid", 13, {"alpha": 0.25, "beta": 0.4}), ("LeakyRelu", 13, {}), ("LeakyRelu", 13, {"alpha": 0.2}),
        ("Elu", 13, {}), ("Elu", 13, {"alpha": 0.5}), ("Selu", 13, {}), ("Celu", 13, {"alpha": 0.7}), ("Softplus", 13, {}), ("Erf", 13, {}),
        ("Abs", 13, {}), ("Exp", 13, {}),
    ]  # fmt: skip
    for op, opset, attrs in cases:
        name = "-".join([op.lower(), *(str(v) for v in attrs.values())])
        Net("op-" + name, IMAGE, opset).conv()(op, "c", "a", **attrs).head("a").write()
    n = Net("op-prelu", IMAGE).conv().floats("s", 8, 1, 1)("PRelu", "c s", "a").head("a").write()
    n = Net("op-prelu-one", IMAGE).conv().floats("s", 1)("PRelu", "c s", "a").head("a").write()
    for lo, hi in ((-1, 1), (0, 1), (None, 0.5), (-0.25, None), (0.5, -0.5), (0.2, 6)):
        n = Net(f"op-clip-{lo}-{hi}", IMAGE).conv()
        if lo is not None:
            n.array("lo", np.float32(lo))
        if hi is not None:
            n.array("hi", np.float32(hi))
        n("Clip", f"c {'_' if lo is None else 'lo'} {'_' if hi is None else 'hi'}", "a").head("a").write(evaluator=False)
    n = Net("op-sqrt-of-abs", IMAGE).conv()("Abs", "c", "b")("Sqrt", "b", "a").head("a").write()
    n = Net("op-reciprocal", IMAGE).conv()("Exp", "c", "e")("Reciprocal", "e", "a").head("a").write()
    n = Net("op-pow", IMAGE).conv().array("k", np.float32(3))("Pow", "c k", "a").head("a").write()
    n = Net("op-sigmoid-nhwc", IMAGE).conv()("Transpose", "c", "t", perm=[0, 2, 3, 1])("Sigmoid", "t", "s")("Mul", "t s", "m")
    n("Transpose", "m", "a", perm=[0, 3, 1, 2]).head("a").write()
    n = Net("op-logsoftmax", IMAGE).conv()("GlobalAveragePool", "c", "p")("Flatten", "p", "f")("LogSoftmax", "f", "y", axis=1).write()
    n = Net("op-sigmoid-last", IMAGE).conv()("GlobalAveragePool", "c", "p")("Flatten", "p", "f")("Sigmoid", "f", "y").write()


def parts():
    """Activations in parts."""
    k = lambda n, name, v: n.array(name, np.float32(v))  # noqa: E731
    n = Net("op-parts-silu", IMAGE).conv()("Sigmoid", "c", "s")("Mul", "c s", "a").head("a").write()
    n = Net("op-parts-silu-turned", IMAGE).conv()("Sigmoid", "c", "s")("Mul", "s c", "a").head("a").write()
    n = Net("op-parts-silu-by-exp", IMAGE).conv()
    k(n, "one", 1)("Neg", "c", "n")("Exp", "n", "e")("Add", "e one", "d")("Div", "c d", "a").head("a").write()
    n = Net("op-parts-hardswish", IMAGE).conv()
    k(k(k(k(n, "three", 3), "zero", 0), "six", 6), "by", 6)("Add", "c three", "p")("Clip", "p zero six", "r")("Mul", "c r", "m")("Div", "m by", "a").head("a").write()
    n = Net("op-parts-hardswish-first-divided", IMAGE).conv()
    k(k(k(n, "three", 3), "zero", 0), "six", 6)("Add", "c three", "p")("Clip", "p zero six", "r")("Div", "r six", "d")("Mul", "c d", "a").head("a").write()
    n = Net("op-parts-hardswish-by-hardsigmoid", IMAGE).conv()("HardSigmoid", "c", "r", alpha=1 / 6, beta=0.5)("Mul", "c r", "a").head("a").write()
    n = Net("op-parts-gelu", IMAGE).conv()
    k(k(k(n, "root", 1.4142135), "one", 1), "half", 0.5)("Div", "c root", "d")("Erf", "d", "e")("Add", "e one", "f")("Mul", "c f", "m")("Mul", "m half", "a").head("a").write()
    n = Net("op-parts-gelu-half-first", IMAGE).conv()
    k(k(k(n, "root", 0.70710677), "one", 1), "half", 0.5)("Mul", "c half", "h")("Mul", "c root", "d")("Erf", "d", "e")("Add", "e one", "f")("Mul", "h f", "a").head("a").write()
    n = Net("op-parts-gelu-tanh", IMAGE).conv()
    k(k(k(k(k(n, "three", 3), "cube", 0.044715), "root", 0.7978845), "one", 1), "half", 0.5)
    n("Pow", "c three", "p")("Mul", "p cube", "q")("Add", "c q", "r")("Mul", "r root", "s")("Tanh", "s", "t")("Add", "t one", "u")("Mul", "c half", "h")("Mul", "h u", "a").head("a").write()
    n = Net("op-parts-mish", IMAGE).conv()("Softplus", "c", "s")("Tanh", "s", "t")("Mul", "c t", "a").head("a").write()
    n = Net("op-parts-of-a-relu", IMAGE).conv()("Relu", "c", "r")("Sigmoid", "r", "s")("Mul", "r s", "a").head("a").write()
    n = Net("op-parts-read-elsewhere", IMAGE).conv()("Sigmoid", "c", "s")("Mul", "c s", "m")("Add", "m s", "a").head("a").write()
    n = Net("op-parts-no-known-one", IMAGE).conv()("Sigmoid", "c", "s")("Tanh", "c", "t")("Mul", "s t", "a").head("a").write()
    n = Net("op-parts-of-two-values", IMAGE).conv().conv("d")("Sigmoid", "d", "s")("Mul", "c s", "a").head("a").write()
    n = Net("op-parts-quick-gelu", IMAGE).conv()
    k(n, "k", 1.702)("Mul", "c k", "b")("Sigmoid", "b", "s")("Mul", "c s", "a").head("a").write()
    n = Net("op-parts-swish-of-a-factor-by-channel", IMAGE).conv().floats("k", 8, 1, 1)("Mul", "c k", "b")("Sigmoid", "b", "s")("Mul", "c s", "a").head("a").write()


def arithmetic():
    """Two activations, or one and a constant, of shapes that broadcast."""
    for op in ("Add", "Mul", "Sub", "Div", "Min", "Max"):
        n = Net(f"op-{op.lower()}-two", IMAGE).conv().conv("d")("Exp", "d", "e")(op, "c e", "a").head("a").write()
        n = Net(f"op-{op.lower()}-excitation", IMAGE).conv()("GlobalAveragePool", "c", "p")("Sigmoid", "p", "s")(op, "c s", "a").head("a").write()
        for shape in ((6,), (8, 1), (8, 8, 6), (1, 8, 1, 6)):
            n = Net(f"op-{op.lower()}-constant-{'x'.join(map(str, shape))}", IMAGE).conv().floats("k", *shape)(op, "c k", "a").head("a").write()
    n = Net("op-mul-excitation-first", IMAGE).conv()("GlobalAveragePool", "c", "p")("Sigmoid", "p", "s")("Mul", "s c", "a").head("a").write()
    n = Net("op-mul-excitation-nhwc", IMAGE).conv()("Transpose", "c", "t", perm=[0, 2, 3, 1])("ReduceMean", "t", "p", axes=[1, 2], keepdims=1)("Sigmoid", "p", "s")
    n("Mul", "t s", "m")("Transpose", "m", "a", perm=[0, 3, 1, 2]).head("a").write()
    n = Net("op-mul-spatial", IMAGE).conv().conv("d", co=1)("Sigmoid", "d", "s")("Mul", "c s", "a").head("a").write()
    n = Net("op-max-of-three", IMAGE).conv().conv("d").conv("e")("Max", "c d e", "a").head("a").write()
    n = Net("op-add-row-and-column", ["N", 3, 6, 6]).conv("c", k=1).floats("w1", 8, 3, 1, 6).floats("w2", 8, 3, 6, 1)
    n("Conv", "x w1", "r")("Conv", "x w2", "q")("Add", "r q", "a").head("a").write()
    n = Net("op-excitation-layers", IMAGE).conv()("GlobalAveragePool", "c", "p").conv("d", "p", 8, 4, 1)("Relu", "d", "r").conv("e", "r", 4, 8, 1)
    n("HardSigmoid", "e", "g", alpha=1 / 6, beta=0.5)("Mul", "g c", "a").head("a").write()
    for op in ("GlobalMaxPool", "ReduceMax"):
        n = Net("op-" + op.lower(), IMAGE).conv()
        n(op, "c", "p", **({"axes": [2, 3]} if op == "ReduceMax" else {}))("Flatten", "p", "f").floats("w", 8, 5)("MatMul", "f w", "y").write()


if __name__ == "__main__":
    for make in (whole, parts, arithmetic):
        make()
