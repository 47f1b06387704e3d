package kernel

import "math"

// tapGrid says where the taps of a depthwise convolution of any window are, after
// [Phases] has cut a plane into phases: each tap is then some elements away from the
// output's place, the same for every output.
//
// Tap row i lies in a phase of rows i*DH mod SH. These residues recur after a period,
// so that tap rows i and i+rows have the same.
type tapGrid struct {
	rows, columns int // phases
	band          int // output rows that are computed at a time
	ph, pw        int // of a phase, for that many rows
}

// tapBand is how many pixels the phases of a band may have, to stay in the nearest
// cache together with the output.
const tapBand = 6 << 10

func (d *Depthwise) grid() tapGrid {
	g := tapGrid{rows: min(d.KH, d.SH/divisor(d.SH, d.dh())), columns: min(d.KW, d.SW/divisor(d.SW, d.dw()))}
	g.pw = d.OW + (d.KW-1)*d.dw()/d.SW
	more := g.below(d)
	fit := tapBand/(g.rows*g.columns*g.pw) - more
	g.band = min(d.OH, max(8, fit&^3))
	g.ph = g.band + more
	return g
}

// below is how many more rows a phase has than outputs.
func (g *tapGrid) below(d *Depthwise) int { return (d.KH - 1) * d.dh() / d.SH }

// pixels is how many elements the phases of a band have.
func (g *tapGrid) pixels() int { return g.rows * g.columns * g.ph * g.pw }

// workLen is how many elements of Work the phases of a band need.
func (d *Depthwise) workLen() int {
	g := d.grid()
	return g.pixels() + spill
}

// offsets has for each tap how many bytes it is away from the output's place in the
// first phase, as the bits of a float32.
func (d *Depthwise) offsets() []float32 {
	g := d.grid()
	t := make([]float32, 0, d.KH*d.KW)
	for i := range d.KH {
		for j := range d.KW {
			phase := i%g.rows*g.columns + j%g.columns
			at := phase*g.ph*g.pw + i*d.dh()/d.SH*g.pw + j*d.dw()/d.SW
			t = append(t, math.Float32frombits(uint32(4*at)))
		}
	}
	return t
}

// tallTaps is how many rows a window has from which on units compute several output rows
// together, where these are as far apart as the taps.
const tallTaps = 4

// mostTaps keeps the shortest call to a unit short.
const mostTaps = 4096

// gridded tells whether the taps of d make such a grid that is worth it. It is not
// where most of it would be padding, of which there may be any amount.
func (d *Depthwise) gridded() bool {
	if !d.dense() {
		return false
	}
	g := d.grid()
	return g.pixels() < 1<<28
}

// dense tells whether a plane's phases are no more than some times as large as it is.
func (d *Depthwise) dense() bool {
	h, w := (d.KH-1)*d.dh()+1, (d.KW-1)*d.dw()+1
	if h > 2*d.H+8 || w > 2*d.Wid+8 || d.KH*d.KW > mostTaps || d.OW > 1<<20 || d.SH > 1<<10 || d.SW > 1<<10 {
		return false
	}
	g := d.grid()
	all := g.rows * g.columns * (d.OH + g.below(d)) * g.pw
	return all <= 4*(d.H*d.Wid+d.OH*d.OW)+256
}

// centred tells whether the sets have a unit for d's window.
func (d *Depthwise) centred() bool {
	return d.KH == d.KW && d.SH == d.SW && d.dh() == 1 && d.dw() == 1 &&
		centred(d.KH, d.SH, d.PadTop, d.PadLeft, d.H, d.Wid, d.OH, d.OW)
}

// centred7 tells whether d's window is 7x7 with stride 1, for which some sets have a unit.
func (d *Depthwise) centred7() bool {
	return d.KH == 7 && d.KW == 7 && d.SH == 1 && d.SW == 1 && d.dh() == 1 && d.dw() == 1 &&
		filled(7, 1, d.PadTop, d.PadLeft, d.H, d.Wid, d.OH, d.OW)
}

// divisor is the greatest common one.
func divisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
