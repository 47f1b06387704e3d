package kernel

import "fmt"

// Check tells where p breaks its contract.
func (p *Phases) Check() error {
	const name = "phases"
	if err := positive(name, "H", p.H, "W", p.W, "PH", p.PH, "PW", p.PW, "SH", p.SH, "SW", p.SW); err != nil {
		return err
	}
	if p.C < 0 || p.PadTop < 0 {
		return fmt.Errorf("%s: C %d, PadTop %d, wanted none negative", name, p.C, p.PadTop)
	}
	src := planes{"Src", p.Src, p.H * p.W, Slack, Slack}
	if p.From != nil {
		src.before, src.after = 0, 0
	}
	if err := src.check(name, len(p.from()), p.C); err != nil {
		return err
	}
	dst := planes{"Dst", p.Dst, p.PH * p.PW, 0, Slack}
	if want := p.C * len(p.Residues); len(p.Dst) != want {
		return fmt.Errorf("%s: Dst has %d planes, wanted %d", name, len(p.Dst), want)
	}
	for _, r := range p.Residues {
		if r.Y < 0 || r.Y >= p.SH || r.X < 0 || r.X >= p.SW {
			return fmt.Errorf("%s: residue %v, wanted one of strides %d and %d", name, r, p.SH, p.SW)
		}
	}
	live := dst
	live.table = nil
	for c, off := range p.Dst {
		if off < 0 {
			continue
		}
		if err := dst.checkOne(name, len(p.Mem), c, int(off)); err != nil {
			return err
		}
		live.table = append(live.table, off)
	}
	if p.From != nil {
		src.table = nil
	}
	return disjoint(name, live, src)
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
