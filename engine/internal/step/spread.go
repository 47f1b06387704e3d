package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// Spread repeats the rows or the columns of x, planes of h x w where h or w may be 1, so
// that they become oh x ow, and returns the new planes.
func Spread(b *plan.Builder, l plan.Label, x plan.Tensor, h, w, oh, ow int) plan.Tensor {
	y := b.NewPlanes(weights.Float32, len(x), oh*ow)
	t := &spreadStep{src: b.Use(x), dst: b.Use(y), c: len(x), h: h, w: w, oh: oh, ow: ow}
	b.Add(l, limit.Product(plan.MoveWork, len(x), oh, ow), len(x), t)
	return y
}

type spreadStep struct {
	src, dst        plan.TableID
	c, h, w, oh, ow int
}

func (t *spreadStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	src, dst := w.Table(t.src), w.Table(t.dst)
	for c := lo; c < hi; c++ {
		from, to := w.Arena[src[c]:][:t.h*t.w], w.Arena[dst[c]:][:t.oh*t.ow]
		for y := range t.oh {
			line, row := from[min(y, t.h-1)*t.w:][:t.w], to[y*t.ow:][:t.ow]
			if t.w == t.ow {
				copy(row, line)
				continue
			}
			v := line[0]
			for x := range row {
				row[x] = v
			}
		}
	}
}

func (t *spreadStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("spread %dx%dx%d to %dx%d", t.c, t.h, t.w, t.oh, t.ow), Kind: "spread",
		Bytes: 4 * int64(t.c) * int64(t.h*t.w+t.oh*t.ow),
	}
}

// Constant returns planes of so many pixels that hold data, which the step writes anew in
// each run.
func Constant(b *plan.Builder, l plan.Label, data []float32, pixels int) plan.Tensor {
	c := len(data) / pixels
	var y plan.Tensor
	if pixels == 1 {
		y = b.NewVector(c)
	} else {
		y = b.NewPlanes(weights.Float32, c, pixels)
	}
	l.Op = "constant"
	b.Add(l, limit.Product(plan.MoveWork, len(data)), c, &constantStep{data: data, dst: b.Use(y), c: c, n: pixels})
	return y
}

type constantStep struct {
	data []float32
	dst  plan.TableID
	c, n int
}

func (t *constantStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	dst := w.Table(t.dst)
	for c := lo; c < hi; c++ {
		copy(w.Arena[dst[c]:][:t.n], t.data[c*t.n:])
	}
}

func (t *constantStep) Describe() plan.Description {
	return plan.Description{Kernel: fmt.Sprintf("constant %dx%d", t.c, t.n), Kind: "constant", Bytes: int64(8 * t.c * t.n)}
}
