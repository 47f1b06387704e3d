package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// QLinear is a [Linear] of a quantized vector.
type QLinear struct {
	plan.Label
	Weight []int8 // rows of len(In)
	*Sums
	In     plan.Tensor // planes of one element; packed first unless contiguous
	Result *Result     // nil: the result is float32
}

// Add adds the step and returns its output, a contiguous vector.
func (l *QLinear) Add(b *plan.Builder) plan.Tensor {
	x := VectorBytes(b, l.Node, l.In, 1)
	t := &qlinearStep{w: l.Weight, sums: l.Sums, in: len(x), out: len(l.Bias), floats: l.Result == nil}
	var y plan.Tensor
	t.x = b.UseBytes(x[:1], nil)
	if t.floats {
		y = b.NewVector(t.out)
		t.y = b.Use(y[:1])
	} else {
		y = b.NewVectorOf(weights.Uint8, t.out)
		b.SetQuant(y, l.Result.Quant)
		t.requant, t.y = l.Result.Requant(), b.UseBytes(y[:1], nil)
	}
	b.Add(l.Label, limit.Product(len(x), t.out)/quantWork+1, t.out, t)
	return y
}

type qlinearStep struct {
	w       []int8
	sums    *Sums
	in, out int
	floats  bool
	requant kernel.Requant
	x, y    plan.TableID
}

func (t *qlinearStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.out, 64) // a cache line of the result
	if lo == hi {
		return
	}
	k := &w.Args.QLinear
	*k = kernel.QLinear{
		X: w.VectorBytes(t.x, t.in), W: t.w[lo*t.in : hi*t.in], Bias: t.sums.Bias[lo:hi], Mult: t.sums.Mult[lo:hi],
		In: t.in, Out: hi - lo, Requant: t.requant,
	}
	if t.floats {
		k.Y = w.Vector(t.y, t.out)[lo:hi]
	} else {
		k.Out8 = w.VectorBytes(t.y, t.out)[lo:hi]
	}
	w.Set.QLinear(k)
}

func (t *qlinearStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("qlinear %dx%d", t.out, t.in), Kind: "qlinear", Call: &kernel.QLinear{In: t.in, Out: t.out},
		MACs: int64(t.in) * int64(t.out), Bytes: int64(t.in*t.out + t.in + 8*t.out),
	}
}
