package engine

import (
	"github.com/riffle-ml/riffle/kernel"
)

// conv chooses the way a convolution runs:
//   - one pixel to one pixel: linear;
//   - one input channel a group: depthwise;
//   - 1x1, stride 1, no padding: GEMM straight from the input's table;
//   - any other: cut the input into zero-padded phase planes, in which every
//     tap of the kernel is a plane at an offset, and run the same GEMM over a table of those, row
//     by row of the output.
func (p *planner) conv(n *node, x tensor) tensor {
	in, out := p.g.values[n.in[0]].shape, p.g.values[n.out[0]].shape
	o, pixels := out.planes()
	switch {
	case p.g.oneByOne(n):
		return p.linear(n, p.vector(n.name, x, 1), n.weight.Data)
	case n.isDepthwise(p.g):
		return p.depthwise(n, x)
	}
	c := in[0]
	m := &matmul{
		name: n.name, op: n.op, groups: n.groups, m: o / n.groups, k: c / n.groups * n.kh * n.kw,
		weight: n.weight.Data, spare: p.spare[n.weight], bias: biasOf(n, o), act: n.act, in: x, rows: 1, n: pixels,
	}
	if n.res >= 0 {
		m.res = p.tensor[n.res]
	}
	if n.kh*n.kw == 1 && n.sh == 1 && n.sw == 1 && n.pt+n.pl+n.pb+n.pr == 0 {
		return p.matmul(m, pixels)
	}

	// Tap (i, j) of output (y, x) is input (y*sh + i*dh - pt, x*sw + j*dw - pl):
	// phase (i*dh mod sh, j*dw mod sw), at (y + i*dh/sh, x + j*dw/sw).
	ph := out[1] + (n.kh-1)*n.dh/n.sh
	pw := out[2] + (n.kw-1)*n.dw/n.sw
	wanted := make([]bool, n.sh*n.sw)
	for i := range n.kh {
		for j := range n.kw {
			wanted[i*n.dh%n.sh*n.sw+j*n.dw%n.sw] = true
		}
	}
	index := make([]int, len(wanted))
	live := 0
	for i, w := range wanted {
		if index[i] = -1; w {
			index[i] = live
			live++
		}
	}
	b := p.newBuffer(c*live, ph*pw)
	t := &phasesStep{h: in[1], w: in[2], ph: ph, pw: pw, win: n.window, c: c, wanted: wanted, src: p.use(x), dst: p.use(p.all(b))}
	t.parts = partsFor(p.threads, moveWork*c*live*ph*pw)
	if t.byRow = n.sh >= t.parts; !t.byRow {
		t.parts = min(t.parts, c)
	}
	p.add(n.name, "phases", t.parts, t)

	m.in = make(tensor, 0, c*n.kh*n.kw)
	m.shift = make([]int32, 0, c*n.kh*n.kw)
	for ch := range c {
		for i := range n.kh {
			for j := range n.kw {
				m.in = append(m.in, ref{int32(b), int32(ch*live + index[i*n.dh%n.sh*n.sw+j*n.dw%n.sw])})
				m.shift = append(m.shift, int32(i*n.dh/n.sh*pw+j*n.dw/n.sw))
			}
		}
	}
	if pw != out[2] {
		m.rows, m.n, m.inRow, m.outRow = out[1], out[2], pw, out[2]
	}
	return p.matmul(m, pixels)
}

// phasesStep runs kernel.Phases. A part has some of the residues of rows (of
// three channels there are not enough to share out), or some of the channels.
type phasesStep struct {
	byRow        bool
	h, w, ph, pw int
	win          window
	c            int
	wanted       []bool
	src, dst     int
	parts        int
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
	lo, hi, y0, y1 := 0, t.c, 0, t.win.sh
	if t.byRow {
		y0, y1 = span(t.win.sh, 1, part, t.parts)
	} else {
		lo, hi = span(t.c, 1, part, t.parts)
	}
	// The table has the wanted phases alone; the kernel wants a place for all.
	all := len(t.wanted)
	if cap(w.table) < (hi-lo)*all {
		w.table = make([]int32, (hi-lo)*all)
	}
	dst := w.table[:(hi-lo)*all]
	from := s.tab[t.dst]
	at := lo * (len(from) / t.c)
	for i := range dst {
		if dst[i] = -1; t.wanted[i%all] {
			if y := i % all / t.win.sw; y >= y0 && y < y1 {
				dst[i] = from[at]
			}
			at++
		}
	}
	w.phases = kernel.Phases{
		Mem: s.arena, Src: s.tab[t.src][lo:hi], Dst: dst, C: hi - lo, H: t.h, W: t.w, PH: t.ph, PW: t.pw,
		SH: t.win.sh, SW: t.win.sw, PadTop: t.win.pt, PadLeft: t.win.pl,
	}
	s.plan.set.Phases(&w.phases)
}

// depthwise: output channel o reads plane o/(O/C), through the table.
func (p *planner) depthwise(n *node, x tensor) tensor {
	in, out := p.g.values[n.in[0]].shape, p.g.values[n.out[0]].shape
	o, taps := out[0], n.kh*n.kw
	bias := biasOf(n, o)
	w := make([]float32, o*(taps+1))
	src := make(tensor, o)
	for c := range o {
		src[c] = x[c/(o/in[0])]
		copy(w[c*(taps+1):], n.weight.Data[c*taps:(c+1)*taps])
		w[c*(taps+1)+taps] = bias[c]
	}
	b := p.newBuffer(o, out[1]*out[2])
	t := &depthwiseStep{
		k: kernel.Depthwise{
			W: w, H: in[1], Wid: in[2], OH: out[1], OW: out[2], KH: n.kh, KW: n.kw, Stride: n.sh,
			PadTop: n.pt, PadLeft: n.pl, Lo: n.act.lo, Hi: n.act.hi,
		},
		taps: taps, c: o, src: p.use(src), dst: p.use(p.all(b)),
	}
	t.k.Masks = kernel.DepthwiseMasks(&t.k)
	t.parts = min(o, partsFor(p.threads, tapWork*o*out[1]*out[2]*taps))
	p.add(n.name, n.op, t.parts, t)
	return p.all(b)
}

type depthwiseStep struct {
	k        kernel.Depthwise // what every call shares
	taps, c  int
	src, dst int
	parts    int
}

func (t *depthwiseStep) whole() runner {
	if t.parts == 1 {
		return t
	}
	u := *t
	u.parts = 1
	return &u
}

func (t *depthwiseStep) run(s *Session, w *worker, part int) {
	lo, hi := span(t.c, 1, part, t.parts)
	w.depthwise = t.k
	d := &w.depthwise
	d.Mem, d.Src, d.Dst, d.C = s.arena, s.tab[t.src][lo:hi], s.tab[t.dst][lo:hi], hi-lo
	d.W = t.k.W[lo*(t.taps+1) : hi*(t.taps+1)]
	s.plan.set.Depthwise(d)
}
