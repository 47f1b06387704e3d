"""More forms, as forms.py has them: reductions, softmaxes, products of activations, broadcasts, rows, constants.

    python3 forms_more.py
"""

import numpy as np
from onnx import numpy_helper

from forms import IMAGE, Net

ONE = [1, 4, 6, 5]


def reductions():
    """Over pixels, channels, both, and what belongs to neither."""
    for op in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare"):
        for axes in ((2, 3), (1,), (3,), (1, 2), (1, 2, 3)):
            name = f"{op.lower()}-{''.join(map(str, axes))}"
            keep = int(len(axes) != 2)
            Net(name, IMAGE, opset=18).conv().array("axes", np.array(axes))(op, "c axes", "r", keepdims=keep)("Flatten", "r", "y").write()
    n = Net("radix-sum", ONE, opset=17).conv("c", ci=4, co=6).array("s", np.array([1, 2, 3, 6, 5])).array("a", np.array([1]))
    n("Reshape", "c s", "r")("ReduceSum", "r a", "z", keepdims=0)("Sigmoid", "z", "y").write()
    n = Net("radix-of-nine", ONE, opset=17).conv("c", ci=4, co=18).array("s", np.array([1, 2, 9, 6, 5])).array("a", np.array([2]))
    n("Reshape", "c s", "r")("ReduceMax", "r", "z", keepdims=0, axes=[2])("ReduceSum", "r a", "v", keepdims=0)("Sub", "z v", "y").write()
    n = Net("norm-of-responses", IMAGE, opset=17).conv()("Transpose", "c", "t", perm=[0, 2, 3, 1])("ReduceL2", "t", "g", axes=[1, 2])
    n("ReduceMean", "g", "m", axes=[-1]).array("e", np.float32(1e-3))("Add", "m e", "d")("Div", "g d", "q")("Mul", "t q", "p")
    n.floats("k", 1, 1, 1, 8)("Mul", "p k", "s")("Add", "s t", "u")("Transpose", "u", "y", perm=[0, 3, 1, 2]).write()
    Net("global-lp-pool", IMAGE, opset=17).conv()("GlobalLpPool", "c", "y").write()


def softmaxes():
    for axis in (1, 2, 3):
        Net(f"softmax-{axis}", IMAGE).conv()("Softmax", "c", "y", axis=axis).write()
    for axis in (1, 2, 3):  # of old, over all from axis on, which the evaluator does not know
        Net(f"softmax-old-{axis}", IMAGE, opset=11).conv()("Softmax", "c", "y", axis=axis).write(evaluator=False)
    Net("logsoftmax-1", IMAGE).conv()("LogSoftmax", "c", "y", axis=1).write()
    n = Net("softmax-of-halves", ["N", 6]).array("s", np.array([-1, 2, 3])).array("b", np.array([-1, 6]))
    n("Reshape", "x s", "r")("Softmax", "r", "m")("Reshape", "m b", "y").write()
    n = Net("radix-softmax", ONE).conv("c", ci=4)("GlobalAveragePool", "c", "p").array("s", np.array([1, 2, 2, 2])).array("b", np.array([1, 8, 1, 1]))
    n("Reshape", "p s", "r")("Transpose", "r", "t", perm=[0, 2, 1, 3])("Softmax", "t", "m", axis=1)("Reshape", "m b", "q")("Mul", "c q", "y").write()
    n = Net("selected-kernels", ONE, opset=17)
    for i in (0, 1):
        n.conv(f"c{i}", ci=4)("Unsqueeze", f"c{i} one", f"u{i}")
    n.array("one", np.array([1]))("Concat", "u0 u1", "z", axis=1)("ReduceSum", "z one", "s", keepdims=0)("GlobalAveragePool", "s", "p")
    n.floats("w", 16, 8, 1, 1)("Conv", "p w", "q").array("five", np.array([1, 2, 8, 1, 1]))("Reshape", "q five", "r")("Softmax", "r", "m", axis=1)
    n("Mul", "z m", "v")("ReduceSum", "v one", "y", keepdims=0).write()


