//go:build (amd64 || arm64) && !purego

package kernel

import "github.com/riffle-ml/riffle/asm"

func simdPhases(p *Phases) {
	if p.SW > 2 {
		refPhases(p)
		return
	}
	for i, off := range p.Dst {
		if off >= 0 {
			c, py, px := i/(p.SH*p.SW), i/p.SW%p.SH, i%p.SW
			simdPhase(p, p.from()[p.Src[c]:], p.Mem[off:], py, px)
		}
	}
}

// simdPhase writes one plane. The rows above and below the source's are whole,
// so they are cleared at once; below comes last, over what vectors spill. Before
// it come rows whose last vector would reach beyond src's end.
func simdPhase(p *Phases, src, dst []float32, py, px int) {
	top, bottom := inside(p.PH, p.H, p.SH, py-p.PadTop)
	left, right := inside(p.PW, p.W, p.SW, px-p.PadLeft)
	if top >= bottom || left >= right {
		clear(dst[:p.PH*p.PW])
		return
	}
	clear(dst[:top*p.PW])
	first := func(y int) int { return (y*p.SH+py-p.PadTop)*p.W + left*p.SW + px - p.PadLeft }
	whole := bottom
	for whole > top && first(whole-1)+roundUp8(right-left)*p.SW > len(src) {
		whole--
	}
	most := max(1, callVectors/(p.PW/8+3))
	for y := top; y < whole; y += most {
		from := &src[first(y)]
		rows := min(most, whole-y)
		if p.SW == 1 {
			asm.PhaseRows1(&dst[y*p.PW], from, rows, left, right-left, p.PW-right, 4*p.SH*p.W)
		} else {
			asm.PhaseRows2(&dst[y*p.PW], from, rows, left, right-left, p.PW-right, 4*p.SH*p.W)
		}
	}
	for y := whole; y < bottom; y++ {
		p.row(dst[y*p.PW:][:p.PW], src, y*p.SH+py-p.PadTop, px)
	}
	clear(dst[bottom*p.PW : p.PH*p.PW])
}
