package onnx_test

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/internal/safetensors"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// integers are the files that testdata/integers.py writes, and the operators that they must
// become: an import that computes in float32 what it could in integers fails too.
var integers = map[string]string{
	"add":             "quantize qconv qadd dequantize",
	"average":         "quantize qavgpool dequantize",
	"average-all":     "quantize gap quantize dequantize",
	"concat":          "quantize qconv qlookup qlookup concat dequantize",
	"conv-depthwise":  "quantize qconv dequantize",
	"conv-groups":     "quantize qconv dequantize",
	"conv-i1":         "quantize qconv dequantize",
	"conv-u1":         "quantize qconv dequantize",
	"gemm":            "quantize flatten qlinear dequantize",
	"gemm-floats":     "quantize flatten qlinear",
	"leaky":           "quantize qlookup dequantize",
	"matmul":          "quantize flatten qlinear dequantize",
	"moves":           "quantize maxpool shuffle qconv dequantize",
	"mul":             "quantize qconv dequantize dequantize mul quantize dequantize",
	"sigmoid":         "quantize qlookup dequantize",
	"softmax":         "quantize dequantize rearrange softmax quantize dequantize rearrange",
	"static-signed":   "quantize qconv maxpool qconv qconv qadd qconv qlookup qlookup concat qavgpool gap quantize flatten qlinear dequantize",
	"static-unsigned": "quantize qconv maxpool qconv qconv qadd qconv qlookup qlookup concat qavgpool gap quantize flatten qlinear dequantize",
}

// Models that compute with integers are imported as such, and compute what ONNX Runtime
// does, but for a step where rounding is on the edge; a network of many layers, a few of them.
func TestIntegersGolden(t *testing.T) {
	forEachFile(t, "testdata/integers", integers, func(t *testing.T, name string, m *weights.Model, numbers string) {
		tensors, _, err := safetensors.ReadFile(numbers)
		if err != nil {
			t.Fatal(err)
		}
		want := tensors["y"].Float32()
		step := 1e-5 * max(slices.Max(want), -slices.Min(want)) // of a result of floats
		for _, n := range m.Graph.Nodes {
			if n.Quant != nil && name != "gemm-floats" {
				step = n.Quant[0].Scale // the last one's in the end
			}
		}
		most := float32(1)
		if strings.HasPrefix(name, "static") {
			most = 3
		}
		other := 0
		for i, v := range logits(t, m, tensors["x"].Float32()) {
			if d := float32(math.Abs(float64(v - want[i]))); !(d <= (most+0.01)*step) {
				t.Errorf("element %d: got %v, want %v, or up to %v steps of %v from it", i, v, want[i], most, step)
			} else if d > step/2 {
				other++
			}
		}
		if other*20 > len(want)+40 {
			t.Errorf("got %d of %d elements a step off, want hardly any", other, len(want))
		}
		t.Logf("%d of %d elements a step off", other, len(want))
		// It may be written, as QDQ, and be read again.
		roundTrip(t, m)
	})
}

// twins are the same layer in both formats, from x.q to y.q: computed with integers, and with
// floats from x.d to r.
var twins = map[string]struct {
	tensors, integers, floats func(f *file)
}{
	"conv": {
		func(f *file) {
			w := make([]float64, 4*6*9)
			for i := range w {
				w[i] = float64(i*37%255 - 127)
			}
			f.tensor("w", int8Type, []int64{4, 6, 3, 3}, w...).tensor("w.s", float32Type, []int64{4}, 0.01, 0.02, 0.005, 0.03).tensor("w.z", int8Type, []int64{4}, 0, 0, 0, 0)
			f.tensor("b", int32Type, []int64{4}, 100, -200, 300, 7)
		},
		func(f *file) {
			f.node("QLinearConv", "x.q x.s x.z w w.s w.z y.s y.z b", "y.q", attrInts("pads", 1, 1, 1, 1), attrInts("strides", 2, 1))
		},
		func(f *file) {
			f.node("DequantizeLinear", "w w.s w.z", "w.d", attrInt("axis", 0)).node("Mul", "x.s w.s", "b.s").node("DequantizeLinear", "b b.s", "b.d", attrInt("axis", 0))
			f.node("Conv", "x.d w.d b.d", "r", attrInts("pads", 1, 1, 1, 1), attrInts("strides", 2, 1))
		},
	},
	"add": {
		func(f *file) {},
		func(f *file) { f.node("com.microsoft.QLinearAdd", "x.q x.s x.z x.q x.s x.z y.s y.z", "y.q") },
		func(f *file) { f.node("Add", "x.d x.d", "r") },
	},
	"average": {
		func(f *file) {},
		func(f *file) {
			f.node("com.microsoft.QLinearAveragePool", "x.q x.s x.z y.s y.z", "y.q", attrInts("kernel_shape", 2, 2))
		},
		func(f *file) { f.node("AveragePool", "x.d", "r", attrInts("kernel_shape", 2, 2)) },
	},
	"average of all": {
		func(f *file) {},
		func(f *file) { f.node("com.microsoft.QLinearGlobalAveragePool", "x.q x.s x.z y.s y.z", "y.q") },
		func(f *file) { f.node("GlobalAveragePool", "x.d", "r") },
	},
	"concat": {
		func(f *file) {},
		func(f *file) {
			f.node("com.microsoft.QLinearConcat", "y.s y.z x.q x.s x.z x.q x.s x.z", "y.q", attrInt("axis", 1))
		},
		func(f *file) { f.node("Concat", "x.d x.d", "r", attrInt("axis", 1)) },
	},
	"sigmoid": {
		func(f *file) {},
		func(f *file) { f.node("com.microsoft.QLinearSigmoid", "x.q x.s x.z y.s y.z", "y.q") },
		func(f *file) { f.node("Sigmoid", "x.d", "r") },
	},
}

