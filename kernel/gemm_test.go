package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
)

// gemmCase is a call with its memory and row-major weights.
type gemmCase struct {
	GEMM
	w      []float32
	before []float32
}

type gemmOptions struct {
	residual, inPlace, scale, special, noBias bool
	act                                       Activation
	gap                                       int // elements between planes
}

// newGEMM lays a call out as tightly as the contract allows: planes of N
// rounded up to 8, in random order, flush with a guard page. What follows a
// plane's pixels is NaN. Some rows of B are read several times.
func newGEMM(t testing.TB, rng *rand.Rand, tile Tile, m, k, n int, o gemmOptions) *gemmCase {
	t.Helper()
	pitch := roundUp8(n) + o.gap
	distinct := 1 + rng.IntN(k)
	planes := rng.Perm(distinct + 2*m)
	c := &gemmCase{
		GEMM: GEMM{
			Mem: guarded(t, len(planes)*pitch, rng.IntN(2) == 0), Tile: tile, M: m, K: k, N: n,
			A: guarded(t, PackedLen(tile, m, k), false), BOff: rng.IntN(1000) - 500, COff: rng.IntN(1000) - 500,
			Epilogue: Epilogue{ROff: rng.IntN(1000) - 500, Act: o.act},
		},
		w: make([]float32, m*k),
	}
	if rng.IntN(2) == 0 { // which changes nothing
		c.Soon = make([]byte, rng.IntN(1<<12))
	}
	at := func(i, off int) int32 { return int32(planes[i]*pitch - off) }
	for i := range k {
		from := i
		if i >= distinct {
			from = rng.IntN(distinct)
		}
		c.B = append(c.B, at(from, c.BOff))
	}
	for i := range m {
		c.C = append(c.C, at(distinct+i, c.COff))
	}
	if o.residual {
		for i := range m {
			from := distinct + m + i
			if o.inPlace {
				from = distinct + i
			}
			c.R = append(c.R, at(from, c.ROff))
		}
		if o.scale {
			c.Scale = guarded(t, m, false)
			for i := range c.Scale {
				c.Scale[i] = rng.Float32()*2 - 1
			}
		}
	}
	value := func() float32 {
		if o.special && rng.IntN(40) == 0 {
			return specials[rng.IntN(8)] // the last ones overflow
		}
		return rng.Float32()*2 - 1
	}
	for i := range c.Mem {
		if c.Mem[i] = value(); i%pitch >= n {
			c.Mem[i] = specials[0]
		}
	}
	for i := range c.w {
		c.w[i] = rng.Float32()*2 - 1
	}
	if !o.noBias {
		c.Bias = guarded(t, m, false)
		for i := range c.Bias {
			c.Bias[i] = value()
		}
	}
	PackA(tile, c.A, c.w, m, k, k)
	c.before = slices.Clone(c.Mem)
	return c
}

// expect compares every element of the arena with a float64 sum, or with what
// it was. Rows may have been written up to a multiple of lanes.
func (c *gemmCase) expect(t *testing.T, lanes int) {
	t.Helper()
	written := make([]bool, len(c.Mem))
	for m := range c.M {
		at := int(c.C[m]) + c.COff
		for p := range (c.N + lanes - 1) / lanes * lanes {
			written[at+p] = true
		}
		for p := range c.N {
			sum := float64(c.bias(m))
			abs := math.Abs(sum)
			for k := range c.K {
				x := float64(c.w[m*c.K+k]) * float64(c.before[int(c.B[k])+c.BOff+p])
				sum += x
				abs += math.Abs(x)
			}
			if c.R != nil {
				x := float64(c.before[int(c.R[m])+c.ROff+p])
				if c.Scale != nil {
					x *= float64(c.Scale[m])
				}
				sum += x
				abs += math.Abs(x)
			}
			want := activate64(sum, c.Act)
			if got := c.Mem[at+p]; !near(got, want, activeBound(sum, sumBound(c.K+2, abs), c.Act)) {
				t.Fatalf("%v: pixel %d of row %d is %v, wanted %v within %v", c, p, m, got, want, sumBound(c.K+2, abs))
			}
		}
	}
	for i, v := range c.Mem {
		if !written[i] && math.Float32bits(v) != math.Float32bits(c.before[i]) {
			t.Fatalf("%v: element %d changed from %v to %v, wanted it left alone", c, i, c.before[i], v)
		}
	}
}

func (c *gemmCase) String() string {
	return fmt.Sprintf("%dx%dx%d, tiles of %d rows, bias %v, residual %v, scale %v, %v",
		c.M, c.K, c.N, c.Tile.Rows, c.Bias != nil, c.R != nil, c.Scale != nil, c.Act)
}

