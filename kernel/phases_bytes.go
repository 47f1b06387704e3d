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
	c := phaseContract{
		src: p.Src, dst: p.Dst, residues: p.Residues, apart: p.From != nil, slack: SlackBytes,
		c: p.C, h: p.H, w: p.W, ph: p.PH, pw: p.PW, sh: p.SH, sw: p.SW, padTop: p.PadTop,
	}
	if err := c.check(name, len(p.Mem), len(p.from())); err != nil {
		return err
	}
	if len(p.Fill) != p.C {
		return fmt.Errorf("%s: Fill has %d values, wanted %d", name, len(p.Fill), p.C)
	}
	return nil
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
