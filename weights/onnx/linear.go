package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// What a linear layer becomes, whichever operator asks for it.

// gemm is Gemm, and MatMul of an activation and a constant.
func (im *importer) gemm() {
	v := im.act(0)
	w := im.floatConstant(1, true)
	if len(w.dims) != 2 || len(w.f) == 0 {
		im.failf(ErrUnsupported, "weight: got dimensions %v, want two", w.dims)
	}
	if n := len(v.dims); n > 2 && v.dims[n-1] == w.dims[0] && v.elems() != w.dims[0] {
		im.out(im.pointwiseLayer(v, w))
		return
	}
	alpha, beta := im.attrFloat("alpha", 1), im.attrFloat("beta", 1)
	if im.flag("transA", 0) {
		im.failf(ErrUnsupported, "transA: got 1, want 0")
	}
	in, out := w.dims[0], w.dims[1]
	stride, step := 1, out // of weights of one output, and of one input
	if im.flag("transB", 0) {
		in, out = out, in
		stride, step = in, 1
	}
	x, order := im.features(v)
	if k := v.elems(); in != k {
		im.failf(ErrInvalid, "weight: got %d inputs (dimensions %v), want %d", in, w.dims, k)
	}
	n := im.shapes[x][0] // of them the features are some
	if _, ok := product([]int{out, n}); !ok {
		im.failf(ErrUnsupported, "weight: got %d outputs of %d inputs, want at most %d elements", out, n, maxSize)
	}
	im.spend(out * n)
	data := make([]float32, out*n)
	for o := range out {
		for i := range in {
			v := float32(alpha * float64(w.f[o*stride+i*step]))
			if order == nil {
				data[o*n+i] = v
			} else {
				data[o*n+int(order[i])] += v // a feature may be there twice
			}
		}
	}
	tensors := map[string]string{"weight": im.store("weight", w.name, data, out, n)}
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
	y := im.add(weights.OpLinear, im.n.Label(), im.n.Outputs[0], []string{x}, nil, tensors, out)
	if len(v.dims) != 2 {
		y = im.reshaped(y, append(slices.Clone(v.dims[:len(v.dims)-1]), out))
	}
	im.out(y)
}

// features settles v, which must be a vector but for dimensions of 1 in front, and
// returns the model's vector. Where that has the elements in another order, or more of
// them, order says where each is: the weights are put into that order, so that a transpose
// in front of a linear layer costs nothing.
func (im *importer) features(v *value) (x string, order []int32) {
	n := len(v.dims)
	if n == 0 || v.dims[n-1] != v.elems() || n == 1 && !im.single || v.padded() || v.lead == n-1 && im.samples(v) > 1 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N K]", im.n.Inputs[0], im.whole(v))
	}
	row := im.vectorOf(v)
	if !im.settles(row) {
		order = im.runs(row, 1)
		return im.settle(&value{base: v.base, dims: []int{1, im.size(v.base)}, by: v.by}, im.n.Inputs[0]+"/vector"), order
	}
	x = im.settle(row, im.n.Inputs[0])
	if n == 2 {
		im.share(0, x)
	}
	return x, nil
}
