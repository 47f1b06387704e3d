package kernel

// Check tells where p breaks its contract.
func (p *Phases) Check() error {
	c := phaseContract{
		src: p.Src, dst: p.Dst, residues: p.Residues, apart: p.From != nil, slack: Slack,
		c: p.C, h: p.H, w: p.W, ph: p.PH, pw: p.PW, sh: p.SH, sw: p.SW, padTop: p.PadTop,
	}
	return c.check("phases", len(p.Mem), len(p.from()))
}

// from is where Src's planes are.
func (p *Phases) from() []float32 {
	if p.From != nil {
		return p.From
	}
	return p.Mem
}

func refPhases(p *Phases) {
	for i, off := range p.Dst {
		if off < 0 {
			continue
		}
		c, r := i/len(p.Residues), p.Residues[i%len(p.Residues)]
		p.plane(p.from()[p.Src[c]:], p.Mem[off:], r.Y, r.X)
	}
}

// plane writes the plane of one residue.
func (p *Phases) plane(src, dst []float32, py, px int) {
	for y := range p.PH {
		p.row(dst[y*p.PW:][:p.PW], src, y*p.SH+py-p.PadTop, px)
	}
}

// row writes a row of column residue px, from row y of a plane or from outside
// of it.
func (p *Phases) row(dst, src []float32, y, px int) {
	phaseRow(dst, rowOf(src, y, p.H, p.W), p.SW, px-p.PadLeft, 0)
}

// rowOf is row y of a plane of h rows of w pixels: none outside of it.
func rowOf[T any](plane []T, y, h, w int) []T {
	if y < 0 || y >= h {
		return nil
	}
	return plane[y*w:][:w]
}

// phaseRow writes pixel x*stride+shift of a row for each x, or outside where it has none.
func phaseRow[T any](dst, row []T, stride, shift int, outside T) {
	lo, hi := inside(len(dst), len(row), stride, shift)
	fill(dst[:lo], outside)
	if stride == 1 && lo < hi {
		copy(dst[lo:hi], row[lo+shift:])
	} else {
		for x := lo; x < hi; x++ {
			dst[x] = row[x*stride+shift]
		}
	}
	fill(dst[hi:], outside)
}
