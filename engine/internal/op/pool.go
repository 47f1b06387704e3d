package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// pool is the maximum or the mean over a window.
type pool struct {
	step.Window
	name     string
	countPad bool // padding counts in the divisor of a mean
}

var (
	maxPoolKind = poolKind(weights.OpMaxPool)
	avgPoolKind = poolKind(weights.OpAvgPool)
)

func poolKind(name string) graph.Kind {
	return kind(name, 1, func(a *graph.Attrs, in []graph.Shape) (*pool, []graph.Shape) { return parsePool(name, a, in) })
}

func parsePool(name string, a *graph.Attrs, in []graph.Shape) (*pool, []graph.Shape) {
	c, h, w := a.Planes(in[0])
	n := &pool{Window: parseWindow(a, false, h, w), name: name}
	ceil := a.Flag("ceil")
	if name == weights.OpAvgPool {
		n.countPad = a.Flag("countpad")
	}
	if n.Top >= n.KH || n.Bottom >= n.KH || n.Left >= n.KW || n.Right >= n.KW {
		a.Failf("pad: got [%d %d %d %d], want less than the kernel %dx%d", n.Top, n.Left, n.Bottom, n.Right, n.KH, n.KW)
		return nil, nil
	}
	oh, ow := n.OutH(h), n.OutW(w)
	if ceil {
		oh, ow = ceilOut(oh, h, n.KH, n.SH, n.Top, n.Bottom), ceilOut(ow, w, n.KW, n.SW, n.Left, n.Right)
		over := (oh-1)*n.SH+n.KH > h+n.Top+n.Bottom || (ow-1)*n.SW+n.KW > w+n.Left+n.Right
		if over && n.countPad {
			// The part of a window past the padding counts in nobody's divisor.
			// Without padding that is the same as not counting it at all.
			if n.Top+n.Left+n.Bottom+n.Right != 0 {
				a.Failf("ceil with countpad: got windows that reach past the padding, want none")
			}
			n.countPad = false
		}
	}
	if (oh-1)*n.SH-n.Top >= h || (ow-1)*n.SW-n.Left >= w {
		a.Failf("pad: got [%d %d %d %d], want every window to cover a pixel", n.Top, n.Left, n.Bottom, n.Right)
	}
	return n, one(graph.Shape{c, oh, ow})
}

// ceilOut is PyTorch's rule for ceil_mode: one more window if pixels are left over,
// unless it would start in the padding at the end.
func ceilOut(o, n, k, s, p0, p1 int) int {
	if (n+p0+p1-k)%s != 0 && o*s < n+p0 {
		return o + 1
	}
	return o
}

func (n *pool) Name() string                     { return n.name }
func (n *pool) MACs(in, out []graph.Shape) int64 { return 0 }
func (n *pool) NonNegative(inputs bool) bool     { return inputs }

func (n *pool) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	if n.name == weights.OpMaxPool && b.Type(node.In[0]) == weights.Uint8 {
		return one(n.quantized(b, node, nil)), nil
	}
	return one(n.step(node).Add(b)), nil
}

func (n *pool) step(node *Node) *step.Pool {
	in, out := node.InShapes[0], node.OutShapes[0]
	return &step.Pool{
		Label: node.Label, Window: n.Window, Max: n.name == weights.OpMaxPool, CountPad: n.countPad, In: node.In[0], H: in[1], W: in[2], OH: out[1], OW: out[2],
	}
}
