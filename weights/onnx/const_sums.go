package onnx

// constSums are running sums.
var constSums = operator{folds: map[string]evaluator{"CumSum": (*importer).runningSum}}

// runningSum is CumSum.
func (im *importer) runningSum(in []*tensor) *tensor {
	x := in[0]
	if len(in) != 2 || in[1] == nil || !in[1].isInt() || len(in[1].i) != 1 {
		im.failf(ErrInvalid, "axis: got none, want one integer")
	}
	axis := im.axisOf(in[1].i[0], len(x.dims))
	exclusive, reverse := im.flag("exclusive", 0), im.flag("reverse", 0)
	out := im.like(x, x.dims)
	out.typ = x.typ
	after, _ := product(x.dims[axis+1:])
	n := x.dims[axis]
	for k := 0; k < x.len(); k += max(1, n*after) {
		for e := range after {
			sum, whole := 0.0, int64(0)
			for i := range n {
				at := k + i*after + e
				if reverse {
					at = k + (n-1-i)*after + e
				}
				if x.isInt() {
					whole, out.i[at] = whole+x.i[at], narrow(whole, x.typ)
					if !exclusive {
						out.i[at] = narrow(whole, x.typ)
					}
					continue
				}
				before := sum
				if sum += float64(x.f[at]); exclusive {
					out.f[at] = rounded(float32(before), x.typ)
				} else {
					out.f[at] = rounded(float32(sum), x.typ)
				}
			}
		}
	}
	return out
}
