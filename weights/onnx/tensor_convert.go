package onnx

import (
	"math"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// convert is Cast of a constant.
func (im *importer) convert(x *tensor, to int64) *tensor {
	if !proto.IsFloat(to) && !proto.IsInteger(to) && to != proto.Bool {
		im.failf(ErrUnsupported, "to: got %s, want floats, integers or bool", proto.TypeName(to))
	}
	out := im.like(&tensor{}, x.dims)
	if !proto.IsFloat(to) {
		out = im.like(&tensor{i: []int64{}}, x.dims)
	}
	out.typ, out.name = to, x.name
	for k := range x.len() {
		switch {
		case x.isInt() && out.isInt():
			out.i[k] = narrow(x.i[k], to)
		case x.isInt():
			out.f[k] = rounded(float32(x.i[k]), to)
		case to == proto.Bool:
			out.i[k] = truth(x.f[k] != 0)
		case out.isInt():
			out.i[k] = narrow(integer(float64(x.f[k])), to)
		default:
			out.f[k] = rounded(x.f[k], to)
		}
	}
	return out
}

// rounded is v as the floating-point type holds it.
func rounded(v float32, to int64) float32 {
	switch to {
	case proto.Float16:
		return proto.RoundHalf(v)
	case proto.BFloat16:
		b := math.Float32bits(v)
		if v != v {
			return v
		}
		return math.Float32frombits((b + 0x7fff + b>>16&1) &^ 0xffff)
	}
	return v
}

// integer is v without its fraction, the nearest there is where it is too large, and 0 for
// NaN: what a processor makes of such numbers differs from one to another.
func integer(v float64) int64 {
	switch {
	case v != v:
		return 0
	case v >= math.MaxInt64:
		return math.MaxInt64
	case v <= math.MinInt64:
		return math.MinInt64
	}
	return int64(v)
}

// narrow is v as the integer type holds it: its last bits, as numpy has it.
func narrow(v int64, to int64) int64 {
	switch to {
	case proto.Bool:
		return truth(v != 0)
	case proto.Uint8:
		return int64(uint8(v))
	case proto.Int8:
		return int64(int8(v))
	case proto.Uint16:
		return int64(uint16(v))
	case proto.Int16:
		return int64(int16(v))
	case proto.Uint32:
		return int64(uint32(v))
	case proto.Int32:
		return int64(int32(v))
	}
	return v
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
