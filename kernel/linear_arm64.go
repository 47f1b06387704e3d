//go:build !purego

package kernel

import "github.com/riffle-ml/riffle/asm"

func neonLinear(l *Linear) {
	for o := 0; o < l.Out; {
		n := linearBlock(l.In, l.Out-o)
		if x, w, y := &l.X[0], &l.W[o*l.In], &l.Y[o]; n >= 4 {
			asm.Linear4(x, w, y, l.In, n/4)
		} else {
			asm.Linear1(x, w, y, l.In, n)
		}
		o += n
	}
	addBias(l.Y[:l.Out], l.Bias)
	l.Act.apply(l.Y[:l.Out])
}

func neonDots(d *Dots) {
	for o := 0; o < d.Out; {
		n := linearBlock(d.In, d.Out-o)
		if x, w, y := &d.X[0], &d.W[o*d.In], &d.Y[o]; n >= 4 {
			asm.Dots4(x, w, y, d.In, n/4)
		} else {
			asm.Dots1(x, w, y, d.In, n)
		}
		o += n
	}
	addBias(d.Y[:d.Out], d.Bias)
}
