package onnx_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// qdq adds a QuantizeLinear and a DequantizeLinear of value v, as ONNX Runtime's quantizer
// writes them, and returns the new value's name.
func qdq(f *file, v string, typ int64, scale, zero float64) string {
	f.tensor(v+".s", float32Type, nil, scale).tensor(v+".z", typ, nil, zero)
	f.node("QuantizeLinear", v+" "+v+".s "+v+".z", v+".q").node("DequantizeLinear", v+".q "+v+".s "+v+".z", v+".d")
	return v + ".d"
}

// pointwiseQDQ is a quantized pointwise convolution of 6 to 3 channels, whose weights have a
// scale for each output channel, with a ReLU behind it.
func pointwiseQDQ(typ int64, zero float64) *file {
	f := image(13)
	x := qdq(f, "x", typ, 0.05, zero+3)
	w := make([]float64, 18)
	for i := range w {
		w[i] = float64(i*37%255 - 127)
	}
	f.tensor("w8", int8Type, []int64{3, 6, 1, 1}, w...).tensor("ws", float32Type, []int64{3}, 0.01, 0.02, 0.005).tensor("wz", int8Type, []int64{3}, 0, 0, 0)
	f.node("DequantizeLinear", "w8 ws wz", "w", attrInt("axis", 0))
	f.tensor("b32", int32Type, []int64{3}, 100, -200, 300).tensor("bs", float32Type, []int64{3}, 0.0005, 0.001, 0.00025).tensor("bz", int32Type, []int64{3}, 0, 0, 0)
	f.node("DequantizeLinear", "b32 bs bz", "b", attrInt("axis", 0))
	f.node("Conv", x+" w b", "c").node("Relu", "c", "r")
	return f.out(qdq(f, "r", typ, 0.08, zero))
}

// A QDQ convolution becomes one quantized operator that computes what ONNX says, but for
// one step where rounding is on the edge; signed activations mean the same as unsigned.
func TestQDQConvolution(t *testing.T) {
	in := random(6 * 4 * 5)
	var first []float32
	for _, c := range []struct {
		typ  int64
		zero float64
	}{{uint8Type, 128}, {int8Type, 0}} {
		m, err := onnx.Import(pointwiseQDQ(c.typ, c.zero).bytes())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := operators(m), "quantize qconv dequantize"; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		n := m.Graph.Nodes[1]
		if want := (weights.Quant{Scale: 0.08, Zero: 128}); n.Quant[0] != want || n.Attrs["clamp"][0] != 128 || n.Attrs["clamp"][1] != 255 {
			t.Errorf("got %+v and clamp %v, want %+v and a ReLU at 128", n.Quant, n.Attrs["clamp"], want)
		}
		e, err := engine.New(m)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		s, err := e.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		got := make([]float32, 3*4*5)
		if err := s.Run(context.Background(), got, in); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		round := func(v, scale, zero float64) float64 { // to uint8 and back
			q := min(max(math.RoundToEven(v/scale)+zero, 0), 255)
			return (q - zero) * scale
		}
		for k, v := range got {
			o, p := k/20, k%20
			sum := []float64{0.05, -0.2, 0.075}[o]
			for i := range 6 {
				w := float64((o*6+i)*37%255-127) * []float64{0.01, 0.02, 0.005}[o]
				sum += w * round(float64(in[i*20+p]), 0.05, 131)
			}
			if want := round(max(sum, 0), 0.08, 128); math.Abs(float64(v)-want) > 0.0801 {
				t.Errorf("element %d: got %v, want %v", k, v, want)
			}
			if v != first[k] {
				t.Errorf("element %d: got %v with signed activations, %v with unsigned ones", k, v, first[k])
			}
		}
	}
}

