//go:build !purego

package kernel

import "github.com/riffle-ml/riffle/asm"

const (
	mostWindows = 2 // more are slower than single loads
	// A lane is the numbers of its four bytes.
	laneFirst, laneStep = 0x03020100, 0x04040404
)

func (o *octet) run(dst, src *float32, n, step int) {
	starts, lanes := &o.starts[0], &o.lanes[0][0]
	switch o.windows {
	case 0:
		asm.PixelScalars(dst, src, n, step, lanes)
	case 1:
		asm.PixelWindows1(dst, src, n, step, starts, lanes)
	default:
		asm.PixelWindows2(dst, src, n, step, starts, lanes)
	}
}
