package onnx_test

import (
	"errors"
	"testing"

	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// Files where a shortcut gives wrong numbers without an error. trap is the file;
// each of its outputs must be what the file of the same index computes alone.
func TestTraps(t *testing.T) {
	conv := func() *file {
		return image(13).floats("w", 6, 6, 1, 1).floats("s", 6).floats("b", 6).floats("m", 6).
			tensor("v", float32Type, []int64{6}, 1, 2, 3, 4, 0.5, 0.25).
			tensor("k", float32Type, []int64{6, 1, 1}, 2, 3, -1, 0.5, 4, 1).node("Conv", "x w", "c")
	}
	bn := func(f *file, in, out string) *file { return f.node("BatchNormalization", in+" s b m v", out) }
	five := func(f *file) *file { return f.ints("five", 1, 3, 2, 4, 5).ints("four", 1, 6, 4, 5) }
	cases := []struct {
		name  string
		trap  *file
		plain []*file
	}{
		{"batch norm after a convolution that is an output too",
			bn(conv(), "c", "y").out("y", "c"), []*file{bn(conv(), "c", "y").out("y"), conv().out("c")}},
		{"batch norm after a convolution that an add reads too",
			bn(conv(), "c", "n").node("Add", "n c", "y").out("y"),
			[]*file{bn(conv().node("Conv", "x w", "d"), "d", "n").node("Add", "n c", "y").out("y")}},
		{"the add comes first",
			bn(conv().node("Relu", "c", "r"), "c", "n").node("Add", "n r", "y").out("y"),
			[]*file{bn(conv().node("Conv", "x w", "d").node("Relu", "d", "r"), "c", "n").node("Add", "n r", "y").out("y")}},
		{"batch norm after an identity of a convolution that is an output too",
			bn(conv().node("Identity", "c", "d"), "d", "y").out("c", "y"), []*file{conv().out("c"), bn(conv(), "c", "y").out("y")}},
		{"the identity is an output",
			bn(conv().node("Identity", "c", "d"), "c", "y").out("d", "y"), []*file{conv().out("c"), bn(conv(), "c", "y").out("y")}},
		{"batch norm after reshapes of a convolution that is an output too",
			bn(five(conv()).node("Reshape", "c five", "d").node("Reshape", "d four", "e"), "e", "y").out("c", "y"),
			[]*file{conv().out("c"), bn(conv(), "c", "y").out("y")}},
		{"the convolution behind reshapes is read by an add",
			bn(five(conv()).node("Reshape", "c five", "d").node("Reshape", "d four", "e"), "e", "n").node("Add", "n c", "y").out("y"),
			[]*file{bn(conv().node("Conv", "x w", "d"), "c", "n").node("Add", "n d", "y").out("y")}},
		{"reshapes back, read twice",
			bn(five(conv()).node("Reshape", "c five", "d").node("Reshape", "d four", "e").node("Reshape", "d four", "f"), "e", "n").node("Add", "n f", "y").out("y"),
			[]*file{bn(conv().node("Conv", "x w", "d"), "c", "n").node("Add", "n d", "y").out("y")}},
		{"a factor after a shuffled convolution",
			five(conv()).node("Reshape", "c five", "d").node("Transpose", "d", "e", attrInts("perm", 0, 2, 1, 3, 4)).
				node("Reshape", "e four", "f").node("Mul", "f k", "y").out("y", "c"),
			[]*file{five(conv()).node("Reshape", "c five", "d").node("Transpose", "d", "e", attrInts("perm", 0, 2, 1, 3, 4)).
				node("Reshape", "e four", "f").node("Relu", "f", "p").tensor("minus", float32Type, nil, -1).node("Mul", "f minus", "g").node("Relu", "g", "n").
				node("Mul", "p k", "pk").node("Mul", "n k", "nk").node("Mul", "nk minus", "nn").node("Add", "pk nn", "y").out("y"), conv().out("c")}},
		{"two convolutions of one weight, one of them normalised",
			bn(conv().node("Conv", "c w", "d"), "d", "y").out("y", "c"),
			[]*file{bn(conv().floats("u", 6, 6, 1, 1).node("Conv", "c w", "d"), "d", "y").out("y"), conv().out("c")}},
		{"a bias that is a scale too",
			image(13).floats("w", 6, 6, 1, 1).floats("b", 6).floats("m", 6).tensor("v", float32Type, []int64{6}, 1, 2, 3, 4, 0.5, 0.25).
				node("Conv", "x w b", "c").node("BatchNormalization", "c b b m v", "y").out("y"),
			[]*file{image(13).floats("w", 6, 6, 1, 1).floats("b", 6).floats("m", 6).tensor("v", float32Type, []int64{6}, 1, 2, 3, 4, 0.5, 0.25).
				node("Conv", "x w b", "c").node("Relu", "c", "p").tensor("minus", float32Type, nil, -1).node("Mul", "c minus", "g").node("Relu", "g", "n").
				node("Mul", "n minus", "nn").node("Add", "p nn", "q").node("BatchNormalization", "q b b m v", "y").out("y")}},
		{"outputs that are the same value", conv().node("Identity", "c", "d").out("c", "d", "c"), []*file{conv().out("c"), conv().out("c"), conv().out("c")}},
		{"an output that is the input", image(13).node("Relu", "x", "y").out("x", "y"),
			[]*file{image(13).tensor("one", float32Type, nil, 1).node("Mul", "x one", "y").out("y"), image(13).node("Relu", "x", "y").out("y")}},
		{"an output that is a view", five(image(13)).node("Reshape", "x five", "d").node("Transpose", "d", "e", attrInts("perm", 0, 2, 1, 3, 4)).node("Reshape", "e four", "y").out("y", "x"),
			[]*file{image(13).ints("k", 0, 2, 4, 1, 3, 5).node("Gather", "x k", "y", attrInt("axis", 1)).out("y"), image(13).tensor("one", float32Type, nil, 1).node("Mul", "x one", "y").out("y")}},
		{"relu after relu6, and limits the wrong way around", image(13).tensor("lo", float32Type, nil, 0).tensor("hi", float32Type, nil, 6).
			node("Clip", "x lo hi", "a").node("Relu", "a", "y").out("y"),
			[]*file{image(13).tensor("lo", float32Type, nil, 0).tensor("hi", float32Type, nil, 6).node("Clip", "x lo hi", "y").out("y")}},
		{"constants of one value and any shape",
			image(13).tensor("k", float32Type, []int64{1, 1, 1, 1}, 3).tensor("a", float32Type, []int64{1}, -2).node("Mul", "x k", "m").node("Add", "a m", "y").out("y"),
			[]*file{image(13).tensor("k", float32Type, []int64{6, 1, 1}, 3, 3, 3, 3, 3, 3).tensor("a", float32Type, []int64{1, 6, 1, 1}, -2, -2, -2, -2, -2, -2).
				node("Mul", "x k", "m").node("Add", "m a", "y").out("y")}},
		{"flatten, then a linear layer that is scaled",
			image(13).floats("w", 120, 4).floats("k", 4).node("Flatten", "x", "f").node("MatMul", "f w", "m").node("Add", "m k", "y").out("y", "m"),
			[]*file{image(13).floats("w", 120, 4).floats("k", 4).node("Flatten", "x", "f").node("Gemm", "f w k", "y").out("y"),
				image(13).floats("w", 120, 4).node("Flatten", "x", "f").node("Gemm", "f w", "y").out("y")}},
		{"an average pool whose padding counts, ceil", newFile(13, 1, 2, 5, 7).node("AveragePool", "x", "y", attrInts("kernel_shape", 3, 3), attrInts("strides", 2, 2), attrInts("pads", 1, 1, 1, 1), attrInt("count_include_pad", 1)).out("y"),
			[]*file{newFile(13, 1, 2, 5, 7).tensor("w", float32Type, []int64{2, 1, 3, 3}, ninths(18)...).node("Conv", "x w", "y", attrInt("group", 2), attrInts("strides", 2, 2), attrInts("pads", 1, 1, 1, 1)).out("y")}},
		{"padding, then an average pool", newFile(13, 1, 2, 5, 7).ints("p", 0, 0, 1, 1, 0, 0, 1, 1).node("Pad", "x p", "z").node("AveragePool", "z", "y", attrInts("kernel_shape", 3, 3), attrInts("strides", 2, 2)).out("y"),
			[]*file{newFile(13, 1, 2, 5, 7).tensor("w", float32Type, []int64{2, 1, 3, 3}, ninths(18)...).node("Conv", "x w", "y", attrInt("group", 2), attrInts("strides", 2, 2), attrInts("pads", 1, 1, 1, 1)).out("y")}},
		{"padding read by two", image(13).floats("w", 2, 6, 3, 3).ints("p", 0, 0, 1, 1, 0, 0, 1, 1).node("Pad", "x p", "z").node("Conv", "z w", "y").node("Conv", "z w", "u").out("y", "u"),
			[]*file{image(13).floats("w", 2, 6, 3, 3).node("Conv", "x w", "y", attrInts("pads", 1, 1, 1, 1)).out("y"), image(13).floats("w", 2, 6, 3, 3).node("Conv", "x w", "y", attrInts("pads", 1, 1, 1, 1)).out("y")}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := mustImport(t, c.trap)
			x := random(inputLen(m))
			vals := oracle.Run(m, x, nil)
			if len(m.Graph.Outputs) != len(c.plain) {
				t.Fatalf("got outputs %q, want %d", m.Graph.Outputs, len(c.plain))
			}
			for i, p := range c.plain {
				if e := relative(vals[m.Graph.Outputs[i]].Data, oracle.Output(mustImport(t, p), x, nil)); !(e <= 1e-6) {
					t.Errorf("output %d of %s: relative error %.3g, want at most 1e-6", i, operators(m), e)
				}
			}
		})
	}
}

