package op

import (
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// softmax turns a vector of logits into probabilities, or into their logarithms, and so each
// plane of several.
type softmax struct{ log bool }

var (
	softmaxKind    = softmaxOf(weights.OpSoftmax, softmax{})
	logSoftmaxKind = softmaxOf(weights.OpLogSoftmax, softmax{log: true})
)

func softmaxOf(name string, n softmax) graph.Kind {
	return kind(name, 1, func(a *graph.Attrs, in []graph.Shape) (softmax, []graph.Shape) {
		return n, in
	})
}

// IsSoftmax says whether o gives probabilities.
func IsSoftmax(o graph.Operator) bool { n, ok := o.(softmax); return ok && !n.log }

func (n softmax) Name() string {
	if n.log {
		return weights.OpLogSoftmax
	}
	return weights.OpSoftmax
}

func (softmax) MACs(in, out []graph.Shape) int64 { return 0 }
func (n softmax) NonNegative(bool) bool          { return !n.log }

func (n softmax) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	if len(node.InShapes[0]) == 3 {
		return one(n.planes(b, node)), nil
	}
	x := step.Vector(b, node.Node, node.In[0], 1)
	y := b.NewVector(len(x))
	b.Add(node.Label, limit.Product(plan.MoveWork, len(x)), 1, &softmaxStep{x: b.Use(x[:1]), y: b.Use(y[:1]), n: len(x), log: n.log})
	return one(y), nil
}

type softmaxStep struct {
	x, y plan.TableID
	n    int
	log  bool
}

func (t *softmaxStep) Run(w *plan.Worker, s plan.Share) {
	if t.log {
		logSoftmax(w.Vector(t.y, t.n), w.Vector(t.x, t.n))
		return
	}
	Softmax(w.Vector(t.y, t.n), w.Vector(t.x, t.n))
}

func (t *softmaxStep) Describe() plan.Description {
	return plan.Description{Kernel: fmt.Sprintf("softmax %d", t.n), Kind: "softmax", Bytes: int64(8 * t.n)}
}

// Softmax writes exp(x - max x), normalised to sum 1, to y, which may be x. It
// computes in float64 and in one fixed order. A NaN makes all of y NaN.
func Softmax(y, x []float32) {
	m, sum := exponentials(x)
	for i, v := range x {
		y[i] = float32(math.Exp(float64(v)-m) / sum)
	}
}

// logSoftmax writes x - max x - log(sum of exp(x - max x)) to y, which may be x.
func logSoftmax(y, x []float32) {
	m, sum := exponentials(x)
	log := math.Log(sum)
	for i, v := range x {
		y[i] = float32(float64(v) - m - log)
	}
}

// exponentials returns m, the largest of x, and the sum of exp(x - m).
func exponentials(x []float32) (m, sum float64) {
	most := x[0]
	for _, v := range x {
		most = max(most, v) // the built-in max propagates NaN
	}
	for _, v := range x {
		sum += math.Exp(float64(v) - float64(most))
	}
	return float64(most), sum
}
