//go:build !purego

package kernel

import asm "github.com/riffle-ml/riffle/asm/avx2"

// avx2GEMM goes over all strips with a block of rows, then with the next block.
func avx2GEMM(g *GEMM) {
	six := g.Tile == Tile{6, 16}
	if !six && g.Tile != (Tile{4, 24}) {
		refGEMM(g)
		return
	}
	if strips := len(g.Panel) / (g.K * g.Tile.Cols); strips > 0 {
		avx2PanelGEMM(g, strips)
		return
	}
	block := g.block()
	act, lo, hi := g.Act.arguments()
	for m0 := 0; m0 < g.M; m0 += block {
		m := min(block, g.M-m0)
		r, bias, scale := g.pointers(m0)
		mem, a, b, c := &g.Mem[0], &g.A[m0*g.K], &g.B[0], &g.C[m0]
		boff, coff, roff := 4*g.BOff, 4*g.COff, 4*g.ROff
		vecs, column := (g.N+7)/8, false
		if g.N%8 == 1 && !six {
			vecs, column = g.N/8, true
		}
		for vecs > 0 {
			var v int
			if six {
				if v = min(vecs, 2); v == 2 {
					asm.GEMM6x16(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				} else {
					asm.GEMM6x8(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				}
			} else {
				switch v = avx2Strip(vecs); v {
				case 3:
					asm.GEMM4x24(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				case 2:
					asm.GEMM4x16(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				default:
					asm.GEMM4x8(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
				}
			}
			vecs -= v
			boff, coff, roff = boff+32*v, coff+32*v, roff+32*v
		}
		if column {
			asm.GEMM4x1(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, act, lo, hi)
		}
	}
}

// avx2Strip says how wide the next strip of the tile 4x24 is for the vectors of
// pixels that are left. Three is the fastest width and one the slowest, and so four
// are 2+2 and not 3+1.
func avx2Strip(vecs int) int {
	switch vecs {
	case 1, 2:
		return vecs
	case 4:
		return 2
	}
	return 3
}
