package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Depthwise is a convolution of one input plane for each output channel.
type Depthwise struct {
	plan.Label
	Window
	In           plan.Tensor // the plane that each output channel reads
	H, W, OH, OW int
	Weight, Bias []float32 // KH*KW of each output channel, and one
	Act          kernel.Activation
}

// Add adds the step and returns its output.
func (d *Depthwise) Add(b *plan.Builder) plan.Tensor {
	o, taps := len(d.In), d.KH*d.KW
	w := make([]float32, o*(taps+1))
	kernel.PackDepthwise(w, d.Weight[:o*taps], d.Bias, o)
	out := b.NewPlanes(weights.Float32, o, d.OH*d.OW)
	t := &depthwiseStep{
		call: kernel.Depthwise{
			W: w, H: d.H, Wid: d.W, OH: d.OH, OW: d.OW, KH: d.KH, KW: d.KW, SH: d.SH, SW: d.SW, DH: d.DH, DW: d.DW,
			PadTop: d.Top, PadLeft: d.Left, Epilogue: kernel.Epilogue{Act: d.Act},
		},
		taps: taps, c: o, src: b.Use(d.In), dst: b.Use(out),
	}
	t.call.Masks = b.Set.DepthwiseMasks(&t.call)
	b.NeedWork(&t.call)
	b.Add(d.Label, limit.Product(b.TapWork(&t.call), o, d.OH, d.OW, min(d.KH, d.H), min(d.KW, d.W)), o, t)
	return out
}

type depthwiseStep struct {
	call     kernel.Depthwise // what every call shares
	taps, c  int
	src, dst plan.TableID
}

func (t *depthwiseStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	work := w.Args.Depthwise.Work
	w.Args.Depthwise = t.call
	d := &w.Args.Depthwise
	d.Work, d.Mem, d.Src, d.Dst, d.C = work, w.Arena, w.Table(t.src)[lo:hi], w.Table(t.dst)[lo:hi], hi-lo
	d.W = t.call.W[lo*(t.taps+1) : hi*(t.taps+1)]
	w.Set.Depthwise(d)
}

func (t *depthwiseStep) Describe() plan.Description {
	k := &t.call
	return plan.Description{
		Kernel: fmt.Sprintf("depthwise%dx%ds%d %dx%dx%d", k.KH, k.KW, k.SH, t.c, k.OH, k.OW), Kind: "depthwise", Call: k,
		MACs:  int64(t.c) * int64(t.taps) * int64(k.OH*k.OW),
		Bytes: 4 * int64(t.c) * int64(k.H*k.Wid+k.OH*k.OW+t.taps+1),
	}
}
