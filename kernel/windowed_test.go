package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// specials are the values that break a kernel which masks by multiplying,
// orders by comparing or flushes to zero.
var specials = []float32{
	float32(math.NaN()), math.Float32frombits(0xffc00001), float32(math.Inf(1)), float32(math.Inf(-1)),
	0, float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, -1e-40, 1e30, -1e30,
}

// layout is an arena with the planes of one call, as close as Slack lets them
// be, in random order, flush with a guard page at its front or its end.
type layout struct {
	mem      []float32
	tables   [][]int32
	n        []int // pixels of a plane of each table
	before   []float32
	writable [][2]int
}

// newLayout makes tables of c planes: of n[0] pixels, of n[1], and so on. The
// pixels of the tables that are not written are small numbers, some of them
// special if special is true; all else is NaN or Inf. The written tables are
// the last one alone.
func newLayout(t testing.TB, rng *rand.Rand, c int, special bool, n ...int) *layout {
	type plane struct{ table, channel int }
	var order []plane
	size := Slack
	l := &layout{n: n}
	for i, px := range n {
		l.tables = append(l.tables, make([]int32, c))
		for ch := range c {
			order = append(order, plane{i, ch})
			size += px + Slack
		}
	}
	rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	l.mem = guarded(t, size, rng.IntN(2) == 0)
	for i := range l.mem {
		l.mem[i] = specials[rng.IntN(4)]
	}
	at := Slack
	for _, p := range order {
		l.tables[p.table][p.channel] = int32(at)
		if p.table < len(n)-1 {
			for i := range n[p.table] {
				v := rng.Float32()*2 - 1
				if special && rng.IntN(30) == 0 {
					v = specials[rng.IntN(len(specials))]
				}
				l.mem[at+i] = v
			}
		} else {
			l.writable = append(l.writable, [2]int{at, at + n[p.table] + Slack})
		}
		at += n[p.table] + Slack
	}
	l.before = append([]float32(nil), l.mem...)
	return l
}

// onlyWritten fails where anything but the written planes and their slack changed.
func (l *layout) onlyWritten(t *testing.T) {
	t.Helper()
	may := make([]bool, len(l.mem))
	for _, w := range l.writable {
		for i := w[0]; i < w[1]; i++ {
			may[i] = true
		}
	}
	for i, v := range l.mem {
		if !may[i] && math.Float32bits(v) != math.Float32bits(l.before[i]) {
			t.Fatalf("element %d of the arena changed from %v to %v, wanted it left alone", i, l.before[i], v)
		}
	}
}

// near tells whether got is want within bound, NaN for NaN.
func near(got float32, want, bound float64) bool {
	g := float64(got)
	switch {
	case math.IsNaN(want):
		return math.IsNaN(g)
	case math.IsInf(want, 0):
		return g == want
	}
	return math.Abs(g-want) <= bound
}

// sumBound is how far a float32 sum of n products, whose magnitudes add up to
// abs, may be from the exact one: n+1 roundings, and as many underflows.
func sumBound(n int, abs float64) float64 {
	const eps = 1.0 / (1 << 24)
	return float64(n+2)*1.01*eps*abs + float64(n+2)*math.SmallestNonzeroFloat32
}

// activate64 is a in float64.
func activate64(v float64, a Activation) float64 {
	if f := exact[a.Kind]; f != nil {
		return f(v, a)
	}
	return v
}

// activeBound is how far act(v) may be off where v is off by bound: no kind is steeper
// than 1.5.
func activeBound(v, bound float64, a Activation) float64 {
	if a.Kind <= Clamp {
		return bound
	}
	return 1.5*bound + (math.Abs(v)+1)*8/(1<<24)
}

// windowSizes are the heights and widths to try: all small ones, some others.
func windowSizes(rng *rand.Rand, f func(h, w int)) {
	for h := 1; h <= 20; h++ {
		for w := 1; w <= 20; w++ {
			f(h, w)
		}
	}
	for _, n := range []int{28, 32, 33, 56, 57} {
		f(n, n)
		f(1+rng.IntN(n), n)
		f(n, 1+rng.IntN(n))
	}
}

