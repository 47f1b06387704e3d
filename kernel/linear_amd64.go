//go:build !purego

package kernel

import "github.com/riffle-ml/riffle/asm"

func avx2Linear(l *Linear) {
	rows(asm.Linear4, asm.Linear1, l.X, l.W, l.Bias, l.Y, l.In, l.Out)
	l.Act.apply(l.Y[:l.Out])
}

func avx2Dots(d *Dots) {
	rows(asm.Dots4, asm.Dots1, d.X, d.W, d.Bias, d.Y, d.In, d.Out)
}

// rows multiplies four rows at a time, then the last ones one by one, and adds
// the bias.
func rows(four, one func(x, w, y *float32, in, n int, mask *int32), x, w, bias, y []float32, in, out int) {
	mask := &tailMask[8-in%8]
	for o := 0; o < out; {
		n := linearBlock(in, out-o)
		if n >= 4 {
			four(&x[0], &w[o*in], &y[o], in, n/4, mask)
		} else {
			one(&x[0], &w[o*in], &y[o], in, n, mask)
		}
		o += n
	}
	addBias(y[:out], bias)
}
