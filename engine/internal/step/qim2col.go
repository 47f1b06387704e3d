package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Im2col makes the input of a convolution such that g computes it from shifted planes,
// as a [GEMM] does from its [Copies]: with a copy for each column of the kernel, so that all of the
// output is one GEMM. Around a plane there is its zero point. It fills in g's In, Shift
// and N. Copies beyond the limits are the builder's error.
func (g *QGEMM) Im2col(b *plan.Builder, win Window, x plan.Tensor, h, w, oh, ow int) {
	f, c := byColumn(win, oh, ow), len(x)
	if !b.Fits(limit.Product(c, f.planes(), f.ph, f.pw)) {
		return
	}
	planes := b.NewPlanes(weights.Uint8, c*f.planes(), f.ph*f.pw)
	b.NeedScratch(c * len(f.residues))
	t := &phasesBytesStep{shifts: f, h: h, w: w, c: c, fill: Zeros(b, x), src: b.UseBytes(x, nil), dst: b.UseBytes(planes, nil)}
	b.Add(plan.Label{Node: g.Node, Op: "phases"}, limit.Product(plan.MoveWork, c, f.pixels())/quantWork+1, c, t)
	b.CopyQuant(planes, x)
	at, shift := f.taps(c)
	g.In, g.Shift = picked(planes, at), shift
	g.N = oh * ow
}

// phasesBytesStep runs kernel.PhasesBytes, once for each copy.
type phasesBytesStep struct {
	*shifts
	h, w, c  int
	fill     []uint8
	src, dst plan.TableID
}

func (t *phasesBytesStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.c, 1)
	if lo == hi {
		return
	}
	src, from := w.Table(t.src), w.Table(t.dst)
	n := len(t.residues)
	dst := w.Scratch((hi - lo) * n)
	for copied, left := range t.lefts {
		for i := range dst {
			dst[i] = from[((lo+i/n)*len(t.lefts)+copied)*n+i%n]
		}
		k := &w.Args.PhasesBytes
		*k = t.call(left)
		k.Mem, k.Src, k.Dst, k.Fill, k.C = w.Bytes, src[lo:hi], dst, t.fill[lo:hi], hi-lo
		w.Set.PhasesBytes(k)
	}
}

// call is what every call for a copy shares.
func (t *phasesBytesStep) call(left int) kernel.PhasesBytes {
	return kernel.PhasesBytes{
		H: t.h, W: t.w, PH: t.ph, PW: t.pw, SH: t.SH, SW: t.SW, Residues: t.residues, PadTop: t.Top, PadLeft: left,
	}
}

func (t *phasesBytesStep) Describe() plan.Description {
	call := t.call(t.lefts[0])
	return plan.Description{
		Kernel: fmt.Sprintf("qcolumns %dx%d %dx%dx%d", t.SH, t.SW, t.c, t.h, t.w), Kind: "qcolumns", Call: &call,
		Bytes: int64(t.c) * int64(t.h*t.w+t.pixels()),
	}
}
