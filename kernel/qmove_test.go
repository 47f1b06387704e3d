package kernel

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// The kernels that go over planes pixel by pixel, and those that make one number of many.

func (p *pen) qadd(channels, n int) {
	mem, tab := p.planesOfBytes(herd{c: channels, n: n, after: 64}, herd{c: channels, n: n, after: 64}, herd{c: channels, n: n, after: 64})
	a := &QAdd{Mem: mem, A: tab[0], B: tab[1], C: tab[2], AZero: p.zeros(channels), BZero: p.zeros(channels), AMult: p.multipliers(channels, 2), BMult: p.multipliers(channels, 2), Ch: channels, N: n, Requant: randomRequant(p.rng)}
	if p.rng.IntN(3) == 0 {
		a.C = a.B // in place
	}
	c := &byteTrial{pen: p, what: fmt.Sprint("add ", channels, n), mem: mem, dst: a.C, n: n, all: roundUp(n, 64)}
	c.run(func(s *Set) { p.sound(s, a); s.QAdd(a) })
}

func (p *pen) qscale(channels, n int) {
	mem, tab := p.planesOfBytes(herd{c: channels, n: n, after: 64}, herd{c: channels, n: n, after: 64})
	q := &QScale{Mem: mem, Src: tab[0], Dst: tab[1], Zeros: p.zeros(channels), Mult: p.multipliers(channels, 4), C: channels, N: n, Requant: randomRequant(p.rng)}
	if p.rng.IntN(3) == 0 {
		q.Dst = q.Src
	}
	c := &byteTrial{pen: p, what: fmt.Sprint("scale ", channels, n), mem: mem, dst: q.Dst, n: n, all: roundUp(n, 64)}
	c.run(func(s *Set) { p.sound(s, q); s.QScale(q) })
}

func (p *pen) qtable(channels, n int) {
	mem, tab := p.planesOfBytes(herd{c: channels, n: n, after: 64}, herd{c: channels, n: n, after: 64})
	q := &QTable{Mem: mem, Src: tab[0], Dst: tab[1], Table: p.zeros(256), C: channels, N: n}
	if p.rng.IntN(3) == 0 {
		q.Dst = q.Src
	}
	c := &byteTrial{pen: p, what: fmt.Sprint("table ", channels, n), mem: mem, dst: q.Dst, n: n, all: roundUp(n, 64)}
	c.run(func(s *Set) { p.sound(s, q); s.QTable(q) })
}

func (p *pen) quantize(channels, n int) {
	mem, tab := p.planesOfBytes(herd{c: channels, n: n, after: 64})
	q := &Quantize{Mem: mem, Dst: tab[0], From: p.floats(channels * n), Mult: p.multipliers(channels, 2), C: channels, N: n, Requant: randomRequant(p.rng)}
	for i := range q.From {
		switch q.From[i] = (p.rng.Float32()*2 - 1) * 300; p.rng.IntN(9) {
		case 0:
			q.From[i] = specials[p.rng.IntN(len(specials))]
		case 1:
			q.From[i] = float32(p.rng.IntN(512)-256) / 2
		case 2:
			q.From[i] = math.Float32frombits(p.rng.Uint32())
		}
	}
	p.constant("From", q.From)
	for _, i := range p.rng.Perm(channels) {
		q.Src = append(q.Src, int32(i*n))
	}
	c := &byteTrial{pen: p, what: fmt.Sprint("quantize ", channels, n), mem: mem, dst: q.Dst, n: n, all: roundUp(n, 64)}
	c.run(func(s *Set) { p.sound(s, q); s.Quantize(q) })
}

