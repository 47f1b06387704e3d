//go:build (amd64 || arm64) && !purego

package kernel

// shifts tells whether every plane of p is its source moved by some rows and columns,
// with rows as long: then all pixels inside lie as far from their source.
func (p *Phases) shifts() bool {
	return p.SH == 1 && p.SW == 1 && p.PW == p.W && len(p.Residues) == 1 && p.Residues[0] == Residue{}
}

// shift copies each plane's pixels at once, those behind a row's end too, and clears what
// is outside the source.
func (p *Phases) shift() {
	top, bottom := inside(p.PH, p.H, 1, -p.PadTop)
	left, right := inside(p.PW, p.W, 1, -p.PadLeft)
	if top == bottom || left == right {
		for _, off := range p.Dst {
			if off >= 0 {
				clear(p.Mem[off:][:p.PH*p.PW])
			}
		}
		return
	}
	from, to := top*p.PW+left, (bottom-1)*p.PW+right
	further := -p.PadTop*p.W - p.PadLeft
	mem := p.from()
	for c, off := range p.Dst {
		if off < 0 {
			continue
		}
		dst := p.Mem[off:][:p.PH*p.PW]
		copy(dst[from:to], mem[int(p.Src[c])+from+further:])
		clear(dst[:from])
		for end := top*p.PW + right; end < to; end += p.PW {
			for x := end; x < end+p.PW-right+left; x++ {
				dst[x] = 0
			}
		}
		clear(dst[to:])
	}
}
