//go:build !purego

package kernel

import asm "github.com/riffle-ml/riffle/asm/avx512"

// qstrip is a strip of a plane's columns that one call convolves: which columns of the
// plane are read, where outputs begin and how many there are.
type qstrip struct {
	vecs             int
	in, out          int // columns; in may be negative
	columns, outputs uint64
}

// threes tells whether the units for 3x3 windows take d.
func (d *QDepthwise) threes() bool {
	return d.KH == 3 && d.KW == 3 && d.SH == d.SW && d.SH <= 2 && d.dh() == 1 && d.dw() == 1 && d.gridded()
}

// qstrip returns the strip of outputs from column x on. With stride 1 each of n columns
// but the last two has an output, with stride 2 every second one but the last.
func (d *QDepthwise) qstrip(x int) (s qstrip) {
	s.vecs = 2
	left := d.OW - x
	if d.SW == 1 && left <= 14 {
		s.vecs = 1
	} else if d.SW == 2 && left > 15 {
		s.vecs = 4
	}
	n := 16 * s.vecs
	outputs := min(left, n-2)
	if d.SW == 2 {
		outputs = min(left, n/2-1)
	}
	s.in, s.out, s.outputs = x*d.SW-d.PadLeft, x, 1<<outputs-1
	for i := range n {
		if c := s.in + i; c >= 0 && c < d.Wid {
			s.columns |= 1 << i
		}
	}
	return s
}

func vnniQDepthwise(d *QDepthwise) {
	if d.C == 0 || !d.threes() {
		vnniQTaps.run(d)
		return
	}
	q := d.words()
	block := max(1, pieceBytes/(d.OH*(d.OW+16)))
	for x := 0; x < d.OW; {
		s := d.qstrip(x)
		for c0 := 0; c0 < d.C; c0 += block {
			c, mem, src, dst, w := min(block, d.C-c0), &d.Mem[0], &d.Src[c0], &d.Dst[c0], &d.W[12*c0]
			bias, mult, zeros := &d.Bias[c0], &d.Mult[c0], &d.Zeros[c0]
			switch {
			case d.SW == 2 && s.vecs == 4:
				asm.QDepthwise3x3S2x64(mem, src, dst, w, bias, mult, zeros, c, d.H, d.Wid, d.OH, d.OW, d.PadTop, s.in, s.out, s.columns, s.outputs, &q[0])
			case d.SW == 2:
				asm.QDepthwise3x3S2x32(mem, src, dst, w, bias, mult, zeros, c, d.H, d.Wid, d.OH, d.OW, d.PadTop, s.in, s.out, s.columns, s.outputs, &q[0])
			case s.vecs == 2:
				asm.QDepthwise3x3S1x32(mem, src, dst, w, bias, mult, zeros, c, d.H, d.Wid, d.OH, d.OW, d.PadTop, s.in, s.out, s.columns, s.outputs, &q[0])
			default:
				asm.QDepthwise3x3S1x16(mem, src, dst, w, bias, mult, zeros, c, d.H, d.Wid, d.OH, d.OW, d.PadTop, s.in, s.out, s.columns, s.outputs, &q[0])
			}
		}
		for ; s.outputs > 0; s.outputs >>= 1 {
			x++
		}
	}
}

func vnniQDepthwiseUnit(d *QDepthwise) string {
	switch {
	case !d.threes():
		return vnniQTaps.unit(d)
	case d.SH == 2:
		return "qdepthwise3x3s2_avx512vnni"
	}
	return "qdepthwise3x3s1_avx512vnni"
}
