package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// same tells whether a and b have the same bits, or are both NaN.
func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// planeSizes are the pixel counts to try: all small ones, some others.
func planeSizes(f func(n int)) {
	for n := 1; n <= 70; n++ {
		f(n)
	}
	for _, n := range []int{196, 255, 256, 257, 784, 3136} {
		f(n)
	}
}

// newPacked is newLayout for kernels that reach no further than n rounded up
// to 8: what lies beyond is no one's.
func newPacked(t testing.TB, rng *rand.Rand, c int, special bool, tables, n int) *layout {
	sizes := slices.Repeat([]int{n}, tables)
	l := newLayout(t, rng, c, special, sizes...)
	for i := range l.writable {
		l.writable[i][1] = l.writable[i][0] + roundUp8(n)
	}
	// Flush with the guard page at the end: the last plane loses the slack.
	last := 0
	for _, table := range l.tables {
		last = max(last, int(slices.Max(table)))
	}
	shift := len(l.mem) - (last + roundUp8(n))
	copy(l.mem[shift:], l.before[:len(l.before)-shift])
	l.before = slices.Clone(l.mem)
	for _, table := range l.tables {
		for i := range table {
			table[i] += int32(shift)
		}
	}
	for i := range l.writable {
		l.writable[i][0] += shift
		l.writable[i][1] += shift
	}
	return l
}

func TestAdd(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(1, 2))
		planeSizes(func(n int) {
			for c := 1; c <= 5; c++ {
				l := newPacked(t, rng, c, rng.IntN(2) == 0, 3, n)
				a := Add{Mem: l.mem, A: l.tables[0], B: l.tables[1], C: l.tables[2], Ch: c, N: n, Epilogue: Epilogue{Act: activations[rng.IntN(len(activations))]}}
				if c == 3 { // in place
					a.A = a.C
					for _, off := range a.C {
						for i := range n {
							l.mem[int(off)+i] = rng.Float32()
						}
					}
					l.before = slices.Clone(l.mem)
				}
				if err := a.Check(); err != nil {
					t.Fatal(err)
				}
				set.Add(&a)
				l.onlyWritten(t)
				for ch := range c {
					for p := range n {
						x, y := l.before[int(a.A[ch])+p], l.before[int(a.B[ch])+p]
						want := float32(activate64(float64(x+y), a.Act))
						bound := activeBound(float64(x+y), 0, a.Act)
						if got := l.mem[int(a.C[ch])+p]; !same(got, want) && !near(got, float64(want), bound) {
							t.Fatalf("%d planes of %d, %v: %v + %v at pixel %d of plane %d is %v, wanted %v", c, n, a.Act, x, y, p, ch, got, want)
						}
					}
				}
			}
		})
	})
}

func TestAffine(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(1, 2))
		planeSizes(func(n int) {
			for c := 1; c <= 5; c++ {
				l := newPacked(t, rng, c, rng.IntN(2) == 0, 2, n)
				a := Affine{Mem: l.mem, Src: l.tables[0], Dst: l.tables[1], C: c, N: n, Epilogue: Epilogue{Act: activations[rng.IntN(len(activations))]}}
				scale, shift := make([]float32, c), make([]float32, c)
				for i := range c {
					scale[i], shift[i] = rng.Float32()*2-1, rng.Float32()*2-1
				}
				if rng.IntN(2) == 0 {
					a.Scale = scale
				}
				if rng.IntN(2) == 0 {
					a.Shift = shift
				}
				if err := a.Check(); err != nil {
					t.Fatal(err)
				}
				set.Affine(&a)
				l.onlyWritten(t)
				for ch := range c {
					for p := range n {
						x := l.before[int(a.Src[ch])+p]
						got := l.mem[int(a.Dst[ch])+p]
						want, bound := float64(x), 0.0
						if a.Scale != nil {
							want *= float64(scale[ch])
							bound = sumBound(1, math.Abs(want))
						}
						if a.Shift != nil {
							bound += sumBound(1, math.Abs(want)+math.Abs(float64(shift[ch])))
							want += float64(shift[ch])
						}
						bound = activeBound(want, bound, a.Act)
						if want = activate64(want, a.Act); !near(got, want, bound) {
							t.Fatalf("%d planes of %d: %v of %v*%v+%v is %v, wanted %v", c, n, a.Act, a.Scale, x, a.Shift, got, want)
						}
						if a.Scale == nil && a.Shift == nil && a.Act.Kind == Identity && math.Float32bits(got) != math.Float32bits(x) {
							t.Fatalf("a copy of %v (%#x) is %#x", x, math.Float32bits(x), math.Float32bits(got))
						}
					}
				}
			}
		})
	})
}

