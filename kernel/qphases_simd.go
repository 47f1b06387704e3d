//go:build (amd64 || arm64) && !purego

package kernel

// phaseCut is one phase of some planes: ph rows of pw pixels of each, of which pixel
// (i, j) is pixel (y + i*sh, x + j*sw) of the plane of h x w, or its zero point outside.
// The planes of dst are plane bytes apart. Up to 64 bytes behind what is written may be
// written too.
type phaseCut struct {
	units  *[3]qphaseUnit // by stride of columns
	dst    []byte
	plane  int
	ph, pw int
	mem    []byte
	src    []int32
	zeros  []uint8
	h, w   int
	sh, sw int
	y, x   int
}

// cutPhases makes the phase. Of one plane it makes at most [pieceBytes] in a call, or a row:
// what a call writes behind its rows, the next one overwrites. Several planes are one call,
// of which their caller makes fewer bytes.
func cutPhases(p *phaseCut) {
	most := p.ph
	if len(p.src) == 1 {
		most = max(1, pieceBytes/p.pw)
	}
	part := *p
	for y := 0; y < p.ph; y += most {
		part.dst, part.ph, part.y = p.dst[y*p.pw:], min(most, p.ph-y), p.y+y*p.sh
		part.cut()
	}
}

// cut makes a phase by one call.
func (p *phaseCut) cut() {
	y0, y1 := inside(p.ph, p.h, p.sh, p.y)
	x0, x1 := inside(p.pw, p.w, p.sw, p.x)
	if y0 == y1 || x0 == x1 {
		for i, zero := range p.zeros {
			fill(p.dst[i*p.plane:][:p.ph*p.pw], zero)
		}
		return
	}
	if p.sw > 2 { // columns are further apart than the units' are
		for i := range p.src {
			p.rows(i, 0)
		}
		return
	}
	off, n := (p.y+y0*p.sh)*p.w+p.x+x0*p.sw, x1-x0
	p.units[p.sw](&p.dst[0], &p.mem[0], &p.src[0], &p.zeros[0], len(p.src), off, p.plane,
		y0*p.pw+x0, y1-y0, n, p.pw-n, (p.ph-y1)*p.pw-x0, p.sh*p.w)
}

// rows makes those of plane i from row y on without a unit.
func (p *phaseCut) rows(i, y int) {
	for ; y < p.ph; y++ {
		phaseRow(p.dst[i*p.plane+y*p.pw:][:p.pw], rowOf(p.mem[p.src[i]:], p.y+y*p.sh, p.h, p.w), p.sw, p.x, p.zeros[i])
	}
}
