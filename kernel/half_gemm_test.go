package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// halfCase is a call with its row-major weights, and its memory as it was.
type halfCase struct {
	HalfGEMM
	w      []float32
	before []float32
}

// newHalfGEMM lays a call out as newGEMM does, with weights of very different rows.
func newHalfGEMM(t testing.TB, rng *rand.Rand, m, k, n int, o gemmOptions) *halfCase {
	t.Helper()
	g := newGEMM(t, rng, Tile{HalfRows, 24}, m, k, n, o)
	c := &halfCase{w: g.w, before: g.before}
	for i := range m {
		by := float32(math.Ldexp(1, rng.IntN(30)-20))
		for j := range k {
			if c.w[i*k+j] *= by; rng.IntN(10) == 0 {
				c.w[i*k+j] *= 1e-5 // subnormal beside the row's largest
			}
		}
	}
	size := HalfPackedLen(m, k)
	c.HalfGEMM = HalfGEMM{
		Mem: g.Mem, A: halvesOf(guarded(t, size/2, rng.IntN(2) == 0)), Scales: guarded(t, m, rng.IntN(2) == 0),
		B: g.B, C: g.C, BOff: g.BOff, COff: g.COff, M: m, K: k, N: n, Epilogue: g.Epilogue,
	}
	PackHalfGEMM(c.A, c.Scales, c.w, m, k)
	return c
}

// panel gives the call a panel that ends, or begins, at a guard page, and is full of NaN.
func (c *halfCase) panel(t testing.TB, rng *rand.Rand, n int) {
	c.Panel = guarded(t, n, rng.IntN(2) == 0)
	for i := range c.Panel {
		c.Panel[i] = specials[0]
	}
}

// run makes the call with a set and returns the memory that it left, the old memory
// restored.
func (c *halfCase) run(t testing.TB, set *Set) []float32 {
	t.Helper()
	if err := set.Check(&c.HalfGEMM); err != nil {
		t.Fatal(err)
	}
	set.HalfGEMM(&c.HalfGEMM)
	got := slices.Clone(c.Mem)
	copy(c.Mem, c.before)
	return got
}

// expect compares the outputs with those of the reference, bit by bit, and every other
// element of the arena with what it was.
func (c *halfCase) expect(t *testing.T, set *Set, got, want []float32) {
	t.Helper()
	written := make([]bool, len(got))
	for m, off := range c.C {
		at := int(off) + c.COff
		for p := range roundUp8(c.N) {
			written[at+p] = true
		}
		for p := range c.N {
			if !sameBits(got[at+p], want[at+p]) {
				t.Fatalf("%dx%dx%d, %+v: pixel %d of row %d is %v, wanted %v, as the reference's", c.M, c.K, c.N, c.Act, p, m, got[at+p], want[at+p])
			}
		}
	}
	for i, v := range got {
		if !written[i] && math.Float32bits(v) != math.Float32bits(c.before[i]) {
			t.Fatalf("%dx%dx%d: element %d changed from %v to %v, wanted it left alone", c.M, c.K, c.N, i, c.before[i], v)
		}
	}
}

// exactActivations are those that every set computes with the same bits.
func exactActivations(rng *rand.Rand) gemmOptions {
	o := randomOptions(rng)
	for o.act.Kind > Clamp {
		o = randomOptions(rng)
	}
	return o
}

// TestHalfGEMM: every set has the bits of the reference, for every tail of rows, of
// pixels and of a block of depth, with a panel of any length.
func TestHalfGEMM(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		if IsReference(set.Implementation(&HalfGEMM{})) {
			t.Skip("it is the reference that runs")
		}
		halfGEMMs(t, set)
	})
}

// halfGEMMs compares a set's calls of many shapes with the reference's.
func halfGEMMs(t *testing.T, set *Set) {
	rng := rand.New(rand.NewPCG(1, 2))
	run := func(m, k, n int, o gemmOptions) {
		c := newHalfGEMM(t, rng, m, k, n, o)
		want := c.run(t, generic)
		size := set.HalfPanelLen(k, n)
		if rng.IntN(4) == 0 {
			size = rng.IntN(1 + 2*size)
		}
		c.panel(t, rng, size)
		c.expect(t, set, c.run(t, set), want)
	}
	for m := 1; m <= 20; m++ {
		for n := 1; n <= 50; n++ {
			run(m, 1+rng.IntN(40), n, exactActivations(rng))
		}
	}
	for k := 1; k <= 70; k++ {
		run(1+rng.IntN(30), k, 1+rng.IntN(60), exactActivations(rng))
	}
	run(45, 3000, 49, exactActivations(rng)) // more than one block of weights
	run(9, 300, 300, exactActivations(rng))  // more than one panel
	run(7000, 1, 9, gemmOptions{noBias: true})
}

