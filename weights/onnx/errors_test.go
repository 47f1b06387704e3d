package onnx_test

import (
	"errors"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/internal/cputime"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// What cannot be brought in is one line that names the node, its type, what was
// got and what is wanted.
func TestErrors(t *testing.T) {
	conv := func(dims []int64, attrs ...[]byte) *file {
		return image(13).floats("w", dims...).node("Conv", "x w", "y", attrs...).out("y")
	}
	w4 := []int64{4, 6, 3, 3}
	cases := []struct {
		name string
		f    *file
		kind error
		has  []string // words of the message
	}{
		{"unknown operator", image(13).node("LSTM", "x", "y").out("y"), onnx.ErrUnsupported, []string{`"node_y"`, "LSTM", "GlobalAveragePool", "riffle.DynamicShuffle"}},
		{"unknown domain", image(13).node("com.example.Conv", "x", "y").out("y"), onnx.ErrUnsupported, []string{"com"}},
		{"known operator of another domain", image(13).node("riffle.Relu", "x", "y").out("y"), onnx.ErrUnsupported, []string{"riffle.Relu"}},
		{"subgraph", image(13).node("If", "x", "y", attrGraph("then_branch")).out("y"), onnx.ErrUnsupported, []string{"If"}},
		{"a batch norm in training, opset 6", image(6).floats("s", 6).floats("b", 6).floats("m", 6).floats("v", 6).node("BatchNormalization", "x s b m v", "y").out("y"), onnx.ErrUnsupported, []string{"is_test"}},
		{"a sum that does not broadcast, opset 6", image(6).floats("b", 6).node("Add", "x b", "y").out("y"), onnx.ErrInvalid, []string{"broadcast", "[6]"}},
		{"a sum along an axis, opset 6", image(6).floats("b", 6).node("Add", "x b", "y", attrInt("broadcast", 1), attrInt("axis", 9)).out("y"), onnx.ErrInvalid, []string{"axis", "9"}},
		{"a cast to text, opset 5", image(5).node("Cast", "x", "y", attrString("to", "STRING")).out("y"), onnx.ErrUnsupported, []string{"STRING"}},
		{"opset 99", image(99).node("Relu", "x", "y").out("y"), onnx.ErrUnsupported, []string{"99"}},
		{"no opset", image(0).node("Relu", "x", "y").out("y"), onnx.ErrUnsupported, []string{"opset"}},
		{"external data", with(image(13), vint(blob(vint(vint(nil, 1, 3), 2, 1), 8, "w"), 14, 1)).node("Mul", "x w", "y").out("y"), nil, []string{`"w"`, "another file"}},
		{"sparse", sparse(image(13).node("Relu", "x", "y").out("y")), onnx.ErrUnsupported, []string{"sparse"}},
		{"too few elements", with(image(13), tensorProto("w", float32Type, true, []int64{4}, 1, 2)).node("Mul", "x w", "y").out("y"), onnx.ErrInvalid, []string{`"w"`, "2", "4"}},
		{"strings", with(image(13), blob(vint(vint(nil, 1, 1), 2, 8), 8, "w")).node("Mul", "x w", "y").out("y"), nil, []string{`"w"`, "8"}},
		{"negative dimension", with(image(13), tensorProto("w", float32Type, true, []int64{-1, -1}, 1)).node("Mul", "x w", "y").out("y"), nil, []string{`"w"`}},
		{"overflowing dimensions", with(image(13), tensorProto("w", float32Type, true, []int64{1 << 32, 1 << 32}, 1)).node("Mul", "x w", "y").out("y"), nil, []string{`"w"`}},
		{"no node makes the output", image(13).node("Relu", "x", "z").out("y"), onnx.ErrInvalid, []string{`"y"`}},
		{"no outputs", image(13).node("Relu", "x", "y"), onnx.ErrInvalid, []string{"output"}},
		{"an input that nothing makes", image(13).node("Relu", "q", "y").out("y"), onnx.ErrInvalid, []string{`"node_y"`, `"q"`}},
		{"a circle", image(13).node("Add", "x z", "y").node("Relu", "y", "z").out("y"), onnx.ErrInvalid, []string{`"node_y"`, "circle"}},
		{"a node that reads itself", image(13).node("Add", "x y", "y").out("y"), onnx.ErrInvalid, []string{`"node_y"`, "circle"}},
		{"a name twice", image(13).node("Relu", "x", "y").node("Relu", "x", "y").out("y"), onnx.ErrInvalid, []string{`"y"`}},
		{"no input", (&file{opset: 13}).node("Relu", "x", "y").out("y"), onnx.ErrInvalid, []string{"input"}},
		{"two inputs", second(image(13)).node("Add", "x x2", "y").out("y"), onnx.ErrUnsupported, []string{`"x"`, `"x2"`}},
		{"five dimensions", newFile(13, 1, 2, 3, 4, 5).node("Relu", "x", "y").out("y"), onnx.ErrUnsupported, []string{"x"}},
		{"open size", newFile(13, 1, 3, 0, 0).node("Relu", "x", "y").out("y"), onnx.ErrUnsupported, []string{"x", "size"}},
		{"huge input", newFile(13, 1, 1<<20, 1<<20, 1<<20).node("Relu", "x", "y").out("y"), onnx.ErrUnsupported, []string{"x"}},

		{"conv: channels", conv([]int64{4, 5, 3, 3}), onnx.ErrInvalid, []string{`"node_y"`, "Conv", "6"}},
		{"conv: groups", conv(w4, attrInt("group", 4)), onnx.ErrInvalid, []string{"group"}},
		{"conv: group 0", conv(w4, attrInt("group", 0)), onnx.ErrInvalid, []string{"group"}},
		{"conv: one dimension", conv([]int64{4, 6, 3}), onnx.ErrUnsupported, []string{"weight", "[4 6 3]"}},
		{"conv: kernel too large", conv([]int64{4, 6, 9, 9}), onnx.ErrInvalid, []string{"kernel"}},
		{"conv: kernel_shape", conv(w4, attrInts("kernel_shape", 5, 5)), onnx.ErrInvalid, []string{"kernel_shape"}},
		{"conv: stride 0", conv(w4, attrInts("strides", 0, 1)), nil, []string{"strides"}},
		{"conv: one stride", conv(w4, attrInts("strides", 2)), nil, []string{"strides"}},
		{"conv: negative pads", conv(w4, attrInts("pads", -1, 0, 0, 0)), nil, []string{"pads"}},
		{"conv: auto_pad", conv(w4, attrString("auto_pad", "SAME")), nil, []string{"auto_pad", "SAME"}},
		{"conv: bias", image(13).floats("w", w4...).floats("b", 3).node("Conv", "x w b", "y").out("y"), onnx.ErrInvalid, []string{"bias", "3", "4"}},
		{"conv: no weight", image(13).node("Conv", "x", "y").out("y"), onnx.ErrInvalid, []string{`"node_y"`}},
		{"conv: weight computed", image(13).node("Conv", "x x", "y").out("y"), nil, []string{`"x"`}},
		{"conv: integer weight", image(13).tensor("w", int64Type, []int64{1, 6, 1, 1}, 1, 2, 3, 4, 5, 6).node("Conv", "x w", "y").out("y"), nil, []string{"w"}},

		{"batch norm: training", image(15).floats("s", 6).floats("b", 6).floats("m", 6).floats("v", 6).
			node("BatchNormalization", "x s b m v", "y", attrInt("training_mode", 1)).out("y"), onnx.ErrUnsupported, []string{"training_mode"}},
		{"batch norm: negative variance", image(15).floats("s", 6).floats("b", 6).floats("m", 6).tensor("v", float32Type, []int64{6}, 1, 1, -3, 1, 1, 1).
			node("BatchNormalization", "x s b m v", "y").out("y"), onnx.ErrInvalid, []string{"variance", "-3"}},
		{"batch norm: sizes", image(15).floats("s", 5).floats("b", 6).floats("m", 6).floats("v", 6).
			node("BatchNormalization", "x s b m v", "y").out("y"), onnx.ErrInvalid, []string{"5", "6"}},
		{"pool: ceil_mode", image(13).node("MaxPool", "x", "y", attrInts("kernel_shape", 2, 2), attrInt("ceil_mode", 2)).out("y"), onnx.ErrInvalid, []string{"ceil_mode", "2"}},
		{"an attribute of another type", image(13).node("Concat", "x x", "y", attrInts("axis", 1)).out("y"), onnx.ErrInvalid, []string{"axis", "7"}},
		{"a constant of another type", image(13).node("Constant", "", "k", attrFloat("value", 1)).node("Mul", "x k", "y").out("y"), onnx.ErrInvalid, []string{"value"}},
		{"pool: indices", image(13).node("MaxPool", "x", "z i", attrInts("kernel_shape", 2, 2)).node("Relu", "i", "y").out("y"), nil, nil},
		{"pool: no kernel", image(13).node("MaxPool", "x", "y").out("y"), nil, []string{"kernel_shape"}},
		{"pool: dilated", image(13).node("MaxPool", "x", "y", attrInts("kernel_shape", 2, 2), attrInts("dilations", 2, 2)).out("y"), nil, []string{"dilations"}},
		{"mean over an open batch", newFile(13, -1, 6, 4, 5).node("ReduceMean", "x", "y", attrInts("axes", 0, 2, 3)).out("y"), onnx.ErrUnsupported, []string{"axes", "batch"}},
		{"mean over a batch", newFile(13, 3, 6, 4, 5).node("ReduceMean", "x", "y", attrInts("axes", 0, 2, 3)).out("y"), onnx.ErrUnsupported, []string{"axes", "batch"}},
		{"softmax over the batch", newFile(13, 1, 6).node("Softmax", "x", "y", attrInt("axis", 0)).out("y"), onnx.ErrUnsupported, []string{"axis"}},
		{"gemm: transA", newFile(13, 1, 6).floats("w", 1, 6).node("Gemm", "x w", "y", attrInt("transA", 1)).out("y"), onnx.ErrUnsupported, []string{"transA"}},
		{"gemm: sizes", newFile(13, 1, 6).floats("w", 5, 6).node("Gemm", "x w", "y").out("y"), onnx.ErrInvalid, []string{"5", "6"}},
		{"gemm: bias", newFile(13, 1, 6).floats("w", 6, 5).floats("b", 4).node("Gemm", "x w b", "y").out("y"), nil, []string{"bias"}},
		{"add: shapes", image(13).node("AveragePool", "x", "g", attrInts("kernel_shape", 2, 2)).node("Add", "x g", "y").out("y"), nil, []string{"Add", "[1 6 4 5]", "[1 6 3 4]"}},
		{"mul: shapes", image(13).node("AveragePool", "x", "g", attrInts("kernel_shape", 2, 2)).node("Mul", "x g", "y").out("y"), nil, []string{"Mul", "[1 6 4 5]", "[1 6 3 4]"}},
		{"split: sizes", image(13).ints("s", 3, 4).node("Split", "x s", "a b", attrInt("axis", 1)).node("Add", "a b", "y").out("y"), onnx.ErrInvalid, []string{"split", "6"}},
		{"split: outputs", image(13).ints("s", 3, 3).node("Split", "x s", "a b c", attrInt("axis", 1)).node("Add", "a b", "y").out("y"), onnx.ErrInvalid, []string{"split"}},
		{"split: into too many", image(18).node("Split", "x", "a b c d e f g", attrInt("axis", 1), attrInt("num_outputs", 7)).node("Relu", "a", "y").out("y"), nil, []string{"Split"}},
		{"concat: sizes", image(13).node("GlobalAveragePool", "x", "g").node("Concat", "x g", "y", attrInt("axis", 1)).out("y"), onnx.ErrInvalid, []string{"Concat"}},
		{"concat of the batch", image(13).node("Concat", "x x", "y", attrInt("axis", 0)).out("y"), onnx.ErrUnsupported, nil},
		{"reshape: elements", image(13).ints("s", 1, 7, -1).node("Reshape", "x s", "y").out("y"), onnx.ErrInvalid, []string{"120"}},
		{"reshape: two open", image(13).ints("s", -1, -1).node("Reshape", "x s", "y").out("y"), nil, []string{"[-1 -1]"}},
		{"reshape by an activation", image(13).node("Reshape", "x x", "y").out("y"), nil, []string{`"x"`}},
		{"transpose: perm", image(13).node("Transpose", "x", "y", attrInts("perm", 0, 0, 1, 2)).out("y"), onnx.ErrInvalid, []string{"perm"}},
		{"gather: index", image(13).ints("k", 6).node("Gather", "x k", "z", attrInt("axis", 1)).node("Relu", "z", "y").out("y"), onnx.ErrInvalid, []string{"6"}},
		{"pad: mode", image(13).ints("p", 0, 0, 1, 1, 0, 0, 1, 1).node("Pad", "x p", "y", attrString("mode", "wrap")).out("y"), onnx.ErrUnsupported, []string{"wrap"}},
		{"pad: the batch", image(13).ints("p", 1, 0, 0, 0, 0, 0, 0, 0).node("Pad", "x p", "y").out("y"), onnx.ErrUnsupported, []string{"pads"}},
		{"pad: all cut off", image(13).ints("p", 0, 0, -2, 0, 0, 0, -2, 0).node("Pad", "x p", "y").out("y"), onnx.ErrInvalid, []string{"pads"}},
		{"depth to space: blocks", image(13).node("DepthToSpace", "x", "y", attrInt("blocksize", 4)).out("y"), onnx.ErrInvalid, []string{"blocksize", "6"}},
		{"cast to integers", image(13).node("Cast", "x", "z", attrInt("to", 7)).node("Cast", "z", "y", attrInt("to", 1)).out("y"), onnx.ErrUnsupported, []string{"Cast"}},
		{"dynamic: factors", badDynamic(), onnx.ErrInvalid, []string{"riffle.DynamicShuffle", "12"}},
		{"quantized weights: scale 0", image(13).tensor("q", int64Type, []int64{6}, 1, 2, 3, 4, 5, 6).tensor("s", float32Type, nil, 0).node("DequantizeLinear", "q s", "w").node("Mul", "x w", "y").out("y"), onnx.ErrInvalid, []string{"scale", "0"}},
		{"quantized weights: scale infinite", image(13).tensor("q", int64Type, []int64{6}, 1, 2, 3, 4, 5, 6).tensor("s", float32Type, nil, math.Inf(1)).node("DequantizeLinear", "q s", "w").node("Mul", "x w", "y").out("y"), onnx.ErrInvalid, []string{"scale", "Inf"}},
		{"quantized weights: scales", image(13).tensor("q", int64Type, []int64{6}, 1, 2, 3, 4, 5, 6).floats("s", 5).node("DequantizeLinear", "q s", "w", attrInt("axis", 0)).node("Mul", "x w", "y").out("y"), onnx.ErrInvalid, []string{"scale"}},
		{"quantized activations", image(13).tensor("s", float32Type, nil, 1).tensor("z", int64Type, nil, 0).node("QuantizeLinear", "x s z", "q").node("DequantizeLinear", "q s z", "y").out("y"), onnx.ErrUnsupported, []string{"int64", "want uint8 or int8"}},
		{"float16 in the middle", image(13).node("Cast", "x", "z", attrInt("to", 10)).node("Relu", "z", "y").out("y"), onnx.ErrUnsupported, []string{"float16", "rounds"}},
		{"an integer activation", withInput(13, 2, 1, 6, 4, 5).node("Relu", "x", "y").out("y"), onnx.ErrUnsupported, []string{"uint8", "Cast"}},
		{"an input of text", withInput(13, 8, 1, 6, 4, 5).node("Relu", "x", "y").out("y"), onnx.ErrUnsupported, []string{"string"}},
		{"a constant output", image(13).floats("k", 3).node("Relu", "x", "z").out("k"), nil, []string{"k"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := onnx.Import(c.f.bytes())
			if err == nil {
				t.Fatalf("got operators %q and no error", operators(m))
			}
			var e *onnx.Error
			if !errors.As(err, &e) {
				t.Fatalf("got a %T (%v), want an *onnx.Error", err, err)
			}
			if c.kind != nil && !errors.Is(err, c.kind) {
				t.Errorf("%v: got kind %v, want %v", err, e.Kind, c.kind)
			}
			s := err.Error()
			if strings.Contains(s, "\n") || !strings.Contains(s, "got ") && !strings.Contains(s, "unknown operator") {
				t.Errorf("%q: want one line with what was got", s)
			}
			for _, w := range c.has {
				if !strings.Contains(s, w) {
					t.Errorf("%q: want %q in it", s, w)
				}
			}
		})
	}
}

func sparse(f *file) *file {
	f.extra = blob(f.extra, 15, "")
	return f
}

func second(f *file) *file {
	f.inputs = blob(f.inputs, 11, valueInfo("x2", 1, 1, 6, 4, 5))
	return f
}

func badDynamic() *file {
	f := newFile(13, 0, 12, 2, 3).floats("w1", 8, 12).floats("b1", 8).floats("w2", 26, 8).floats("b2", 26)
	f.riffle = true
	return f.node("riffle.DynamicShuffle", "x w1 b1 w2 b2", "y", attrInt("groups", 2), attrInts("factors", 2, 2)).out("y")
}

// Bytes that are no ONNX file.
func TestNotONNX(t *testing.T) {
	whole := image(13).floats("w", 4, 6, 3, 3).node("Conv", "x w", "y").out("y").bytes()
	for name, b := range map[string][]byte{
		"empty": nil, "text": []byte("hello, world"), "zeros": make([]byte, 64), "ones": []byte(strings.Repeat("\xff", 64)),
		"truncated": whole[:len(whole)/2],
	} {
		if _, err := onnx.Import(b); !errors.Is(err, onnx.ErrNotONNX) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %v in one line", name, err, onnx.ErrNotONNX)
		}
	}
	for n := range whole { // every prefix
		if m, err := onnx.Import(whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes: got operators %q and no error", n, len(whole), operators(m))
		}
	}
}

