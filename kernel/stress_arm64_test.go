//go:build !purego

package kernel

import "github.com/riffle-ml/riffle/asm"

func init() { onStack["neon"] = onStackNEON }

// onStackNEON is everyKernel with arguments, tables and pixels that all lie in
// this frame, so that a stack that grows or shrinks moves every address that a
// kernel was given.
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
	for _, n := range [6]int{1, 7, 16, 23, 25, 30} {
		neonGEMM(&GEMM{Mem: mem[:], A: weights[:4], Tile: Tile{4, 24}, B: a[:], C: b[:], M: 2, K: 2, N: n, Epilogue: Epilogue{Bias: weights[4:6], R: c[:], Scale: weights[6:8]}})
	}
	asm.Linear4(&mem[16], &weights[0], &out[0], 9, 1)
	asm.Linear1(&mem[16], &weights[0], &out[4], 23, 1)
	asm.Dots4(&mem[16], &weights[0], &out[5], 9, 1)
	asm.Dots1(&mem[16], &weights[0], &out[9], 15, 1)
	simdAdd(&Add{Mem: mem[:], A: a[:], B: b[:], C: c[:], Ch: 2, N: 29, Epilogue: Epilogue{Act: relu6}})
	simdAffine(&Affine{Mem: mem[:], Src: c[:], Dst: a[:], Scale: weights[:2], Shift: weights[2:4], C: 2, N: 31})
	simdMean(&Mean{Mem: mem[:], Src: c[:], Dst: out[10:12], C: 2, N: 21})
	simdPhases(&Phases{Mem: mem[:], Src: a[:1], Dst: []int32{b[0], c[0], -1, c[1]}, C: 1, H: 4, W: 4, PH: 2, PW: 2, SH: 2, SW: 2})
	for _, v := range [][]float32{mem[:], out[:]} {
		for i, x := range v {
			sum += x * float32(i+1)
		}
	}
	return sum
}
