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
	shift := px - p.PadLeft
	lo, hi := inside(p.PW, p.W, p.SW, shift)
	lo, hi = min(lo, p.PW), max(hi, 0)
	if y < 0 || y >= p.H || hi <= lo {
		clear(dst)
		return
	}
	line := src[y*p.W:][:p.W]
	clear(dst[:lo])
	if p.SW == 1 {
		copy(dst[lo:hi], line[lo+shift:])
	} else {
		for x := lo; x < hi; x++ {
			dst[x] = line[x*p.SW+shift]
		}
	}
	clear(dst[hi:])
}
