package kernel

import "fmt"

// Check tells where w breaks its contract.
func (w *WinogradInput) Check() error {
	const name = "winogradinput"
	if err := positive(name, "H", w.H, "W", w.W, "TW", w.TW, "Rows", w.Rows); err != nil {
		return err
	}
	if w.C < 0 || w.PadTop < 0 || w.PadLeft < 0 || w.Row < 0 {
		return fmt.Errorf("%s: C %d, PadTop %d, PadLeft %d, Row %d, wanted none negative", name, w.C, w.PadTop, w.PadLeft, w.Row)
	}
	src := planes{"Src", w.Src, w.H * w.W, Slack, Slack}
	if err := src.check(name, len(w.Mem), w.C); err != nil {
		return err
	}
	if err := checkTiles(name, w.M, w.Rows*w.TW, w.Pitch, w.Step, w.C, len(w.Dst)); err != nil {
		return err
	}
	return checkWork(name, len(w.Work), w.WorkLen())
}

// Check tells where w breaks its contract.
func (w *WinogradOutput) Check() error {
	const name = "winogradoutput"
	if err := positive(name, "OH", w.OH, "OW", w.OW, "Rows", w.Rows); err != nil {
		return err
	}
	if w.C < 0 || w.Row < 0 {
		return fmt.Errorf("%s: C %d, Row %d, wanted none negative", name, w.C, w.Row)
	}
	if err := w.Epilogue.check(name, w.C, taking{bias: true, residual: true}); err != nil {
		return err
	}
	if w.M != 2 && w.M != 4 {
		return fmt.Errorf("%s: M is %d, wanted 2 or 4", name, w.M)
	}
	if most := (w.OH + w.M - 1) / w.M; w.Row+w.Rows > most {
		return fmt.Errorf("%s: tile rows %d to %d, wanted at most %d", name, w.Row, w.Row+w.Rows, most)
	}
	if err := checkTiles(name, w.M, w.Rows*w.tiles(), w.Pitch, w.Step, w.C, len(w.Src)); err != nil {
		return err
	}
	n := w.pixels()
	part := func(name string, table []int32, off int) planes {
		t := planes{name, make([]int32, len(table)), n, 0, roundUp8(n) - n}
		for i, v := range table {
			t.table[i] = v + int32(off)
		}
		return t
	}
	dst := part("Dst", w.Dst, w.at())
	if err := dst.check(name, len(w.Mem), w.C); err != nil {
		return err
	}
	if err := disjoint(name, dst, planes{}); err != nil {
		return err
	}
	if w.R != nil {
		if err := part("R", w.R, w.ROff+w.at()).check(name, len(w.Mem), w.C); err != nil {
			return err
		}
	}
	return checkWork(name, len(w.Work), w.WorkLen())
}

func checkTiles(kernel string, m, tiles, pitch, step, c, got int) error {
	if m != 2 && m != 4 {
		return fmt.Errorf("%s: M is %d, wanted 2 or 4", kernel, m)
	}
	if pitch < tiles+7 {
		return fmt.Errorf("%s: a pitch of %d, wanted at least 7 more than the %d tiles", kernel, pitch, tiles)
	}
	if step < c*pitch {
		return fmt.Errorf("%s: a step of %d, wanted at least %d rows of %d", kernel, step, c, pitch)
	}
	if want := (WinogradElements(m)-1)*step + c*pitch; got < want {
		return fmt.Errorf("%s: %d transformed elements, wanted at least %d", kernel, got, want)
	}
	return nil
}

func checkWork(kernel string, got, want int) error {
	if got < want {
		return fmt.Errorf("%s: Work has %d elements, wanted %d", kernel, got, want)
	}
	return nil
}

func refWinogradInput(w *WinogradInput) {
	a := w.M + 2
	var d [6][6]float32
	for c, off := range w.Src {
		plane := w.Mem[off:][:w.H*w.W]
		for t := range w.Rows * w.TW {
			y0, x0 := (w.Row+t/w.TW)*w.M-w.PadTop, t%w.TW*w.M-w.PadLeft
			for i := range a {
				for j := range a {
					y, x := y0+i, x0+j
					d[i][j] = 0
					if y >= 0 && y < w.H && x >= 0 && x < w.W {
						d[i][j] = plane[y*w.W+x]
					}
				}
				d[i] = winogradB(w.M, d[i])
			}
			for j := range a {
				v := winogradB(w.M, [6]float32{d[0][j], d[1][j], d[2][j], d[3][j], d[4][j], d[5][j]})
				for i := range a {
					w.Dst[(i*a+j)*w.Step+c*w.Pitch+t] = v[i]
				}
			}
		}
	}
}

// winogradB multiplies by B', whose rows are the coefficients of x(x-a)(x+a)(x-b)(x+b),
// for tiles of 4, each but the last without the factor of one point.
func winogradB(m int, d [6]float32) [6]float32 {
	if m == 2 {
		return [6]float32{d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]}
	}
	const a, b = winogradNear, winogradFar
	pair := func(p, qq float32) (plus, minus float32) {
		even, odd := fma(-qq, d[2], d[4]), fma(-qq, d[1], d[3])
		return fma(p, odd, even), fma(-p, odd, even)
	}
	var v [6]float32
	v[0] = fma(-(a*a + b*b), d[2], fma(a*a*b*b, d[0], d[4]))
	v[1], v[2] = pair(a, b*b)
	v[3], v[4] = pair(b, a*a)
	v[5] = fma(-(a*a + b*b), d[3], fma(a*a*b*b, d[1], d[5]))
	return v
}

// winogradA multiplies by A', whose columns for tiles of 4 are the powers of a point.
func winogradA(m int, s [6]float32) [4]float32 {
	if m == 2 {
		return [4]float32{s[0] + s[1] + s[2], s[1] - s[2] - s[3]}
	}
	const a, b = winogradNear, winogradFar
	p, q, u, v := s[1]+s[2], s[1]-s[2], s[3]+s[4], s[3]-s[4]
	return [4]float32{s[0] + p + u, fma(b, v, a*q), fma(b*b, u, a*a*p), fma(b*b*b, v, fma(a*a*a, q, s[5]))}
}

func refWinogradOutput(w *WinogradOutput) {
	a, tw, n := w.M+2, w.tiles(), w.pixels()
	y := w.Work[:w.M*w.Rows*w.OW]
	for c, off := range w.Dst {
		for t := range w.Rows * tw {
			var u [4][6]float32 // A' s
			for j := range a {
				var s [6]float32
				for i := range a {
					s[i] = w.Src[(i*a+j)*w.Step+c*w.Pitch+t]
				}
				for i, v := range winogradA(w.M, s) {
					u[i][j] = v
				}
			}
			for i := range w.M {
				v := winogradA(w.M, u[i])
				x := t % tw * w.M
				copy(y[(t/tw*w.M+i)*w.OW+x:][:min(w.M, w.OW-x)], v[:])
			}
		}
		w.finish(y[:n], c)
		copy(w.Mem[int(off)+w.at():], y[:n])
	}
}

// finish applies the epilogue to channel c.
func (w *WinogradOutput) finish(y []float32, c int) {
	bias := w.bias(c)
	for i := range y {
		y[i] += bias
	}
	if w.R != nil {
		scale := float32(1)
		if w.Scale != nil {
			scale = w.Scale[c]
		}
		for i, v := range w.Mem[int(w.R[c])+w.ROff+w.at():][:len(y)] {
			y[i] += float32(scale * v)
		}
	}
	w.Act.apply(y)
}
