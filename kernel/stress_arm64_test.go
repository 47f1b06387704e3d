//go:build !purego

package kernel

import (
	"unsafe"

	asm "github.com/riffle-ml/riffle/asm/neon"
)

func init() { onStack["neon"] = onStackNEON }

// hasHalves is asked once: that a processor lacks float16 arithmetic is an error, which is
// allocated.
var hasHalves = neon.HalfArithmetic() == nil

// onStackNEON calls units of assembly with arguments, tables and pixels that all
// lie in this frame, so that a stack that grows or shrinks moves every address that
// a unit was given.
//
//go:noinline
func onStackNEON(seed uint64) (sum float32) {
	var mem [6 * 64]float32
	var weights [40]float32
	var out [16]float32
	x := uint32(seed)*2 + 1
	for i := range mem {
		x = x*1664525 + 1013904223
		mem[i] = float32(x>>8) / (1 << 24)
	}
	for i := range weights {
		x = x*1664525 + 1013904223
		weights[i] = float32(x>>8)/(1<<24) - 0.5
	}
	a, b, c := [2]int32{16, 64}, [2]int32{112, 160}, [2]int32{208, 256}
	tail := [8]int32{-1}
	asm.GEMM4x1(&mem[0], &weights[0], &a[0], &b[0], &c[0], &weights[4], &weights[6], 2, 2, 0, 0, 0, int(Clamp), -1, 1)
	asm.GEMM4x8(&mem[0], &weights[0], &a[0], &b[0], &c[0], &weights[4], &weights[6], 2, 2, 0, 0, 0, int(Floor), 0, 0)
	asm.GEMM4x16(&mem[0], &weights[0], &a[0], &b[0], &c[0], &weights[4], nil, 2, 2, 0, 0, 0, 0, 0, 0)
	asm.GEMM4x24(&mem[0], &weights[0], &a[0], &b[0], nil, &weights[4], nil, 2, 2, 0, 0, 0, 0, 0, 0)
	asm.GEMM6x8(&mem[0], &weights[0], &a[0], &b[0], &c[0], &weights[4], &weights[6], 2, 2, 0, 0, 0, 0, 0, 0)
	asm.Linear4(&mem[16], &weights[0], &out[0], 9, 1, nil)
	asm.Linear1(&mem[16], &weights[0], &out[4], 23, 1, nil)
	asm.LinearHalf4(&mem[16], (*uint16)(unsafe.Pointer(&weights[0])), &out[0], 16, 1)
	asm.LinearHalf1(&mem[16], (*uint16)(unsafe.Pointer(&weights[0])), &out[4], 8, 1)
	if hasHalves {
		var panel [32]uint16
		asm.HalfPack16(&panel[0], &mem[0], &a[0], 2, 0)
		asm.HalfGEMM4x16(&mem[0], (*uint16)(unsafe.Pointer(&weights[16])), &panel[0], &b[0], &c[0], &weights[0], &weights[4], &weights[6], 2, 2, 0, 0, int(Clamp), -1, 1)
		asm.HalfPack8(&panel[0], &mem[0], &a[0], 2, 0)
		asm.HalfGEMM4x8(&mem[0], (*uint16)(unsafe.Pointer(&weights[16])), &panel[0], &b[0], nil, &weights[0], &weights[4], nil, 2, 2, 0, 0, 0, 0, 0)
	}
	asm.Dots4(&mem[16], &weights[0], &out[5], 9, 1, nil)
	asm.Dots1(&mem[16], &weights[0], &out[9], 15, 1, nil)
	asm.Add(&mem[0], &a[0], &b[0], &c[0], 2, 4, int(Clamp), 0, 6)
	asm.Affine(&mem[0], &c[0], &a[0], &weights[0], &weights[2], 4, 4, 2, 4, int(Floor), 0, 0)
	asm.Mean1(&mem[0], &c[0], &out[10], &tail[0], 2, 2, 0.0625)
	asm.PhaseRows2(&mem[112], &mem[16], 2, 1, 4, 2, 32)
	asm.MaxPool2x2S2(&mem[0], &a[0], &c[0], 2, 4, 4, 2, 0, 1)
	taps := [20]float32{4: 0.5, 9: 1, 14: 0.25, 19: -1}
	masks := [16]float32{}
	asm.Depthwise3x3S1(&mem[0], &c[0], &b[0], 2, 4, 4, 4, 0, 1, &taps[0], 40, &masks[0], int(Floor), 0, 0)
	for _, v := range [][]float32{mem[:], out[:]} {
		for i, x := range v {
			if x == x {
				sum += x * float32(i+1)
			}
		}
	}
	return sum
}
