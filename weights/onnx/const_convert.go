package onnx

import "github.com/riffle-ml/riffle/weights/onnx/internal/proto"

func (im *importer) convert(x *tensor, to int64) *tensor {
	switch {
	case proto.IsFloat(to) && x.isInt():
		out := im.like(&tensor{}, x.dims)
		for k, v := range x.i {
			out.f[k] = float32(v)
		}
		return out
	case (to == proto.Int32 || to == proto.Int64) && !x.isInt():
		out := im.like(&tensor{i: []int64{}}, x.dims)
		for k, v := range x.f {
			out.i[k] = int64(v)
		}
		return out
	case to == proto.Bool:
		out := im.like(&tensor{i: []int64{}}, x.dims)
		for k := range out.i {
			if x.isInt() && x.i[k] != 0 || !x.isInt() && x.f[k] != 0 {
				out.i[k] = 1
			}
		}
		return out
	case proto.IsFloat(to) || to == proto.Int32 || to == proto.Int64:
		return x
	}
	im.failf(ErrUnsupported, "to: got element type %d, want float32, float16, float64, int32, int64 or bool", to)
	return nil
}
