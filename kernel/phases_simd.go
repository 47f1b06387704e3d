//go:build (amd64 || arm64) && !purego

package kernel

// phaseUnit is a unit of assembly that writes rows of left zeros, n pixels and
// right zeros, side by side. The rows of src lie step bytes apart.
type phaseUnit = func(dst, src *float32, rows, left, n, right, step int)

// phaseUnits is what the driver of Phases needs of a set: a unit for each distance
// between the pixels of a row that are taken.
type phaseUnits struct {
	set              string
	stride1, stride2 phaseUnit
}

// unit is the driver's choice by name.
func (u *phaseUnits) unit(p *Phases) string {
	if p.shifts() {
		return "phases_copy"
	}
	switch p.SW {
	case 1:
		return "phases1_" + u.set
	case 2:
		return "phases2_" + u.set
	}
	return ""
}

func (u *phaseUnits) run(p *Phases) {
	if p.shifts() {
		p.shift()
		return
	}
	for i, off := range p.Dst {
		if off >= 0 {
			c, r := i/len(p.Residues), p.Residues[i%len(p.Residues)]
			u.plane(p, p.from()[p.Src[c]:], p.Mem[off:], r.Y, r.X)
		}
	}
}

// plane writes the plane of one residue.
func (u *phaseUnits) plane(p *Phases, src, dst []float32, py, px int) {
	switch p.SW {
	case 1:
		onePhase(u.stride1, p, src, dst, py, px)
	case 2:
		onePhase(u.stride2, p, src, dst, py, px)
	default:
		p.plane(src, dst, py, px)
	}
}

// onePhase writes one plane. The rows above and below the source's are whole,
// so they are cleared at once; those below come last, over what vectors spill.
// Before them come the rows whose last vector would reach beyond src's end.
func onePhase(f phaseUnit, p *Phases, src, dst []float32, py, px int) {
	top, bottom := inside(p.PH, p.H, p.SH, py-p.PadTop)
	left, right := inside(p.PW, p.W, p.SW, px-p.PadLeft)
	if top == bottom || left == right {
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
		f(&dst[y*p.PW], &src[first(y)], min(most, whole-y), left, right-left, p.PW-right, 4*p.SH*p.W)
	}
	for y := whole; y < bottom; y++ {
		p.row(dst[y*p.PW:][:p.PW], src, y*p.SH+py-p.PadTop, px)
	}
	clear(dst[bottom*p.PW : p.PH*p.PW])
}
