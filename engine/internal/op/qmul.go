package op

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// qmul multiplies each plane of a quantized value by a factor of float32, as squeeze and
// excitation does.
type qmul struct{ result step.Result }

var qmulKind = kind(weights.OpQMul, 2, func(a *graph.Attrs, in []graph.Shape) (*qmul, []graph.Shape) {
	n := &qmul{parseResult(a)}
	c, _, _ := a.Planes(in[0])
	if want := (graph.Shape{c, 1, 1}); !in[1].Equal(want) {
		a.Failf("second input: got shape %v, want %v", in[1], want)
	}
	return n, in[:1]
})

func (*qmul) Name() string                     { return weights.OpQMul }
func (*qmul) MACs(in, out []graph.Shape) int64 { return 0 }

func (n *qmul) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	c, pixels := node.OutShapes[0].Planes()
	x := node.In[0]
	factor := step.Vector(b, node.Node, node.In[1], 1)
	out := n.result.Planes(b, c, pixels)
	t := &qmulStep{
		call:  kernel.QScale{Zeros: step.Zeros(b, x), C: c, N: pixels, Requant: n.result.Requant()},
		scale: step.Scales(b, x, n.result.Scale), src: b.UseBytes(x, nil), dst: b.UseBytes(out, nil), factor: b.Use(factor[:1]),
	}
	b.Fail(step.CheckMultipliers(t.scale, 1))
	t.mult = b.Use(b.NewVector(c)[:1]) // factor times scale
	b.Add(node.Label, limit.Product(plan.MoveWork/2, c, pixels), c, t)
	return one(out), nil
}

type qmulStep struct {
	call                   kernel.QScale // what every call shares
	scale                  []float32
	src, dst, factor, mult plan.TableID
}

// mostMult bounds what a factor may make of a plane's multiplier. 255 steps times it are
// far beyond the last one.
const mostMult = 1 << 16

func (t *qmulStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.call.C, 16) // a cache line of mult
	if lo == hi {
		return
	}
	k := &w.Args.QScale
	*k = t.call
	k.Mem, k.Src, k.Dst, k.C = w.Bytes, w.Table(t.src)[lo:hi], w.Table(t.dst)[lo:hi], hi-lo
	k.Zeros, k.Mult = k.Zeros[lo:hi], w.Vector(t.mult, t.call.C)[lo:hi]
	factor := w.Vector(t.factor, t.call.C)[lo:hi]
	for c, f := range factor {
		m := float32(f * t.scale[lo+c])
		switch {
		case m != m: // NaN
			m = 0
		case m > mostMult:
			m = mostMult
		case m < -mostMult:
			m = -mostMult
		}
		k.Mult[c] = m
	}
	w.Set.QScale(k)
}

func (t *qmulStep) Describe() plan.Description {
	c, n := t.call.C, t.call.N
	return plan.Description{Kernel: fmt.Sprintf("qscale %dx%d", c, n), Kind: "qscale", Call: &t.call, Bytes: int64(2 * c * n)}
}
