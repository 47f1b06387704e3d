package quantize

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// center takes each channel's mean out of what u writes, and puts what next makes of it
// into next's bias: a channel whose mean is far from 0 would else need a range that
// reaches there. (Nagel et al., arXiv 1906.04721, section 4.1.3.)
func center(m *weights.Model, u, next *unit, mean []float64) {
	b := ownBias(m, u.Node)
	for c := range b.Data {
		b.Data[c] = float32(float64(b.Data[c]) - mean[c])
	}
	b = ownBias(m, next.Node)
	w := m.Tensor(next.Tensors["weight"])
	sums := make([]float64, len(b.Data))
	for i, v := range w.Data {
		o := i / w.Shape[1]
		sums[o] += float64(v) * mean[inputChannel(next.Node, w, o, i%w.Shape[1])]
	}
	for o, s := range sums {
		b.Data[o] = float32(float64(b.Data[o]) + s)
	}
}

// less is what is seen of a value after each channel has been lowered.
func (x *spread) less(by []float64) *spread {
	y := x.clone()
	for c, f := range by {
		y.lo[c], y.hi[c], y.mean[c] = x.lo[c]-f, x.hi[c]-f, x.mean[c]-f
		y.power[c] = max(0, x.power[c]-2*f*x.mean[c]+f*f)
	}
	return y
}

// divided is what is seen of a value after each channel has been divided.
func (x *spread) divided(by []float64) *spread {
	y := x.clone()
	for c, f := range by {
		y.lo[c], y.hi[c], y.mean[c], y.power[c] = x.lo[c]/f, x.hi[c]/f, x.mean[c]/f, x.power[c]/(f*f)
	}
	return y
}

func (x *spread) clone() *spread {
	return &spread{slices.Clone(x.lo), slices.Clone(x.hi), slices.Clone(x.mean), slices.Clone(x.power)}
}
