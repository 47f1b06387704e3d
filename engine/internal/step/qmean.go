package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// mostPixels bounds the pixels of a plane whose sum is taken in 32 bits.
const mostPixels = 1 << 23

// qmean is [Mean] for planes of 8 bits: their exact sum, as float32, times a float32.
func qmean(b *plan.Builder, l plan.Label, x plan.Tensor, pixels int) plan.Tensor {
	if pixels > mostPixels {
		b.Fail(fmt.Errorf("mean: got planes of %d pixels, want at most %d", pixels, mostPixels))
	}
	y := b.NewVector(len(x))
	t := &qmeanStep{src: b.UseBytes(x, nil), dst: b.Use(y[:1]), zeros: Zeros(b, x), mult: Scales(b, x, float32(pixels)), n: pixels}
	b.Add(l, limit.Product(plan.MoveWork/4, len(x), pixels), len(x), t)
	return y
}

type qmeanStep struct {
	src, dst plan.TableID
	zeros    []uint8
	mult     []float32
	n        int
}

func (t *qmeanStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(len(t.mult), 1)
	if lo == hi {
		return
	}
	k := &w.Args.QMean
	*k = kernel.QMean{
		Mem: w.Bytes, Src: w.Table(t.src)[lo:hi], Dst: w.Vector(t.dst, len(t.mult))[lo:hi],
		Zeros: t.zeros[lo:hi], Mult: t.mult[lo:hi], C: hi - lo, N: t.n,
	}
	w.Set.QMean(k)
}

func (t *qmeanStep) Describe() plan.Description {
	c := len(t.mult)
	return plan.Description{
		Kernel: fmt.Sprintf("qmean %dx%d", c, t.n), Kind: "qmean", Call: &kernel.QMean{C: c, N: t.n}, Bytes: int64(c * (t.n + 4)),
	}
}

// quantized says whether x's planes are of 8 bits.
func quantized(b *plan.Builder, x plan.Tensor) bool { return b.Type(x) == weights.Uint8 }
