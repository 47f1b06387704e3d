//go:build (amd64 || arm64) && !purego

package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// TestPhaseCutsAreShortCalls: a large plane takes several calls, none of which makes more
// than a call may, and all of which together make what the reference does.
func TestPhaseCutsAreShortCalls(t *testing.T) {
	for _, c := range []struct{ ph, pw, stride, y, x int }{
		{600, 700, 1, -1, -1}, {600, 700, 2, -3, 1}, {3, pieceBytes, 1, 0, 0}, {pieceBytes + 5, 1, 1, 0, 0}, {30, 40, 1, -1, -1},
	} {
		h, w := (c.ph-1)*c.stride+1, (c.pw-1)*c.stride+1
		mem, dst, want := make([]byte, h*w+SlackBytes), make([]byte, c.ph*c.pw+SlackBytes), make([]byte, c.ph*c.pw)
		randomBytes(rand.New(rand.NewPCG(1, 2)), mem)
		calls, most := 0, 0
		counted := func(dst, mem *byte, src *int32, zeros *byte, c, off, plane, top, rows, n, gap, bottom, step int) {
			calls, most = calls+1, max(most, c*(top+rows*(n+gap)+bottom))
			for i, zero := range unsafe.Slice(zeros, c) {
				to := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(dst), i*plane)), top+rows*(n+gap)+bottom)
				fill(to, zero)
				for y := range rows {
					from := unsafe.Slice(src, c)[i] + int32(off+y*step)
					stride := step / w
					for x := range n {
						to[top+y*(n+gap)+x] = *(*byte)(unsafe.Add(unsafe.Pointer(mem), int(from)+x*stride))
					}
				}
			}
		}
		cut := phaseCut{
			units: &[3]qphaseUnit{1: counted, 2: counted}, dst: dst, ph: c.ph, pw: c.pw, mem: mem, src: []int32{0}, zeros: []uint8{9},
			h: h, w: w, sh: c.stride, sw: c.stride, y: c.y, x: c.x,
		}
		cutPhases(&cut)
		for y := range c.ph {
			phaseRow(want[y*c.pw:][:c.pw], rowOf(mem, c.y+y*c.stride, h, w), c.stride, c.x, 9)
		}
		if !slices.Equal(dst[:c.ph*c.pw], want) {
			t.Errorf("%+v: not what the reference makes", c)
		}
		if most > pieceBytes || calls < c.ph*c.pw/pieceBytes {
			t.Errorf("%+v: %d calls of up to %d bytes, wanted at most %d in each", c, calls, most, pieceBytes)
		}
	}
}
