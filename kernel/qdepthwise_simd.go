//go:build (amd64 || arm64) && !purego

package kernel

import "unsafe"

// qtapUnits is what the driver of quantized depthwise convolutions needs of a set: see
// [qgrid].
type qtapUnits struct {
	set          string
	depth, block int
	pixel        int            // bytes of an interleaved pixel
	signed       bool           // pixels get 128 subtracted, and weights have 128 times their sum before them
	phases       *[3]qphaseUnit // by stride
	interleave   func(dst, a, b, c, d *byte, blocks int)
	taps         func(mem *byte, dst *int32, x *byte, offsets *int32, w *byte, bias *int32, mult *float32, line *byte, c, taps, xstep, blocks, doff, rows, n, pitch int, q *uint32)
}

// qphaseUnit is a unit of assembly that copies every stride'th pixel of c planes.
type qphaseUnit = func(dst, mem *byte, src *int32, zeros *byte, c, off, plane, top, rows, n, gap, bottom, step int)

// replace makes the units s's.
func (u *qtapUnits) replace(s *Set) {
	s.qdepthwise, s.qdepthwiseLen, s.qdepthwisePack = own(u.run, u.unit), u.length, u.pack
	s.qdepthwise.work = u.workLen
	s.qavgPool = own(u.mean, u.meanUnit)
	s.qavgPool.work = u.meanWork
}

// unit is the driver's choice by name.
func (u *qtapUnits) unit(d *QDepthwise) string {
	if !d.gridded() {
		return ""
	}
	return "qdepthwise_" + u.set
}

// length and pack are the weights of a channel: for each group of rows and each column
// of the window, those of its rows. Where pixels are signed, [putSum] comes first.
func (u *qtapUnits) length(d *QDepthwise) int {
	if !d.gridded() {
		return refQDepthwiseLen(d)
	}
	n := (d.KH + u.depth - 1) / u.depth * d.KW * u.pixel
	if u.signed {
		n += 4
	}
	return n
}

func (u *qtapUnits) pack(d *QDepthwise, dst []byte, w []int8) {
	if !d.gridded() {
		refQDepthwisePack(d, dst, w)
		return
	}
	at, size := 0, u.pixel/u.depth
	for ; len(w) > 0; w = w[d.KH*d.KW:] {
		if u.signed {
			putSum(dst[at:], w[:d.KH*d.KW])
			at += 4
		}
		for i0 := 0; i0 < d.KH; i0 += u.depth {
			for j := range d.KW {
				for i := i0; i < i0+u.depth; i++ {
					v := int8(0)
					if i < d.KH {
						v = w[i*d.KW+j]
					}
					if dst[at] = byte(v); size == 2 {
						dst[at+1] = byte(v >> 7)
					}
					at += size
				}
			}
		}
	}
}

// workLen leaves room to begin at a multiple of 64 bytes.
func (u *qtapUnits) workLen(d *QDepthwise) int {
	if !d.gridded() {
		return 0
	}
	g := d.grid(u.depth, u.block, u.pixel)
	return g.parts(g.groups*d.KW, d.OW).end + 64
}

func (u *qtapUnits) run(d *QDepthwise) {
	if d.C == 0 || !d.gridded() {
		refQDepthwise(d)
		return
	}
	g := d.grid(u.depth, u.block, u.pixel)
	taps := g.groups * d.KW
	p := g.parts(taps, d.OW)
	work := aligned(&d.Work, p.end)
	q, offsets := dwordsOf(work, 3), dwordsOf(work[p.offsets:], taps)
	for i, v := range d.words() {
		q[i] = int32(v)
	}
	for t := range offsets {
		group, j := t/d.KW, t%d.KW
		offsets[t] = int32((group%g.buffers*g.columns+j%g.columns)*g.interleaved() + u.pixel*(group*g.shift*g.pw+j*d.dw()/d.SW))
	}
	x, xlen := work[p.interleaved:p.line], len(d.W)/d.C
	for c0 := 0; c0 < d.C; c0 += g.batch {
		c := min(g.batch, d.C-c0)
		for y := 0; y < d.OH; y += g.band {
			rows := min(g.band, d.OH-y)
			u.cut(d, &g, work[p.phases:p.interleaved], c0, c, y)
			u.mix(d, &g, x, work[p.phases:p.interleaved], c)
			u.taps(&d.Mem[0], &d.Dst[c0], &x[0], &offsets[0], &d.W[c0*xlen], &d.Bias[c0], &d.Mult[c0], &work[p.line],
				c, taps, u.pixel*g.plane(), g.blocks(rows, d.OW), y*d.OW, rows, d.OW, g.pw, (*uint32)(unsafe.Pointer(&q[0])))
		}
	}
}

// dwordsOf is the first n int32 of b, which is aligned.
func dwordsOf(b []byte, n int) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// floatsOf is the first n float32 of b, which is aligned.
func floatsOf(b []byte, n int) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// unsigned is the same memory.
func unsigned(w []int8) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), len(w))
}

// cut makes the phases of channels [c0, c0+c) for the band of outputs from row y0 on.
func (u *qtapUnits) cut(d *QDepthwise, g *qgrid, phases []byte, c0, c, y0 int) {
	for r := range g.rows {
		for col := range g.columns {
			dst := phases[(r*g.columns+col)*g.phase():]
			py, px := r*d.dh()%d.SH, col*d.dw()%d.SW
			cutPhases(&phaseCut{
				units: u.phases, dst: dst, plane: g.plane(), ph: g.ph, pw: g.pw, mem: d.Mem, src: d.Src[c0 : c0+c], zeros: d.Zeros[c0 : c0+c],
				h: d.H, w: d.Wid, sh: d.SH, sw: d.SW, y: y0*d.SH + py - d.PadTop, x: px - d.PadLeft,
			})
		}
	}
}

// mix interleaves the phases of c channels.
func (u *qtapUnits) mix(d *QDepthwise, g *qgrid, x, phases []byte, c int) {
	blocks := (c*g.plane() + g.block - 1) / g.block
	for group := range g.buffers {
		for col := range g.columns {
			var from [4]*byte
			for k := range from {
				i := min(group*g.depth+k, d.KH-1)
				from[k] = &phases[(i%g.rows*g.columns+col)*g.phase()+i*d.dh()/d.SH*g.pw]
			}
			u.interleave(&x[(group*g.columns+col)*g.interleaved()], from[0], from[1], from[2], from[3], blocks)
		}
	}
}
