package op

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/kernel"
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
	in, out := node.InShapes[0], node.OutShapes[0]
	max := n.name == weights.OpMaxPool // which has no divisors: CountPad makes the shortest table of them
	if max && b.Type(node.In[0]) == weights.Uint8 {
		return one(n.quantized(b, node, nil)), nil
	}
	y := b.NewPlanes(weights.Float32, out[0], out[1]*out[2])
	t := &poolStep{
		call: kernel.Pool{
			H: in[1], W: in[2], OH: out[1], OW: out[2], KH: n.KH, KW: n.KW, SH: n.SH, SW: n.SW,
			PadTop: n.Top, PadLeft: n.Left, CountPad: n.countPad || max,
		},
		max: max, c: out[0], src: b.Use(node.In[0]), dst: b.Use(y),
	}
	t.call.Masks = b.Set.PoolMasks(&t.call)
	b.NeedWork(t.args())
	b.Add(node.Label, limit.Product(b.TapWork(t.args()), t.c, out[1], out[2], min(n.KH, in[1]), min(n.KW, in[2])), t.c, t)
	return one(y), nil
}

type poolStep struct {
	call     kernel.Pool // what every call shares
	max      bool
	c        int
	src, dst plan.TableID
}

// args is the call as kernel.Set.Implementation wants it.
func (t *poolStep) args() any {
	if t.max {
		return kernel.MaxPool{Pool: &t.call}
	}
	return kernel.AvgPool{Pool: &t.call}
}

func (t *poolStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	work := w.Args.Pool.Work
	w.Args.Pool = t.call
	k := &w.Args.Pool
	k.Work, k.Mem, k.Src, k.Dst, k.C = work, w.Arena, w.Table(t.src)[lo:hi], w.Table(t.dst)[lo:hi], hi-lo
	if t.max {
		w.Set.MaxPool(k)
	} else {
		w.Set.AvgPool(k)
	}
}

func (t *poolStep) Describe() plan.Description {
	k, kind := &t.call, "avgpool"
	if t.max {
		kind = "maxpool"
	}
	return plan.Description{
		Kernel: fmt.Sprintf("%s%dx%ds%d %dx%dx%d", kind, k.KH, k.KW, k.SH, t.c, k.OH, k.OW), Kind: kind, Call: t.args(),
		Bytes: 4 * int64(t.c) * int64(k.H*k.W+k.OH*k.OW),
	}
}