func ninths(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = 1.0 / 9
	}
	return v
}

// Files that mean something which a model cannot say: an error, or the right
// numbers; never other numbers.
func TestRefused(t *testing.T) {
	square := func() *file { return newFile(13, 1, 5, 5, 5) }
	for name, f := range map[string]*file{
		"a column added to a row":           newFile(13, 1, 5).floats("k", 5, 1).node("Add", "x k", "y").out("y"),
		"planes added to a vector":          newFile(13, 1, 5).floats("k", 5, 1, 1).node("Add", "x k", "y").out("y"),
		"the batch moved into the channels": square().node("Transpose", "x", "t", attrInts("perm", 1, 0, 2, 3)).node("Relu", "t", "y").out("y"),
		"rows as samples":                   newFile(13, 1, 6).floats("w", 3, 4).ints("s", -1, 3).node("Reshape", "x s", "r").node("MatMul", "r w", "y").out("y"),
		"a ceiling in the middle":           square().node("Cast", "x", "z", attrInt("to", 6)).node("Cast", "z", "y", attrInt("to", 1)).out("y"),
		"the mean over one pixel axis":      square().node("ReduceMean", "x", "y", attrInts("axes", 2, 2)).out("y"),
		"a shape of the padded":             square().ints("p", 0, 0, 1, 1, 0, 0, 1, 1).node("Pad", "x p", "z").node("Shape", "z", "s").node("Reshape", "x s", "y").out("y"),
	} {
		m, err := onnx.Import(f.bytes())
		if err == nil {
			t.Errorf("%s: got operators %q and no error", name, operators(m))
			continue
		}
		if !errors.Is(err, onnx.ErrUnsupported) && !errors.Is(err, onnx.ErrInvalid) {
			t.Errorf("%s: got %v, want %v or %v", name, err, onnx.ErrUnsupported, onnx.ErrInvalid)
		}
	}
}

