package onnx

import "slices"

// constMatMul is a product of constants.
var constMatMul = operator{folds: map[string]evaluator{"MatMul": (*importer).matMulConstant}}

// matMulConstant multiplies the last two dimensions. Those in front broadcast.
func (im *importer) matMulConstant(in []*tensor) *tensor {
	if len(in) != 2 || in[1] == nil {
		return nil
	}
	a, b := in[0], in[1]
	if a.isInt() || b.isInt() || len(a.dims) < 2 || len(b.dims) < 2 {
		return nil
	}
	ra, rb := len(a.dims)-2, len(b.dims)-2
	m, k, n := a.dims[ra], a.dims[ra+1], b.dims[rb+1]
	if b.dims[rb] != k {
		im.failf(ErrInvalid, "inputs: got shapes %v and %v, want as many columns as rows", a.dims, b.dims)
	}
	batch, stepA, stepB := im.broadcast(a.dims[:ra], b.dims[:rb])
	out := im.like(a, slices.Concat(batch, []int{m, n}))
	count, _ := product(batch)
	if _, ok := product(slices.Concat(batch, []int{m, k, n})); !ok {
		im.failf(ErrUnsupported, "got a product of constants of shapes %v and %v, want at most %d multiplications", a.dims, b.dims, maxSize)
	}
	im.spend(count * m * k * n / 16) // time, not memory
	for g := range count {
		x, y := a.f[offset(g, batch, stepA)*m*k:], b.f[offset(g, batch, stepB)*k*n:]
		for i := range m {
			for j := range n {
				sum := 0.0
				for l := range k {
					sum += float64(x[i*k+l]) * float64(y[l*n+j])
				}
				out.f[(g*m+i)*n+j] = float32(sum)
			}
		}
	}
	return out
}
