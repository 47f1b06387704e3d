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


def moved():
    """Elements in another order, and padding that no layer takes over."""
    n = Net("op-focus", IMAGE)
    for i, (y, x) in enumerate(((0, 0), (1, 0), (0, 1), (1, 1))):
        n.array(f"b{i}", np.array([y, x])).array(f"e{i}", np.array([2**31 - 1] * 2))
    n.array("ax", np.array([2, 3])).array("st", np.array([2, 2]))
    for i in range(4):
        n("Slice", f"x b{i} e{i} ax st", f"s{i}")
    n("Concat", "s0 s1 s2 s3", "f", axis=1).conv("c", "f", 12).head("c").write()
    for mode in ("DCR", "CRD"):
        n = Net("op-depth-to-space-" + mode.lower(), IMAGE).conv()("DepthToSpace", "c", "d", blocksize=2, mode=mode).conv("e", "d", 2).head("e").write()
    n = Net("op-space-to-depth", IMAGE).conv()("SpaceToDepth", "c", "d", blocksize=2).conv("e", "d", 32, k=1).head("e").write()
    n = Net("op-pixel-shuffle", IMAGE).conv().array("s", np.array([0, 2, 2, 2, 8, 6])).array("t", np.array([0, 2, 16, 12]))
    n("Reshape", "c s", "r")("Transpose", "r", "p", perm=[0, 1, 4, 2, 5, 3])("Reshape", "p t", "q").conv("e", "q", 2).head("e").write()
    n = Net("op-option-a", IMAGE).conv().conv("d", "c", 8, 16, strides=[2, 2]).array("b", np.array([0, 0])).array("e", np.array([99, 99])).array("a", np.array([2, 3])).array("st", np.array([2, 2]))
    n("Slice", "c b e a st", "s").array("p", np.array([0, 4, 0, 0, 0, 4, 0, 0]))("Pad", "s p", "q")("Add", "d q", "y1").head("y1", 16).write()
    n = Net("op-crop", IMAGE).conv().array("p", np.array([0, 0, -1, -2, 0, 0, -2, 0]))("Pad", "c p", "q").head("q").write(evaluator=False)
    n = Net("op-crop-and-pad", IMAGE).conv().array("p", np.array([0, 0, -1, 2, 0, 0, 1, 0]))("Pad", "c p", "q")("Relu", "q", "r").head("r").write(evaluator=False)
    for mode in ("reflect", "edge"):
        n = Net("op-pad-" + mode, IMAGE).conv().array("p", np.array([0, 0, 1, 2, 0, 0, 2, 1]))("Pad", "c p", "q", mode=mode).conv("d", "q", 8, 8).head("d").write()
    n = Net("op-pad-value", IMAGE).conv().array("p", np.array([0, 0, 1, 2, 0, 0, 2, 1])).array("v", np.float32(0.75))("Pad", "c p v", "q").conv("d", "q", 8, 8).head("d").write()
    n = Net("op-pad-channels", IMAGE).conv().array("p", np.array([0, 1, 0, 1, 0, 2, 0, 0]))("Pad", "c p", "q").conv("d", "q", 11, 8).head("d").write()
    n = Net("op-pad-max", IMAGE).conv().array("p", np.array([0, 0, 0, 0, 0, 0, 1, 1]))("Pad", "c p", "q")("MaxPool", "q", "m", kernel_shape=[2, 2]).head("m").write()
    n = Net("op-pad-twice", IMAGE).conv().array("p", np.array([0, 0, 1, 0, 0, 0, 1, 0])).array("v", np.float32(2))
    n("Pad", "c p", "q")("Pad", "q p v", "r").conv("d", "r", 8, 8).head("d").write()
    n = Net("op-pad-sigmoid", IMAGE).conv().array("p", np.array([0, 0, 1, 1, 0, 0, 1, 1]))("Pad", "c p", "q")("Sigmoid", "q", "r").conv("d", "r", 8, 8).head("d").write()
    n = Net("op-pad-output", IMAGE).conv().array("p", np.array([0, 0, 1, 1, 0, 0, 1, 1]))("Pad", "c p", "y").write()
    n = Net("op-pad-reshaped", IMAGE).conv().array("p", np.array([0, 0, 1, 1, 0, 0, 1, 1])).array("s", np.array([0, 8, -1]))("Pad", "c p", "q")("Reshape", "q s", "r")("ReduceMean", "r", "y", axes=[2], keepdims=0).write()
    n = Net("op-vector-to-planes", IMAGE).conv()("GlobalAveragePool", "c", "p")("Flatten", "p", "f").floats("w", 8, 8)("MatMul", "f w", "m")("Sigmoid", "m", "g")
    n.array("a", np.array([2, 3]))("Unsqueeze", "g a", "u")("Mul", "c u", "r").head("r").write()
    n = Net("op-vector-to-map", IMAGE).conv()("GlobalAveragePool", "c", "p")("Flatten", "p", "f").floats("w", 8, 48)("MatMul", "f w", "m").array("s", np.array([-1, 3, 4, 4]))
    n("Reshape", "m s", "r").conv("d", "r").head("d").write()
    n = Net("op-rows-concat", IMAGE).conv().conv("d")("Concat", "c d", "r", axis=2).conv("e", "r", 8).head("e").write()
    n = Net("op-planes-transposed", IMAGE).conv()("Transpose", "c", "t", perm=[0, 1, 3, 2]).conv("d", "t", 8).head("d").write()
    n = Net("op-pixels-flattened", IMAGE).conv()("Transpose", "c", "t", perm=[0, 2, 3, 1])("Flatten", "t", "y").write()
    n = Net("op-channel-twice", IMAGE).conv().array("i", np.array([0, 0, 3, 3]))("Gather", "c i", "g", axis=1).conv("d", "g", 4).head("d").write()


