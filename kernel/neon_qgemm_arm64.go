//go:build !purego

package kernel

import asm "github.com/riffle-ml/riffle/asm/neon"

// A QGEMM goes over strips of 16 pixels. Of each it interleaves the planes into a panel,
// two or four at a time, and computes all output channels from that. The instructions
// take signed bytes alone: see [putSum].

// signedStrip is how many pixels a strip has.
const signedStrip = 16

// signedGEMM is the driver for units that multiply so many steps of depth at once: two,
// or four with the dot product.
type signedGEMM int

const (
	neonPairs signedGEMM = 2
	neonQuads signedGEMM = 4
)

// replace makes the driver s's.
func (u signedGEMM) replace(s *Set, unit string) {
	s.QRows, s.QPixels = qRows, signedStrip
	s.qgemm, s.qgemmLen, s.qgemmPack = own(u.run, always[QGEMM](unit)), u.length, u.pack
	s.qgemm.work = u.work
}

func (u signedGEMM) steps(k int) int { return (k + int(u) - 1) / int(u) }

func (u signedGEMM) panel(k int) int { return u.steps(k) * int(u) * signedStrip }

// work has room to begin at a multiple of 64 bytes.
func (u signedGEMM) work(g *QGEMM) int { return u.panel(g.K) + 64 }

// length and pack are qBlocks', with 4 bytes for each row before a block's weights.
func (u signedGEMM) length(m, k int) int {
	return qBlocksLen(m, k, int(u), 1) + 4*(m/qRows*qRows+roundUp8(m%qRows))
}

func (u signedGEMM) pack(dst []byte, w []int8, m, k int) {
	for m0 := 0; m0 < m; m0 += qRows {
		rows := min(qRows, m-m0)
		block := dst[u.length(m0, k):u.length(m0+rows, k)]
		for r := range roundUp8(rows) {
			var row []int8
			if r < rows {
				row = w[(m0+r)*k:][:k]
			}
			putSum(block[4*r:], row)
		}
		qBlocks(block[4*roundUp8(rows):], w[m0*k:], rows, k, int(u), 1, func(dst []byte, v int8) { dst[0] = byte(v) })
	}
}

func (u signedGEMM) run(g *QGEMM) {
	panel := aligned(&g.Work, u.panel(g.K))
	for p := 0; p < g.N; p += signedStrip {
		whole := g.K / int(u)
		if whole > 0 {
			u.interleave(g, panel, &g.B[0], whole, p)
		}
		if g.K%int(u) > 0 {
			last := lastPlanes(g.B[whole*int(u):], int(u))
			u.interleave(g, panel[whole*int(u)*signedStrip:], &last[0], 1, p)
		}
		u.rows(g, panel, p)
	}
}

// interleave makes so many steps of the panel for the strip of pixels from p on.
func (u signedGEMM) interleave(g *QGEMM, panel []byte, b *int32, steps, p int) {
	if u == neonQuads {
		asm.QQuads(&panel[0], &g.Mem[0], b, steps, g.BOff+p)
	} else {
		asm.QPairs(&panel[0], &g.Mem[0], b, steps, g.BOff+p)
	}
}

// rows computes the strip of pixels from p on.
func (u signedGEMM) rows(g *QGEMM, panel []byte, p int) {
	q, steps, n := g.words(), u.steps(g.K), g.N-p
	most := callBytes / 16 * int(u) // such cores multiply a quarter as fast, and an eighth without the dot product
	block := max(qRows, most/(g.K*signedStrip)/qRows*qRows)
	for m0 := 0; m0 < g.M; m0 += block {
		m, b, a, mem, c := min(block, g.M-m0), &panel[0], &g.A[u.length(m0, g.K)], &g.Mem[0], &g.C[m0]
		bias, mult, coff, roff := &g.Bias[m0], &g.Mult[m0], g.COff+p, g.ROff+p
		r, rzero, rmult, floats := g.optional(m0)
		switch {
		case u == neonQuads && n <= 4:
			asm.QGEMM4Dot(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, n, &q[0])
		case u == neonQuads && n <= 8:
			asm.QGEMM8Dot(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, n, &q[0])
		case u == neonQuads:
			asm.QGEMM16Dot(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, n, &q[0])
		case n <= 4:
			asm.QGEMM4(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, n, &q[0])
		case n <= 8:
			asm.QGEMM8(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, n, &q[0])
		default:
			asm.QGEMM16(b, a, mem, c, bias, mult, r, rzero, rmult, floats, m, steps, coff, roff, n, &q[0])
		}
	}
}

// neonProducts gives s the kernels of quantized planes. Those that multiply by weights have
// one form for processors with the dot product, FEAT_DotProd, and one for those without:
// the sums are the same. The reference keeps what it keeps on AVX2:
//   - phases, and maxima of windows, whose stride across is above 2;
//   - a Linear with rows shorter than 16 or longer than [qlinearMost];
//   - windows that are mostly padding, or far apart.
//
// A gather is Go's copy.
func neonProducts(s *Set, dot bool) {
	quantizedPlanes(s)
	s.qtable = own(neonQTable, always[QTable]("qtable_neon"))
	s.qlinear = own(func(l *QLinear) { simdQLinear(l, dot) }, simdQLinearUnit)
	if dot {
		neonQuads.replace(s, "qgemm_neondot")
		neonQuadTaps.replace(s)
		s.qpeak = func() int { return asm.QPeakDot(1 << 13) }
		return
	}
	neonPairs.replace(s, "qgemm_neon")
	neonPairTaps.replace(s)
	s.qpeak = func() int { return asm.QPeak(1 << 12) }
}

var (
	neonPairTaps = &qtapUnits{set: "neon", depth: 2, block: 32, pixel: 2, signed: true, phases: &qphaseUnits, interleave: asm.QInterleave, taps: asm.QTaps}
	neonQuadTaps = &qtapUnits{set: "neondot", depth: 4, block: 32, pixel: 4, signed: true, phases: &qphaseUnits, interleave: asm.QInterleaveDot, taps: asm.QTapsDot}
)
