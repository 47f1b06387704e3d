package op

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// globalMaxPool is the maximum over the pixels of each plane: [C H W] to [C 1 1].
type globalMaxPool struct{}

var globalMaxPoolKind = kind(weights.OpGlobalMaxPool, 1, func(a *graph.Attrs, in []graph.Shape) (globalMaxPool, []graph.Shape) {
	c, _, _ := a.Planes(in[0])
	return globalMaxPool{}, one(graph.Shape{c, 1, 1})
})

func (globalMaxPool) Name() string                     { return weights.OpGlobalMaxPool }
func (globalMaxPool) MACs(in, out []graph.Shape) int64 { return 0 }
func (globalMaxPool) NonNegative(inputs bool) bool     { return inputs }

func (globalMaxPool) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	c, pixels := node.InShapes[0].Planes()
	y := b.NewVector(c)
	t := &maximumStep{src: b.Use(node.In[0]), dst: b.Use(y), c: c, n: pixels}
	b.Add(node.Label, limit.Product(plan.MoveWork/2, c, pixels), c, t)
	return one(y), nil
}

type maximumStep struct {
	src, dst plan.TableID
	c, n     int
}

func (t *maximumStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	src, dst := w.Table(t.src), w.Table(t.dst)
	for c := lo; c < hi; c++ {
		w.Arena[dst[c]] = maximum(w.Arena[src[c]:][:t.n])
	}
}

// maximum is NaN if any of v is. Four maxima keep the processor from waiting for one.
func maximum(v []float32) float32 {
	m := [4]float32{v[0], v[0], v[0], v[0]}
	for ; len(v) >= 4; v = v[4:] {
		m[0], m[1], m[2], m[3] = max(m[0], v[0]), max(m[1], v[1]), max(m[2], v[2]), max(m[3], v[3])
	}
	for _, x := range v {
		m[0] = max(m[0], x)
	}
	return max(m[0], m[1], m[2], m[3])
}

func (t *maximumStep) Describe() plan.Description {
	return plan.Description{Kernel: fmt.Sprintf("maximum %dx%d", t.c, t.n), Kind: "maximum", Bytes: int64(4 * t.c * (t.n + 1))}
}
