"""Writes the ONNX files of the folder forms, and the answers to them.

    python3 forms.py

NAME.onnx is a small network with random weights, in a form that exporters and people
write and that make.py's exporter does not. NAME.safetensors holds x and y0, y1, ...:
the input, as float32, and the outputs of onnx.reference, the ONNX project's own evaluator
in numpy. ONNX Runtime must agree with it, and stands in where the evaluator has not the
form. Made with onnx 1.23.2, onnxruntime
1.32.0 and numpy 2.4.6 of PyPI; everything is seeded.
"""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

HERE = Path(__file__).resolve().parent / "forms"
onnxruntime.set_default_logger_severity(4)


def safetensors(path, arrays):
    header, data, at = {}, [], 0
    for name, a in arrays.items():
        raw = np.ascontiguousarray(a.astype("<f4")).tobytes()
        header[name] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [at, at + len(raw)]}
        at += len(raw)
        data.append(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))


def node(op, ins, outs, **attrs):
    outs = outs.split()
    return h.make_node(op, ["" if i == "_" else i for i in ins.split()], ["" if o == "_" else o for o in outs], name="node_" + outs[0], **attrs)


class Net:
    """A file: input x of a shape whose batch is open (a string) or fixed."""

    def __init__(self, name, shape, opset=13, batch=2, kind=T.FLOAT):
        self.name, self.shape, self.opset, self.batch, self.kind = name, shape, opset, batch, kind
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))
        self.nodes, self.inits, self.functions, self.domains = [], [], [], []

    def __call__(self, op, ins, outs, **attrs):
        self.nodes.append(node(op, ins, outs, **attrs))
        return self

    def floats(self, name, *shape, scale=0.5):
        return self.array(name, (scale * self.rng.standard_normal(shape)).astype("f4"))

    def array(self, name, a):
        self.inits.append(numpy_helper.from_array(np.asarray(a), name))
        return self

    def conv(self, out="c", ins="x", ci=3, co=8, k=3, **attrs):
        self.floats("w." + out, co, ci, k, k).floats("b." + out, co)
        return self("Conv", f"{ins} w.{out} b.{out}", out, **{"pads": [k // 2] * 4, **attrs})

    def head(self, ins, c=8, k=5):
        """A mean over pixels and a linear layer, to y."""
        self.floats("w.head", c, k)
        return self("GlobalAveragePool", ins, "head.p")("Flatten", "head.p", "head.f")("MatMul", "head.f w.head", "y")

    def model(self, outputs):
        graph = h.make_graph(self.nodes, self.name, [h.make_tensor_value_info("x", self.kind, self.shape)], outputs, self.inits)
        domains = [h.make_opsetid(d, 1) for d in self.domains]
        return h.make_model(graph, opset_imports=[h.make_opsetid("", self.opset)] + domains, ir_version=8 if self.opset < 21 else 10, functions=self.functions)

    def write(self, outputs="y", evaluator=True, nhwc=False, twin=None):
        """twin is the same network in a form that ONNX Runtime runs."""
        names = outputs.split()
        shape = [self.batch if isinstance(d, str) else d for d in self.shape]
        x = self.rng.integers(0, 256, shape) if self.kind == T.UINT8 else self.rng.standard_normal(shape)
        x = x.astype(h.tensor_dtype_to_np_dtype(self.kind))
        model = self.model([h.make_tensor_value_info(o, T.FLOAT, None) for o in names])
        ys = again = None
        try:
            if evaluator:
                ys = ReferenceEvaluator(model).run(None, {"x": x})
        except (RuntimeError, ValueError) as e:
            print(f"{self.name}: onnx.reference does not run it: {str(e)[:100]}")
        if ys:
            dims = [[self.shape[0]] + list(y.shape[1:]) if isinstance(self.shape[0], str) else y.shape for y in ys]
            model = self.model([h.make_tensor_value_info(o, T.FLOAT, d) for o, d in zip(names, dims)])
            onnx.checker.check_model(model)
        raw = model.SerializeToString(deterministic=True)
        try:
            again = onnxruntime.InferenceSession(raw if twin is None else twin.model(model.graph.output).SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"x": x})
        except Exception as e:
            print(f"{self.name}: ONNX Runtime does not run it: {str(e)[:100]}")
        ys, again = ys or again, again or ys
        for y, z in zip(ys, again):
            assert y.shape == z.shape and np.abs(y - z).max() <= 1e-5 * max(1, np.abs(z).max()), (self.name, y, z)
        (HERE / (self.name + ".onnx")).write_bytes(raw)
        x = x.transpose(0, 3, 1, 2) if nhwc else x
        safetensors(HERE / (self.name + ".safetensors"), {"x": x, **{f"y{i}": y for i, y in enumerate(ys)}})


IMAGE = ["N", 3, 8, 6]


def means():
    for keep in (0, 1):
        for first, then in ((3, 2), (2, 3), (-1, -2)):
            n = Net(f"mean-{first}-then-{then}-{'keep' if keep else 'drop'}", IMAGE).conv()
            if not keep and then != 2:
                then = {3: 2, -2: -1}[then]
            n("ReduceMean", "c", "a", axes=[first], keepdims=keep)("ReduceMean", "a", "m", axes=[then], keepdims=keep)
            n("Flatten", "m", "f").floats("w", 8, 5)("MatMul", "f w", "y").write()
        n = Net(f"mean-merged-{'keep' if keep else 'drop'}", IMAGE).conv().array("s", np.array([0, 8, -1]))
        n("Reshape", "c s", "r")("ReduceMean", "r", "m", axes=[-1], keepdims=keep)("Flatten", "m", "f").floats("w", 8, 5)("MatMul", "f w", "y").write()
        n = Net(f"mean-nhwc-{'keep' if keep else 'drop'}", IMAGE).conv()("Transpose", "c", "t", perm=[0, 2, 3, 1])
        n("ReduceMean", "t", "m", axes=[1, 2], keepdims=keep)("Flatten", "m", "f").floats("w", 8, 5)("MatMul", "f w", "y").write()
    n = Net("mean-axes-input", IMAGE, opset=18).conv().array("a", np.array([2, 3]))
    n("ReduceMean", "c a", "m", keepdims=0).floats("w", 8, 5)("MatMul", "m w", "y").write()
    n = Net("mean-of-a-shuffle", IMAGE).conv().array("p", np.array([7, 0, 6, 1, 5, 2, 4, 3]))
    n("Gather", "c p", "g", axis=1)("ReduceMean", "g", "m", axes=[2, 3], keepdims=0).floats("w", 8, 5)("MatMul", "m w", "y").write()
    n = Net("mean-of-a-pixel", IMAGE).conv()("GlobalAveragePool", "c", "p")("ReduceMean", "p", "m", axes=[2, 3], keepdims=0)
    n.floats("w", 8, 5)("MatMul", "m w", "y").write()
    n = Net("mean-of-three-dimensions", IMAGE).conv().array("s", np.array([0, 8, -1]))("Reshape", "c s", "r")("GlobalAveragePool", "r", "m")
    n("Flatten", "m", "f").floats("w", 8, 5)("MatMul", "f w", "y").write()


def squeezes():
    for name, shape in (("fixed", [1, 3, 8, 6]), ("open", IMAGE)):
        n = Net("squeeze-all-" + name, shape).conv()("GlobalAveragePool", "c", "p")("Squeeze", "p", "s").floats("w", 8, 5).floats("b", 5)
        n("MatMul", "s w", "m")("Add", "m b", "a")("Relu", "a", "y").write()
    n = Net("squeeze-all-softmax", [1, 3, 8, 6]).conv()("GlobalAveragePool", "c", "p")("Squeeze", "p", "s")("Softmax", "s", "y", axis=0).write()
    n = Net("unsqueeze-and-back", IMAGE).conv().array("a", np.array([1, 5]))("Unsqueeze", "c a", "u")("Relu", "u", "r")("Squeeze", "r a", "s").head("s").write()
    n = Net("matmul-of-three", IMAGE).conv()("GlobalAveragePool", "c", "p").array("s", np.array([0, 1, -1]))("Reshape", "p s", "r")
    n.floats("w", 8, 5).floats("b", 5)("MatMul", "r w", "m")("Add", "m b", "a").array("one", np.array([1]))("Squeeze", "a one", "y").write()


def softmaxes():
    for opset in (7, 11, 13):
        n = Net(f"softmax-planes-{opset}", IMAGE, opset)
        n.conv()("GlobalAveragePool", "c", "p")("Softmax", "p", "y", axis=1).write()
        n = Net(f"softmax-default-{opset}", IMAGE, opset).conv()("GlobalAveragePool", "c", "p")("Flatten", "p", "f")("Softmax", "f", "y").write()
    n = Net("softmax-transposed", IMAGE, 11).conv()("GlobalAveragePool", "c", "p")("Transpose", "p", "t", perm=[0, 3, 2, 1])
    n("Softmax", "t", "s", axis=3)("Transpose", "s", "y", perm=[0, 3, 2, 1]).write()
    n = Net("softmax-all-elements-11", IMAGE, 11).conv(co=2)("Softmax", "c", "s", axis=1)("Flatten", "s", "y")
    n.write(evaluator=False)  # it knows the newer softmax alone
    n = Net("softmax-last-of-four", IMAGE).conv()("GlobalAveragePool", "c", "p")("Transpose", "p", "t", perm=[0, 2, 3, 1])("Softmax", "t", "s", axis=-1)("Flatten", "s", "y").write()


def windows():
    n = Net("pad-avg-valid", IMAGE).conv().array("p", np.array([0, 0, 1, 1, 0, 0, 2, 2]))
    n("Pad", "c p", "q")("AveragePool", "q", "m", kernel_shape=[3, 3], strides=[2, 2], auto_pad="VALID").head("m").write()
    for op, attrs in (("Relu", {}), ("Clip", {"min": 0.0, "max": 6.0})):
        n = Net(f"pad-{op.lower()}-conv", IMAGE, 10 if attrs else 13).conv()
        if attrs:
            n("Pad", "c", "q", pads=[0, 0, 1, 2, 0, 0, 1, 0])
        else:
            n.array("p", np.array([0, 0, 1, 2, 0, 0, 1, 0]))("Pad", "c p", "q")
        n(op, "q", "r", **attrs).conv("d", "r", 8, 8, pads=[0, 0, 0, 0]).head("d").write()
    n = Net("pad-relu-max", IMAGE).conv().array("p", np.array([0, 0, 1, 1, 0, 0, 1, 1]))
    n("Pad", "c p", "q")("Relu", "q", "r")("MaxPool", "r", "m", kernel_shape=[3, 3], strides=[2, 2]).head("m").write()
    for name, op, attrs in (("max", "MaxPool", {}), ("avg", "AveragePool", {}), ("avg-padded", "AveragePool", {"pads": [1, 0, 0, 0]})):
        n = Net("ceil-larger-than-the-map-" + name, ["N", 3, 2, 5]).conv()
        n(op, "c", "m", kernel_shape=[4 if "pads" in attrs else 3, 3], strides=[2, 2], ceil_mode=1, **attrs).head("m").write()
    n = Net("pool-second-output", IMAGE).conv()("MaxPool", "c", "m i", kernel_shape=[2, 2], strides=[2, 2]).head("m").write()
    n = Net("dropout-second-output", IMAGE).conv()("Dropout", "c", "d mask").head("d").write()


def order():
    n = Net("not-sorted", IMAGE)("Relu", "c", "m").conv().head("m")
    n.nodes = [n.nodes[4], n.nodes[0], n.nodes[2], n.nodes[3], n.nodes[1]]
    n.write(evaluator=False)  # it wants nodes in order


def layouts():
    n = Net("nhwc-flatten", IMAGE).conv()("Transpose", "c", "t", perm=[0, 2, 3, 1]).array("s", np.array([0, 8 * 8 * 6]))
    n("Reshape", "t s", "f").floats("w", 8 * 8 * 6, 5, scale=0.1)("MatMul", "f w", "y").write()
    n = Net("nhwc-pair", IMAGE).conv()("Transpose", "c", "t", perm=[0, 2, 3, 1])("Relu", "t", "r")("Transpose", "r", "b", perm=[0, 3, 1, 2]).head("b").write()
    n = Net("nhwc-bias", IMAGE).conv()("Transpose", "c", "t", perm=[0, 2, 3, 1]).floats("k", 8).floats("l", 1, 1, 8)
    n("Add", "t k", "a")("Mul", "a l", "m")("Relu", "m", "r")("Transpose", "r", "b", perm=[0, 3, 1, 2]).head("b").write()
    n = Net("nhwc-residual", IMAGE).conv().conv("d")("Transpose", "c", "t", perm=[0, 2, 3, 1])("Transpose", "d", "u", perm=[0, 2, 3, 1])
    n("Add", "t u", "a")("Relu", "a", "r")("Transpose", "r", "b", perm=[0, 3, 1, 2]).head("b").write()
    n = Net("nhwc-concat", IMAGE).conv().conv("d")("Transpose", "c", "t", perm=[0, 2, 3, 1])("Transpose", "d", "u", perm=[0, 2, 3, 1])
    n("Concat", "t u", "a", axis=3)("Transpose", "a", "b", perm=[0, 3, 1, 2]).head("b", 16).write()
    n = Net("flatten-of-a-gather", IMAGE).conv().array("p", np.array([7, 7, 0, 3]))("Gather", "c p", "g", axis=1)
    n("Flatten", "g", "f").floats("w", 4 * 8 * 6, 5, scale=0.1)("MatMul", "f w", "y").write()
    n = Net("batch-norm-of-merged", IMAGE).conv().array("s", np.array([0, 8, -1])).array("s4", np.array([0, 8, 8, 6]))
    for p in "gbm":
        n.floats(p, 8)
    n.array("v", (0.5 + n.rng.random(8)).astype("f4"))
    n("Reshape", "c s", "r")("BatchNormalization", "r g b m v", "n")("Reshape", "n s4", "q").head("q")
    n.write(evaluator=False)  # its batch norm of three dimensions is wrong
    for axis in (2, -1):
        n = Net(f"flatten-axis-{axis}", ["N", 3, 1, 1]).conv()
        n("Flatten", "c", "f", axis=axis) if axis == -1 else n("Transpose", "c", "t", perm=[0, 2, 1, 3])("Flatten", "t", "f", axis=2)
        n.array("s", np.array([-1, 8]))("Reshape", "f s", "y").write()
    n = Net("gather-grid", IMAGE).conv().array("i", np.arange(8).reshape(2, 4).T.copy()).array("s", np.array([0, 8, 8, 6]))
    n("Gather", "c i", "g", axis=1)("Reshape", "g s", "m").head("m").write()


def batches():
    n = Net("shuffle-through-the-batch", [4, 3, 8, 6]).conv().conv("e", "q", 4, 4)
    conv, n.nodes = n.nodes.pop(), n.nodes
    n.array("s1", np.array([16, 2, 48])).array("s2", np.array([2, -1, 4, 8, 6])).array("zero", np.array(0)).array("one", np.array(1))
    n("Reshape", "c s1", "r")("Transpose", "r", "t", perm=[1, 0, 2])("Reshape", "t s2", "u")("Gather", "u zero", "p", axis=0)("Gather", "u one", "q", axis=0)
    n.nodes.append(conv)
    n("Concat", "p e", "m", axis=1).head("m").write()
    n = Net("batch-second", [3, 3, 8, 6]).conv()("Transpose", "c", "t", perm=[1, 0, 2, 3])("Relu", "t", "r")("Transpose", "r", "b", perm=[1, 0, 2, 3]).head("b").write()


def types():
    n = Net("uint8-input", IMAGE, kind=T.UINT8)("Cast", "x", "f", to=T.FLOAT).array("k", np.float32(255)).floats("mu", 3, 1, 1).array("sd", np.array([[[0.2]], [[0.3]], [[0.4]]], "f4"))
    n("Div", "f k", "a")("Sub", "a mu", "b")("Div", "b sd", "d").conv("c", "d", pads=[0, 0, 0, 0]).head("c").write()
    w = lambda n: np.clip(np.round(n.rng.standard_normal((8, 8, 3, 3)) * 30), -120, 120)
    n = Net("int8-weights", IMAGE).conv()
    n.array("q", w(n).astype("i1")).array("s", np.float32(0.01)).array("z", np.int8(3))("DequantizeLinear", "q s z", "w")("Conv", "c w", "m").head("m").write()
    n = Net("int8-weights-per-channel", IMAGE).conv().array("s", (0.01 + 0.01 * np.arange(8)).astype("f4")).array("z", np.zeros(8, "i1"))
    n.array("q", w(n).astype("i1"))("DequantizeLinear", "q s z", "w", axis=0)
    n.array("qb", np.arange(8, dtype="i4") * 100).array("sb", (0.001 * np.arange(1, 9)).astype("f4"))("DequantizeLinear", "qb sb", "b", axis=0)("Conv", "c w b", "m").head("m").write()
    n = Net("uint8-weights", IMAGE, 10).conv()
    n.array("q", (w(n) + 128).astype("u1")).array("s", np.float32(0.01)).array("z", np.uint8(128))("DequantizeLinear", "q s z", "w")("Conv", "c w", "m").head("m").write()
    n = Net("int8-weights-in-blocks", IMAGE, 21).conv()
    n.array("q", n.rng.integers(-100, 100, (8, 6)).astype("i1")).array("s", (0.01 + 0.01 * n.rng.random((4, 6))).astype("f4"))("DequantizeLinear", "q s", "w", axis=0, block_size=2)
    n("GlobalAveragePool", "c", "p")("Flatten", "p", "f")("MatMul", "f w", "y").write()
    n = Net("weights-quantized-and-back", IMAGE).conv().floats("r", 8, 8, 3, 3).array("s", np.float32(0.02)).array("z", np.int8(0))
    n("QuantizeLinear", "r s z", "q")("DequantizeLinear", "q s z", "w")("Conv", "c w", "m").head("m").write()
    n = Net("bfloat16-weights", IMAGE).conv()
    a = (n.rng.standard_normal((8, 8, 3, 3)).astype("f4").view("u4") >> 16).astype("u2")
    n.inits.append(h.make_tensor("q", T.BFLOAT16, a.shape, a.tobytes(), raw=True))
    n("Cast", "q", "w", to=T.FLOAT)("Conv", "c w", "m").head("m").write()
    n = Net("bfloat16-numbers", IMAGE).conv()
    a = n.rng.standard_normal((8, 8, 1, 1)).astype("f4").view("u4") >> 16
    t = T(name="q", data_type=T.BFLOAT16, dims=a.shape)
    t.int32_data.extend(int(v) for v in a.ravel())
    n.inits.append(t)
    n("Cast", "q", "w", to=T.FLOAT)("Conv", "c w", "m").head("m").write()
    for name, to in (("float16", T.FLOAT16), ("bfloat16", T.BFLOAT16)):
        n = Net("weights-rounded-to-" + name, IMAGE).conv().floats("r", 8, 8, 3, 3)("Cast", "r", "q", to=to)("Cast", "q", "w", to=T.FLOAT)("Conv", "c w", "m").head("m").write()
    n = Net("double-weights", IMAGE).conv()
    n.array("q", n.rng.standard_normal((8, 8, 3, 3)))("Cast", "q", "w", to=T.FLOAT)("Conv", "c w", "m").head("m").write()
    n = Net("cast-to-double-and-back", IMAGE).conv()("Cast", "c", "d", to=T.DOUBLE)("Relu", "d", "e")("Cast", "e", "f", to=T.FLOAT).head("f").write()
    n = Net("cast-like", IMAGE, 15).conv().array("k", np.int32(2)).floats("one", 1)("CastLike", "k one", "l")("Mul", "c l", "m").head("m").write()
    n = Net("uint32-shape", IMAGE).conv().array("u", np.array([2, 4], "u4"))("Cast", "u", "i", to=T.INT64).array("a", np.array([0])).array("b", np.array([48]))
    n("Concat", "a i b", "s", axis=0)("Reshape", "c s", "r")("Transpose", "r", "t", perm=[0, 2, 1, 3]).array("s4", np.array([0, 8, 8, 6]))("Reshape", "t s4", "m").head("m").write()


def functions():
    F, D = h.make_function, [h.make_opsetid("", 18)]
    N = node
    relu = F("pkg.lib", "aten_relu", ["self"], ["r"], [N("Relu", "self", "r")], D)
    n = Net("function", IMAGE, 18).conv()
    n.nodes.append(h.make_node("aten_relu", ["c"], ["m"], domain="pkg.lib", name="relu_1"))
    n.functions, n.domains = [relu], ["pkg.lib"]
    n.head("m").write()

    conv = F("pkg.lib", "block", ["a", "w", "b"], ["out"], [
        N("Conv", "a w b", "c", pads=[1, 1, 1, 1]), h.make_node("aten_relu", ["c"], ["d"], domain="pkg.lib"), N("Identity", "d", "out")], D + [h.make_opsetid("pkg.lib", 1)])
    n = Net("functions-in-functions", IMAGE, 18).floats("w1", 8, 3, 3, 3).floats("b1", 8).floats("w2", 8, 8, 3, 3).floats("b2", 8)
    for ins, out in ((["x", "w1", "b1"], "c1"), (["c1", "w2", "b2"], "c2")):
        n.nodes.append(h.make_node("block", ins, [out], domain="pkg.lib", name="block_" + out))
    n.functions, n.domains = [relu, conv], ["pkg.lib"]
    n.head("c2").write()

    pool = N("AveragePool", "a", "out")
    for name, kind in (("kernel_shape", onnx.AttributeProto.INTS), ("strides", onnx.AttributeProto.INTS)):
        a = pool.attribute.add()
        a.name, a.ref_attr_name, a.type = name, {"kernel_shape": "k", "strides": "s"}[name], kind
    f = h.make_function("pkg.lib", "pooling", ["a"], ["out"], [pool], D, attributes=["k"], attribute_protos=[h.make_attribute("s", [2, 2])])
    n = Net("function-with-attributes", IMAGE, 18).conv()
    n.nodes.append(h.make_node("pooling", ["c"], ["m"], domain="pkg.lib", name="pool", k=[2, 3]))
    n.nodes.append(h.make_node("pooling", ["m"], ["o"], domain="pkg.lib", name="pool_2", k=[1, 1], s=[1, 1]))
    n.functions, n.domains = [f], ["pkg.lib"]
    n.head("o").write()


def branches():
    def graph(name, nodes, out, inits=()):
        return h.make_graph(nodes, name, [], [h.make_tensor_value_info(out, T.FLOAT, ["N", 8, 8, 6])], list(inits))

    def pair(other):
        k = numpy_helper.from_array(np.array([-1.0], "f4"), "k")
        yes = graph("yes", [node("Relu", "c", "t"), node("Mul", "t k", "u")], "u", [k])
        return dict(then_branch=yes, else_branch=graph("no", [node(other, "c", "e")], "e"))

    for name, cond in (("then", True), ("else", False)):
        n = Net("if-" + name, IMAGE).conv().array("cond", np.array(cond))("If", "cond", "m", **pair("Identity")).head("m").write()
    n = Net("if-of-a-shape", IMAGE).conv()("Shape", "c", "s").array("one", np.array(1)).array("eight", np.array(8))("Gather", "s one", "ch")("Equal", "ch eight", "cond")
    n("If", "cond", "m", **pair("Neg")).head("m").write()
    inner = graph("in", [node("If", "yes", "w", then_branch=graph("a", [node("Relu", "c", "q")], "q"), else_branch=graph("b", [node("Neg", "c", "q2")], "q2"))], "w")
    n = Net("if-in-if", IMAGE).conv().array("no", np.array(False)).array("yes", np.array(True))
    n("If", "no", "m", then_branch=graph("c", [node("Neg", "c", "z")], "z"), else_branch=inner).head("m").write()


def constants():
    n = Net("padding-computed", IMAGE, 13)
    n("Shape", "x", "s").array("two", np.array(2)).array("hw", np.array([2, 3]))("Gather", "s hw", "d").array("stride", np.array([2, 2])).array("k", np.array([3, 3])).array("one", np.array([1, 1])).array("zero", np.array(0))
    n("Add", "d stride", "a")("Sub", "a one", "b")("Div", "b stride", "o")("Sub", "o one", "o1")("Mul", "o1 stride", "e")("Add", "e k", "f")("Sub", "f d", "g")("Clip", "g zero", "p")
    n("Div", "p stride", "lo")("Sub", "p lo", "hi").array("none", np.array([0, 0]))("Concat", "none lo none hi", "pads", axis=0)("Pad", "x pads", "q").conv("c", "q", pads=[0] * 4, strides=[2, 2]).head("c").write()
    n = Net("weights-standardized", IMAGE, 13).floats("w0", 8, 3, 3, 3).array("eps", np.float32(1e-5))
    n("ReduceMean", "w0", "mu", axes=[1, 2, 3])("Sub", "w0 mu", "d")("Mul", "d d", "sq")("ReduceMean", "sq", "v", axes=[1, 2, 3])("Add", "v eps", "ve")("Sqrt", "ve", "sd")("Div", "d sd", "w")
    n("Conv", "x w", "c", pads=[1, 1, 1, 1]).head("c").write()
    n = Net("weights-split-and-tiled", IMAGE, 13).floats("w0", 4, 3, 3, 3).array("r", np.array([2, 1, 1, 1])).array("h", np.array([3, 5]))("Tile", "w0 r", "w1").array("ax", np.array([1, 2, 3]))
    n("Split", "w1 h", "a b", axis=0)("Concat", "b a", "w", axis=0)("ReduceSum", "w ax", "rs", keepdims=0)("Exp", "rs", "ex")("Log", "ex", "lg")("Conv", "x w lg", "c", pads=[1, 1, 1, 1]).head("c").write()
    n = Net("chosen-by-comparison", IMAGE, 13).conv().array("i", np.arange(8)).array("four", np.array(4)).floats("p", 8).floats("q", 8)
    n("Less", "i four", "lt")("Not", "lt", "ge")("And", "lt lt", "l2")("Where", "l2 p q", "k")("Max", "k p q", "mx")("Abs", "mx", "ab")("Sign", "q", "sg")("Mul", "ab sg", "z").array("s", np.array([8, 1, 1]))("Reshape", "z s", "zr")("Add", "c zr", "m").head("m").write()


def channels_last():
    """The file's x is [N H W C], that of the answers [N C H W]."""
    shape = ["N", 8, 6, 3]
    n = Net("channels-last", shape)("Transpose", "x", "t", perm=[0, 3, 1, 2]).conv("c", "t", strides=[2, 2], auto_pad="SAME_UPPER", kernel_shape=[3, 3])
    del n.nodes[-1].attribute[0]  # pads
    n("Relu", "c", "r").head("r").write(nhwc=True)
    n = Net("channels-last-keras", shape).array("k", np.float32(127.5)).array("one", np.float32(1))("Div", "x k", "d")("Sub", "d one", "s")("Transpose", "s", "t", perm=[0, 3, 1, 2])
    n.conv("c", "t").floats("bias", 8)("Transpose", "c", "u", perm=[0, 2, 3, 1])("Add", "u bias", "v")("Relu", "v", "w").array("sh", np.array([-1, 8 * 8 * 6]))("Reshape", "w sh", "f")
    n.floats("w2", 8 * 8 * 6, 5, scale=0.1)("MatMul", "f w2", "g")("Softmax", "g", "y").write(nhwc=True)
    n = Net("channels-last-uint8", shape, kind=T.UINT8)("Cast", "x", "f", to=T.FLOAT).array("k", np.array([50, 60, 70], "f4"))("Sub", "f k", "g")("Transpose", "g", "t", perm=[0, 3, 1, 2])
    n.conv("c", "t", pads=[0] * 4).head("c").write(nhwc=True)


def old():
    """Opsets 1 to 6, as caffe2, CNTK and the first PyTorch exporters wrote them."""

    def net(name, opset):
        new = opset > 6
        n = Net(name, IMAGE, opset).conv()
        for p in "gbm":
            n.floats(p, 8)
        n.array("v", (0.5 + n.rng.random(8)).astype("f4"))
        test = {} if new else {"is_test": 1}
        used = {"consumed_inputs": [0, 0, 0, 1, 1]} if opset < 6 else {}
        along = {} if new else {"broadcast": 1, "axis": 1}
        shape = (8, 1, 1) if new else (8,)
        n("BatchNormalization", "c g b m v", "bn", epsilon=1e-5, **test, **used)("Relu", "bn", "r").floats("k", *shape).floats("l", *shape)
        n("Mul", "r k", "mu", **along)("Add", "mu l", "ad", **along)("Dropout", "ad", "d", **test)
        n("Pad", "d", "q", **{"paddings" if opset < 2 else "pads": [0, 0, 1, 1, 0, 0, 1, 1]})("AveragePool", "q", "av", kernel_shape=[2, 2], strides=[2, 2])
        n("Clip", "av", "cl", min=0.0, max=6.0)("GlobalAveragePool", "cl", "p")
        if opset < 5:
            n("Reshape", "p", "f", shape=[0, -1])
        else:
            n.array("s", np.array([0, -1]))("Reshape", "p s", "f")
        n.floats("w", 5, 8).floats("bias", 5)("Gemm", "f w bias", "ge", transB=1, **({} if new else {"broadcast": 1}))("Softmax", "ge", "y")
        return n

    def cast(name, opset):
        n = Net(name, IMAGE, opset).conv().array("k", np.array([2.5, 2, 3, 4, 5, 6, 7, 8], "f8").reshape(8, 1, 1))("Cast", "k", "kf", to="FLOAT" if opset < 6 else T.FLOAT)
        return n("Mul", "c kf", "m", **({"broadcast": 1, "axis": 1} if opset < 7 else {})).head("m")

    for opset in (1, 3, 6):
        net(f"old-{opset}", opset).write(evaluator=False, twin=net(f"old-{opset}", 8))
    cast("old-cast", 5).write(evaluator=False, twin=cast("old-cast", 8))


def pixels():
    """Rows and columns by strides, and channels of zeros, as older networks have them."""
    def step(n, ins, out, h0, w0, s=2):
        n.array(f"{out}.a", np.array([h0, w0])).array(f"{out}.e", np.array([1 << 40, 1 << 40])).array(f"{out}.x", np.array([2, 3])).array(f"{out}.s", np.array([s, s]))
        return n("Slice", f"{ins} {out}.a {out}.e {out}.x {out}.s", out)

    n = Net("shortcut-without-weights", IMAGE).conv().conv("d", "c", 8, 16, strides=[2, 2])
    step(n, "c", "s", 0, 0).array("p", np.array([0, 4, 0, 0, 0, 4, 0, 0]))("Pad", "s p", "q")("Add", "d q", "a")("Relu", "a", "r").head("r", 16).write()
    n = Net("channels-padded-behind", IMAGE).conv().array("p", np.array([0, 0, 0, 0, 0, 20, 0, 0])).array("k", np.float32(-1.5))("Pad", "c p k", "q").head("q", 28).write()
    n = Net("space-to-depth-by-slices", IMAGE)
    for k, (i, j) in enumerate(((0, 0), (1, 0), (0, 1), (1, 1))):
        step(n, "x", f"s{k}", i, j)
    n("Concat", "s0 s1 s2 s3", "m", axis=1).conv("c", "m", 12).head("c").write()
    n = Net("every-third-pixel", ["N", 3, 10, 8]).conv()
    step(n, "c", "s", 2, 1, 3).head("s").write()


if __name__ == "__main__":
    for make in (means, squeezes, softmaxes, windows, order, layouts, batches, types, functions, branches, constants, channels_last, old, pixels):
        make()