// TestMean holds every set to the reference's bits, and the reference to the
// exact mean.
func TestMean(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(1, 2))
		planeSizes(func(n int) {
			for c := 1; c <= 9; c++ {
				l := newLayout(t, rng, c, rng.IntN(2) == 0, n, 0)
				m := Mean{Mem: l.mem, Src: l.tables[0], Dst: guarded(t, c, false), C: c, N: n}
				if err := m.Check(); err != nil {
					t.Fatal(err)
				}
				l.writable = nil
				set.Mean(&m)
				l.onlyWritten(t)
				want := m
				want.Dst = make([]float32, c)
				refMean(&want)
				for ch, got := range m.Dst {
					if !same(got, want.Dst[ch]) {
						t.Fatalf("mean of %d pixels, plane %d of %d: %v, wanted the reference's bits, %v", n, ch, c, got, want.Dst[ch])
					}
					sum, abs := 0.0, 0.0
					for _, v := range l.mem[m.Src[ch]:][:n] {
						sum, abs = sum+float64(v), abs+math.Abs(float64(v))
					}
					if !near(got, sum/float64(n), sumBound(n, abs/float64(n))) {
						t.Fatalf("mean of %d pixels: %v, wanted %v", n, got, sum/float64(n))
					}
				}
			}
		})
	})
}

// allResidues lists all of them, row by row.
func allResidues(sh, sw int) []Residue {
	var r []Residue
	for i := range sh * sw {
		r = append(r, Residue{i / sw, i % sw})
	}
	return r
}

// someResidues leaves some out, at times all, in any order.
func someResidues(rng *rand.Rand, sh, sw int) []Residue {
	r := allResidues(sh, sw)
	rng.Shuffle(len(r), func(i, j int) { r[i], r[j] = r[j], r[i] })
	if rng.IntN(2) == 0 {
		r = r[:rng.IntN(len(r)+1)]
	}
	return r
}

// phaseStride is a stride of columns: those with a unit of their own, and others.
func phaseStride(rng *rand.Rand) int {
	if rng.IntN(8) == 0 {
		return 5 + rng.IntN(12)
	}
	return 1 + rng.IntN(4)
}

func TestPhases(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(1, 2))
		windowSizes(rng, func(h, w int) {
			p := Phases{H: h, W: w, SH: 1 + rng.IntN(3), SW: phaseStride(rng), PadTop: rng.IntN(4), PadLeft: rng.IntN(9) - 4, C: 1 + rng.IntN(3)}
			if rng.IntN(10) == 0 {
				p.PadLeft = rng.IntN(40)
			}
			p.PH = (h+p.PadTop+p.SH-1)/p.SH + rng.IntN(3)
			p.PW = max(1, (w+p.PadLeft+p.SW-1)/p.SW+rng.IntN(12))
			if rng.IntN(5) == 0 { // less than the plane
				p.PH, p.PW = 1+rng.IntN(p.PH), 1+rng.IntN(p.PW)
			}
			// One table of planes for each phase, as newLayout makes them.
			if p.Residues = someResidues(rng, p.SH, p.SW); len(p.Residues) == 0 {
				return
			}
			phases := len(p.Residues)
			sizes := []int{h * w}
			l := newLayout(t, rng, p.C*phases, rng.IntN(2) == 0, append(sizes, p.PH*p.PW)...)
			p.Mem, p.Src, p.Dst = l.mem, l.tables[0][:p.C], l.tables[1]
			for i := range p.Dst {
				if rng.IntN(6) == 0 {
					off := p.Dst[i]
					p.Dst[i] = -1
					l.writable = slices.DeleteFunc(l.writable, func(w [2]int) bool { return w[0] == int(off) })
				}
			}
			source := l.mem
			if rng.IntN(3) == 0 { // somebody else's memory, of which nothing more may be read
				source = guarded(t, p.C*h*w, rng.IntN(2) == 0)
				for i := range source {
					source[i] = rng.Float32()
				}
				for c := range p.Src {
					p.Src[c] = int32((p.C - 1 - c) * h * w)
				}
				p.From = source
			}
			if err := p.Check(); err != nil {
				t.Fatal(err)
			}
			set.Phases(&p)
			l.onlyWritten(t)
			for i, off := range p.Dst {
				if off < 0 {
					continue
				}
				c, py, px := i/phases, p.Residues[i%phases].Y, p.Residues[i%phases].X
				for y := range p.PH {
					for x := range p.PW {
						want := float32(0)
						if sy, sx := y*p.SH+py-p.PadTop, x*p.SW+px-p.PadLeft; sy >= 0 && sy < h && sx >= 0 && sx < w {
							want = source[int(p.Src[c])+sy*w+sx]
						}
						if got := l.mem[int(off)+y*p.PW+x]; math.Float32bits(got) != math.Float32bits(want) {
							t.Fatalf("%dx%d, strides %d %d, pads %d %d, to %dx%d: phase (%d, %d), pixel (%d, %d) is %v, wanted %v",
								h, w, p.SH, p.SW, p.PadTop, p.PadLeft, p.PH, p.PW, py, px, y, x, got, want)
						}
					}
				}
			}
		})
	})
}

