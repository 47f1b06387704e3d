//go:build !purego

package kernel

import asm "github.com/riffle-ml/riffle/asm/avx2"

// A QGEMM goes over strips of 16 pixels. Of each it interleaves the planes, two at a time
// as int16, into a panel, and computes all output channels from that.

// pairStrip is how many pixels a strip has.
const pairStrip = 16

func pairPanel(k int) int { return (k + 1) / 2 * 4 * pairStrip }

func pairWork(g *QGEMM) int { return pairPanel(g.K) + 64 }

func pairQGEMMLen(m, k int) int { return qBlocksLen(m, k, 2, 2) }

func pairQGEMMPack(dst []byte, w []int8, m, k int) {
	qBlocks(dst, w, m, k, 2, 2, func(dst []byte, v int8) { dst[0], dst[1] = byte(v), byte(v>>7) })
}

func avx2QGEMM(g *QGEMM) {
	panel := aligned(&g.Work, pairPanel(g.K))
	for p := 0; p < g.N; p += pairStrip {
		avx2Pairs(g, panel, p)
		avx2Rows(g, panel, p)
	}
}

// avx2Pairs interleaves the strip of pixels from p on.
func avx2Pairs(g *QGEMM, panel []byte, p int) {
	pairs := g.K / 2
	if pairs > 0 {
		asm.QPairs(&panel[0], &g.Mem[0], &g.B[0], pairs, g.BOff+p)
	}
	if g.K%2 > 0 {
		last := lastPlanes(g.B[2*pairs:], 2)
		asm.QPairs(&panel[pairs*4*pairStrip], &g.Mem[0], &last[0], 1, g.BOff+p)
	}
}

// avx2Rows computes the strip of pixels from p on.
func avx2Rows(g *QGEMM, panel []byte, p int) {
	q, steps, n := g.words(), (g.K+1)/2, g.N-p
	tail := &stripMask[max(0, pairStrip-n)]
	block := max(qRows, callBytes/2/(g.K*pairStrip)/qRows*qRows)
	for m0 := 0; m0 < g.M; m0 += block {
		m, b, a, mem, c := min(block, g.M-m0), &panel[0], &g.A[m0*4*steps], &g.Mem[0], &g.C[m0]
		bias, mult, coff, roff := &g.Bias[m0], &g.Mult[m0], g.COff+p, g.ROff+p
		if n == 1 && g.R == nil && g.Floats == nil {
			asm.QColumn1(b, a, mem, c, bias, mult, m, steps, coff, &q[0])
			continue
		}
		r, rzero, rmult, floats := g.optional(m0)
		if n <= pairStrip/2 {
			asm.QGEMM8(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, tail, &q[0])
		} else {
			asm.QGEMM16(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, tail, &q[0])
		}
	}
}

// stripMask[16-n:] begins with n times -1: it keeps the first n pixels of a strip.
var stripMask = [32]int32{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}
