package kernel

import "fmt"

// phaseContract is what [Phases] and [PhasesBytes] demand alike.
type phaseContract struct {
	src, dst        []int32
	residues        []Residue
	apart           bool // the planes of src are not in the memory of dst
	slack           int  // elements that may be touched around planes in that memory
	c, h, w, ph, pw int
	sh, sw, padTop  int
}

// check tells where a call breaks the contract. mem is how many elements the memory of
// dst has, and from that of src.
func (p phaseContract) check(name string, mem, from int) error {
	if err := positive(name, "H", p.h, "W", p.w, "PH", p.ph, "PW", p.pw, "SH", p.sh, "SW", p.sw); err != nil {
		return err
	}
	if p.c < 0 || p.padTop < 0 {
		return fmt.Errorf("%s: C %d, PadTop %d, wanted none negative", name, p.c, p.padTop)
	}
	src := planes{"Src", p.src, p.h * p.w, p.slack, p.slack}
	if p.apart {
		src.before, src.after = 0, 0
	}
	if err := src.check(name, from, p.c); err != nil {
		return err
	}
	if want := p.c * len(p.residues); len(p.dst) != want {
		return fmt.Errorf("%s: Dst has %d planes, wanted %d", name, len(p.dst), want)
	}
	for _, r := range p.residues {
		if r.Y < 0 || r.Y >= p.sh || r.X < 0 || r.X >= p.sw {
			return fmt.Errorf("%s: residue %v, wanted one of strides %d and %d", name, r, p.sh, p.sw)
		}
	}
	dst := planes{"Dst", nil, p.ph * p.pw, 0, p.slack}
	for i, off := range p.dst {
		if off < 0 { // not written
			continue
		}
		if err := dst.checkOne(name, mem, i, int(off)); err != nil {
			return err
		}
		dst.table = append(dst.table, off)
	}
	if p.apart {
		src.table = nil
	}
	return disjoint(name, dst, src)
}
