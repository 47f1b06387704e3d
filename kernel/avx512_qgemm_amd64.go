//go:build !purego

package kernel

import (
	"unsafe"

	asm "github.com/riffle-ml/riffle/asm/avx512"
)

// vnni replaces the quantized kernels for which VPDPBUSD is what they want.
func vnni(s *Set) {
	s.QRows, s.QPixels = qRows, qStrip
	s.qgemm, s.qgemmLen, s.qgemmPack = own(avx512QGEMM, always[QGEMM]("qgemm_avx512vnni")), vnniQGEMMLen, vnniQGEMMPack
	s.qgemm.work = vnniWork
	s.qpeak = func() int { return asm.QPeak(1 << 13) }
}

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

// aligned returns n bytes of work that begin at a multiple of 64. A buffer that is too
// short it replaces.
func aligned(work *[]byte, n int) []byte {
	if len(*work) < n+64 {
		*work = make([]byte, n+64)
	}
	at := -uintptr(unsafe.Pointer(unsafe.SliceData(*work))) & 63
	return (*work)[at:][:n]
}

func avx512QGEMM(g *QGEMM) {
	panel := aligned(&g.Work, vnniPanel(g.K))
	for p := 0; p < g.N; {
		vecs := vnniStrip((g.N - p + 15) / 16)
		vnniPack(g, panel, vecs, p)
		vnniRows(g, panel, vecs, p)
		p += 16 * vecs
	}
}

// vnniStrip says how many vectors of 16 pixels the next strip has, if so many are left.
func vnniStrip(left int) int {
	if left == 5 {
		return 3
	}
	return min(left, 4)
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

// callBytes bounds a call in multiply-adds of bytes, as [callWork] does.
const callBytes = 4 * callWork

// optional is what a unit takes of the residual, and of an output of float32, for the
// rows from m0 on.
func (g *QGEMM) optional(m0 int) (r *int32, rzero *uint8, rmult, floats *float32) {
	if g.R != nil {
		r, rzero, rmult = &g.R[m0], &g.RZero[m0], &g.RMult[m0]
	}
	if g.Floats != nil {
		floats = &g.Floats[0]
	}
	return r, rzero, rmult, floats
}