def norms():
    n = Net("op-layernorm", IMAGE, 17).conv()("Transpose", "c", "t", perm=[0, 2, 3, 1]).floats("s", 8).floats("b", 8)("LayerNormalization", "t s b", "l")
    n("Transpose", "l", "u", perm=[0, 3, 1, 2]).head("u").write()
    n = Net("op-layernorm-merged", IMAGE, 17).conv().array("m", np.array([0, 8, -1])).array("i", np.array([0, 8, 8, 6]))("Reshape", "c m", "r")("Transpose", "r", "t", perm=[0, 2, 1])
    n.floats("s", 8)("LayerNormalization", "t s", "l", epsilon=1e-3)("Transpose", "l", "u", perm=[0, 2, 1])("Reshape", "u i", "v").head("v").write()
    n = Net("op-layernorm-vector", IMAGE, 17).conv()("GlobalAveragePool", "c", "p")("Flatten", "p", "f").floats("s", 8).floats("b", 8)("LayerNormalization", "f s b", "y").write()
    n = Net("op-instancenorm", IMAGE).conv().floats("s", 8).floats("b", 8)("InstanceNormalization", "c s b", "i").conv("d", "i", 8)("GlobalMaxPool", "d", "p")("Flatten", "p", "y").write()
    n = Net("op-groupnorm-in-parts", IMAGE).conv().array("g", np.array([0, 2, -1])).array("one", np.ones(2, "f4")).array("zero", np.zeros(2, "f4")).array("i", np.array([0, 8, 8, 6]))
    n("Reshape", "c g", "r")("InstanceNormalization", "r one zero", "m")("Reshape", "m i", "q").floats("s", 8, 1, 1).floats("b", 8, 1, 1)("Mul", "q s", "t")("Add", "t b", "u")
    n("GlobalMaxPool", "u", "p")("Flatten", "p", "y").write()
    n = Net("op-groupnorm-21", IMAGE, 21).conv().floats("s", 8).floats("b", 8)("GroupNormalization", "c s b", "g", num_groups=4)("GlobalMaxPool", "g", "p")("Flatten", "p", "y").write()
    n = Net("op-matmul-nhwc", IMAGE).conv()("Transpose", "c", "t", perm=[0, 2, 3, 1]).floats("w", 8, 5).floats("b", 5)("MatMul", "t w", "m")("Add", "b m", "a")("Relu", "a", "r")
    n("Transpose", "r", "u", perm=[0, 3, 1, 2]).head("u", 5).write()
    n = Net("op-matmul-rows", IMAGE).conv().floats("w", 6, 5)("MatMul", "c w", "m").head("m").write()
    n = Net("op-convnext-block", IMAGE, 17).conv().floats("dw", 8, 1, 7, 7)("Conv", "c dw", "d", group=8, pads=[3] * 4)("Transpose", "d", "t", perm=[0, 2, 3, 1]).floats("s", 8).floats("b", 8)
    n("LayerNormalization", "t s b", "l", epsilon=1e-6).floats("w1", 8, 32).floats("b1", 32)("MatMul", "l w1", "m")("Add", "b1 m", "a").array("root", np.float32(1.4142135)).array("one", np.float32(1)).array("half", np.float32(0.5))
    n("Div", "a root", "e1")("Erf", "e1", "e2")("Add", "e2 one", "e3")("Mul", "a e3", "e4")("Mul", "e4 half", "e5").floats("w2", 32, 8).floats("b2", 8)("MatMul", "e5 w2", "m2")("Add", "b2 m2", "a2")
    n("Transpose", "a2", "u", perm=[0, 3, 1, 2]).floats("k", 8, 1, 1)("Mul", "k u", "v")("Add", "v c", "y1").head("y1").write()