func randomOptions(rng *rand.Rand) gemmOptions {
	return gemmOptions{
		residual: rng.IntN(2) == 0, inPlace: rng.IntN(2) == 0, scale: rng.IntN(2) == 0, special: rng.IntN(4) == 0,
		noBias: rng.IntN(4) == 0, act: activations[rng.IntN(len(activations))],
	}
}

func TestGEMM(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(1, 2))
		run := func(m, k, n int, o gemmOptions) {
			for _, tile := range set.Tiles {
				c := newGEMM(t, rng, tile, m, k, n, o)
				if err := set.Check(&c.GEMM); err != nil {
					t.Fatal(err)
				}
				set.GEMM(&c.GEMM)
				c.expect(t, set.StoreLanes)
			}
		}
		for m := 1; m <= 30; m++ { // every tail of rows by every tail of pixels
			for n := 1; n <= 100; n++ {
				if raceDetector && rng.IntN(10) > 0 {
					continue
				}
				run(m, 1+rng.IntN(20), n, randomOptions(rng))
			}
		}
		for k := 1; k <= 70; k++ {
			run(1+rng.IntN(30), k, 1+rng.IntN(60), randomOptions(rng))
		}
		for _, s := range gemmShapes {
			if s.m*s.k*s.n < 4<<20 && !raceDetector {
				run(s.m, s.k, s.n, randomOptions(rng))
			}
		}
		run(45, 3000, 49, randomOptions(rng)) // more than one block of weights
		run(7000, 1, 9, gemmOptions{noBias: true})
	})
}

// sameBits takes any NaN for any other: which operand's it is, is the
// compiler's choice in the generic set.
func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// TestGEMMSplits: the same bits however the outputs are shared out, whatever
// the tile, and in place or not.
func TestGEMMSplits(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(3, 4))
		for range 500 {
			m, k, n := 1+rng.IntN(40), 1+rng.IntN(40), 1+rng.IntN(120)
			o := randomOptions(rng)
			o.gap = 8 // a part's last store may spill past the plane
			whole := newGEMM(t, rng, set.Tiles[0], m, k, n, o)
			set.GEMM(&whole.GEMM)
			for _, tile := range set.Tiles {
				a := make([]float32, PackedLen(tile, m, k))
				PackA(tile, a, whole.w, m, k, k)
				rows := tile.Rows
				m0 := rng.IntN(m) / rows * rows
				m1 := min(m, m0+rows*(1+rng.IntN(m)))
				p0 := rng.IntN(n)
				p1 := p0 + 1 + rng.IntN(n-p0)
				part := whole.GEMM
				part.Tile, part.A, part.Mem = tile, a[m0*k:m1*k], slices.Clone(whole.before)
				part.C, part.M, part.N = whole.C[m0:m1], m1-m0, p1-p0
				if part.Bias != nil {
					part.Bias = whole.Bias[m0:m1]
				}
				if part.R != nil {
					part.R = whole.R[m0:m1]
				}
				if part.Scale != nil {
					part.Scale = whole.Scale[m0:m1]
				}
				part.BOff, part.COff, part.ROff = part.BOff+p0, part.COff+p0, part.ROff+p0
				if err := set.Check(&part); err != nil {
					t.Fatal(err)
				}
				set.GEMM(&part)
				for i, off := range part.C {
					at := int(off) + part.COff
					for p := at; p < at+part.N; p++ {
						if got, want := part.Mem[p], whole.Mem[p]; !sameBits(got, want) {
							t.Fatalf("%v: rows %d to %d, pixels %d to %d, tiles of %d rows: row %d, pixel %d is %v, wanted the whole call's %v",
								whole, m0, m1, p0, p1, rows, i, p-at, got, want)
						}
					}
				}
			}
		}
	})
}

// TestGEMMNegativeZero: a sum of -0 is -0.
func TestGEMMNegativeZero(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		zero := float32(math.Copysign(0, -1))
		for _, tile := range set.Tiles {
			g := &GEMM{
				Mem: make([]float32, 16), Tile: tile, A: []float32{zero}, B: []int32{0}, C: []int32{8},
				M: 1, K: 1, N: 8, Epilogue: Epilogue{Bias: []float32{zero}},
			}
			for i := range 8 {
				g.Mem[i] = 1
			}
			set.GEMM(g)
			if got := g.Mem[8]; math.Float32bits(got) != math.Float32bits(zero) {
				t.Errorf("-0 + -0*1 is %v, wanted -0", got)
			}
		}
	})
}

