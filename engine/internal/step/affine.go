package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Affine is a scale, a shift and an activation for each channel.
type Affine struct {
	plan.Label
	In           plan.Tensor
	Pixels       int
	Scale, Shift []float32 // one for each channel; both nil: the activation alone
	Act          kernel.Activation
}

// Add adds the step and returns its output.
func (a *Affine) Add(b *plan.Builder) plan.Tensor {
	c := len(a.In)
	out := b.NewPlanes(weights.Float32, c, a.Pixels) // never a vector: the kernel writes whole vector registers
	t := &affineStep{
		call: kernel.Affine{Scale: a.Scale, Shift: a.Shift, N: a.Pixels, Epilogue: kernel.Epilogue{Act: a.Act}},
		c:    c, src: b.Use(a.In), dst: b.Use(out),
	}
	b.Add(a.Label, limit.Product(plan.MoveWork, c, a.Pixels), c, t)
	return out
}

type affineStep struct {
	call     kernel.Affine // what every call shares
	c        int
	src, dst plan.TableID
}

func (t *affineStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	w.Args.Affine = t.call
	k := &w.Args.Affine
	k.Mem, k.Src, k.Dst, k.C = w.Arena, w.Table(t.src)[lo:hi], w.Table(t.dst)[lo:hi], hi-lo
	if k.Scale != nil {
		k.Scale, k.Shift = k.Scale[lo:hi], k.Shift[lo:hi]
	}
	w.Set.Affine(k)
}

func (t *affineStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("affine %dx%d", t.c, t.call.N), Kind: "affine", Call: &t.call,
		Bytes: int64(8 * t.c * t.call.N),
	}
}
