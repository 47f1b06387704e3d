package engine

import (
	"github.com/riffle-ml/riffle/kernel"
)

// shifts is a way to copy a convolution's input, so that each tap of its kernel
// is a plane at an offset: tap (i, j) of output (y, x) is input (y*sh + i*dh - pt,
// x*sw + j*dw - pl), which has row residue i*dh mod sh, and is i*dh/sh rows further.
type shifts struct {
	window
	lefts  []int  // PadLeft of each copy
	ph, pw int    // of a plane
	wanted []bool // [sh*sw], the residues of rows and columns that a copy consists of
	column []tap  // for each j
}

// tap is where a column of the kernel is found: in which copy, at which column residue and
// how many pixels further.
type tap struct{ copy, residue, offset int }

// byPhase has one copy, cut into zero-padded planes, one for each residue of rows
// and columns. Their rows are longer than the output's, so the GEMM goes row by row.
func byPhase(w window, oh, ow int) *shifts {
	f := &shifts{window: w, lefts: []int{w.pl}, ph: oh + (w.kh-1)*w.dh/w.sh, pw: ow + (w.kw-1)*w.dw/w.sw}
	for j := range w.kw {
		f.column = append(f.column, tap{0, j * w.dw % w.sw, j * w.dw / w.sw})
	}
	return f.want()
}

// byColumn has a copy for each column of the kernel, cut to the output's columns:
// more to copy, but all of the output is one GEMM.
func byColumn(w window, oh, ow int) *shifts {
	f := &shifts{window: w, ph: oh + (w.kh-1)*w.dh/w.sh, pw: ow}
	for j := range w.kw {
		f.lefts = append(f.lefts, w.pl-j*w.dw)
		f.column = append(f.column, tap{copy: j})
	}
	return f.want()
}

func (f *shifts) want() *shifts {
	f.wanted = make([]bool, f.sh*f.sw)
	for i := range f.kh {
		for _, t := range f.column {
			f.wanted[i*f.dh%f.sh*f.sw+t.residue] = true
		}
	}
	return f
}

// live returns the number of planes of a copy's channel, and for each residue
// which of them it is.
func (f *shifts) live() (n int, index []int) {
	index = make([]int, len(f.wanted))
	for i, w := range f.wanted {
		if index[i] = n; w {
			n++
		}
	}
	return n, index
}

// pixels is how many each channel's copies have.
func (f *shifts) pixels() int {
	n, _ := f.live()
	return n * len(f.lefts) * f.ph * f.pw
}

// copyCycles is what it takes to copy a pixel, in the cycles of kernel.Set.Cycles.
const copyCycles = 0.4

// shifted adds the step that copies the input x of convolution n (nil: the
// caller's sample, as it is), and makes m
// read the copies. What is faster of the two ways by the kernels' model is done:
// a copy for each column where rows are short or no multiple of the vector's length.
func (p *planner) shifted(n *node, m *matmul, x tensor) {
	in, out := p.g.values[n.in[0]].shape, p.g.values[n.out[0]].shape
	c, oh, ow := in[0], out[1], out[2]
	cycles := func(f *shifts, rows, pixels int) float64 {
		return float64(m.groups*m.k*rows)*p.set.Cycles(m.m, pixels) + copyCycles*float64(c*f.pixels())
	}
	f := byPhase(n.window, oh, ow)
	if g := byColumn(n.window, oh, ow); f.pw > ow && cycles(g, 1, oh*ow) < cycles(f, oh, ow) {
		f = g
	}

	live, index := f.live()
	per := live * len(f.lefts) // planes of a channel
	b := p.newBuffer(c*per, f.ph*f.pw)
	t := &phasesStep{shifts: f, h: in[1], w: in[2], c: c, src: -1, dst: p.use(p.all(b))}
	if x != nil {
		t.src = p.use(x)
	} else {
		for ch := range c {
			t.given = append(t.given, int32(ch*in[1]*in[2]))
		}
	}
	t.parts = partsFor(p.threads, moveWork*c*f.pixels())
	if t.byRow = f.sh >= t.parts; !t.byRow {
		t.parts = min(t.parts, c)
	}
	p.add(n.name, "phases", t.parts, t)

	m.in = make(tensor, 0, c*n.kh*n.kw)
	m.shift = make([]int32, 0, c*n.kh*n.kw)
	for ch := range c {
		for i := range n.kh {
			for _, col := range f.column {
				plane := ch*per + col.copy*live + index[i*n.dh%n.sh*n.sw+col.residue]
				m.in = append(m.in, ref{int32(b), int32(plane)})
				m.shift = append(m.shift, int32(i*n.dh/n.sh*f.pw+col.offset))
			}
		}
	}
	if f.pw != ow {
		m.rows, m.n, m.inRow, m.outRow = oh, ow, f.pw, ow
	}
}

// phasesStep runs kernel.Phases, once for each copy. A part has some of the
// residues of rows (of three channels there are not enough to share out), or
// some of the channels.
type phasesStep struct {
	*shifts
	byRow    bool
	h, w     int
	c        int
	src, dst int
	given    []int32 // with src -1: the planes, in the caller's sample
	parts    int
}

func (t *phasesStep) whole() runner {
	if t.parts == 1 {
		return t
	}
	u := *t
	u.parts = 1
	return &u
}

func (t *phasesStep) run(s *Session, w *worker, part int) {
	lo, hi, y0, y1 := 0, t.c, 0, t.sh
	if t.byRow {
		y0, y1 = span(t.sh, 1, part, t.parts)
	} else {
		lo, hi = span(t.c, 1, part, t.parts)
	}
	src, given := t.given, s.src
	if t.src >= 0 {
		src, given = s.tab[t.src], nil
	}
	// The table has the wanted phases alone; the kernel wants a place for all.
	all := len(t.wanted)
	if cap(w.table) < (hi-lo)*all {
		w.table = make([]int32, (hi-lo)*all)
	}
	dst := w.table[:(hi-lo)*all]
	from := s.tab[t.dst]
	live := len(from) / t.c / len(t.lefts)
	for copied, left := range t.lefts {
		at := (lo*len(t.lefts) + copied) * live
		for i := range dst {
			if i > 0 && i%all == 0 {
				at += (len(t.lefts) - 1) * live
			}
			if dst[i] = -1; t.wanted[i%all] {
				if y := i % all / t.sw; y >= y0 && y < y1 {
					dst[i] = from[at]
				}
				at++
			}
		}
		w.phases = kernel.Phases{
			Mem: s.arena, From: given, Src: src[lo:hi], Dst: dst, C: hi - lo, H: t.h, W: t.w, PH: t.ph, PW: t.pw,
			SH: t.sh, SW: t.sw, PadTop: t.pt, PadLeft: left,
		}
		s.plan.set.Phases(&w.phases)
	}
}
