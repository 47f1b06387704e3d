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

// qlookup replaces each element by what a table of 256 has for it: any function of
// single elements.
type qlookup struct {
	table *weights.Tensor
	quant plan.Quant
}

var qlookupKind = kind(weights.OpQLookup, 1, func(a *graph.Attrs, in []graph.Shape) (*qlookup, []graph.Shape) {
	return &qlookup{a.Bytes("table", weights.Uint8, 256), parseQuant(a)}, in
})

func (*qlookup) Name() string                     { return weights.OpQLookup }
func (*qlookup) MACs(in, out []graph.Shape) int64 { return 0 }

func (n *qlookup) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	c, pixels := node.OutShapes[0].Planes()
	out := step.Result{Quant: n.quant}.Planes(b, c, pixels)
	t := &qlookupStep{
		call: kernel.QTable{Table: append([]byte(nil), n.table.Bytes...), C: c, N: pixels},
		src:  b.UseBytes(node.In[0], nil), dst: b.UseBytes(out, nil),
	}
	b.Add(node.Label, limit.Product(plan.MoveWork/2, c, pixels), c, t)
	return one(out), nil
}

type qlookupStep struct {
	call     kernel.QTable // what every call shares
	src, dst plan.TableID
}

func (t *qlookupStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.call.C, 1)
	if lo == hi {
		return
	}
	k := &w.Args.QTable
	*k = t.call
	k.Mem, k.Src, k.Dst, k.C = w.Bytes, w.Table(t.src)[lo:hi], w.Table(t.dst)[lo:hi], hi-lo
	w.Set.QTable(k)
}

func (t *qlookupStep) Describe() plan.Description {
	c, n := t.call.C, t.call.N
	return plan.Description{Kernel: fmt.Sprintf("qtable %dx%d", c, n), Kind: "qtable", Call: &t.call, Bytes: int64(2 * c * n)}
}