// rows adds w, quantized weights of the dimensions given, each row with its scale.
func rows(f *file, dims ...int64) *file {
	n := int64(1)
	for _, d := range dims {
		n *= d
	}
	w, steps := make([]float64, n), make([]float64, dims[0])
	for i := range w {
		w[i] = float64(i*37%255 - 127)
	}
	for i := range steps {
		steps[i] = 0.001 * float64(i+1)
	}
	f.tensor("w8", int8Type, dims, w...).tensor("ws", float32Type, dims[:1], steps...)
	return f.node("DequantizeLinear", "w8 ws", "w", attrInt("axis", 0))
}

// convolution adds c, a pointwise convolution of x's 6 channels to as many, of so many input
// channels in each of its groups.
func convolution(f *file, x string, per, groups int64) {
	rows(f, 6, per, 1, 1).node("Conv", x+" w", "c", attrInt("group", groups))
}

// generator adds that of a dynamic shuffle of 6 channels in 2 groups, factors 1 and 3.
func generator(f *file) *file {
	f.riffle = true
	return f.floats("w1", 8, 6).floats("b1", 8).floats("w2", 10, 8).floats("b2", 10)
}

// What stands between a DequantizeLinear and a QuantizeLinear, and what becomes of it.
func TestQDQOperators(t *testing.T) {
	for _, c := range []struct {
		name, want string
		build      func(f *file, x string) string // from quantized x to what is quantized
	}{
		{"a sum", "quantize qadd dequantize", func(f *file, x string) string { f.node("Add", x+" "+x, "y"); return "y" }},
		{"a limit", "quantize qadd dequantize", func(f *file, x string) string {
			f.node("Add", x+" "+x, "a").node("Relu", "a", "y")
			return "y"
		}},
		{"a mean over windows", "quantize qavgpool dequantize", func(f *file, x string) string {
			f.node("AveragePool", x, "y", attrInts("kernel_shape", 2, 2))
			return "y"
		}},
		{"a maximum, and another scale", "quantize maxpool qlookup dequantize", func(f *file, x string) string {
			f.node("MaxPool", x, "y", attrInts("kernel_shape", 2, 2))
			return "y"
		}},
		{"a concat", "quantize qlookup concat dequantize", func(f *file, x string) string {
			f.node("Concat", x+" "+x, "y", attrInt("axis", 1))
			return "y"
		}},
		{"a mean over all pixels", "quantize gap quantize dequantize", func(f *file, x string) string { f.node("GlobalAveragePool", x, "y"); return "y" }},
		{"a function of single elements", "quantize qlookup dequantize", func(f *file, x string) string { f.node("Sigmoid", x, "y"); return "y" }},
		{"a function, and a limit", "quantize qlookup dequantize", func(f *file, x string) string {
			f.node("LeakyRelu", x, "l", attrFloat("alpha", 0.5)).node("Clip", "l lo", "y").tensor("lo", float32Type, nil, -1)
			return "y"
		}},
		{"a limit alone", "quantize qlookup dequantize", func(f *file, x string) string { f.node("Relu", x, "y"); return "y" }},
		{"what is not known stays float32", "quantize dequantize rearrange softmax quantize dequantize rearrange", func(f *file, x string) string {
			f.node("Softmax", x, "y", attrInt("axis", 1))
			return "y"
		}},
		{"float32 weights stay so", "quantize dequantize conv quantize dequantize", func(f *file, x string) string {
			f.floats("w", 3, 6, 1, 1).node("Conv", x+" w", "y")
			return "y"
		}},
		{"a convolution, a sum and a limit", "quantize qconv dequantize", func(f *file, x string) string {
			convolution(f, x, 6, 1)
			f.node("Add", "c "+x, "a").node("Relu", "a", "y")
			return "y"
		}},
		{"a depthwise convolution adds nothing", "quantize dequantize qconv add quantize dequantize", func(f *file, x string) string {
			convolution(f, x, 1, 6)
			f.node("Add", x+" c", "y")
			return "y"
		}},
		{"a dynamic shuffle", "quantize dynamicshuffle qlookup dequantize", func(f *file, x string) string {
			generator(f).node("riffle.DynamicShuffle", x+" w1 b1 w2 b2", "y", attrInt("groups", 2), attrInts("factors", 1, 3))
			return "y"
		}},
		{"a dynamic shuffle that float32 reads too", "quantize dynamicshuffle dequantize mul quantize qadd dequantize", func(f *file, x string) string {
			generator(f).node("riffle.DynamicShuffle", x+" w1 b1 w2 b2", "s", attrInt("groups", 2), attrInts("factors", 1, 3))
			f.node("Mul", "s s", "t")
			f.node("Add", "s "+qdq(f, "t", uint8Type, 0.004, 0), "y")
			return "y"
		}},
		{"a static-dynamic shuffle", "quantize qstaticdynamicshuffle dequantize", func(f *file, x string) string {
			rows(generator(f), 6, 3).floats("gate", 6).floats("shift", 6)
			f.node("riffle.StaticDynamicShuffle", x+" w1 b1 w2 b2 w gate shift", "y", attrInt("groups", 2), attrInts("factors", 1, 3), attrInt("form", 0))
			return "y"
		}},
		{"a static-dynamic shuffle of float32 weights", "quantize dequantize staticdynamicshuffle quantize dequantize", func(f *file, x string) string {
			generator(f).floats("w", 6, 3).floats("gate", 6).floats("shift", 6)
			f.node("riffle.StaticDynamicShuffle", x+" w1 b1 w2 b2 w gate shift", "y", attrInt("groups", 2), attrInts("factors", 1, 3), attrInt("form", 0))
			return "y"
		}},
		{"a result that is read twice", "quantize qconv sigmoid quantize dequantize", func(f *file, x string) string {
			f.tensor("w8", int8Type, []int64{3, 6, 1, 1}, make([]float64, 18)...).tensor("ws", float32Type, nil, 0.5).node("DequantizeLinear", "w8 ws", "w")
			f.node("Conv", x+" w", "c").node("Sigmoid", "c", "y")
			return "y"
		}},
	} {
		f := image(13)
		y := c.build(f, qdq(f, "x", uint8Type, 0.05, 128))
		m, err := onnx.Import(f.out(qdq(f, y, uint8Type, 0.25, 7)).bytes())
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := operators(m)
		if c.name == "a concat" { // each of its inputs has a table
			got = strings.Replace(got, "qlookup qlookup", "qlookup", 1)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		e, err := engine.New(m)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		e.Close()
	}
}

func TestQDQRefused(t *testing.T) {
	act := func(typ int64, scale, zero float64) *file {
		f := image(13)
		return f.out(qdq(f, "x", typ, scale, zero))
	}
	perChannel := image(13).tensor("s", float32Type, []int64{6}, 1, 1, 1, 1, 1, 1).tensor("z", uint8Type, []int64{6}, 0, 0, 0, 0, 0, 0).
		node("QuantizeLinear", "x s z", "q").node("DequantizeLinear", "q s z", "y").out("y")
	other := image(13).tensor("s", float32Type, nil, 1).tensor("t", float32Type, nil, 2).tensor("z", uint8Type, nil, 0).
		node("QuantizeLinear", "x s z", "q").node("DequantizeLinear", "q t z", "y").out("y")
	for want, c := range map[string]struct {
		f    *file
		kind error
	}{
		"scale: got 0, want":                        {act(uint8Type, 0, 0), onnx.ErrInvalid},
		"scale: got -1, want":                       {act(uint8Type, -1, 0), onnx.ErrInvalid},
		"scale: got NaN, want":                      {act(uint8Type, math.NaN(), 0), onnx.ErrInvalid},
		"scale: got +Inf, want":                     {act(uint8Type, math.Inf(1), 0), onnx.ErrInvalid},
		"zero point: got int32 for an activation":   {act(int32Type, 1, 0), onnx.ErrUnsupported},
		"scale: got 6 values for an activation":     {perChannel, onnx.ErrUnsupported},
		"scale and zero point: got 2 and 0, want 1": {other, onnx.ErrUnsupported},
	} {
		_, err := onnx.Import(c.f.bytes())
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a %v that says %q", err, c.kind, want)
		}
	}
}
