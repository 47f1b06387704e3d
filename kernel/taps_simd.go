//go:build (amd64 || arm64) && !purego

package kernel

import "unsafe"

// tapUnits is what the driver of depthwise convolutions of any window needs of a set:
// units for groups of 8 columns, and of 16 if wide is not nil.
type tapUnits struct {
	phases *phaseUnits
	tapPair
	wide *tapPair
}

// tapPair is the units for groups of so many columns.
type tapPair struct {
	taps    func(dst, src, w *float32, offsets *int32, taps, rows, dstStep, srcStep, dstSecond, srcSecond, act int, lo, hi float32)
	columns func(dst, src, w *float32, offsets *int32, kh, kw, rows, dstStep, srcStep, dstSecond, srcSecond, act int, lo, hi float32)
}

// run computes each plane in bands of output rows. Of each band it makes the phases in
// d's Work, and then adds the taps up.
func (u *tapUnits) run(d *Depthwise) {
	g := d.grid()
	if need := d.workLen(); len(d.Work) < need {
		d.Work = make([]float32, need)
	}
	taps := d.KH * d.KW
	for c := range d.C {
		src, dst, w := d.Mem[d.Src[c]:], d.Mem[d.Dst[c]:], &d.W[c*(taps+1)]
		for y := 0; y < d.OH; y += g.band {
			rows := min(g.band, d.OH-y)
			u.cut(d, g, src, y, rows)
			u.band(d, g, dst[y*d.OW:], w, rows)
		}
	}
}

// cut makes the phases that so many output rows from row y on need.
func (u *tapUnits) cut(d *Depthwise, g tapGrid, src []float32, y, rows int) {
	p := Phases{
		H: d.H, W: d.Wid, PH: rows + g.below(d), PW: g.pw, SH: d.SH, SW: d.SW, PadTop: d.PadTop - y*d.SH, PadLeft: d.PadLeft,
	}
	for i := range g.rows {
		for j := range g.columns {
			to := d.Work[(i*g.columns+j)*g.ph*g.pw:]
			u.phases.plane(&p, src, to, i*d.dh()%d.SH, j*d.dw()%d.SW)
		}
	}
}

// band adds up the taps of so many rows. Two groups of columns are computed at a time, or
// one group of 8 rows where no more columns are left.
func (u *tapUnits) band(d *Depthwise, g tapGrid, dst []float32, w *float32, rows int) {
	const eight, sixteen = 8, 16
	switch {
	case u.wide != nil:
		for x := 0; x < d.OW; {
			switch left := d.OW - x; {
			case left > sixteen+eight:
				u.wide.beside(d, g, dst, w, x, rows, sixteen)
				x += 2 * sixteen
			case left > eight:
				u.wide.below(d, g, dst, w, max(0, min(x, d.OW-sixteen)), rows)
				x += sixteen
			default:
				u.below(d, g, dst, w, max(0, d.OW-eight), rows)
				x += eight
			}
		}
	case d.OW > eight:
		for x := 0; x < d.OW; x += 2 * eight {
			u.beside(d, g, dst, w, x, rows, eight)
		}
	default:
		u.below(d, g, dst, w, 0, rows)
	}
}

// beside computes two groups of so many columns, from column x on or overlapping those
// before it.
func (u *tapPair) beside(d *Depthwise, g tapGrid, dst []float32, w *float32, x, rows, columns int) {
	second, most := min(columns, d.OW-columns), max(4, callWork/(2*columns*d.KH*d.KW)&^3)
	x = max(0, min(x, d.OW-2*columns))
	for y := 0; y < rows; y += most {
		u.rows(d, g, dst, w, y, x, min(most, rows-y), second, second)
	}
}

// below computes the group of columns from x on, 8 rows at a time.
func (u *tapPair) below(d *Depthwise, g tapGrid, dst []float32, w *float32, x, rows int) {
	for y := 0; y < rows; y += 8 {
		switch n := min(8, rows-y); {
		case n >= 4:
			u.rows(d, g, dst, w, y, x, 4, (n-4)*d.OW, (n-4)*g.pw)
		default:
			u.rows(d, g, dst, w, y, x, n, 0, 0)
		}
	}
}

func (u *tapPair) rows(d *Depthwise, g tapGrid, dst []float32, w *float32, y, x, n, dstSecond, srcSecond int) {
	act, lo, hi := d.Act.arguments()
	offsets := (*int32)(unsafe.Pointer(&d.Masks[0]))
	if d.KH >= tallTaps && d.dh() == d.SH && n >= 4 { // tap rows are as far apart as output rows
		u.columns(&dst[y*d.OW+x], &d.Work[y*g.pw+x], w, offsets, d.KH, d.KW, n, 4*d.OW, 4*g.pw, 4*dstSecond, 4*srcSecond, act, lo, hi)
		return
	}
	u.taps(&dst[y*d.OW+x], &d.Work[y*g.pw+x], w, offsets, d.KH*d.KW, n, 4*d.OW, 4*g.pw, 4*dstSecond, 4*srcSecond, act, lo, hi)
}
