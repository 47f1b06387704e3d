package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func FuzzWinogradInput(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) {
		p.winogradInput(special, WinogradInput{M: 2 + 2*int(c&1), C: 1 + int(c>>6), H: 1 + int(a)%60, W: 1 + int(b)%60, PadTop: int(c>>1) % 3, PadLeft: int(c>>3) % 3})
	})
}

// winogradInput runs a call for some tile rows of a convolution's output. What it has
// of padding at the right and at the bottom is random.
func (p *pen) winogradInput(special bool, w WinogradInput) {
	oh, ow := w.H+w.PadTop-2+p.rng.IntN(3), w.W+w.PadLeft-2+p.rng.IntN(3)
	if oh < 1 || ow < 1 {
		return
	}
	w.TW = (ow + w.M - 1) / w.M
	rows := (oh + w.M - 1) / w.M
	w.Row = p.rng.IntN(rows)
	w.Rows = 1 + p.rng.IntN(rows-w.Row)
	n := w.Rows * w.TW
	w.Pitch = n + 7 + p.rng.IntN(9)
	w.Step = w.C*w.Pitch + p.rng.IntN(20)
	all := (WinogradElements(w.M)-1)*w.Step + w.C*w.Pitch
	mem, tab := p.planes(special, herd{w.C, w.H * w.W, Slack, Slack, true})
	p.constant("Mem", mem)
	w.Mem, w.Src, w.Dst, w.Work = mem, tab[0], p.floats(all), p.floats(w.WorkLen())
	if err := w.Check(); err != nil {
		p.t.Fatal(err)
	}
	t := &trial{pen: p, mem: mem, what: []any{w.M, w.C, w.H, w.W, w.PadTop, w.PadLeft, w.Row, w.Rows, w.TW}, out: func() (v []float32) {
		for e := range WinogradElements(w.M) {
			for c := range w.C {
				v = append(v, w.Dst[e*w.Step+c*w.Pitch:][:n]...)
			}
		}
		return v
	}}
	t.run(func(s *Set) {
		for i := range w.Work {
			w.Work[i] = specials[0] // NaN
		}
		s.WinogradInput(&w)
	})
}

func FuzzWinogradOutput(f *testing.F) {
	fuzzKernel(f, func(p *pen, special bool, a, b, c uint8) {
		p.winogradOutput(special, WinogradOutput{M: 2 + 2*int(c&1), C: 1 + int(c>>6), OH: 1 + int(a)%60, OW: 1 + int(b)%60})
	})
}

func (p *pen) winogradOutput(special bool, w WinogradOutput) {
	rows := (w.OH + w.M - 1) / w.M
	w.Row = p.rng.IntN(rows)
	w.Rows = 1 + p.rng.IntN(rows-w.Row)
	w.Pitch = w.Rows*w.tiles() + 7 + p.rng.IntN(9)
	w.Step = w.C*w.Pitch + p.rng.IntN(20)
	n := w.OH * w.OW
	after := roundUp8(n) - n + 8
	mem, tab := p.planes(special, herd{c: w.C, n: n, after: after}, herd{c: w.C, n: n, after: after, read: true})
	w.Mem, w.Dst, w.Work = mem, tab[0], p.floats(w.WorkLen())
	w.Src = p.values("Src", (WinogradElements(w.M)-1)*w.Step+w.C*w.Pitch, special)
	if p.rng.IntN(2) == 0 {
		w.Bias = p.values("Bias", w.C, special)
	}
	if p.rng.IntN(2) == 0 {
		if w.R = tab[1]; p.rng.IntN(2) == 0 {
			w.Dst = w.R
		}
		if p.rng.IntN(2) == 0 {
			w.Scale = p.values("Scale", w.C, special)
		}
	}
	w.Act = p.activation()
	if err := w.Check(); err != nil {
		p.t.Fatal(err)
	}
	at, pixels := w.at(), w.pixels()
	t := &trial{pen: p, mem: mem, what: []any{w.M, w.C, w.OH, w.OW, w.Row, w.Rows, w.Bias != nil, w.R != nil, w.Scale, w.Act}, bound: sumBound(3, 400)}
	t.may = func(yield func(lo, hi int)) {
		for _, o := range w.Dst {
			yield(int(o)+at, int(o)+at+roundUp8(pixels))
		}
	}
	t.out = func() (v []float32) {
		for _, o := range w.Dst {
			v = append(v, mem[int(o)+at:][:pixels]...)
		}
		return v
	}
	t.run(func(s *Set) {
		for i := range w.Work {
			w.Work[i] = specials[0]
		}
		s.WinogradOutput(&w)
	})
}

