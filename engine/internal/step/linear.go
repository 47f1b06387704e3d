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
	Halves bool      // its values are float16's, so that it may be kept so
	Bias   []float32
	In     plan.Tensor // planes of one element; packed first unless contiguous
	Act    kernel.Activation
}

// Add adds the step and returns its output, a contiguous vector.
func (l *Linear) Add(b *plan.Builder) plan.Tensor {
	x := Vector(b, l.Node, l.In, 1)
	out := len(l.Bias)
	y := b.NewVector(out)
	t := &linearStep{bias: l.Bias, in: len(x), out: out, align: b.Set.LinearRows, act: l.Act}
	if t.half = l.halves(b.Set, len(x)); t.half == nil {
		t.w = l.Weight
	}
	t.x, t.y = b.Use(x[:1]), b.Use(y[:1])
	b.Add(l.Label, limit.Product(len(x), out), out, t)
	return y
}

// largeMatrix is the number of weights from which on a product is bound by reading them:
// they do not stay in an L2 of 1 MiB between two runs. Measured on Zen 4, from L3 or
// further: 1000x1024 226 us in float32 and 119 in float16, 512x512 65 and 37; in L2 both
// are alike.
const largeMatrix = 1 << 18

// halves returns the weights in float16, where they can stay so and that is faster, or nil.
func (l *Linear) halves(set *kernel.Set, in int) []uint16 {
	if !l.Halves || !set.Halves || in%8 != 0 || len(l.Weight) < largeMatrix {
		return nil
	}
	half := make([]uint16, len(l.Weight))
	if !kernel.PackHalves(half, l.Weight) {
		return nil
	}
	return half
}

type linearStep struct {
	w, bias []float32 // w nil: half
	half    []uint16
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
		X: w.Vector(t.x, t.in), Y: w.Vector(t.y, t.out)[lo:hi],
		In: t.in, Out: hi - lo, Epilogue: kernel.Epilogue{Bias: t.bias[lo:hi], Act: t.act},
	}
	if t.half != nil {
		w.Args.Linear.Half = t.half[lo*t.in : hi*t.in]
	} else {
		w.Args.Linear.W = t.w[lo*t.in : hi*t.in]
	}
	w.Set.Linear(&w.Args.Linear)
}

func (t *linearStep) Describe() plan.Description {
	d := plan.Description{
		Kernel: fmt.Sprintf("linear %dx%d", t.out, t.in), Kind: "linear", Call: &kernel.Linear{In: t.in, Out: t.out},
		MACs: int64(t.in) * int64(t.out), Bytes: 4 * int64(t.in*t.out+t.in+2*t.out),
	}
	if t.half != nil {
		d.Kernel += " of float16"
		d.Bytes -= 2 * int64(t.in*t.out)
	}
	return d
}