// TestHalfGEMMError: the reference's error is at most the bound that the contract states,
// and more than a tenth of it somewhere.
func TestHalfGEMMError(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	worst := 0.0
	for range 100 {
		c := newHalfGEMM(t, rng, 1+rng.IntN(9), 1+rng.IntN(200), 1+rng.IntN(40), gemmOptions{noBias: true})
		got := c.run(t, generic)
		for m := range c.M {
			for p := range c.N {
				sum, bound := 0.0, 0.0
				for k := range c.K {
					w, b := float64(c.w[m*c.K+k]), float64(c.before[int(c.B[k])+c.BOff+p])
					sum += w * b
					bound += (HalfBlock+2)*0x1p-11*math.Abs(w*b) + float64(c.Scales[m])*0x1p-25*(math.Abs(b)+2)
				}
				err := math.Abs(float64(got[int(c.C[m])+c.COff+p]) - sum)
				if worst = max(worst, err/bound); err > bound {
					t.Fatalf("%dx%dx%d: pixel %d of row %d is off by %v, wanted at most %v", c.M, c.K, c.N, p, m, err, bound)
				}
			}
		}
	}
	if t.Logf("at most %.2f of the bound", worst); worst < 0.1 {
		t.Error("the bound says little, or the arithmetic is not float16's")
	}
}

// TestHalfGEMMSplits: the same bits however the outputs are shared out, at any
// activation.
func TestHalfGEMMSplits(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(3, 4))
		for range 200 {
			m, k, n := 1+rng.IntN(40), 1+rng.IntN(40), 1+rng.IntN(90)
			o := randomOptions(rng)
			o.gap = 8 // a part's last store may spill past the plane
			c := newHalfGEMM(t, rng, m, k, n, o)
			c.panel(t, rng, set.HalfPanelLen(k, n))
			whole := c.run(t, set)
			m0 := rng.IntN(m) / HalfRows * HalfRows
			m1 := min(m, m0+HalfRows*(1+rng.IntN(m)))
			p0 := rng.IntN(n)
			p1 := p0 + 1 + rng.IntN(n-p0)
			part := *c
			part.A, part.Scales = c.A[m0*k:][:HalfPackedLen(m1-m0, k)], c.Scales[m0:m1]
			part.C, part.M, part.N = c.C[m0:m1], m1-m0, p1-p0
			part.Bias, part.Scale = cut(c.Bias, m0, m1-m0), cut(c.Scale, m0, m1-m0)
			if c.R != nil {
				part.R = c.R[m0:m1]
			}
			part.BOff, part.COff, part.ROff = c.BOff+p0, c.COff+p0, c.ROff+p0
			got := part.run(t, set)
			for i, off := range part.C {
				at := int(off) + part.COff
				for p := at; p < at+part.N; p++ {
					if !sameBits(got[p], whole[p]) {
						t.Fatalf("%dx%dx%d: rows %d to %d, pixels %d to %d: row %d, pixel %d is %v, wanted the whole call's %v",
							m, k, n, m0, m1, p0, p1, i, p-at, got[p], whole[p])
					}
				}
			}
		}
	})
}

// TestPackHalfGEMM: each weight is within half a unit of what its row's power of two and
// its binary16 say.
func TestPackHalfGEMM(t *testing.T) {
	const m, k = 6, 3
	w := []float32{
		1, -0.5, 1.0 / 3,
		3e38, 1, 0,
		1e-45, 0, -1e-45,
		0, 0, 0,
		65504, 1e-3, -1e5,
		0x1p-14, 0x1.ffcp-15, -0x1p-25,
	}
	a, scales := make([]uint16, HalfPackedLen(m, k)), make([]float32, m)
	for i := range a {
		a[i] = 0xffff
	}
	PackHalfGEMM(a, scales, w, m, k)
	for i := range len(a) / k {
		scale := 0.0
		if i < m {
			if scale = float64(scales[i]); math.Log2(scale) != math.Trunc(math.Log2(scale)) {
				t.Errorf("row %d is scaled by %v, wanted a power of two", i, scale)
			}
		}
		most := 0.0
		for j := range k {
			h := halfValue(a[i/HalfRows*HalfRows*k+j*HalfRows+i%HalfRows])
			if i >= m {
				if h != 0 {
					t.Errorf("row %d, which there is not, has %v", i, h)
				}
				continue
			}
			want := float64(w[i*k+j])
			most = max(most, math.Abs(h))
			if e := math.Abs(h*scale - want); e > max(math.Abs(want)*0x1p-11, scale*0x1p-25) {
				t.Errorf("row %d: %v became %v * %v", i, want, h, scale)
			}
		}
		if i < m && i != 3 && (most < 0.5 || most >= 2) {
			t.Errorf("row %d: the largest magnitude is %v, wanted 0.5 to 1", i, most)
		}
	}
}

