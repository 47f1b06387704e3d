package quantize

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// matrix is the weights of a layer as integers: rows of output channels.
type matrix struct {
	bytes []byte    // int8, as the layer's tensor has them
	scale []float32 // of each row's sums
	bias  []float32 // of each row
}

// layer is what a matrix is made of.
type layer struct {
	weight  []float32 // rows of equal length
	bias    []float32 // one a row; nil: zeros
	rows    int
	channel func(row, at int) int // the input channel that element at of a row multiplies
	quant   []weights.Quant       // of the input's channels
	mean    []float64             // of the input's channels; nil: the bias is not corrected
}

// integers rounds a layer's weights: symmetrically, with a scale for each row. Scales of
// the input's channels, which may differ, are in the weights that are rounded: a row's
// sum of products of integers is then in one unit.
//
// Rounded weights make outputs that are off by a constant where the input's mean is not
// 0. The bias takes that up (Nagel et al., arXiv 1906.04721, section 4.2).
func (l *layer) integers() *matrix {
	n := len(l.weight) / l.rows
	m := &matrix{bytes: make([]byte, len(l.weight)), scale: make([]float32, l.rows), bias: make([]float32, l.rows)}
	real := make([]float64, n)
	for r := range l.rows {
		top := 0.0
		for i, w := range l.weight[r*n : (r+1)*n] {
			real[i] = float64(w) * float64(l.quant[l.channel(r, i)].Scale)
			top = max(top, math.Abs(real[i]))
		}
		scale := float32(1) // all zeros, or as good
		if top/127 > weights.MinScale {
			scale = float32(top / 127)
		}
		m.scale[r] = scale
		off := 0.0
		for i, v := range real {
			q := math.RoundToEven(v / float64(scale))
			q = min(max(q, -127), 127)
			m.bytes[r*n+i] = byte(int8(q))
			if l.mean != nil {
				c := l.channel(r, i)
				off += (q*float64(scale) - v) / float64(l.quant[c].Scale) * l.mean[c]
			}
		}
		if l.bias != nil {
			m.bias[r] = l.bias[r]
		}
		m.bias[r] -= float32(off)
	}
	return m
}
