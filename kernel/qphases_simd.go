//go:build amd64 && !purego

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

func cutPhases(p *phaseCut) {
	y0, y1 := inside(p.ph, p.h, p.sh, p.y)
	x0, x1 := inside(p.pw, p.w, p.sw, p.x)
	if y0, x0 = min(y0, p.ph), min(x0, p.pw); y1 <= y0 || x1 <= x0 {
		for i, zero := range p.zeros {
			fillBytes(p.dst[i*p.plane:][:p.ph*p.pw], zero)
		}
		return
	}
	off := (p.y+y0*p.sh)*p.w + p.x + x0*p.sw
	if p.sw > 2 {
		p.slow(y0, y1, x0, x1, off)
		return
	}
	n := x1 - x0
	p.units[p.sw](&p.dst[0], &p.mem[0], &p.src[0], &p.zeros[0], len(p.src), off, p.plane,
		y0*p.pw+x0, y1-y0, n, p.pw-n, (p.ph-y1)*p.pw-x0, p.sh*p.w)
}

// slow is for columns that are further apart than the units' are.
func (p *phaseCut) slow(y0, y1, x0, x1, off int) {
	for i, at := range p.src {
		dst := p.dst[i*p.plane:][:p.ph*p.pw]
		fillBytes(dst, p.zeros[i])
		for y := y0; y < y1; y++ {
			from := p.mem[int(at)+off+(y-y0)*p.sh*p.w:]
			for x := x0; x < x1; x++ {
				dst[y*p.pw+x] = from[(x-x0)*p.sw]
			}
		}
	}
}
