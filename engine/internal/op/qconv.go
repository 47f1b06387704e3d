package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// qconv is a convolution of a quantized value, with a second one that may be added.
type qconv struct {
	conv *conv // its window and its groups
	sums
	result *step.Result // nil: float32
}

var qconvKind = kind(weights.OpQConv, 0, func(a *graph.Attrs, in []graph.Shape) (*qconv, []graph.Shape) {
	v, weight, out := parseConv(a, in[0])
	if v == nil {
		return nil, nil
	}
	n := &qconv{v, parseSums(a, "bias", weight...), optionalResult(a)}
	if len(in) > 2 || len(in) == 2 && !in[1].Equal(out) {
		a.Failf("inputs: got shapes %v, want one, and a second of the result's shape %v or none", in, out)
	}
	return n, one(out)
})

func (n *qconv) Name() string { return weights.OpQConv }

func (n *qconv) MACs(in, out []graph.Shape) int64 {
	_, pixels := out[0].Planes()
	return int64(n.weight.Len()) * int64(pixels)
}

// Lower chooses the way a convolution runs, as conv does: linear, depthwise, or a GEMM
// over the planes or over a table of shifted ones.
func (n *qconv) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	v := n.conv
	x, in, out := node.In[0], node.InShapes[0], node.OutShapes[0]
	o, pixels := out.Planes()
	taps, per := v.KH*v.KW, in[0]/v.groups
	w, zeros := step.Signed(n.weight.Bytes), repeatEach(step.Zeros(b, x), taps)
	s, err := n.ready(b, w, func(row int) []uint8 {
		g := row / (o / v.groups)
		return zeros[g*per*taps : (g+1)*per*taps]
	}, n.result)
	if err != nil {
		return nil, err
	}
	switch {
	case v.onePixel(in, out) && len(node.In) == 1:
		l := step.QLinear{Label: node.Label, Weight: w, Sums: s, In: x, Result: n.result}
		return one(l.Add(b)), nil
	case v.depthwise(in) && len(node.In) == 1 && n.result != nil:
		d := step.QDepthwise{
			Label: node.Label, Window: v.Window, H: in[1], W: in[2], OH: out[1], OW: out[2],
			Weight: w, Sums: s, Result: *n.result, In: repeatEach(x, o/in[0]),
		}
		return one(d.Add(b)), nil
	}
	g := step.QGEMM{
		Label: node.Label, Groups: v.groups, M: o / v.groups, K: per * taps, Weight: w, Sums: s, Result: n.result, In: x, N: pixels,
	}
	if len(node.In) == 2 {
		g.Residual = node.In[1]
	}
	if !v.pointwise() {
		if g.Im2col(b, v.Window, x, in[1], in[2], out[1], out[2]); b.Err() != nil {
			return nil, b.Err()
		}
	}
	y, err := g.Add(b)
	return one(y), err
}
