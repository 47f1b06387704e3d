//go:build !purego

package kernel

import (
	"math"

	"github.com/riffle-ml/riffle/asm"
)

const (
	// callWork bounds one call into assembly, in multiply-adds: a quarter of a
	// millisecond at 50 GFLOP/s. It cannot be preempted for that long.
	callWork = 6 << 20
	// blockWeights bounds the packed weights, in elements, that all strips go
	// over before the next weights are taken: half an L2 of 512 KiB. A layer with
	// more reads them once from further away, not once a strip. A call is then
	// far below callWork for any depth that a network has.
	blockWeights = 64 << 10
	// blockRows divides a block of more: no kernel's largest group of rows is cut.
	blockRows = 48
)

func avx2GEMM(g *GEMM) {
	rows := g.Tile.Rows()
	block := blockWeights / g.K
	if block >= blockRows {
		block = block / blockRows * blockRows
	} else {
		block = max(rows, block/rows*rows)
	}
	clamp := 0
	if clamps(g.Lo, g.Hi) {
		clamp = 1
		if g.Hi <= math.MaxFloat32 {
			clamp = 2
		}
	}
	var r *int32
	var scale *float32
	for m0 := 0; m0 < g.M; m0 += block {
		m := min(block, g.M-m0)
		if g.R != nil {
			if r = &g.R[m0]; g.Scale != nil {
				scale = &g.Scale[m0]
			}
		}
		mem, a, b, c, bias := &g.Mem[0], &g.A[m0*g.K], &g.B[0], &g.C[m0], &g.Bias[m0]
		boff, coff, roff := 4*g.BOff, 4*g.COff, 4*g.ROff
		vecs, column := (g.N+7)/8, false
		if g.N%8 == 1 && g.Tile == Tile4x24 {
			vecs, column = g.N/8, true
		}
		for vecs > 0 {
			var v int
			if g.Tile == Tile6x16 {
				if v = min(vecs, 2); v == 2 {
					asm.GEMM6x16(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, g.Lo, g.Hi)
				} else {
					asm.GEMM6x8(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, g.Lo, g.Hi)
				}
			} else {
				switch v = strips4(vecs); v {
				case 3:
					asm.GEMM4x24(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, g.Lo, g.Hi)
				case 2:
					asm.GEMM4x16(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, g.Lo, g.Hi)
				default:
					asm.GEMM4x8(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, g.Lo, g.Hi)
				}
			}
			vecs -= v
			boff, coff, roff = boff+32*v, coff+32*v, roff+32*v
		}
		if column {
			asm.GEMM4x1(mem, a, b, c, r, bias, scale, m, g.K, boff, coff, roff, clamp, g.Lo, g.Hi)
		}
	}
}
