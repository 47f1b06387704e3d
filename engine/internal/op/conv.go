package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// conv is a convolution of any kind: dense, grouped, pointwise, depthwise.
type conv struct {
	step.Window
	groups       int
	weight, bias *weights.Tensor // O x I/groups x KH x KW; O, or nil
}

var convKind = kind(weights.OpConv, 1, func(a *graph.Attrs, in []graph.Shape) (*conv, []graph.Shape) {
	n, weight, out := parseConv(a, in[0])
	if n == nil {
		return nil, nil
	}
	n.weight, n.bias = a.Tensor("weight", weight...), a.Optional("bias", weight[0])
	return n, one(out)
})

// parseConv reads the window and the groups of a convolution, and returns it without its
// tensors, and the shapes of its weights and its output. It is nil after an error.
func parseConv(a *graph.Attrs, in graph.Shape) (n *conv, weight []int, out graph.Shape) {
	c, h, w := a.Planes(in)
	n = &conv{Window: parseWindow(a, true, h, w), groups: a.Ints("groups", 1, 1<<20, 1)[0]}
	s := a.Peek("weight", 4)
	switch {
	case c%n.groups != 0:
		a.Failf("groups: got %d, want a divisor of the %d input channels", n.groups, c)
	case s == nil:
		a.Failf("tensor \"weight\": got none of rank 4, want [O %d %d %d]", c/n.groups, n.KH, n.KW)
	case s[0]%n.groups != 0:
		a.Failf("groups: got %d, want a divisor of the %d output channels", n.groups, s[0])
	default:
		return n, []int{s[0], c / n.groups, n.KH, n.KW}, graph.Shape{s[0], n.OutH(h), n.OutW(w)}
	}
	return nil, nil, nil
}

func (n *conv) Name() string { return weights.OpConv }

func (n *conv) MACs(in, out []graph.Shape) int64 {
	_, pixels := out[0].Planes()
	return int64(len(n.weight.Data)) * int64(pixels)
}

// Absorbs: a GEMM takes all there is, and factors where it reads the planes themselves;
// the depthwise and the linear kernel have no residual.
func (n *conv) Absorbs(in, out []graph.Shape) graph.Absorption {
	gemm := !n.onePixel(in[0], out[0]) && !n.depthwise(in[0])
	return graph.Absorption{Activation: true, Residual: gemm, Factors: gemm && n.pointwise() && n.groups == 1}
}

// onePixel: a convolution from one pixel to one pixel is a linear layer. With
// padding the output may see nothing else.
func (n *conv) onePixel(in, out graph.Shape) bool {
	_, a := in.Planes()
	_, b := out.Planes()
	return a == 1 && b == 1 && n.groups == 1 && n.KH*n.KW == 1 && n.Top+n.Left == 0
}

// depthwise: each group has one input channel. More outputs of a group read the
// same plane, through the table.
func (n *conv) depthwise(in graph.Shape) bool {
	return n.groups == in[0] && n.KH*n.KW > 1
}

// pointwise: every output pixel comes from the input pixel at its place.
func (n *conv) pointwise() bool {
	return n.KH*n.KW == 1 && n.SH == 1 && n.SW == 1 && n.Top+n.Left+n.Bottom+n.Right == 0
}

func (n *conv) readsSample(in, out graph.Shape) bool {
	return !n.onePixel(in, out) && !n.depthwise(in) && !n.pointwise()
}

// Lower chooses the way a convolution runs:
//   - one pixel to one pixel: linear;
//   - one input channel a group: depthwise;
//   - 1x1, stride 1, no padding: a GEMM straight from the input's table;
//   - 3x3, stride 1, of enough channels: Winograd's algorithm, where it is faster;
//   - any other: the same GEMM over a table of shifted planes (im2col).
func (n *conv) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	x, in, out := node.In[0], node.InShapes[0], node.OutShapes[0]
	o, pixels := out.Planes()
	switch {
	case n.onePixel(in, out):
		l := step.Linear{Label: node.Label, Weight: n.weight.Data, Bias: data(n.bias, o), In: x, Act: node.Act}
		return one(l.Add(b)), nil
	case n.depthwise(in):
		return one(n.planes(node).Add(b)), nil
	}
	g := n.product(node)
	n.scale(b, node, g)
	if w := n.winograd(node); w.Pays(b, g) {
		return one(w.Add(b, g)), nil
	}
	if err := n.shift(b, node, g); err != nil {
		return nil, err
	}
	return one(g.Add(b, pixels)), nil
}