// between is a file from x to y with something between x.q and y.q.
func between(tensors, layer func(f *file)) *file {
	f := image(13).tensor("x.s", float32Type, nil, 0.05).tensor("x.z", uint8Type, nil, 131).tensor("y.s", float32Type, nil, 0.07).tensor("y.z", uint8Type, nil, 99)
	tensors(f)
	f.node("QuantizeLinear", "x x.s x.z", "x.q")
	layer(f)
	return f.node("DequantizeLinear", "y.q y.s y.z", "y").out("y")
}

// content is what a model computes, without names.
func content(m *weights.Model) (list []any) {
	at := map[string]int{m.Graph.Inputs[0].Name: -1}
	for i, n := range m.Graph.Nodes {
		var in []int
		for _, v := range n.Inputs {
			in = append(in, at[v])
		}
		for k, o := range n.Outputs {
			at[o] = 1000*k + i
		}
		tensors := map[string]weights.Tensor{}
		for role, name := range n.Tensors {
			t := *m.Tensor(name)
			t.Name = ""
			tensors[role] = t
		}
		list = append(list, n.Op, in, n.Attrs, n.Quant, tensors)
	}
	return list
}

// A layer in the one format is what it is in the other.
func TestIntegersAreQDQ(t *testing.T) {
	for name, c := range twins {
		a, err := onnx.Import(between(c.tensors, c.integers).bytes())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, err := onnx.Import(between(c.tensors, func(f *file) {
			f.node("DequantizeLinear", "x.q x.s x.z", "x.d")
			c.floats(f)
			f.node("QuantizeLinear", "r y.s y.z", "y.q")
		}).bytes())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if x, y := content(a), content(b); !reflect.DeepEqual(x, y) {
			t.Errorf("%s: of integers %s %+v, of floats %s %+v", name, operators(a), x, operators(b), y)
		}
		if !slices.ContainsFunc(a.Graph.Nodes, func(n weights.Node) bool { return strings.HasPrefix(n.Op, "q") || n.Op == weights.OpGlobalAvgPool }) {
			t.Errorf("%s: got %s, want a quantized operator", name, operators(a))
		}
	}
}

// What is not read is refused, with the node's name and operator as the file has them.
func TestIntegersRefused(t *testing.T) {
	none := func(f *file) {}
	conv := func(change string) func(f *file) {
		return func(f *file) {
			twins["conv"].tensors(f)
			f.node("QLinearConv", "x.q x.s x.z w w.s w.z y.s y.z b "+change, "y.q")
		}
	}
	of := func(op, in string, attrs ...[]byte) func(f *file) {
		return func(f *file) { f.node(op, in, "y.q", attrs...) }
	}
	for _, c := range []struct {
		layer    func(f *file)
		kind     error
		op, want string
	}{
		{of("DynamicQuantizeLinear", "x"), onnx.ErrUnsupported, "DynamicQuantizeLinear", "found anew for each sample, want a model that was calibrated"},
		{of("ConvInteger", "x.q x.q"), onnx.ErrUnsupported, "ConvInteger", "found anew for each sample"},
		{of("MatMulInteger", "x.q x.q"), onnx.ErrUnsupported, "MatMulInteger", "found anew for each sample"},
		{of("QLinearConv", "x.q x.s x.z"), onnx.ErrInvalid, "QLinearConv", "got 3 inputs and 1 outputs, want 8 to 9"},
		{conv("y.z"), onnx.ErrInvalid, "QLinearConv", "got 10 inputs"},
		{of("com.microsoft.QLinearConcat", "y.s y.z x.q x.s x.z x.q"), onnx.ErrInvalid, "com.microsoft.QLinearConcat", "got 6 inputs, want 2 and 3 for each value"},
		{of("com.microsoft.QLinearAveragePool", "x.q x.s x.z y.s y.z", attrInt("channels_last", 1)), onnx.ErrUnsupported, "com.microsoft.QLinearAveragePool", "channels_last: got 1, want 0"},
		{of("com.microsoft.QLinearSigmoid", "x.q y.s x.z y.s y.z"), onnx.ErrUnsupported, "com.microsoft.QLinearSigmoid", "scale and zero point: got 0.07 and 131, want 0.05 and 131"},
		{of("com.microsoft.QLinearWhere", "x.q x.q"), onnx.ErrUnsupported, "com.microsoft.QLinearWhere", "unknown operator"},
	} {
		_, err := onnx.Import(between(none, c.layer).bytes())
		var e *onnx.Error
		if !errors.As(err, &e) || !errors.Is(err, c.kind) || e.Node != "node_y.q" || e.Op != c.op || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want a %v of node_y.q (%s) that says %q", c.op, err, c.kind, c.op, c.want)
		}
	}
}

