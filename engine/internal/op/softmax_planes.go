package op

import (
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// planes adds the step that does each plane by itself: a row of attention scores.
func (n softmax) planes(b *plan.Builder, node *Node) plan.Tensor {
	c, pixels := node.OutShapes[0].Planes()
	y := b.NewPlanes(weights.Float32, c, pixels)
	t := &softmaxPlanesStep{softmax: n, x: b.Use(node.In[0]), y: b.Use(y), c: c, n: pixels}
	b.Add(node.Label, limit.Product(8*plan.MoveWork, c, pixels), c, t)
	return y
}

type softmaxPlanesStep struct {
	softmax
	x, y plan.TableID
	c, n int
}

func (t *softmaxPlanesStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	from, to := w.Table(t.x), w.Table(t.y)
	for c := lo; c < hi; c++ {
		x, y := w.Arena[from[c]:][:t.n], w.Arena[to[c]:][:t.n]
		if t.log {
			logSoftmax(y, x)
		} else {
			softmaxOnce(y, x)
		}
	}
}

// softmaxOnce is [Softmax] with one exponential for each element, which is rounded to
// float32 before the division.
func softmaxOnce(y, x []float32) {
	most := x[0]
	for _, v := range x {
		most = max(most, v) // the built-in max propagates NaN
	}
	sum := 0.0
	for i, v := range x {
		e := math.Exp(float64(v) - float64(most))
		sum += e
		y[i] = float32(e)
	}
	factor := 1 / sum
	for i, v := range y {
		y[i] = float32(float64(v) * factor)
	}
}

func (t *softmaxPlanesStep) Describe() plan.Description {
	return plan.Description{Kernel: fmt.Sprintf("softmax %dx%d", t.c, t.n), Kind: "softmax", Bytes: int64(8 * t.c * t.n)}
}
