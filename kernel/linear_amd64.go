//go:build !purego

package kernel

import "github.com/riffle-ml/riffle/asm"

// tailMask[8-n:] begins with n times -1: the mask of a tail of n.
var tailMask = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}

func avx2Linear(l *Linear) {
	x, mask := &l.X[0], &tailMask[8-l.In%8]
	block := max(4, callWork/8/l.In&^3) // bound by memory: fewer multiply-adds a call
	for o := 0; o < l.Out; {
		n := min(block, l.Out-o)
		if n >= 4 {
			n &^= 3
			asm.Linear4(x, &l.W[o*l.In], &l.Y[o], l.In, n/4, mask)
		} else {
			asm.Linear1(x, &l.W[o*l.In], &l.Y[o], l.In, n, mask)
		}
		o += n
	}
	y, bias := l.Y[:l.Out], l.Bias[:l.Out]
	for i := range y {
		y[i] += bias[i]
	}
	clampAll(y, l.Lo, l.Hi)
}
