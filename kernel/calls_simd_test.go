//go:build (amd64 || arm64) && !purego

package kernel

import (
	"math/rand/v2"
	"testing"
)

// TestShares: the shares of a windowed operation cover every strip of every
// plane once, in order, and none is more than one call may take.
func TestShares(t *testing.T) {
	strips := func(ow int) int { return (ow + 7) / 8 }
	for _, s := range []struct{ c, oh, ow int }{
		{1, 1, 1}, {5, 7, 7}, {1000, 7, 7}, {100, 112, 112}, {3, 512, 600}, {2, 16384, 9}, {2, 16384, 24}, {7, 1, 300000}, {4, 181, 1448},
	} {
		var next [2]int // plane, strip
		var sh share
		for ok := true; ; {
			if sh, ok = sh.next(s.c, s.oh, strips(s.ow)); !ok {
				break
			}
			if next != [2]int{sh.c0, sh.s0} || sh.c1 <= sh.c0 || sh.s1 <= sh.s0 {
				t.Fatalf("%+v: share %+v, wanted one from plane %d, strip %d on", s, sh, next[0], next[1])
			}
			if sh.c1-sh.c0 > 1 && sh.s1-sh.s0 != strips(s.ow) {
				t.Fatalf("%+v: share %+v is a part of several planes", s, sh)
			}
			if n := (sh.c1 - sh.c0) * (sh.s1 - sh.s0) * s.oh; n > callVectors {
				t.Fatalf("%+v: share %+v is %d vectors, wanted at most %d", s, sh, n, callVectors)
			}
			if next = [2]int{sh.c1, 0}; sh.s1 < strips(s.ow) {
				next = [2]int{sh.c0, sh.s1}
			}
		}
		if next != [2]int{s.c, 0} {
			t.Fatalf("%+v: the shares end at plane %d, strip %d", s, next[0], next[1])
		}
	}
}

// TestSpans: the spans of an operation on pixels cover every vector of every plane
// once, in order, and none is more than one call may take.
func TestSpans(t *testing.T) {
	for _, k := range []struct{ c, n int }{{1, 1}, {5, 49}, {1000, 49}, {100, 12544}, {3, 8 * callVectors}, {2, 8*callVectors + 1}, {3, 20 * callVectors}, {0, 9}} {
		all := roundUp8(k.n) / 8
		plane, vector := 0, 0 // the next
		var s span
		for ok := true; ; {
			if s, ok = s.next(k.c, k.n); !ok {
				break
			}
			if s.c0 != plane || s.p0 != 8*vector || s.c1 <= s.c0 || s.vecs < 1 || s.c1 > k.c {
				t.Fatalf("%+v: span %+v, wanted one from plane %d, vector %d on", k, s, plane, vector)
			}
			if s.c1-s.c0 > 1 && s.vecs != all {
				t.Fatalf("%+v: span %+v is a part of several planes", k, s)
			}
			if n := (s.c1 - s.c0) * s.vecs; n > callVectors {
				t.Fatalf("%+v: span %+v is %d vectors, wanted at most %d", k, s, n, callVectors)
			}
			if vector += s.vecs; vector == all {
				plane, vector = s.c1, 0
			}
		}
		if plane != k.c || vector != 0 {
			t.Fatalf("%+v: the spans end at plane %d, vector %d", k, plane, vector)
		}
	}
}

// TestManyCalls runs shapes that take more than one call into assembly.
func TestManyCalls(t *testing.T) {
	set := Sets()[0]
	if set == generic {
		t.Skip("no assembly runs here")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct{ c, h, w int }{{9, 256, 200}, {2, 520, 600}} {
		for _, stride := range []int{1, 2} {
			d := Depthwise{
				C: s.c, H: s.h, Wid: s.w, OH: (s.h-1)/stride + 1, OW: (s.w-1)/stride + 1, KH: 3, KW: 3, SH: stride, SW: stride,
				PadTop: 1, PadLeft: 1,
			}
			d.Masks = set.DepthwiseMasks(&d)
			testDepthwise(t, set, rng, d)
		}
		p := Pool{C: s.c, H: s.h, W: s.w, OH: s.h / 2, OW: s.w / 2, KH: 2, KW: 2, SH: 2, SW: 2}
		p.Masks = set.PoolMasks(&p)
		testPool(t, set, rng, p)
		l := newPacked(t, rng, s.c, false, 3, s.h*s.w)
		a := Add{Mem: l.mem, A: l.tables[0], B: l.tables[1], C: l.tables[2], Ch: s.c, N: s.h * s.w}
		set.Add(&a)
		l.onlyWritten(t)
		for ch := range s.c {
			for i := range a.N {
				if got, want := l.mem[int(a.C[ch])+i], l.mem[int(a.A[ch])+i]+l.mem[int(a.B[ch])+i]; got != want {
					t.Fatalf("sum of pixel %d of plane %d is %v, wanted %v", i, ch, got, want)
				}
			}
		}
	}
}

// TestNoAllocations: a call works in memory that it is given, and on its stack.
func TestNoAllocations(t *testing.T) {
	const c, h = 6, 12
	mem, tables := benchPlanes(c, h*h, h*h)
	src, dst := tables[0], tables[1]
	d := Depthwise{Mem: mem, Src: src, Dst: dst, W: make([]float32, 10*c), C: c, H: h, Wid: h, OH: h, OW: h, KH: 3, KW: 3, SH: 1, SW: 1, PadTop: 1, PadLeft: 1}
	p := Pool{Mem: mem, Src: src, Dst: dst, C: c, H: h, W: h, OH: h / 2, OW: h / 2, KH: 3, KW: 3, SH: 2, SW: 2, PadTop: 1, PadLeft: 1, CountPad: true}
	m := Mean{Mem: mem, Src: src, Dst: make([]float32, c), C: c, N: h * h}
	f := Phases{Mem: mem, Src: src[:1], Dst: dst[:4], C: 1, H: h, W: h, PH: h / 2, PW: h / 2, SH: 2, SW: 2, Residues: allResidues(2, 2)}
	a := Add{Mem: mem, A: src, B: src, C: dst, Ch: c, N: h * h}
	s := Affine{Mem: mem, Src: src, Dst: dst, C: c, N: h * h, Epilogue: Epilogue{Act: relu6}}
	g := GatherBytes{Mem: make([]byte, 64), Src: []int32{32, 0}, Out: make([]byte, 40), C: 2, N: 20, Pitch: 20}
	forEachSet(t, func(t *testing.T, set *Set) {
		d.Masks, p.Masks = set.DepthwiseMasks(&d), set.PoolMasks(&p)
		if n := testing.AllocsPerRun(10, func() {
			set.Depthwise(&d)
			set.MaxPool(&p)
			set.AvgPool(&p)
			set.Mean(&m)
			set.Phases(&f)
			set.Add(&a)
			set.Affine(&s)
			set.GatherBytes(&g)
		}); n != 0 {
			t.Errorf("%v allocations, wanted none", n)
		}
	})
}
