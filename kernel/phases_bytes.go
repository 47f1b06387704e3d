package kernel

import "fmt"

// PhasesBytes is [Phases] for planes of bytes, with a value of each plane's own around
// it instead of zero: its zero point, so that a convolution sees zeros there.
//
//	Dst[c*len(Residues) + r][y*PW + x] = src(c, y*SH+py-PadTop, x*SW+px-PadLeft)
//
// where src is Fill[c] outside the plane. A negative PadLeft leaves the first columns
// out, and a phase whose entry of Dst is negative is not written. Planes of Dst have
// PH*PW pixels, and SlackBytes behind them may be written. Planes of Src are in From, of
// which nothing else is read, or, where From is nil, in Mem, where SlackBytes around them
// may be read.
type PhasesBytes struct {
	Mem, From       []byte
	Src             []int32 // C plane offsets
	Dst             []int32 // C*len(Residues) plane offsets
	Residues        []Residue
	Fill            []uint8 // C values
	C               int
	H, W            int // planes of Src
	PH, PW          int // planes of Dst
	SH, SW          int // strides
	PadTop, PadLeft int
}

// Check tells where p breaks its contract.
func (p *PhasesBytes) Check() error {
	const name = "phases of bytes"
	if err := positive(name, "H", p.H, "W", p.W, "PH", p.PH, "PW", p.PW, "SH", p.SH, "SW", p.SW); err != nil {
		return err
	}
	if p.C < 0 || p.PadTop < 0 {
		return fmt.Errorf("%s: C %d, PadTop %d, wanted none negative", name, p.C, p.PadTop)
	}
	if len(p.Fill) != p.C {
		return fmt.Errorf("%s: Fill has %d values, wanted %d", name, len(p.Fill), p.C)
	}
	src := planes{"Src", p.Src, p.H * p.W, SlackBytes, SlackBytes}
	if p.From != nil {
		src.before, src.after = 0, 0
	}
	if err := src.check(name, len(p.from()), p.C); err != nil {
		return err
	}
	if want := p.C * len(p.Residues); len(p.Dst) != want {
		return fmt.Errorf("%s: Dst has %d planes, wanted %d", name, len(p.Dst), want)
	}
	for _, r := range p.Residues {
		if r.Y < 0 || r.Y >= p.SH || r.X < 0 || r.X >= p.SW {
			return fmt.Errorf("%s: residue %v, wanted one of strides %d and %d", name, r, p.SH, p.SW)
		}
	}
	dst := planes{"Dst", nil, p.PH * p.PW, 0, SlackBytes}
	for c, off := range p.Dst {
		if off < 0 {
			continue
		}
		if err := dst.checkOne(name, len(p.Mem), c, int(off)); err != nil {
			return err
		}
		dst.table = append(dst.table, off)
	}
	if p.From != nil {
		src.table = nil
	}
	return disjoint(name, dst, src)
}

// from is where Src's planes are.
func (p *PhasesBytes) from() []byte {
	if p.From != nil {
		return p.From
	}
	return p.Mem
}

func refPhasesBytes(p *PhasesBytes) {
	for i, off := range p.Dst {
		if off < 0 {
			continue
		}
		c, r := i/len(p.Residues), p.Residues[i%len(p.Residues)]
		src, dst := p.from()[p.Src[c]:], p.Mem[off:]
		for y := range p.PH {
			phaseRow(dst[y*p.PW:][:p.PW], rowOf(src, y*p.SH+r.Y-p.PadTop, p.H, p.W), p.SW, r.X-p.PadLeft, p.Fill[c])
		}
	}
}
