package onnx

import (
	"math"

	"github.com/riffle-ml/riffle/internal/element"
	"github.com/riffle-ml/riffle/weights"
)

// pattern is an activation that exporters write in parts.
type pattern struct {
	op    string
	attrs map[string][]int
	at    func(x float64) float64
}

var patterns = []pattern{
	patternOf(weights.OpSiLU, nil), patternOf(weights.OpHardSwish, nil), patternOf(weights.OpGELU, nil),
	patternOf(weights.OpGELU, map[string][]int{"tanh": {1}}), patternOf(weights.OpMish, nil),
}

func patternOf(op string, attrs map[string][]int) pattern {
	return pattern{op, attrs, element.Of(&weights.Node{Op: op, Attrs: attrs}, nil)}
}

// points are where functions are compared: on both sides of where the known ones bend,
// at distances that no period fits.
var points = func() (x []float64) {
	for k := -40; k <= 40; k++ {
		x = append(x, float64(k)*0.2963+0.013*math.Sqrt(float64(k+41)))
	}
	return x
}()

// match returns the activation whose values y are, times a factor; nil if there is none.
// Constants in a file are float32, so that values agree to some 1e-7 of the argument.
func match(y []float64) (*pattern, float64) {
	last := len(points) - 1
	for i := range patterns {
		p := &patterns[i]
		factor := y[last] / p.at(points[last])
		if !finite(factor) || factor == 0 {
			continue
		}
		if math.Abs(factor-math.Round(factor)) < 1e-6 && math.Round(factor) != 0 {
			factor = math.Round(factor)
		}
		same := true
		for k, x := range points {
			same = same && math.Abs(y[k]-factor*p.at(x)) <= 2e-6*math.Abs(factor)*math.Max(1, math.Abs(x))
		}
		if same {
			return p, factor
		}
	}
	return nil, 0
}
