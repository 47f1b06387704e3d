package kernel

import "testing"

// Every quantized kernel of every set against the reference, as the float32 ones are: any
// size, alignment and bounds, buffers between faulting pages and canaries. What is special
// of floats is no matter here.

func FuzzQGEMM(f *testing.F) {
	fuzzKernel(f, func(p *pen, _ bool, a, b, c uint8) { p.qgemm(1+int(b)%60, 1+int(c)%80, 1+int(a)) })
}

func FuzzQDepthwise(f *testing.F) {
	fuzzKernel(f, func(p *pen, _ bool, a, b, c uint8) {
		d := sameQDepthwise(1+int(c>>5)%4, 1+int(a)%40, 1+int(b)%70, 1+int(c&7)%7, 1+int(c>>3)%3)
		if p.rng.IntN(2) == 0 { // another window, padding that differs
			d.KH, d.KW, d.SH, d.SW, d.DH, d.DW = 1+p.rng.IntN(9), 1+p.rng.IntN(9), 1+p.rng.IntN(5), 1+p.rng.IntN(5), 1+p.rng.IntN(4), 1+p.rng.IntN(4)
			d.PadTop, d.PadLeft = p.rng.IntN(9), p.rng.IntN(9)
			d.OH, d.OW = 1+p.rng.IntN(d.H/d.SH+2), 1+p.rng.IntN(d.Wid/d.SW+2)
		}
		p.qdepthwise(d)
	})
}

func FuzzQPool(f *testing.F) {
	fuzzKernel(f, func(p *pen, mean bool, a, b, c uint8) {
		q := QPool{C: 1 + int(c>>6), H: 1 + int(a)%40, W: 1 + int(b)%70, KH: 1 + int(c&7), KW: 1 + p.rng.IntN(8), SH: 1 + int(c>>3)%3, SW: 1 + p.rng.IntN(4)}
		q.PadTop, q.PadLeft, q.OH, q.OW = p.rng.IntN(q.KH), p.rng.IntN(q.KW), 1+p.rng.IntN(30), 1+p.rng.IntN(60)
		p.qpool(q, mean)
	})
}

func FuzzPhasesBytes(f *testing.F) {
	fuzzKernel(f, func(p *pen, from bool, a, _, _ uint8) { p.phasesBytes(from, a&1 > 0) })
}

// FuzzQMove is for the kernels that go over planes pixel by pixel, and those that make one
// number of many.
func FuzzQMove(f *testing.F) {
	fuzzKernel(f, func(p *pen, bytes bool, a, b, c uint8) {
		channels, n := 1+int(a)%70, 1+int(b)+int(c&3)<<8
		switch c >> 2 % 7 {
		case 0:
			p.qadd(channels, n)
		case 1:
			p.qscale(channels, n)
		case 2:
			p.qtable(channels, n)
		case 3:
			p.quantize(channels, n)
		case 4:
			p.dequantize(channels, n)
		case 5:
			p.qmean(channels, n, bytes)
		default:
			p.qlinear(n, channels, bytes)
		}
	})
}
