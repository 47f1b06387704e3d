package onnx_test

import (
	"errors"
	"testing"

	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// What torch.onnx.export of PyTorch 2.x writes from an exported program (opset 18
// and later, parameters' own names, shapes as constants, reductions' axes as
// inputs), before and after its optimiser, against the plain form.
func TestNewerForms(t *testing.T) {
	weights := func(f *file) *file {
		return f.floats("stem.0.weight", 6, 6, 1, 1).floats("bn.weight", 6).floats("bn.bias", 6).floats("bn.running_mean", 6).
			tensor("bn.running_var", float32Type, []int64{6}, 1, 2, 3, 4, 0.5, 0.25).floats("fc.weight", 3, 6).floats("fc.bias", 3)
	}
	bn := func(f *file, in, out string) *file {
		return f.node("BatchNormalization", in+" bn.weight bn.bias bn.running_mean bn.running_var", out, attrFloat("epsilon", 1e-5))
	}
	plain := func() *file {
		f := weights(image(13)).node("Conv", "x stem.0.weight", "c")
		return bn(f, "c", "n").node("Relu", "n", "r").
			ints("five", -1, 2, 3, 4, 5).node("Reshape", "r five", "s").node("Transpose", "s", "t", attrInts("perm", 0, 2, 1, 3, 4)).
			ints("four", -1, 6, 4, 5).node("Reshape", "t four", "u").ints("sizes", 3, 3).node("Split", "u sizes", "a b", attrInt("axis", 1)).
			tensor("lo", float32Type, nil, 0).tensor("hi", float32Type, nil, 6).node("Clip", "b lo hi", "b6").
			node("Concat", "b6 a", "v", attrInt("axis", 1)).node("GlobalAveragePool", "v", "g").node("Flatten", "g", "h").
			node("Gemm", "h fc.weight fc.bias", "y", attrInt("transB", 1)).out("y")
	}
	newer := func(split func(f *file) *file, six func(f *file) *file) *file {
		f := weights(newFile(18, 1, 6, 4, 5)).node("Conv", "x stem.0.weight", "conv2d", attrInts("pads", 0, 0, 0, 0), attrString("auto_pad", "NOTSET"), attrInt("group", 1), attrInts("strides", 1, 1), attrInts("dilations", 1, 1))
		bn(f, "conv2d", "getitem").node("Relu", "getitem", "relu").
			ints("val_1", 1, 2, 3, 4, 5).node("Reshape", "relu val_1", "view", attrInt("allowzero", 1)).
			node("Transpose", "view", "transpose", attrInts("perm", 0, 2, 1, 3, 4)).node("Identity", "transpose", "clone").
			tensor("val_2", int64Type, nil, -1).ints("zero", 0).node("Unsqueeze", "val_2 zero", "val_3").
			tensor("shape_b", int64Type, []int64{1}, 1).tensor("shape_hw", int64Type, []int64{2}, 4, 5).
			node("Concat", "shape_b val_3 shape_hw", "val_4", attrInt("axis", 0)).node("Cast", "val_4", "val_5", attrInt("to", 7)).
			node("Reshape", "clone val_5", "view_1", attrInt("allowzero", 1))
		six(split(f)).node("Concat", "b6 a", "cat", attrInt("axis", 1)).
			ints("val_9", -1, -2).node("ReduceMean", "cat val_9", "mean", attrInt("noop_with_empty_axes", 0), attrInt("keepdims", 0))
		return f.node("Gemm", "mean fc.weight fc.bias", "linear", attrFloat("beta", 1), attrInt("transB", 1), attrFloat("alpha", 1), attrInt("transA", 0)).out("linear")
	}
	splits := map[string]func(f *file) *file{
		"num_outputs": func(f *file) *file {
			return f.node("Split", "view_1", "a b", attrInt("axis", 1), attrInt("num_outputs", 2))
		},
		"a sequence": func(f *file) *file {
			return f.tensor("three", int64Type, nil, 3).node("SplitToSequence", "view_1 three", "split", attrInt("axis", 1), attrInt("keepdims", 1)).
				tensor("i0", int64Type, nil, 0).tensor("i1", int64Type, nil, -1).node("SequenceAt", "split i0", "a").node("SequenceAt", "split i1", "b")
		},
		"slices": func(f *file) *file {
			return f.ints("ax", 1).ints("p0", 0).ints("p3", 3).ints("end", 1<<31-1).ints("one", 1).node("Slice", "view_1 p0 p3 ax one", "a").node("Slice", "view_1 p3 end ax one", "b")
		},
	}
	sixes := map[string]func(f *file) *file{
		"min of relu": func(f *file) *file {
			return f.node("Relu", "b", "br").node("Constant", "", "six", attrInt("value_int", 6)).node("CastLike", "six b", "six_f").node("Min", "br six_f", "b6")
		},
		"clip": func(f *file) *file {
			return f.tensor("lo", float32Type, nil, 0).tensor("hi", float32Type, nil, 6).node("Relu", "b", "br").node("Clip", "br lo hi", "b6")
		},
	}
	want := mustImport(t, plain())
	x := random(inputLen(want))
	for s, split := range splits {
		for k, six := range sixes {
			m := mustImport(t, newer(split, six))
			if e := relative(oracle.Output(m, x, nil), oracle.Output(want, x, nil)); !(e <= 1e-6) {
				t.Errorf("%s, %s: relative error %.3g, want at most 1e-6", s, k, e)
			}
			parts := "split"
			if s == "slices" {
				parts = "slice slice"
			}
			if got, want := operators(m), "conv relu shuffle "+parts+" relu6 concat gap flatten linear"; got != want {
				t.Errorf("%s, %s: got operators %q, want %q", s, k, got, want)
			}
			if m.Tensor("stem.0.weight") == nil || m.Graph.Outputs[0] != "linear" {
				t.Errorf("%s, %s: got tensors %q..., outputs %q, want the file's names", s, k, m.Tensors[0].Name, m.Graph.Outputs)
			}
		}
	}

	// Pad names its axes from opset 18 on.
	pad := mustImport(t, image(18).ints("p", 1, 0, 2, 1).ints("ax", 2, -1).floats("w", 4, 6, 3, 3).node("Pad", "x p _ ax", "z").node("Conv", "z w", "y").out("y"))
	conv := mustImport(t, image(18).floats("w", 4, 6, 3, 3).node("Conv", "x w", "y", attrInts("pads", 1, 0, 2, 1)).out("y"))
	if e := relative(oracle.Output(pad, x, nil), oracle.Output(conv, x, nil)); e != 0 {
		t.Errorf("pad with axes: relative error %.3g, want 0", e)
	}
}

// A size for an input that leaves its own open; the shape arithmetic follows it.
func TestInputSize(t *testing.T) {
	f := newFile(13, 0, 6, 0, 0).node("Shape", "x", "s", attrInt("start", 2)).ints("b", -1, 2, 3).ints("c", 0, 6).
		node("Concat", "b s", "five", attrInt("axis", 0)).node("Concat", "c s", "four", attrInt("axis", 0)).
		node("Reshape", "x five", "g").node("Transpose", "g", "t", attrInts("perm", 0, 2, 1, 3, 4)).node("Reshape", "t four", "y").out("y")
	f.opset = 15
	m, err := onnx.Import(f.bytes(), onnx.WithInputSize(5, 9))
	if err != nil {
		t.Fatal(err)
	}
	if s := m.Graph.Inputs[0].Shape; len(s) != 3 || s[1] != 5 || s[2] != 9 || operators(m) != "shuffle" {
		t.Errorf("got input %v, operators %q, want [6 5 9] and a shuffle", s, operators(m))
	}
}

// A mean that counts padding, with windows that hang over it, means different
// things to different runtimes: refused, unless nothing hangs over.
func TestCeilCount(t *testing.T) {
	pool := func(stride int64) *file {
		return newFile(13, 1, 2, 6, 6).node("AveragePool", "x", "y", attrInts("kernel_shape", 3, 3), attrInts("strides", stride, stride),
			attrInts("pads", 1, 1, 1, 1), attrInt("ceil_mode", 1), attrInt("count_include_pad", 1)).out("y")
	}
	if _, err := onnx.Import(pool(2).bytes()); !errors.Is(err, onnx.ErrUnsupported) {
		t.Errorf("windows over the edge: got %v, want %v", err, onnx.ErrUnsupported)
	}
	if m := mustImport(t, pool(5)); operators(m) != "avgpool" {
		t.Errorf("got operators %q, want avgpool", operators(m))
	}
}
