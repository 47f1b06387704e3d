//go:build !purego

package kernel

import asm "github.com/riffle-ml/riffle/asm/neon"

// neonGEMM goes over all strips with a block of rows, then with the next block.
func neonGEMM(g *GEMM) {
	six := g.Tile == Tile{6, 16}
	if !six && g.Tile != (Tile{4, 24}) {
		refGEMM(g)
		return
	}
	block := g.block()
	act, lo, hi := g.Act.arguments()
	for m0 := 0; m0 < g.M; m0 += block {
		m := min(block, g.M-m0)
		r, bias, scale := g.pointers(m0)
		mem, a, b, c := &g.Mem[0], &g.A[m0*g.K], &g.B[0], &g.C[m0]
		boff, coff, roff := 4*g.BOff, 4*g.COff, 4*g.ROff
		vecs, column := (g.N+3)/4, false
		if g.N%4 == 1 && !six {
			vecs, column = g.N/4, true
		}
		for vecs > 0 {
			var v int
			if six {
				switch v = min(vecs, 4); v {
				case 4:
					asm.GEMM6x16(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				case 3, 2:
					v = 2
					asm.GEMM6x8(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				default:
					asm.GEMM6x4(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				}
			} else {
				switch v = neonStrip(vecs); v {
				case 6:
					asm.GEMM4x24(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				case 4:
					asm.GEMM4x16(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				case 3:
					asm.GEMM4x12(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				case 2:
					asm.GEMM4x8(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				default:
					asm.GEMM4x4(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				}
			}
			vecs -= v
			boff, coff, roff = boff+16*v, coff+16*v, roff+16*v
		}
		if column {
			asm.GEMM4x1(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
		}
	}
}

// neonStrip says how wide the next strip of the tile 4x24 is for the vectors of
// four pixels that are left: six, which read the weights the fewest times, or else
// two strips of about the same width.
func neonStrip(vecs int) int {
	switch vecs {
	case 5:
		return 3
	case 7, 8:
		return 4
	}
	return min(vecs, 6)
}