// planes is the step of a depthwise convolution.
func (n *conv) planes(node *Node) *step.Depthwise {
	in, out := node.InShapes[0], node.OutShapes[0]
	return &step.Depthwise{
		Label: node.Label, Window: n.Window, H: in[1], W: in[2], OH: out[1], OW: out[2],
		Weight: n.weight.Data, Bias: data(n.bias, out[0]), Act: node.Act, In: repeatEach(node.In[0], out[0]/in[0]),
	}
}

// product is the step of a dense convolution, as if it were pointwise: see shift.
func (n *conv) product(node *Node) *step.GEMM {
	c := node.InShapes[0][0]
	o, pixels := node.OutShapes[0].Planes()
	return &step.GEMM{
		Label: node.Label, Groups: n.groups, M: o / n.groups, K: c / n.groups * n.KH * n.KW,
		Weight: n.weight.Data, Spare: node.ownWeights(n.weight), Bias: data(n.bias, o), Act: node.Act,
		In: node.In[0], Residual: node.Residual, Rows: 1, N: pixels, Plain: node.plain,
	}
}

// shift makes g read shifted planes where the convolution is not pointwise.
func (n *conv) shift(b *plan.Builder, node *Node, g *step.GEMM) error {
	if n.pointwise() {
		return nil
	}
	g.Read(b, n.copies(b, node, g))
	return b.Err()
}

// copies is the input as g reads it: see [step.GEMM.Copies].
func (n *conv) copies(b *plan.Builder, node *Node, g *step.GEMM) *step.Copies {
	in, out := node.InShapes[0], node.OutShapes[0]
	return g.Copies(b, n.Window, node.In[0], in[0], in[1], in[2], out[1], out[2])
}

// scale gives g the factors of its input, or multiplies by them before where this set's
// GEMM takes none, as one in float16 arithmetic does.
func (n *conv) scale(b *plan.Builder, node *Node, g *step.GEMM) {
	if node.Factors == nil {
		return
	}
	if _, ok := b.Set.FactorsLen(g.M, g.K, g.N); ok && !g.Halves(b) {
		g.Factors = node.Factors
		return
	}
	product := step.Binary{
		Label: plan.Label{Node: node.Node, Op: weights.OpMul}, Op: kernel.Multiply, A: g.In, B: node.Factors, Pixels: g.N, One: true,
	}
	g.In = product.Add(b)
}

// winograd returns the geometry of Winograd's algorithm, or nil where it is none of
// its cases.
func (n *conv) winograd(node *Node) *step.Winograd {
	in, out := node.InShapes[0], node.OutShapes[0]
	if node.plain || n.groups > 1 || node.In[0] == nil || !n.threes() {
		return nil
	}
	return &step.Winograd{Window: n.Window, H: in[1], W: in[2], OH: out[1], OW: out[2], Rough: node.adds}
}

// threes says whether the window is 3x3 with stride 1.
func (n *conv) threes() bool {
	return n.Window == step.Window{KH: 3, KW: 3, SH: 1, SW: 1, DH: 1, DW: 1, Top: n.Top, Left: n.Left, Bottom: n.Bottom, Right: n.Right}
}

// repeatEach returns each of v so many times, one after the other.
func repeatEach[S ~[]E, E any](v S, times int) S {
	if times == 1 {
		return v
	}
	out := make(S, 0, len(v)*times)
	for _, x := range v {
		for range times {
			out = append(out, x)
		}
	}
	return out
}
