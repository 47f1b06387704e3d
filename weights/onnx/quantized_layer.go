package onnx

import (
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// qlayer is what a quantized convolution and a linear layer share.
type qlayer struct {
	weight *weights.Tensor
	scale  []float32 // of a row's sums in the model
	bias   []float32 // nil: none
}

// qlayer reads the tensors of n: weights of a shape whose first dimension is -1, and the
// bias by its role.
func (e *exporter) qlayer(n *weights.Node, bias string, shape ...int) (*qlayer, error) {
	w, err := e.role(n, "weight", shape...)
	if err != nil {
		return nil, err
	}
	if w.DType != weights.Int8 || len(w.Bytes) == 0 {
		return nil, fmt.Errorf("weight: got elements of %v, want %v", w.DType, weights.Int8)
	}
	scale, err := e.role(n, "scale", w.Shape[0])
	if err != nil {
		return nil, err
	}
	l := &qlayer{weight: w, scale: scale.Data}
	if n.Tensors[bias] != "" {
		b, err := e.role(n, bias, w.Shape[0])
		if err != nil {
			return nil, err
		}
		l.bias = b.Data
	}
	return l, nil
}

// steps returns the weights as ONNX has them: integers, and what 1 means in each row. own
// is what the planes mean that a row multiplies: as many as its weights, or each for some of
// them. Where all have the same scale, the integers are the model's. Where not, the
// model's weights have the planes' scales in them, and are rounded anew without.
func (l *qlayer) steps(own func(row int) []weights.Quant) (codes []byte, steps []float32) {
	rows := l.weight.Shape[0]
	per := len(l.weight.Bytes) / rows
	codes, steps = make([]byte, len(l.weight.Bytes)), make([]float32, rows)
	for o := range rows {
		row, in := l.weight.Bytes[o*per:(o+1)*per], own(o)
		if same(in) {
			copy(codes[o*per:], row)
			steps[o] = float32(float64(l.scale[o]) / float64(in[0].Scale))
			continue
		}
		taps, largest := per/len(in), 0.0
		real := func(i int) float64 {
			return float64(int8(row[i])) * float64(l.scale[o]) / float64(in[i/taps].Scale)
		}
		for i := range row {
			largest = max(largest, math.Abs(real(i)))
		}
		if largest == 0 {
			largest = float64(l.scale[o])
		}
		step := largest / math.MaxInt8
		for i := range row {
			codes[o*per+i] = byte(int8(math.RoundToEven(real(i) / step)))
		}
		steps[o] = float32(step)
	}
	return codes, steps
}

// same says whether all have one scale.
func same(in []weights.Quant) bool {
	for _, q := range in {
		if q.Scale != in[0].Scale {
			return false
		}
	}
	return true
}

// operands writes the weights and the bias of layer n behind a DequantizeLinear each, and
// returns the inputs of a Conv or Gemm. own is as for steps, scale that of x in ONNX.
func (e *exporter) operands(n *weights.Node, l *qlayer, own func(row int) []weights.Quant, scale float32) []string {
	codes, steps := l.steps(own)
	in := []string{n.Inputs[0], e.rowwise(l.weight.Name, proto.Int8, l.weight.Shape, codes, steps)}
	if l.bias == nil {
		return in
	}
	// The sums of integers begin with the bias: 1 of it means what 1 of them means.
	rows := len(steps)
	whole, sums := make([]int32, rows), make([]float32, rows)
	for o, b := range l.bias {
		sums[o] = scale * steps[o]
		k := math.RoundToEven(float64(b) / float64(sums[o]))
		if !(math.Abs(k) <= math.MaxInt32) { // the engine would not add it to integers
			name := e.fresh(n.Tensors["bias"])
			e.initFloats(name, []int{rows}, l.bias)
			return append(in, name)
		}
		whole[o] = int32(k)
	}
	return append(in, e.rowwise(n.Name+"/bias", proto.Int32, []int{rows}, proto.Int32s(whole), sums))
}

// rowwise writes integers of which each row has its own scale, and returns the name of
// the float32 numbers that they mean.
func (e *exporter) rowwise(name string, typ int64, shape []int, raw []byte, steps []float32) string {
	codes, scale := e.fresh(name+"/integers"), e.fresh(name+"/steps")
	e.initRaw(codes, typ, shape, raw)
	e.initFloats(scale, []int{len(steps)}, steps)
	zero := e.fresh(name + "/zeros")
	e.initRaw(zero, typ, []int{len(steps)}, make([]byte, len(steps)*len(raw)/max(1, product1(shape))))
	out := e.fresh(name + "/dequantized")
	e.put(out, "DequantizeLinear", []string{codes, scale, zero}, []string{out}, proto.IntAttr("axis", 0))
	return out
}

// initRaw adds an initializer of any type.
func (e *exporter) initRaw(name string, typ int64, shape []int, raw []byte) {
	e.inits = proto.AppendMessage(e.inits, 5, proto.RawTensor(name, typ, shape, raw))
}

// initByte adds one number of 8 bits as an initializer, once, and returns its name.
func (e *exporter) initByte(v int) string {
	key := fmt.Sprint("byte", v)
	if e.tensors[key] == "" {
		e.tensors[key] = e.fresh(fmt.Sprintf("riffle/zero%d", v))
		e.initRaw(e.tensors[key], proto.Uint8, nil, []byte{byte(v)})
	}
	return e.tensors[key]
}
