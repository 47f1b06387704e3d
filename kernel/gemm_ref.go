package kernel

import "fmt"

// Check tells where g breaks the contract, or returns nil.
func (g *GEMM) Check() error {
	const name = "gemm"
	if err := positive(name, "M", g.M, "K", g.K, "N", g.N); err != nil {
		return err
	}
	if g.Tile.Rows < 1 || g.Tile.Cols < 1 {
		return fmt.Errorf("%s: a tile of %v, wanted one of the set's", name, g.Tile)
	}
	if want := PackedLen(g.Tile, g.M, g.K); len(g.A) != want {
		return fmt.Errorf("%s: A has %d values, wanted %d", name, len(g.A), want)
	}
	if g.Factors != nil && len(g.Factors) != g.K {
		return fmt.Errorf("%s: Factors has %d values, wanted %d", name, len(g.Factors), g.K)
	}
	return g.checkPlanes(name)
}

// checkPlanes is Check for the planes and the epilogue of the kernel called name.
func (g *GEMM) checkPlanes(name string) error {
	if err := g.Epilogue.check(name, g.M, taking{bias: true, residual: true}); err != nil {
		return err
	}
	after := roundUp8(g.N) - g.N
	b, err := planes{"B", g.B, g.N, 0, after}.moved(name, len(g.Mem), g.BOff, g.K)
	if err != nil {
		return err
	}
	c, err := planes{"C", g.C, g.N, 0, after}.moved(name, len(g.Mem), g.COff, g.M)
	if err != nil {
		return err
	}
	if err := disjoint(name, c, b); err != nil || g.R == nil {
		return err
	}
	r, err := planes{"R", g.R, g.N, 0, after}.moved(name, len(g.Mem), g.ROff, g.M)
	if err != nil {
		return err
	}
	return inPlace(name, c, r)
}

// refStrip is how many pixels the reference works on at a time: four rows of
// sums and one of pixels stay in L1.
const refStrip = 256

// refGEMM is the reference: the contract's loops, four output channels and a
// strip of pixels at a time so that pixels are read once for four sums.
func refGEMM(g *GEMM) {
	var sum [4][refStrip]float32
	var scaled [refStrip]float32
	rows := g.Tile.Rows
	for m0 := 0; m0 < g.M; m0 += rows {
		packed := min(rows, g.M-m0) // rows of this packed tile
		a := g.A[m0*g.K : (m0+packed)*g.K]
		for r0 := 0; r0 < packed; r0 += 4 {
			r := min(4, packed-r0)
			for p0 := 0; p0 < g.N; p0 += refStrip {
				n := min(refStrip, g.N-p0)
				for i := range r {
					fill(sum[i][:n], g.bias(m0+r0+i))
				}
				for k := range g.K {
					off := int(g.B[k]) + g.BOff + p0
					b := g.Mem[off : off+n]
					if g.Factors != nil {
						Multiply.one(scaled[:n], b, g.Factors[k])
						b = scaled[:n]
					}
					w := a[k*packed+r0:][:r]
					if r == 4 {
						axpy4(&sum, b, w[0], w[1], w[2], w[3])
						continue
					}
					for i, wi := range w {
						s := sum[i][:len(b)]
						for p, v := range b {
							s[p] += float32(wi * v)
						}
					}
				}
				for i := range r {
					g.finish(sum[i][:n], m0+r0+i, p0)
				}
			}
		}
	}
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

// axpy4 adds b, four times weighted, to four sums.
func axpy4(sum *[4][refStrip]float32, b []float32, w0, w1, w2, w3 float32) {
	s0, s1, s2, s3 := sum[0][:len(b)], sum[1][:len(b)], sum[2][:len(b)], sum[3][:len(b)]
	for p, v := range b {
		s0[p] += float32(w0 * v)
		s1[p] += float32(w1 * v)
		s2[p] += float32(w2 * v)
		s3[p] += float32(w3 * v)
	}
}

// finish adds the residual to row m's sums, applies the activation and stores them at pixel p0.
func (g *GEMM) finish(s []float32, m, p0 int) {
	if g.R != nil {
		off := int(g.R[m]) + g.ROff + p0
		r := g.Mem[off : off+len(s)]
		if g.Scale == nil {
			for p, v := range r {
				s[p] += v
			}
		} else {
			scale := g.Scale[m]
			for p, v := range r {
				s[p] += float32(scale * v)
			}
		}
	}
	g.Act.apply(s)
	copy(g.Mem[int(g.C[m])+g.COff+p0:], s)
}
