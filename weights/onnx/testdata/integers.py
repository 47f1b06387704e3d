"""Writes the ONNX files of the folder integers, and the answers to them.

    python3 integers.py

NAME.onnx is a small network whose operators compute with integers: QLinearConv and the
like, as ONNX Runtime's quantizer writes them in its format QOperator. Most are written node
by node; those named static-* are what quantize_static makes of a network of floats.
NAME.safetensors holds x and y: the input and what ONNX Runtime computes, without its graph
optimizations, so that each node is computed as ONNX defines it. Made with onnx 1.23.2,
onnxruntime 1.32.0 and numpy 2.4.6 of PyPI; everything is seeded.
"""

import tempfile
import zlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from forms import safetensors

HERE = Path(__file__).resolve().parent / "integers"
onnxruntime.set_default_logger_severity(4)


class Net:
    """A file from x to y, floats both, with nodes on integers between."""

    def __init__(self, name, *shape, kind="u1"):
        self.name, self.shape, self.kind = name, shape, kind
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))
        self.nodes, self.inits = [], []

    def array(self, name, a):
        self.inits.append(numpy_helper.from_array(np.asarray(a), name))
        return name

    def node(self, op, ins, out, domain="", **attrs):
        self.nodes.append(h.make_node(op, ins.split(), [out], name="node_" + out, domain=domain, **attrs))
        return self

    def grid(self, value, scale, zero):
        """A scale and a zero point for a value; zero is that of uint8."""
        self.array(value + ".s", np.float32(scale))
        self.array(value + ".z", np.array(zero if self.kind == "u1" else zero - 128, self.kind))
        return f"{value}.s {value}.z"

    def start(self, scale=0.03, zero=120):
        return self.node("QuantizeLinear", "x " + self.grid("x", scale, zero), "x.q")

    def finish(self, value):
        return self.node("DequantizeLinear", f"{value}.q {value}.s {value}.z", "y")

    def weights(self, name, *shape, axis=None):
        """Weights of int8 with a scale for each entry of an axis, or one, and a bias."""
        self.array(name, self.rng.integers(-127, 128, shape).astype("i1"))
        n = () if axis is None else (shape[axis],)
        self.array(name + ".s", (0.004 + 0.004 * self.rng.random(n)).astype("f4"))
        self.array(name + ".z", np.zeros(n, "i1"))
        return f"{name} {name}.s {name}.z"

    def bias(self, name, n):
        return self.array(name, self.rng.integers(-4000, 4000, n).astype("i4"))

    def write(self):
        g = h.make_graph(self.nodes, "g", [h.make_tensor_value_info("x", T.FLOAT, [1, *self.shape])], [h.make_tensor_value_info("y", T.FLOAT, None)], self.inits)
        m = h.make_model(g, opset_imports=[h.make_opsetid("", 13), h.make_opsetid("com.microsoft", 1)], ir_version=8)
        answer(self.name, m, self.rng.standard_normal((1, *self.shape)).astype("f4"))


