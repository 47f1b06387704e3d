package kernel

import (
	"fmt"
	"slices"
	"testing"
)

// qpool is a random call, of which every window covers a pixel.
func (p *pen) qpool(q QPool, mean bool) {
	for q.OH = max(1, q.OH); (q.OH-1)*q.SH-q.PadTop >= q.H; q.OH-- {
	}
	for q.OW = max(1, q.OW); (q.OW-1)*q.SW-q.PadLeft >= q.W; q.OW-- {
	}
	mem, tab := p.planesOfBytes(herd{c: q.C, n: q.H * q.W, before: SlackBytes, after: SlackBytes}, herd{c: q.C, n: q.OH * q.OW, after: SlackBytes})
	q.Mem, q.Src, q.Dst, q.Requant = mem, tab[0], tab[1], randomRequant(p.rng)
	if mean {
		q.CountPad, q.Zeros, q.Mult = p.rng.IntN(2) == 0, p.zeros(q.C), p.multipliers(q.C, 2)
	}
	what := fmt.Sprintf("mean %v, %d planes of %dx%d to %dx%d, window %dx%d, strides %d %d, pads %d %d, counted %v", mean, q.C, q.H, q.W, q.OH, q.OW, q.KH, q.KW, q.SH, q.SW, q.PadTop, q.PadLeft, q.CountPad)
	c := &byteTrial{pen: p, what: what, mem: mem, dst: tab[1], n: q.OH * q.OW, all: q.OH*q.OW + SlackBytes}
	c.run(func(s *Set) {
		if err := q.Check(); err != nil {
			p.t.Fatal(err)
		}
		if mean {
			q.Work = p.bytes(s.WorkLen(QAvgPool{&q}))
			s.QAvgPool(&q)
		} else {
			q.Work = p.bytes(s.WorkLen(QMaxPool{&q}))
			s.QMaxPool(&q)
		}
	})
}

func TestQPool(t *testing.T) {
	for _, mean := range []bool{false, true} {
		t.Run(fmt.Sprintf("mean %v", mean), func(t *testing.T) {
			byteCases(t, 300, func(p *pen) {
				r := p.rng
				q := QPool{C: 1 + r.IntN(4), H: 1 + r.IntN(40), W: 1 + r.IntN(80), KH: 1 + r.IntN(5), KW: 1 + r.IntN(5), SH: 1 + r.IntN(3), SW: 1 + r.IntN(3)}
				q.PadTop, q.PadLeft, q.OH, q.OW = r.IntN(q.KH), r.IntN(q.KW), 1+r.IntN(30), 1+r.IntN(70)
				p.qpool(q, mean)
			})
			byteCases(t, 40, func(p *pen) { // the usual ones, and more channels than one call takes
				h, w := 3+p.rng.IntN(60), 3+p.rng.IntN(60)
				p.qpool(QPool{C: 1 + p.rng.IntN(90), H: h, W: w, OH: (h-1)/2 + 1, OW: (w-1)/2 + 1, KH: 3, KW: 3, SH: 2, SW: 2, PadTop: 1, PadLeft: 1}, mean)
			})
			byteCases(t, 4, func(p *pen) { // more than one band
				p.qpool(QPool{C: 1, H: 200, W: 220 + p.rng.IntN(9), OH: 190, OW: 100, KH: 1 + p.rng.IntN(9), KW: 1 + p.rng.IntN(9), SH: 1, SW: 1 + p.rng.IntN(2)}, mean)
			})
		})
	}
}

