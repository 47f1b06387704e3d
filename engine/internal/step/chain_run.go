package step

import "github.com/riffle-ml/riffle/engine/internal/plan"

// chainRun is a worker's share of a chain.
type chainRun struct {
	*chainStep
	worker   *plan.Worker
	in, out  []int32 // tables of the chain
	src, dst []int32 // and of what the window reads and writes: of a block, and of all or a block
	at       []int32 // room for a table of what the window writes
	panel    []float32
	made     bandCopies // of chains that have copies
	soon     [][]byte   // what these read for the next band
}

func (t *chainStep) Run(w *plan.Worker, s plan.Share) {
	x := chainRun{chainStep: t, worker: w, out: w.Table(t.out)}
	base, tables := int(w.Table(t.room)[s.Index]), w.Scratch(t.block+2*t.buffered+t.copies.entries())
	if t.copies == nil {
		x.in = w.Table(t.in)
	} else {
		x.made, x.in, base = t.copies.at(tables[t.block+t.buffered:], base)
	}
	x.src, base = spread(tables[:t.block], base, t.inPitch)
	x.dst = x.out
	if t.buffered > 0 {
		x.dst, base = spread(tables[t.block:][:t.buffered], base, t.outPitch)
	}
	x.panel = w.Arena[base:][:t.panel]
	x.at = tables[len(tables)-t.buffered:]
	lo, hi := s.Span(len(t.pieces), 1)
	for i := lo; i < hi; i++ {
		if t.copies != nil && i+1 < hi {
			x.soon = x.made.soon(w, &t.pieces[i+1])
		}
		x.band(&t.pieces[i])
	}
}

// spread fills in a table of planes that lie pitch apart from base on, and returns it and
// where they end.
func spread(table []int32, base, pitch int) ([]int32, int) {
	for i := range table {
		table[i] = int32(base + i*pitch)
	}
	return table, base + len(table)*pitch
}

// band computes a band of the chain's output.
func (x *chainRun) band(p *piece) {
	if x.copies != nil {
		x.made.make(x.worker, p)
	}
	for c := 0; c < x.c; c += x.block {
		n := min(x.block, x.c-c)
		src := x.src[:n]
		if x.expand != nil {
			x.expansion(p, c, src)
		} else {
			for i := range src {
				src[i] = x.in[c+i] + int32(p.row*x.w)
			}
		}
		switch {
		case x.project != nil || x.buffered == 0:
			x.window.rows(x.worker, src, x.dst[c:c+n], c, &p.view)
		case x.parts == 1 && p.from-p.skip+p.oh <= x.oh:
			x.direct(p, c, src, x.dst[:n])
		default:
			x.window.rows(x.worker, src, x.dst[:n], c, &p.view)
			x.store(p, c, x.dst[:n])
		}
	}
	if x.project != nil {
		x.projection(p)
	}
}

// expansion computes what a band reads of the channels from c on.
func (x *chainRun) expansion(p *piece, c int, dst []int32) {
	from, to := p.read()
	r := gemmRange{g1: 1, m0: c, m1: c + len(dst), y0: from, y1: to, p1: x.w}
	if x.expand.rows == 1 {
		r.y0, r.y1, r.p0, r.p1 = 0, 1, from*x.w, to*x.w
	}
	o := operands{in: x.in, out: dst, first: c, outOff: -p.row * x.w, panel: x.panel}
	if x.copies != nil {
		o.inOff = -from * x.copies.step.pw
		o.soon = x.soon
	}
	x.expand.compute(x.worker, r, &o)
	x.soon = o.soon
}

// direct computes a band of the window's output, from channel c on, where it belongs. The
// view begins with rows of the band above, which are put aside meanwhile. What it writes
// behind its rows belongs to the band below, which nobody has computed yet.
func (x *chainRun) direct(p *piece, c int, src, aside []int32) {
	skipped, off := p.skip*x.ow, (p.from-p.skip)*x.ow
	to := x.at[:len(src)]
	for i, plane := range x.out[c:][:len(src)] {
		to[i] = plane + int32(off)
		copy(x.worker.Arena[aside[i]:], x.worker.Arena[to[i]:][:skipped])
	}
	x.window.rows(x.worker, src, to, c, &p.view)
	for i, plane := range to {
		copy(x.worker.Arena[plane:], x.worker.Arena[aside[i]:][:skipped])
	}
}

// store copies a band of the window's output from src to the chain's, from channel c on.
func (x *chainRun) store(p *piece, c int, src []int32) {
	for i, from := range src {
		to := x.worker.Arena[int(x.out[c+i])+p.from*x.ow:][:(p.to-p.from)*x.ow]
		copy(to, x.worker.Arena[int(from)+p.skip*x.ow:])
	}
}

// projection computes a band of the chain's output from one of the window's.
func (x *chainRun) projection(p *piece) {
	o := operands{in: x.dst, out: x.out, inOff: (p.skip - p.from) * x.ow, panel: x.panel}
	if x.r >= 0 {
		o.residual = x.worker.Table(x.r)
	}
	x.project.compute(x.worker, gemmRange{g1: 1, m1: x.project.m, y1: 1, p0: p.from * x.ow, p1: p.to * x.ow}, &o)
}
