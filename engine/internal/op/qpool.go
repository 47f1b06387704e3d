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

// qavgPool is the mean over windows of a quantized value.
type qavgPool struct {
	pool   *pool
	result step.Result
}

var qavgPoolKind = kind(weights.OpQAvgPool, 1, func(a *graph.Attrs, in []graph.Shape) (*qavgPool, []graph.Shape) {
	n := &qavgPool{result: parseResult(a)}
	var out []graph.Shape
	n.pool, out = parsePool(weights.OpAvgPool, a, in)
	return n, out
})

func (*qavgPool) Name() string                     { return weights.OpQAvgPool }
func (*qavgPool) MACs(in, out []graph.Shape) int64 { return 0 }

func (n *qavgPool) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	return one(n.pool.quantized(b, node, &n.result)), nil
}

// quantized lowers a pooling of planes of 8 bits: a maximum, whose result means what its
// input does, or with a result the mean.
func (n *pool) quantized(b *plan.Builder, node *Node, r *step.Result) plan.Tensor {
	in, out, x := node.InShapes[0], node.OutShapes[0], node.In[0]
	y := b.NewPlanes(weights.Uint8, out[0], out[1]*out[2])
	t := &qpoolStep{
		call: kernel.QPool{
			H: in[1], W: in[2], OH: out[1], OW: out[2], KH: n.KH, KW: n.KW, SH: n.SH, SW: n.SW,
			PadTop: n.Top, PadLeft: n.Left, CountPad: n.countPad, C: out[0],
		},
		max: r == nil, src: b.UseBytes(x, nil), dst: b.UseBytes(y, nil),
	}
	if t.max {
		b.CopyQuant(y, x)
	} else {
		b.SetQuant(y, r.Quant)
		t.call.Zeros, t.call.Mult, t.call.Requant = step.Zeros(b, x), step.Scales(b, x, r.Scale), r.Requant()
		b.Fail(step.CheckMultipliers(t.call.Mult, float64(n.KH)*float64(n.KW)))
	}
	b.NeedWork(t.args())
	work := limit.Product(b.TapWork(t.args()), out[0], out[1], out[2], min(n.KH, in[1]), min(n.KW, in[2]))
	b.Add(node.Label, work/3+1, out[0], t)
	return y
}

type qpoolStep struct {
	call     kernel.QPool // what every call shares
	max      bool
	src, dst plan.TableID
}

// args is the call as kernel.Set.Implementation wants it.
func (t *qpoolStep) args() any {
	if t.max {
		return kernel.QMaxPool{QPool: &t.call}
	}
	return kernel.QAvgPool{QPool: &t.call}
}

func (t *qpoolStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.call.C, 1)
	if lo == hi {
		return
	}
	k := &w.Args.QPool
	work := k.Work
	*k = t.call
	k.Work, k.Mem, k.Src, k.Dst, k.C = work, w.Bytes, w.Table(t.src)[lo:hi], w.Table(t.dst)[lo:hi], hi-lo
	if t.max {
		w.Set.QMaxPool(k)
		return
	}
	k.Zeros, k.Mult = k.Zeros[lo:hi], k.Mult[lo:hi]
	w.Set.QAvgPool(k)
}

func (t *qpoolStep) Describe() plan.Description {
	k, kind := &t.call, "qavgpool"
	if t.max {
		kind = "qmaxpool"
	}
	return plan.Description{
		Kernel: fmt.Sprintf("%s%dx%ds%d %dx%dx%d", kind, k.KH, k.KW, k.SH, k.C, k.OH, k.OW), Kind: kind, Call: t.args(),
		Bytes: int64(k.C) * int64(k.H*k.W+k.OH*k.OW),
	}
}