// Names in the file may be missing, doubled or odd; those of the model are
// unique, and outputs keep theirs.
func TestNames(t *testing.T) {
	f := unnamed(image(13)).floats("onnx::Conv_12", 6, 6, 1, 1).
		node("Conv", "x onnx::Conv_12", "a b c"[:1]).node("Conv", "a onnx::Conv_12", "x'").node("Relu", "x'", "Relu").
		node("Relu", "Relu", "a/shuffle").node("Add", "a/shuffle a", "ü ").out("ü")
	m := mustImport(t, f)
	if err := m.Check(); err != nil {
		t.Error(err)
	}
	if len(m.Graph.Outputs) != 1 || m.Graph.Outputs[0] != "ü" || m.Graph.Inputs[0].Name != "x" {
		t.Errorf("got input %q and outputs %q, want the file's names", m.Graph.Inputs[0].Name, m.Graph.Outputs)
	}
	if m := mustImport(t, sameName(50)); len(m.Graph.Nodes) == 0 {
		t.Error("got no nodes")
	}
	if _, err := onnx.Import(image(13).node("Relu", "x", "\xff\xfe").out("\xff\xfe").bytes()); err == nil {
		t.Error("got a value name that is no UTF-8, and no error")
	}
	if _, err := onnx.Import(image(13).node("Relu", "x", string(make([]byte, 5000))).out(string(make([]byte, 5000))).bytes()); err == nil {
		t.Error("got a value name of 5000 bytes, and no error")
	}
	names := map[string]bool{}
	for _, n := range m.Graph.Nodes {
		names[n.Name] = true
		if n.Op == weights.OpConv && len(n.Inputs) != 1 {
			t.Errorf("node %q: got inputs %q", n.Name, n.Inputs)
		}
	}
	if len(names) != len(m.Graph.Nodes) {
		t.Errorf("got names %v of %d nodes", names, len(m.Graph.Nodes))
	}
}