// A small file must not make the import work or allocate without bound.
func TestHostile(t *testing.T) {
	repeatFrom := func(in string, f *file, n int, step func(f *file, in, out string)) *file {
		for i := range n {
			out := "v" + strconv.Itoa(i)
			step(f, in, out)
			in = out
		}
		if f.constant {
			f.node("Mul", "x "+in, "last")
			in = "last"
		}
		return f.out(in)
	}
	repeat := func(f *file, n int, step func(f *file, in, out string)) *file { return repeatFrom("x", f, n, step) }
	chain := func(in string, f *file, n int, step func(f *file, in, out string)) *file {
		f.constant = true
		return repeatFrom(in, f, n, step)
	}
	large := func() *file { return newFile(13, 1, 1, 8192, 1024) }
	many := func(n int, word string) string {
		var s []string
		for i := range n {
			s = append(s, word+strconv.Itoa(i))
		}
		return strings.Join(s, " ")
	}
	cases := map[string]*file{
		"transposes of a large activation": repeat(large(), 1000, func(f *file, in, out string) {
			f.node("Transpose", in, out, attrInts("perm", 0, 1, 3, 2))
		}),
		"slices of a large activation": repeat(large().ints("a", 1).ints("b", 1<<30).ints("c", 3), 1000, func(f *file, in, out string) {
			f.node("Slice", in+" a b c", out)
		}),
		"gathers of a large activation": repeat(large().ints("k", 0), 1000, func(f *file, in, out string) {
			f.node("Gather", in+" k", out, attrInt("axis", 1))
		}),
		"a split into many": large().node("Split", "x", many(20000, "o"), attrInt("axis", 2)).out("o7"),
		"a split of channels into many": newFile(13, 1, 60000, 1, 1).node("Split", "x", many(60000, "o"), attrInt("axis", 1)).
			node("Concat", many(60000, "o"), "y", attrInt("axis", 1)).out("y"),
		"names all the same": newFile(13, 1, 60000, 1, 1).node("Split", "x", "y"+strings.Repeat(" _", 59999), attrInt("axis", 1)).out("y"),
		"constants that double": chain("c", newFile(13, 1, 4).floats("c", 8), 60, func(f *file, in, out string) {
			f.node("Concat", in+" "+in, out, attrInt("axis", 0))
		}),
		"expand":            newFile(13, 1, 4).ints("one", 1).ints("s", 1<<20, 1<<20, 1<<20).node("Expand", "one s", "c").node("Reshape", "x c", "y").out("y"),
		"constant of shape": newFile(13, 1, 4).ints("s", 1<<31-1, 1<<31-1).node("ConstantOfShape", "s", "c").node("Mul", "x c", "y").out("y"),
		"many constants of shape": chain("c", newFile(13, 1, 4).ints("s", 65536).floats("c", 1), 5000, func(f *file, in, out string) {
			f.node("ConstantOfShape", "s", out+"c").node("Add", in+" "+out+"c", out)
		}),
		"range": newFile(13, 1, 4).tensor("a", int64Type, nil, 0).tensor("b", int64Type, nil, 1<<62).tensor("c", int64Type, nil, 1).
			node("Range", "a b c", "s").node("Reshape", "x s", "y").out("y"),
		"range without a step": newFile(13, 1, 4).tensor("a", int64Type, nil, 0).tensor("b", int64Type, nil, 5).tensor("c", int64Type, nil, 0).
			node("Range", "a b c", "s").node("Reshape", "x s", "y").out("y"),
		"product": newFile(13, 1, 4).tensor("s", int64Type, []int64{3}, 1<<40, 1<<40, 3).node("ReduceProd", "s", "p").node("Reshape", "x p", "y").out("y"),
		"one weight, many convolutions": repeat(newFile(13, 1, 64, 1, 1).floats("w", 64, 64, 1, 1), 3000, func(f *file, in, out string) {
			f.node("Conv", in+" w", out)
		}),
		"one weight, many linear layers": repeat(newFile(13, 1, 256).floats("w", 256, 256), 3000, func(f *file, in, out string) {
			f.node("MatMul", in+" w", out)
		}),
		"transposed constants": chain("w", newFile(13, 1, 4).floats("w", 256, 256), 3000, func(f *file, in, out string) {
			f.node("Transpose", in, out, attrInts("perm", 1, 0))
		}),
		"products of constants": chain("w", newFile(13, 1, 4).floats("w", 256, 256), 3000, func(f *file, in, out string) {
			f.node("Mul", in+" w", out)
		}),
		"affine of many channels": repeat(newFile(13, 1, 1<<20, 1, 1).tensor("k", float32Type, nil, 0.999), 1000, func(f *file, in, out string) {
			f.node("Relu", in, out+"r").node("Mul", out+"r k", out)
		}),
		"shuffles of many channels": repeat(newFile(13, 1, 1<<20, 1, 1).ints("s", 1, 1024, 1024, 1, 1).ints("t", 1, 1<<20, 1, 1), 500, func(f *file, in, out string) {
			f.node("Reshape", in+" s", out+"a").node("Transpose", out+"a", out+"b", attrInts("perm", 0, 2, 1, 3, 4)).
				node("Reshape", out+"b t", out+"c").node("Relu", out+"c", out)
		}),
		"a long shape":             newFile(13, 1, 4).ints("s", make([]int, 60000)...).node("Reshape", "x s", "y").out("y"),
		"many nodes":               repeat(newFile(13, 1, 4), 60000, func(f *file, in, out string) { f.node("Identity", in, out) }),
		"many nodes without names": repeat(unnamed(newFile(13, 1, 4)), 30000, func(f *file, in, out string) { f.node("Relu", in, out) }),
		"many activations":         repeat(newFile(13, 1, 4), 60000, func(f *file, in, out string) { f.node("Relu", in, out) }),
		"many convolutions": repeat(newFile(13, 1, 1, 1, 1).floats("w", 1, 1, 1, 1).floats("b", 1), 20000, func(f *file, in, out string) {
			f.node("Conv", in+" w b", out)
		}),
		"nodes of one name": sameName(20000),
		"large kernel":      newFile(13, 1, 1, 8192, 1024).node("AveragePool", "x", "y", attrInts("kernel_shape", 1<<12, 1<<12), attrInts("pads", 4095, 4095, 4095, 4095)).out("y"),
		"growing padding": repeat(newFile(13, 1, 1, 64, 64).ints("p", 0, 0, 40, 40, 0, 0, 40, 40), 3000, func(f *file, in, out string) {
			f.node("Pad", in+" p", out)
		}),
		"growing channels": repeat(newFile(13, 1, 1024, 64, 64), 60, func(f *file, in, out string) {
			f.node("Concat", in+" "+in, out, attrInt("axis", 1))
		}),
		"packed dimensions": with(newFile(13, 1, 4), blob(blob(vint(nil, 2, 1), 8, "w"), 1, strings.Repeat("\x01", 60000))).node("Relu", "x", "y").out("y"),
	}
	for name, f := range cases {
		t.Run(name, func(t *testing.T) {
			b := f.bytes()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var err error
			took := cputime.Of(func() { _, err = onnx.Import(b) })
			runtime.ReadMemStats(&after)
			most := uint64(64<<20 + 256*len(b))
			if got := after.TotalAlloc - before.TotalAlloc; got > most {
				t.Errorf("%d bytes of file: allocated %d MiB, want at most %d (%v)", len(b), got>>20, most>>20, err)
			}
			// Not a measurement: quadratic work on these sizes takes minutes.
			if took > cputime.Bound(20*time.Second) {
				t.Errorf("%d bytes of file took %v of processor time", len(b), took)
			}
			t.Logf("%d bytes of file, %d MiB, %v: %v", len(b), (after.TotalAlloc-before.TotalAlloc)>>20, took, err)
		})
	}
}

// withInput is a file whose input x has elements of another type.
func withInput(opset, dtype int64, shape ...int64) *file {
	f := &file{opset: opset}
	f.inputs = blob(f.inputs, 11, valueInfo("x", dtype, shape...))
	return f
}

func unnamed(f *file) *file {
	f.unnamed = true
	return f
}

// sameName has many nodes of one name, and one output name for each.
func sameName(n int) *file {
	f := unnamed(newFile(13, 1, 4))
	in := "x"
	for i := range n {
		out := "v" + strconv.Itoa(i)
		node := blob(blob(blob(blob([]byte(nil), 1, in), 2, out), 3, "one"), 4, "Relu")
		f.nodes = blob(f.nodes, 1, node)
		in = out
	}
	return f.out(in)
}
