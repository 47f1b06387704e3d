package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// Every kernel of every set against the reference: any size within what a fuzzer
// gets done, any alignment, special values, buffers between faulting pages and
// canaries. The seeds are all small lengths, and so all tails.

func int32s(v []float32) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}

// fuzzKernel hands body what one input says.
func fuzzKernel(f *testing.F, body func(p *pen, special bool, a, b, c uint8)) {
	for i := range 100 { // 0 to four of the widest tiles, and one
		f.Add(uint64(i), uint8(i), uint8(i/7), uint8(3*i))
		f.Add(uint64(i), uint8(3*i), uint8(i), uint8(i/9))
	}
	f.Fuzz(func(t *testing.T, seed uint64, a, b, c uint8) {
		rng := rand.New(rand.NewPCG(seed, uint64(a)))
		body(newPen(t, rng), seed%2 == 0, a, b, c)
	})
}

func (p *pen) activation() Activation { return activations[p.rng.IntN(len(activations))] }

func FuzzGEMM(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) { p.gemm(special, 1+int(b)%60, 1+int(c)%80, 1+int(a)) })
}

func (p *pen) gemm(special bool, m, k, n int) {
	distinct := 1 + p.rng.IntN(k)
	after := roundUp8(n) - n
	mem, tab := p.planes(special, herd{c: distinct, n: n, after: after, read: true}, herd{c: m, n: n, after: after, read: true}, herd{c: m, n: n, after: after, read: true})
	g := &GEMM{Mem: mem, M: m, K: k, N: n, BOff: p.rng.IntN(99) - 50, COff: p.rng.IntN(99) - 50}
	g.ROff = p.rng.IntN(99) - 50
	shifted := func(t []int32, off int) []int32 {
		for i := range t {
			t[i] -= int32(off)
		}
		p.constantInts("a table", t)
		return t
	}
	rows := make([]int32, k)
	for i := range rows {
		rows[i] = tab[0][p.rng.IntN(distinct)]
	}
	g.B, g.C = shifted(p.ints(rows), g.BOff), shifted(tab[1], g.COff)
	switch p.rng.IntN(3) {
	case 0:
		g.R = shifted(tab[2], g.ROff)
	case 1:
		g.R, g.ROff = g.C, g.COff // in place
	}
	if g.R != nil && p.rng.IntN(2) == 0 {
		g.Scale = p.values("Scale", m, special)
	}
	w := make([]float32, m*k)
	p.fill(w, special)
	g.A = p.floats(m * k) // for any tile
	g.Bias = p.values("Bias", m, special)
	g.Act = p.activation()
	what := []any{m, k, n, g.R != nil, g.Scale != nil, g.Act}
	c := &trial{pen: p, mem: mem, what: what, bound: 2 * sumBound(k+2, float64(k+2))}
	at := make([]int32, m)
	for i, off := range g.C {
		at[i] = off + int32(g.COff)
	}
	which := p.rng.IntN(100)
	c.written(at, n, roundUp8(n)).run(func(s *Set) {
		g.Tile = s.Tiles[which%len(s.Tiles)]
		PackA(g.Tile, g.A, w, m, k, k)
		p.sound(s, g)
		before := slices.Clone(g.A)
		s.GEMM(g)
		if !slices.EqualFunc(before, g.A, sameBits) {
			p.t.Fatalf("%s: %v: the weights changed", s.Name, what)
		}
	})
}

func FuzzDepthwise(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) {
		d := Depthwise{H: 1 + int(a)%40, Wid: 1 + int(b)%70, C: 1 + int(c>>5)%4, KH: 1 + int(c&7)%7, SH: 1 + int(c>>3)%3}
		d.KW, d.SW, d.PadTop, d.PadLeft = d.KH, d.SH, d.KH/2, d.KH/2
		d.OH, d.OW = (d.H-1)/d.SH+1, (d.Wid-1)/d.SW+1
		if p.rng.IntN(2) == 0 { // another window, padding that differs
			d.KH, d.KW, d.SH, d.SW, d.DH, d.DW = 1+p.rng.IntN(9), 1+p.rng.IntN(9), 1+p.rng.IntN(5), 1+p.rng.IntN(5), 1+p.rng.IntN(4), 1+p.rng.IntN(4)
			d.PadTop, d.PadLeft = p.rng.IntN(9), p.rng.IntN(9)
			d.OH, d.OW = 1+p.rng.IntN(d.H/d.SH+2), 1+p.rng.IntN(d.Wid/d.SW+2)
		}
		p.depthwise(special, d)
	})
}

// depthwise runs d, of which it sets the memory and the clamp.
func (p *pen) depthwise(special bool, d Depthwise) {
	mem, tab := p.planes(special, herd{d.C, d.H * d.Wid, Slack, Slack, true}, herd{c: d.C, n: d.OH * d.OW, after: Slack})
	taps := d.KH * d.KW
	d.Mem, d.Src, d.Dst, d.W = mem, tab[0], tab[1], p.values("W", d.C*(taps+1), false)
	d.Act = p.activation()
	c := &trial{pen: p, mem: mem, what: []any{d.C, d.H, d.Wid, d.OH, d.OW, d.KH, d.KW, d.SH, d.SW, d.DH, d.DW, d.PadTop, d.PadLeft, d.Act}, bound: 2 * sumBound(taps, float64(taps+1))}
	c.written(d.Dst, d.OH*d.OW, d.OH*d.OW+Slack).run(func(s *Set) {
		d.Masks, d.Work = p.masks(s.DepthwiseMasks(&d)), nil
		p.sound(s, &d)
		s.Depthwise(&d)
	})
}

