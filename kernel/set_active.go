package kernel

// How a kernel applies the activations that no unit has: it runs without one on a
// block of outputs, which then are in cache, and the set's activate goes over them.
// Which blocks there are changes no bit.

// activeBlock is how many outputs a block has, about: a quarter of an L2 of 512 KiB.
const activeBlock = 32 << 10

// activeGEMM takes pixels in blocks of the widest strips: then a block's pixels are
// read from a nearer cache too.
func (s *Set) activeGEMM(g *GEMM) {
	whole, act := *g, g.Act
	g.Act = Activation{}
	block := max(1, activeBlock/g.M/s.PixelCut) * s.PixelCut
	for p := 0; p < whole.N; p += block {
		g.N = min(block, whole.N-p)
		g.BOff, g.COff, g.ROff = whole.BOff+p, whole.COff+p, whole.ROff
		if g.R != nil {
			g.ROff += p
		}
		s.gemm.run(g)
		s.activate(g.Mem, g.C, g.C, g.COff, g.N, act)
	}
	*g = whole
}

// activeHalfGEMM goes over all outputs at once: blocks would be packed one by one.
func (s *Set) activeHalfGEMM(g *HalfGEMM) {
	act := g.Act
	g.Act = Activation{}
	s.halfGEMM.run(g)
	s.activate(g.Mem, g.C, g.C, g.COff, g.N, act)
	g.Act = act
}

// planesOf is how many planes of n pixels a block has.
func planesOf(n int) int { return max(1, activeBlock/n) }

func (s *Set) activeDepthwise(d *Depthwise) {
	whole, act := *d, d.Act
	d.Act = Activation{}
	n, per := d.OH*d.OW, d.KH*d.KW+1
	block := planesOf(n)
	for c := 0; c < whole.C; c += block {
		d.C = min(block, whole.C-c)
		d.Src, d.Dst, d.W = whole.Src[c:c+d.C], whole.Dst[c:c+d.C], whole.W[c*per:(c+d.C)*per]
		s.depthwise.run(d)
		s.activate(d.Mem, d.Dst, d.Dst, 0, n, act)
	}
	*d = whole
}

func (s *Set) activeAdd(a *Add) {
	whole, act := *a, a.Act
	a.Act = Activation{}
	block := planesOf(a.N)
	for c := 0; c < whole.Ch; c += block {
		a.Ch = min(block, whole.Ch-c)
		a.A, a.B, a.C = whole.A[c:c+a.Ch], whole.B[c:c+a.Ch], whole.C[c:c+a.Ch]
		s.add.run(a)
		s.activate(a.Mem, a.C, a.C, 0, a.N, act)
	}
	*a = whole
}

// activeLinear: a unit goes over whole vectors, and nothing behind Y may be touched.
func (s *Set) activeLinear(l *Linear) {
	act, whole := l.Act, l.Out&^7
	l.Act = Activation{}
	s.linear.run(l)
	if whole > 0 {
		s.activate(l.Y, first, first, 0, whole, act)
	}
	act.apply(l.Y[whole:l.Out])
	l.Act = act
}

// first is the table of one plane, at the beginning.
var first = []int32{0}

func (s *Set) activeAffine(a *Affine) {
	if a.Scale == nil && a.Shift == nil {
		s.activate(a.Mem, a.Src, a.Dst, 0, a.N, a.Act)
		return
	}
	whole, act := *a, a.Act
	a.Act = Activation{}
	block := planesOf(a.N)
	for c := 0; c < whole.C; c += block {
		a.C = min(block, whole.C-c)
		a.Src, a.Dst = whole.Src[c:c+a.C], whole.Dst[c:c+a.C]
		a.Scale, a.Shift = cut(whole.Scale, c, a.C), cut(whole.Shift, c, a.C)
		s.affine.run(a)
		s.activate(a.Mem, a.Dst, a.Dst, 0, a.N, act)
	}
	*a = whole
}

func (s *Set) activeBinary(b *Binary) {
	whole := *b
	block := planesOf(b.N)
	for c := 0; c < whole.Ch; c += block {
		b.Ch = min(block, whole.Ch-c)
		b.A, b.B, b.C = whole.A[c:c+b.Ch], whole.B[c:c+b.Ch], whole.C[c:c+b.Ch]
		s.binary.run(b)
		s.activate(b.Mem, b.C, b.C, 0, b.N, b.Act)
	}
	*b = whole
}

// cut is n elements of v from at on, or nil where v is.
func cut(v []float32, at, n int) []float32 {
	if v == nil {
		return nil
	}
	return v[at : at+n]
}
