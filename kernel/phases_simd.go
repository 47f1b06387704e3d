//go:build (amd64 || arm64) && !purego

package kernel

import "fmt"

// phaseUnit is a unit of assembly that writes rows of left zeros, n pixels and
// right zeros, side by side. The rows of src lie step bytes apart.
type phaseUnit = func(dst, src *float32, rows, left, n, right, step int)

// phaseUnits is what the driver of Phases needs of a set: units for some distances between
// the pixels of a row that are taken, and one for any distance of stride bytes.
type phaseUnits struct {
	set    string
	stride [5]phaseUnit // nil: any does it
	any    func(dst, src *float32, rows, left, n, right, step, stride int)
}

// close is the unit for a stride of its own, or nil.
func (u *phaseUnits) close(stride int) phaseUnit {
	if stride < len(u.stride) {
		return u.stride[stride]
	}
	return nil
}

// unit is the driver's choice by name.
func (u *phaseUnits) unit(p *Phases) string {
	if p.shifts() {
		return "phases_copy"
	}
	if u.close(p.SW) != nil {
		return fmt.Sprintf("phases%d_%s", p.SW, u.set)
	}
	return "phases_" + u.set
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
	if f := u.close(p.SW); f != nil {
		onePhase(f, p, src, dst, py, px)
		return
	}
	c := p.cut(py, px)
	if c.empty() {
		clear(dst[:p.PH*p.PW])
		return
	}
	clear(dst[:c.top*p.PW])
	most := max(1, callVectors/(p.PW+8)) // each pixel is loaded alone
	for y := c.top; y < c.bottom; y += most {
		u.any(&dst[y*p.PW], &src[c.first(p, y)], min(most, c.bottom-y), c.left, c.right-c.left, p.PW-c.right, 4*p.SH*p.W, 4*p.SW)
	}
	clear(dst[c.bottom*p.PW : p.PH*p.PW])
}

// phasePart is the part of a phase that its source has: rows [top, bottom) of columns
// [left, right). Row y of the phase is row y*SH+y0 of the source.
type phasePart struct{ top, bottom, left, right, y0, x0 int }

// cut is the part of the phase of one residue.
func (p *Phases) cut(py, px int) (c phasePart) {
	c.y0, c.x0 = py-p.PadTop, px-p.PadLeft
	c.top, c.bottom = inside(p.PH, p.H, p.SH, c.y0)
	c.left, c.right = inside(p.PW, p.W, p.SW, c.x0)
	return c
}

func (c *phasePart) empty() bool { return c.top == c.bottom || c.left == c.right }

// first is where the first pixel of row y is in the source.
func (c *phasePart) first(p *Phases, y int) int { return (y*p.SH+c.y0)*p.W + c.left*p.SW + c.x0 }

// onePhase writes one plane. The rows above and below the source's are whole,
// so they are cleared at once; those below come last, over what vectors spill.
// Before them come the rows whose last vector would reach beyond src's end.
func onePhase(f phaseUnit, p *Phases, src, dst []float32, py, px int) {
	c := p.cut(py, px)
	if c.empty() {
		clear(dst[:p.PH*p.PW])
		return
	}
	clear(dst[:c.top*p.PW])
	n := c.right - c.left
	whole := c.bottom
	for whole > c.top && c.first(p, whole-1)+roundUp8(n)*p.SW > len(src) {
		whole--
	}
	most := max(1, callVectors/(p.PW/8+3))
	for y := c.top; y < whole; y += most {
		f(&dst[y*p.PW], &src[c.first(p, y)], min(most, whole-y), c.left, n, p.PW-c.right, 4*p.SH*p.W)
	}
	for y := whole; y < c.bottom; y++ {
		p.row(dst[y*p.PW:][:p.PW], src, y*p.SH+py-p.PadTop, px)
	}
	clear(dst[c.bottom*p.PW : p.PH*p.PW])
}
