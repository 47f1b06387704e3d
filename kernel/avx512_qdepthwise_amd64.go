//go:build !purego

package kernel

import (
	"fmt"
	"unsafe"

	asm "github.com/riffle-ml/riffle/asm/avx512"
)

// vnniWindow is a square window that has units of its own. They interleave four rows of a
// plane at a time, groups times, and compute from those so many rows of outputs.
type vnniWindow struct {
	k, stride, groups, rows int
	strips                  []vnniStripUnit // the narrowest first
}

// vnniStripUnit is the unit for strips of as many columns of a plane as so many vectors of
// 16 hold.
type vnniStripUnit struct {
	vecs int
	run  func(mem *byte, src, dst *int32, w *byte, bias *int32, mult *float32, zeros *byte, c, h, wid, oh, ow, top, xin, xout int, columns, outputs uint64, q *uint32)
}

// vnniWindows are by width and stride.
var vnniWindows = [8][3]*vnniWindow{
	3: {
		1: {k: 3, stride: 1, groups: 1, rows: 2, strips: []vnniStripUnit{{1, asm.QDepthwise3x3S1x16}, {2, asm.QDepthwise3x3S1x32}}},
		2: {k: 3, stride: 2, groups: 1, rows: 1, strips: []vnniStripUnit{{2, asm.QDepthwise3x3S2x32}, {4, asm.QDepthwise3x3S2x64}}},
	},
	5: {
		1: {k: 5, stride: 1, groups: 2, rows: 4, strips: []vnniStripUnit{{1, asm.QDepthwise5x5S1x16}, {2, asm.QDepthwise5x5S1x32}}},
		2: {k: 5, stride: 2, groups: 2, rows: 2, strips: []vnniStripUnit{{2, asm.QDepthwise5x5S2x32}, {4, asm.QDepthwise5x5S2x64}}},
	},
	7: {
		1: {k: 7, stride: 1, groups: 2, rows: 2, strips: []vnniStripUnit{{1, asm.QDepthwise7x7S1x16}, {2, asm.QDepthwise7x7S1x32}, {4, asm.QDepthwise7x7S1x64}}},
		2: {k: 7, stride: 2, groups: 2, rows: 1, strips: []vnniStripUnit{{2, asm.QDepthwise7x7S2x32}, {4, asm.QDepthwise7x7S2x64}}},
	},
}

// vnniWindow is the window's, nil if it has none.
func (d *QDepthwise) vnniWindow() *vnniWindow {
	if d.KH != d.KW || d.SH != d.SW || d.KW >= len(vnniWindows) || d.SW > 2 || d.dh() > 1 || d.dw() > 1 || !d.gridded() {
		return nil
	}
	return vnniWindows[d.KW][d.SW]
}

// length and pack are the weights of a channel: for each row of outputs, each four rows of
// the plane and each column of the window, those that the four rows have for that row of
// outputs. With 3x3 they are the first row's alone.
func (w *vnniWindow) length() int {
	if w.k == 3 {
		return 4 * w.k
	}
	return 4 * w.k * w.groups * w.rows
}

func (w *vnniWindow) pack(dst []byte, weights []int8) {
	for ; len(weights) > 0; weights = weights[w.k*w.k:] {
		for at := range w.length() {
			column, part := at/4%w.k, at/4/w.k // the parts are by row of outputs, and by four rows of the plane
			i := part%w.groups*4 + at%4 - part/w.groups*w.stride
			v := int8(0)
			if i >= 0 && i < w.k {
				v = weights[i*w.k+column]
			}
			dst[at] = byte(v)
		}
		dst = dst[w.length():]
	}
}

// outputs is how many outputs of a row such a strip has: a column of the plane that the
// window's last column passes has none.
func (w *vnniWindow) outputs(u *vnniStripUnit) int { return (16*u.vecs-w.k)/w.stride + 1 }

// unit is the narrowest for so many outputs of a row, or else the widest. Of 7x7, two
// narrow strips are less than a wide one where they do.
func (w *vnniWindow) unit(left int) *vnniStripUnit {
	for i := range w.strips {
		if u := &w.strips[i]; left <= w.outputs(u) {
			if i == 2 && left <= w.outputs(&w.strips[0])+w.outputs(&w.strips[1]) {
				return &w.strips[1]
			}
			return u
		}
	}
	return &w.strips[len(w.strips)-1]
}

// columns has a bit for each column of the plane, of 16*vecs from column x on.
func (d *QDepthwise) columns(vecs, x int) (bits uint64) {
	for i := range 16 * vecs {
		if c := x + i; c >= 0 && c < d.Wid {
			bits |= 1 << i
		}
	}
	return bits
}

func vnniQDepthwiseLen(d *QDepthwise) int {
	if w := d.vnniWindow(); w != nil {
		return w.length()
	}
	return vnniQTaps.length(d)
}

func vnniQDepthwisePack(d *QDepthwise, dst []byte, weights []int8) {
	if w := d.vnniWindow(); w != nil {
		w.pack(dst, weights)
		return
	}
	vnniQTaps.pack(d, dst, weights)
}

// vnniQDepthwiseWork has room for the parameters of the units.
func vnniQDepthwiseWork(d *QDepthwise) int {
	if d.vnniWindow() != nil {
		return 2 * 64
	}
	return vnniQTaps.workLen(d)
}

func vnniQDepthwise(d *QDepthwise) {
	w := d.vnniWindow()
	if d.C == 0 || w == nil {
		vnniQTaps.run(d)
		return
	}
	q := dwordsOf(aligned(&d.Work, 64), 3)
	for i, v := range d.words() {
		q[i] = int32(v)
	}
	block, per := max(1, pieceBytes/(d.OH*(d.OW+16))), w.length()
	for x := 0; x < d.OW; {
		u := w.unit(d.OW - x)
		n, in := min(d.OW-x, w.outputs(u)), x*d.SW-d.PadLeft
		columns := d.columns(u.vecs, in)
		for c := 0; c < d.C; c += block {
			u.run(&d.Mem[0], &d.Src[c], &d.Dst[c], &d.W[per*c], &d.Bias[c], &d.Mult[c], &d.Zeros[c], min(block, d.C-c),
				d.H, d.Wid, d.OH, d.OW, d.PadTop, in, x, columns, 1<<n-1, (*uint32)(unsafe.Pointer(&q[0])))
		}
		x += n
	}
}

func vnniQDepthwiseUnit(d *QDepthwise) string {
	if w := d.vnniWindow(); w != nil {
		return fmt.Sprintf("qdepthwise%dx%ds%d_avx512vnni", w.k, w.k, w.stride)
	}
	return vnniQTaps.unit(d)
}
