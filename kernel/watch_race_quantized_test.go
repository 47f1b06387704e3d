//go:build race

package kernel

// byteSink keeps reads alive.
var byteSink byte

// racingQuantized is [racing] for the kernels of quantized planes.
func racingQuantized() map[string]func() (call func(*Set), other func()) {
	// Three tables of two planes of 8 x 8 pixels, with slack around each.
	arena := func() ([]byte, [3][]int32) {
		const pitch = 64 + 2*SlackBytes
		var tab [3][]int32
		for i := range tab {
			for c := range 2 {
				tab[i] = append(tab[i], int32((2*i+c)*pitch+SlackBytes))
			}
		}
		return make([]byte, 6*pitch), tab
	}
	zeros, mult, all := make([]uint8, 2), []float32{1, 1}, Requant{Hi: 255}
	gemm := func() *QGEMM {
		mem, tab := arena()
		return &QGEMM{
			Mem: mem, B: tab[0], C: tab[1], R: tab[2], M: 2, K: 2, N: 49, Bias: make([]int32, 2), Mult: mult, Requant: all,
			RZero: make([]uint8, 2), RMult: []float32{1, 1},
		}
	}
	run := func(g *QGEMM) func(*Set) {
		return func(s *Set) {
			g.A = make([]byte, s.QGEMMLen(2, 2))
			s.PackQGEMM(g.A, make([]int8, 4), 2, 2)
			g.Work = make([]byte, s.WorkLen(g))
			s.QGEMM(g)
		}
	}
	depthwise := func() *QDepthwise {
		mem, tab := arena()
		d := sameQDepthwise(2, 8, 8, 3, 1)
		d.Mem, d.Src, d.Dst, d.Bias, d.Mult, d.Zeros, d.Requant = mem, tab[0], tab[1], make([]int32, 2), mult, make([]uint8, 2), all
		return &d
	}
	convolve := func(d *QDepthwise) func(*Set) {
		return func(s *Set) {
			d.W = make([]byte, 2*s.QDepthwiseLen(d))
			s.PackQDepthwise(d, d.W, make([]int8, 18))
			d.Work = make([]byte, s.WorkLen(d))
			s.QDepthwise(d)
		}
	}
	pool := func() *QPool {
		mem, tab := arena()
		return &QPool{Mem: mem, Src: tab[0], Dst: tab[1], C: 2, H: 8, W: 8, OH: 4, OW: 4, KH: 2, KW: 2, SH: 2, SW: 2, Zeros: zeros, Mult: mult, Requant: all}
	}
	return map[string]func() (func(*Set), func()){
		"QGEMM, pixels": func() (func(*Set), func()) {
			g := gemm()
			return run(g), func() { g.Mem[g.B[1]+48] = 1 }
		},
		"QGEMM, result": func() (func(*Set), func()) {
			g := gemm()
			return run(g), func() { byteSink = g.Mem[g.C[1]+63] } // a spill of 15
		},
		"QGEMM, residual": func() (func(*Set), func()) {
			g := gemm()
			return run(g), func() { g.Mem[g.R[0]+48] = 1 }
		},
		"QGEMM, residual's zero point": func() (func(*Set), func()) {
			g := gemm()
			return run(g), func() { g.RZero[1] = 1 }
		},
		"QGEMM, result of float32": func() (func(*Set), func()) {
			g := gemm()
			g.Floats, g.C, g.R, g.RZero, g.RMult = make([]float32, 98), []int32{49, 0}, nil, nil, nil
			return run(g), func() { raceSink = g.Floats[97] }
		},
		"QDepthwise, pixels": func() (func(*Set), func()) {
			d := depthwise()
			return convolve(d), func() { d.Mem[d.Src[1]+63] = 1 }
		},
		"QDepthwise, result": func() (func(*Set), func()) {
			d := depthwise()
			return convolve(d), func() { byteSink = d.Mem[d.Dst[1]+63] }
		},
		"QDepthwise, zero points": func() (func(*Set), func()) {
			d := depthwise()
			return convolve(d), func() { d.Zeros[1] = 1 }
		},
		"QMaxPool": func() (func(*Set), func()) {
			p := pool()
			return func(s *Set) { p.Work = make([]byte, s.WorkLen(QMaxPool{p})); s.QMaxPool(p) }, func() { byteSink = p.Mem[p.Dst[1]+15] }
		},
		"QAvgPool": func() (func(*Set), func()) {
			p := pool()
			return func(s *Set) { p.Work = make([]byte, s.WorkLen(QAvgPool{p})); s.QAvgPool(p) }, func() { p.Mem[p.Src[0]] = 1 }
		},
		"QMean": func() (func(*Set), func()) {
			mem, tab := arena()
			m := &QMean{Mem: mem, Src: tab[0], Dst: make([]float32, 2), Zeros: zeros, Mult: mult, C: 2, N: 64, Requant: all}
			return func(s *Set) { s.QMean(m) }, func() { raceSink = m.Dst[1] }
		},
		"QMean, result of bytes": func() (func(*Set), func()) {
			mem, tab := arena()
			m := &QMean{Mem: mem, Src: tab[0], Out: make([]byte, 2), Zeros: zeros, Mult: mult, C: 2, N: 64, Requant: all}
			return func(s *Set) { s.QMean(m) }, func() { byteSink = m.Out[1] }
		},
		"QLinear, input": func() (func(*Set), func()) {
			l := &QLinear{X: make([]byte, 32), W: make([]int8, 64), Bias: make([]int32, 2), Mult: mult, Y: make([]float32, 2), In: 32, Out: 2, Requant: all}
			return func(s *Set) { s.QLinear(l) }, func() { l.X[31] = 1 }
		},
		"QLinear, result": func() (func(*Set), func()) {
			l := &QLinear{X: make([]byte, 32), W: make([]int8, 64), Bias: make([]int32, 2), Mult: mult, Out8: make([]byte, 2), In: 32, Out: 2, Requant: all}
			return func(s *Set) { s.QLinear(l) }, func() { byteSink = l.Out8[0] }
		},
		"QAdd": func() (func(*Set), func()) {
			mem, tab := arena()
			a := &QAdd{Mem: mem, A: tab[0], B: tab[1], C: tab[2], AZero: zeros, BZero: zeros, AMult: mult, BMult: mult, Ch: 2, N: 49, Requant: all}
			return func(s *Set) { s.QAdd(a) }, func() { mem[tab[0][1]+48] = 1 }
		},
		"QScale, factors": func() (func(*Set), func()) {
			mem, tab := arena()
			q := &QScale{Mem: mem, Src: tab[0], Dst: tab[1], Zeros: zeros, Mult: make([]float32, 2), C: 2, N: 49, Requant: all}
			return func(s *Set) { s.QScale(q) }, func() { q.Mult[1] = 1 }
		},
		"QScale, result": func() (func(*Set), func()) {
			mem, tab := arena()
			q := &QScale{Mem: mem, Src: tab[0], Dst: tab[1], Zeros: zeros, Mult: mult, C: 2, N: 49, Requant: all}
			return func(s *Set) { s.QScale(q) }, func() { byteSink = mem[tab[1][0]+48] }
		},
		"QTable": func() (func(*Set), func()) {
			mem, tab := arena()
			q := &QTable{Mem: mem, Src: tab[0], Dst: tab[1], Table: make([]byte, 256), C: 2, N: 49}
			return func(s *Set) { s.QTable(q) }, func() { mem[tab[0][1]+48] = 1 }
		},
		"Quantize, pixels": func() (func(*Set), func()) {
			mem, tab := arena()
			z := &Quantize{From: make([]float32, 98), Mem: mem, Src: []int32{49, 0}, Dst: tab[0], Mult: mult, C: 2, N: 49, Requant: all}
			return func(s *Set) { s.Quantize(z) }, func() { z.From[97] = 1 }
		},
		"Quantize, result": func() (func(*Set), func()) {
			mem, tab := arena()
			z := &Quantize{From: make([]float32, 98), Mem: mem, Src: []int32{49, 0}, Dst: tab[0], Mult: mult, C: 2, N: 49, Requant: all}
			return func(s *Set) { s.Quantize(z) }, func() { byteSink = mem[tab[0][1]+48] }
		},
		"Dequantize": func() (func(*Set), func()) {
			mem, tab := arena()
			d := &Dequantize{Mem: mem, To: make([]float32, 98), Src: tab[0], Dst: []int32{49, 0}, Zeros: zeros, Mult: mult, C: 2, N: 49}
			return func(s *Set) { s.Dequantize(d) }, func() { raceSink = d.To[97] }
		},
		"PhasesBytes": func() (func(*Set), func()) {
			mem, tab := arena()
			p := &PhasesBytes{Mem: mem, Src: tab[0][:1], Dst: []int32{tab[1][0], -1, tab[1][1], tab[2][0]}, Fill: zeros[:1], C: 1, H: 8, W: 8, PH: 4, PW: 4, SH: 2, SW: 2, Residues: allResidues(2, 2)}
			return func(s *Set) { s.PhasesBytes(p) }, func() { byteSink = mem[tab[2][0]+15] }
		},
	}
}