// underGC makes calls on several goroutines while the collector is always at work, and
// each of them again, which must give the same numbers. A call is a function and what it
// writes to.
func underGC(t *testing.T, calls int, call func(rng *rand.Rand, set *Set) (f func(), mem []float32)) {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	forEachSet(t, func(t *testing.T, set *Set) {
		var wg sync.WaitGroup
		for seed := range uint64(4) {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(seed, 0))
				for i := range calls {
					f, mem := call(rng, set)
					f()
					once := slices.Clone(mem)
					for range 4 {
						f()
						if !slices.Equal(once, mem) {
							t.Errorf("call %d of seed %d: done again it gave other numbers", i, seed)
							return
						}
					}
				}
			})
		}
		wg.Wait()
	})
}

func someShape(rng *rand.Rand) gemmShape {
	return gemmShape{1 + rng.IntN(60), 1 + rng.IntN(60), 1 + rng.IntN(100)}
}

// TestGEMMUnderGC: calls hold no pointer that the collector does not know.
func TestGEMMUnderGC(t *testing.T) {
	underGC(t, 100, func(rng *rand.Rand, set *Set) (func(), []float32) {
		g := newBenchGEMM(someShape(rng), set.Tiles[rng.IntN(len(set.Tiles))])
		for i := range g.Mem {
			g.Mem[i] = 1
		}
		return func() { set.GEMM(g) }, g.Mem
	})
}

func TestGEMMAllocatesNothing(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		for _, tile := range set.Tiles {
			g := newBenchGEMM(gemmShape{13, 10, 50}, tile)
			if n := testing.AllocsPerRun(10, func() { set.GEMM(g) }); n != 0 {
				t.Errorf("%v allocations a call, wanted none", n)
			}
		}
	})
}

func TestGEMMCheck(t *testing.T) {
	valid := func() *GEMM {
		g := newBenchGEMM(gemmShape{5, 7, 9}, Tile{4, 24})
		g.R, g.Scale = slices.Clone(g.C), make([]float32, 5)
		return g
	}
	if err := valid().Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want   string
		damage func(g *GEMM)
	}{
		{"M is 0, wanted at least 1", func(g *GEMM) { g.M = 0 }},
		{"K is -1, wanted", func(g *GEMM) { g.K = -1 }},
		{"N is 0, wanted", func(g *GEMM) { g.N = 0 }},
		{"tile of 0x24, wanted one of the set's", func(g *GEMM) { g.Tile.Rows = 0 }},
		{"activation of kind 13", func(g *GEMM) { g.Act.Kind = kinds }},
		{"A has 34 values, wanted 35", func(g *GEMM) { g.A = g.A[1:] }},
		{"Bias has 4 values, wanted 5", func(g *GEMM) { g.Bias = g.Bias[1:] }},
		{"Scale has 4 values, wanted 5", func(g *GEMM) { g.Scale = g.Scale[1:] }},
		{"B has 6 planes, wanted 7", func(g *GEMM) { g.B = g.B[1:] }},
		{"C has 4 planes, wanted 5", func(g *GEMM) { g.C = g.C[1:] }},
		{"R has 4 planes, wanted 5", func(g *GEMM) { g.R = g.R[1:] }},
		{"B[2] is at -1", func(g *GEMM) { g.B[2] = -1 }},
		{"C[3] is at", func(g *GEMM) { g.C[3] = int32(len(g.Mem) - 15) }},
		{"R[4] is at", func(g *GEMM) { g.R[4] = math.MaxInt32 }},
		{"R[0] is at", func(g *GEMM) { g.ROff = math.MaxInt }},
		{"C[0] is at", func(g *GEMM) { g.COff = math.MinInt }},
		{"B[0] is at", func(g *GEMM) { g.BOff = math.MaxInt / 2 }},
		{"overlaps B's", func(g *GEMM) { g.C[1] = g.B[1] + 1 }},
		{"wanted no overlap", func(g *GEMM) { g.C[1] = g.C[0] }},
		{"wanted the same plane", func(g *GEMM) { g.R[1] = g.C[2] }},
		{"wanted Lo <= Hi", func(g *GEMM) { g.Act = Activation{Clamp, 1, 0} }},
		{"wanted Lo <= Hi", func(g *GEMM) { g.Act = Activation{Clamp, 0, float32(math.NaN())} }},
	} {
		g := valid()
		c.damage(g)
		if err := g.Check(); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "gemm: ") {
			t.Errorf("Check() = %v, wanted it to say %q", err, c.want)
		}
	}
}
