package kernel

// refHalfGEMM is the reference: it emulates binary16 in float64, a tile of output
// channels and a strip of pixels at a time.
func refHalfGEMM(g *HalfGEMM) {
	var x [refStrip]float64
	var block [HalfRows][refStrip]float64
	var sum [HalfRows][refStrip]float32
	for m0 := 0; m0 < g.M; m0 += HalfRows {
		rows := min(HalfRows, g.M-m0)
		a := g.A[m0*g.K:][:HalfRows*g.K]
		for p0 := 0; p0 < g.N; p0 += refStrip {
			n := min(refStrip, g.N-p0)
			for i := range rows {
				fill(sum[i][:n], 0)
			}
			for k := range g.K {
				for p, v := range g.Mem[int(g.B[k])+g.BOff+p0:][:n] {
					x[p] = roundHalf(float64(v))
				}
				last := k%HalfBlock == HalfBlock-1 || k == g.K-1
				for i := range rows {
					step := block[i][:n]
					addHalves(step, x[:n], halfValue(a[k*HalfRows+i]), k%HalfBlock == 0)
					if last {
						for p, v := range step {
							sum[i][p] += float32(v)
						}
					}
				}
			}
			for i := range rows {
				g.finish(sum[i][:n], m0+i, p0)
			}
		}
	}
}

// addHalves adds w*x to block, or if first says so makes it that.
func addHalves(block, x []float64, w float64, first bool) {
	block = block[:len(x)]
	if first {
		for p, v := range x {
			block[p] = roundHalf(w * v)
		}
		return
	}
	for p, v := range x {
		block[p] = roundHalf(w*v + block[p])
	}
}

// finish makes outputs of row m's sums and stores them from pixel p0 on.
func (g *HalfGEMM) finish(s []float32, m, p0 int) {
	bias, by := g.bias(m), g.Scales[m]
	for p, v := range s {
		s[p] = float32(by*v) + bias
	}
	if g.R != nil {
		scale := float32(1)
		if g.Scale != nil {
			scale = g.Scale[m]
		}
		for p, v := range g.Mem[int(g.R[m])+g.ROff+p0:][:len(s)] {
			s[p] = fma(scale, v, s[p])
		}
	}
	g.Act.apply(s)
	copy(g.Mem[int(g.C[m])+g.COff+p0:], s)
}