// sound fails where a call breaks its contract with a set.
func (p *pen) sound(s *Set, args interface{ Check() error }) {
	if err := s.Check(args); err != nil {
		p.t.Fatal(err)
	}
}

// masks copies m into such memory.
func (p *pen) masks(m []float32) []float32 {
	if m == nil {
		return nil
	}
	v := p.floats(len(m))
	copy(v, m)
	p.constant("Masks", v)
	return v
}

func FuzzPool(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) {
		k := Pool{H: 1 + int(a)%40, W: 1 + int(b)%70, C: 1 + int(c>>6), KH: 1 + int(c&7)%5, SH: 1 + int(c>>3)%3}
		k.KW, k.SW, k.CountPad = k.KH, k.SH, p.rng.IntN(2) == 0
		if p.rng.IntN(2) == 0 {
			k.PadTop, k.PadLeft = k.KH/2, k.KW/2
		}
		k.OH, k.OW = (k.H+2*k.PadTop-k.KH)/k.SH+1, (k.W+2*k.PadLeft-k.KW)/k.SW+1
		if p.rng.IntN(2) == 0 { // another window, padding that differs, ceil
			k.KH, k.KW, k.SH, k.SW = 1+p.rng.IntN(12), 1+p.rng.IntN(40), 1+p.rng.IntN(6), 1+p.rng.IntN(6)
			k.PadTop, k.PadLeft = p.rng.IntN(k.KH), p.rng.IntN(k.KW)
			k.OH, k.OW = 1+p.rng.IntN((k.H-1+k.PadTop)/k.SH+1), 1+p.rng.IntN((k.W-1+k.PadLeft)/k.SW+1)
		}
		if k.OH < 1 || k.OW < 1 {
			return
		}
		p.pool(special, k)
	})
}

func (p *pen) pool(special bool, k Pool) {
	mem, tab := p.planes(special, herd{k.C, k.H * k.W, Slack, Slack, true}, herd{c: k.C, n: k.OH * k.OW, after: Slack})
	k.Mem, k.Src, k.Dst = mem, tab[0], tab[1]
	what := []any{k.C, k.H, k.W, k.OH, k.OW, k.KH, k.KW, k.SH, k.SW, k.PadTop, k.PadLeft, k.CountPad}
	c := &trial{pen: p, mem: mem, what: what, bound: 2 * sumBound(k.KH*k.KW+1, 1)}
	if k.Masks = generic.PoolMasks(&k); !special && k.folded() && !k.pairs() && !(k.CountPad && k.centred()) {
		c.bound = -1 // every set adds in the same order
	}
	c.written(k.Dst, k.OH*k.OW, k.OH*k.OW+Slack).run(func(s *Set) {
		k.Masks, k.Work = p.masks(s.PoolMasks(&k)), nil
		p.sound(s, &k)
		s.AvgPool(&k)
	})
	c.bound = 0
	c.run(func(s *Set) {
		k.Masks, k.Work = p.masks(s.PoolMasks(&k)), nil
		p.sound(s, &k)
		s.MaxPool(&k)
	})
}

func FuzzMean(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) { p.mean(special, 1+int(a)%40, 1+int(b)*(1+int(c)%13)) })
}

func (p *pen) mean(special bool, c, n int) {
	mem, tab := p.planes(special, herd{c, n, Slack, Slack, true})
	m := Mean{Mem: mem, Src: tab[0], Dst: p.floats(c), C: c, N: n}
	if err := m.Check(); err != nil {
		p.t.Fatal(err)
	}
	t := &trial{pen: p, mem: mem, what: []any{c, n}, out: func() []float32 { return slices.Clone(m.Dst) }}
	t.run(func(s *Set) { s.Mean(&m) })
}

func FuzzLinear(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) { p.linear(special, 1+int(a)*(1+int(c)%5), 1+int(b)%50) })
}

func (p *pen) linear(special bool, in, out int) {
	l := Linear{X: p.values("X", in, special), W: p.values("W", in*out, special), Y: p.floats(out), In: in, Out: out}
	l.Bias = p.values("Bias", out, special)
	l.Act = p.activation()
	if err := l.Check(); err != nil {
		p.t.Fatal(err)
	}
	t := &trial{pen: p, what: []any{in, out, l.Act}, out: func() []float32 { return slices.Clone(l.Y) }, bound: 2 * sumBound(in+1, float64(in+1))}
	t.run(func(s *Set) { s.Linear(&l) })
}

func FuzzDots(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) { p.dots(special, 1+int(a)*(1+int(c)%5), 1+int(b)%50) })
}

