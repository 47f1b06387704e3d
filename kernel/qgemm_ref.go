package kernel

import "fmt"

// Check tells where g breaks the contract, or returns nil. It does not know the weights,
// which are packed: [SumBound] has what it cannot check.
func (g *QGEMM) Check() error {
	const name = "qgemm"
	if err := positive(name, "M", g.M, "K", g.K, "N", g.N); err != nil {
		return err
	}
	if err := g.Requant.check(name); err != nil {
		return err
	}
	if len(g.Bias) != g.M {
		return fmt.Errorf("%s: Bias has %d values, wanted %d", name, len(g.Bias), g.M)
	}
	if err := checkMultipliers(name, "Mult", g.Mult, g.M, 1); err != nil {
		return err
	}
	b, err := planes{"B", g.B, g.N, 0, SlackBytes}.moved(name, len(g.Mem), g.BOff, g.K)
	if err != nil {
		return err
	}
	c, mem := planes{"C", g.C, g.N, 0, roundUp(g.N, 16) - g.N}, len(g.Mem)
	if g.Floats != nil {
		c.after, mem = 0, len(g.Floats)
	}
	if c, err = c.moved(name, mem, g.COff, g.M); err != nil {
		return err
	}
	if g.Floats != nil {
		b.table = nil
	}
	if err := disjoint(name, c, b); err != nil {
		return err
	}
	return g.checkResidual(name, c)
}

func (g *QGEMM) checkResidual(name string, c planes) error {
	if g.R == nil {
		if len(g.RZero) != 0 || len(g.RMult) != 0 || g.ROff != 0 {
			return fmt.Errorf("%s: RZero has %d values, RMult %d, ROff is %d, wanted none without R", name, len(g.RZero), len(g.RMult), g.ROff)
		}
		return nil
	}
	if len(g.RZero) != g.M {
		return fmt.Errorf("%s: RZero has %d values, wanted %d", name, len(g.RZero), g.M)
	}
	if err := checkMultipliers(name, "RMult", g.RMult, g.M, 255); err != nil {
		return err
	}
	r, err := planes{"R", g.R, g.N, 0, SlackBytes}.moved(name, len(g.Mem), g.ROff, g.M)
	if err != nil || g.Floats != nil {
		return err
	}
	return inPlace(name, c, r)
}

// refQGEMM is the reference. Its packed weights are row-major.
func refQGEMM(g *QGEMM) {
	var sum [refStrip]int32
	r := g.Requant.clamper()
	for m := range g.M {
		a := g.A[m*g.K:][:g.K]
		for p0 := 0; p0 < g.N; p0 += refStrip {
			s := sum[:min(refStrip, g.N-p0)]
			fill(s, g.Bias[m])
			k := 0
			for ; k+4 <= len(a); k += 4 { // four at a time take less than half as long
				axpyBytes4(s, g.refPlanes(k, p0), a[k:k+4])
			}
			for ; k < len(a); k++ {
				axpyBytes(s, g.refPlane(k, p0), int32(int8(a[k])))
			}
			g.finish(r, s, m, p0)
		}
	}
}

// refPlane is plane k of B from pixel p0 on.
func (g *QGEMM) refPlane(k, p0 int) []byte { return g.Mem[int(g.B[k])+g.BOff+p0:] }

// refPlanes is that plane and the three behind it.
func (g *QGEMM) refPlanes(k, p0 int) [4][]byte {
	return [4][]byte{g.refPlane(k, p0), g.refPlane(k+1, p0), g.refPlane(k+2, p0), g.refPlane(k+3, p0)}
}

// axpyBytes4 adds four planes, each times its weight.
func axpyBytes4(s []int32, x [4][]byte, w []byte) {
	w0, w1, w2, w3 := int32(int8(w[0])), int32(int8(w[1])), int32(int8(w[2])), int32(int8(w[3]))
	x0, x1, x2, x3 := x[0][:len(s)], x[1][:len(s)], x[2][:len(s)], x[3][:len(s)]
	for p, v := range s {
		s[p] = v + w0*int32(x0[p]) + w1*int32(x1[p]) + w2*int32(x2[p]) + w3*int32(x3[p])
	}
}

func axpyBytes(s []int32, x []byte, w int32) {
	x = x[:len(s)]
	for p, v := range x {
		s[p] += w * int32(v)
	}
}

// finish requantizes row m's sums and stores them at pixel p0.
func (g *QGEMM) finish(q clamper, s []int32, m, p0 int) {
	mult := g.Mult[m]
	var r []byte
	if g.R != nil {
		r = g.Mem[int(g.R[m])+g.ROff+p0:][:len(s)]
	}
	at := int(g.C[m]) + g.COff + p0
	for p, v := range s {
		f := float32(float32(v) * mult)
		if r != nil {
			f += scaled(r[p], g.RZero[m], g.RMult[m])
		}
		if g.Floats != nil {
			g.Floats[at+p] = f
		} else {
			g.Mem[at+p] = q.of(f)
		}
	}
}

func refQGEMMLen(m, k int) int { return m * k }

func refQGEMMPack(dst []byte, w []int8, m, k int) {
	for i, v := range w[:m*k] {
		dst[i] = byte(v)
	}
}
