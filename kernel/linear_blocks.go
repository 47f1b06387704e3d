//go:build (amd64 || arm64) && !purego

package kernel

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

// addBias adds the bias to y: 0 where there is none, which makes +0 of -0 as any
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