def answer(name, model, x):
    o = onnxruntime.SessionOptions()
    o.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    o.intra_op_num_threads = 1
    y = onnxruntime.InferenceSession(model.SerializeToString(), o, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    onnx.save(model, HERE / (name + ".onnx"))
    safetensors(HERE / (name + ".safetensors"), {"x": x[0], "y": y})


MS = "com.microsoft"


def layers():
    for kind in ["u1", "i1"]:
        n = Net("conv-" + kind, 6, 5, 7, kind=kind).start()
        w, g, b = n.weights("w", 8, 6, 3, 3, axis=0), n.grid("c", 0.05, 100), n.bias("b", 8)
        n.node("QLinearConv", f"x.q x.s x.z {w} {g} {b}", "c.q", pads=[1, 1, 1, 1], strides=[2, 1]).finish("c").write()
    n = Net("conv-groups", 6, 5, 7).start()
    w, g = n.weights("w", 9, 2, 1, 1), n.grid("c", 0.05, 0)  # a ReLU in the zero point
    n.node("QLinearConv", f"x.q x.s x.z {w} {g}", "c.q", group=3).finish("c").write()
    n = Net("conv-depthwise", 6, 9, 7).start()
    w, g, b = n.weights("w", 6, 1, 5, 5, axis=0), n.grid("c", 0.05, 128), n.bias("b", 6)
    n.node("QLinearConv", f"x.q x.s x.z {w} {g} {b}", "c.q", group=6, pads=[2, 2, 2, 2]).finish("c").write()
    n = Net("gemm", 6, 5, 7).start()
    n.node("Flatten", "x.q", "f.q")
    w, g, b = n.weights("w", 10, 210, axis=0), n.grid("c", 0.2, 128), n.bias("b", 10)
    n.node("QGemm", f"f.q x.s x.z {w} {b} {g}", "c.q", MS, alpha=1.0, transB=1).finish("c").write()
    n = Net("gemm-floats", 6, 5, 7).start()
    n.node("Flatten", "x.q", "f.q")
    w, b = n.weights("w", 210, 10), n.bias("b", 10)
    n.node("QGemm", f"f.q x.s x.z {w} {b}", "y", MS).write()
    n = Net("matmul", 6, 5, 7).start()
    n.node("Flatten", "x.q", "f.q")
    w, g = n.weights("w", 210, 10, axis=1), n.grid("c", 0.2, 128)
    n.node("QLinearMatMul", f"f.q x.s x.z {w} {g}", "c.q").finish("c").write()


def others():
    for op in ["Add", "Mul"]:
        n = Net(op.lower(), 6, 5, 7).start()
        w, c, g = n.weights("w", 6, 6, 1, 1), n.grid("c", 0.04, 90), n.grid("d", 0.06, 110)
        n.node("QLinearConv", f"x.q x.s x.z {w} {c}", "c.q")
        n.node("QLinear" + op, f"x.q x.s x.z c.q {c} {g}", "d.q", MS).finish("d").write()
    n = Net("concat", 6, 5, 7).start()
    w, c, g = n.weights("w", 4, 6, 1, 1), n.grid("c", 0.04, 90), n.grid("d", 0.06, 110)
    n.node("QLinearConv", f"x.q x.s x.z {w} {c}", "c.q")
    n.node("QLinearConcat", f"{g} x.q x.s x.z c.q {c}", "d.q", MS, axis=1).finish("d").write()
    for name, op, attrs in [
        ("average", "AveragePool", dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=0)),
        ("average-all", "GlobalAveragePool", {}),
        ("sigmoid", "Sigmoid", {}),
        ("leaky", "LeakyRelu", dict(alpha=0.1)),
        ("softmax", "Softmax", dict(axis=1, opset=13)),
    ]:
        n = Net(name, 6, 9, 8).start()
        zero = 0 if name in ("sigmoid", "softmax") else 120
        n.node("QLinear" + op, f"x.q x.s x.z {n.grid('c', 1 / 256 if zero == 0 else 0.02, zero)}", "c.q", MS, **attrs).finish("c").write()
    n = Net("moves", 8, 6, 8).start()
    n.node("MaxPool", "x.q", "p.q", kernel_shape=[2, 2], strides=[2, 2])
    n.array("r", np.array([1, 2, 4, 3, 4])), n.array("back", np.array([1, 8, 3, 4]))
    n.node("Reshape", "p.q r", "r.q").node("Transpose", "r.q", "t.q", perm=[0, 2, 1, 3, 4]).node("Reshape", "t.q back", "b.q")
    w, g = n.weights("w", 4, 8, 1, 1, axis=0), n.grid("c", 0.05, 100)
    n.node("QLinearConv", f"b.q x.s x.z {w} {g}", "c.q").finish("c").write()


class Reader(CalibrationDataReader):
    def __init__(self, shape):
        rng = np.random.default_rng(3)
        self.items = iter([{"x": rng.standard_normal(shape).astype("f4")} for _ in range(8)])

    def get_next(self):
        return next(self.items, None)


def static(name, signed):
    """What quantize_static makes of a network with a residual, a split of channels and a mean."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    inits, nodes = [], []

    def conv(x, y, o, c, k, **attrs):
        w = (rng.standard_normal((o, c, k, k)) * np.sqrt(1.5 / (c * k * k))).astype("f4")
        inits.extend([numpy_helper.from_array(w, y + ".w"), numpy_helper.from_array(rng.standard_normal(o).astype("f4") / 10, y + ".b")])
        nodes.append(h.make_node("Conv", [x, y + ".w", y + ".b"], [y], name="node_" + y, kernel_shape=[k, k], pads=[k // 2] * 4, **attrs))

    def node(op, ins, out, **attrs):
        nodes.append(h.make_node(op, ins.split(), [out], name="node_" + out, **attrs))

    conv("x", "a", 8, 3, 3, strides=[2, 2])
    node("Relu", "a", "b")
    node("MaxPool", "b", "p", kernel_shape=[2, 2], strides=[2, 2])
    conv("p", "c", 8, 1, 3, group=8)
    conv("c", "d", 8, 8, 1)
    node("Add", "d p", "e")
    node("Relu", "e", "f")
    conv("f", "g", 6, 8, 1)
    node("Sigmoid", "g", "i")
    node("Concat", "i f", "j", axis=1)
    node("AveragePool", "j", "k", kernel_shape=[2, 2], strides=[1, 1])
    node("GlobalAveragePool", "k", "l")
    node("Flatten", "l", "m")
    inits.extend([numpy_helper.from_array(rng.standard_normal((5, 14)).astype("f4"), "w"), numpy_helper.from_array(rng.standard_normal(5).astype("f4"), "v")])
    node("Gemm", "m w v", "y", transB=1)
    shape = [1, 3, 20, 24]
    g = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", T.FLOAT, shape)], [h.make_tensor_value_info("y", T.FLOAT, [1, 5])], inits)
    with tempfile.TemporaryDirectory() as d:
        onnx.save(h.make_model(g, opset_imports=[h.make_opsetid("", 13)], ir_version=8), d + "/f.onnx")
        quantize_static(
            d + "/f.onnx", d + "/q.onnx", Reader(shape), quant_format=QuantFormat.QOperator, per_channel=True,
            activation_type=QuantType.QInt8 if signed else QuantType.QUInt8, weight_type=QuantType.QInt8,
        )
        m = onnx.load(d + "/q.onnx")
    print(name, [n.op_type for n in m.graph.node])
    answer(name, m, rng.standard_normal(shape).astype("f4"))


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    layers()
    others()
    static("static-unsigned", False)
    static("static-signed", True)
