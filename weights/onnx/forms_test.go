package onnx_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

func mustImport(t *testing.T, f *file) *weights.Model {
	t.Helper()
	m, err := onnx.Import(f.bytes())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func operators(m *weights.Model) string {
	var s []string
	for _, n := range m.Graph.Nodes {
		s = append(s, n.Op)
	}
	return strings.Join(s, " ")
}

func random(n int) []float32 {
	rng := rand.New(rand.NewPCG(uint64(n), 3))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(4 * rng.NormFloat64())
	}
	return x
}

func inputLen(m *weights.Model) int {
	n := 1
	for _, d := range m.Graph.Inputs[0].Shape {
		n *= d
	}
	return n
}

// image is an input of 6 channels of 4 x 5 pixels.
func image(opset int64) *file { return newFile(opset, 1, 6, 4, 5) }

// A network in two forms must be the same network: the first form is one that
// the exporter at hand cannot write, the second a plain one.
func TestForms(t *testing.T) {
	f16 := func(v ...float64) []float64 { return v }
	cases := []struct {
		name        string
		form, plain *file
		ops         string // of the form, where it matters
	}{
		{"mean, axes an input",
			image(18).ints("axes", 2, 3).node("ReduceMean", "x axes", "y", attrInt("keepdims", 0)).out("y"),
			image(13).node("ReduceMean", "x", "y", attrInts("axes", 2, 3), attrInt("keepdims", 0)).out("y"), ""},
		{"mean, axes a constant node, negative",
			image(21).node("Constant", "", "axes", attrInts("value_ints", -1, -2)).node("ReduceMean", "x axes", "y").out("y"),
			image(13).node("GlobalAveragePool", "x", "y").out("y"), "gap"},
		{"split into a number of parts, the last smaller",
			image(18).node("Split", "x", "a b", attrInt("axis", 1), attrInt("num_outputs", 2)).
				node("Concat", "b a", "y", attrInt("axis", 1)).out("y"),
			image(13).ints("s", 3, 3).node("Split", "x s", "a b", attrInt("axis", 1)).
				node("Concat", "b a", "y", attrInt("axis", 1)).out("y"), ""},
		{"split in four of six: 2 2 2 0 is none, 4 parts of 7: 2 2 2 1",
			newFile(18, 1, 7, 2, 2).node("Split", "x", "a b c d", attrInt("axis", 1), attrInt("num_outputs", 4)).
				node("Concat", "d c b a", "y", attrInt("axis", 1)).out("y"),
			newFile(13, 1, 7, 2, 2).ints("s", 2, 2, 2, 1).node("Split", "x s", "a b c d", attrInt("axis", 1)).
				node("Concat", "d c b a", "y", attrInt("axis", 1)).out("y"), ""},
		{"split without sizes",
			image(13).node("Split", "x", "a b", attrInt("axis", -3)).node("Concat", "b a", "y", attrInt("axis", -3)).out("y"),
			image(11).node("Split", "x", "a b", attrInt("axis", 1), attrInts("split", 3, 3)).
				node("Concat", "b a", "y", attrInt("axis", 1)).out("y"), ""},
		{"clip, limits as inputs",
			image(21).tensor("lo", float32Type, nil, 0).tensor("hi", float32Type, nil, 6).node("Clip", "x lo hi", "y").out("y"),
			image(10).node("Clip", "x", "y", attrFloat("min", 0), attrFloat("max", 6)).out("y"), "relu6"},
		{"clip, one limit left out",
			image(13).node("Constant", "", "lo", attrFloat("value_float", 0)).node("Clip", "x lo _", "y").out("y"),
			image(13).node("Relu", "x", "y").out("y"), "relu"},
		{"pad as an input",
			image(21).ints("p", 0, 0, 1, 0, 0, 0, 2, 1).floats("w", 4, 6, 3, 3).node("Pad", "x p", "z").node("Conv", "z w", "y").out("y"),
			image(13).floats("w", 4, 6, 3, 3).node("Conv", "x w", "y", attrInts("pads", 1, 0, 2, 1)).out("y"), "conv"},
		{"constants of every form",
			image(13).node("Constant", "", "s", attrInts("value_ints", 1, -1)).node("Constant", "", "k", attrFloat("value_float", 0.5)).
				node("Constant", "", "v", attrFloats("value_floats", 1, 2, 3, 4, 5, 6)).node("Constant", "", "shape", attrInts("value_ints", 6, 1, 1)).
				node("Reshape", "v shape", "column").node("Constant", "", "z", attrTensor("value", tensorProto("", float32Type, false, []int64{1, 6, 1, 1}, 6, 5, 4, 3, 2, 1))).
				node("Mul", "k x", "a").node("Add", "column a", "b").node("Sub", "b z", "c").node("Reshape", "c s", "y").out("y"),
			image(13).tensor("k", float32Type, nil, 0.5).tensor("v", float32Type, []int64{6, 1, 1}, -5, -3, -1, 1, 3, 5).
				node("Mul", "x k", "a").node("Add", "a v", "b").node("Flatten", "b", "y").out("y"), "affine flatten"},
		{"float16 weights, raw",
			image(13).tensor("w", float16Type, []int64{2, 6, 1, 1}, f16(1, -2, 0.5, 0.25, 0, 3, -1, 8, 1.5, 0.125, 2, 4)...).node("Conv", "x w", "y").out("y"),
			image(13).tensor("w", float32Type, []int64{2, 6, 1, 1}, f16(1, -2, 0.5, 0.25, 0, 3, -1, 8, 1.5, 0.125, 2, 4)...).node("Conv", "x w", "y").out("y"), "conv"},
		{"float16 weights in int32_data, cast",
			with(image(13), tensorProto("h", float16Type, false, []int64{2, 6, 1, 1}, f16(1, -2, 0.5, 0.25, 0, 3, -1, 8, 1.5, 0.125, 2, 4)...)).
				node("Cast", "h", "w", attrInt("to", 1)).node("Conv", "x w", "y").out("y"),
			image(13).tensor("w", float32Type, []int64{2, 6, 1, 1}, f16(1, -2, 0.5, 0.25, 0, 3, -1, 8, 1.5, 0.125, 2, 4)...).node("Conv", "x w", "y").out("y"), "conv"},
		{"double weights, raw and typed, int32 shape",
			with(with(image(13), tensorProto("w", doubleType, true, []int64{1, 6, 1, 1}, 1, -2, 0.5, 0.25, 7, 3)), tensorProto("b", doubleType, false, []int64{1}, -1.5)).
				tensor("s32", int32Type, []int64{2}, 1, 20).node("Cast", "s32", "s", attrInt("to", 7)).
				node("Conv", "x w b", "c").node("Reshape", "c s", "y").out("y"),
			image(13).tensor("w", float32Type, []int64{1, 6, 1, 1}, 1, -2, 0.5, 0.25, 7, 3).tensor("b", float32Type, []int64{1}, -1.5).
				node("Conv", "x w b", "c").node("Flatten", "c", "y").out("y"), "conv flatten"},
		{"batch norm, opset 15",
			image(15).floats("w", 3, 6, 1, 1).floats("s", 3).floats("b", 3).floats("m", 3).tensor("v", float32Type, []int64{3}, 0.5, 2, 1).
				node("Conv", "x w", "c").node("BatchNormalization", "c s b m v", "y", attrFloat("epsilon", 0.25), attrFloat("momentum", 0.5), attrInt("training_mode", 0)).out("y"),
			image(13).floats("w", 3, 6, 1, 1).floats("s", 3).floats("b", 3).floats("m", 3).tensor("v", float32Type, []int64{3}, 0.75, 2.25, 1.25).
				tensor("zero", float32Type, nil, 0).
				node("Conv", "x w", "c").node("BatchNormalization", "c s b m v", "y", attrFloat("epsilon", 0)).out("y"), "conv"},
		{"gemm, alpha and beta, not transposed",
			newFile(13, 0, 4).floats("w", 4, 3).floats("b", 1, 3).node("Gemm", "x w b", "y", attrFloat("alpha", 2), attrFloat("beta", 0.5)).out("y"),
			newFile(13, 0, 4).floats("w", 4, 3).floats("b", 1, 3).tensor("k", float32Type, nil, 2).tensor("h", float32Type, nil, 0.5).
				node("MatMul", "x w", "m").node("Mul", "m k", "n").node("Mul", "b h", "c").node("Add", "n c", "y").out("y"), "linear"},
		{"constant minus activation, and divided",
			image(13).floats("k", 6, 1, 1).node("Sub", "k x", "y").out("y"),
			image(13).floats("k", 6, 1, 1).node("Neg", "k", "n").node("Add", "x n", "z").tensor("m", float32Type, nil, -1).node("Mul", "z m", "y").out("y"), "affine"},
		{"relu6 as min and max",
			image(13).tensor("lo", float32Type, nil, 0).tensor("hi", float32Type, nil, 6).node("Max", "x lo", "a").node("Min", "a hi", "y").out("y"),
			image(13).tensor("lo", float32Type, nil, 0).tensor("hi", float32Type, nil, 6).node("Clip", "x lo hi", "y").out("y"), ""},
		{"a vector's softmax, axis -1",
			newFile(13, 0, 5).node("Softmax", "x", "y").out("y"),
			newFile(11, 0, 5).node("Softmax", "x", "y", attrInt("axis", 1)).out("y"), "softmax"},
		{"flatten of several pixels, then linear",
			image(13).floats("w", 3, 120).node("Flatten", "x", "v").node("Gemm", "v w", "y", attrInt("transB", 1)).out("y"),
			image(13).floats("w", 3, 120).ints("s", 0, -1).node("Reshape", "x s", "v").node("Transpose", "w", "wt").node("MatMul", "v wt", "y").out("y"), "flatten linear"},
		{"a slice whose step is past the end",
			image(13).ints("from", 1).ints("to", 6).ints("axes", 1).ints("step", 1000).node("Slice", "x from to axes step", "y").out("y"),
			image(13).ints("from", 1).ints("to", 2).ints("axes", 1).node("Slice", "x from to axes", "y").out("y"), "slice"},
		{"unused outputs of a split",
			image(13).ints("s", 1, 2, 3).node("Split", "x s", "a b _", attrInt("axis", 1)).node("Relu", "b", "y").out("y"),
			image(13).ints("from", 1).ints("to", 3).ints("axes", 1).node("Slice", "x from to axes", "b").node("Relu", "b", "y").out("y"), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a, b := mustImport(t, c.form), mustImport(t, c.plain)
			x := random(inputLen(a))
			if e := relative(oracle.Output(a, x, nil), oracle.Output(b, x, nil)); !(e <= 1e-6) {
				t.Errorf("%s and %s: relative error %.3g, want at most 1e-6", operators(a), operators(b), e)
			}
			if c.ops != "" && operators(a) != c.ops {
				t.Errorf("got operators %q, want %q", operators(a), c.ops)
			}
		})
	}
}

