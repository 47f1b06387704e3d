package op

import (
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// qconv is a convolution of a quantized value, with a second one that may be added.
type qconv struct {
	conv conv // its window and its groups
	sums
	result *step.Result // nil: float32
}

var qconvKind = kind(weights.OpQConv, 0, func(a *graph.Attrs, in []graph.Shape) (*qconv, []graph.Shape) {
	c, h, w := a.Planes(in[0])
	v := conv{Window: parseWindow(a, true, h, w), groups: a.Ints("groups", 1, 1<<20, 1)[0]}
	n := &qconv{conv: v, result: optionalResult(a)}
	s := a.Peek("weight", 4)
	switch {
	case c%v.groups != 0:
		a.Failf("groups: got %d, want a divisor of the %d input channels", v.groups, c)
		return nil, nil
	case s == nil:
		a.Failf("tensor \"weight\": got none of rank 4, want [O %d %d %d]", c/v.groups, v.KH, v.KW)
		return nil, nil
	case s[0]%v.groups != 0:
		a.Failf("groups: got %d, want a divisor of the %d output channels", v.groups, s[0])
		return nil, nil
	}
	n.sums = parseSums(a, "bias", s[0], c/v.groups, v.KH, v.KW)
	out := graph.Shape{s[0], v.OutH(h), v.OutW(w)}
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
	v := &n.conv
	x, in, out := node.In[0], node.InShapes[0], node.OutShapes[0]
	o, pixels := out.Planes()
	w, zeros := step.Signed(n.weight.Bytes), step.Zeros(b, x)
	taps, per := v.KH*v.KW, in[0]/v.groups
	s, err := n.ready(b, w, func(row int) []uint8 {
		g := row / (o / v.groups)
		return repeatEach(zeros[g*per:(g+1)*per], taps)
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
			Weight: w, Sums: s, Result: *n.result, In: make(plan.Tensor, o),
		}
		for c := range o {
			d.In[c] = x[c/(o/in[0])]
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

// repeatEach repeats each of v so many times.
func repeatEach(v []uint8, times int) []uint8 {
	if times == 1 {
		return v
	}
	out := make([]uint8, 0, len(v)*times)
	for _, x := range v {
		out = append(out, slices.Repeat([]uint8{x}, times)...)
	}
	return out
}