var (
	relu        = Clamped(0, float32(math.Inf(1)))
	relu6       = Clamped(0, 6)
	activations = []Activation{
		{}, relu, relu6, Clamped(-0.25, 0.5), Clamped(float32(math.Inf(-1)), 0.25),
		{HardSigmoid, 0.25, 0.5}, {Kind: HardSwish}, {Kind: Sigmoid}, {Kind: SiLU}, {Kind: Tanh}, {Kind: GELU}, {Kind: GELUTanh},
		{Kind: Mish}, {Kind: LeakyReLU, Lo: 0.125}, {Kind: ELU, Lo: 0.75},
	}
)

func TestDepthwise(t *testing.T) {
	for _, k := range []int{1, 2, 3, 5, 7} {
		for _, stride := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%dx%d/stride%d", k, k, stride), func(t *testing.T) {
				forEachSet(t, func(t *testing.T, set *Set) {
					rng := rand.New(rand.NewPCG(uint64(k), uint64(stride)))
					fast := 0
					windowSizes(rng, func(h, w int) {
						d := Depthwise{
							H: h, Wid: w, OH: (h-1)/stride + 1, OW: (w-1)/stride + 1, KH: k, KW: k, SH: stride, SW: stride,
							PadTop: k / 2, PadLeft: k / 2, C: 1 + rng.IntN(5),
						}
						switch rng.IntN(8) { // another geometry
						case 0:
							d.KW, d.PadLeft, d.OH, d.OW = 1+rng.IntN(5), rng.IntN(3), 1+rng.IntN(h+2), 1+rng.IntN(w+2)
						case 1:
							d.SW, d.DH, d.DW = 1+rng.IntN(4), 1+rng.IntN(3), 1+rng.IntN(3)
						case 2: // as TensorFlow pads
							d.PadTop, d.PadLeft = (k-1)/2-min(h%2, (k-1)/2), (k-1)/2-min(w%2, (k-1)/2)
						}
						d.Act = activations[rng.IntN(len(activations))]
						if d.Masks = set.DepthwiseMasks(&d); d.Masks != nil {
							fast++
						}
						testDepthwise(t, set, rng, d)
					})
					if fast < 300 && set != generic {
						t.Errorf("%d shapes had a fast path, wanted nearly all", fast)
					}
				})
			})
		}
	}
}

// testDepthwise runs one call, all of d set but its memory.
func testDepthwise(t *testing.T, set *Set, rng *rand.Rand, d Depthwise) {
	t.Helper()
	l := newLayout(t, rng, d.C, rng.IntN(2) == 0, d.H*d.Wid, d.OH*d.OW)
	d.Mem, d.Src, d.Dst = l.mem, l.tables[0], l.tables[1]
	taps := d.KH * d.KW
	d.W = make([]float32, d.C*(taps+1))
	for i := range d.W {
		d.W[i] = rng.Float32()*2 - 1
	}
	if err := set.Check(&d); err != nil {
		t.Fatal(err)
	}
	set.Depthwise(&d)
	l.onlyWritten(t)
	for c := range d.C {
		w := d.W[c*(taps+1):]
		for y := range d.OH {
			for x := range d.OW {
				sum := float64(w[taps])
				abs := math.Abs(sum)
				for i := range d.KH {
					for j := range d.KW {
						sy, sx := y*d.SH+i*d.dh()-d.PadTop, x*d.SW+j*d.dw()-d.PadLeft
						if sy < 0 || sy >= d.H || sx < 0 || sx >= d.Wid {
							continue
						}
						p := float64(w[i*d.KW+j]) * float64(d.Mem[int(d.Src[c])+sy*d.Wid+sx])
						sum += p
						abs += math.Abs(p)
					}
				}
				want := activate64(sum, d.Act)
				if got := d.Mem[int(d.Dst[c])+y*d.OW+x]; !near(got, want, activeBound(sum, sumBound(taps, abs), d.Act)) {
					t.Fatalf("%d planes of %dx%d to %dx%d, %dx%d taps, strides %d, %d, dilations %d, %d, pads %d, %d, %v: pixel (%d, %d) of plane %d is %v, wanted %v",
						d.C, d.H, d.Wid, d.OH, d.OW, d.KH, d.KW, d.SH, d.SW, d.DH, d.DW, d.PadTop, d.PadLeft, d.Act, y, x, c, got, want)
				}
			}
		}
	}
}