// with adds an initializer in protobuf form.
func with(f *file, t []byte) *file {
	f.inits = blob(f.inits, 5, t)
	return f
}

func dynamicFile(op string, attrs ...[]byte) *file {
	f := newFile(13, 0, 12, 2, 3).floats("w1", 8, 12).floats("b1", 8).floats("w2", 26, 8).floats("b2", 26)
	f.riffle = true
	in := "x w1 b1 w2 b2"
	if op == "riffle.StaticDynamicShuffle0" {
		op = "riffle.StaticDynamicShuffle"
		in += " weight gate shift"
		f.floats("weight", 12, 6).floats("gate", 12).floats("shift", 12)
	} else if op == "riffle.StaticDynamicShuffle1" {
		op = "riffle.StaticDynamicShuffle"
		in += " wa wb scale shift"
		f.floats("wa", 2, 2, 2).floats("wb", 2, 3, 3).floats("scale", 12).floats("shift", 12)
	}
	return f.node(op, in, "y", append(attrs, attrInt("groups", 2), attrInts("factors", 2, 3), attrInt("pairs", 2))...).out("y")
}

// The nodes of the domain riffle: attributes and tensors arrive in their roles.
func TestRiffleNodes(t *testing.T) {
	for _, c := range []struct {
		op    string
		attrs [][]byte
		want  string
		roles []string
	}{
		{"riffle.DynamicShuffle", nil, weights.OpDynamicShuffle, nil},
		{"riffle.StaticDynamicShuffle0", [][]byte{attrInt("form", 0)}, weights.OpStaticDynamicShuffle, []string{"weight", "gate", "shift"}},
		{"riffle.StaticDynamicShuffle1", [][]byte{attrInt("form", 1)}, weights.OpStaticDynamicShuffle, []string{"wa", "wb", "scale", "shift"}},
	} {
		t.Run(c.op, func(t *testing.T) {
			m := mustImport(t, dynamicFile(c.op, c.attrs...))
			if operators(m) != c.want {
				t.Fatalf("got %q, want %q", operators(m), c.want)
			}
			n := &m.Graph.Nodes[0]
			if n.Attrs["groups"][0] != 2 || n.Attrs["pairs"][0] != 2 || n.Attrs["factors"][0] != 2 || n.Attrs["factors"][1] != 3 {
				t.Errorf("got attributes %v", n.Attrs)
			}
			for _, r := range append(c.roles, "w1", "b1", "w2", "b2") {
				// floats gives tensors different values by the length of their names.
				if n.Tensors[r] != r {
					t.Errorf("role %s: got tensor %q, want the file's name", r, n.Tensors[r])
				}
			}
			if len(n.Tensors) != 4+len(c.roles) {
				t.Errorf("got tensors %v", n.Tensors)
			}
			oracle.Output(m, random(inputLen(m)), nil) // shapes fit, or it panics
		})
	}
}
