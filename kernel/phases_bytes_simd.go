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
	for r := range p.Residues {
		for c := 0; c < p.C; {
			c += p.alike(c, r)
		}
	}
}

// alike makes phase r of plane c, and in the same call of those that follow it as far as
// they are as many bytes apart. It returns how many planes that was. A call for each plane
// takes as long as a small plane does.
func (p *PhasesBytes) alike(c, r int) int {
	n, residue, step, planes := len(p.Residues), p.Residues[r], 0, 1
	off := int(p.Dst[c*n+r])
	if off < 0 {
		return 1
	}
	if p.From == nil && c+1 < p.C {
		step = int(p.Dst[(c+1)*n+r]) - off
	}
	if step >= p.PH*p.PW+SlackBytes { // nothing is written to a plane that is made already
		most := min(p.C-c, max(1, pieceBytes/(p.PH*p.PW)))
		for planes < most && int(p.Dst[(c+planes)*n+r]) == off+planes*step {
			planes++
		}
	}
	cut := phaseCut{
		units: &qphaseUnits, dst: p.Mem[off:], plane: step, ph: p.PH, pw: p.PW, mem: p.from(), src: p.Src[c : c+planes], zeros: p.Fill[c : c+planes],
		h: p.H, w: p.W, sh: p.SH, sw: p.SW, y: residue.Y - p.PadTop, x: residue.X - p.PadLeft,
	}
	rows := p.safeRows(int(p.Src[c]), residue.Y, residue.X)
	if cut.ph = rows; rows > 0 {
		cutPhases(&cut)
	}
	cut.ph = p.PH
	for i := range planes {
		cut.rows(i, rows)
	}
	return planes
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