def resizes():
    for mode, place, rounds in (("nearest", "asymmetric", "floor"), ("nearest", "half_pixel", "round_prefer_floor"), ("nearest", "half_pixel", "round_prefer_ceil"),
                                ("nearest", "asymmetric", "ceil"), ("linear", "half_pixel", ""), ("linear", "align_corners", ""), ("linear", "pytorch_half_pixel", ""), ("linear", "asymmetric", "")):  # fmt: skip
        attrs = {"mode": mode, "coordinate_transformation_mode": place, **({"nearest_mode": rounds} if rounds else {})}
        for name, shape in (("up", (16, 18)), ("down", (4, 3))):
            n = Net(f"op-resize-{mode}-{place}-{rounds}-{name}".replace("_", "-").replace("--", "-"), IMAGE).conv().array("s", np.array([1, 1, shape[0] / 8, shape[1] / 6], "f4"))
            n("Resize", "c _ s", "r", **attrs).conv("d", "r", 8).head("d").write()
    n = Net("op-resize-sizes", ["N", 3, 8, 6], 13, batch=1).conv().array("s", np.array([1, 8, 5, 11]))("Resize", "c _ _ s", "r", mode="linear").conv("d", "r", 8).head("d").write()
    n = Net("op-resize-10", IMAGE, 10).conv().array("s", np.array([1, 1, 2, 2], "f4"))("Resize", "c s", "r").conv("d", "r", 8).head("d").write(evaluator=False)
    n = Net("op-upsample-9", IMAGE, 9).conv().array("s", np.array([1, 1, 2, 3], "f4"))("Upsample", "c s", "r").conv("d", "r", 8).head("d").write(evaluator=False)


def transposed():
    for name, k, attrs in (
        ("plain", (3, 3), {}), ("stride", (2, 2), {"strides": [2, 2]}), ("overlap", (4, 4), {"strides": [2, 2], "pads": [1, 1, 1, 1]}),
        ("uneven", (3, 2), {"strides": [2, 3], "pads": [1, 0, 0, 1]}), ("output-padding", (3, 3), {"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]}),
        ("small-kernel", (1, 2), {"strides": [3, 2], "output_padding": [2, 1]}), ("groups", (3, 3), {"strides": [2, 2], "group": 2}),
    ):  # fmt: skip
        n = Net("op-convtranspose-" + name, IMAGE).conv().floats("wt", 8, 3, *k).floats("bt", 3 * attrs.get("group", 1))
        n("ConvTranspose", "c wt bt", "t", **attrs)("Relu", "t", "r").conv("d", "r", 3 * attrs.get("group", 1)).head("d").write()


if __name__ == "__main__":
    for make in (whole, parts, arithmetic, moved, norms, resizes, transposed):
        make()
