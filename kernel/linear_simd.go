//go:build (amd64 || arm64) && !purego

package kernel

// linearUnit is a unit of assembly that computes n blocks of so many outputs of a
// matrix-vector product, without a bias. mask keeps the tail of in mod 8 inputs.
type linearUnit = func(x, w, y *float32, in, n int, mask *int32)

// linearUnits is what the drivers of Linear and Dots need of a set. four computes
// four outputs at a time, alone one; four may be nil.
type linearUnits struct {
	four, alone         linearUnit
	dotsFour, dotsAlone linearUnit

	// halfFour and half are four and alone for a matrix of binary16 values and in a
	// multiple of 8, with the same bits. halfFour may be nil; half is where Set.Halves is
	// false.
	halfFour, half func(x *float32, w *uint16, y *float32, in, n int)
}

func (u *linearUnits) linear(l *Linear) {
	if l.Half != nil {
		for o := 0; o < l.Out; {
			n := linearBlock(l.In, l.Out-o)
			if n >= 4 && u.halfFour != nil {
				u.halfFour(&l.X[0], &l.Half[o*l.In], &l.Y[o], l.In, n/4)
			} else {
				u.half(&l.X[0], &l.Half[o*l.In], &l.Y[o], l.In, n)
			}
			o += n
		}
	} else {
		rows(u.four, u.alone, l.X, l.W, l.Y, l.In, l.Out)
	}
	addBias(l.Y[:l.Out], l.Bias)
	l.Act.apply(l.Y[:l.Out])
}

func (u *linearUnits) dots(d *Dots) {
	rows(u.dotsFour, u.dotsAlone, d.X, d.W, d.Y, d.In, d.Out)
	addBias(d.Y[:d.Out], d.Bias)
}

// rows multiplies four rows at a time, if there is a unit for that, then the others one by one.
func rows(four, alone linearUnit, x, w, y []float32, in, out int) {
	mask := &tailMask[8-in%8]
	for o := 0; o < out; {
		n := linearBlock(in, out-o)
		if n >= 4 && four != nil {
			four(&x[0], &w[o*in], &y[o], in, n/4, mask)
		} else {
			alone(&x[0], &w[o*in], &y[o], in, n, mask)
		}
		o += n
	}
}

// linearBlock returns how many of the outputs that are left go into one call:
// a multiple of four, or fewer than four. The product is bound by memory: a
// call gets fewer multiply-adds than a GEMM's.
func linearBlock(in, left int) int {
	n := min(max(4, callWork/8/in&^3), left)
	if n >= 4 {
		n &^= 3
	}
	return n
}

// addBias adds the bias to y. Without a bias it adds 0, which makes +0 of -0 as a
// bias of 0 does.
func addBias(y, bias []float32) {
	if bias == nil {
		for i := range y {
			y[i] += 0
		}
		return
	}
	bias = bias[:len(y)]
	for i := range y {
		y[i] += bias[i]
	}
}
