package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opLinear = operator{
	op: weights.OpLinear, inputs: 1,
	reads:  map[string]reader{"Gemm": (*importer).gemm, "MatMul": (*importer).gemm},
	absorb: absorbAffine,
	finish: foldAffine,
	write:  (*exporter).linear,
}

// gemm is Gemm, and MatMul of an activation and a constant.
func (im *importer) gemm() {
	x, k := im.vector(0)
	w := im.floatConstant(1, true)
	if len(w.dims) != 2 || len(w.f) == 0 {
		im.failf(ErrUnsupported, "weight: got dimensions %v, want two", w.dims)
	}
	alpha, beta := im.attrFloat("alpha", 1), im.attrFloat("beta", 1)
	if im.flag("transA", 0) {
		im.failf(ErrUnsupported, "transA: got 1, want 0")
	}
	in, out := w.dims[0], w.dims[1]
	trans := im.flag("transB", 0)
	if trans {
		in, out = out, in
	}
	if in != k {
		im.failf(ErrInvalid, "weight: got %d inputs (dimensions %v), want %d", in, w.dims, k)
	}
	im.spend(len(w.f))
	data := make([]float32, len(w.f))
	for o := range out {
		for i := range in {
			at := i*out + o
			if trans {
				at = o*in + i
			}
			data[o*in+i] = float32(alpha * float64(w.f[at]))
		}
	}
	tensors := map[string]string{"weight": im.store("weight", w.name, data, out, in)}
	if b := im.floatConstant(2, false); b != nil {
		if len(b.f) != out && len(b.f) != 1 || len(b.dims) > 2 || len(b.dims) == 2 && b.dims[0] != 1 {
			im.failf(ErrUnsupported, "bias: got dimensions %v, want [%d]", b.dims, out)
		}
		im.spend(out)
		bias := make([]float32, out)
		for i := range bias {
			bias[i] = float32(beta * float64(b.f[i%len(b.f)]))
		}
		tensors["bias"] = im.store("bias", b.name, bias, out)
	}
	im.emit(weights.OpLinear, []string{x}, nil, tensors, out)
}

func (e *exporter) linear(n *weights.Node, s []int) ([][]int, error) {
	if err := vectorial(s); err != nil {
		return nil, err
	}
	w, err := e.role(n, "weight", -1, s[0])
	if err != nil {
		return nil, err
	}
	in := []string{n.Inputs[0], e.tensor(w, w.Shape...)}
	if n.Tensors["bias"] != "" {
		b, err := e.role(n, "bias", w.Shape[0])
		if err != nil {
			return nil, err
		}
		in = append(in, e.tensor(b, w.Shape[0]))
	}
	e.put(n.Name, "Gemm", in, n.Outputs, proto.IntAttr("transB", 1))
	return [][]int{{w.Shape[0]}}, nil
}
