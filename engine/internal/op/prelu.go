package op

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// prelu is a leaky ReLU with a slope for each channel.
type prelu struct{ slope *weights.Tensor }

var preluKind = kind(weights.OpPReLU, 1, func(a *graph.Attrs, in []graph.Shape) (*prelu, []graph.Shape) {
	return &prelu{a.Tensor("slope", in[0][0])}, in
})

func (*prelu) Name() string                     { return weights.OpPReLU }
func (*prelu) MACs(in, out []graph.Shape) int64 { return 0 }

func (n *prelu) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	c, pixels := node.OutShapes[0].Planes()
	out := b.NewPlanes(weights.Float32, c, pixels)
	t := &preluStep{slope: n.slope.Data, src: b.Use(node.In[0]), dst: b.Use(out), n: pixels}
	b.Add(node.Label, limit.Product(plan.MoveWork, c, pixels), c, t)
	return one(out), nil
}

// preluStep is a call for each plane.
type preluStep struct {
	slope    []float32
	src, dst plan.TableID
	n        int
}

func (t *preluStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(len(t.slope), 1)
	src, dst := w.Table(t.src), w.Table(t.dst)
	for c := lo; c < hi; c++ {
		k := &w.Args.Affine
		*k = kernel.Affine{Mem: w.Arena, Src: src[c : c+1], Dst: dst[c : c+1], C: 1, N: t.n}
		k.Act = kernel.Activation{Kind: kernel.LeakyReLU, Lo: t.slope[c]}
		w.Set.Affine(k)
	}
}

func (t *preluStep) Describe() plan.Description {
	call := kernel.Affine{C: 1, N: t.n, Epilogue: kernel.Epilogue{Act: kernel.Activation{Kind: kernel.LeakyReLU}}}
	return plan.Description{
		Kernel: fmt.Sprintf("prelu %dx%d", len(t.slope), t.n), Kind: "prelu", Call: &call, Bytes: int64(8 * len(t.slope) * t.n),
	}
}
