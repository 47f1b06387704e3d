package engine

import (
	"github.com/riffle-ml/riffle/weights"
)

// growActivation adds an activation.
func (g *grower) growActivation(x string, s []int) {
	number := func(lo, hi float64) string {
		name := g.tensor(1, 1)
		g.m.Tensors[len(g.m.Tensors)-1].Data[0] = float32(lo + (hi-lo)*g.rng.Float64())
		return name
	}
	plain := []string{
		weights.OpSigmoid, weights.OpSiLU, weights.OpHardSwish, weights.OpMish, weights.OpTanh, weights.OpGELU,
		weights.OpGELU, weights.OpHardSigmoid, weights.OpLeakyReLU, weights.OpELU, weights.OpClip, weights.OpPReLU,
		weights.OpErf, weights.OpSoftplus, weights.OpAbs, weights.OpExp, weights.OpSqrt, weights.OpReciprocal,
	}
	op := plain[g.rng.IntN(len(plain))]
	attrs, tensors := map[string][]int(nil), map[string]string{}
	switch op {
	case weights.OpExp, weights.OpSqrt, weights.OpReciprocal: // of what is positive and bounded
		g.node(weights.OpSigmoid, []string{x}, nil, nil, s)
		x = g.values[len(g.values)-1]
	case weights.OpGELU:
		attrs = map[string][]int{"tanh": {g.rng.IntN(2)}}
	case weights.OpHardSigmoid:
		tensors["alpha"], tensors["beta"] = number(0.1, 0.5), number(0, 1)
	case weights.OpLeakyReLU:
		tensors["slope"] = number(-0.5, 1)
	case weights.OpELU:
		tensors["alpha"] = number(0, 2)
	case weights.OpPReLU:
		tensors["slope"] = g.tensor(0.3, s[0])
	case weights.OpClip:
		if g.rng.IntN(3) > 0 {
			tensors["min"] = number(-2, 0)
		}
		if g.rng.IntN(3) > 0 {
			tensors["max"] = number(0, 2)
		}
	}
	g.node(op, []string{x}, attrs, tensors, s)
}

// growArithmetic adds arithmetic on x and a value that goes with it, or a constant. The
// divisor is a sigmoid and so never 0.
func (g *grower) growArithmetic(x string, s []int) {
	ops := []string{weights.OpAdd, weights.OpMul, weights.OpMul, weights.OpSub, weights.OpMin, weights.OpMax, weights.OpDiv}
	op := ops[g.rng.IntN(len(ops))]
	if len(s) == 3 && g.rng.IntN(3) == 0 { // squeeze and excitation, or something like it
		pool := weights.OpGlobalAvgPool
		if g.rng.IntN(2) == 0 {
			pool = weights.OpGlobalMaxPool
		}
		g.node(pool, []string{x}, nil, nil, []int{s[0], 1, 1})
		if op == weights.OpDiv { // a sigmoid of a great negative value would be a divisor that float32 has not
			g.node(weights.OpReLU, []string{g.values[len(g.values)-1]}, nil, nil, []int{s[0], 1, 1})
		}
		g.node(weights.OpSigmoid, []string{g.values[len(g.values)-1]}, nil, nil, []int{s[0], 1, 1})
		in := []string{x, g.values[len(g.values)-1]}
		if op != weights.OpDiv && op != weights.OpSub && g.rng.IntN(4) == 0 {
			in[0], in[1] = in[1], in[0]
		}
		g.node(op, in, nil, nil, s)
		return
	}
	if op == weights.OpDiv {
		g.node(weights.OpReLU, []string{x}, nil, nil, s)
		g.node(weights.OpSigmoid, []string{g.values[len(g.values)-1]}, nil, nil, s)
		g.node(op, []string{x, g.values[len(g.values)-1]}, nil, nil, s)
		return
	}
	if g.rng.IntN(2) == 0 {
		shape := append([]int(nil), s...)
		for d := range shape {
			if g.rng.IntN(2) == 0 {
				shape[d] = 1
			}
		}
		g.node(op, []string{x}, nil, map[string]string{"value": g.tensor(1, shape...)}, s)
		return
	}
	for _, y := range g.values {
		if t := g.shapes[y]; len(t) == len(s) {
			out := append([]int(nil), s...)
			fits := true
			for d := range t {
				fits = fits && (t[d] == s[d] || t[d] == 1 || s[d] == 1)
				out[d] = max(t[d], s[d])
			}
			if fits && g.rng.IntN(2) == 0 {
				g.node(op, []string{x, y}, nil, nil, out)
				return
			}
		}
	}
}
