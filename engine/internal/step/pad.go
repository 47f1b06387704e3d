package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// PadMode says what is around a plane.
type PadMode int

const (
	PadConstant PadMode = iota
	PadReflect          // the plane's pixels, mirrored at its outermost ones
	PadEdge             // the nearest pixel of the plane
)

// Margins are rows and columns around planes of H x W pixels.
type Margins struct {
	H, W                     int
	Top, Left, Bottom, Right int
	Mode                     PadMode
	Value                    float32 // of PadConstant
}

// Pad adds the step that puts margins around the planes of x, and returns the new planes.
func Pad(b *plan.Builder, l plan.Label, m Margins, x plan.Tensor) plan.Tensor {
	t := &padStep{Margins: m, c: len(x), oh: m.H + m.Top + m.Bottom, ow: m.W + m.Left + m.Right}
	y := b.NewPlanes(weights.Float32, t.c, t.oh*t.ow)
	t.src, t.dst = b.Use(x), b.Use(y)
	b.Add(l, limit.Product(plan.MoveWork, t.c, t.oh, t.ow), t.c, t)
	return y
}

type padStep struct {
	Margins
	src, dst  plan.TableID
	c, oh, ow int
}

func (t *padStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	src, dst := w.Table(t.src), w.Table(t.dst)
	for c := lo; c < hi; c++ {
		x, y := w.Arena[src[c]:][:t.H*t.W], w.Arena[dst[c]:][:t.oh*t.ow]
		for row := range t.oh {
			at, line := t.source(row-t.Top, t.H), y[row*t.ow:][:t.ow]
			if at < 0 {
				fill(line, t.Value)
				continue
			}
			t.columns(line, x[at*t.W:][:t.W])
		}
	}
}

// columns writes a row with its margins.
func (t *padStep) columns(line, x []float32) {
	copy(line[t.Left:], x)
	for i := range t.Left {
		line[i] = t.pixel(x, i-t.Left)
	}
	for i := t.Left + t.W; i < t.ow; i++ {
		line[i] = t.pixel(x, i-t.Left)
	}
}

func (t *padStep) pixel(x []float32, i int) float32 {
	if i = t.source(i, t.W); i < 0 {
		return t.Value
	}
	return x[i]
}

// source is which of n rows or columns stands at place i, which may be outside; -1 for
// none.
func (t *padStep) source(i, n int) int {
	switch {
	case i >= 0 && i < n:
		return i
	case t.Mode == PadEdge:
		return min(max(i, 0), n-1)
	case t.Mode == PadConstant:
		return -1
	case i < 0:
		return -i
	}
	return 2*(n-1) - i
}

func fill(y []float32, v float32) {
	for i := range y {
		y[i] = v
	}
}

func (t *padStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("pad %dx%dx%d", t.c, t.oh, t.ow), Kind: "pad", Bytes: 4 * int64(t.c) * int64(t.H*t.W+t.oh*t.ow),
	}
}
