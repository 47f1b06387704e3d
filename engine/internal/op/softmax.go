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

// softmax turns a vector of logits into probabilities.
type softmax struct{}

var softmaxKind = kind(weights.OpSoftmax, 1, func(a *graph.Attrs, in []graph.Shape) (softmax, []graph.Shape) {
	a.Vector(in[0])
	return softmax{}, in
})

// IsSoftmax says whether o gives probabilities.
func IsSoftmax(o graph.Operator) bool { _, ok := o.(softmax); return ok }

func (softmax) Name() string                     { return weights.OpSoftmax }
func (softmax) MACs(in, out []graph.Shape) int64 { return 0 }
func (softmax) NonNegative(bool) bool            { return true }

func (softmax) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	x := step.Vector(b, node.Node, node.In[0], 1)
	y := b.NewVector(len(x))
	b.Add(node.Label, limit.Product(plan.MoveWork, len(x)), 1, &softmaxStep{x: b.Use(x[:1]), y: b.Use(y[:1]), n: len(x)})
	return one(y), nil
}

type softmaxStep struct {
	x, y plan.TableID
	n    int
}

func (t *softmaxStep) Run(w *plan.Worker, s plan.Share) {
	Softmax(w.Vector(t.y, t.n), w.Vector(t.x, t.n))
}

func (t *softmaxStep) Describe() plan.Description {
	return plan.Description{Kernel: fmt.Sprintf("softmax %d", t.n), Kind: "softmax", Bytes: int64(8 * t.n)}
}

// Softmax writes exp(x - max x), normalised to sum 1, to y, which may be x. It
// computes in float64 and in one fixed order. A NaN makes all of y NaN.
func Softmax(y, x []float32) {
	m := x[0]
	for _, v := range x {
		m = max(m, v) // the built-in max propagates NaN
	}
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(float64(v) - float64(m))
	}
	for i, v := range x {
		y[i] = float32(math.Exp(float64(v)-float64(m)) / sum)
	}
}
