//go:build !purego

package kernel

// winogradUnits is what the drivers of WinogradInput and WinogradOutput need of a set.
type winogradUnits struct {
	set string
	// phases[m] copies every m-th pixel of rows: see phaseUnit.
	phases [5]phaseUnit
	// input[m] transforms rows of vecs vectors of 8 tiles, whose pixels lie in phases of
	// rows of pw bytes, pp bytes apart, into matrices es bytes apart, each tile row step
	// bytes after the one before.
	input [5]func(dst, phases, tmp *float32, rows, vecs, pw, pp, es, step int)
	// output[m] transforms rows of vecs vectors of 8 tiles back, into pixel rows of ow
	// bytes. It writes each tile row from its end to its beginning, over what it spilled.
	output [5]func(dst, src, tmp *float32, rows, vecs, es, step, ow int)
	// finish is dst = act(src + bias + scale*r), where r is nil or vecs vectors.
	finish func(dst, src, r *float32, vecs int, bias, scale float32, act int, lo, hi float32)
}

// winogradCall bounds a call in vectors of 8 tiles: a quarter of a millisecond at 200
// cycles each.
const winogradCall = 1 << 11

func (u *winogradUnits) runInput(w *WinogradInput) {
	if w.M != 2 && w.M != 4 {
		refWinogradInput(w)
		return
	}
	pp, vecs := w.phase(), (w.TW+7)/8
	phases, tmp := w.Work[:w.M*w.M*pp], &w.Work[w.M*w.M*pp]
	p := Phases{H: w.H, W: w.W, PH: w.Rows + 1, PW: w.TW + 1, SH: w.M, SW: w.M, PadTop: w.PadTop - w.Row*w.M, PadLeft: w.PadLeft}
	most := max(1, winogradCall/vecs)
	for c, off := range w.Src {
		for i := range w.M * w.M {
			onePhase(u.phases[w.M], &p, w.Mem[off:], phases[i*pp:], i/w.M, i%w.M)
		}
		for y := 0; y < w.Rows; y += most {
			u.input[w.M](&w.Dst[c*w.Pitch+y*w.TW], &phases[y*p.PW], tmp, min(most, w.Rows-y), vecs, 4*p.PW, 4*pp, 4*w.Step, 4*w.TW)
		}
	}
}

func (u *winogradUnits) runOutput(w *WinogradOutput) {
	if w.M != 2 && w.M != 4 {
		refWinogradOutput(w)
		return
	}
	tw, vecs, n := w.tiles(), (w.tiles()+7)/8, roundUp8(w.pixels())/8
	most := max(1, winogradCall/vecs)
	y, tmp := w.Work, &w.Work[w.M*w.Rows*w.OW+8*w.M+16]
	act, lo, hi := w.Act.arguments()
	for c, off := range w.Dst {
		for row := 0; row < w.Rows; row += most {
			u.output[w.M](&y[row*w.M*w.OW], &w.Src[c*w.Pitch+row*tw], tmp, min(most, w.Rows-row), vecs, 4*w.Step, 4*tw, 4*w.OW)
		}
		scale := float32(1)
		if w.Scale != nil {
			scale = w.Scale[c]
		}
		for v := 0; v < n; v += callVectors {
			at := w.at() + 8*v
			var r *float32
			if w.R != nil {
				r = &w.Mem[int(w.R[c])+w.ROff+at]
			}
			u.finish(&w.Mem[int(off)+at], &y[8*v], r, min(callVectors, n-v), w.bias(c), scale, act, lo, hi)
		}
	}
}

func (u *winogradUnits) inputUnit(w *WinogradInput) string   { return u.name("winogradinput", w.M) }
func (u *winogradUnits) outputUnit(w *WinogradOutput) string { return u.name("winogradoutput", w.M) }

func (u *winogradUnits) name(kernel string, m int) string {
	switch m {
	case 2:
		return kernel + "2x2_" + u.set
	case 4:
		return kernel + "4x4_" + u.set
	}
	return ""
}