func (p *pen) phasesBytes(from, alike bool) {
	r := p.rng
	q := PhasesBytes{C: 1 + r.IntN(3), H: 1 + r.IntN(30), W: 1 + r.IntN(80), PH: 1 + r.IntN(30), PW: 1 + r.IntN(90), SH: 1 + r.IntN(3), SW: 1 + r.IntN(3), PadTop: r.IntN(4), PadLeft: r.IntN(6) - 2}
	if alike {
		q.C, q.H, q.W = 1+r.IntN(20), 1+r.IntN(12), 1+r.IntN(12)
	}
	if r.IntN(12) == 0 {
		q.PadLeft = r.IntN(100)
	}
	q.Residues = allResidues(q.SH, q.SW)
	n := q.C * len(q.Residues)
	mem, tab := p.planesOfBytes(herd{c: q.C, n: q.H * q.W, before: SlackBytes, after: SlackBytes}, herd{c: n, n: q.PH * q.PW, after: SlackBytes})
	if alike { // planes as many bytes apart, by one order or the other
		pitch := q.PH*q.PW + SlackBytes + r.IntN(9)
		mem, tab = p.planesOfBytes(herd{c: q.C, n: q.H * q.W, before: SlackBytes, after: SlackBytes}, herd{c: 1, n: n * pitch, after: SlackBytes})
		byResidue := r.IntN(2) == 0
		for i := 1; i < n; i++ {
			at := i
			if byResidue {
				at = i%len(q.Residues)*q.C + i/len(q.Residues)
			}
			tab[1] = append(tab[1], tab[1][0]+int32(at*pitch))
		}
	}
	q.Mem, q.Src, q.Dst, q.Fill = mem, tab[0], p.ints(tab[1]), p.zeros(q.C)
	if from {
		q.From, q.Src = p.bytes(q.C*q.H*q.W), nil
		randomBytes(r, q.From)
		p.constantBytes("From", q.From)
		for c := range q.C {
			q.Src = append(q.Src, int32(c*q.H*q.W))
		}
	}
	dst := slices.Clone(tab[1])
	if n > 1 { // one is left out
		i := r.IntN(n)
		q.Dst[i], dst = -1, slices.Delete(dst, i, i+1)
	}
	what := fmt.Sprintf("from %v, alike %v, %d planes of %dx%d to %dx%d, strides %d %d, pads %d %d", from, alike, q.C, q.H, q.W, q.PH, q.PW, q.SH, q.SW, q.PadTop, q.PadLeft)
	c := &byteTrial{pen: p, what: what, mem: mem, dst: dst, n: q.PH * q.PW, all: q.PH*q.PW + SlackBytes}
	c.run(func(s *Set) {
		if err := q.Check(); err != nil {
			p.t.Fatal(err)
		}
		s.PhasesBytes(&q)
	})
}

func TestPhasesBytes(t *testing.T) {
	for _, from := range []bool{false, true} {
		t.Run(fmt.Sprintf("from %v", from), func(t *testing.T) {
			byteCases(t, 300, func(p *pen) { p.phasesBytes(from, false) })
			byteCases(t, 200, func(p *pen) { p.phasesBytes(from, true) })
		})
	}
}

// BenchmarkPhasesBytes reports pixels a nanosecond, of the best call: planes with a border.
func BenchmarkPhasesBytes(b *testing.B) {
	for _, s := range []struct{ c, size, stride int }{{512, 7, 1}, {256, 14, 1}, {64, 56, 1}, {256, 14, 2}} {
		b.Run(fmt.Sprintf("%dx%dx%d/s%d", s.c, s.size, s.size, s.stride), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				q := &PhasesBytes{C: s.c, H: s.size, W: s.size, PH: s.size/s.stride + 2, PW: s.size / s.stride, SH: s.stride, SW: s.stride, Residues: []Residue{{}}, PadTop: 1, Fill: make([]uint8, s.c)}
				in, out := Pitch(s.size*s.size, 1), Pitch(q.PH*q.PW, 1)
				q.Mem = make([]byte, 2*SlackBytes+s.c*(in+out))
				for c := range s.c {
					q.Src, q.Dst = append(q.Src, int32(SlackBytes+c*in)), append(q.Dst, int32(SlackBytes+s.c*in+c*out))
				}
				reportBest(b, s.c*q.PH*q.PW, "pixels/ns", func() { set.PhasesBytes(q) })
			})
		})
	}
}
