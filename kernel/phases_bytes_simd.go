//go:build (amd64 || arm64) && !purego

package kernel

// phasesSpill is how far to the right planes may begin: the unit writes so much behind a
// plane, and up to 31 bytes more.
const phasesSpill = 32

func simdPhasesBytesUnit(p *PhasesBytes) string {
	if p.SW > 2 {
		return ""
	}
	return "phasesbytes_" + qunitSet
}

func simdPhasesBytes(p *PhasesBytes) {
	if p.SW > 2 {
		refPhasesBytes(p)
		return
	}
	n := len(p.Residues)
	for i, off := range p.Dst {
		if off < 0 {
			continue
		}
		c, r := i/n, p.Residues[i%n]
		cut := phaseCut{
			units: &qphaseUnits, dst: p.Mem[off:], ph: p.PH, pw: p.PW, mem: p.from(), src: p.Src[c : c+1], zeros: p.Fill[c : c+1],
			h: p.H, w: p.W, sh: p.SH, sw: p.SW, y: r.Y - p.PadTop, x: r.X - p.PadLeft,
		}
		rows := p.safeRows(int(p.Src[c]), r.Y, r.X)
		if cut.ph = rows; rows > 0 {
			cutPhases(&cut)
		}
		cut.ph = p.PH
		cut.rows(0, rows)
	}
}

// safeRows is how many rows of a phase the unit may make: it reads 64 bytes behind the
// pixels of each, and in From nothing behind the planes may be read.
func (p *PhasesBytes) safeRows(at, py, px int) int {
	if left, _ := inside(p.PW, p.W, p.SW, px-p.PadLeft); left > phasesSpill {
		return 0
	}
	if p.From == nil {
		return p.PH
	}
	// Row y reads up to 64 bytes behind the end of the plane's row, whose index grows by SH.
	end := len(p.From) - SlackBytes - at
	last := end/p.W - 1 // of the plane's rows, which is far enough from the end
	if last -= py - p.PadTop; last < 0 {
		return 0
	}
	return min(p.PH, last/p.SH+1)
}
