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

// qadd is the sum of two quantized values of one shape.
type qadd struct{ result step.Result }

var qaddKind = kind(weights.OpQAdd, 2, func(a *graph.Attrs, in []graph.Shape) (*qadd, []graph.Shape) {
	n := &qadd{parseResult(a)}
	if !in[0].Equal(in[1]) {
		a.Failf("inputs: got shapes %v and %v, want the same", in[0], in[1])
	}
	return n, in[:1]
})

func (*qadd) Name() string                     { return weights.OpQAdd }
func (*qadd) MACs(in, out []graph.Shape) int64 { return 0 }

func (n *qadd) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	c, pixels := node.OutShapes[0].Planes()
	x, y := node.In[0], node.In[1]
	out := n.result.Planes(b, c, pixels)
	t := &qaddStep{
		call: kernel.QAdd{
			AZero: step.Zeros(b, x), BZero: step.Zeros(b, y), AMult: step.Scales(b, x, n.result.Scale), BMult: step.Scales(b, y, n.result.Scale),
			Ch: c, N: pixels, Requant: n.result.Requant(),
		},
		a: b.UseBytes(x, nil), b: b.UseBytes(y, nil), out: b.UseBytes(out, nil),
	}
	b.Fail(step.CheckMultipliers(t.call.AMult, 1))
	b.Fail(step.CheckMultipliers(t.call.BMult, 1))
	b.Add(node.Label, limit.Product(plan.MoveWork/2, c, pixels), c, t)
	return one(out), nil
}

type qaddStep struct {
	call      kernel.QAdd // what every call shares
	a, b, out plan.TableID
}

func (t *qaddStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.call.Ch, 1)
	if lo == hi {
		return
	}
	k := &w.Args.QAdd
	*k = t.call
	k.Mem, k.A, k.B, k.C, k.Ch = w.Bytes, w.Table(t.a)[lo:hi], w.Table(t.b)[lo:hi], w.Table(t.out)[lo:hi], hi-lo
	k.AZero, k.BZero, k.AMult, k.BMult = k.AZero[lo:hi], k.BZero[lo:hi], k.AMult[lo:hi], k.BMult[lo:hi]
	w.Set.QAdd(k)
}

func (t *qaddStep) Describe() plan.Description {
	c, n := t.call.Ch, t.call.N
	return plan.Description{Kernel: fmt.Sprintf("qadd %dx%d", c, n), Kind: "qadd", Call: &t.call, Bytes: int64(3 * c * n)}
}
