//go:build !purego

package kernel

import (
	"math"
	"unsafe"

	asm "github.com/riffle-ml/riffle/asm/avx512"
)

// avx512InputUnit transforms rows of 16 tiles of c planes: see asm/avx512.
type avx512InputUnit = func(mem *float32, src *int32, dst, tmp, masks *float32, c, off, y, h, w, rows, es, cs, step int)

// avx512OutputUnit transforms rows of 16 tiles into c planes.
type avx512OutputUnit = func(mem *float32, dst, r *int32, src, tmp, bias, scale, masks *float32, c, off, roff, rows, lines, ow, es, cs, step, biasStep, scaleStep, act int, lo, hi float32)

// avx512Winograd drives the units.
var avx512Winograd = &wideWinograd{
	names: winogradUnits{set: "avx512"},
	sixteen: wideTransforms{
		16, [5]avx512InputUnit{2: asm.WinogradInput2x16, 4: asm.WinogradInput4x16},
		[5]avx512OutputUnit{2: asm.WinogradOutput2x16, 4: asm.WinogradOutput4x16},
	},
	eight: wideTransforms{
		8, [5]avx512InputUnit{2: asm.WinogradInput2x8, 4: asm.WinogradInput4x8},
		[5]avx512OutputUnit{2: asm.WinogradOutput2x8, 4: asm.WinogradOutput4x8},
	},
}

type wideWinograd struct {
	names          winogradUnits
	sixteen, eight wideTransforms
}

// wideTransforms are the units for so many tiles of a row at a time, by M. The bound of a
// call in such vectors is [winogradCall] too.
type wideTransforms struct {
	tiles  int
	input  [5]avx512InputUnit
	output [5]avx512OutputUnit
}

// choose is the units for the next of so many tiles.
func (u *wideWinograd) choose(tiles int) *wideTransforms {
	if tiles > 8 {
		return &u.sixteen
	}
	return &u.eight
}

func (u *wideWinograd) runInput(w *WinogradInput) {
	if w.M != 2 && w.M != 4 {
		refWinogradInput(w)
		return
	}
	tmp, masks := alignedWork(w.Work, 16*WinogradElements(w.M))
	rows := min(w.Rows, winogradCall)
	channels := max(1, winogradCall/rows)
	for t := 0; t < w.TW; {
		v := u.choose(w.TW - t)
		x := t*w.M - w.PadLeft
		for i := range w.M { // of the pixels that the tiles begin with
			masks[i] = bits(-x-v.tiles*i, w.W-x-v.tiles*i)
		}
		masks[w.M] = bits(-x-v.tiles*w.M, min(w.W-x-v.tiles*w.M, 2))
		masks[w.M+1] = bits(0, w.TW-t)
		for row := 0; row < w.Rows; row += rows {
			y := (w.Row+row)*w.M - w.PadTop
			for c := 0; c < w.C; c += channels {
				v.input[w.M](&w.Mem[0], &w.Src[c], &w.Dst[c*w.Pitch+row*w.TW+t], &tmp[0], &masks[0], min(channels, w.C-c), 4*(y*w.W+x), y, w.H, 4*w.W,
					min(rows, w.Rows-row), 4*w.Step, 4*w.Pitch, 4*w.TW)
			}
		}
		t += v.tiles
	}
}

func (u *wideWinograd) runOutput(w *WinogradOutput) {
	if w.M != 2 && w.M != 4 {
		refWinogradOutput(w)
		return
	}
	tmp, masks := alignedWork(w.Work, 16*w.M*(w.M+2))
	act, lo, hi := w.Act.arguments()
	rows, tw := min(w.Rows, winogradCall), w.tiles()
	channels := max(1, winogradCall/rows)
	for t := 0; t < tw; {
		v := u.choose(tw - t)
		x := t * w.M
		masks[0] = bits(0, tw-t)
		for i := range w.M {
			masks[1+i] = bits(0, w.OW-x-v.tiles*i)
		}
		for row := 0; row < w.Rows; row += rows {
			y := (w.Row + row) * w.M
			for c := 0; c < w.C; c += channels {
				bias, scale, biasStep, scaleStep := &zeros[0], &one, 0, 0
				if w.Bias != nil {
					bias, biasStep = &w.Bias[c], 4
				}
				var r *int32
				if w.R != nil {
					if r = &w.R[c]; w.Scale != nil {
						scale, scaleStep = &w.Scale[c], 4
					}
				}
				v.output[w.M](&w.Mem[0], &w.Dst[c], r, &w.Src[c*w.Pitch+row*tw+t], &tmp[0], bias, scale, &masks[0], min(channels, w.C-c),
					4*(y*w.OW+x), 4*(w.ROff+y*w.OW+x), min(rows, w.Rows-row), min(rows*w.M, w.OH-y), 4*w.OW,
					4*w.Step, 4*w.Pitch, 4*tw, biasStep, scaleStep, act, lo, hi)
			}
		}
		t += v.tiles
	}
}

func (u *wideWinograd) inputUnit(w *WinogradInput) string   { return u.names.inputUnit(w) }
func (u *wideWinograd) outputUnit(w *WinogradOutput) string { return u.names.outputUnit(w) }

// bits is a word, as a float32, of which the bits from lo on and below hi are set, as far
// as they are among the lowest 16.
func bits(lo, hi int) float32 {
	below := func(n int) uint32 { return 1<<max(0, min(n, 16)) - 1 }
	return math.Float32frombits(below(hi) &^ below(lo))
}

// alignedWork is n elements of work from a multiple of 64 bytes on, and what is behind.
func alignedWork(work []float32, n int) (tmp, rest []float32) {
	skip := int(-uintptr(unsafe.Pointer(&work[0]))%64) / 4
	return work[skip:][:n], work[skip+n:]
}
