package kernel

import (
	"math"
	"strings"
	"testing"
)

// TestQuantizedChecks breaks each contract of a quantized kernel in one place at a time.
func TestQuantizedChecks(t *testing.T) {
	const c, h, n = 2, 4, 16
	nan := float32(math.NaN())
	mem := make([]byte, 3*c*128+SlackBytes)
	var tab [3][]int32
	for i := range tab {
		for k := range c {
			tab[i] = append(tab[i], int32(SlackBytes+128*(c*i+k)))
		}
	}
	end, zeros, mult, all := int32(len(mem)), make([]uint8, c), make([]float32, c), Requant{Hi: 255}
	gemm := func(change func(*QGEMM)) error {
		g := QGEMM{Mem: mem, A: make([]byte, c*c), B: tab[0], C: tab[1], M: c, K: c, N: n, Bias: make([]int32, c), Mult: mult, Requant: all, R: tab[2], RZero: zeros, RMult: []float32{-1, 1}}
		change(&g)
		return g.Check()
	}
	depthwise := func(change func(*QDepthwise)) error {
		d := QDepthwise{Mem: mem, Src: tab[0], Dst: tab[1], Bias: make([]int32, c), Mult: mult, Zeros: zeros, C: c, H: h, Wid: h, OH: h, OW: h, KH: 3, KW: 3, SH: 1, SW: 1, PadTop: 1, PadLeft: 1, Requant: all}
		change(&d)
		return d.Check()
	}
	pool := func(change func(*QPool)) error {
		p := QPool{Mem: mem, Src: tab[0], Dst: tab[1], C: c, H: h, W: h, OH: 2, OW: 2, KH: 3, KW: 3, SH: 2, SW: 2, PadTop: 1, PadLeft: 1, Zeros: zeros, Mult: mult, Requant: all}
		change(&p)
		return p.Check()
	}
	mean := func(change func(*QMean)) error {
		m := QMean{Mem: mem, Src: tab[0], Dst: make([]float32, c), Zeros: zeros, Mult: mult, C: c, N: n, Requant: all}
		change(&m)
		return m.Check()
	}
	linear := func(change func(*QLinear)) error {
		l := QLinear{X: make([]byte, 3), W: make([]int8, 6), Bias: make([]int32, 2), Mult: mult, Y: make([]float32, 2), In: 3, Out: 2, Requant: all}
		change(&l)
		return l.Check()
	}
	add := func(change func(*QAdd)) error {
		a := QAdd{Mem: mem, A: tab[0], B: tab[1], C: tab[2], AZero: zeros, BZero: zeros, AMult: mult, BMult: mult, Ch: c, N: n, Requant: all}
		change(&a)
		return a.Check()
	}
	scale := func(change func(*QScale)) error {
		s := QScale{Mem: mem, Src: tab[0], Dst: tab[1], Zeros: zeros, Mult: mult, C: c, N: n, Requant: all}
		change(&s)
		return s.Check()
	}
	lookup := func(change func(*QTable)) error {
		q := QTable{Mem: mem, Src: tab[0], Dst: tab[1], Table: make([]byte, 256), C: c, N: n}
		change(&q)
		return q.Check()
	}
	quantize := func(change func(*Quantize)) error {
		z := Quantize{From: make([]float32, c*n), Mem: mem, Src: []int32{n, 0}, Dst: tab[0], Mult: mult, C: c, N: n, Requant: all}
		change(&z)
		return z.Check()
	}
	dequantize := func(change func(*Dequantize)) error {
		d := Dequantize{Mem: mem, To: make([]float32, c*n), Src: tab[0], Dst: []int32{n, 0}, Zeros: zeros, Mult: mult, C: c, N: n}
		change(&d)
		return d.Check()
	}
	phases := func(change func(*PhasesBytes)) error {
		p := PhasesBytes{Mem: mem, Src: tab[0][:1], Dst: []int32{tab[1][0], tab[1][1], -1, tab[2][0]}, Fill: zeros[:1], C: 1, H: h, W: h, PH: 3, PW: 3, SH: 2, SW: 2, Residues: allResidues(2, 2), PadTop: 1, PadLeft: 1}
		change(&p)
		return p.Check()
	}
	for _, k := range []struct {
		err  error
		want string // "": none
	}{
		{gemm(func(g *QGEMM) {}), ""},
		{gemm(func(g *QGEMM) { g.R, g.RZero, g.RMult = nil, nil, nil }), ""},
		{gemm(func(g *QGEMM) { g.R = g.C }), ""},
		{gemm(func(g *QGEMM) { g.K = 0 }), "K is 0"},
		{gemm(func(g *QGEMM) { g.Lo, g.Hi = 3, 2 }), "bounds [3, 2]"},
		{gemm(func(g *QGEMM) { g.Bias = g.Bias[1:] }), "Bias has 1 values"},
		{gemm(func(g *QGEMM) { g.Mult = []float32{0, nan} }), "Mult[1] is NaN"},
		{gemm(func(g *QGEMM) { g.Mult = mult[1:] }), "Mult has 1 values"},
		{gemm(func(g *QGEMM) { g.RMult = []float32{1e8, 0} }), "RMult[0] is 1e+08"},
		{gemm(func(g *QGEMM) { g.RZero = nil }), "RZero has 0 values"},
		{gemm(func(g *QGEMM) { g.R = nil }), "wanted none without R"},
		{gemm(func(g *QGEMM) { g.B = g.B[1:] }), "B has 1 planes"},
		{gemm(func(g *QGEMM) { g.BOff = int(end) }), "B[0] is at"},
		{gemm(func(g *QGEMM) { g.COff = math.MinInt32 }), "C[0] is at"},
		{gemm(func(g *QGEMM) { g.C = []int32{tab[0][0] + 1, tab[1][1]} }), "overlaps B's"},
		{gemm(func(g *QGEMM) { g.R = []int32{tab[1][1], tab[2][1]} }), "R[0] overlaps C[1]"},
		{gemm(func(g *QGEMM) { g.Floats, g.C = make([]float32, 2*n), []int32{n, 0} }), ""},
		{gemm(func(g *QGEMM) { g.Floats, g.C = make([]float32, 2*n), []int32{n + 1, 0} }), "C[0] is at"},
		{depthwise(func(d *QDepthwise) {}), ""},
		{depthwise(func(d *QDepthwise) { d.SW = 0 }), "SW is 0"},
		{depthwise(func(d *QDepthwise) { d.PadTop = -1 }), "PadTop -1"},
		{depthwise(func(d *QDepthwise) { d.Zeros = nil }), "Zeros 0"},
		{depthwise(func(d *QDepthwise) { d.Mult = []float32{2e9, 0} }), "Mult[0] is 2e+09"},
		{depthwise(func(d *QDepthwise) { d.Hi, d.Lo = 0, 1 }), "bounds [1, 0]"},
		{depthwise(func(d *QDepthwise) { d.Src = []int32{tab[0][0], SlackBytes - 1} }), "Src[1] is at 63"},
		{depthwise(func(d *QDepthwise) { d.Dst = []int32{tab[1][0], end - n} }), "Dst[1] is at"},
		{depthwise(func(d *QDepthwise) { d.Dst = tab[0] }), "overlaps Src's"},
		{pool(func(p *QPool) {}), ""},
		{pool(func(p *QPool) { p.Zeros, p.Mult, p.Requant = nil, nil, Requant{Lo: 1} }), ""}, // a maximum
		{pool(func(p *QPool) { p.H = 0 }), "H is 0"},
		{pool(func(p *QPool) { p.C = -1 }), "C -1"},
		{pool(func(p *QPool) { p.PadLeft = 3 }), "cover a pixel"},
		{pool(func(p *QPool) { p.Zeros = nil }), "Zeros has 0"},
		{pool(func(p *QPool) { p.Mult = mult[1:] }), "Mult has 1"},
		{pool(func(p *QPool) { p.Lo, p.Hi = 2, 1 }), "bounds"},
		{pool(func(p *QPool) { p.Dst = p.Dst[1:] }), "Dst has 1 planes"},
		{mean(func(m *QMean) {}), ""},
		{mean(func(m *QMean) { m.Dst, m.Out = nil, make([]byte, c) }), ""},
		{mean(func(m *QMean) { m.N = 0 }), "N is 0"},
		{mean(func(m *QMean) { m.N = 1<<23 + 1 }), "N is 8388609"},
		{mean(func(m *QMean) { m.Dst = nil }), "0 outputs"},
		{mean(func(m *QMean) { m.Mult = []float32{nan, 0} }), "Mult[0]"},
		{mean(func(m *QMean) { m.Src = []int32{0, end} }), "Src[0] is at 0"},
		{mean(func(m *QMean) { m.Lo, m.Hi = 2, 1 }), "bounds"},
		{linear(func(l *QLinear) {}), ""},
		{linear(func(l *QLinear) { l.Y, l.Out8 = nil, make([]byte, 2) }), ""},
		{linear(func(l *QLinear) { l.Out = 0 }), "Out is 0"},
		{linear(func(l *QLinear) { l.W = l.W[1:] }), "W has 5"},
		{linear(func(l *QLinear) { l.Y = nil }), "the output has 0"},
		{linear(func(l *QLinear) { l.Mult = []float32{1, 1e9}; l.W = []int8{0, 0, 0, 1, 1, 1} }), "channel 1 has sums of up to 765"},
		{linear(func(l *QLinear) { l.Bias = []int32{math.MinInt32, 0} }), "channel 0 has sums of up to 2147483648"},
		{add(func(a *QAdd) {}), ""},
		{add(func(a *QAdd) { a.C = a.A }), ""},
		{add(func(a *QAdd) { a.N = 0 }), "N is 0"},
		{add(func(a *QAdd) { a.BZero = nil }), "BZero 0"},
		{add(func(a *QAdd) { a.AMult = nil }), "AMult has 0"},
		{add(func(a *QAdd) { a.BMult = []float32{0, -1e8} }), "BMult[1] is -1e+08"},
		{add(func(a *QAdd) { a.Lo, a.Hi = 2, 1 }), "bounds"},
		{add(func(a *QAdd) { a.B = []int32{tab[1][0], end - 63} }), "B[1]"},
		{scale(func(s *QScale) {}), ""},
		{scale(func(s *QScale) { s.N = -1 }), "N is -1"},
		{scale(func(s *QScale) { s.Zeros = nil }), "Zeros has 0"},
		{scale(func(s *QScale) { s.Mult = []float32{0, float32(math.Inf(-1))} }), "Mult[1] is -Inf"},
		{scale(func(s *QScale) { s.Lo, s.Hi = 2, 1 }), "bounds"},
		{scale(func(s *QScale) { s.Dst = []int32{end - 63, 0} }), "Dst[0]"},
		{lookup(func(q *QTable) {}), ""},
		{lookup(func(q *QTable) { q.N = 0 }), "N is 0"},
		{lookup(func(q *QTable) { q.Table = q.Table[1:] }), "Table has 255"},
		{lookup(func(q *QTable) { q.Src = q.Src[1:] }), "Src has 1"},
		{quantize(func(z *Quantize) {}), ""},
		{quantize(func(z *Quantize) { z.N = 0 }), "N is 0"},
		{quantize(func(z *Quantize) { z.Mult = mult[1:] }), "Mult has 1"},
		{quantize(func(z *Quantize) { z.Mult = []float32{nan, 0} }), "Mult[0] is NaN"},
		{quantize(func(z *Quantize) { z.Src = []int32{n + 1, 0} }), "Src[0]"},
		{quantize(func(z *Quantize) { z.Dst = []int32{0, end - 63} }), "Dst[1]"},
		{quantize(func(z *Quantize) { z.Lo, z.Hi = 2, 1 }), "bounds"},
		{dequantize(func(d *Dequantize) {}), ""},
		{dequantize(func(d *Dequantize) { d.N = 0 }), "N is 0"},
		{dequantize(func(d *Dequantize) { d.Zeros = nil }), "Zeros has 0"},
		{dequantize(func(d *Dequantize) { d.Mult = []float32{nan, 0} }), "Mult[0] is NaN"},
		{dequantize(func(d *Dequantize) { d.Src = []int32{0, end - 63} }), "Src[1]"},
		{dequantize(func(d *Dequantize) { d.Dst = []int32{n + 1, 0} }), "Dst[0]"},
		{phases(func(p *PhasesBytes) {}), ""},
		{phases(func(p *PhasesBytes) { p.PH = 0 }), "PH is 0"},
		{phases(func(p *PhasesBytes) { p.PadTop = -1 }), "PadTop -1"},
		{phases(func(p *PhasesBytes) { p.Fill = nil }), "Fill has 0"},
		{phases(func(p *PhasesBytes) { p.Dst = p.Dst[1:] }), "3 planes, wanted 4"},
		{phases(func(p *PhasesBytes) { p.Residues = []Residue{{0, 2}, {}, {}, {}} }), "residue {0 2}"},
		{phases(func(p *PhasesBytes) { p.Dst = []int32{end, -1, -1, -1} }), "Dst[0]"},
		{phases(func(p *PhasesBytes) { p.Dst = []int32{-1, tab[0][0], -1, -1} }), "overlaps Src's"},
		{phases(func(p *PhasesBytes) { p.From, p.Src = make([]byte, h*h), []int32{0} }), ""},
		{phases(func(p *PhasesBytes) { p.From, p.Src = make([]byte, h*h-1), []int32{0} }), "Src[0]"},
	} {
		switch {
		case k.want == "" && k.err != nil:
			t.Errorf("a sound call: %v", k.err)
		case k.want != "" && (k.err == nil || !strings.Contains(k.err.Error(), k.want)):
			t.Errorf("error %v, wanted one with %q", k.err, k.want)
		}
	}
}
