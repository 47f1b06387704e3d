//go:build !purego

package kernel

import "github.com/riffle-ml/riffle/asm"

func avx2GEMM(g *GEMM) {
	block := g.block()
	clamp, lo, hi := g.Act.arguments()
	var r *int32
	var scale *float32
	for m0 := 0; m0 < g.M; m0 += block {
		m := min(block, g.M-m0)
		if g.R != nil {
			if r = &g.R[m0]; g.Scale != nil {
				scale = &g.Scale[m0]
			}
		}
		mem, a, b, c, bias := &g.Mem[0], &g.A[m0*g.K], &g.B[0], &g.C[m0], &zeros[0]
		if g.Bias != nil {
			bias = &g.Bias[m0]
		}
		boff, coff, roff := 4*g.BOff, 4*g.COff, 4*g.ROff
		vecs, column := (g.N+7)/8, false
		if g.N%8 == 1 && g.Tile.Rows == 4 {
			vecs, column = g.N/8, true
		}
		for vecs > 0 {
			var v int
			if g.Tile.Rows == 6 {
				if v = min(vecs, 2); v == 2 {
					asm.GEMM6x16(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, lo, hi)
				} else {
					asm.GEMM6x8(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, lo, hi)
				}
			} else {
				switch v = strips4(vecs); v {
				case 3:
					asm.GEMM4x24(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, lo, hi)
				case 2:
					asm.GEMM4x16(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, lo, hi)
				default:
					asm.GEMM4x8(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, lo, hi)
				}
			}
			vecs -= v
			boff, coff, roff = boff+32*v, coff+32*v, roff+32*v
		}
		if column {
			asm.GEMM4x1(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, lo, hi)
		}
	}
}
