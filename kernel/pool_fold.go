package kernel

// poolFolds pools with windows of any shape. Of a band of output rows, it folds
// each window's rows to a line of pixels, with what stands for padding at both ends,
// then the columns of the lines. So each pixel is loaded once for each row of the
// window and once for each column, not for each pixel of the window.
type poolFolds struct {
	max, sum foldUnit
	pick     func(dst, src []float32, rows, n, stride, step int) // as goEven
	scale    func(dst, src, by []float32)                        // as goScale
}

// goPool is poolFolds in Go.
var goPool = &poolFolds{goFoldMax, goFoldSum, goEven, goScale}

func (u *poolFolds) goMax(p *Pool) {
	if p.folded() {
		u.run(p, true)
	} else {
		refMaxPool(p)
	}
}

// goAvg leaves the means that the other sets have units for to the reference.
func (u *poolFolds) goAvg(p *Pool) {
	if p.folded() && !p.pairs() && !(p.CountPad && p.centred()) {
		u.run(p, false)
	} else {
		refAvgPool(p)
	}
}

// folded tells whether poolFolds takes p. It does not where most of every window is
// padding, or most of a row lies between windows: both would have to be folded too.
func (p *Pool) folded() bool {
	return p.Masks != nil && p.KW <= 2*p.W+16 && p.SW <= 8*p.KW
}

// bandPixels is how many pixels the lines of a band may have, to stay in the nearest
// cache.
const bandPixels = 2048

// spill is how far, in elements, a unit may read or write beyond what it is told.
const spill = 32

// bands are the parts of a call's Work.
type bands struct {
	rows, line         int // of a band; pixels of a line
	lines, tmp, picked []float32
}

// parts is how many elements each part of Work has.
func (p *Pool) parts() (b bands, lines, tmp, picked int) {
	b.line = (p.OW-1)*p.SW + p.KW
	b.rows = min(p.OH, max(1, bandPixels/b.line))
	lines = b.rows*b.line + spill
	tmp = max(lines, ((b.rows-1)*p.SH+min(p.KH, p.H))*p.W+spill)
	if p.KH <= manyTerms && p.KW <= manyTerms {
		tmp = 0
	}
	return b, lines, tmp, b.rows*p.OW + spill
}

// workLen is how many elements of Work the folds need.
func (p *Pool) workLen() int {
	_, lines, tmp, picked := p.parts()
	return lines + tmp + picked
}

func (p *Pool) bands() bands {
	b, lines, tmp, picked := p.parts()
	if all := lines + tmp + picked; len(p.Work) < all {
		p.Work = make([]float32, all)
	}
	b.lines, b.tmp, b.picked = p.Work[:lines], p.Work[lines:][:tmp], p.Work[lines+tmp:][:picked]
	return b
}

func (u *poolFolds) run(p *Pool, maximum bool) {
	b, f, outside, scale := p.bands(), u.sum, float32(0), p.scale()
	if maximum {
		f, outside = u.max, negativeInfinity
	}
	for c := range p.C {
		src, dst := p.Mem[p.Src[c]:], p.Mem[p.Dst[c]:]
		for y := 0; y < p.OH; y += b.rows {
			rows := min(b.rows, p.OH-y)
			b.fill(f, p, src, y, rows, outside)
			to := dst[y*p.OW:]
			if maximum {
				u.columns(f, p, to, b, rows)
				continue
			}
			u.columns(f, p, b.picked, b, rows)
			by := scale
			if len(scale) > 8 {
				by = scale[y*p.OW:]
			}
			u.scale(to, b.picked[:rows*p.OW], by)
		}
	}
}

// fill makes the lines of so many output rows from row y on. Rows of the window that
// are outside the plane are left out.
func (b *bands) fill(f foldUnit, p *Pool, src []float32, y, rows int, outside float32) {
	pixels := min(p.W, b.line-p.PadLeft)
	for r := 0; r < rows; {
		top, bottom := window((y+r)*p.SH-p.PadTop, p.KH, p.H)
		n := 1
		for ; r+n < rows; n++ { // as many rows of windows as are alike
			t, e := window((y+r+n)*p.SH-p.PadTop, p.KH, p.H)
			if e-t != bottom-top || t != top+n*p.SH {
				break
			}
		}
		f.windows(b.lines[r*b.line+p.PadLeft:], src[top*p.W:], b.tmp, n, pixels, bottom-top, p.W, b.line, p.SH*p.W)
		r += n
	}
	if pixels == b.line {
		return
	}
	for x := range p.PadLeft {
		b.lines[x] = outside
	}
	for r := range rows { // the right side of a line, and the left side of the next one
		end := min((r+1)*b.line+p.PadLeft, rows*b.line)
		for x := r*b.line + p.PadLeft + pixels; x < end; x++ {
			b.lines[x] = outside
		}
	}
}

// columns folds the columns of the lines to rows of the output.
func (u *poolFolds) columns(f foldUnit, p *Pool, dst []float32, b bands, rows int) {
	if p.SW == 1 {
		f.windows(dst, b.lines, b.tmp, rows, p.OW, p.KW, 1, p.OW, b.line)
		return
	}
	f.windows(b.lines, b.lines, b.tmp, 1, rows*b.line-p.KW+1, p.KW, 1, 0, 0)
	u.pick(dst, b.lines, rows, p.OW, p.SW, b.line)
}