func TestGather(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(1, 2))
		planeSizes(func(n int) {
			c := 1 + rng.IntN(9)
			l := newPacked(t, rng, c, true, 2, n)
			l.writable = nil
			g := Gather{Mem: l.mem, Src: l.tables[0], C: c, N: n, Pitch: n + rng.IntN(3)}
			const canary = 12345
			g.Out = guarded(t, (c-1)*g.Pitch+n, rng.IntN(2) == 0)
			for i := range g.Out {
				g.Out[i] = canary
			}
			if err := g.Check(); err != nil {
				t.Fatal(err)
			}
			set.Gather(&g)
			l.onlyWritten(t)
			for i, got := range g.Out {
				want := float32(canary)
				if i%g.Pitch < n {
					want = l.mem[int(g.Src[i/g.Pitch])+i%g.Pitch]
				}
				if math.Float32bits(got) != math.Float32bits(want) {
					t.Fatalf("%d planes of %d, %d apart: element %d is %v, wanted %v", c, n, g.Pitch, i, got, want)
				}
			}
		})
	})
}

// TestGatherBytes: bytes come through as they are, from any offset, and nothing
// between the planes is written.
func TestGatherBytes(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(3, 4))
		planeSizes(func(n int) {
			c := 1 + rng.IntN(9)
			g := GatherBytes{Mem: bytesOf(guarded(t, (c*(n+3)+3)/4, rng.IntN(2) == 0)), C: c, N: n, Pitch: n + rng.IntN(3)}
			for i := range g.Mem {
				g.Mem[i] = byte(rng.Uint32())
			}
			before := slices.Clone(g.Mem)
			for range c { // any plane, at any byte, some of them twice
				g.Src = append(g.Src, int32(rng.IntN(len(g.Mem)-n+1)))
			}
			out := bytesOf(guarded(t, ((c-1)*g.Pitch+n+3)/4, rng.IntN(2) == 0))
			g.Out = out[len(out)-((c-1)*g.Pitch+n):]
			const canary = 0xa5
			for i := range out {
				out[i] = canary
			}
			if err := g.Check(); err != nil {
				t.Fatal(err)
			}
			set.GatherBytes(&g)
			if !slices.Equal(g.Mem, before) {
				t.Fatalf("%d planes of %d bytes: the source changed", c, n)
			}
			for i, got := range out {
				want := byte(canary)
				if i -= len(out) - len(g.Out); i >= 0 && i%g.Pitch < n {
					want = before[int(g.Src[i/g.Pitch])+i%g.Pitch]
				}
				if got != want {
					t.Fatalf("%d planes of %d bytes, %d apart: byte %d is %#x, wanted %#x", c, n, g.Pitch, i, got, want)
				}
			}
		})
	})
}

func bytesOf(v []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
}