func TestPackDepthwise(t *testing.T) {
	for _, c := range []struct {
		bias, want []float32
	}{
		{[]float32{7, 8}, []float32{1, 2, 3, 7, 4, 5, 6, 8}},
		{nil, []float32{1, 2, 3, 0, 4, 5, 6, 0}},
	} {
		dst := []float32{9, 9, 9, 9, 9, 9, 9, 9}
		PackDepthwise(dst, []float32{1, 2, 3, 4, 5, 6}, c.bias, 2)
		if !slices.Equal(dst, c.want) {
			t.Errorf("bias %v: got %v, wanted %v", c.bias, dst, c.want)
		}
	}
}

func TestPool(t *testing.T) {
	for _, k := range []int{1, 2, 3, 5} {
		for _, stride := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%dx%d/stride%d", k, k, stride), func(t *testing.T) {
				forEachSet(t, func(t *testing.T, set *Set) {
					rng := rand.New(rand.NewPCG(uint64(k), uint64(stride)))
					windowSizes(rng, func(h, w int) {
						pad := k / 2
						if k == 2 {
							pad = rng.IntN(8) / 7
						}
						p := Pool{
							H: h, W: w, OH: (h+2*pad-k)/stride + 1, OW: (w+2*pad-k)/stride + 1, KH: k, KW: k,
							SH: stride, SW: stride, PadTop: pad, PadLeft: pad, C: 1 + rng.IntN(5), CountPad: rng.IntN(2) == 0,
						}
						if rng.IntN(8) == 0 {
							p.KW, p.SW, p.OW = 1+rng.IntN(4)+pad, 1, 1+rng.IntN(w)
						}
						if h+2*pad < k || w+2*pad < k || p.OH < 1 || p.OW < 1 {
							return
						}
						p.Masks = set.PoolMasks(&p)
						testPool(t, set, rng, p)
					})
				})
			})
		}
	}
}

// testPool runs one call of each pooling, all of p set but its memory.
func testPool(t *testing.T, set *Set, rng *rand.Rand, p Pool) {
	t.Helper()
	for _, maximum := range []bool{true, false} {
		l := newLayout(t, rng, p.C, rng.IntN(2) == 0, p.H*p.W, p.OH*p.OW)
		p.Mem, p.Src, p.Dst = l.mem, l.tables[0], l.tables[1]
		if err := set.Check(&p); err != nil {
			t.Fatal(err)
		}
		if maximum {
			set.MaxPool(&p)
		} else {
			set.AvgPool(&p)
		}
		l.onlyWritten(t)
		for c := range p.C {
			for y := range p.OH {
				for x := range p.OW {
					greatest, sum, abs, n := math.Inf(-1), 0.0, 0.0, 0
					for i := range p.KH {
						for j := range p.KW {
							sy, sx := y*p.SH+i-p.PadTop, x*p.SW+j-p.PadLeft
							if sy < 0 || sy >= p.H || sx < 0 || sx >= p.W {
								continue
							}
							v := float64(p.Mem[int(p.Src[c])+sy*p.W+sx])
							greatest = math.Max(greatest, v) // of which NaN is one
							sum, abs, n = sum+v, abs+math.Abs(v), n+1
						}
					}
					if math.IsNaN(sum) && !math.IsNaN(greatest) && math.IsInf(greatest, 1) {
						// math.Max ranks +Inf above NaN.
						for i := range p.KH {
							for j := range p.KW {
								sy, sx := y*p.SH+i-p.PadTop, x*p.SW+j-p.PadLeft
								if sy >= 0 && sy < p.H && sx >= 0 && sx < p.W && math.IsNaN(float64(p.Mem[int(p.Src[c])+sy*p.W+sx])) {
									greatest = math.NaN()
								}
							}
						}
					}
					want, bound := greatest, 0.0
					if !maximum {
						if p.CountPad {
							n = p.KH * p.KW
						}
						want, bound = sum/float64(n), sumBound(p.KH*p.KW+1, abs/float64(n))
					}
					if got := p.Mem[int(p.Dst[c])+y*p.OW+x]; !near(got, want, bound) {
						t.Fatalf("maximum %v, %d planes of %dx%d to %dx%d, windows of %dx%d, steps %d, %d, pads %d, %d: pixel (%d, %d) of plane %d is %v, wanted %v",
							maximum, p.C, p.H, p.W, p.OH, p.OW, p.KH, p.KW, p.SH, p.SW, p.PadTop, p.PadLeft, y, x, c, got, want)
					}
				}
			}
		}
	}
}
