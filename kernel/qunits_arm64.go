//go:build !purego

package kernel

import asm "github.com/riffle-ml/riffle/asm/neon"

// The units of the quantized kernels that go over planes have one name on every
// architecture. They are functions and no variables: what a variable's function is
// handed would have to be allocated.

// qunitSet is the set that they are from.
const qunitSet = "neon"

var qphaseUnits = [3]qphaseUnit{1: asm.QPhases1, 2: asm.QPhases2}

func unitQScale(mem *byte, src, dst *int32, zeros *byte, mult *float32, planes, n int, q *uint32) {
	asm.QScale(mem, src, dst, zeros, mult, planes, n, q)
}

func unitQAdd(mem *byte, a, b, sum *int32, azero, bzero *byte, amult, bmult *float32, planes, n int, q *uint32) {
	asm.QAdd(mem, a, b, sum, azero, bzero, amult, bmult, planes, n, q)
}

// unitQuantize needs no bounds: the conversion to whole numbers has them.
func unitQuantize(from *float32, mem *byte, src, dst *int32, mult *float32, planes, n int, _ *float32, q *uint32) {
	asm.Quantize(from, mem, src, dst, mult, planes, n, q)
}

func unitDequantize(mem *byte, to *float32, src, dst *int32, zeros *byte, mult *float32, planes, n int) {
	asm.Dequantize(mem, to, src, dst, zeros, mult, planes, n)
}

func unitQSum(mem *byte, src *int32, sums *int32, tail *byte, c, whole int) {
	asm.QSum(mem, src, sums, tail, c, whole)
}

func unitQFoldMax(dst, src *byte, rows, n, k, step, dstStep, srcStep int) {
	asm.QFoldMax(dst, src, rows, n, k, step, dstStep, srcStep)
}

func unitQRows(dot bool, x, w *byte, sums *int32, in, n int, tail *byte) {
	if dot {
		asm.QRowsDot(x, w, sums, in, n, tail)
	} else {
		asm.QRows(x, w, sums, in, n, tail)
	}
}