// Scales and zero points that mean nothing are refused with the node's name in both formats,
// and so are sums that 32 bits do not hold.
func TestIntegersHostile(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	type change func(f *file, name string, typ int64, dims []int64, v []float64) bool
	build := func(c change) *file {
		f := image(13)
		put := func(name string, typ int64, dims []int64, v ...float64) {
			if c == nil || !c(f, name, typ, dims, v) {
				f.tensor(name, typ, dims, v...)
			}
		}
		put("x.s", float32Type, nil, 0.05)
		put("x.z", uint8Type, nil, 131)
		put("y.s", float32Type, nil, 0.07)
		put("y.z", uint8Type, nil, 99)
		w := slices.Repeat([]float64{127}, 4*6*9)
		put("w", int8Type, []int64{4, 6, 3, 3}, w...)
		put("w.s", float32Type, []int64{4}, 0.01, 0.02, 0.005, 0.03)
		put("w.z", int8Type, []int64{4}, 0, 0, 0, 0)
		put("b", int32Type, []int64{4}, 100, -200, 300, 7)
		f.node("QuantizeLinear", "x x.s x.z", "x.q")
		f.node("QLinearConv", "x.q x.s x.z w w.s w.z y.s y.z b", "y.q")
		return f.node("DequantizeLinear", "y.q y.s y.z", "y").out("y")
	}
	set := func(which string, at int, to float64) change {
		return func(f *file, name string, typ int64, dims []int64, v []float64) bool {
			if name == which {
				v[at] = to
			}
			return false
		}
	}
	// unpacked gives numbers in a field that holds more than the type does.
	unpacked := func(which string, to float64) change {
		return func(f *file, name string, typ int64, dims []int64, v []float64) bool {
			if name != which {
				return false
			}
			f.inits = blob(f.inits, 5, tensorProto(name, typ, false, dims, to))
			return true
		}
	}
	if m, err := onnx.Import(build(nil).bytes()); err != nil || operators(m) != "quantize qconv dequantize" {
		t.Fatalf("got %v, want a file that can be read", err)
	}
	for _, c := range []struct {
		change     change
		node, want string
	}{
		{set("x.s", 0, nan), "node_x.q", "scale: got NaN"}, {set("x.s", 0, 0), "node_x.q", "scale: got 0"},
		{set("x.s", 0, -1), "node_x.q", "scale: got -1"}, {set("x.s", 0, inf), "node_x.q", "scale: got +Inf"}, {set("x.s", 0, 1e-20), "node_x.q", "scale: got 1e-20"},
		{set("w.s", 2, nan), "node_y.q", "scale: got NaN at index 2"}, {set("w.s", 3, 0), "node_y.q", "scale: got 0 at index 3"},
		{set("w.s", 1, -1), "node_y.q", "scale: got -1 at index 1"}, {set("w.s", 0, inf), "node_y.q", "scale: got +Inf at index 0"},
		{set("y.s", 0, nan), "node_y.q", "scale: got NaN"}, {set("y.s", 0, 0), "node_y.q", "scale: got 0"},
		{set("y.s", 0, -1), "node_y.q", "scale: got -1"}, {set("y.s", 0, inf), "node_y.q", "scale: got +Inf"},
		{unpacked("x.z", 300), "node_x.q", "zero point: got 300"}, {unpacked("x.z", -1), "node_x.q", "zero point: got -1"},
		{unpacked("y.z", 1<<40), "node_y.q", "zero point: got"},
	} {
		_, err := onnx.Import(build(c.change).bytes())
		var e *onnx.Error
		if !errors.As(err, &e) || e.Node != c.node || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error of %s that says %q", err, c.node, c.want)
		}
	}
	m, err := onnx.Import(build(set("b", 1, math.MaxInt32)).bytes())
	if err != nil {
		t.Fatal(err)
	}
	var e *engine.ModelError
	if _, err := engine.New(m); !errors.As(err, &e) || !strings.Contains(e.Node, "node_y.q") || !strings.Contains(err.Error(), "sum of output channel 1: got up to") {
		t.Errorf("got %v, want an error of node_y.q: sums that 32 bits do not hold", err)
	}
}
