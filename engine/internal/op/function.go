package op

import (
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// function is one of single elements that is no activation of package kernel: those
// seldom stand in a network but as a part of one, which the import recognizes. It is
// computed in float64.
type function struct {
	name        string
	of          func(x float64) float64
	nonNegative bool // whatever x is
	work        int  // as plan.MoveWork
}

var (
	erfKind        = functionKind(function{weights.OpErf, math.Erf, false, 128})
	softplusKind   = functionKind(function{weights.OpSoftplus, softplus, true, 256})
	expKind        = functionKind(function{weights.OpExp, math.Exp, true, 64})
	sqrtKind       = functionKind(function{weights.OpSqrt, math.Sqrt, true, 32})
	absKind        = functionKind(function{weights.OpAbs, math.Abs, true, 16})
	reciprocalKind = functionKind(function{weights.OpReciprocal, func(x float64) float64 { return 1 / x }, false, 16})
)

// softplus is log(1+exp(x)), without an overflow.
func softplus(x float64) float64 {
	if math.IsNaN(x) {
		return x
	}
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

func functionKind(n function) graph.Kind {
	return kind(n.name, 1, func(a *graph.Attrs, in []graph.Shape) (*function, []graph.Shape) { return &n, in })
}

func (n *function) Name() string                     { return n.name }
func (n *function) MACs(in, out []graph.Shape) int64 { return 0 }
func (n *function) NonNegative(bool) bool            { return n.nonNegative }

func (n *function) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	c, pixels := node.OutShapes[0].Planes()
	out := b.NewPlanes(weights.Float32, c, pixels)
	t := &functionStep{function: n, src: b.Use(node.In[0]), dst: b.Use(out), c: c, n: pixels}
	b.Add(node.Label, limit.Product(n.work, c, pixels), c, t)
	return one(out), nil
}

type functionStep struct {
	*function
	src, dst plan.TableID
	c, n     int
}

func (t *functionStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	src, dst := w.Table(t.src), w.Table(t.dst)
	for c := lo; c < hi; c++ {
		x, y := w.Arena[src[c]:][:t.n], w.Arena[dst[c]:][:t.n]
		for i, v := range x {
			y[i] = float32(t.of(float64(v)))
		}
	}
}

func (t *functionStep) Describe() plan.Description {
	return plan.Description{Kernel: fmt.Sprintf("%s %dx%d", t.name, t.c, t.n), Kind: t.name, Bytes: int64(8 * t.c * t.n)}
}
