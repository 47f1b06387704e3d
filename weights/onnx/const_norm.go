package onnx

import "math"

// Norms of constants: networks with standardized weights compute them as the file is run.
var constNorm = operator{folds: map[string]evaluator{
	"BatchNormalization":    (*importer).normalized,
	"InstanceNormalization": (*importer).normalized,
}}

// normalized is a batch norm of a constant, with the statistics that it is given or, in
// training mode, with those of the constant; or an instance norm, which has those of each
// sample.
func (im *importer) normalized(in []*tensor) *tensor {
	x := in[0]
	instance := im.n.Op == "InstanceNormalization"
	trained := im.attrInt("training_mode", 0) == 1 || instance
	want := 5
	if instance {
		want = 3
	}
	if len(x.dims) < 2 || x.isInt() || len(in) < want || x.len() == 0 {
		return nil
	}
	c := x.dims[1]
	for _, t := range in[1:want] {
		if t == nil || t.isInt() || len(t.f) != c {
			im.failf(ErrInvalid, "inputs: got none of %d values, want one for each channel", c)
		}
	}
	if im.second() {
		return nil
	}
	per := x.len() / (x.dims[0] * c)
	epsilon := im.attrFloat("epsilon", 1e-5)
	out := im.like(x, x.dims)
	out.typ = x.typ
	groups, size := c, x.dims[0] // statistics, and samples of each
	if instance {
		groups, size = c*x.dims[0], 1
	}
	for g := range groups {
		channel, first := g%c, g/c
		mean, variance := 0.0, 0.0
		each := func(f func(at int)) {
			for s := range size {
				for p := range per {
					f(((first+s)*c+channel)*per + p)
				}
			}
		}
		if trained {
			each(func(at int) { mean += float64(x.f[at]) })
			mean /= float64(size * per)
			each(func(at int) { variance += (float64(x.f[at]) - mean) * (float64(x.f[at]) - mean) })
			variance /= float64(size * per)
		} else {
			mean, variance = float64(in[3].f[channel]), float64(in[4].f[channel])
		}
		factor := float64(in[1].f[channel]) / math.Sqrt(variance+epsilon)
		each(func(at int) {
			out.f[at] = rounded(float32((float64(x.f[at])-mean)*factor+float64(in[2].f[channel])), x.typ)
		})
	}
	return out
}