// winogradError bounds the error of an output of a 3x3 convolution of c channels, whose
// inputs are at most largest, with weights of at most 1, and both of either sign. Beside
// the direct form, whose error is of the order of sqrt(9*c) roundings of such products,
// transformed inputs and weights are larger and cancel each other: by Winograd's
// algorithm the error is of the order of 9*sqrt(c) roundings, times a factor. The largest
// factors seen are 2.6 for tiles of 2x2 and 7.7 for 4x4. A wrong coefficient errs by
// thousands of times that.
func winogradError(m, c int, largest float64) float64 {
	factor := 4.0
	if m == 4 {
		factor = 12
	}
	return factor * math.Sqrt(float64(c)) * 9 * largest * 0x1p-24
}

// TestWinograd: input transform, products in float32 and output transform are the
// convolution, within the bound, on every set.
func TestWinograd(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		for _, m := range []int{2, 4} {
			worst := 0.0
			for seed := range uint64(12) {
				rng := rand.New(rand.NewPCG(seed, 9))
				c := 1 + rng.IntN(1<<(seed/2+2))
				worst = max(worst, winogradOnce(t, set, rng, m, c, 1+rng.IntN(4), 1+rng.IntN(20), 1+rng.IntN(20)))
			}
			t.Logf("F(%dx%d): the worst error is %.3f of the bound", m, m, worst)
		}
	})
}

// winogradOnce returns the largest error as a part of the bound.
func winogradOnce(t *testing.T, set *Set, rng *rand.Rand, m, c, o, h, w int) (worst float64) {
	t.Helper()
	mem, tables := benchPlanes(max(c, o), h*w, h*w)
	for i := range mem {
		mem[i] = rng.Float32()*2 - 1
	}
	weights := make([]float32, o*c*9)
	for i := range weights {
		weights[i] = rng.Float32()*2 - 1
	}
	tw, rows, a := (w+m-1)/m, (h+m-1)/m, m+2
	pitch := tw*rows + 7
	in := WinogradInput{
		Mem: mem, Src: tables[0][:c], Dst: make([]float32, a*a*c*pitch), C: c, H: h, W: w, PadTop: 1, PadLeft: 1,
		M: m, TW: tw, Rows: rows, Pitch: pitch, Step: c * pitch,
	}
	in.Work = make([]float32, in.WorkLen())
	set.WinogradInput(&in)
	out := WinogradOutput{
		Mem: mem, Src: make([]float32, a*a*o*pitch), Dst: tables[1][:o], C: o, OH: h, OW: w, M: m, Rows: rows, Pitch: pitch, Step: o * pitch,
	}
	out.Work = make([]float32, out.WorkLen())
	u := make([]float32, a*a*o*c)
	for i := range o {
		WinogradWeights(m, u[i*c:], o*c, weights[9*i*c:], 1, c, c)
	}
	for e := range a * a {
		for i := range o {
			for k := range c {
				for p := range tw * rows {
					out.Src[(e*o+i)*pitch+p] += float32(u[(e*o+i)*c+k] * in.Dst[(e*c+k)*pitch+p])
				}
			}
		}
	}
	set.WinogradOutput(&out)
	bound := winogradError(m, c, 1)
	for i := range o {
		for y := range h {
			for x := range w {
				want := 0.0
				for k := range c {
					for ky := range 3 {
						for kx := range 3 {
							if iy, ix := y+ky-1, x+kx-1; iy >= 0 && iy < h && ix >= 0 && ix < w {
								want += float64(weights[(i*c+k)*9+ky*3+kx]) * float64(mem[int(tables[0][k])+iy*w+ix])
							}
						}
					}
				}
				err := math.Abs(float64(mem[int(out.Dst[i])+y*w+x]) - want)
				if worst = max(worst, err/bound); err > bound {
					t.Fatalf("%d channels of %dx%d, tiles of %d: output %d at (%d, %d) errs by %g, wanted at most %g", c, h, w, m, i, y, x, err, bound)
				}
			}
		}
	}
	return worst
}
