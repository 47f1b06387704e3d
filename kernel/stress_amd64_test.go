//go:build !purego

package kernel

import "github.com/riffle-ml/riffle/asm"

func init() { onStack["avx2"] = onStackAVX2 }

// onStackAVX2 is everyKernel with arguments, tables and pixels that all lie in
// this frame, so that a stack that grows or shrinks moves every address that a
// kernel was given. (Windowed kernels are not among them: a closure on their way
// to assembly puts what they are given on the heap.)
//
//go:noinline
func onStackAVX2(seed uint64) (sum float32) {
	var mem [4 * 64]float32
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
	a, b, c := [2]int32{16, 48}, [2]int32{80, 112}, [2]int32{144, 176}
	avx2GEMM(&GEMM{Mem: mem[:], A: weights[:4], Tile: Tile{4, 24}, B: a[:], C: b[:], M: 2, K: 2, N: 16, Epilogue: Epilogue{Bias: weights[4:6], R: c[:]}})
	simdAdd(&Add{Mem: mem[:], A: a[:], B: b[:], C: c[:], Ch: 2, N: 13, Epilogue: Epilogue{Act: relu6}})
	simdAffine(&Affine{Mem: mem[:], Src: c[:], Dst: a[:], Scale: weights[:2], Shift: weights[2:4], C: 2, N: 15})
	simdMean(&Mean{Mem: mem[:], Src: c[:], Dst: out[:2], C: 2, N: 16})
	asm.Linear4(&mem[16], &weights[0], &out[2], 9, 1, &tailMask[7])
	asm.Dots4(&mem[16], &weights[0], &out[6], 9, 1, &tailMask[7])
	simdPhases(&Phases{Mem: mem[:], Src: a[:1], Dst: []int32{b[0], c[0], -1, c[1]}, C: 1, H: 4, W: 4, PH: 2, PW: 2, SH: 2, SW: 2})
	var flat [8]float32
	copyGather(&Gather{Mem: mem[:], Src: b[:], Out: flat[:], C: 2, N: 4, Pitch: 4})
	for _, v := range [][]float32{mem[:208], mem[208:224], out[:], flat[:]} {
		for i, x := range v {
			if x == x {
				sum += x * float32(i+1)
			}
		}
	}
	return sum
}
