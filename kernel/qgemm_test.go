package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// qgemm is a random call of those sizes.
func (p *pen) qgemm(m, k, n int) {
	distinct := 1 + p.rng.IntN(k)
	mem, tab := p.planesOfBytes(herd{c: distinct, n: n, after: SlackBytes}, herd{c: m, n: n, after: max(SlackBytes, roundUp(n, 16)-n)}, herd{c: m, n: n, after: SlackBytes})
	shifted := func(t []int32, off int) []int32 {
		s := p.ints(t)
		for i := range s {
			s[i] -= int32(off)
		}
		p.constantInts("a table", s)
		return s
	}
	rows := make([]int32, k)
	for i := range rows {
		rows[i] = tab[0][p.rng.IntN(distinct)]
	}
	g := &QGEMM{Mem: mem, M: m, K: k, N: n, BOff: p.rng.IntN(99) - 50, COff: p.rng.IntN(99) - 50, Requant: randomRequant(p.rng)}
	g.B, g.C = shifted(rows, g.BOff), shifted(tab[1], g.COff)
	w := randomWeights(p.rng, m*k)
	g.Bias = int32s(p.floats(m))
	g.Mult = p.floats(m)
	for i := range m {
		bound := SumBound(0, w[i*k:][:k])
		g.Bias[i] = int32(p.rng.Int64N(bound+1) - bound/2)
		if p.rng.IntN(20) == 0 { // the largest sums
			g.Bias[i] = int32(MaxSum - bound)
		}
		g.Mult[i] = min(p.rng.Float32()*500/float32(bound+1), MaxScaled/2/float32(1+SumBound(g.Bias[i], w[i*k:][:k])))
	}
	p.constantInts("Bias", g.Bias)
	p.constant("Mult", g.Mult)
	in := p.rng.IntN(3)
	if in < 2 {
		g.ROff = p.rng.IntN(99) - 50
		g.R, g.RZero, g.RMult = shifted(tab[2], g.ROff), p.zeros(m), p.floats(m)
		if in == 1 {
			g.R, g.ROff = g.C, g.COff // in place
		}
		for i := range g.RMult {
			g.RMult[i] = p.rng.Float32()*4 - 1
		}
		p.constant("RMult", g.RMult)
	}
	c := &byteTrial{pen: p, what: fmt.Sprint([]any{m, k, n, in, g.Requant}), mem: mem, dst: tab[1], n: n, all: roundUp(n, 16)}
	if p.rng.IntN(4) == 0 { // an output of float32
		g.Floats, g.COff = p.floats(m*n), 7
		at := make([]int32, m)
		for i, v := range p.rng.Perm(m) {
			at[i] = int32(v*n - g.COff)
		}
		g.C, c.dst, c.floats = at, nil, g.Floats
		if in == 1 {
			g.R, g.ROff = tab[2], 0
		}
	}
	c.run(func(s *Set) {
		g.A = p.bytes(s.QGEMMLen(m, k))
		s.PackQGEMM(g.A, w, m, k)
		g.Work = p.bytes(s.WorkLen(g))
		if err := g.Check(); err != nil {
			p.t.Fatal(err)
		}
		s.QGEMM(g)
	})
}

func TestQGEMM(t *testing.T) {
	for m := 1; m <= 61; m += 1 + m/30 {
		t.Run(fmt.Sprint(m), func(t *testing.T) {
			byteCases(t, 60, func(p *pen) { p.qgemm(m, 1+p.rng.IntN(40), 1+p.rng.IntN(200)) })
		})
	}
	byteCases(t, 150, func(p *pen) { p.qgemm(1+p.rng.IntN(30), 1+p.rng.IntN(9), 1+p.rng.IntN(70)) })
	byteCases(t, 8, func(p *pen) { p.qgemm(1+p.rng.IntN(50), 1000+p.rng.IntN(500), 1+p.rng.IntN(70)) })
}

// TestQGEMMReference: the reference is what the contract says, by a loop in int64.
func TestQGEMMReference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	for range 200 {
		m, k, n := 1+rng.IntN(9), 1+rng.IntN(40), 1+rng.IntN(600)
		pitch := n + SlackBytes
		g := &QGEMM{Mem: make([]byte, (m+k)*pitch), M: m, K: k, N: n, A: make([]byte, m*k), Requant: randomRequant(rng)}
		randomBytes(rng, g.Mem)
		w := randomWeights(rng, m*k)
		generic.PackQGEMM(g.A, w, m, k)
		for i := range k {
			g.B = append(g.B, int32(i*pitch))
		}
		for i := range m {
			g.C = append(g.C, int32((k+i)*pitch))
			g.Bias = append(g.Bias, int32(rng.IntN(20000)-10000))
			g.Mult = append(g.Mult, rng.Float32()/1000)
		}
		if rng.IntN(2) == 0 {
			g.R = g.C
			for range m {
				g.RZero, g.RMult = append(g.RZero, byte(rng.Uint32())), append(g.RMult, rng.Float32()-0.5)
			}
		}
		before := append([]byte(nil), g.Mem...)
		generic.QGEMM(g)
		for i := range m {
			for p := range n {
				sum := int64(g.Bias[i])
				for j := range k {
					sum += int64(w[i*k+j]) * int64(before[j*pitch+p])
				}
				f := float32(float64(float32(sum)) * float64(g.Mult[i])) // the product of two float32 is exact in float64
				if g.R != nil {
					r := float32(float64(int(before[int(g.R[i])+p])-int(g.RZero[i])) * float64(g.RMult[i]))
					f = float32(float64(f) + float64(r))
				}
				if got, want := g.Mem[(k+i)*pitch+p], g.Requant.textbook(f); got != want {
					t.Fatalf("%dx%dx%d: row %d, pixel %d is %d, wanted %d", m, k, n, i, p, got, want)
				}
			}
		}
	}
}
