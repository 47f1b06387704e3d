package kernel

import "math"

var negativeInfinity = float32(math.Inf(-1))

// scaleTable is what a mean multiplies the sums of p's windows by: one value for each
// output pixel, or 8 times the same where all windows have as many pixels. It ends
// with room to read a vector anywhere.
func (p *Pool) scaleTable() []float32 {
	if !p.uneven() {
		t := make([]float32, 8)
		for i := range t {
			t[i] = 1 / float32(p.KH*p.KW)
		}
		return t
	}
	t := make([]float32, p.scaleLen())
	for y := range p.OH {
		top, bottom := window(y*p.SH-p.PadTop, p.KH, p.H)
		for x := range p.OW {
			left, right := window(x*p.SW-p.PadLeft, p.KW, p.W)
			t[y*p.OW+x] = 1 / float32((bottom-top)*(right-left))
		}
	}
	return t
}

// scaleLen is how long that table is.
func (p *Pool) scaleLen() int {
	if !p.uneven() {
		return 8
	}
	return p.OH*p.OW + 8
}

// uneven tells whether windows differ in how many pixels a mean divides by.
func (p *Pool) uneven() bool {
	return !p.CountPad && (p.PadTop > 0 || p.PadLeft > 0 || (p.OH-1)*p.SH-p.PadTop+p.KH > p.H || (p.OW-1)*p.SW-p.PadLeft+p.KW > p.W)
}

// scale is the table, which Masks ends with.
func (p *Pool) scale() []float32 { return p.Masks[len(p.Masks)-p.scaleLen():] }
