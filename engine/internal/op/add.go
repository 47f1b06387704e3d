package op

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// add is the sum of two values of one shape. Where it can, it becomes the residual
// of the convolution before it (passes.FuseResiduals).
type add struct{}

func (add) Name() string                     { return weights.OpAdd }
func (add) MACs(in, out []graph.Shape) int64 { return 0 }
func (add) Sums()                            {}
func (add) NonNegative(inputs bool) bool     { return inputs }

func (add) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}

func (add) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	c, pixels := node.OutShapes[0].Planes()
	out := b.NewPlanes(weights.Float32, c, pixels)
	t := &addStep{a: b.Use(node.In[0]), b: b.Use(node.In[1]), out: b.Use(out), c: c, n: pixels, act: node.Act}
	b.Add(node.Label, limit.Product(plan.MoveWork, c, pixels), c, t)
	return one(out), nil
}

type addStep struct {
	a, b, out plan.TableID
	c, n      int
	act       kernel.Activation
}

func (t *addStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	w.Args.Add = kernel.Add{
		Mem: w.Arena, A: w.Table(t.a)[lo:hi], B: w.Table(t.b)[lo:hi], C: w.Table(t.out)[lo:hi],
		Ch: hi - lo, N: t.n, Epilogue: kernel.Epilogue{Act: t.act},
	}
	w.Set.Add(&w.Args.Add)
}

func (t *addStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("add %dx%d", t.c, t.n), Kind: "add", Call: &kernel.Add{Ch: t.c, N: t.n},
		Bytes: int64(12 * t.c * t.n),
	}
}