def products():
    """Attention of pixels, of channels, and without a softmax."""
    for batch in ("N", 1):
        n = Net(f"attention-of-pixels-{'one' if batch == 1 else 'open'}", [batch, 4, 3, 4], opset=17).conv("c", ci=4, co=24)
        n.array("s", np.array([1 if batch == 1 else 0, 3, 2, 4, 12]))("Reshape", "c s", "r")("Transpose", "r", "t", perm=[1, 0, 2, 4, 3])
        for i, name in enumerate("qkv"):
            n.array(f"i{i}", np.array(i))("Gather", f"t i{i}", name, axis=0)
        n("Transpose", "k", "kt", perm=[0, 1, 3, 2])("MatMul", "q kt", "a").array("f", np.float32(0.5))("Mul", "a f", "b")("Softmax", "b", "p", axis=-1)
        n("MatMul", "p v", "o")("Transpose", "o", "ot", perm=[0, 1, 3, 2]).array("back", np.array([0, 8, 3, 4]))("Reshape", "ot back", "y").write()
    n = Net("attention-of-channels", [1, 4, 3, 4], opset=17).conv("c", ci=4, co=24).array("s", np.array([1, 3, 2, 4, 12]))("Reshape", "c s", "r")
    n("Split", "r", "q5 k5 v5", axis=1).array("a", np.array([1])).array("low", np.float32(1e-12))
    for name in "qkv":
        n("Squeeze", f"{name}5 a", name)
    for name in "qk":
        n("ReduceL2", name, f"{name}n", axes=[-1])("Clip", f"{name}n low", f"{name}c")("Shape", name, f"{name}s")("Expand", f"{name}c {name}s", f"{name}e")
        n("Div", f"{name} {name}e", f"{name}u")
    n("Transpose", "ku", "kt", perm=[0, 1, 3, 2])("MatMul", "qu kt", "d").floats("heat", 2, 1, 1)("Mul", "d heat", "h")("Softmax", "h", "m", axis=-1)
    n("MatMul", "m v", "o").array("back", np.array([1, 8, 3, 4]))("Reshape", "o back", "y").write()
    n = Net("linear-attention", [1, 4, 3, 4], opset=17).conv("c", ci=4, co=24).array("s", np.array([1, 2, 12, 12]))("Reshape", "c s", "r")
    n("Transpose", "r", "t", perm=[0, 1, 3, 2])("Split", "t", "q k v", axis=3)("Relu", "q", "qr")("Relu", "k", "kr")("Transpose", "kr", "kt", perm=[0, 1, 3, 2])
    n.array("p", np.array([0, 0, 0, 0, 0, 0, 0, 1])).array("unit", np.float32(1))("Pad", "v p unit", "vp")("MatMul", "kt vp", "kv")("MatMul", "qr kv", "o")
    for name, lo, hi in (("top", 0, -1), ("low", -1, 9)):
        n.array(f"{name}0", np.array([lo])).array(f"{name}1", np.array([hi]))("Slice", f"o {name}0 {name}1 three", name)
    n.array("three", np.array([3])).array("e", np.float32(0.1))("Add", "low e", "le")("Div", "top le", "z")("Transpose", "z", "zt", perm=[0, 1, 3, 2])
    n.array("back", np.array([1, 8, 3, 4]))("Reshape", "zt back", "y").write()
    n = Net("matrix-from-the-left", [1, 4, 3, 4]).array("s", np.array([1, 4, 12]))("Reshape", "x s", "r").floats("w", 5, 4)("MatMul", "w r", "y").write()
    n = Net("matrices-of-one", [1, 4, 3, 4]).array("s", np.array([1, 3, 16]))("Reshape", "x s", "r")("Transpose", "r", "t", perm=[0, 2, 1])("MatMul", "t r", "y").write()
    n = Net("tokens", [1, 4, 3, 4], opset=17).conv("c", ci=4).array("s", np.array([1, 8, 12]))("Reshape", "c s", "r")("Transpose", "r", "t", perm=[0, 2, 1])
    n.floats("pos", 1, 12, 8)("Add", "t pos", "z").floats("g", 8).floats("b", 8)("LayerNormalization", "z g b", "l", axis=-1).floats("w", 8, 5)("MatMul", "l w", "o")
    n("ReduceMean", "o", "y", axes=[1], keepdims=0).write()


def broadcasts():
    n = Net("expanded", ONE, opset=17).conv("c", ci=4)("GlobalAveragePool", "c", "p")("Shape", "c", "s")("Expand", "p s", "e")("Sigmoid", "e", "g")("Mul", "c e", "m")
    n("Add", "m g", "y").write()
    n = Net("tiled", ONE, opset=17).conv("c", ci=4).array("r", np.array([1, 2, 1, 1]))("Tile", "c r", "y").write()
    n = Net("shorter-operand", ONE, opset=17).conv("c", ci=4)("ReduceMean", "c", "m", axes=[0, 1], keepdims=0)("Sub", "c m", "y").write()
    n = Net("one-channel", IMAGE).conv().array("k", np.array(2))("Gather", "c k", "y", axis=1).write()
    n = Net("groups-of-channels", ONE, opset=17).conv("c", ci=4).array("s", np.array([1, 2, 4, 6, 5]))("Reshape", "c s", "r")("ReduceMax", "r", "m", axes=[3, 4])
    n("Mul", "r m", "p").array("b", np.array([1, 8, 6, 5]))("Reshape", "p b", "y").write()
    n = Net("constant-over-columns", IMAGE).conv()("Transpose", "c", "t", perm=[0, 2, 3, 1]).floats("k", 8, 6, 1)("Mul", "t k", "m")("Transpose", "m", "y", perm=[0, 3, 1, 2]).write()
    n = Net("constant-minus", IMAGE).floats("k", 3, 8, 6)("Sub", "k x", "y").write()
    n = Net("constant-over", IMAGE).floats("k", 3, 8, 1)("Exp", "x", "e")("Div", "k e", "y").write()
    n = Net("one-over", IMAGE).array("k", np.float32(2))("Exp", "x", "e")("Div", "k e", "y").write()


