package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
)

// QDepthwise is a [Depthwise] of quantized planes.
type QDepthwise struct {
	plan.Label
	Window
	In           plan.Tensor // the plane that each output channel reads
	H, W, OH, OW int
	Weight       []int8 // KH*KW of each output channel
	*Sums
	Result Result
}

// Add adds the step and returns its output.
func (d *QDepthwise) Add(b *plan.Builder) plan.Tensor {
	o, taps := len(d.In), d.KH*d.KW
	out := d.Result.Planes(b, o, d.OH*d.OW)
	t := &qdepthwiseStep{
		call: kernel.QDepthwise{
			Bias: d.Bias, Mult: d.Mult, Zeros: Zeros(b, d.In), H: d.H, Wid: d.W, C: o, OH: d.OH, OW: d.OW,
			KH: d.KH, KW: d.KW, SH: d.SH, SW: d.SW, DH: d.DH, DW: d.DW, PadTop: d.Top, PadLeft: d.Left, Requant: d.Result.Requant(),
		},
		src: b.UseBytes(d.In, nil), dst: b.UseBytes(out, nil),
	}
	t.per = b.Set.QDepthwiseLen(&t.call)
	t.call.W = make([]byte, o*t.per)
	b.Set.PackQDepthwise(&t.call, t.call.W, d.Weight[:o*taps])
	b.NeedWork(&t.call)
	work := limit.Product(b.TapWork(&t.call), o, d.OH, d.OW, min(d.KH, d.H), min(d.KW, d.W))
	b.Add(d.Label, work/quantWork+1, o, t)
	return out
}

type qdepthwiseStep struct {
	call     kernel.QDepthwise // what every call shares
	per      int               // bytes of a channel's weights
	src, dst plan.TableID
}

func (t *qdepthwiseStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.call.C, 1)
	if lo == hi {
		return
	}
	d := &w.Args.QDepthwise
	work := d.Work
	*d = t.call
	d.Work, d.Mem, d.Src, d.Dst, d.C = work, w.Bytes, w.Table(t.src)[lo:hi], w.Table(t.dst)[lo:hi], hi-lo
	d.W, d.Bias, d.Mult, d.Zeros = d.W[lo*t.per:hi*t.per], d.Bias[lo:hi], d.Mult[lo:hi], d.Zeros[lo:hi]
	w.Set.QDepthwise(d)
}

func (t *qdepthwiseStep) Describe() plan.Description {
	k := &t.call
	taps := int64(k.KH * k.KW)
	return plan.Description{
		Kernel: fmt.Sprintf("qdepthwise%dx%ds%d %dx%dx%d", k.KH, k.KW, k.SH, k.C, k.OH, k.OW), Kind: "qdepthwise", Call: k,
		MACs:  int64(k.C) * taps * int64(k.OH*k.OW),
		Bytes: int64(k.C) * (int64(k.H*k.Wid+k.OH*k.OW) + taps),
	}
}
