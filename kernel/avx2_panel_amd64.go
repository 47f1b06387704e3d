//go:build !purego

package kernel

import asm "github.com/riffle-ml/riffle/asm/avx2"

// A strip of rows that lie in planes is read once for each tile of output channels:
// each time from as many pages of memory as there are rows, and, where they exceed
// L1, from L2 or further away. A panel is a copy of the strip in which the rows follow
// one another.

// Measured on Zen 4, 118 GFLOP/s at most, without a panel and with one: 64 channels of
// depth 576 and 3136 pixels 83 and 93, 128 of 1152 and 784 pixels 67 and 107, 512 of 2048
// and 49 pixels 100 and 108, 512 of 4608 and 49 pixels 60 and 81. Below these bounds both
// are alike, or the copy costs more than it saves.
const (
	panelRows  = 64      // fewest output channels
	panelDepth = 128     // least depth
	panelFrom  = 8 << 10 // fewest elements of B: an L1 of 32 KiB

	panelMost = 128 << 10 // elements of a panel: half an L2 of 1 MiB,
	panelAll  = 256 << 10 // or all of it where there are
	manyOf    = 1 << 20   // more weights than L2 holds four times: they come from further away
)

// avx2PanelLen is a strip's length, or several strips' where the weights are many: they
// are then read once for all of those strips.
func avx2PanelLen(m, k, n int) int {
	tile := avx2Tile(m, n)
	strip, most := k*tile.Cols, panelMost
	if m < panelRows || k < panelDepth || k*n < panelFrom || strip > panelMost {
		return 0
	}
	if m*k <= blockWeights {
		return strip
	}
	if m*k >= manyOf {
		most = panelAll
	}
	return strip * min(most/strip, (n+tile.Cols-1)/tile.Cols)
}

// avx2PanelGEMM is avx2GEMM with a panel for so many strips: it packs these, computes
// all output channels of them, and goes on with the next strips.
func avx2PanelGEMM(g *GEMM, strips int) {
	six := g.Tile.Rows == 6
	vecs, done, column := (g.N+7)/8, 0, false
	if g.N%8 == 1 && !six {
		vecs, column = g.N/8, true
	}
	if column && g.Factors != nil {
		avx2PackColumn(g)
	}
	for begun := false; !begun || done < vecs; begun = true {
		from := done
		for i := range strips {
			if done == vecs {
				break
			}
			v := avx2Width(six, vecs-done)
			avx2Pack(g, i, v, done)
			done += v
		}
		avx2PanelStrips(g, from, done, vecs, column && done == vecs)
	}
}

// avx2Width is how many vectors the next strip has, if so many are left.
func avx2Width(six bool, left int) int {
	if six {
		return min(left, 2)
	}
	return avx2Strip(left)
}

// avx2Pack copies the vectors of pixels from to from+v into strip i of the panel.
func avx2Pack(g *GEMM, i, v, from int) {
	to, off := &g.Panel[i*g.K*g.Tile.Cols], 4*g.BOff+32*from
	if g.Factors != nil {
		avx2PackScaled(g, to, v, off)
		return
	}
	switch v {
	case 3:
		asm.Pack24(to, &g.Mem[0], &g.B[0], g.K, off)
	case 2:
		asm.Pack16(to, &g.Mem[0], &g.B[0], g.K, off)
	default:
		asm.Pack8(to, &g.Mem[0], &g.B[0], g.K, off)
	}
}

// avx2PanelStrips computes the vectors of pixels [from, to), which are packed, of vecs
// in all, and the pixel behind them if column says so.
func avx2PanelStrips(g *GEMM, from, to, vecs int, column bool) {
	six := g.Tile.Rows == 6
	block := g.block()
	act, lo, hi := g.Act.arguments()
	for m0 := 0; m0 < g.M; m0 += block {
		m := min(block, g.M-m0)
		r, bias, scale := g.pointers(m0)
		mem, a, c := &g.Mem[0], &g.A[m0*g.K], &g.C[m0]
		at := 0
		for p := from; p < to; {
			b, coff, roff := &g.Panel[at], 4*g.COff+32*p, 4*g.ROff+32*p
			v := avx2Width(six, vecs-p)
			switch {
			case six && v == 2:
				asm.Panel6x16(mem, a, b, c, r, bias, scale, m, g.K, coff, roff, act, lo, hi)
			case six:
				asm.Panel6x8(mem, a, b, c, r, bias, scale, m, g.K, coff, roff, act, lo, hi)
			case v == 3:
				asm.Panel4x24(mem, a, b, c, r, bias, scale, m, g.K, coff, roff, act, lo, hi)
			case v == 2:
				asm.Panel4x16(mem, a, b, c, r, bias, scale, m, g.K, coff, roff, act, lo, hi)
			default:
				asm.Panel4x8(mem, a, b, c, r, bias, scale, m, g.K, coff, roff, act, lo, hi)
			}
			p += v
			at += g.K * g.Tile.Cols
		}
		if column {
			p := 4 * (g.N - 1)
			b, boff := &g.B[0], 4*g.BOff+p
			if g.Factors != nil {
				b, boff = avx2Column(g)
			}
			asm.GEMM4x1(mem, a, b, c, r, bias, scale, m, g.K, boff, 4*g.COff+p, 4*g.ROff+p, act, lo, hi)
		}
	}
}