def rows():
    """Images of one row: [N C L]."""
    n = Net("row-conv", ONE).array("s", np.array([1, 4, 30]))("Reshape", "x s", "r").floats("w", 6, 2, 3).floats("b", 6)
    n("Conv", "r w b", "c", kernel_shape=[3], pads=[2, 1], strides=[2], dilations=[1], group=2)("Relu", "c", "a")("MaxPool", "a", "m", kernel_shape=[2], strides=[2])
    n("AveragePool", "m", "y", kernel_shape=[3], pads=[1, 1]).write()
    n = Net("channel-attention", ONE).conv("c", ci=4)("GlobalAveragePool", "c", "p").array("s", np.array([1, 1, 8])).array("b", np.array([1, 8, 1, 1]))
    n("Reshape", "p s", "r").floats("w", 1, 1, 3)("Conv", "r w", "q", pads=[1, 1])("Sigmoid", "q", "g")("Reshape", "g b", "k")("Shape", "c", "z")("Expand", "k z", "e")
    n("Mul", "c e", "y").write()


def constants():
    """What standardized weights and tables of positions are made by."""
    n = Net("standardized-weights", IMAGE, opset=17).floats("w", 8, 3, 3, 3).floats("g", 8).array("z", np.zeros(8, "f4")).array("o", np.ones(8, "f4"))
    n.array("s", np.array([1, 8, 27])).array("b", np.array([8, 3, 3, 3]))("Reshape", "w s", "r")("BatchNormalization", "r g z z o", "n m2 v2", training_mode=1)
    n("Reshape", "n b", "v")("Conv", "x v", "y").write()
    n = Net("standardized-by-hand", IMAGE, opset=17).floats("w", 8, 3, 3, 3)("ReduceMean", "w", "m", axes=[1, 2, 3])("Sub", "w m", "d")("ReduceL2", "d", "q", axes=[1, 2, 3])
    n("Div", "d q", "v")("Conv", "x v", "y").write()
    n = Net("normalized-instances", IMAGE, opset=17).floats("w", 8, 3, 3, 3).floats("g", 3).floats("b", 3)("InstanceNormalization", "w g b", "v")("Conv", "x v", "y").write()
    n = Net("positions", [1, 3, 4, 6], opset=17).array("o", np.ones((1, 4, 6), "f4")).array("two", np.array(2))("CumSum", "o two", "c").array("k", np.float32(0.7))("Mul", "c k", "p")
    n("Sin", "p", "s")("Cos", "p", "t")("Unsqueeze", "s one", "s4")("Unsqueeze", "t one", "t4").array("one", np.array([1]))("Concat", "s4 t4", "q", axis=1)
    n.floats("w", 3, 2, 1, 1)("Conv", "q w", "e")("Add", "x e", "y").write()
    n = Net("weights-of-a-product", IMAGE, opset=17).floats("a", 8, 4).floats("b", 4, 27).array("s", np.array([8, 3, 3, 3]))("MatMul", "a b", "m")("Reshape", "m s", "v")
    n("Conv", "x v", "y").write()
    n = Net("padding-from-sizes", [1, 3, 9, 9], opset=17).array("i", np.array(2)).array("two", np.array(2)).array("one", np.array(1))("Shape", "x", "s")("Gather", "s i", "h")
    n("Div", "h two", "q")("Cast", "q", "f", to=1)("Ceil", "f", "g")("Cast", "g", "k", to=7)("Sub", "k one", "p").array("l", np.array([1])).array("u", np.array([0]))
    n("Unsqueeze", "p u", "p1")("ConstantOfShape", "l", "z", value=numpy_helper.from_array(np.array([0])))("Concat", "z z z p1 z z z z", "pads", axis=0)("Pad", "x pads", "y").write()


def windows():
    """A pool of single pixels behind a shifted image."""
    n = Net("pool-behind-a-shift", IMAGE).conv().array("p", np.array([0, 0, -1, -1, 0, 0, 1, 1]))("Pad", "c p", "s")
    n("AveragePool", "s", "y", kernel_shape=[1, 1], strides=[2, 2]).write()
    Net("maximum-behind-padding", IMAGE).conv().array("p", np.array([0, 0, 3, 0, 0, 0, 0, 2]))("Pad", "c p", "s")("MaxPool", "s", "y", kernel_shape=[2, 2], strides=[2, 2]).write()


if __name__ == "__main__":
    for maker in (reductions, softmaxes, products, broadcasts, rows, constants, windows):
        maker()