// TestHalfGEMMUnderGC: calls hold no pointer that the collector does not know.
func TestHalfGEMMUnderGC(t *testing.T) {
	underGC(t, 20, func(rng *rand.Rand, set *Set) (func(), []float32) {
		g := newBenchHalf(someShape(rng), set)
		return func() { set.HalfGEMM(g) }, g.Mem
	})
}

// newBenchHalf is a call on planes of ones, in memory that Go knows.
func newBenchHalf(s gemmShape, set *Set) *HalfGEMM {
	g := newBenchGEMM(s, Tile{HalfRows, 24})
	h := &HalfGEMM{
		Mem: g.Mem, A: make([]uint16, HalfPackedLen(s.m, s.k)), Scales: make([]float32, s.m), B: g.B, C: g.C,
		M: s.m, K: s.k, N: s.n, Panel: make([]float32, set.HalfPanelLen(s.k, s.n)), Epilogue: g.Epilogue,
	}
	for i := range h.Mem {
		h.Mem[i] = 1
	}
	w := make([]float32, s.m*s.k)
	for i := range w {
		w[i] = float32(i%7) - 3
	}
	PackHalfGEMM(h.A, h.Scales, w, s.m, s.k)
	return h
}

func TestHalfGEMMAllocatesNothing(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		g := newBenchHalf(gemmShape{13, 10, 50}, set)
		if n := testing.AllocsPerRun(10, func() { set.HalfGEMM(g) }); n != 0 {
			t.Errorf("%v allocations a call, wanted none", n)
		}
	})
}

func TestHalfGEMMCheck(t *testing.T) {
	for _, c := range []struct {
		want   string
		damage func(g *HalfGEMM)
	}{
		{"", func(g *HalfGEMM) {}},
		{"K is 0, wanted at least 1", func(g *HalfGEMM) { g.K = 0 }},
		{"A has 55 values, wanted 56", func(g *HalfGEMM) { g.A = g.A[1:] }},
		{"Scales has 4 values, wanted 5", func(g *HalfGEMM) { g.Scales = g.Scales[1:] }},
		{"B has 6 planes, wanted 7", func(g *HalfGEMM) { g.B = g.B[1:] }},
		{"overlaps B's", func(g *HalfGEMM) { g.C = slices.Clone(g.B[:5]) }},
		{"wanted Lo <= Hi", func(g *HalfGEMM) { g.Act = Activation{Clamp, 1, 0} }},
	} {
		g := newBenchHalf(gemmShape{5, 7, 9}, generic)
		c.damage(g)
		err := g.Check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "halfgemm: ")) {
			t.Errorf("Check() = %v, wanted it to say %q", err, c.want)
		}
	}
}

// TestHalfArithmetic: a set that has none says so, and one that has it runs it by its own
// code.
func TestHalfArithmetic(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		err, by := set.HalfArithmetic(), set.Implementation(&HalfGEMM{})
		t.Logf("%s, %v", by, err)
		if own := set == generic || set.Name == "generic" || !IsReference(by); own != (err == nil) {
			t.Errorf("%s runs it, and the error is %v", by, err)
		}
		if err != nil && !strings.Contains(err.Error(), set.Name) {
			t.Errorf("error %v, wanted it to name the set", err)
		}
		for _, k := range []int{1, 16, 4608, 1 << 15} {
			for _, n := range []int{1, 49, 1 << 20} {
				if got := set.HalfPanelLen(k, n); got < 0 || got > 1<<18 {
					t.Errorf("depth %d, %d pixels: a panel of %d", k, n, got)
				}
			}
		}
	})
}
