//go:build race

package kernel

import (
	"runtime"
	"unsafe"
)

// watched returns s for a program that runs under the race detector, which sees
// no access that assembly makes: before each call it is told what the call
// reads and writes. Slack is left out, since what is read there is never used
// and neighbours may write it meanwhile; what GEMM, Add and Affine spill up to a
// multiple of 8 counts as written.
func watched(s *Set) *Set {
	w := *s
	w.gemm.run = func(g *GEMM) {
		reads(g.A)
		reads(g.Factors)
		g.watch()
		s.GEMM(g)
	}
	w.halfGEMM.run = func(g *HalfGEMM) {
		reads(g.A)
		reads(g.Scales)
		g.planes().watch()
		s.HalfGEMM(g)
	}
	w.depthwise.run = func(d *Depthwise) {
		reads(d.W)
		reads(d.Masks)
		moves(d.Mem, d.Src, d.H*d.Wid, d.Dst, d.OH*d.OW)
		s.Depthwise(d)
	}
	pool := func(f func(*Pool)) func(*Pool) {
		return func(p *Pool) {
			reads(p.Masks)
			moves(p.Mem, p.Src, p.H*p.W, p.Dst, p.OH*p.OW)
			f(p)
		}
	}
	w.maxPool.run, w.avgPool.run = pool(s.MaxPool), pool(s.AvgPool)
	w.mean.run = func(m *Mean) {
		moves(m.Mem, m.Src, m.N, nil, 0)
		writes(m.Dst)
		s.Mean(m)
	}
	w.linear.run = func(l *Linear) {
		vector(l.X, l.W, l.Bias, l.Y)
		reads(l.Half)
		s.Linear(l)
	}
	w.dots.run = func(d *Dots) {
		vector(d.X, d.W, d.Bias, d.Y)
		s.Dots(d)
	}
	w.phases.run = func(p *Phases) {
		moves(p.from(), p.Src, p.H*p.W, nil, 0)
		moves(p.Mem, nil, 0, p.Dst, p.PH*p.PW)
		s.Phases(p)
	}
	w.add.run = func(a *Add) {
		moves(a.Mem, a.A, a.N, nil, 0)
		moves(a.Mem, a.B, a.N, a.C, roundUp8(a.N))
		s.Add(a)
	}
	w.affine.run = func(a *Affine) {
		reads(a.Scale)
		reads(a.Shift)
		moves(a.Mem, a.Src, a.N, a.Dst, roundUp8(a.N))
		s.Affine(a)
	}
	w.binary.run = func(b *Binary) {
		n := b.N
		if b.One {
			n = 1
		}
		moves(b.Mem, b.B, n, nil, 0)
		moves(b.Mem, b.A, b.N, b.C, roundUp8(b.N))
		s.Binary(b)
	}
	w.activate = func(mem []float32, src, dst []int32, off, n int, act Activation) {
		for c := range src {
			reads(mem[int(src[c])+off:][:n])
			writes(mem[int(dst[c])+off:][:roundUp8(n)])
		}
		s.activate(mem, src, dst, off, n, act)
	}
	w.winogradInput.run = func(i *WinogradInput) {
		moves(i.Mem, i.Src, i.H*i.W, nil, 0)
		writes(i.Dst)
		writes(i.Work)
		s.WinogradInput(i)
	}
	w.winogradOutput.run = func(o *WinogradOutput) {
		reads(o.Src)
		reads(o.Bias)
		reads(o.Scale)
		writes(o.Work)
		for _, off := range o.R {
			reads(o.Mem[int(off)+o.ROff+o.at():][:o.pixels()])
		}
		moves(o.Mem[o.at():], nil, 0, o.Dst, roundUp8(o.pixels()))
		s.WinogradOutput(o)
	}
	w.gather.run = func(g *Gather) {
		moves(g.Mem, g.Src, g.N, nil, 0)
		for c := range g.C {
			writes(g.Out[c*g.Pitch:][:g.N])
		}
		s.Gather(g)
	}
	w.gatherBytes.run = func(g *GatherBytes) {
		reads(g.Src)
		for c, off := range g.Src {
			reads(g.Mem[off:][:g.N])
			writes(g.Out[c*g.Pitch:][:g.N])
		}
		s.GatherBytes(g)
	}
	w.watchQuantized(s)
	return &w
}

// watch tells of what g does to its planes and its panel.
func (g *GEMM) watch() {
	reads(g.Bias)
	writes(g.Panel)
	reads(g.B)
	reads(g.C)
	for _, off := range g.B {
		reads(g.Mem[int(off)+g.BOff:][:g.N])
	}
	if g.R != nil {
		reads(g.R)
		reads(g.Scale)
		for _, off := range g.R {
			reads(g.Mem[int(off)+g.ROff:][:g.N])
		}
	}
	for _, off := range g.C {
		writes(g.Mem[int(off)+g.COff:][:roundUp8(g.N)])
	}
}

// moves is a call that reads n pixels of each of src's planes and writes m of
// each of dst's; a negative entry is no plane.
func moves[T float32 | byte](mem []T, src []int32, n int, dst []int32, m int) {
	reads(src)
	reads(dst)
	for _, off := range src {
		reads(mem[off:][:n])
	}
	for _, off := range dst {
		if off >= 0 {
			writes(mem[off:][:m])
		}
	}
}

func vector(x, w, bias, y []float32) {
	reads(x)
	reads(w)
	reads(bias)
	writes(y)
}

func reads[T float32 | int32 | uint16 | byte | int8](v []T) {
	if len(v) > 0 {
		runtime.RaceReadRange(unsafe.Pointer(&v[0]), int(unsafe.Sizeof(v[0]))*len(v))
	}
}

func writes[T float32 | byte](v []T) {
	if len(v) > 0 {
		runtime.RaceWriteRange(unsafe.Pointer(&v[0]), int(unsafe.Sizeof(v[0]))*len(v))
	}
}
