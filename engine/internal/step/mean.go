package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
)

// Mean adds the mean over each plane of x, of so many pixels, and returns the
// means: a contiguous vector of float32, whatever the planes are.
func Mean(b *plan.Builder, l plan.Label, x plan.Tensor, pixels int) plan.Tensor {
	if quantized(b, x) {
		return qmean(b, l, x, pixels)
	}
	y := b.NewVector(len(x))
	t := &meanStep{src: b.Use(x), dst: b.Use(y[:1]), c: len(x), n: pixels}
	b.Add(l, limit.Product(plan.MoveWork/2, t.c, pixels), t.c, t)
	return y
}

type meanStep struct {
	src, dst plan.TableID
	c, n     int
}

func (t *meanStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	w.Args.Mean = kernel.Mean{Mem: w.Arena, Src: w.Table(t.src)[lo:hi], Dst: w.Vector(t.dst, t.c)[lo:hi], C: hi - lo, N: t.n}
	w.Set.Mean(&w.Args.Mean)
}

func (t *meanStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("mean %dx%d", t.c, t.n), Kind: "mean", Call: &kernel.Mean{C: t.c, N: t.n},
		Bytes: int64(4 * t.c * (t.n + 1)),
	}
}
