package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// foldShapes are poolings that are folded: windows of up to 40 columns, so that all
// ways to take terms together occur, strides, padding that differs from side to side.
func foldShapes(rng *rand.Rand, n int, f func(p Pool)) {
	for range n {
		p := Pool{
			C: 1 + rng.IntN(3), H: 1 + rng.IntN(50), W: 1 + rng.IntN(90), KH: 1 + rng.IntN(20), KW: 1 + rng.IntN(40),
			SH: 1 + rng.IntN(5), SW: 1 + rng.IntN(5), CountPad: rng.IntN(2) == 0,
		}
		p.PadTop, p.PadLeft = rng.IntN(p.KH), rng.IntN(p.KW)
		p.OH, p.OW = 1+rng.IntN((p.H-1+p.PadTop)/p.SH+1), 1+rng.IntN((p.W-1+p.PadLeft)/p.SW+1)
		f(p)
	}
}

func TestPoolAnyWindow(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(5, 6))
		foldShapes(rng, 250, func(p Pool) {
			p.Masks = set.PoolMasks(&p)
			testPool(t, set, rng, p)
		})
	})
}

// TestPoolBands: planes of more lines than a band has, and lines of more pixels.
func TestPoolBands(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(7, 8))
		for _, p := range []Pool{
			{C: 1, H: 150, W: 130, OH: 150, OW: 130, KH: 3, KW: 3, SH: 1, SW: 1, PadTop: 1, PadLeft: 1},
			{C: 1, H: 150, W: 130, OH: 74, OW: 64, KH: 3, KW: 3, SH: 2, SW: 2},
			{C: 1, H: 100, W: 200, OH: 99, OW: 199, KH: 11, KW: 13, SH: 1, SW: 1, PadTop: 5, PadLeft: 6},
			{C: 1, H: 5, W: 9000, OH: 5, OW: 8999, KH: 2, KW: 9, SH: 1, SW: 1, PadTop: 1, PadLeft: 8},
			{C: 1, H: 3, W: 300_000, OH: 2, OW: 299_999, KH: 2, KW: 2, SH: 1, SW: 1},
			{C: 1, H: 9000, W: 2, OH: 9000, OW: 2, KH: 9, KW: 1, SH: 1, SW: 1, PadTop: 4},
		} {
			p.Masks = set.PoolMasks(&p)
			if IsReference(set.Implementation(MaxPool{&p})) && set != generic {
				t.Fatalf("%+v: left to the reference", p)
			}
			testPool(t, set, rng, p)
		}
	})
}

// TestPoolOneNaN: a NaN anywhere under a window is its maximum, and nothing else is.
func TestPoolOneNaN(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		for k := 1; k <= 12; k++ {
			for _, width := range []int{k, 8 + k, 40 + k} { // one vector, two, some and a rest
				p := Pool{C: 1, H: k, W: width, OH: 1, OW: width - k + 1, KH: k, KW: k, SH: 1, SW: 1}
				mem, tables := benchPlanes(1, p.H*p.W, p.OW)
				p.Mem, p.Src, p.Dst, p.Masks = mem, tables[0], tables[1], set.PoolMasks(&p)
				src, dst := mem[p.Src[0]:][:p.H*p.W], mem[p.Dst[0]:][:p.OW]
				for i := range src {
					src[i] = float32(math.NaN())
					set.MaxPool(&p)
					for x, v := range dst {
						if under := x <= i%width && i%width < x+k; (v != v) != under || !under && v != 1 {
							t.Fatalf("%dx%d over %dx%d, NaN at pixel %d: output %d is %v", k, k, p.H, p.W, i, x, v)
						}
					}
					src[i] = 1
				}
			}
		}
	})
}

// TestMeanOrder: all sets add in the same order, and a mean of equal pixels with a power
// of two of them is exact.
func TestMeanOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	foldShapes(rng, 200, func(p Pool) {
		p.CountPad = false
		mem, tables := benchPlanes(p.C, p.H*p.W, p.OH*p.OW)
		p.Mem, p.Src, p.Dst = mem, tables[0], tables[1]
		if p.Masks = generic.PoolMasks(&p); !p.folded() || p.pairs() {
			return
		}
		for i := range mem {
			mem[i] = rng.Float32() - 0.5
		}
		results := func(s *Set) (out []uint32) {
			p.Masks, p.Work = s.PoolMasks(&p), nil
			s.AvgPool(&p)
			for _, off := range p.Dst {
				for _, v := range mem[off:][:p.OH*p.OW] {
					out = append(out, math.Float32bits(v))
				}
			}
			return out
		}
		want := fmt.Sprint(results(generic))
		for _, s := range Sets() {
			if fmt.Sprint(results(s)) != want {
				p.Mem = nil
				t.Fatalf("%s: %+v: other bits than the set generic", s.Name, p)
			}
		}
	})
}

// TestWorkIsKept: a call that is given enough to work in allocates nothing and leaves
// alone what is behind it.
func TestWorkIsKept(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		mem, tables := benchPlanes(3, 30*30, 30*30)
		p := Pool{Mem: mem, Src: tables[0], Dst: tables[1], C: 3, H: 30, W: 30, OH: 30, OW: 30, KH: 11, KW: 9, SH: 1, SW: 1, PadTop: 5, PadLeft: 4}
		d := Depthwise{
			Mem: mem, Src: tables[0], Dst: tables[1], W: make([]float32, 3*50), C: 3, H: 30, Wid: 30, OH: 15, OW: 15,
			KH: 7, KW: 7, SH: 2, SW: 2, PadTop: 2, PadLeft: 3,
		}
		p.Masks, d.Masks = set.PoolMasks(&p), set.DepthwiseMasks(&d)
		run := func() {
			set.MaxPool(&p)
			set.AvgPool(&p)
			set.Depthwise(&d)
		}
		run()
		if n := testing.AllocsPerRun(5, run); n != 0 {
			t.Errorf("%v allocations, wanted none", n)
		}
		pen := newPen(t, rand.New(rand.NewPCG(1, 1)))
		p.Work, d.Work = pen.floats(len(p.Work)), pen.floats(len(d.Work)) // between faulting pages
		run()
		pen.verify("work")
	})
}
