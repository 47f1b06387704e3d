package op

import (
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// pad puts rows and columns around planes, and channels before and behind them. Padding
// with zeros in front of a convolution is the convolution's own.
type pad struct {
	step.Margins
	front, back int // channels
	value       float32
}

var padKind = kind(weights.OpPad, 1, func(a *graph.Attrs, in []graph.Shape) (*pad, []graph.Shape) {
	c, h, w := a.Planes(in[0])
	p := a.Ints("pad", 0, maxWindow, 0, 0, 0, 0)
	ch := a.Ints("channels", 0, 1<<20, 0, 0)
	n := &pad{front: ch[0], back: ch[1]}
	n.Margins = step.Margins{H: h, W: w, Top: p[0], Left: p[1], Bottom: p[2], Right: p[3], Mode: step.PadMode(a.Ints("mode", 0, 2, 0)[0])}
	if a.Names("value") {
		n.value = a.Number("value")
	}
	if n.Mode != step.PadConstant && n.front+n.back > 0 {
		a.Failf("channels: got %v with mode %d, want none, or mode 0", ch, n.Mode)
	}
	if n.Mode == step.PadReflect && (max(n.Top, n.Bottom) >= h || max(n.Left, n.Right) >= w) {
		a.Failf("pad: got %v of %dx%d pixels with mode 1, want less than there are", p, h, w)
	}
	return n, one(graph.Shape{c + n.front + n.back, h + n.Top + n.Bottom, w + n.Left + n.Right})
})

func (*pad) Name() string                     { return weights.OpPad }
func (*pad) MACs(in, out []graph.Shape) int64 { return 0 }
func (n *pad) NonNegative(inputs bool) bool   { return inputs && n.value >= 0 }

// Lower: one plane of the constant serves all channels of it.
func (n *pad) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	x, out := node.In[0], node.OutShapes[0]
	if n.Top+n.Left+n.Bottom+n.Right > 0 {
		n.Margins.Value = n.value
		x = step.Pad(b, node.Label, n.Margins, x)
	}
	if n.front+n.back == 0 {
		return one(x), nil
	}
	constant := make([]float32, out[1]*out[2])
	for i := range constant {
		constant[i] = n.value
	}
	plane := step.Constant(b, node.Label, constant, len(constant))
	return one(slices.Concat(slices.Repeat(plane, n.front), x, slices.Repeat(plane, n.back))), nil
}
