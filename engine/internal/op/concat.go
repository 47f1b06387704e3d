package op

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// concat joins values along their channels. It moves nothing.
type concat struct{}

var concatKind = kind(weights.OpConcat, 0, func(a *graph.Attrs, in []graph.Shape) (concat, []graph.Shape) {
	out := slices.Clone(in[0])
	for _, s := range in[1:] {
		if len(s) != len(out) || len(s) == 3 && (s[1] != out[1] || s[2] != out[2]) {
			a.Failf("inputs: got shapes %v and %v, want the same but for channels", in[0], s)
			return concat{}, nil
		}
		if out[0] > math.MaxInt32-s[0] { // what is more than that is over every limit
			out[0] = math.MaxInt32
			break
		}
		out[0] += s[0]
	}
	return concat{}, one(out)
})

func (concat) Name() string                     { return weights.OpConcat }
func (concat) MACs(in, out []graph.Shape) int64 { return 0 }
func (concat) Joins()                           {}
func (concat) NonNegative(inputs bool) bool     { return inputs }

func (concat) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	var t plan.Tensor
	for _, x := range node.In {
		t = append(t, x...)
	}
	return one(t), nil
}
