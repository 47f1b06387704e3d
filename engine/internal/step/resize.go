package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// Sample is where a row or a column of a resized plane comes from: (1-Share) times the
// one at At, and Share times the one at Next.
type Sample struct {
	At, Next int
	Share    float32
}

// Resize adds the step that makes planes of len(rows) x len(columns) pixels of x's, of h x
// w, and returns them.
func Resize(b *plan.Builder, l plan.Label, rows, columns []Sample, x plan.Tensor, h, w int) plan.Tensor {
	t := &resizeStep{rows: rows, columns: columns, c: len(x), h: h, w: w}
	for _, list := range [][]Sample{rows, columns} {
		for _, s := range list {
			t.mixes = t.mixes || s.Share != 0
		}
	}
	y := b.NewPlanes(weights.Float32, t.c, len(rows)*len(columns))
	t.src, t.dst = b.Use(x), b.Use(y)
	b.Add(l, limit.Product(2*plan.MoveWork, t.c, len(rows), len(columns)), t.c, t)
	return y
}

type resizeStep struct {
	rows, columns []Sample
	mixes         bool // some share is not 0
	c, h, w       int
	src, dst      plan.TableID
}

func (t *resizeStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	src, dst := w.Table(t.src), w.Table(t.dst)
	for c := lo; c < hi; c++ {
		x, y := w.Arena[src[c]:][:t.h*t.w], w.Arena[dst[c]:][:len(t.rows)*len(t.columns)]
		for i := range t.rows {
			r, line := &t.rows[i], y[i*len(t.columns):][:len(t.columns)]
			above, below := x[r.At*t.w:][:t.w], x[r.Next*t.w:][:t.w]
			switch {
			case t.mixes:
				t.mix(line, above, below, r.Share)
			case i > 0 && t.rows[i-1].At == r.At: // the same row again
				copy(line, y[(i-1)*len(t.columns):])
			default:
				for k := range line {
					line[k] = above[t.columns[k].At]
				}
			}
		}
	}
}

// mix weighs the columns of two rows, and then the rows.
func (t *resizeStep) mix(line, above, below []float32, share float32) {
	for k := range line {
		c := &t.columns[k]
		a := above[c.At] + float32(c.Share*(above[c.Next]-above[c.At]))
		b := below[c.At] + float32(c.Share*(below[c.Next]-below[c.At]))
		line[k] = a + float32(share*(b-a))
	}
}

func (t *resizeStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("resize %dx%dx%d to %dx%d", t.c, t.h, t.w, len(t.rows), len(t.columns)), Kind: "resize",
		Bytes: 4 * int64(t.c) * int64(t.h*t.w+len(t.rows)*len(t.columns)),
	}
}