func (p *pen) dequantize(channels, n int) {
	mem, tab := p.planesOfBytes(herd{c: channels, n: n, after: 64})
	q := &Dequantize{Mem: mem, Src: tab[0], To: p.floats(channels * n), Zeros: p.zeros(channels), Mult: p.multipliers(channels, 2), C: channels, N: n}
	for _, i := range p.rng.Perm(channels) {
		q.Dst = append(q.Dst, int32(i*n))
	}
	c := &byteTrial{pen: p, what: fmt.Sprint("dequantize ", channels, n), mem: mem, floats: q.To, n: 1}
	c.run(func(s *Set) { p.sound(s, q); s.Dequantize(q) })
}

func (p *pen) qmean(channels, n int, bytes bool) {
	mem, tab := p.planesOfBytes(herd{c: channels, n: n, before: SlackBytes, after: SlackBytes})
	q := &QMean{Mem: mem, Src: tab[0], Zeros: p.zeros(channels), Mult: p.multipliers(channels, 2/float32(n)), C: channels, N: n, Requant: randomRequant(p.rng)}
	out := p.floats(channels)
	if q.Dst = out; bytes {
		q.Dst, q.Out = nil, p.bytes(channels)
	}
	c := &byteTrial{pen: p, what: fmt.Sprint("mean ", channels, n), mem: mem, floats: out, n: 1}
	c.run(func(s *Set) {
		p.sound(s, q)
		s.QMean(q)
		for i, v := range q.Out {
			out[i] = float32(v)
		}
	})
}

func (p *pen) qlinear(in, rows int, bytes bool) {
	w := p.bytes(in * rows)
	q := &QLinear{X: p.bytes(in), Bias: int32s(p.floats(rows)), Mult: p.floats(rows), In: in, Out: rows, Requant: randomRequant(p.rng)}
	randomBytes(p.rng, q.X)
	p.constantBytes("X", q.X)
	for i, v := range randomWeights(p.rng, in*rows) {
		w[i] = byte(v)
	}
	p.constantBytes("W", w)
	q.W = signed(w)
	for o := range rows {
		bound := SumBound(0, q.W[o*in:][:in])
		q.Bias[o] = int32(p.rng.Int64N(bound+1) - bound/2)
		q.Mult[o] = p.rng.Float32() * 500 / float32(bound+1)
	}
	out := p.floats(rows)
	if q.Y = out; bytes {
		q.Y, q.Out8 = nil, p.bytes(rows)
	}
	c := &byteTrial{pen: p, what: fmt.Sprint("linear ", in, rows), floats: out, n: 1}
	c.run(func(s *Set) {
		p.sound(s, q)
		s.QLinear(q)
		for i, v := range q.Out8 {
			out[i] = float32(v)
		}
	})
}

func TestQMove(t *testing.T) {
	for _, k := range []struct {
		name string
		run  func(p *pen, channels, n int)
	}{
		{"add", (*pen).qadd}, {"scale", (*pen).qscale}, {"table", (*pen).qtable}, {"quantize", (*pen).quantize}, {"dequantize", (*pen).dequantize},
		{"mean", func(p *pen, channels, n int) { p.qmean(channels, n, false) }}, {"mean8", func(p *pen, channels, n int) { p.qmean(channels, n, true) }},
		{"linear", func(p *pen, channels, n int) { p.qlinear(n, 1+channels*5, false) }}, {"linear8", func(p *pen, channels, n int) { p.qlinear(n, 1+channels*5, true) }},
	} {
		t.Run(k.name, func(t *testing.T) {
			for n := 1; n <= 130; n++ { // every tail
				k.run(newPen(t, benchRand(uint64(n))), 1+n%4, n)
			}
			byteCases(t, 20, func(p *pen) { k.run(p, 1+p.rng.IntN(70), 1+p.rng.IntN(3000)) })
			if most := pieceLen + 77; strings.HasPrefix(k.name, "linear") {
				k.run(newPen(t, benchRand(1)), 1, 40000) // longer sums could wrap around
			} else {
				k.run(newPen(t, benchRand(1)), 1, most)
			}
		})
	}
}

// pieceLen is more pixels than one call of assembly takes.
const pieceLen = 1 << 18
