package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// Order is the order in which elements are taken: element k is at Offset plus, for each
// digit of k in the mixed radix Dims (the last digit is the fastest), that digit times its
// stride. Where there is an Index, element k is at Index[k/Run] + k mod Run instead.
type Order struct {
	Dims, Strides []int
	Offset        int
	Index         []int
	Run           int
}

// Last returns how many elements the last digit counts, and their stride.
func (o *Order) Last() (n, stride int) {
	if o.Index != nil {
		return o.Run, 1
	}
	k := len(o.Dims) - 1
	return o.Dims[k], o.Strides[k]
}

// At is where element k is taken from.
func (o *Order) At(k int) int {
	if o.Index != nil {
		return o.Index[k/o.Run] + k%o.Run
	}
	e := o.Offset
	for d := len(o.Dims) - 1; d >= 0; d-- {
		e += k % o.Dims[d] * o.Strides[d]
		k /= o.Dims[d]
	}
	return e
}

// Rearrange adds the step that takes the elements of x, whose planes have from pixels, in
// an order, and returns c planes of to pixels.
func Rearrange(b *plan.Builder, l plan.Label, o Order, x plan.Tensor, from, c, to int) plan.Tensor {
	var y plan.Tensor
	if to == 1 {
		y = b.NewVector(c)
	} else {
		y = b.NewPlanes(weights.Float32, c, to)
	}
	t := &rearrangeStep{order: o, src: b.Use(x), dst: b.Use(y), from: from, c: c, to: to}
	b.Add(l, limit.Product(plan.MoveWork, c, to), c, t)
	return y
}

type rearrangeStep struct {
	order       Order
	src, dst    plan.TableID
	from, c, to int
}

func (t *rearrangeStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	src, dst := w.Table(t.src), w.Table(t.dst)
	run, stride := t.order.Last()
	for k := lo * t.to; k < hi*t.to; {
		e := t.order.At(k)
		// The elements up to the end of the run, of the plane that is read, and of the one
		// that is written.
		n := min(run-k%run, t.to-k%t.to, inPlane(e%t.from, t.from, stride))
		x, y := w.Arena[src[e/t.from]:][:t.from], w.Arena[int(dst[k/t.to])+k%t.to:][:n]
		take(y, x, e%t.from, stride)
		k += n
	}
}

// inPlane is how many elements from pixel p of n on, a stride apart, are in the plane.
func inPlane(p, n, stride int) int {
	switch {
	case stride > 0:
		return (n-1-p)/stride + 1
	case stride < 0:
		return p/-stride + 1
	}
	return 1 << 30
}

// take writes every stride-th element of x, from element p on, to y.
func take(y, x []float32, p, stride int) {
	if stride == 1 {
		copy(y, x[p:])
		return
	}
	for i := range y {
		y[i] = x[p]
		p += stride
	}
}

func (t *rearrangeStep) Describe() plan.Description {
	return plan.Description{Kernel: fmt.Sprintf("rearrange %dx%d", t.c, t.to), Kind: "rearrange", Bytes: int64(8 * t.c * t.to)}
}
