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
	out := b.NewPlanes(weights.Float32, len(d.In), d.OH*d.OW)
	t := d.step(b.Set, len(d.In))
	t.src, t.dst = b.Use(d.In), b.Use(out)
	b.NeedWork(&t.call)
	b.Add(d.Label, d.workOf(b, &t.call, t.c), t.c, t)
	return out
}

// step is the step for c channels, without its planes.
func (d *Depthwise) step(set *kernel.Set, c int) *depthwiseStep {
	taps := d.KH * d.KW
	w := make([]float32, c*(taps+1))
	kernel.PackDepthwise(w, d.Weight[:c*taps], d.Bias, c)
	t := &depthwiseStep{call: d.call(), taps: taps, c: c}
	t.call.W, t.call.Masks = w, set.DepthwiseMasks(&t.call)
	return t
}

// call is what every call shares, without its weights and masks.
func (d *Depthwise) call() kernel.Depthwise {
	return kernel.Depthwise{
		H: d.H, Wid: d.W, OH: d.OH, OW: d.OW, KH: d.KH, KW: d.KW, SH: d.SH, SW: d.SW, DH: d.DH, DW: d.DW,
		PadTop: d.Top, PadLeft: d.Left, Epilogue: kernel.Epilogue{Act: d.Act},
	}
}

func (d *Depthwise) work(b *plan.Builder, c int) int64 {
	k := d.call()
	k.Masks = b.Set.DepthwiseMasks(&k)
	return d.workOf(b, &k, c)
}

// workOf is work where the call has its masks already.
func (d *Depthwise) workOf(b *plan.Builder, k *kernel.Depthwise, c int) int64 {
	return limit.Product(b.TapWork(k), c, d.OH, d.OW, min(d.KH, d.H), min(d.KW, d.W))
}

type depthwiseStep struct {
	call     kernel.Depthwise // what every call shares
	taps, c  int
	src, dst plan.TableID
}

func (t *depthwiseStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	t.rows(w, w.Table(t.src)[lo:hi], w.Table(t.dst)[lo:hi], lo, &view{t.call.H, t.call.OH, t.call.PadTop, t.call.Masks})
}

func (t *depthwiseStep) rows(w *plan.Worker, src, dst []int32, lo int, v *view) {
	work := w.Args.Depthwise.Work
	w.Args.Depthwise = t.call
	d := &w.Args.Depthwise
	d.H, d.OH, d.PadTop, d.Masks = v.h, v.oh, v.top, v.masks
	d.Work, d.Mem, d.Src, d.Dst, d.C = work, w.Arena, src, dst, len(src)
	d.W = t.call.W[lo*(t.taps+1) : (lo+len(src))*(t.taps+1)]
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
