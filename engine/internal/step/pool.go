package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Pool is the maximum or the mean over a window of each plane.
type Pool struct {
	plan.Label
	Window
	Max          bool
	CountPad     bool // padding counts in the divisor of a mean
	In           plan.Tensor
	H, W, OH, OW int
}

// Add adds the step and returns its output.
func (n *Pool) Add(b *plan.Builder) plan.Tensor {
	out := b.NewPlanes(weights.Float32, len(n.In), n.OH*n.OW)
	t := n.step(b.Set, len(n.In))
	t.src, t.dst = b.Use(n.In), b.Use(out)
	b.NeedWork(t.args())
	b.Add(n.Label, n.workOf(b, &t.call, t.c), t.c, t)
	return out
}

// step is the step for c channels, without its planes.
func (n *Pool) step(set *kernel.Set, c int) *poolStep {
	t := &poolStep{call: n.call(), max: n.Max, c: c}
	t.call.Masks = set.PoolMasks(&t.call)
	return t
}

// call is what every call shares, without its masks. A maximum has no divisors: CountPad
// makes the shortest table of them.
func (n *Pool) call() kernel.Pool {
	return kernel.Pool{
		H: n.H, W: n.W, OH: n.OH, OW: n.OW, KH: n.KH, KW: n.KW, SH: n.SH, SW: n.SW,
		PadTop: n.Top, PadLeft: n.Left, CountPad: n.CountPad || n.Max,
	}
}

func (n *Pool) work(b *plan.Builder, c int) int64 {
	k := n.call()
	k.Masks = b.Set.PoolMasks(&k)
	return n.workOf(b, &k, c)
}

// workOf is work where the call has its masks already.
func (n *Pool) workOf(b *plan.Builder, k *kernel.Pool, c int) int64 {
	return limit.Product(b.TapWork(poolArgs(k, n.Max)), c, n.OH, n.OW, min(n.KH, n.H), min(n.KW, n.W))
}

type poolStep struct {
	call     kernel.Pool // what every call shares
	max      bool
	c        int
	src, dst plan.TableID
}

// args is the call as kernel.Set.Implementation wants it.
func (t *poolStep) args() any { return poolArgs(&t.call, t.max) }

func poolArgs(call *kernel.Pool, max bool) any {
	if max {
		return kernel.MaxPool{Pool: call}
	}
	return kernel.AvgPool{Pool: call}
}

func (t *poolStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	t.rows(w, w.Table(t.src)[lo:hi], w.Table(t.dst)[lo:hi], lo, &view{t.call.H, t.call.OH, t.call.PadTop, t.call.Masks})
}

func (t *poolStep) rows(w *plan.Worker, src, dst []int32, _ int, v *view) {
	work := w.Args.Pool.Work
	w.Args.Pool = t.call
	k := &w.Args.Pool
	k.H, k.OH, k.PadTop, k.Masks = v.h, v.oh, v.top, v.masks
	k.Work, k.Mem, k.Src, k.Dst, k.C = work, w.Arena, src, dst, len(src)
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
