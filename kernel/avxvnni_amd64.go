//go:build !purego

package kernel

import (
	"github.com/klauspost/cpuid/v2"
	asm "github.com/riffle-ml/riffle/asm/avxvnni"
)

// avxvnni is avx2 with what VPDPBUSD with 256 bits does faster. That instruction has an
// encoding of its own in AVX-VNNI, which processors without AVX-512 have. Those with
// AVX-512 VNNI have it in AVX-512's encoding, and their set avx512 is mostly the better
// one: not where 512 bits slow the core down.
var avxvnni = avx2.with("avxvnni", func(s *Set) {
	s.lacks = avxvnniLacks
	s.QRows, s.QPixels = qRows, pairStrip
	s.qgemm, s.qgemmLen, s.qgemmPack = own(avxvnniQGEMM, always[QGEMM]("qgemm_avxvnni")), vnniQGEMMLen, vnniQGEMMPack
	s.qgemm.work = quadWork
	s.qpeak = func() int { return asm.QPeak(1 << 14) }
	taps := &qtapUnits{set: "avxvnni", depth: 4, block: 32, pixel: 4, phases: &qphaseUnits, interleave: asm.QInterleave, taps: asm.QTaps}
	if !vexVNNI {
		s.qpeak = func() int { return asm.QPeakVL(1 << 14) }
		taps.interleave, taps.taps = asm.QInterleaveVL, asm.QTapsVL
	}
	taps.replace(s)
})

// vexVNNI tells whether the processor has AVX-VNNI's encoding.
var vexVNNI = cpuid.CPU.Supports(cpuid.AVXVNNI)

func avxvnniLacks() (features []string) {
	features = avx2Lacks()
	if !vexVNNI && !cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512VL, cpuid.AVX512VNNI) {
		features = append(features, "AVXVNNI, and AVX512VNNI with AVX512VL")
	}
	return features
}

// A QGEMM goes over strips of 16 pixels, as avx2's does, of which it interleaves four
// planes at a time.

func quadPanel(k int) int { return (k + 3) / 4 * 4 * pairStrip }

func quadWork(g *QGEMM) int { return quadPanel(g.K) + 64 }

func avxvnniQGEMM(g *QGEMM) {
	panel := aligned(&g.Work, quadPanel(g.K))
	for p := 0; p < g.N; p += pairStrip {
		quadPlanes(g, panel, p)
		quadRows(g, panel, p)
	}
}

// quadPlanes interleaves the strip of pixels from p on.
func quadPlanes(g *QGEMM, panel []byte, p int) {
	quads := g.K / 4
	if quads > 0 {
		quadsOf(&panel[0], g, &g.B[0], quads, p)
	}
	if g.K%4 > 0 {
		last := lastPlanes(g.B[4*quads:], 4)
		quadsOf(&panel[quads*4*pairStrip], g, &last[0], 1, p)
	}
}

func quadsOf(panel *byte, g *QGEMM, b *int32, quads, p int) {
	if vexVNNI {
		asm.QQuads(panel, &g.Mem[0], b, quads, g.BOff+p)
	} else {
		asm.QQuadsVL(panel, &g.Mem[0], b, quads, g.BOff+p)
	}
}

// quadRows computes the strip of pixels from p on.
func quadRows(g *QGEMM, panel []byte, p int) {
	q, steps, n := g.words(), (g.K+3)/4, g.N-p
	tail := &stripMask[max(0, pairStrip-n)]
	block := max(qRows, callBytes/(g.K*pairStrip)/qRows*qRows)
	for m0 := 0; m0 < g.M; m0 += block {
		m, b, a, mem, c := min(block, g.M-m0), &panel[0], &g.A[m0*4*steps], &g.Mem[0], &g.C[m0]
		bias, mult, coff, roff := &g.Bias[m0], &g.Mult[m0], g.COff+p, g.ROff+p
		r, rzero, rmult, floats := g.optional(m0)
		column, narrow := n == 1 && g.R == nil && g.Floats == nil, n <= pairStrip/2
		switch {
		case vexVNNI && column:
			asm.QColumn1(b, a, mem, c, bias, mult, m, steps, coff, &q[0])
		case column:
			asm.QColumn1VL(b, a, mem, c, bias, mult, m, steps, coff, &q[0])
		case vexVNNI && narrow:
			asm.QGEMM8(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, tail, &q[0])
		case narrow:
			asm.QGEMM8VL(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, tail, &q[0])
		case vexVNNI:
			asm.QGEMM16(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, tail, &q[0])
		default:
			asm.QGEMM16VL(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, tail, &q[0])
		}
	}
}
