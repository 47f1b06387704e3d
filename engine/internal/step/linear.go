package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
)

// Linear is a matrix times a vector (gemv).
type Linear struct {
	plan.Label
	Weight []float32 // len(Bias) x len(In), row-major
	Bias   []float32
	In     plan.Tensor // planes of one element; packed first unless contiguous
	Act    kernel.Activation
}

// Add adds the step and returns its output, a contiguous vector.
func (l *Linear) Add(b *plan.Builder) plan.Tensor {
	x := Vector(b, l.Node, l.In, 1)
	out := len(l.Bias)
	y := b.NewVector(out)
	t := &linearStep{w: l.Weight, bias: l.Bias, in: len(x), out: out, align: b.Set.LinearRows, act: l.Act}
	t.x, t.y = b.Use(x[:1]), b.Use(y[:1])
	b.Add(l.Label, limit.Product(len(x), out), out, t)
	return y
}

type linearStep struct {
	w, bias []float32
	in, out int
	align   int // outputs are cut at multiples of it
	act     kernel.Activation
	x, y    plan.TableID
}

func (t *linearStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.out, t.align)
	if lo == hi {
		return
	}
	w.Args.Linear = kernel.Linear{
		X: w.Vector(t.x, t.in), W: t.w[lo*t.in : hi*t.in], Y: w.Vector(t.y, t.out)[lo:hi],
		In: t.in, Out: hi - lo, Epilogue: kernel.Epilogue{Bias: t.bias[lo:hi], Act: t.act},
	}
	w.Set.Linear(&w.Args.Linear)
}

func (t *linearStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("linear %dx%d", t.out, t.in), Kind: "linear", Call: &kernel.Linear{In: t.in, Out: t.out},
		MACs: int64(t.in) * int64(t.out), Bytes: 4 * int64(t.in*t.out+t.in+2*t.out),
	}
}
