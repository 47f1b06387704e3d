//go:build !purego

package kernel

import asm "github.com/riffle-ml/riffle/asm/avx512"

// vnni replaces the quantized kernels for which VPDPBUSD is what they want.
func vnni(s *Set) {
	s.QRows, s.QPixels = qRows, qStrip
	s.qgemm, s.qgemmLen, s.qgemmPack = own(avx512QGEMM, always[QGEMM]("qgemm_avx512vnni")), vnniQGEMMLen, vnniQGEMMPack
	s.qgemm.work = vnniWork
	vnniQTaps.replace(s)
	s.qdepthwise.run, s.qdepthwise.unit, s.qdepthwise.work = vnniQDepthwise, vnniQDepthwiseUnit, vnniQDepthwiseWork
	s.qdepthwiseLen, s.qdepthwisePack = vnniQDepthwiseLen, vnniQDepthwisePack
	s.qpeak = func() int { return asm.QPeak(1 << 13) }
}

var vnniQTaps = &qtapUnits{set: "avx512vnni", depth: 4, block: 64, pixel: 4, phases: &qphaseUnits, interleave: asm.QInterleave, taps: asm.QTaps}

// A QGEMM goes over strips of at most 64 pixels. Of each it interleaves the planes, four
// at a time, into a panel, and computes all output channels from that.

// qStrip is the widest strip, in pixels.
const qStrip = 64

func vnniPanel(k int) int { return (k + 3) / 4 * 4 * qStrip }

// vnniWork has room to begin at a multiple of 64 bytes.
func vnniWork(g *QGEMM) int { return vnniPanel(g.K) + 64 }

func vnniQGEMMLen(m, k int) int { return qBlocksLen(m, k, 4, 1) }

func vnniQGEMMPack(dst []byte, w []int8, m, k int) {
	qBlocks(dst, w, m, k, 4, 1, func(dst []byte, v int8) { dst[0] = byte(v) })
}

func avx512QGEMM(g *QGEMM) {
	panel := aligned(&g.Work, vnniPanel(g.K))
	for p := 0; p < g.N; {
		if n := g.N - p; n <= 4 && g.R == nil && g.Floats == nil {
			vnniPack(g, panel, 1, p)
			vnniColumn(g, panel, n, p)
			return
		}
		vecs := g.vnniStrip(g.N - p)
		vnniPack(g, panel, vecs, p)
		vnniRows(g, panel, vecs, p)
		p += 16 * vecs
	}
}

// vnniStrip says how many vectors of 16 pixels the next strip has, if so many pixels are
// left.
func (g *QGEMM) vnniStrip(left int) int {
	vecs := (left + 15) / 16
	if g.R == nil && g.Floats == nil && left > 16 && (left-1)%16 < 4 {
		vecs = left / 16 // and then columns
	}
	if vecs == 5 {
		return 3
	}
	return min(vecs, 4)
}

// vnniColumn computes the last n pixels, which are from p on: at most 4.
func vnniColumn(g *QGEMM, panel []byte, n, p int) {
	q, quads := g.words(), (g.K+3)/4
	block := max(qRows, callBytes/(g.K*4)/qRows*qRows)
	for m0 := 0; m0 < g.M; m0 += block {
		m, b, a, mem, c := min(block, g.M-m0), &panel[0], &g.A[m0*4*quads], &g.Mem[0], &g.C[m0]
		if n == 1 {
			asm.QColumn1(b, a, mem, c, &g.Bias[m0], &g.Mult[m0], m, quads, g.COff+p, &q[0])
		} else {
			asm.QColumn4(b, a, mem, c, &g.Bias[m0], &g.Mult[m0], m, quads, g.COff+p, &q[0])
		}
	}
}

// vnniPack interleaves the strip of pixels from p on.
func vnniPack(g *QGEMM, panel []byte, vecs, p int) {
	quads := g.K / 4
	if quads > 0 {
		vnniQuads(&panel[0], g, &g.B[0], quads, vecs, p)
	}
	if g.K%4 > 0 {
		last := lastPlanes(g.B[4*quads:], 4)
		vnniQuads(&panel[quads*64*vecs], g, &last[0], 1, vecs, p)
	}
}

func vnniQuads(panel *byte, g *QGEMM, b *int32, quads, vecs, p int) {
	switch vecs {
	case 1:
		asm.QPack16(panel, &g.Mem[0], b, quads, g.BOff+p)
	case 2:
		asm.QPack32(panel, &g.Mem[0], b, quads, g.BOff+p)
	case 3:
		asm.QPack48(panel, &g.Mem[0], b, quads, g.BOff+p)
	default:
		asm.QPack64(panel, &g.Mem[0], b, quads, g.BOff+p)
	}
}

// vnniRows computes the strip of pixels from p on.
func vnniRows(g *QGEMM, panel []byte, vecs, p int) {
	q, quads := g.words(), (g.K+3)/4
	tail := ^uint64(0) >> (64 - min(16*vecs, g.N-p))
	block := max(qRows, callBytes/(g.K*16*vecs)/qRows*qRows)
	for m0 := 0; m0 < g.M; m0 += block {
		m, b, a, mem, c := min(block, g.M-m0), &panel[0], &g.A[m0*4*quads], &g.Mem[0], &g.C[m0]
		bias, mult, coff, roff := &g.Bias[m0], &g.Mult[m0], g.COff+p, g.ROff+p
		r, rzero, rmult, floats := g.optional(m0)
		switch vecs {
		case 1:
			asm.QGEMM16(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, quads, coff, roff, tail, &q[0])
		case 2:
			asm.QGEMM32(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, quads, coff, roff, tail, &q[0])
		case 3:
			asm.QGEMM48(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, quads, coff, roff, tail, &q[0])
		default:
			asm.QGEMM64(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, quads, coff, roff, tail, &q[0])
		}
	}
}