func (p *pen) dots(special bool, in, out int) {
	d := Dots{X: p.values("X", in, special), W: p.values("W", in*out, special), Bias: p.values("Bias", out, special), Y: p.floats(out), In: in, Out: out}
	if err := d.Check(); err != nil {
		p.t.Fatal(err)
	}
	t := &trial{pen: p, what: []any{in, out}, out: func() []float32 { return slices.Clone(d.Y) }}
	t.run(func(s *Set) { s.Dots(&d) })
}

func FuzzPhases(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) {
		k := Phases{H: 1 + int(a)%40, W: 1 + int(b)%70, C: 1 + int(c>>6), SH: 1 + int(c)%3, SW: phaseStride(p.rng), PadTop: p.rng.IntN(4), PadLeft: p.rng.IntN(9) - 4}
		k.PH = (k.H+k.PadTop+k.SH-1)/k.SH + p.rng.IntN(3)
		k.PW = max(1, (k.W+k.PadLeft+k.SW-1)/k.SW+p.rng.IntN(12))
		if p.rng.IntN(5) == 0 {
			k.PH, k.PW = 1+p.rng.IntN(k.PH), 1+p.rng.IntN(k.PW)
		}
		p.phases(special, k)
	})
}

func (p *pen) phases(special bool, k Phases) {
	if k.Residues = someResidues(p.rng, k.SH, k.SW); len(k.Residues) == 0 {
		return
	}
	mem, tab := p.planes(special, herd{k.C, k.H * k.W, Slack, Slack, true}, herd{c: k.C * len(k.Residues), n: k.PH * k.PW, after: Slack})
	for i := range tab[1] {
		if p.rng.IntN(6) == 0 {
			tab[1][i] = -1
		}
	}
	k.Mem, k.Src, k.Dst = mem, tab[0], tab[1]
	if err := k.Check(); err != nil {
		p.t.Fatal(err)
	}
	c := &trial{pen: p, mem: mem, what: []any{k.C, k.H, k.W, k.PH, k.PW, k.SH, k.SW, k.PadTop, k.PadLeft, k.Residues}, bound: -1}
	c.written(k.Dst, k.PH*k.PW, k.PH*k.PW+Slack).run(func(s *Set) { s.Phases(&k) })
}

func FuzzAdd(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) { p.add(special, 1+int(b)%20, 1+int(a)*(1+int(c)%7)) })
}

func (p *pen) add(special bool, c, n int) {
	after := roundUp8(n) - n
	mem, tab := p.planes(special, herd{c: c, n: n, after: after, read: true}, herd{c: c, n: n, after: after, read: true}, herd{c: c, n: n, after: after})
	a := Add{Mem: mem, A: tab[0], B: tab[1], C: tab[2], Ch: c, N: n}
	if p.rng.IntN(3) == 0 {
		a.C = a.B // in place
	}
	a.Act = p.activation()
	if err := a.Check(); err != nil {
		p.t.Fatal(err)
	}
	t := &trial{pen: p, mem: mem, what: []any{c, n, a.Act}}
	t.written(a.C, n, roundUp8(n)).run(func(s *Set) { s.Add(&a) })
}

func FuzzAffine(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) { p.affine(special, 1+int(b)%20, 1+int(a)*(1+int(c)%7)) })
}

func (p *pen) affine(special bool, c, n int) {
	after := roundUp8(n) - n
	mem, tab := p.planes(special, herd{c: c, n: n, after: after, read: true}, herd{c: c, n: n, after: after})
	a := Affine{Mem: mem, Src: tab[0], Dst: tab[1], C: c, N: n}
	if p.rng.IntN(3) == 0 {
		a.Dst = a.Src // in place
	}
	a.Act = p.activation()
	bound := -1.0
	if p.rng.IntN(2) == 0 {
		a.Scale = p.values("Scale", c, special)
	}
	if p.rng.IntN(2) == 0 {
		a.Shift = p.values("Shift", c, special)
	}
	if a.Scale != nil || a.Shift != nil || a.Act.Kind != Identity {
		bound = 2 * sumBound(2, 2)
	}
	if err := a.Check(); err != nil {
		p.t.Fatal(err)
	}
	t := &trial{pen: p, mem: mem, what: []any{c, n, a.Scale != nil, a.Shift != nil, a.Act}, bound: bound}
	t.written(a.Dst, n, roundUp8(n)).run(func(s *Set) { s.Affine(&a) })
}

func FuzzGather(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) { p.gather(1+int(b)%30, 1+int(a), int(c)%9) })
}

func (p *pen) gather(c, n, gap int) {
	mem, tab := p.planes(true, herd{c: c, n: n, read: true})
	g := Gather{Mem: mem, Src: tab[0], Out: p.floats((c-1)*(n+gap) + n), C: c, N: n, Pitch: n + gap}
	if err := g.Check(); err != nil {
		p.t.Fatal(err)
	}
	t := &trial{pen: p, mem: mem, what: []any{c, n, gap}, out: func() []float32 { return slices.Clone(g.Out) }, bound: -1}
	t.run(func(s *Set) {
		for i := range g.Out {
			g.Out[i] = canary // what lies between the planes is compared, too
		}
		s.Gather(&g)
	})
}
