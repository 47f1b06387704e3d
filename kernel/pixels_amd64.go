//go:build !purego

package kernel

import "github.com/riffle-ml/riffle/asm"

const (
	mostWindows         = 4 // more are slower than single loads
	laneFirst, laneStep = 0, 1
)

func (o *octet) run(dst, src *float32, n, step int) {
	starts, lanes := &o.starts[0], &o.lanes[0][0]
	switch o.windows {
	case 0:
		asm.PixelScalars(dst, src, n, step, lanes)
	case 1:
		asm.PixelWindows1(dst, src, n, step, starts, lanes)
	case 2:
		asm.PixelWindows2(dst, src, n, step, starts, lanes)
	case 3:
		asm.PixelWindows3(dst, src, n, step, starts, lanes)
	default:
		asm.PixelWindows4(dst, src, n, step, starts, lanes)
	}
}
