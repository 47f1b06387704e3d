//go:build !purego

package kernel

import asm "github.com/riffle-ml/riffle/asm/avx512"

func init() { onStack["avx512"] = onStackAVX512 }

// onStackAVX512 is what onStackAVX2 is, for the GEMM of AVX-512.
//
//go:noinline
func onStackAVX512(seed uint64) (sum float32) {
	var mem [4 * 64]float32
	var weights [40]float32
	var panel [32]float32
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
	asm.GEMM8x32(&mem[0], &weights[0], &a[0], &b[0], &c[0], &weights[4], nil, 2, 2, 0, 0, 0, int(Floor), 0, 0, nil)
	asm.GEMMTail8x16(&mem[0], &weights[0], &b[0], &c[0], &a[0], &weights[4], &weights[6], 2, 2, 0, 0, 0, 0, 0, 0, 1<<13-1)
	asm.GEMM8x4(&mem[0], &weights[0], &b[0], &c[0], nil, &weights[4], nil, 2, 2, 0, 0, 0, int(Clamp), -1, 1, 7)
	asm.GEMM8x1(&mem[0], &weights[0], &c[0], &a[0], nil, &weights[4], nil, 2, 2, 0, 0, 0, int(Clamp), -1, 1, 1)
	asm.PackTail16(&panel[0], &mem[0], &c[0], 2, 0, 1<<9-1)
	asm.PanelTail8x16(&mem[0], &weights[0], &panel[0], &b[0], nil, &weights[4], nil, 2, 2, 0, 0, 0, 0, 0, 1<<9-1)
	for i, x := range mem[:208] {
		if x == x {
			sum += x * float32(i+1)
		}
	}
	return sum
}
